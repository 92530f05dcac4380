"""Range rate as a measurement: against the stacked update, and what it is good for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, T0, radar, seen_by_radar
from tests.tracks.test_kernels import TABLE, a_plot, a_row
from tests.tracks.test_tracker import played
from windhover.schema.batches import Detections, Kind
from windhover.tracks import layout as at
from windhover.tracks.clutter import count, speeds
from windhover.tracks.doppler import of_a_stranger, refine
from windhover.tracks.imm import begin
from windhover.tracks.measure import sensor_table
from windhover.tracks.step import HEIGHT
from windhover.tracks.update import likelihood, see, update
from windhover.units import NS_PER_S

seeds = st.integers(0, 2**32 - 1)


def one_plot(rng: np.random.Generator, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plot with height and range rate of the row of `a_row`, seen from the origin."""
    z, r, dt = a_plot(rng)
    pf = np.zeros((1, at.PLOT_F))
    pf[0, [at.P_X, at.P_Y]] = z
    pf[0, [at.P_RXX, at.P_RXY, at.P_RYY]] = r[0, 0], r[0, 1], r[1, 1]
    pf[0, at.P_T], pf[0, at.P_DOPPLER] = dt, rate
    pf[0, at.P_Z], pf[0, at.P_RZ] = 800.0, 400.0
    return pf, z, r


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(-3.0, 3.0))
def test_one_after_the_other_is_both_at_once(seed: int, off_m_s: float) -> None:
    rng = np.random.default_rng(seed)
    tf = a_row(rng)
    before = naive.read(tf, 0)
    sight = np.array([3000.0, -2000.0, 800.0]) / np.linalg.norm([3000.0, -2000.0, 800.0])
    rate = float(sight[:2] @ (before.mu @ before.x)[2:] + sight[2] * tf[0, at.Z + 1]) + off_m_s
    pf, z, r = one_plot(rng, rate)
    exact = np.array([*z, 800.0])
    exact /= np.linalg.norm(exact)
    climb = (float(tf[0, at.Z + 1]), float(tf[0, at.Z + 4]))
    sf = np.zeros((1, at.SENSOR_F))
    seen, like = np.zeros(12), np.zeros((1, 4))
    see(tf, 0, pf, 0, sf, 0, seen)
    np.testing.assert_allclose(seen[8:11], exact)
    dt = float(pf[0, at.P_T])
    likelihood(tf, 0, dt, seen, like[0])

    up = 0.99 * np.exp(-0.5 * (seen[5] - 800.0 - dt * climb[0]) ** 2 / (
        big := 400.0 + 20.0 * dt + 4.0 * dt * dt + 400.0)) / np.sqrt(2 * np.pi * big) + 0.01 / 6000  # fmt: skip
    wanted, modes = [], []
    for m in range(3):
        p = before.p[m]
        spread = exact[:2] @ p[2:, 2:] @ exact[:2] + exact[2] ** 2 * climb[1] + 1.0
        gap = rate - exact[:2] @ before.x[m, 2:] - exact[2] * climb[0]
        place = naive.likelihoods(before, z, r, dt)[m]
        wanted.append(place * up * naive.rate_density(float(gap), float(spread)))
        assume(abs(gap) < 2.0 * np.sqrt(spread))
        modes.append(naive.update_with_rate(before.x[m], p, z, r, dt, exact, rate, climb))
    np.testing.assert_allclose(like[0, :3], wanted, rtol=1e-6)
    assume(all(d > 1e-30 for d in wanted))
    update(
        tf, 0, 0.0, np.ones(1), like, np.zeros(1, np.int64), pf, 0, 1, 0, sf, 0, seen, np.zeros(46)
    )
    after = naive.read(tf, 0)
    for m, (x, p) in enumerate(modes):
        np.testing.assert_allclose(after.x[m], x, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(after.p[m], p, rtol=1e-6, atol=1e-5)


def test_a_rate_far_from_the_body_s_moves_nothing() -> None:
    tf = a_row(np.random.default_rng(3))
    seen = np.array([*np.zeros(8), 1.0, 0.0, 0.0, 500.0])
    step = np.linspace(0.0, 0.1, 14)
    refine(tf, 0, 0, seen, step)
    np.testing.assert_array_equal(step, np.linspace(0.0, 0.1, 14))


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(-30.0, 30.0))
def test_a_start_knows_the_speed_along_the_line_of_sight(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    angle = float(rng.uniform(0, 2 * np.pi))
    sight = np.array([np.sin(angle), np.cos(angle), 0.0])
    seen = np.array([0.0, 0.0, 400.0, 30.0, 900.0, 0.0, 0.0, 0.0, *sight, rate])
    tf = np.zeros((1, at.TRACK_F))
    begin(tf, 0, 0.0, seen, TABLE, HEIGHT, 0.5)
    row = naive.read(tf, 0)
    weights = []
    for m in range(3):
        v = TABLE[m, 2] ** 2
        p = np.diag([1.0, 1.0, v, v])
        weights.append(TABLE[m, 3] * naive.rate_density(rate, v + 1.0))
        if rate * rate < 15.9 * (v + 1.0):
            x, after = naive.update_with_rate(
                np.zeros(4), p, np.zeros(2), np.eye(2) * 1e12, 0.0, sight, rate, (0.0, 0.0)
            )
            np.testing.assert_allclose(row.x[m, 2:], x[2:], atol=1e-6)
            np.testing.assert_allclose(row.p[m, 2:, 2:], after[2:, 2:], atol=1e-4)
    np.testing.assert_allclose(row.mu, np.array(weights) / sum(weights), rtol=1e-6)
    assert of_a_stranger(rate, TABLE) == pytest.approx(sum(weights))


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_speeds_of_clutter_are_learned(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    pf = np.zeros((30, at.PLOT_F))
    pf[:, at.P_RANGE], pf[:, at.P_DOPPLER] = 5000.0, rng.normal(0, 1, 30) * 10 ** rng.uniform(0, 2)
    pf[:5, at.P_DOPPLER] = np.nan
    fresh, start = rng.random(30), rng.random(30)
    count(sf, 0, pf, fresh, start, 1.0)
    rates = list(zip(pf[5:, at.P_DOPPLER], (fresh * (1 - start))[5:], strict=True))
    for rate in rng.normal(0, 20, 10):
        assert speeds(sf, 0, rate) == pytest.approx(naive.speed_density(rates, float(rate)))
    assert speeds(sf, 0, np.nan) == 1.0


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
