"""What we write: Q-line rounding, coverage, and marks that no draft or exercise can lose."""

from __future__ import annotations

from math import radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pyproj import Geod

from windhover.errors import BadInput
from windhover.notices.notam import decode, refusals
from windhover.notices.notam.encode import Draft, covering_circle, encode
from windhover.schema.cases import Volume
from windhover.schema.place import Point
from windhover.timescale import from_iso
from windhover.units import M_PER_FT, M_PER_NM

GEOD = Geod(ellps="WGS84")
KELP = Point(radians(31.807), radians(-106.3775))
CIRCLE = Volume(
    polygon=(), upper_altitude_amsl_m=17999 * M_PER_FT, centre=KELP, radius_m=10 * M_PER_NM
)
DRAFT = Draft(
    fir="KZAB",
    volume=CIRCLE,
    from_ns=from_iso("2026-02-11T06:30Z"),
    to_ns=from_iso("2026-02-21T06:30Z"),
    reason_words="Laser hazard to aircraft",
    exemptions=("medevac", "police"),
)


def test_a_draft_is_not_a_notam_and_an_exercise_says_so_in_every_line() -> None:
    draft = encode(DRAFT)
    assert draft.startswith("DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM\n(NOTAMN\n")
    exercise = encode(replace(DRAFT, exercise=True))
    assert exercise.startswith("EXERCISE / EJERCICIO\n")
    assert all(line.startswith("EXERCISE") for line in exercise.splitlines())
    assert max(map(len, exercise.splitlines())) <= 69
    item_e = exercise.split("E) ")[1]
    assert item_e.startswith("EXERCISE EXERCISE EXERCISE")
    with pytest.raises(BadInput):
        encode(replace(DRAFT, exercise=True, number="A0001/26"))


def test_an_issued_one_reads_as_doc_8126_shows() -> None:
    text = encode(replace(DRAFT, number="A0001/26"))
    assert text.splitlines()[:3] == [
        "(A0001/26 NOTAMN",
        "Q) KZAB/QRTCA/IV/BO/W/000/180/3148N10623W011",
        "A) KZAB B) 2602110630 C) 2602210630",
    ]
    assert text.endswith("F) SFC G) 17999FT AMSL)")


def test_a_cancellation_has_no_end_and_no_limits() -> None:
    text = encode(replace(DRAFT, kind="C", number="A0002/26", replaces="A0001/26"))
    assert text.startswith("(A0002/26 NOTAMC A0001/26\n")
    assert " C) " not in text and " G) " not in text
    assert "/QRTCN/" in text and not [r for r in refusals(decode(text)) if r.item == "Q"]
    as_new = decode(text.replace("QRTCN", "QRTCA"))
    assert any("code of a NOTAMC" in r.words for r in refusals(as_new))
    with pytest.raises(BadInput):
        encode(replace(DRAFT, kind="C"))


def test_several_firs() -> None:
    assert "Q) KXXX/" in encode(replace(DRAFT, fir="KZAB KZHU"))
    assert "Q) EDXX/" in encode(replace(DRAFT, fir="EDGG EDWW"))


@given(
    st.floats(-80, 80),
    st.floats(-179.99, 179.99),
    st.floats(100, 200_000),
    st.floats(0, 15_000),
    st.floats(0, 15_000),
)
def test_the_q_line_covers_the_circle_and_its_heights(
    lat: float, lon: float, radius_m: float, one_m: float, other_m: float
) -> None:
    lower, upper = sorted((one_m, other_m))
    volume = Volume(
        polygon=(),
        upper_altitude_amsl_m=upper,
        lower_altitude_amsl_m=lower,
        centre=Point(radians(lat), radians(lon)),
        radius_m=radius_m,
    )
    q = encode(replace(DRAFT, volume=volume)).split("Q) ")[1].splitlines()[0].split("/")
    assert int(q[5]) * 100 * M_PER_FT <= lower + 1e-3
    assert int(q[6]) * 100 * M_PER_FT >= upper - 1e-3
    at = q[7]
    q_lat = (int(at[:2]) + int(at[2:4]) / 60) * (1 if at[4] == "N" else -1)
    q_lon = (int(at[5:8]) + int(at[8:10]) / 60) * (1 if at[10] == "E" else -1)
    away_m = GEOD.inv(lon, lat, q_lon, q_lat)[2]
    reach_m = int(at[11:]) * M_PER_NM
    assert away_m + radius_m <= reach_m + 0.01
    assert reach_m - M_PER_NM <= max(away_m + radius_m, 0.01)  # and no wider than need be


def test_a_polygon_across_the_date_line_is_covered() -> None:
    corners = [(10.0, 179.5), (10.0, -179.5), (9.0, -179.5), (9.0, 179.5)]
    volume = Volume(
        polygon=tuple(Point(radians(a), radians(b)) for a, b in corners),
        upper_altitude_amsl_m=1000.0,
    )
    circle = covering_circle(volume)
    assert circle.centre in ("0930N18000E", "0930N18000W") and 40 < circle.radius_nm < 46
