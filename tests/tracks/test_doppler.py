"""Range rate as a measurement: against the stacked update, and what it is good for."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import T0, radar, seen_by_radar
from tests.tracks.test_kernels import a_plot, a_row, a_sensor, as_plots
from tests.tracks.test_tracker import played
from windhover.schema.batches import Detections, Kind
from windhover.tracks import layout as at
from windhover.tracks.doppler import refine
from windhover.tracks.update import update
from windhover.units import NS_PER_S

seeds = st.integers(0, 2**32 - 1)


def stacked(
    x: np.ndarray, p: np.ndarray, z: np.ndarray, r: np.ndarray, dt: float, sight: np.ndarray,
    rate: float, climb: np.ndarray, climb_p: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """One mode, one plot with a range rate: both measurements in one Kalman update."""
    h = np.zeros((3, 4))
    h[:2] = np.hstack([np.eye(2), dt * np.eye(2)])
    h[2, 2:] = sight[:2]
    noise = np.zeros((3, 3))
    noise[:2, :2] = r
    noise[2, 2] = 1.0 + sight[2] ** 2 * climb_p
    s = h @ p @ h.T + noise
    k = p @ h.T @ np.linalg.inv(s)
    return x + k @ (np.r_[z, rate - sight[2] * climb] - h @ x), p - k @ s @ k.T


@settings(max_examples=40)
@given(seeds, st.floats(-3.0, 3.0))
def test_one_after_the_other_is_both_at_once(seed: int, off_m_s: float) -> None:
    """The kernel updates with the place, then the rate; the textbook with both together."""
    rng = np.random.default_rng(seed)
    tf, (sf, sensor) = a_row(rng), a_sensor(rng)
    plot = a_plot(rng, at.FORM_PLACE, True)
    row = naive.read(tf, 0)
    line = naive.sight(row, plot._replace(rate=0.0), sensor)[0]
    rate = float(line[:2] @ (row.mu @ row.x)[2:] + line[2] * row.up[1]) + off_m_s
    plot = plot._replace(rate=rate)
    for m in range(3):
        gap = rate - line[:2] @ row.x[m, 2:] - line[2] * row.up[1]
        assume(abs(gap) < 2.0 * np.sqrt(line[:2] @ row.p[m, 2:, 2:] @ line[:2] + 1.0))
    like = np.ones((1, 4))
    update(
        tf, 0, 0.0, np.ones(1), like, np.zeros(1, np.int64), as_plots([plot]), 0, 1, 0, sf, 0,
        np.zeros(12), np.zeros(46),
    )  # fmt: skip
    after = naive.read(tf, 0)
    for m in range(3):
        x, p = stacked(
            row.x[m], row.p[m], plot.place, plot.r, plot.t, line, rate, row.up[1], row.up_p[1, 1]
        )
        np.testing.assert_allclose(after.x[m], x, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(after.p[m], p, rtol=1e-6, atol=1e-5)


def test_a_rate_far_from_the_body_s_moves_nothing() -> None:
    tf = a_row(np.random.default_rng(3))
    seen = np.array([*np.zeros(8), 1.0, 0.0, 0.0, 500.0])
    step = np.linspace(0.0, 0.1, 14)
    refine(tf, 0, 0, seen, step)
    np.testing.assert_array_equal(step, np.linspace(0.0, 0.1, 14))


def test_range_rates_sharpen_the_velocity() -> None:
    rng = np.random.default_rng(41)
    place, velocity = np.array([[5000.0, 4000.0, 300.0]]), np.array([[12.0, 9.0, 0.0]])
    batches = []
    for k in range(25):
        now = place + velocity * k
        scan = seen_by_radar(now, T0 + k * NS_PER_S, rng, 0, 1.0, 0.0)
        scan.doppler_m_s[:] = now[0] @ velocity[0] / np.linalg.norm(now[0]) + rng.normal(0, 0.5)
        batches.append(scan)
    without = [b._replace(doppler_m_s=np.full(b.n, np.nan)) for b in batches]
    error, spread = [], []
    for fed in (batches, without):
        _, pictures, _ = played((radar(clutter_per_scan=1.0),), fed)
        tail = pictures[3:]
        assert all(p.n == 1 for p in tail)
        error.append(np.mean([np.hypot(*(p.state_enu[0, 3:5] - velocity[0, :2])) for p in tail]))
        spread.append(np.mean([np.trace(p.covariance_enu[0, 3:5, 3:5]) for p in tail]))
    assert error[0] < 0.6 * error[1] and spread[0] < 0.7 * spread[1]


def test_a_range_rate_of_a_sensor_without_range_is_left_alone() -> None:
    heard = Detections.empty(1)
    heard.kind[:], heard.time_ns[:], heard.doppler_m_s[:] = Kind.AZIMUTH, T0, 40.0
    heard.covariance[:, 0, 0] = 1e-4
    _, pictures, _ = played((radar("ear", "rf"),), [heard] * 3)
    assert pictures[-1].n == 0
