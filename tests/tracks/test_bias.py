"""Registration errors of radars are found from reporting objects, and taken out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, T0, fleet, radar, reported, reports, seen_by_radar
from windhover import tracks
from windhover.schema.batches import Detections, Kind, Tracks
from windhover.tracks import layout as at
from windhover.tracks.bias import learn, without_bias, worth
from windhover.tracks.measure import sensor_table
from windhover.units import NS_PER_S


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_the_filter_is_a_kalman_filter_of_three_states(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    mean, cov = np.zeros(3), np.diag([50.0**2, 0.006**2, 0.3**2])
    truth = np.array([40.0, 0.004, -0.2])
    for _ in range(n):
        h = np.array([rng.normal(), rng.uniform(-9000, 9000), rng.normal(0, 60)])
        gap, noise = float(h @ truth + rng.normal(0, 10)), float(rng.uniform(50, 400))
        used = learn(sf, 0, *h, gap, noise)
        big = h @ cov @ h + noise
        assert used == ((gap - h @ mean) ** 2 <= 16.0 * big)
        if used:
            mean, cov = naive.scalar_update(mean, cov, h, gap, noise)
    b = at.S_BIAS
    np.testing.assert_allclose(sf[0, b : b + 3], mean, rtol=1e-6, atol=1e-9)
    scale = np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    upper = sf[0, b + 3 : b + 9] / scale[np.triu_indices(3)]
    np.testing.assert_allclose(upper, (cov / scale)[np.triu_indices(3)], atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.floats(-100, 100), st.floats(-0.02, 0.02), st.floats(-0.5, 0.5), st.floats(-3.1, 3.1))
def test_what_is_known_is_taken_out_of_place_and_time(
    d_range: float, d_azimuth: float, d_time: float, azimuth: float
) -> None:
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    sf[0, at.S_BIAS : at.S_BIAS + 3] = d_range, d_azimuth, d_time
    sf[0, at.S_BIAS + 3 : at.S_BIAS + 9] = 0.0
    true_range = 7000.0
    pf = np.zeros((1, at.PLOT_F))
    measured = true_range + d_range
    pf[0, at.P_X] = sf[0, at.S_X] + measured * np.sin(azimuth + d_azimuth)
    pf[0, at.P_Y] = sf[0, at.S_Y] + measured * np.cos(azimuth + d_azimuth)
    pf[0, at.P_AZ], pf[0, at.P_RANGE], pf[0, at.P_T] = azimuth + d_azimuth, measured, 5.0 + d_time
    out = np.empty_like(pf)
    without_bias(sf, 0, pf, out)
    want = np.array([sf[0, at.S_X], sf[0, at.S_Y]]) + true_range * np.array(
        [np.sin(azimuth), np.cos(azimuth)]
    )
    np.testing.assert_allclose(out[0, [at.P_X, at.P_Y]], want, atol=1e-6)
    np.testing.assert_allclose(out[0, [at.P_AZ, at.P_T]], [azimuth, 5.0], atol=1e-9)


def test_what_is_within_its_own_error_is_left_in() -> None:
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    sf[0, at.S_BIAS], sf[0, at.S_BIAS + 3] = 8.0, 5.0**2
    assert worth(sf, 0, 0) == 0.0
    sf[0, at.S_BIAS + 3] = 0.5**2
    assert worth(sf, 0, 0) == pytest.approx(8.0 * (1 - 4 * 0.25 / 64))


def watched(
    d_range: float, d_azimuth: float, d_time: float, seconds: int, claims: bool = True
) -> tuple[tracks.TrackerState, Tracks, np.ndarray]:
    """A slow radar with these errors; six of eight objects report once a second."""
    rng = np.random.default_rng(5)
    sensors = (radar(kind="radar_2d", period_s=4.0, range_max_m=40_000.0), reports())
    place, velocity = fleet(8, rng, 15_000.0)
    velocity = velocity * 2
    state = tracks.start(SECTOR, sensors)
    for k in range(seconds):
        now, at_ns = place + velocity * k, T0 + k * NS_PER_S
        parts = [reported(now[:6], at_ns, rng, 1, claims=claims)]
        if k % 4 == 0:
            kind = Kind.GROUND_RANGE_AZIMUTH
            scan = seen_by_radar(now, at_ns, rng, 0, 0.9, 10.0, kind, 40_000.0)
            scan.value[:, 0] += d_range
            scan.value[:, 1] += d_azimuth
            scan.time_ns[:] += round(d_time * NS_PER_S)
            parts.append(scan)
        state, picture, _ = tracks.advance(state, Detections.concatenate(parts), at_ns)
    return state, picture, place + velocity * (seconds - 1)


@pytest.mark.parametrize(
    "truth", [(0.0, 0.0, 0.0), (80.0, 0.007, 0.0), (-60.0, -0.005, 0.3), (120.0, -0.012, 0.4)]
)
def test_errors_are_found_within_what_is_said_of_them(truth: tuple[float, float, float]) -> None:
    state, picture, _ = watched(*truth, 160)
    found = tracks.biases(state)
    means = np.array([found.range_m[0], found.azimuth_rad[0], found.time_s[0]])
    assert (np.abs(means - truth) < 3.0 * found.sigma[0]).all()
    assert (found.sigma[0] < [3.0, 0.0012, 0.05]).all()
    assert found.residuals[0] > 100 and found.residuals[1] == 0
    assert np.isnan(found.sigma[1]).all()
    assert picture.n == 8  # not one track of reports and another of radar plots


def test_without_anybody_who_reports_nothing_is_claimed() -> None:
    rng = np.random.default_rng(6)
    place, velocity = fleet(4, rng)
    state = tracks.start(SECTOR, (radar(kind="radar_2d"),))
    for k in range(20):
        scan = seen_by_radar(
            place + velocity * k, T0 + k * NS_PER_S, rng, kind=Kind.GROUND_RANGE_AZIMUTH
        )
        state, _, _ = tracks.advance(state, scan, T0 + k * NS_PER_S)
    found = tracks.biases(state)
    assert np.isnan(found.range_m).all() and found.residuals.sum() == 0
