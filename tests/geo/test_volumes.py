"""Rings, areas and volumes against geodesics on the ellipsoid (GeographicLib through pyproj)."""

from __future__ import annotations

from math import pi, radians

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.geo.scene import at
from windhover.geo.frames import frame_at, from_enu, to_enu
from windhover.geo.volumes import (
    area_m2,
    capsule,
    circle,
    circle_volume,
    contains,
    distance_m,
    from_plane,
    hull,
    in_volume,
    overlap_4d,
    plane_of,
    points_of,
    polygon_volume,
    smallest_circle,
)
from windhover.schema.cases import Volume

GEOD = pyproj.Geod(ellps="WGS84")
CENTRE = at(31.8, -106.4)


def geodesic_m(ring, point) -> np.ndarray:
    latitude, longitude = np.degrees(points_of(ring))
    n = len(latitude)
    return np.array(
        GEOD.inv(
            np.full(n, np.degrees(point.longitude_rad)),
            np.full(n, np.degrees(point.latitude_rad)),
            longitude,
            latitude,
        )[2]
    )


@given(st.floats(-75.0, 75.0), st.floats(-180.0, 180.0), st.floats(50.0, 50_000.0))
def test_a_circles_ring_goes_just_round_it(latitude: float, longitude: float, radius_m: float):
    middle = at(latitude, longitude)
    corners = geodesic_m(circle(middle, radius_m), middle)
    expected = radius_m / np.cos(pi / 72)
    assert corners == pytest.approx(np.full(72, expected), rel=2e-5)


@pytest.mark.parametrize("radius_m", [500.0, 5_000.0, 18_520.0])
def test_area_is_the_ellipsoids(radius_m: float):
    ring = circle(CENTRE, radius_m, 36)
    latitude, longitude = np.degrees(points_of(ring))
    expected = abs(GEOD.polygon_area_perimeter(longitude, latitude)[0])
    assert area_m2(ring) == pytest.approx(expected, rel=1e-5)
    assert circle_volume(CENTRE, radius_m, 3000.0).area_m2 == pytest.approx(
        pi * radius_m**2, rel=1e-5
    )


def test_area_of_a_large_uneven_ring():
    ring = (
        at(31.0, -107.0),
        at(31.1, -105.9),
        at(32.2, -105.8),
        at(31.6, -106.5),
        at(32.1, -107.1),
    )
    latitude, longitude = np.degrees(points_of(ring))
    expected = abs(GEOD.polygon_area_perimeter(longitude, latitude)[0])
    assert area_m2(ring) == pytest.approx(expected, rel=3e-4)
    assert area_m2(ring[::-1]) == pytest.approx(area_m2(ring))


@given(st.floats(-120_000.0, 120_000.0), st.floats(-120_000.0, 120_000.0))
def test_the_ground_plane_comes_back(east: float, north: float):
    frame = frame_at(radians(31.8), radians(-106.4), 1175.0)
    place = np.array([[east, north]])
    assert plane_of(frame, *from_plane(frame, place)) == pytest.approx(place, abs=1e-4)


def test_a_foot_does_not_move_with_height():
    frame = frame_at(radians(31.8), radians(-106.4), 1175.0)
    low = to_enu(frame, radians(32.5), radians(-105.5), 0.0)
    high = to_enu(frame, radians(32.5), radians(-105.5), 10_000.0)
    assert np.hypot(*(high - low)[:2]) > 100.0  # why the state's own east and north are not used
    feet = [plane_of(frame, *from_enu(frame, enu)[:2]) for enu in (low, high)]
    assert feet[0] == pytest.approx(feet[1], abs=1e-6)


@given(st.floats(0.0, 2 * pi), st.floats(0.0, 12_000.0))
def test_inside_is_nearer_than_the_radius(azimuth: float, away_m: float):
    longitude, latitude, _ = GEOD.fwd(-106.4, 31.8, np.degrees(azimuth), away_m)
    place = np.radians([latitude]), np.radians([longitude])
    ring = circle(CENTRE, 6000.0)
    if abs(away_m - 6000.0) > 10.0:
        assert contains(ring, *place)[0] == (away_m < 6000.0)
        expected = max(0.0, away_m - 6000.0 / np.cos(pi / 72))
        assert distance_m(ring, *place)[0] == pytest.approx(expected, abs=6.0)


def test_the_other_side_of_the_earth_is_outside():
    ring = circle(CENTRE, 6000.0)
    assert not contains(ring, np.radians([-31.8]), np.radians([73.6]))[0]


def test_a_ring_over_the_date_line():
    middle = at(0.5, 179.999)
    ring = circle(middle, 3000.0)
    assert contains(
        ring, np.radians([0.5, 0.5, 0.5]), np.radians([-179.99, 179.99, 0.0])
    ).tolist() == [
        True,
        True,
        False,
    ]
    assert area_m2(ring) == pytest.approx(pi * 3000.0**2, rel=2e-3)


points = st.lists(
    st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)),
    min_size=1,
    max_size=12,
    unique=True,
).map(lambda rows: np.array(rows, float))


@given(points, st.floats(1.0, 2000.0))
def test_a_hull_keeps_its_margin(places: np.ndarray, margin_m: float):
    ring = shapely.Polygon(hull(places, margin_m))
    assert ring.is_valid
    away = shapely.distance(ring.exterior, shapely.points(places))
    assert away.min() >= margin_m * 0.999999
    # No more than the margin and its drawing beyond the hull of the places.
    spread = shapely.distance(
        shapely.MultiPoint(places).convex_hull, shapely.points(hull(places, margin_m))
    )
    assert spread.max() <= margin_m * 1.0013 + 1e-6


def test_a_capsule():
    ring = shapely.Polygon(capsule(np.zeros(2), np.array([3000.0, 4000.0]), 500.0))
    assert ring.area == pytest.approx(5000.0 * 1000.0 + pi * 500.0**2, rel=2e-3)


@given(points)
def test_the_smallest_circle_holds_all_and_touches_two(places: np.ndarray):
    centre, radius_m = smallest_circle(places)
    away = np.hypot(*(places - centre).T)
    assert away.max() <= radius_m + 1e-6
    if len(places) > 1:
        assert (away > radius_m - max(1e-6 * radius_m, 1e-3)).sum() >= 2


def test_band_and_unknown_altitude():
    volume = circle_volume(CENTRE, 5000.0, 2000.0, 1500.0)
    here = np.radians([31.8] * 4), np.radians([-106.4] * 4)
    altitudes = np.array([1499.0, 1750.0, 2001.0, np.nan])
    assert in_volume(volume, *here, altitudes).tolist() == [False, True, False, True]
    surface = circle_volume(CENTRE, 5000.0, 2000.0)
    assert in_volume(surface, *here, altitudes).tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("other", "times", "meets"),
    [
        (circle_volume(at(31.85, -106.4), 1000.0, 3000.0), (0, 10), True),
        (circle_volume(at(31.85, -106.4), 1000.0, 3000.0), (11, 20), False),
        (circle_volume(at(31.85, -106.4), 1000.0, 5000.0, 2500.0), (0, 10), False),
        (circle_volume(at(31.95, -106.4), 1000.0, 3000.0), (0, 10), False),
    ],
    ids=["all", "not in time", "not in height", "not in area"],
)
def test_overlap(other: Volume, times: tuple[int, int], meets: bool):
    mine = circle_volume(CENTRE, 5000.0, 2000.0)
    assert overlap_4d(mine, (5, 10), other, times) is meets
    assert overlap_4d(other, times, mine, (5, 10)) is meets


def test_a_polygon_volume_knows_its_area():
    ring = circle(CENTRE, 2000.0)
    volume = polygon_volume(ring, 2000.0)
    assert volume.area_m2 == area_m2(ring)
    assert volume.centre is None and volume.radius_m is None
