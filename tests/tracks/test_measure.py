"""Detections to the sector's frame, against the exact geometry in `geo`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_rows
from tests.tracks.naive_sensors import convert, variance
from tests.tracks.site import FRAME, PLACE, SECTOR, T0, radar, reports
from windhover.geo.frames import frame_at, from_enu, rotation_between, to_enu
from windhover.schema.batches import Detections, Kind
from windhover.schema.place import Point, Sensor
from windhover.tracks import layout as at
from windhover.tracks.measure import _convert, _variance, plots_of, sensor_sigmas, sensor_table


def plots(detections: Detections, *sensors: Sensor) -> tuple[np.ndarray, np.ndarray]:
    table, turn = sensor_table(sensors, FRAME, SECTOR.radius_m)
    return plots_of(detections, table, turn, sensor_sigmas(sensors), FRAME, T0, 1)


def one(kind: Kind, value: list[float], variances: list[float]) -> Detections:
    out = Detections.empty(1)
    out.kind[:], out.time_ns[:] = kind, T0 + 500_000_000
    out.value[0, : len(value)] = value
    for k, v in enumerate(variances):
        out.covariance[0, k, k] = v
    return out


BAD = np.array([np.nan, np.inf, -np.inf, -1.0, 0.0, 1e13, 99.0])


def some(seed: int, n: int = 12) -> Detections:
    """Detections of any kind about the sector; about a third of them wrong somewhere."""
    rng = np.random.default_rng(seed)
    out = Detections.empty(n)
    out.kind[:] = rng.integers(-1, 7, n)
    out.sensor[:] = rng.integers(-1, 4, n)
    out.time_ns[:] = T0 + rng.integers(-(10**9), 10**10, n)
    out.claimed_id[:] = rng.integers(0, 9, n)
    out.doppler_m_s[:] = np.where(rng.random(n) < 0.5, np.nan, rng.normal(0, 20, n))
    polar = rng.uniform([100, -7, -1.5], [30_000, 7, 1.5], (n, 3))
    here = np.array([PLACE.latitude_rad, PLACE.longitude_rad, 500.0])
    place = here + rng.normal(0, 1, (n, 3)) * [0.01, 0.01, 2000.0]
    place[rng.random(n) < 0.3, 2] = np.nan
    bearing = polar[:, [1, 2, 0]]
    kind = out.kind[:, None]
    out.value[:] = np.where(kind == 0, place, np.where(kind <= 3, polar, bearing))
    for k in range(3):
        out.covariance[:, k, k] = rng.choice([0.0, 1e-6, 100.0], n)
    out.covariance[:, 0, 1] = out.covariance[:, 1, 0] = rng.normal(0, 200, n)
    for _ in range(n // 3):
        i, k = rng.integers(0, n), rng.integers(0, 3)
        if rng.random() < 0.6:
            out.value[i, k] = rng.choice(BAD)
        else:
            out.covariance[i, rng.integers(0, 3), k] = rng.choice(BAD)
    return out


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1))
def test_plots_are_those_of_the_exact_geometry(seed: int) -> None:
    east = from_enu(FRAME, np.array([60_000.0, -20_000.0, 300.0]))
    away = radar("far", "radar_2d", position=Point(float(east[0]), float(east[1])))
    sensors = (radar(), reports(), away)
    table, turn = sensor_table(sensors, FRAME, SECTOR.radius_m)
    sigmas, found = sensor_sigmas(sensors), some(seed)
    pf, pi = np.empty((found.n, at.PLOT_F)), np.empty((found.n, at.PLOT_I), np.int64)
    kept = _convert(
        found.time_ns, found.sensor, found.kind, found.value, found.covariance, found.doppler_m_s,
        found.claimed_id, table, turn, sigmas, FRAME.origin_ecef_m,
        np.ascontiguousarray(FRAME.rotation), T0, 7, pf, pi,
    )  # fmt: skip
    pf, pi = pf[:kept], pi[:kept]
    twins = [naive_rows.read_sensor(table, s) for s in range(3)]
    made = [convert(found, n, twins, turn, sigmas, FRAME, T0, 7) for n in range(found.n)]
    wanted = [plot for plot in made if plot is not None]
    want_f, want_i = (
        np.zeros((len(wanted), at.PLOT_F)),
        np.zeros((len(wanted), at.PLOT_I), np.int64),
    )
    for j, plot in enumerate(wanted):
        naive_rows.write_plot(want_f, j, plot, want_i)
    np.testing.assert_array_equal(pi, want_i)
    turns = (pf[:, at.P_AZ] - want_f[:, at.P_AZ]) / (2 * np.pi)  # any turn of an azimuth
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)
    pf[:, at.P_AZ] = want_f[:, at.P_AZ]
    np.testing.assert_allclose(pf, want_f, rtol=1e-6, atol=1e-5)


@given(
    *[st.one_of(st.floats(-1.0, 9.0), st.just(np.nan))], st.floats(0.0, 9.0), st.floats(0.0, 1.0)
)
def test_a_plot_s_own_error_counts_where_it_has_one(
    given_m2: float, sigma: float, floor: float
) -> None:
    assert _variance(given_m2, sigma, floor) == variance(given_m2, sigma, floor)


@settings(max_examples=50, deadline=None)
@given(st.floats(-100e3, 100e3), st.floats(-100e3, 100e3), st.floats(-500, 15e3))
def test_positions_stand_where_geo_puts_them(east: float, north: float, up: float) -> None:
    latitude, longitude, height = from_enu(FRAME, np.array([east, north, up]))
    pf, _ = plots(
        one(Kind.POSITION, [float(latitude), float(longitude), float(height)], [100, 400, 900]),
        reports(),
    )
    np.testing.assert_allclose(pf[0, [at.P_X, at.P_Y, at.P_Z]], [east, north, up], atol=1e-5)
    local = frame_at(float(latitude), float(longitude), float(height))
    turn = rotation_between(local, FRAME)[:2, :2]
    want = turn @ np.diag([100.0, 400.0]) @ turn.T
    got = pf[0, [at.P_RXX, at.P_RXY, at.P_RYY]]
    np.testing.assert_allclose(got, [want[0, 0], want[0, 1], want[1, 1]], atol=0.5)
    assert pf[0, at.P_T] == pytest.approx(0.5)


@settings(max_examples=50, deadline=None)
@given(st.floats(-80e3, 80e3), st.floats(-80e3, 80e3), st.floats(0, 12e3))
def test_a_place_without_height_is_a_vertical_line(east: float, north: float, up: float) -> None:
    """Whatever height the track has, the line through the place must pass it there."""
    latitude, longitude, _ = from_enu(FRAME, np.array([east, north, up]))
    pf, _ = plots(
        one(Kind.POSITION, [float(latitude), float(longitude), np.nan], [100, 100]), reports()
    )
    assert pf[0, at.P_FORM] == at.FORM_FLAT and pf[0, at.P_RZ] <= 0.0
    for height in (0.0, 3000.0, 9000.0):
        x, y, z = to_enu(FRAME, float(latitude), float(longitude), height)
        rise = z - pf[0, at.P_Z]
        assert pf[0, at.P_X] + rise * pf[0, at.P_TX] == pytest.approx(x, abs=1e-4)
        assert pf[0, at.P_Y] + rise * pf[0, at.P_TY] == pytest.approx(y, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.floats(200, 20e3), st.floats(-3.1, 3.1), st.floats(-0.1, 1.3))
def test_a_3d_radar_plot_and_its_spread(r: float, azimuth: float, elevation: float) -> None:
    """Against a Monte Carlo of the radar's own errors."""
    sigma = np.array([10.0, 0.004, 0.006])
    pf, _ = plots(
        one(Kind.RANGE_AZIMUTH_ELEVATION, [r, azimuth, elevation], list(sigma**2)), radar()
    )
    rng = np.random.default_rng(0)
    z = np.array([r, azimuth, elevation]) + rng.normal(0, 1, (20_000, 3)) * sigma
    ground = z[:, 0] * np.cos(z[:, 2])
    cloud = np.c_[ground * np.sin(z[:, 1]), ground * np.cos(z[:, 1]), z[:, 0] * np.sin(z[:, 2])]
    tolerance = 0.02 * r * 0.006 + 0.3
    np.testing.assert_allclose(pf[0, [at.P_X, at.P_Y, at.P_Z]], cloud.mean(0), atol=tolerance)
    want = np.cov(cloud.T)
    got = pf[0, [at.P_RXX, at.P_RYY, at.P_RZ]]
    assert (got > 0.9 * np.diag(want)).all()
    if elevation < 1.2:
        assert (got < 1.15 * np.diag(want) + 1.0).all()


def test_a_remote_sensor_is_turned_into_the_sectors_frame() -> None:
    """A radar 100 km east: its north is not the sector's north, its plane is tilted."""
    latitude, longitude, height = from_enu(FRAME, np.array([100_000.0, 0.0, 0.0]))
    far = radar(
        position=Point(float(latitude), float(longitude)),
        height_ellipsoid_m=float(height),
        range_max_m=60_000.0,
    )
    target = np.array([110_000.0, 15_000.0, 2000.0])
    own = frame_at(float(latitude), float(longitude), float(height))
    local = to_enu(own, *(float(v) for v in from_enu(FRAME, target)))
    ground = float(np.hypot(local[0], local[1]))
    value = [
        float(np.linalg.norm(local)),
        float(np.arctan2(local[0], local[1])),
        float(np.arctan2(local[2], ground)),
    ]
    pf, _ = plots(one(Kind.RANGE_AZIMUTH_ELEVATION, value, [100, 1e-6, 1e-6]), far)
    np.testing.assert_allclose(pf[0, [at.P_X, at.P_Y, at.P_Z]], target, atol=1e-4)


def test_missing_errors_come_from_the_sensor_and_wrong_rows_are_left() -> None:
    pf, _ = plots(one(Kind.GROUND_RANGE_AZIMUTH, [5000.0, 0.0], []), radar(kind="radar_2d"))
    assert pf[0, at.P_RYY] == pytest.approx(100.0)
    assert pf[0, at.P_RXX] == pytest.approx((5000 * np.radians(0.3)) ** 2)
    for value in ([np.nan, 0.0], [-5.0, 0.0], [np.inf, 0.0], [5000.0, np.nan], [5000.0, 99.0]):
        kept, _ = plots(one(Kind.GROUND_RANGE_AZIMUTH, value, [100, 1e-6]), radar())
        assert len(kept) == 0
    strange = one(Kind.POSITION, [PLACE.latitude_rad, PLACE.longitude_rad, 0.0], [100, 100, 100])
    strange.kind[:] = 17
    assert len(plots(strange, radar())[0]) == 0
