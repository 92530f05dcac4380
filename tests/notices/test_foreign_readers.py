"""Other people's readers read what we write back to the same volume and times.

InterUSS' data model (`uas-standards`, locked in the test environment) reads ED-269 and F3548; its
ED-318 model (4.4) refuses what the published schema asks for (a telephone number as plain text), so
`jsonschema` validates ED-318 against that schema. The foreign reader of our ICAO
texts, aviconv-notam, runs in `windhover bench notam`.
"""

from __future__ import annotations

import json
from math import degrees
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from implicitdict import ImplicitDict
from jsonschema import Draft7Validator
from msgspec.structs import replace
from referencing import Registry, Resource
from uas_standards.astm.f3548.v21.api import ConstraintDetails, ConstraintReference
from uas_standards.eurocae_ed269 import ED269Schema, UASZoneAirspaceVolume

from tests.notices.notam.test_roundtrip import volumes
from tests.notices.test_exports import DRAFT, EXERCISE, ISSUED, RING
from windhover.notices.ed269 import collection
from windhover.notices.ed318 import zone_collection
from windhover.notices.f3548 import constraint
from windhover.notices.publication import Publication
from windhover.schema.cases import Volume
from windhover.schema.place import Vertical
from windhover.timescale import from_datetime
from windhover.units import NS_PER_MIN

HERE = Vertical(undulation_m=-24.0, ground_altitude_amsl_m=1200.0)


@st.composite
def issued(draw: st.DrawFn) -> Publication:
    start = draw(st.integers(28_000_000, 34_000_000)) * NS_PER_MIN
    return replace(
        ISSUED,
        volume=draw(volumes()),
        from_ns=start,
        to_ns=start + draw(st.integers(1, 60_000)) * NS_PER_MIN,
    )


def same_place(lon_lat: Any, point: Any) -> None:
    """To a centimetre or so."""
    assert lon_lat[0] == pytest.approx(degrees(point.longitude_rad), abs=2e-7)
    assert lon_lat[1] == pytest.approx(degrees(point.latitude_rad), abs=2e-7)


@settings(max_examples=60)
@given(issued())
def test_ed269_in_interuss_model(publication: Publication) -> None:
    text = json.dumps(collection((publication,), "zones"))
    (zone,) = ED269Schema.from_dict(json.loads(text)).features
    assert zone.restriction == "PROHIBITED" and zone.country == publication.country
    (when,) = zone.applicability
    assert when.startDateTime and when.endDateTime
    assert from_datetime(when.startDateTime.datetime) == publication.from_ns
    assert from_datetime(when.endDateTime.datetime) == publication.to_ns
    (read,) = zone.geometry
    _ed269_volume(read, publication.volume)


def _ed269_volume(read: UASZoneAirspaceVolume, volume: Volume) -> None:
    assert (read.uomDimensions, read.upperVerticalReference) == ("M", "AMSL")
    assert read.upperLimit == pytest.approx(volume.upper_altitude_amsl_m, abs=0.5)
    if volume.lower_altitude_amsl_m is None:
        assert (read.lowerLimit, read.lowerVerticalReference) == (0, "AGL")
    else:
        assert read.lowerVerticalReference == "AMSL"
        assert read.lowerLimit == pytest.approx(volume.lower_altitude_amsl_m, abs=0.5)
    shape = read.horizontalProjection
    if volume.centre is not None:
        assert shape.type == "Circle" and shape.center is not None
        same_place(shape.center, volume.centre)
        assert shape.radius == pytest.approx(volume.radius_m, abs=0.01)
    else:
        assert shape.type == "Polygon" and shape.coordinates is not None
        (ring,) = shape.coordinates
        assert ring[0] == ring[-1] and len(ring) == len(volume.polygon) + 1
        corners = {(round(lon, 6), round(lat, 6)) for lon, lat in ring}
        assert len(corners) == len(volume.polygon)


@settings(max_examples=60)
@given(issued())
def test_f3548_in_interuss_model(publication: Publication) -> None:
    written = constraint(
        publication, "11111111-1111-4111-8111-111111111111", "uss1", "https://uss.example", HERE
    )
    text = json.loads(json.dumps(written))
    reference = ImplicitDict.parse(text["reference"], ConstraintReference)
    details = ImplicitDict.parse(text["details"], ConstraintDetails)
    (volume,) = details.volumes
    assert volume.time_start is not None and volume.time_end is not None
    for start in (reference.time_start, volume.time_start):
        assert from_datetime(start.value.datetime) == publication.from_ns
    for end in (reference.time_end, volume.time_end):
        assert from_datetime(end.value.datetime) == publication.to_ns
    read, meant = volume.volume, publication.volume
    assert read.altitude_upper is not None and read.altitude_lower is not None
    assert read.altitude_upper.value == pytest.approx(meant.upper_altitude_amsl_m - 24, abs=0.01)
    lower = 1200.0 if meant.lower_altitude_amsl_m is None else meant.lower_altitude_amsl_m
    assert read.altitude_lower.value == pytest.approx(lower - 24, abs=0.01)
    if meant.centre is not None:
        circle = read.outline_circle
        assert circle is not None and circle.center is not None and circle.radius is not None
        same_place((circle.center.lng, circle.center.lat), meant.centre)
        assert circle.radius.value == pytest.approx(meant.radius_m, abs=0.01)
    else:
        assert read.outline_polygon is not None
        vertices = read.outline_polygon.vertices
        assert len(vertices) == len(meant.polygon)


@pytest.fixture(scope="module")
def validator(shared: Path) -> Draft7Validator:
    folder = shared / "data/schemas/ed318/schema"
    files = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    registry: Registry[Any] = Registry()
    for name, schema in files.items():
        resource = Resource.from_contents(
            {"$schema": "http://json-schema.org/draft-07/schema#"} | schema
        )
        for address in {name, f"./{name}", schema.get("$id", name)}:
            registry = registry.with_resource(address, resource)
    return Draft7Validator(files["Schema_GeoZones.json"], registry=registry)


@pytest.mark.shared
def test_ed318_by_jsonschema(shared: Path, validator: Draft7Validator) -> None:
    folder = shared / "data/schemas/ed318/examples"
    example = json.loads((folder / "Example_GeoZone_Circle.json").read_text())
    assert not list(validator.iter_errors(example))
    example["features"][0]["properties"]["type"] = "FORBIDDEN"
    assert list(validator.iter_errors(example))
    for publication in (DRAFT, ISSUED, EXERCISE, replace(ISSUED, volume=RING)):
        errors = list(validator.iter_errors(zone_collection(publication)))
        assert not errors, errors[0].message


@pytest.mark.shared
@settings(max_examples=40)
@given(publication=issued())
def test_any_restriction_is_valid_ed318(
    validator: Draft7Validator, publication: Publication
) -> None:
    errors = list(validator.iter_errors(zone_collection(publication)))
    assert not errors, errors[0].message
