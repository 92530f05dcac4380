"""The clutter map against plain histograms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, radar
from windhover.tracks import layout as at
from windhover.tracks.clutter import FIRST_CELL, RANGES, SECTORS, count, counted, denser
from windhover.tracks.measure import sensor_table


def some_plots(rng: np.random.Generator, n: int) -> np.ndarray:
    pf = np.zeros((n, at.PLOT_F))
    pf[:, at.P_DOPPLER] = np.nan
    pf[:, at.P_RANGE] = rng.uniform(50.0, 20_000.0, n)
    pf[:, at.P_AZ] = rng.uniform(-np.pi, np.pi, n)
    pf[:, at.P_Z] = rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(0.0, 4.0, n)
    pf[:, at.P_RZ] = rng.choice([0.0, 400.0], n)
    return pf


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_the_map_is_a_weighted_histogram_with_a_prior(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table((radar(),), FRAME, SECTOR.radius_m)
    over = sf[0, at.S_Z]
    twin = naive.ClutterMap(50.0, 20_000.0)
    for _ in range(3):
        pf = some_plots(rng, n)
        fresh, start = rng.random(n), rng.random(n)
        count(sf, 0, pf, fresh, start, 1.0)
        height = np.where(pf[:, at.P_RZ] > 0.0, pf[:, at.P_Z] - over, np.nan)
        twin.plots += list(
            zip(pf[:, at.P_RANGE], pf[:, at.P_AZ], height, fresh * (1.0 - start), strict=True)
        )
    total = counted(sf, 0)
    assert total == pytest.approx(sum(w for *_, w in twin.plots))
    probe = some_plots(rng, 20)
    for j in range(20):
        reach, azimuth = probe[j, [at.P_RANGE, at.P_AZ]]
        high = probe[j, at.P_RZ] > 0.0
        even = 1.0 / (19_950.0 * 2 * np.pi) / (max(reach, 100.0) if high else 1.0)
        want = twin.density(reach, azimuth, probe[j, at.P_Z] - over if high else np.nan)
        assert denser(sf, 0, probe, j, total) * even == pytest.approx(want, rel=1e-9)


def test_nothing_learned_changes_nothing_and_the_map_forgets() -> None:
    sf, _ = sensor_table((radar(), radar("ear", "rf")), FRAME, SECTOR.radius_m)
    pf = some_plots(np.random.default_rng(1), 8)
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
