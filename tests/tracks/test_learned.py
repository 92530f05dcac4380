"""What is learned of a radar: how noisy it truly is, how often it misses what is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive, naive_learned
from tests.tracks.site import FRAME, SECTOR, T0, fleet, radar
from tests.tracks.test_kernels import TABLE
from windhover import tracks
from windhover.schema.batches import Detections, Kind
from windhover.tracks import layout as at
from windhover.tracks.imm import begin, predict
from windhover.tracks.measure import sensor_table
from windhover.tracks.misses import believe as believe_misses
from windhover.tracks.misses import hit_chance, tally, tell
from windhover.tracks.noise import applied, judge, rescale, rescales, sample
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood
from windhover.units import NS_PER_S

seeds = st.integers(0, 2**32 - 1)


def table(**changes: object) -> np.ndarray:
    return sensor_table((radar(kind="radar_2d", **changes),), FRAME, SECTOR.radius_m)[0]


@given(st.floats(1e-3, 1e3))
def test_a_factor_near_one_is_left_alone(factor: float) -> None:
    assert applied(factor) == pytest.approx(naive_learned.applied(factor), rel=1e-9)


@given(st.floats(1, 1e4), st.floats(0, 1e4), st.floats(-50, 50))
def test_a_plot_that_is_as_far_off_as_expected_confirms_what_is_stated(
    stated: float, unknown: float, sigmas: float
) -> None:
    spread = stated + unknown
    assert sample(stated, np.sqrt(spread), spread) == pytest.approx(stated)
    said = sample(stated, sigmas * np.sqrt(spread), spread)
    assert (said > stated) == (abs(sigmas) > 1.0) or said == pytest.approx(stated)


@given(st.floats(-3, 3), st.floats(0.01, 20.0), st.floats(0.01, 20.0))
def test_range_and_azimuth_are_stretched_apart(azimuth: float, along: float, turn: float) -> None:
    sf = table()
    sf[0, at.S_NOISE : at.S_NOISE + 2] = along, turn
    pf = np.zeros((1, at.PLOT_F))
    pf[0, [at.P_RR, at.P_RA, at.P_AZ]] = 1e4, 1e-4, azimuth
    ground = 7000.0
    before = naive_learned.rescaled(np.eye(2), azimuth, 1e4, 1e-4 * ground**2)
    pf[0, [at.P_RXX, at.P_RXY, at.P_RYY]] = before[0, 0], before[0, 1], before[1, 1]
    used = applied(along), applied(turn)
    assert rescales(sf, 0) == (used != (1.0, 1.0))
    rescale(sf, 0, pf)
    want = naive_learned.rescaled(before, azimuth, *used)
    got = pf[0, [at.P_RXX, at.P_RXY, at.P_RXY, at.P_RYY]].reshape(2, 2)
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(pf[0, [at.P_RR, at.P_RA]], [1e4 * used[0], 1e-4 * used[1]])


def settled(rng: np.random.Generator) -> np.ndarray:
    """One row, a second old, with six plots behind it."""
    tf = np.zeros((1, at.TRACK_F))
    seen = np.array([4000.0, 3000.0, 900.0, 100.0, 400.0, *naive.NO_MORE])
    begin(tf, 0, 0.0, seen, TABLE, HEIGHT, 0.99)
    tf[0, at.MU : at.MU + 3] = rng.dirichlet(np.ones(3))
    predict(tf, 0, 1.0, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
    return tf


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_each_mode_has_its_say_on_the_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, tf, ti = table(), settled(rng), np.zeros((1, at.TRACK_I), np.int64)
    ti[0, at.HITS] = 6
    azimuth, dt = float(np.arctan2(4000.0, 3000.0)), float(rng.uniform(-0.1, 0.1))
    r = naive_learned.rescaled(np.eye(2), azimuth, 100.0, 700.0)
    z = np.array([4000.0, 3000.0]) + rng.normal(0, 40, 2)
    pf = np.zeros((1, at.PLOT_F))
    pf[0, [at.P_X, at.P_Y, at.P_RXX, at.P_RXY, at.P_RYY]] = *z, r[0, 0], r[0, 1], r[1, 1]
    pf[0, [at.P_T, at.P_AZ, at.P_RR, at.P_RA]] = 1.0 + dt, azimuth, 100.0, 1e-4
    pf[0, at.P_DOPPLER], pf[0, at.P_FORM] = np.nan, at.FORM_PLACE
    seen, like = np.array([*z, r[0, 0], r[0, 1], r[1, 1], *naive.NO_MORE]), np.zeros((1, 4))
    likelihood(tf, 0, dt, seen, like[0])
    pairs = (np.zeros(1, np.int64), np.array([0, 1]), np.zeros(1, np.int64))
    judge(tf, ti, sf, 0, pf, 1, *pairs, like, np.array([0.95]), np.zeros(12))
    row = naive.read(tf, 0)
    said = naive_learned.noise_said(row, like[0, :3], z, r, azimuth, dt)
    want = 1.0 + (np.array(said) - 1.0) / 31.0
    np.testing.assert_allclose(sf[0, at.S_NOISE : at.S_NOISE + 2], want, rtol=2e-3)
    unsure = table()
    judge(tf, ti, unsure, 0, pf, 1, *pairs, like, np.array([0.85]), np.zeros(12))
    assert (unsure[0, at.S_NOISE : at.S_NOISE + 3] == [1.0, 1.0, 0.0]).all()


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(0, 60))
def test_misses_are_counted_by_range_and_by_what_went_before(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sf = table(period_s=4.0)
    twin = naive_learned.Misses(0.9)
    for _ in range(n):
        k, looks = int(rng.integers(0, 12)), int(rng.choice([1, 1, 2, 3, 9]))
        reach = 50.0 + (k + float(rng.uniform(0.01, 0.99))) * 19_950.0 / 12
        tally(sf, 0, reach, 4.0 * looks + float(rng.uniform(-1.9, 1.9)))
        twin.plot(k, looks)
    tally(sf, 0, 900.0, 1.0)  # the same look again
    tally(sf, 0, 900.0, 1e9)  # nothing that was ever seen before
    believe_misses(sf, 0)
    for k in range(12):
        for missed in (False, True):
            got = hit_chance(sf, 0, 50.0 + (k + 0.5) * 19_950.0 / 12, missed)
            assert got == pytest.approx(twin.hit_chance(k, missed), rel=1e-9)


def test_only_plots_that_surely_belong_to_a_settled_track_tell() -> None:
    ti, seen_at = np.zeros((3, at.TRACK_I), np.int64), np.zeros((3, 2))
    ti[:, at.HITS] = 9, 9, 2
    seen_at[:, 1] = 10.0
    pf = np.zeros((3, at.PLOT_F))
    pf[:, at.P_T], pf[:, at.P_RANGE] = 13.0, 5000.0
    sf = table()
    rows, first = np.arange(3), np.arange(4)
    tell(ti, seen_at, sf, 0, pf, 3, rows, first, rows, np.array([0.95, 0.5, 0.99]))
    counts = sf[0, at.S_MISSES : at.S_MISSES + 48].reshape(12, 4)
    assert counts.sum(0).tolist() == [1.0, 1.0, 2.0, 1.0]  # missed, missed again, seen


def watched(stated: tuple[float, float], misses: bool, seconds: int = 240) -> tracks.TrackerState:
    """A radar of σ 20 m and 0.005 rad that states something else; its misses come singly or in stretches."""
    rng = np.random.default_rng(9)
    sensor = radar(kind="radar_2d", period_s=4.0, range_max_m=40_000.0, clutter_per_scan=2.0)
    state = tracks.start(SECTOR, (sensor,))
    place, velocity = fleet(12, rng, 12_000.0)
    gone = np.zeros(12, bool)
    for k in range(0, seconds, 4):
        gone = rng.random(12) < (np.where(gone, 0.6, 0.15) if misses else 0.1)
        now = (place + velocity * k)[~gone]
        scan = Detections.empty(len(now))
        scan.value[:, 0] = np.hypot(now[:, 0], now[:, 1]) + rng.normal(0, 20.0, len(now))
        scan.value[:, 1] = np.arctan2(now[:, 0], now[:, 1]) + rng.normal(0, 0.005, len(now))
        scan.covariance[:, 0, 0], scan.covariance[:, 1, 1] = stated[0] ** 2, stated[1] ** 2
        scan.kind[:] = Kind.GROUND_RANGE_AZIMUTH
        scan.time_ns[:] = scan.received_ns[:] = T0 + k * NS_PER_S
        state, _, _ = tracks.advance(state, scan, T0 + k * NS_PER_S)
    return state


@pytest.mark.parametrize(("wrong", "low", "high"), [(4.0, 0.02, 0.2), (1.0, 0.6, 1.6)])
def test_errors_that_are_stated_too_large_are_corrected(
    wrong: float, low: float, high: float
) -> None:
    learned = watched((20.0 * wrong, 0.005 * wrong), False).belief.sensor_f[0, at.S_NOISE :]
    assert (low < learned[:2]).all() and (learned[:2] < high).all()


def test_stretches_of_misses_are_noticed_and_single_ones_are_not() -> None:
    one = watched((20.0, 0.005), False).belief.sensor_f
    many = watched((20.0, 0.005), True).belief.sensor_f
    assert hit_chance(one, 0, 9000.0, True) > 0.75
    assert hit_chance(many, 0, 9000.0, True) < 0.65
    assert hit_chance(many, 0, 9000.0, False) > 0.8
