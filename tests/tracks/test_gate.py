"""The grid finds every pair that trying all rows against all plots finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, radar
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.frame import LIMITS
from windhover.tracks.gate import gather
from windhover.tracks.imm import combine, predict
from windhover.tracks.measure import sensor_table
from windhover.tracks.state import new_work
from windhover.tracks.step import LIFT
from windhover.tracks.update import likelihood

TABLE = models.table()
INNER = 9.0  # of GATE's 16: 99 % of a mode's own plots


def scene(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """60 settled rows, and plots of which half lie near one of them."""
    rng = np.random.default_rng(seed)
    rows, plots = 60, 80
    tf = np.zeros((rows, at.TRACK_F))
    for i in range(rows):
        x = np.r_[rng.uniform(-6000, 6000, 2), rng.normal(0, 30, 2)] + rng.normal(0, 3, (3, 4))
        p = np.zeros((3, 4, 4))
        for m in range(3):
            a = rng.normal(0, 1, (4, 4)) * np.array([20.0, 20.0, 4.0, 4.0])[:, None]
            p[m] = a @ a.T / 4 + np.diag([50.0, 50.0, 1.0, 1.0])
        naive.write(tf, i, naive.Row(np.array([0.4, 0.4, 0.2]), x, p))
        tf[i, at.Z : at.Z + 5] = [500.0, 0.0, 1e4, 0.0, 25.0]
        tf[i, at.EX] = rng.uniform(0.2, 1.0)
        combine(tf, i)
    pf = np.zeros((plots, at.PLOT_F))
    pf[:, at.P_DOPPLER] = np.nan
    near = rng.integers(0, rows, plots)
    place = tf[near][:, [at.GX, at.GX + 1]] + tf[near][:, [at.GX + 2, at.GX + 3]]
    place += rng.normal(0, 60, (plots, 2))
    far = rng.random(plots) < 0.5
    place[far] = rng.uniform(-6000, 6000, (int(far.sum()), 2))
    pf[:, [at.P_X, at.P_Y]] = place
    pf[:, at.P_RXX], pf[:, at.P_RYY], pf[:, at.P_RXY] = 900.0, 400.0, 200.0
    pf[:, at.P_T] = 1.0
    return tf, pf, rng.uniform(1e-8, 1e-6, plots)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_grid_loses_no_pair_and_weighs_it_right(seed: int) -> None:
    tf, pf, background = scene(seed)
    rows, plots = len(tf), len(pf)
    ti = np.zeros((rows, at.TRACK_I), np.int64)
    ti[:, at.HITS] = 9
    sf, _ = sensor_table((radar(kind="radar_2d"),), FRAME, SECTOR.radius_m)
    sf[0, at.S_SPREAD] = 1.0
    seen_at = np.zeros((rows, 2))
    work = new_work(rows + 1, plots, 2000)
    pi = np.zeros((plots, at.PLOT_I), np.int64)
    everything = tf.copy()
    pairs = gather(
        tf, ti, rows, seen_at, sf, 0, pf, pi, 0, plots, 1.0, TABLE, LIFT, work.cell_first,
        work.cell_plot, work.near_by, work.row_of, work.first, work.plot, work.like, work.look,
        work.mixed, work.coef, work.seen, work.counts, work.odds, background, LIMITS, 600.0,
    )  # fmt: skip
    found = {}
    for a in range(int(work.counts[0])):
        for p in range(int(work.first[a]), int(work.first[a + 1])):
            found[int(work.row_of[a]), int(work.plot[p])] = float(work.odds[p])
    assert len(found) == pairs

    wanted = {}
    out = np.zeros(4)
    for i in range(rows):
        existence = everything[i, at.EX] * np.exp(-1.0 / 600.0)
        predict(everything, i, 1.0, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
        combine(everything, i)
        away = np.hypot(everything[i, at.GX], everything[i, at.GX + 1])
        for j in range(plots):
            seen = np.array(
                [*pf[j, [at.P_X, at.P_Y, at.P_RXX, at.P_RXY, at.P_RYY]], *naive.NO_MORE]
            )
            distance = likelihood(everything, i, 0.0, seen, out)
            odds = existence * 0.9 * out[3] / background[j]
            # The coarse gate may cut the outermost rim of a mode that is wider than the mixture.
            if distance < INNER and odds > 0.02:
                look = (
                    0.9 * naive.over(*everything[i, [at.Z, at.Z + 2]])
                    if 50.0 <= away <= 20_000.0
                    else 0.0
                )
                wanted[i, j] = odds / (1.0 - existence * look)
    for pair, odds in wanted.items():
        assert pair in found
        np.testing.assert_allclose(found[pair], odds, rtol=1e-9)
