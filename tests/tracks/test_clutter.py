"""The clutter map against plain histograms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_rows, naive_sensors
from tests.tracks.site import FRAME, SECTOR, radar
from windhover.tracks import layout as at
from windhover.tracks.clutter import (
    FIRST_CELL,
    RANGES,
    SECTORS,
    count,
    counted,
    denser,
    height_bin,
    height_width,
    near_and_far,
    range_bin,
    sector_bin,
    speed_bin,
    speeds,
)
from windhover.tracks.measure import sensor_table


def some_plots(rng: np.random.Generator, n: int) -> np.ndarray:
    pf = np.zeros((n, at.PLOT_F))
    pf[:, at.P_DOPPLER] = np.where(rng.random(n) < 0.5, rng.normal(0, 20, n), np.nan)
    pf[:, at.P_RANGE] = rng.uniform(50.0, 20_000.0, n)
    pf[:, at.P_AZ] = rng.uniform(-np.pi, np.pi, n)
    pf[:, at.P_Z] = rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(0.0, 4.0, n)
    pf[:, at.P_RZ] = rng.choice([0.0, 400.0], n)
    return pf


@given(
    st.floats(-1e4, 3e4), st.floats(-20.0, 20.0, allow_subnormal=False), st.floats(-300.0, 300.0)
)
def test_bins_are_those_of_sorted_edges(height: float, azimuth: float, rate: float) -> None:
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    assert height_bin(height) == naive_sensors.height_bin(height)
    assert sector_bin(azimuth) == naive_sensors.sector_bin(azimuth)
    assert speed_bin(rate) == naive_sensors.speed_bin(rate)
    sensor = naive_rows.read_sensor(sf, 0)
    assert range_bin(sf, 0, height) == naive_sensors.range_bin(sensor, height)
    k = height_bin(height)
    assert height_width(k) == naive_sensors.height_width(k)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0.5, 1.0))
def test_the_map_is_a_weighted_histogram_with_a_prior(seed: int, n: int, forget: float) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    twin = naive_rows.read_sensor(sf, 0)
    for _ in range(3):
        pf = some_plots(rng, n)
        fresh, start = rng.random(n), rng.random(n)
        count(sf, 0, pf, fresh, start, forget)
        naive_sensors.count(
            twin, [naive_rows.read_plot(pf, j) for j in range(n)], fresh, start, forget
        )
    total = counted(sf, 0)
    assert total == pytest.approx(naive_sensors.counted(twin))
    probe = some_plots(rng, 20)
    for j in range(20):
        plot = naive_rows.read_plot(probe, j)
        assert denser(sf, 0, probe, j, total) == pytest.approx(naive_sensors.denser(twin, plot))
        far = near_and_far(sf, 0, plot.range, total)
        assert far == pytest.approx(naive_sensors.near_and_far(twin, plot.range))
        assert speeds(sf, 0, plot.rate) == pytest.approx(naive_sensors.speeds(twin, plot.rate))


def test_nothing_learned_changes_nothing_and_the_map_forgets() -> None:
    sf, _ = sensor_table((radar(), radar("ear", "rf")), FRAME, SECTOR.radius_m)
    pf = some_plots(np.random.default_rng(1), 8)
    pf[:, at.P_DOPPLER] = np.nan
    assert all(denser(sf, 0, pf, j, 0.0) == 1.0 for j in range(8))
    count(sf, 0, pf, np.ones(8), np.zeros(8), 1.0)
    count(sf, 1, pf, np.ones(8), np.zeros(8), 1.0)
    assert counted(sf, 0) == 8.0 and counted(sf, 1) == 0.0
    count(sf, 0, pf[:0], np.ones(0), np.zeros(0), 0.5)
    assert counted(sf, 0) == 4.0
    cells = sf[0, at.S_MAP + FIRST_CELL : at.S_MAP + FIRST_CELL + RANGES * SECTORS]
    assert cells.sum() == 4.0


def test_a_patch_of_clutter_is_known_for_one_after_a_while() -> None:
    rng = np.random.default_rng(2)
    sf, _ = sensor_table((radar(kind="radar_2d"),), FRAME, SECTOR.radius_m)
    for _ in range(100):
        pf = np.zeros((20, at.PLOT_F))
        pf[:, at.P_DOPPLER] = np.nan
        pf[:10, at.P_RANGE] = rng.uniform(50.0, 20_000.0, 10)
        pf[:10, at.P_AZ] = rng.uniform(-np.pi, np.pi, 10)
        pf[10:, at.P_RANGE], pf[10:, at.P_AZ] = 5500.0, 1.3
        count(sf, 0, pf, np.ones(20), np.zeros(20), 1.0)
    probe = np.zeros((2, at.PLOT_F))
    probe[:, at.P_DOPPLER] = np.nan
    probe[:, at.P_RANGE], probe[:, at.P_AZ] = [5500.0, 15_000.0], [1.3, -1.3]
    total = counted(sf, 0)
    assert denser(sf, 0, probe, 0, total) > 30.0
    assert 0.2 < denser(sf, 0, probe, 1, total) < 0.9
