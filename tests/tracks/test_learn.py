"""What is learned of sensors and of the comings and goings, against plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, radar, reports
from windhover.tracks import layout as at
from windhover.tracks.learn import life, looked, timing, undetected_at
from windhover.tracks.measure import sensor_table
from windhover.tracks.models import BIRTHS_PER_S, BIRTHS_SPAN_S, FORGET_S, LIFE_S

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


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_first_frame_s_phase_is_the_mean_of_its_plots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    azimuth, t = rng.uniform(-3, 3, 7), np.sort(rng.random(7))
    timing(sf, 0, frame_of(azimuth, t))
    want = naive.scan_phase(azimuth, t, 1.0)
    assert complex(sf[0, at.S_COS], sf[0, at.S_SIN]) == pytest.approx(want)


def test_plots_of_one_instant_are_a_snapshot_of_the_whole_scan() -> None:
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    assert timing(sf, 0, frame_of(np.linspace(-3, 3, 9), np.full(9, 4.0))) == 1.0
    assert sf[0, at.S_SPREAD] == 1.0


@given(st.floats(0, 500), st.floats(0, 1e4), st.floats(0, 5000))
def test_turnover_is_births_over_targets_within_bounds(
    births: float, span: float, present: float
) -> None:
    field = np.zeros(at.FIELD_F)
    field[[at.F_BIRTHS, at.F_SPAN, at.F_PRESENT]] = births, span, present
    per_s = (births + 20.0 * present / 600.0) / (span + 20.0)
    want = np.clip(max(present, 1.0) / max(per_s, 1e-9 * max(present, 1.0)), 60.0, 600.0)
    assert life(field) == pytest.approx(float(want))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 60))
def test_the_undetected_come_stay_and_fade_as_a_poisson_field(seed: int, steps: int) -> None:
    """Two densities, carried in a slow loop: those there at the start, and those that came since."""
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(clutter_per_scan=10.0), reports()), FRAME, SECTOR.radius_m)
    field = np.zeros(at.FIELD_F)
    area, pd = np.pi * 20_000.0**2, 0.9
    old = born = births = span = rate = 0.0
    last, t = None, 0.0
    clutter = 10.0
    for k in range(steps):
        t += float(rng.uniform(0.05, 2.0))
        plots = int(rng.integers(1, 40))
        field[at.F_PRESENT] = present = float(rng.uniform(0, 20))
        covered = float(rng.uniform(0.05, 1.0))
        got = undetected_at(sf, 0, field, t, plots, covered)
        if last is None:
            span, last = 1e-9, t
            sf[0, at.S_FIRST] = t
            first = t
        dt = t - last
        last = t
        if dt > 0:
            births *= np.exp(-dt / FORGET_S)
            span = span * np.exp(-dt / FORGET_S) + dt
            born = (born + rate * dt) * np.exp(-dt / LIFE_S)
            old *= np.exp(-dt / LIFE_S)
        usual = max(BIRTHS_PER_S, present / LIFE_S)
        rate = (births + usual * BIRTHS_SPAN_S) / (span + BIRTHS_SPAN_S) / area
        born = max(born, 0.1 * rate)
        if k > 0 and t - first < 0.9:
            excess = max(plots - clutter * covered, 0.3 * np.sqrt(plots) + 0.1)
            old = excess / (pd * covered * area)
        if k == 0:
            old = field[at.F_UNDETECTED]  # S_FIRST is set by `timing`, which this loop leaves out
        assert got == pytest.approx(old + born, rel=1e-9)
        pf = frame_of(np.zeros(plots), np.full(plots, t))
        fresh, start = rng.random(plots), rng.random(plots)
        looked(sf, 0, field, t, plots, covered, fresh, start, pf)
        gain = min(covered * 1.0 / FORGET_S, 0.2)
        clutter = max(
            clutter + gain * (float((fresh * (1 - start)).sum()) / covered - clutter), 1e-3
        )
        old *= 1 - pd * covered
        born *= 1 - pd * covered
        assert sf[0, at.S_CLUTTER] == pytest.approx(clutter)
        assert sf[0, at.S_LAST] == t


def test_reports_do_not_fade_the_field_and_bearings_only_where_no_radar_looks() -> None:
    for kinds, fades in ((("rf", "radar"), False), (("rf",), True), (("adsb",), False)):
        sensors = tuple(
            radar(k, {"rf": "rf", "radar": "radar_2d", "adsb": "adsb"}[k]) for k in kinds
        )
        sf, _ = sensor_table(sensors, FRAME, SECTOR.radius_m)
        field = np.ones(at.FIELD_F)
        looked(
            sf, 0, field, 1.0, 1, 0.5, np.ones(1), np.zeros(1), frame_of(np.zeros(1), np.ones(1))
        )
        assert (field[at.F_UNDETECTED] < 1.0) == fades
