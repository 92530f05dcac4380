"""Registration errors of radars are found from reporting objects, and taken out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_rows, naive_sensors
from tests.tracks.site import FRAME, SECTOR, T0, fleet, radar, reported, reports, seen_by_radar
from tests.tracks.test_kernels import a_plot, a_row, as_plots
from windhover import tracks
from windhover.schema.batches import Detections, Kind, Tracks
from windhover.tracks import layout as at
from windhover.tracks.bias import (
    alone,
    begin_bias,
    compare,
    learn,
    register,
    without_bias,
    worth,
)
from windhover.tracks.imm import combine
from windhover.tracks.measure import sensor_table
from windhover.units import NS_PER_S

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=30)
@given(seeds, st.integers(1, 30))
def test_the_filter_is_a_kalman_filter_of_three_states(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    twin = naive_rows.read_sensor(sf, 0)
    sf[0, at.S_BIAS : at.S_BIAS + 14] = 7.0
    begin_bias(sf, 0)
    naive_sensors.begin_bias(twin)
    naive_rows.same_sensor(naive_rows.read_sensor(sf, 0), twin)
    truth = np.array([40.0, 0.004, -0.2])
    for _ in range(n):
        h = np.array([rng.normal(), rng.uniform(-9000, 9000), rng.normal(0, 60)])
        gap, noise = float(h @ truth + rng.normal(0, 10)), float(rng.uniform(50, 400))
        assert learn(sf, 0, *h, gap, noise) == naive_sensors.learn(twin, h, gap, noise)
    naive_rows.same_sensor(naive_rows.read_sensor(sf, 0), twin)


def a_scene(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Rows that a radar and reports hold, plots of both near them, a bias known a little."""
    rows, plots = 6, 8
    sf, _ = sensor_table((radar(), reports()), FRAME, SECTOR.radius_m)
    sf[0, at.S_BIAS : at.S_BIAS + 3] = rng.normal(0, [20.0, 0.003, 0.1])
    sf[0, at.S_BIAS + 10] = rng.choice([0.0, 12.0, 80.0])
    sf[0, at.S_BIAS + 11 : at.S_BIAS + 14] = rng.normal(0, [20.0, 0.003, 0.1])
    tf, ti = np.zeros((rows, at.TRACK_F)), np.zeros((rows, at.TRACK_I), np.int64)
    seen_at = np.full((rows, 4), -1e18)
    for i in range(rows):
        tf[i] = a_row(rng)[0]
        for m in range(3):
            tf[i, at.MODE + at.STRIDE * m : at.MODE + at.STRIDE * m + 2] += 400.0 * i
        combine(tf, i)
        tf[i, at.EX], ti[i, at.HITS] = rng.choice([0.5, 0.99]), rng.choice([3, 9])
        tf[i, at.CLAIM_W], tf[i, at.COOP_W] = rng.choice([1.0, 5.0]), 5.0
        seen_at[i, 3] = rng.choice([-1e18, -5.0, -0.5])
    near = rng.integers(0, rows, plots)
    forms = rng.choice([at.FORM_PLACE, at.FORM_SLANT, at.FORM_BEARING], plots, p=[0.6, 0.3, 0.1])
    made = []
    for j in range(plots):
        plot = a_plot(rng, int(forms[j]))
        place = plot.place + 400.0 * near[j] + rng.normal(0, rng.choice([5.0, 60.0]), 2)
        away = place - sf[0, [at.S_X, at.S_Y]]
        far, turn = float(np.hypot(*away)), float(np.arctan2(*away))
        made.append(plot._replace(place=place, azimuth=turn, range=far))
    return sf, tf, ti, seen_at, as_plots(made), near


@settings(max_examples=60)
@given(seeds)
def test_residuals_are_learned_along_and_across_the_line_of_sight(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, tf, _, _, pf, near = a_scene(rng)
    for j, i in enumerate(near):
        if pf[j, at.P_FORM] == at.FORM_BEARING:
            continue
        twin = naive_rows.read_sensor(sf, 0)
        compare(tf, i, pf, j, sf, 0, np.zeros(12), *twin.taken)
        naive_sensors.compare(naive_rows.read(tf, i), naive_rows.read_plot(pf, j), twin, twin.taken)
        naive_rows.same_sensor(naive_rows.read_sensor(sf, 0), twin)


@settings(max_examples=60)
@given(seeds)
def test_only_rows_that_surely_report_teach_a_radar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, tf, ti, seen_at, pf, near = a_scene(rng)
    rows, twins = [naive_rows.read(tf, i, ti, seen_at) for i in range(len(tf))], [
        naive_rows.read_sensor(sf, s) for s in range(2)
    ]  # fmt: skip
    plots = [naive_rows.read_plot(pf, j) for j in range(len(pf))]
    for i, row in enumerate(rows):
        assert alone(tf, i, pf, sf, 0) == naive_sensors.alone(row, plots, twins[0])
    pairs: dict[int, dict[int, float]] = {}
    for j, i in enumerate(near):
        if rng.random() < 0.6:
            pairs.setdefault(int(i), {})[j] = float(rng.choice([0.4, 0.95]))
    pairs = dict(sorted(pairs.items()))
    first = np.cumsum([0, *map(len, pairs.values())])
    to_s, s = float(rng.uniform(0.0, 3.0)), int(rng.integers(0, 2))
    register(
        tf, ti, seen_at, len(tf), sf, s, pf, to_s, len(pairs), np.array(list(pairs), np.int64), first,
        np.array([j for p in pairs.values() for j in p], np.int64),
        np.array([w for p in pairs.values() for w in p.values()]), np.zeros(12),
    )  # fmt: skip
    naive_sensors.register(rows, twins, s, plots, to_s, pairs)
    for k in range(2):
        naive_rows.same_sensor(naive_rows.read_sensor(sf, k), twins[k])


@settings(max_examples=40)
@given(seeds)
def test_polar_errors_are_taken_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _, _, _, pf, _ = a_scene(rng)
    if seed % 4 == 0:
        pf[0, [at.P_X, at.P_Y]] = sf[0, [at.S_X, at.S_Y]] + 0.3  # on the mast
    sf[0, at.S_BIAS + 3 : at.S_BIAS + 9] *= rng.choice([0.01, 1.0])
    sensor = naive_rows.read_sensor(sf, 0)
    for k in range(3):
        want = naive_sensors.worth(sensor.bias[k], sensor.bias_p[k, k])
        assert worth(sf, 0, k) == pytest.approx(want)
    out = np.empty_like(pf)
    without_bias(sf, 0, pf, out)
    wanted = naive_sensors.without_bias(
        sensor, [naive_rows.read_plot(pf, j) for j in range(len(pf))]
    )
    np.testing.assert_allclose(out, as_plots(wanted), rtol=1e-9, atol=1e-6)
    naive_rows.same_sensor(naive_rows.read_sensor(sf, 0), sensor)


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
