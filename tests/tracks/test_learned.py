"""What is learned of a radar: how noisy it truly is, how often it misses what is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_learned, naive_rows
from tests.tracks.scenes import scene
from tests.tracks.site import FRAME, SECTOR, T0, fleet, radar
from windhover import tracks
from windhover.schema.batches import Detections, Kind
from windhover.tracks import layout as at
from windhover.tracks.measure import sensor_table
from windhover.tracks.misses import believe, hit_chance, tally, tell
from windhover.tracks.noise import applied, judge, rescale, rescales, sample
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
    gap = sigmas * np.sqrt(spread)
    said = sample(stated, gap, spread)
    assert said == pytest.approx(naive_learned.sample(stated, gap, spread))
    assert (said > stated) == (abs(sigmas) > 1.0) or said == pytest.approx(stated)


@settings(max_examples=60)
@given(seeds)
def test_range_and_azimuth_are_stretched_apart(seed: int) -> None:
    rng, one = np.random.default_rng(seed), scene(seed)
    one.sf[:, at.S_NOISE : at.S_NOISE + 2] = rng.choice([0.01, 0.9, 1.0, 3.0, 20.0], 2)
    one.pf[:, at.P_RR] *= rng.choice([1e-3, 1.0])
    _, sensors, _, plots = one.twins()
    for k, sensor in enumerate(sensors):
        assert rescales(one.sf, k) == naive_learned.rescales(sensor)
    rescale(one.sf, one.s, one.pf)
    want = np.zeros_like(one.pf)
    for j, plot in enumerate(naive_learned.rescale(sensors[one.s], plots)):
        naive_rows.write_plot(want, j, plot)
    np.testing.assert_allclose(one.pf, want, rtol=1e-7, atol=1e-6)


@settings(max_examples=60)
@given(seeds)
def test_each_mode_has_its_say_on_the_noise_and_every_look_on_the_misses(seed: int) -> None:
    rng, one = np.random.default_rng(seed), scene(seed, kind=int(seed % 3))
    rows, sensors, _, plots = one.twins()
    pairs: dict[int, dict[int, tuple[float, np.ndarray]]] = {}
    flat, like = [], []
    for i, row in enumerate(rows):
        for j in np.flatnonzero(rng.random(len(plots)) < 0.5):
            each = 10 ** rng.uniform(-9, -5, 3)
            pairs.setdefault(i, {})[int(j)] = float(rng.choice([0.5, 0.95])), each
            flat.append((int(j), pairs[i][int(j)][0]))
            like.append([*each, row.mu @ each])
    listed = (
        len(pairs), np.array(list(pairs), np.int64), np.cumsum([0, *map(len, pairs.values())]),
        np.array([j for j, _ in flat], np.int64),
    )  # fmt: skip
    weight, s = np.array([w for _, w in flat]), one.s
    judge(one.tf, one.ti, one.sf, s, one.pf, *listed, np.array(like).reshape(-1, 4), weight, np.zeros(12))  # fmt: skip
    naive_learned.judge(rows, sensors[s], plots, pairs)
    tell(one.ti, one.seen_at, one.sf, s, one.pf, *listed, weight)
    weighed = {i: {j: w for j, (w, _) in mine.items()} for i, mine in pairs.items()}
    naive_learned.tell(rows, sensors, s, plots, weighed)
    for k, sensor in enumerate(sensors):
        naive_rows.same_sensor(naive_rows.read_sensor(one.sf, k), sensor)


@settings(max_examples=40)
@given(seeds, st.integers(0, 60))
def test_misses_are_counted_by_range_and_by_what_went_before(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sf = table(period_s=4.0)
    sf[0, at.S_MISSES : at.S_MISSES + 48] = rng.choice([0.0, 395.0], 48)
    twin = naive_rows.read_sensor(sf, 0)
    for _ in range(n):
        reach, since = (
            float(rng.uniform(0.0, 22_000.0)),
            float(rng.choice([1.0, 4.0, 9.0, 30.0, 99.0])),
        )
        since += float(rng.uniform(-0.9, 0.9))
        tally(sf, 0, reach, since)
        naive_learned.tally(twin, reach, since)
    believe(sf, 0)
    naive_learned.believe(twin)
    naive_rows.same_sensor(naive_rows.read_sensor(sf, 0), twin)
    for reach in rng.uniform(0.0, 22_000.0, 12):
        for missed in (False, True):
            want = naive_learned.hit_chance(twin, reach, missed)
            assert hit_chance(sf, 0, reach, missed) == pytest.approx(want, rel=1e-9)


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
