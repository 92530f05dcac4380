"""ED-269 against the fields of real samples, F3548 against its OpenAPI's required fields."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.notices.test_exports import DRAFT, EXERCISE, ISSUED, RING
from windhover.errors import BadInput
from windhover.notices.ed269 import collection, zone
from windhover.notices.f3548 import constraint
from windhover.schema.place import Vertical

HERE = Vertical(undulation_m=-24.0, ground_altitude_amsl_m=1200.0)


def written(publication: Any, vertical: Vertical = HERE) -> dict[str, Any]:
    return constraint(
        publication, "11111111-1111-4111-8111-111111111111", "uss1", "https://uss.example", vertical
    )


@pytest.mark.shared
def test_ed269_uses_the_fields_of_real_zones_and_their_kinds(shared: Path) -> None:
    sample = json.loads((shared / "data/schemas/ed269/test_eurocae_ed269.json").read_text())
    known: dict[str, set[type]] = {}

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                known.setdefault(name, set()).add(type(item))
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(sample)
    from_elsewhere = {"regulationExemption"}  # in ED-269, not in these samples

    def compare(value: Any) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                assert name in known or name in from_elsewhere, name
                if name in known:
                    same = type(item) in known[name]
                    assert same or isinstance(item, (int, float)), (name, item)
                compare(item)
        elif isinstance(value, list):
            for item in value:
                compare(item)

    compare(collection((ISSUED, DRAFT, EXERCISE), "zones"))


def test_ed269_restricts_only_when_issued() -> None:
    assert zone(ISSUED)["restriction"] == "PROHIBITED"
    assert zone(DRAFT)["restriction"] == zone(EXERCISE)["restriction"] == "NO_RESTRICTION"
    assert zone(EXERCISE)["name"].startswith("EXERCISE / EJERCICIO")
    geometry = zone(ISSUED)["geometry"][0]
    assert geometry["horizontalProjection"]["radius"] == 18520.0
    assert geometry["upperLimit"] == 5486 and geometry["lowerVerticalReference"] == "AGL"


@pytest.mark.shared
def test_f3548_has_every_required_field(shared: Path) -> None:
    text = (shared / "data/schemas/f3548/utm.yaml").read_text()
    block = re.search(r"\n    ConstraintReference:\n(.*?)\n      type: object", text, re.S)
    assert block is not None
    required = set(re.findall(r"\n      - (\w+)", block[1]))
    assert required and required <= set(written(ISSUED)["reference"])


def test_f3548_heights_are_ellipsoidal_and_never_guessed() -> None:
    volume = written(ISSUED)["details"]["volumes"][0]["volume"]
    assert volume["altitude_lower"] == {"value": 1176.0, "reference": "W84", "units": "M"}
    assert volume["altitude_upper"]["value"] == pytest.approx(17999 * 0.3048 - 24, abs=0.01)
    ring = written(replace(ISSUED, volume=RING))["details"]["volumes"][0]["volume"]
    assert len(ring["outline_polygon"]["vertices"]) == 3
    for vertical in (Vertical(), Vertical(undulation_m=-24.0)):
        with pytest.raises(BadInput):
            written(ISSUED, vertical)
    for publication in (DRAFT, EXERCISE):
        with pytest.raises(BadInput):
            written(publication)
