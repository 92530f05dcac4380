"""Item E → areas: spellings, arcs, several areas, holes, sectors, bands; and 372 real ones by hand."""

from __future__ import annotations

import gzip
import json
import lzma
from math import degrees, radians
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tests.notices.notam.geometry_check import area_km2, disagreement
from windhover.notices.notam import decode
from windhover.notices.notam.coordinates import find
from windhover.notices.notam.draw import circle, circle_degrees, corridor, sector
from windhover.notices.notam.geodesic import direct, inverse
from windhover.notices.notam.geometry import read_areas
from windhover.notices.notam.heights import read_limit
from windhover.schema.place import Point

GEOD = Geod(ellps="WGS84")
GOLDEN = Path(__file__).parents[2] / "golden/notam_geometry.jsonl"


@pytest.mark.parametrize(
    "words",
    [
        *("511904N 0004833W", "511904N0004833W", "N511904W0004833", "N511904 W0004833"),
        *("511904N-0004833W", "511904.00N 0004833.00W", "(511904N/0004833W)", "511904N\n0004833W"),
        *("51-19-04N 000-48-33W", "51 19 04N 000 48 33W", "51°19'04\"N 000°48'33\"W"),
        *("LAT 511904N LONG 0004833W", "51 19 04N LON 000 48 33W"),
        *("5119.0667N 00048.55W", "51.317778° N, 0.809167° W", "5119  04N0004833W"),
    ],
)
def test_spellings(words: str) -> None:
    places = find(f"PSN {words} (MINLEY)")
    assert len(places) == 1
    assert degrees(places[0].point.latitude_rad) == pytest.approx(51.317778, abs=2e-5)
    assert degrees(places[0].point.longitude_rad) == pytest.approx(-0.809167, abs=2e-5)


@pytest.mark.parametrize(
    "words", ["TEL 01223-833376", "5160N 00048W", "9100N 00000W", "FL195/FL245"]
)
def test_what_is_no_position(words: str) -> None:
    assert not find(words)


@pytest.mark.parametrize(
    ("words", "metres"),
    [
        *(("WI 2NM RADIUS OF @", 3704), ("RADIUS 3KM CENTRE @", 3000), ("@, RADIUS 170M", 170)),
        *(("WI 0.33NM: @", 611.16), ("A CIRCLE CENTERED AT @ WITH RADIUS OF 20KM", 20000)),
        *(("@ (TYNEHAM, DORSET) RADIUS 2NM", 3704), ("WI 70FT RADIUS OF PSN @", 21.336)),
        *(("CENTRO @ RADIO 5NM", 9260), ("0,5NM RADIUS @", 926), ("CIRCLE OF RADIUS 12500M CENTRED ON @", 12500)),
    ],
)  # fmt: skip
def test_circles(words: str, metres: float) -> None:
    areas, _ = read_areas(words.replace("@", "511904N 0004833W") + ".", None, None)
    assert [a.kind for a in areas] == ["circle"]
    assert areas[0].radius_m == pytest.approx(metres)


def test_a_lone_position_is_a_point_and_a_route_a_line() -> None:
    assert read_areas("CRANE OPR PSN 511904N 0004833W", None, None)[0][0].kind == "point"
    route = "AIRSPACE RESERVATION TR:ABC - 511904N 0004833W - 521904N 0004833W - 531904N 0004833W"
    assert read_areas(route, None, None)[0][0].kind == "line"


SQUARE = "510000N 0010000E - 511000N 0010000E - 511000N 0012000E - 510000N 0012000E"


def test_rings_one_after_another_come_apart_with_their_own_bands() -> None:
    second = SQUARE.replace("51", "54")
    areas, _ = read_areas(
        f"1. AREA: {SQUARE} - 510000N 0010000E 310M AMSL-450M AMSL.\n"
        f"2. AREA: {second} - 540000N 0010000E\n3. WI CIRCLE RADIUS 1KM CENTRE 533000N0010000E GND-700M AMSL.",
        read_limit("SFC"),
        read_limit("FL100"),
    )
    assert [a.kind for a in areas] == ["polygon", "polygon", "circle"]
    assert [a.own_limits for a in areas] == [True, False, True]
    assert areas[0].lower is not None and areas[0].lower.metres == 310.0
    assert areas[1].upper is not None and areas[1].upper.text == "FL100"
    assert areas[2].upper is not None and areas[2].upper.metres == 700.0


def test_a_height_in_two_datums_is_not_a_band() -> None:
    areas, _ = read_areas(
        "WI 1NM RADIUS OF 511904N 0004833W HGT 375FT AGL/800FT AMSL", None, read_limit("800FT AMSL")
    )
    assert not areas[0].own_limits


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("CLOCKWISE ARC OF A CIRCLE RADIUS 10NM CENTRED ON 510000N 0010000E TO", 0.25),
        ("ANTI-CLOCKWISE ARC OF A CIRCLE RADIUS 10NM CENTRED ON 510000N 0010000E TO", 0.75),
    ],
)
def test_arcs_turn_the_way_they_say(words: str, share: float) -> None:
    north, east = _from(51, 1, 0, 18520), _from(51, 1, 90, 18520)
    text = f"AREA BOUNDED BY {north} THENCE {words} {east} - 510000N 0010000E - {north}"
    areas, _ = read_areas(text, None, None)
    whole = area_km2(read_areas("WI 10NM RADIUS OF 510000N 0010000E", None, None)[0][0])
    assert area_km2(areas[0]) == pytest.approx(share * whole, rel=0.01)
    assert not areas[0].uncertain


def _from(lat: float, lon: float, azimuth: float, metres: float) -> str:
    """The place there, as a notice writes it."""
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, metres)
    out = []
    for value, width in ((lat2, 2), (lon2, 3)):
        seconds = round(value * 360000)
        out.append(
            f"{seconds // 360000:0{width}d}{seconds // 6000 % 60:02d}{seconds % 6000 / 100:05.2f}"
        )
    return f"{out[0]}N {out[1]}E"


def test_borders_and_arcs_without_direction_are_named_uncertain() -> None:
    border, _ = read_areas(
        "AREA BOUNDED BY: 503900N 0555600E - THEN ALONG STATE BORDER TO - 505230N 0572942E - "
        "504800N 0584000E - 503900N 0555600E",
        None,
        None,
    )
    assert len(border) == 1 and "STATE BORDER" in border[0].uncertain[0]
    arc, _ = read_areas(
        f"LATERAL LIMIT: {_from(51, 1, 0, 18520)} ARC RADIUS OF 10NM CENTRED ON 510000N 0010000E "
        f"{_from(51, 1, 90, 18520)} 510000N 0010000E",
        None,
        None,
    )
    assert "direction is not given" in arc[0].uncertain[0]


def test_what_is_taken_out_is_a_hole_or_stays_marked() -> None:
    base = "WI 10NM RADIUS OF 510000N 0010000E "
    holed, _ = read_areas(
        base + "EXCLUDING THE AREA WITHIN 2NM RADIUS OF 510000N 0010000E", None, None
    )
    assert len(holed) == 1 and len(holed[0].holes) == 1
    whole = area_km2(read_areas(base, None, None)[0][0])
    assert area_km2(holed[0]) == pytest.approx(whole * 0.96, rel=0.01)
    low, _ = read_areas(
        base + "EXCLUDING THE AIRSPACE BLW 9000FT WI 2NM RADIUS OF 510000N 0010000E",
        read_limit("SFC"),
        read_limit("UNL"),
    )
    assert [a.excluded for a in low] == [False, True]
    assert low[1].upper is not None and low[1].upper.metres == pytest.approx(9000 * 0.3048)


def test_a_sector_between_bearings() -> None:
    words = "WI SECTOR CENTRE 510000N 0010000E AZM 300-120 DEG RADIUS 3KM"
    areas, _ = read_areas(words, None, None)
    assert area_km2(areas[0]) == pytest.approx(3.14159 * 9 / 2, rel=0.01)


def test_a_polygon_across_the_date_line_has_its_true_size() -> None:
    areas, _ = read_areas(
        "AREA BOUNDED BY 1000N17900E - 1000N17900W - 0900N17900W - 0900N17900E", None, None
    )
    ring = areas[0].ring
    lons = [degrees(p.longitude_rad) for p in ring]
    assert len(ring) == 4 and min(lons) == -179 and max(lons) == 179
    assert area_km2(areas[0]) == pytest.approx(24_330, rel=0.01)


ANGLES = st.tuples(st.floats(-80, 80), st.floats(-180, 180), st.floats(0, 360))


@given(ANGLES, st.floats(1, 3e6))
def test_geodesics_agree_with_pyproj(place: tuple[float, float, float], metres: float) -> None:
    lat, lon, azimuth = place
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, metres)
    got = direct(radians(lat), radians(lon), radians(azimuth), metres)
    assert GEOD.inv(lon2, lat2, degrees(got[1]), degrees(got[0]))[2] < 0.001
    back = inverse(radians(lat), radians(lon), radians(lat2), radians(lon2))[0]
    assert back == pytest.approx(metres, abs=0.001)


@given(ANGLES, st.floats(10, 2e5))
def test_drawn_circles_have_their_radius(place: tuple[float, float, float], metres: float) -> None:
    lat, lon, _ = place
    for corner in circle(Point(radians(lat), radians(lon)), metres):
        away = GEOD.inv(lon, lat, degrees(corner.longitude_rad), degrees(corner.latitude_rad))[2]
        assert away == pytest.approx(metres, abs=0.001)


@given(ANGLES, st.floats(10, 2e5))
def test_circles_for_maps_are_within_a_foot(
    place: tuple[float, float, float], metres: float
) -> None:
    lat, lon, _ = place
    ring = circle_degrees(Point(radians(lat), radians(lon)), metres)
    assert len(ring) == 73 and ring[0] == ring[-1]
    for lon2, lat2 in ring:
        assert GEOD.inv(lon, lat, lon2, lat2)[2] == pytest.approx(metres, abs=0.3)


def test_a_corridor_covers_its_track_and_a_sector_its_rim() -> None:
    track = (Point(radians(51), radians(1)), Point(radians(51), radians(1.2)))
    long_m = GEOD.inv(1, 51, 1.2, 51)[2]
    ring = corridor(track, 1000.0)
    lons = [degrees(p.longitude_rad) for p in ring]
    lats = [degrees(p.latitude_rad) for p in ring]
    area = abs(GEOD.polygon_area_perimeter(lons, lats)[0])
    assert area == pytest.approx(2000 * long_m + 3.14159e6, rel=0.01)
    assert sector(track[0], 1000.0, 0, 90)[0] == track[0]


@pytest.mark.shared
def test_the_hand_worked_set(shared: Path) -> None:
    """At least 300 notices that state an area; the right one in 95 % (in all of them, here)."""
    rows = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
    wanted = {(row["corpus"], row["id"]) for row in rows}
    texts: dict[tuple[str, str], str] = {}
    for name, opener in (("world_1000.jsonl.gz", gzip.open), ("uk_20000.jsonl.xz", lzma.open)):
        with opener(shared / "data/notam" / name, "rt") as file:  # type: ignore[operator]
            for line in file:
                row = json.loads(line)
                if (name, row["id"]) in wanted:
                    texts.setdefault((name, row["id"]), row["raw"])
    assert sum(bool(row["areas"]) for row in rows) >= 300
    wrong = [
        (row["id"], said)
        for row in rows
        if (said := disagreement(decode(texts[row["corpus"], row["id"]]), row["areas"]))
    ]
    assert len(wrong) <= 0.01 * len(rows), wrong


def test_a_track_that_crosses_itself_again_and_again_is_not_drawn() -> None:
    corners = [(30 + (7 * i) % 13 / 13, (11 * i) % 17 / 17) for i in range(58)]
    words = " - ".join(
        f"{int(a)}{a % 1 * 60:04.1f}N {int(o):03d}{o % 1 * 60:04.1f}E" for a, o in corners
    )
    areas, _ = read_areas(f"WI 5NM EITHER SIDE OF LINE JOINING {words}", None, None)
    assert areas[0].kind == "line" and any("too tangled" in u for u in areas[0].uncertain)
