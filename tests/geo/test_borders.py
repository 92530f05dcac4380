"""Sides and distances against the slow twin, a hand-made coast, and the surveyed line."""

from __future__ import annotations

import itertools
import json
from math import radians

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.geo import naive
from tests.geo.scene import BORDER_LATITUDE_DEG, at, site
from windhover.geo.borders import (
    HOME,
    INDETERMINATE,
    NEIGHBOUR,
    clip_home,
    home_area,
    prepare,
    side,
    signed_distance_m,
)
from windhover.geo.context import ground_of
from windhover.geo.frames import frame_at
from windhover.geo.volumes import (
    circle_volume,
    contains,
    plane_of,
    points_of,
    ring_of,
    ring_plane,
)
from windhover.schema.place import Border

FRAME = frame_at(radians(31.8), radians(-106.4), 1175.0)
REACH_M = 60_000.0
steps = st.lists(st.floats(-15_000.0, 15_000.0), min_size=2, max_size=14)
somewhere = st.tuples(st.floats(-35_000.0, 35_000.0), st.floats(-35_000.0, 35_000.0))


def border_of(
    *lines: np.ndarray, home: tuple[float, float] = (0.0, 30_000.0), sigma_m=5.0
) -> Border:
    rings = tuple(ring_of(FRAME, np.asarray(line, float)) for line in lines)
    return Border(rings, "made up", True, sigma_m, ring_of(FRAME, np.array([home]))[0], "MX")


@given(steps, st.lists(somewhere, min_size=1, max_size=20))
def test_it_agrees_with_the_slow_twin(norths: list[float], places: list[tuple[float, float]]):
    east = np.linspace(-90_000.0, 90_000.0, len(norths))
    line = np.stack([east, np.array(norths)], axis=1)
    ready = prepare(border_of(line), FRAME, REACH_M)
    found = signed_distance_m(ready, np.array(places))
    for place, metres in zip(places, found, strict=True):
        away = naive.distance_m(place, line)
        if away < 0.5:
            assert abs(metres) < 1.0
            continue
        expected = away if naive.at_home(place, (0.0, 30_000.0), line) else -away
        # The rim cuts the line at 60 km: no place here is nearer to what lies beyond it.
        assert metres == pytest.approx(expected, abs=0.01)


def test_a_line_that_ends_at_a_coast_is_led_straight_on():
    # From the west rim to the middle; beyond its end lies the sea.
    line = np.array([[-90_000.0, 0.0], [-20_000.0, 0.0], [0.0, 0.0]])
    ready = prepare(border_of(line), FRAME, REACH_M)
    places = np.array([[30_000.0, 500.0], [30_000.0, -500.0], [-10_000.0, -500.0]])
    assert np.sign(signed_distance_m(ready, places)).tolist() == [1, -1, -1]
    # The distance is that to the line itself and not to its prolongation.
    assert signed_distance_m(ready, places)[0] == pytest.approx(np.hypot(30_000, 500), rel=1e-6)


def test_two_lines_make_three_parts():
    north = np.array([[-90_000.0, 10_000.0], [90_000.0, 10_000.0]])
    south = np.array([[-90_000.0, -10_000.0], [90_000.0, -10_000.0]])
    ready = prepare(border_of(north, south, home=(0.0, 0.0)), FRAME, REACH_M)
    places = np.array([[0.0, 20_000.0], [0.0, 0.0], [5_000.0, -20_000.0]])
    assert signed_distance_m(ready, places) == pytest.approx([-10_000, 10_000, -10_000])


def test_an_island_at_home_in_the_neighbours_lake():
    ring = np.array([[-3e3, -3e3], [3e3, -3e3], [3e3, 3e3], [-3e3, 3e3], [-3e3, -3e3]])
    rings = (ring_of(FRAME, ring[:-1]),)
    closed = (rings[0] + (rings[0][0],),)
    home = ring_of(FRAME, np.array([[0.0, 0.0]]))[0]
    ready = prepare(Border(closed, "made up", True, 5.0, home, "MX"), FRAME, REACH_M)
    assert signed_distance_m(ready, np.array([[0.0, 0.0], [0.0, 4e3]])) == pytest.approx(
        [3e3, -1e3]
    )
    far = prepare(
        Border(closed, "made up", True, 5.0, ring_of(FRAME, np.array([[0.0, 2e4]]))[0], "MX"),
        FRAME,
        REACH_M,
    )
    assert signed_distance_m(far, np.array([[0.0, 0.0], [0.0, 4e3]])) == pytest.approx([-3e3, 1e3])


def test_a_home_side_far_away_is_found_by_crossings():
    line = np.array([[-90_000.0, 0.0], [90_000.0, 0.0]])
    for home, sign in (((0.0, 110_000.0), 1), ((0.0, -110_000.0), -1)):
        ready = prepare(border_of(line, home=home), FRAME, REACH_M)
        assert np.sign(signed_distance_m(ready, np.array([[0.0, 5e3]])))[0] == sign


def test_sides_near_the_line_and_beyond_the_disc():
    line = np.array([[-90_000.0, 0.0], [90_000.0, 0.0]])
    ready = prepare(border_of(line, sigma_m=30.0), FRAME, REACH_M)
    places = np.array([[0.0, 61.0], [0.0, 59.0], [0.0, -59.0], [0.0, -61.0], [0.0, 70_000.0]])
    expected = [HOME, INDETERMINATE, INDETERMINATE, NEIGHBOUR, INDETERMINATE]
    assert side(ready, places).tolist() == expected
    # The place's own error widens the belt: √(30² + 40²) = 50, twice that is 100 m.
    assert side(ready, np.array([[0.0, 99.0], [0.0, 101.0]]), 40.0).tolist() == [0, 1]


def test_no_line_near_means_far_from_any():
    line = np.array([[-90_000.0, 0.0], [90_000.0, 0.0]])
    ready = prepare(border_of(line), frame_at(radians(45.0), radians(-100.0), 0.0), REACH_M)
    assert np.isinf(signed_distance_m(ready, np.zeros((1, 2)))).all()


@given(st.floats(-4_000.0, 4_000.0), st.floats(500.0, 6_000.0))
def test_a_clipped_volume_has_nothing_beyond_the_line(north: float, radius_m: float):
    line = np.array([[-90_000.0, 0.0], [0.0, 400.0], [90_000.0, 0.0]])
    ready = prepare(border_of(line), FRAME, REACH_M)
    volume = circle_volume(ring_of(FRAME, np.array([[300.0, north]]))[0], radius_m, 2000.0)
    cut, was_cut = clip_home(ready, FRAME, volume)
    if not was_cut:
        assert cut is volume
        return
    assert cut.centre is None and cut.radius_m is None
    assert cut.area_m2 < volume.area_m2 * 1.002
    corners = signed_distance_m(ready, ring_plane(FRAME, cut.polygon))
    assert corners.min() > -0.1
    # Nothing of home's part is lost but what thinning takes, 10 m at most along the rim.
    whole = shapely.intersection(
        home_area(ready), shapely.Polygon(ring_plane(FRAME, volume.polygon))
    )
    assert cut.area_m2 > whole.area - 10.0 * 2 * np.pi * radius_m - 1.0


def test_a_volume_wholly_at_the_neighbours_is_left_alone():
    ground = ground_of(site())
    volume = circle_volume(at(31.5, -106.4), 3000.0, 2000.0)
    assert clip_home(ground.border, ground.frame, volume) == (volume, False)


def test_the_made_up_site_knows_its_sides():
    ground = ground_of(site())
    north, south = BORDER_LATITUDE_DEG + 0.01, BORDER_LATITUDE_DEG - 0.01
    places = plane_of(ground.frame, np.radians([north, south]), np.radians([-106.4, -106.4]))
    found = signed_distance_m(ground.border, places)
    expected = pyproj.Geod(ellps="WGS84").inv(-106.4, BORDER_LATITUDE_DEG, -106.4, north)[2]
    assert found == pytest.approx([expected, -expected], abs=1.0)


@pytest.mark.shared
def test_the_surveyed_line_at_el_paso(shared):
    path = shared / "data" / "border" / "us_mx_border_ibwc_s2m.geojson"
    line = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"]
    points = tuple(at(latitude, longitude) for longitude, latitude in line)
    border = Border((points,), "IBWC", True, 5.0, at(31.85, -106.43), "MX")
    frame = frame_at(radians(31.8), radians(-106.4), 1175.0)
    ready = prepare(border, frame, 80_000.0)
    # El Paso airport, downtown El Paso, Sunland Park | Juárez airport, Juárez cathedral, Anapra.
    latitude = np.radians([31.807, 31.7587, 31.797, 31.6361, 31.7386, 31.770])
    longitude = np.radians([-106.378, -106.4869, -106.580, -106.4288, -106.4870, -106.560])
    places = plane_of(frame, latitude, longitude)
    assert side(ready, places).tolist() == [1, 1, 1, -1, -1, -1]
    # Distances against geodesics to places every 20 m or less along the line.
    near = [(a, b) for a, b in itertools.pairwise(line) if -107.3 < a[0] < -105.5]
    dense = np.concatenate(
        [np.linspace(a, b, 1 + int(np.hypot(*np.subtract(a, b)) / 2e-4)) for a, b in near]
    )
    geod = pyproj.Geod(ellps="WGS84")
    n = len(dense)
    for row, metres in enumerate(signed_distance_m(ready, places)):
        here = np.full(n, np.degrees(longitude[row])), np.full(n, np.degrees(latitude[row]))
        assert abs(metres) == pytest.approx(geod.inv(*here, *dense.T)[2].min(), abs=2.0)
    volume = circle_volume(at(31.76, -106.49), 2500.0, 2000.0)
    cut, was_cut = clip_home(ready, frame, volume)
    assert was_cut and 0.2 < cut.area_m2 / volume.area_m2 < 0.8
    assert contains(cut.polygon, *points_of((at(31.765, -106.488),)))[0]
    assert not contains(cut.polygon, *points_of((at(31.745, -106.487),)))[0]
