"""Projection, paths, labels and words: the small parts that the drawings stand on."""

from __future__ import annotations

import doctest
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from windhover.report import story, svg, table, words
from windhover.report.labels import Box, Labels
from windhover.report.projection import Bounds, Projection, Sheet
from windhover.report.svg import el, path, ticks


@pytest.mark.parametrize("module", [story, svg, table, words])
def test_examples_in_docstrings(module) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


@given(st.floats(-70, 70), st.floats(-180, 180), st.floats(0, 360), st.floats(10, 30_000))
def test_distances_agree_with_the_geodesic(
    lat: float, lon: float, azimuth: float, range_m: float
) -> None:
    """pyproj's geodesics (Karney 2013) are the yardstick; at 70° the meridians converge most."""
    pyproj = pytest.importorskip("pyproj")
    to_lon, to_lat, _ = pyproj.Geod(ellps="WGS84").fwd(lon, lat, azimuth, range_m)
    east, north = Projection(lat, lon).metres([(to_lat, to_lon)])[0]
    allowed = 0.002 if abs(lat) < 40 else 0.007
    assert np.hypot(east, north) == pytest.approx(range_m, rel=allowed)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4))
def test_degrees_is_the_inverse_of_metres(
    lat: float, lon: float, east: float, north: float
) -> None:
    projection = Projection(lat, lon)
    back = projection.metres([projection.degrees(east, north)])[0]
    assert back == pytest.approx([east, north], abs=1e-4)


def test_the_sheet_has_north_up_and_one_scale() -> None:
    sheet = Sheet(Projection(31.8, -106.4), Bounds(-1000, -500, 1000, 500), 400, 400)
    x, y = sheet.one(31.8, -106.4)
    assert (x, y) == pytest.approx((200, 200))
    north, east = sheet.one(31.801, -106.4), sheet.one(31.8, -106.399)
    assert north[1] < y and east[0] > x
    metres = sheet.projection.metres([(31.801, -106.4)])[0, 1]
    assert y - north[1] == pytest.approx(metres * 400 / 2000)


lines = st.lists(
    st.tuples(st.floats(0, 900, width=32), st.floats(0, 600, width=32)), min_size=2, max_size=60
)


@given(lines)
def test_a_path_stays_within_its_tolerance(points: list[tuple[float, float]]) -> None:
    if len(set(points)) < 2:
        return
    d = path(points, tolerance=0.35)
    drawn = np.array([[float(v) for v in xy.split()] for xy in re.split("[ML]", d)[1:]])
    if len(drawn) < 2:
        return
    straight, there = LineString(points), LineString(drawn)
    # The tolerance, and half of the last decimal that is written in each direction.
    assert all(there.distance(Point(p)) <= 0.35 + 0.08 for p in points)
    assert all(straight.distance(Point(p)) <= 0.08 for p in drawn)


def test_a_path_breaks_where_nothing_is_known() -> None:
    points = [(0, 0), (1, 5), (float("nan"), 2), (3, 9), (4, 4), (float("nan"), 0), (8, 8)]
    assert path(points, tolerance=0) == "M0.0 0.0L1.0 5.0M3.0 9.0L4.0 4.0"
    assert path([(0, 0)]) == "" and path([], closed=True) == ""


def test_elements_escape_texts_and_attributes() -> None:
    made = str(el("text", "</text><script>", class_='"><b>', x=1.0))
    assert made == '<text class="&#34;&gt;&lt;b&gt;" x="1">&lt;/text&gt;&lt;script&gt;</text>'


@given(st.floats(-1e4, 1e4), st.floats(1e-2, 1e4))
def test_ticks_are_round_even_and_inside(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert 1 <= len(marks) <= 12
    assert all(low - 1e-6 <= m <= low + span + 1e-6 * span + 1e-6 for m in marks)
    steps = np.diff(marks)
    assert np.allclose(steps, steps[:1].sum() if len(steps) else 0, rtol=1e-6, atol=1e-8)


def test_labels_do_not_cover_one_another_where_there_is_room() -> None:
    labels = Labels(900, 600)
    boxes = []
    for k in range(20):
        x, y = 450 + 3 * (k % 5), 300 + 3 * (k // 5)
        labels.place(f"{k} object", x, y)
        boxes.append(labels.taken[-1])
    overlaps = [a.overlap(b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert max(overlaps) < 0.5 * 15 * 60  # twenty objects within 15 px: never one upon the other
    assert sum(o > 0 for o in overlaps) <= 12
    apart = Labels(900, 600)
    for k in range(12):
        apart.place("a label", 60 + 65 * k, 300)
    taken: list[Box] = apart.taken
    assert all(a.overlap(b) == 0 for i, a in enumerate(taken) for b in taken[:i])


def test_certainty_follows_the_table_of_icd_203() -> None:
    """Intelligence Community Directive 203, 2 January 2015, section D.6.e.(2)(a)."""
    table_of_directive = (
        (0.03, "almost no chance"),
        (0.12, "very unlikely"),
        (0.33, "unlikely"),
        (0.50, "roughly even chance"),
        (0.70, "likely"),
        (0.90, "very likely"),
        (0.97, "almost certain"),
    )
    for probability, expected in table_of_directive:
        assert words.certainty(probability) == expected
        assert words.certainty(probability, "es") != expected


@given(st.floats(0, 1))
def test_nothing_is_ever_certain_or_impossible(probability: float) -> None:
    assert words.percent(probability) not in {"0 %", "100 %"}
    assert words.certainty(probability) != "–"


def test_local_time_is_that_of_the_place() -> None:
    """MST is UTC−7: 03:45Z is 20:45 of the evening before."""
    assert words.local_time("2026-02-11T03:45:00Z", 0, "America/Denver") == "20:45"
    assert words.local_time("2026-02-11T03:45:00Z", 900, "Nowhere/Nothing") == "04:00Z"
    assert words.local_time("whenever", 0, "UTC") == ""
