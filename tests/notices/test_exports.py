"""ED-318 against its own schemas, GeoJSON against RFC 7946, CAP against its rules; marks in all."""

from __future__ import annotations

import json
from math import radians
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from shapely.geometry import Polygon

from windhover.errors import BadInput
from windhover.notices.cap import alert
from windhover.notices.ed318 import zone_collection
from windhover.notices.geojson import feature
from windhover.notices.publication import Publication
from windhover.schema.cases import Volume, Words
from windhover.schema.place import Point
from windhover.timescale import from_iso
from windhover.units import M_PER_FT

CIRCLE = Volume(
    (), 17999 * M_PER_FT, None, Point(radians(31.807), radians(-106.3775)), radius_m=18520.0
)
RING = Volume(
    tuple(Point(radians(a), radians(b)) for a, b in ((31.7, -106.5), (31.8, -106.5), (31.8, -106.3))),
    5000.0,
    300.0,
)  # fmt: skip
DRAFT = Publication(
    identifier="R1",
    country="USA",
    title=Words("Restriction for an object & its reach", "Restricción por un objeto"),
    reason=Words("Laser hazard", "Peligro láser"),
    volume=CIRCLE,
    from_ns=from_iso("2026-02-11T06:30Z"),
    to_ns=from_iso("2026-02-11T08:30Z"),
    composed_ns=from_iso("2026-02-11T06:00Z"),
    authority="Federal Aviation Administration",
    contact="+1 555 0100",
)
ISSUED = replace(DRAFT, authority_number="6/2233")
EXERCISE = replace(DRAFT, exercise=True)


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], folder: Path) -> list[str]:
    """What of JSON Schema draft 7 these schemas use, checked; empty = valid."""
    if "$ref" in schema:
        name, _, path = schema["$ref"].partition("#")
        target = json.loads((folder / name).read_text()) if name else root
        found = target
        for step in filter(None, path.split("/")):
            found = found[step]
        return faults(value, found, target, folder)
    out: list[str] = []
    kinds = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int}
    kind = schema.get("type")
    if kind == "null":
        return [] if value is None else ["not null"]
    if kind and not isinstance(value, kinds[kind]):
        return [f"{value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{value!r} is none of {schema['enum']}")
    if isinstance(value, str) and not (
        schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6)
    ):
        out.append(f"length of {value!r}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**6):
            out.append("number of items")
        for item in value:
            out += faults(item, schema.get("items", {}), root, folder)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        out += [f"{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, item in value.items():
            if name in known:
                out += faults(item, known[name], root, folder)
            elif schema.get("additionalProperties") is False:
                out.append(f"{name} is not allowed")
    for part in schema.get("allOf", ()):
        out += faults(value, part, root, folder)
    if "oneOf" in schema:
        fitting = sum(not faults(value, part, root, folder) for part in schema["oneOf"])
        if fitting != 1:
            out.append(f"fits {fitting} of the alternatives")
    return out


@pytest.mark.shared
def test_ed318_is_valid(shared: Path) -> None:
    folder = shared / "data/schemas/ed318/schema"
    schema = json.loads((folder / "Schema_GeoZones.json").read_text())
    example = json.loads((folder.parent / "examples/Example_GeoZone_Circle.json").read_text())
    assert faults(example, schema, schema, folder) == []  # the checker accepts what is right
    example["features"][0]["properties"]["type"] = "FORBIDDEN"
    assert faults(example, schema, schema, folder)  # and refuses what is wrong
    for publication in (DRAFT, ISSUED, EXERCISE, replace(ISSUED, volume=RING)):
        assert faults(zone_collection(publication), schema, schema, folder) == []


def test_ed318_keeps_a_circle_and_restricts_only_when_issued() -> None:
    zone = zone_collection(ISSUED)["features"][0]
    assert zone["geometry"]["extent"] == {"subType": "Circle", "radius": 18520.0}
    assert zone["geometry"]["layer"]["lowerReference"] == "AGL"
    assert zone["properties"]["type"] == "PROHIBITED"
    for publication in (DRAFT, EXERCISE):
        assert zone_collection(publication)["features"][0]["properties"]["type"] == "NO_RESTRICTION"
    with pytest.raises(BadInput):
        zone_collection(replace(DRAFT, identifier="TOO-LONG"))
    with pytest.raises(BadInput):
        zone_collection(replace(DRAFT, country="US"))


def test_geojson_rings_are_closed_and_anticlockwise() -> None:
    for volume in (CIRCLE, RING):
        ring = feature(replace(DRAFT, volume=volume))["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert Polygon(ring).exterior.is_ccw


def test_cap_has_two_languages_and_its_own_units() -> None:
    root = ElementTree.fromstring(alert(ISSUED, "desk@airport.example"))
    cap = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert root.findtext(f"{cap}status") == "Actual"
    assert root.findtext(f"{cap}sent") == "2026-02-11T06:00:00-00:00"
    infos = root.findall(f"{cap}info")
    assert [i.findtext(f"{cap}language") for i in infos] == ["en-US", "es-MX"]
    area = infos[0].find(f"{cap}area")
    assert area is not None
    assert area.findtext(f"{cap}circle") == "31.807,-106.3775 18.520"
    assert area.findtext(f"{cap}ceiling") == "17999"
    assert "6/2233" in (infos[0].findtext(f"{cap}headline") or "")
    with pytest.raises(BadInput):
        alert(ISSUED, "desk@airport.example", "Cancel")
    with pytest.raises(BadInput):
        alert(ISSUED, "the desk")


@pytest.mark.parametrize(
    ("publication", "mark", "status"),
    [
        (DRAFT, "DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM", "Draft"),
        (EXERCISE, "EXERCISE / EJERCICIO", "Exercise"),
    ],
)
def test_no_form_of_a_draft_or_an_exercise_looks_real(
    publication: Publication, mark: str, status: str
) -> None:
    assert feature(publication)["properties"]["title"]["es"].startswith(mark)
    assert zone_collection(publication)["name"].startswith(mark)
    text = alert(publication, "desk@airport.example")
    assert f"<status>{status}</status>" in text and f"<headline>{mark}" in text
    numbered = replace(EXERCISE, authority_number="6/2233")
    for write in (feature, zone_collection, lambda p: alert(p, "a@b.example")):
        with pytest.raises(BadInput):
            write(numbered)
