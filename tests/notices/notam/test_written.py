"""Notices of other states, written by the project in the style of each, with areas and times worked
out by hand from the words. No real notice among them; sizes of arcs, sectors and corridors are
those of plane geometry (a quarter of πr², a stadium), which differ from the ellipsoid's by less
than the 1 % allowed.
"""

from __future__ import annotations

import json
from math import degrees
from pathlib import Path
from typing import Any

import pytest

from tests.notices.notam.geometry_check import area_km2
from windhover.notices.notam import Area, decode
from windhover.notices.notam.emit import iso

ROWS = [
    json.loads(line)
    for line in Path("tests/golden/notam_written.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=[row["style"] for row in ROWS])
def test_what_it_says(row: dict[str, Any]) -> None:
    notam = decode(row["text"])
    assert notam.ok and notam.schedule_ok
    if row["intervals"] is not None:
        assert [[iso(a), iso(b)] for a, b in notam.intervals] == row["intervals"]
    assert len(notam.areas) == len(row["areas"])
    for area, wanted in zip(notam.areas, row["areas"], strict=True):
        _same(area, wanted)
    said = " ".join(u for area in notam.areas for u in area.uncertain)
    assert all(words in said for words in row["uncertain"])
    assert row["uncertain"] or not said, "it is sure where the words are"


def _same(area: Area, wanted: dict[str, Any]) -> None:
    assert area.kind == wanted["kind"]
    if wanted["lower"]:
        assert area.lower is not None and area.lower.text == wanted["lower"]
        assert area.upper is not None and area.upper.text == wanted["upper"]
    if area.kind == "circle":
        assert area.centre is not None
        assert degrees(area.centre.latitude_rad) == pytest.approx(wanted["centre"][0], abs=1e-5)
        assert degrees(area.centre.longitude_rad) == pytest.approx(wanted["centre"][1], abs=1e-5)
        assert area.radius_m == pytest.approx(wanted["radius_m"])
    elif wanted["ring"]:
        assert [(degrees(p.latitude_rad), degrees(p.longitude_rad)) for p in area.ring] == [
            pytest.approx(corner, abs=1e-5) for corner in wanted["ring"]
        ]
    else:
        assert area_km2(area) == pytest.approx(wanted["area_km2"], rel=0.01)
