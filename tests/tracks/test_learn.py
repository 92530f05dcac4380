"""What is learned of sensors and of the comings and goings, against plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_rows, naive_sensors
from tests.tracks.site import FRAME, SECTOR, radar, reports
from windhover.tracks import layout as at
from windhover.tracks.clutter import counted
from windhover.tracks.learn import births_per_s, field_area, life, looked, timing, undetected_at
from windhover.tracks.measure import sensor_table

seeds = st.integers(0, 2**32 - 1)


def frame_of(azimuth: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    pf = np.zeros((len(azimuth), at.PLOT_F))
    pf[:, at.P_DOPPLER] = np.nan
    pf[:, at.P_RANGE], pf[:, at.P_AZ], pf[:, at.P_T] = 5000.0, azimuth, time_s
    return pf


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(0.0, 6.0), st.floats(0.5, 8.0))
def test_a_turning_beam_is_recognised_and_its_phase_found(
    seed: int, phase: float, period: float
) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(period_s=period),), FRAME, SECTOR.radius_m)
    for k in range(40):
        t = np.sort(k * period / 8 + rng.random(6) * period / 8)
        azimuth = phase + 2 * np.pi * t / period + rng.normal(0, 0.05, 6)
        covered = timing(sf, 0, frame_of(azimuth, t))
        assert 0.0 < covered <= 1.0
        sf[0, at.S_LAST] = t[-1]
    turning = complex(sf[0, at.S_COS], sf[0, at.S_SIN])
    assert abs(turning) > 0.9 and sf[0, at.S_SPREAD] < 0.1
    assert abs(np.angle(turning * np.exp(-1j * phase))) < 0.1


@settings(max_examples=40)
@given(seeds, st.integers(1, 9))
def test_how_a_sensor_scans_is_learned_as_the_twin_does(seed: int, frames: int) -> None:
    """Turning, staring and reporting sensors; scattered plots, and snapshots."""
    rng = np.random.default_rng(seed)
    kinds = (radar(), reports(), radar("ear", "rf"))
    sf, _ = sensor_table(kinds, FRAME, SECTOR.radius_m)
    s = int(rng.integers(0, 3))
    twin, t = naive_rows.read_sensor(sf, s), 0.0
    for _ in range(frames):
        n = int(rng.integers(1, 8))
        t += float(rng.uniform(0.05, 2.0))
        times = t + (np.sort(rng.random(n)) if rng.random() < 0.7 else np.zeros(n))
        pf = frame_of(rng.uniform(-3, 3, n), times)
        covered = timing(sf, s, pf)
        plots = [naive_rows.read_plot(pf, j) for j in range(n)]
        assert covered == pytest.approx(naive_sensors.timing(twin, plots))
        naive_rows.same_sensor(naive_rows.read_sensor(sf, s), twin)
        sf[s, at.S_LAST] = twin.last = times[-1]


def test_plots_of_one_instant_are_a_snapshot_of_the_whole_scan() -> None:
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    assert timing(sf, 0, frame_of(np.linspace(-3, 3, 9), np.full(9, 4.0))) == 1.0
    assert sf[0, at.S_SPREAD] == 1.0


@given(
    st.floats(0, 500), st.floats(0, 1e4), st.floats(0, 5000), st.floats(0, 5000), st.floats(0, 50)
)
def test_turnover_is_births_over_targets_within_bounds(
    births: float, span: float, present: float, delays: float, usual: float
) -> None:
    field = np.zeros(at.FIELD_F)
    field[[at.F_BIRTHS, at.F_SPAN, at.F_PRESENT, at.F_DELAYS]] = births, span, present, delays
    twin = naive_rows.read_field(field)
    assert births_per_s(field, usual) == pytest.approx(naive_sensors.births_per_s(twin, usual))
    assert life(field) == pytest.approx(naive_sensors.life(twin))


def test_births_are_counted_as_fast_as_they_come_though_each_is_certain_only_later() -> None:
    """Ten a second, each certain after four seconds: twelve seconds on, eighty are in the count."""
    field = np.zeros(at.FIELD_F)
    field[[at.F_BIRTHS, at.F_SPAN, at.F_DELAYS]] = 80.0, 12.0, 320.0
    assert births_per_s(field, 10.0) == pytest.approx(10.0, rel=0.2)
    field[:] = 0.0
    assert births_per_s(field, 10.0) == 10.0


@settings(max_examples=40)
@given(seeds, st.integers(1, 60))
def test_the_undetected_come_stay_and_fade_as_a_poisson_field(seed: int, steps: int) -> None:
    """Three sensors look in turn; what is learned of the sky and of each of them is the twin's."""
    rng = np.random.default_rng(seed)
    kinds = (radar(clutter_per_scan=10.0), reports(), radar("ear", "rf"))[: int(rng.integers(1, 4))]
    if seed % 3 == 0:
        kinds = kinds[1:] or kinds
    sf, _ = sensor_table(kinds, FRAME, SECTOR.radius_m)
    field, t = np.zeros(at.FIELD_F), 0.0
    twins, twin = [naive_rows.read_sensor(sf, s) for s in range(len(kinds))], naive_rows.Field()
    twin.show = 0.0
    for _ in range(steps):
        s, n = int(rng.integers(0, len(kinds))), int(rng.integers(1, 40))
        t += float(rng.choice([0.0, rng.uniform(0.05, 2.0)]))
        if sf[s, at.S_FIRST] >= at.FAR:
            sf[s, at.S_FIRST] = twins[s].first = t  # as `timing` has it
        field[at.F_PRESENT] = twin.present = float(rng.uniform(0, 20))
        covered = float(rng.uniform(0.05, 1.0))
        got = undetected_at(sf, s, field, t, n, covered)
        assert got == pytest.approx(naive_sensors.undetected_at(twins, s, twin, t, n, covered))
        assert field_area(sf) == naive_sensors.field_area(twins)
        lost, born = rng.uniform(0, 3, 2)
        field[[at.F_LOST, at.F_LOST_BORN]] = twin.lost, twin.lost_born = lost, born
        pf, fresh, start = frame_of(np.zeros(n), np.full(n, t)), rng.random(n), rng.random(n)
        plots = [naive_rows.read_plot(pf, j) for j in range(n)]
        # Often less than the field holds, sometimes more.
        start *= float(rng.choice([0.01, 1.0]))
        crossed = float(rng.choice([0.0, rng.random()]))
        looked(sf, s, field, t, n, covered, fresh, start, pf, crossed)
        naive_sensors.looked(twins, s, twin, t, covered, plots, fresh, start, crossed)
        np.testing.assert_allclose(field, list(vars(twin).values()), rtol=1e-9)
        naive_rows.same_sensor(naive_rows.read_sensor(sf, s), twins[s])
        assert counted(sf, s) == pytest.approx(naive_sensors.counted(twins[s]))


def test_a_miss_of_reports_fades_no_field_and_one_of_bearings_only_where_no_radar_looks() -> None:
    for kinds, fades in ((("rf", "radar"), False), (("rf",), True), (("adsb",), False)):
        sensors = tuple(
            radar(k, {"rf": "rf", "radar": "radar_2d", "adsb": "adsb"}[k]) for k in kinds
        )
        sf, _ = sensor_table(sensors, FRAME, SECTOR.radius_m)
        field = np.ones(at.FIELD_F)
        field[[at.F_LOST, at.F_LOST_BORN]] = 0.0
        looked(
            sf, 0, field, 1.0, 1, 0.5, np.ones(1), np.zeros(1), frame_of(np.zeros(1), np.ones(1)), 0.0
        )  # fmt: skip
        assert (field[at.F_UNDETECTED] < 1.0) == fades
