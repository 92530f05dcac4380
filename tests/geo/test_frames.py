"""Ellipsoid and frames against PROJ, and their round trips."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover.geo.ellipsoid import from_ecef, to_ecef
from windhover.geo.frames import (
    frame_at,
    from_enu,
    point_enu,
    rotation_between,
    sector_frame,
    to_enu,
)
from windhover.schema.place import Point, Sector

latitudes = st.floats(-np.pi / 2, np.pi / 2)
longitudes = st.floats(-np.pi, np.pi)
heights = st.floats(-5_000.0, 100_000.0)


def places(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    latitude = np.r_[np.arcsin(rng.uniform(-1, 1, n)), np.pi / 2, -np.pi / 2, 0.0, 0.0]
    longitude = np.r_[rng.uniform(-np.pi, np.pi, n), 0.3, -2.0, np.pi, 0.0]
    return latitude, longitude, np.r_[rng.uniform(-400.0, 50_000.0, n), 0.0, 10.0, 20.0, -30.0]


def test_to_ecef_is_projs():
    latitude, longitude, height = places(2000)
    proj = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978")
    expected = np.stack(proj.transform(np.degrees(latitude), np.degrees(longitude), height), -1)
    assert np.abs(to_ecef(latitude, longitude, height) - expected).max() < 1e-8


def test_from_ecef_is_projs():
    latitude, longitude, height = places(2000)
    proj = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978")
    ecef = np.stack(proj.transform(np.degrees(latitude), np.degrees(longitude), height), -1)
    found = from_ecef(ecef)
    # A millionth of a metre on the ground is 1.6e-13 rad.
    assert np.abs(found[0] - latitude).max() < 2e-13
    assert np.abs(found[2] - height).max() < 1e-6
    apart = np.abs((found[1] - longitude + np.pi) % (2 * np.pi) - np.pi) * np.cos(latitude)
    assert apart.max() < 2e-13


def test_enu_is_projs_topocentric():
    pipeline = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart "
        "+ellps=WGS84 +step +proj=topocentric +ellps=WGS84 +lon_0=-106.4 +lat_0=31.8 +h_0=1175"
    )
    rng = np.random.default_rng(3)
    latitude, longitude = 31.8 + rng.uniform(-1.2, 1.2, 500), -106.4 + rng.uniform(-1.4, 1.4, 500)
    height = rng.uniform(0.0, 12_000.0, 500)
    expected = np.stack(pipeline.transform(longitude, latitude, height), -1)
    frame = frame_at(np.radians(31.8), np.radians(-106.4), 1175.0)
    found = to_enu(frame, np.radians(latitude), np.radians(longitude), height)
    assert np.abs(found - expected).max() < 1e-6


@given(latitudes, longitudes, heights)
def test_ecef_comes_back(latitude: float, longitude: float, height: float):
    back = from_ecef(to_ecef(latitude, longitude, height))
    assert back[0] == pytest.approx(latitude, abs=1e-12)
    assert back[2] == pytest.approx(height, abs=1e-5)
    turned = (back[1] - longitude + np.pi) % (2 * np.pi) - np.pi
    assert abs(turned) * np.cos(latitude) < 1e-12


@given(
    latitudes,
    longitudes,
    st.floats(-150_000.0, 150_000.0),
    st.floats(-150_000.0, 150_000.0),
    st.floats(0.0, 20_000.0),
)
def test_enu_comes_back(latitude: float, longitude: float, east: float, north: float, up: float):
    frame = frame_at(latitude, longitude, 0.0)
    enu = np.array([east, north, up])
    assert to_enu(frame, *from_enu(frame, enu)) == pytest.approx(enu, abs=1e-5)


@given(latitudes, longitudes)
def test_a_frame_is_a_rotation_whose_up_is_outward(latitude: float, longitude: float):
    frame = frame_at(latitude, longitude, 0.0)
    assert frame.rotation @ frame.rotation.T == pytest.approx(np.eye(3), abs=1e-14)
    assert np.linalg.det(frame.rotation) == pytest.approx(1.0)
    assert to_enu(frame, latitude, longitude, 100.0) == pytest.approx([0, 0, 100], abs=1e-8)


def test_one_place_and_a_vector_from_a_neighbouring_frame():
    sector = Sector("S", Point(0.55, -1.85), 1000.0, 50_000.0)
    outer = sector_frame(sector)
    there = Point(0.553, -1.852)
    inner = frame_at(there.latitude_rad, there.longitude_rad, 1000.0)
    foot, tip = point_enu(outer, there, 1000.0), point_enu(outer, there, 1500.0)
    # 500 m straight up over there, seen from here.
    assert rotation_between(inner, outer) @ np.array([0, 0, 500.0]) == pytest.approx(tip - foot)


def test_a_height_that_is_not_known_stays_unknown():
    assert np.isnan(to_ecef(0.5, 0.5, np.nan)).all()
    frame = frame_at(0.5, 0.5, 0.0)
    assert np.isnan(to_enu(frame, 0.5, 0.5, np.nan)).all()
