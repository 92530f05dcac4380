"""The grid finds every pair that trying all rows against all plots finds, and weighs it right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_frame, naive_rows
from tests.tracks.naive_rows import same
from tests.tracks.scenes import TABLE, Scene, scene
from windhover.tracks import layout as at
from windhover.tracks.frame import LIMITS, out_of_the_blue
from windhover.tracks.gate import SPLIT_HITS, above_horizon, expected, gather
from windhover.tracks.state import new_work, work_for
from windhover.tracks.step import LIFT

LIFE_S = 300.0
seeds = st.integers(0, 2**32 - 1)


def gathered(
    one: Scene, background: np.ndarray, room: int = 2000
) -> tuple[dict[tuple[int, int], tuple], np.ndarray, int]:
    """Pairs with their odds and densities, the looks, and how many pairs are of rows that may be split;
    of the kernel, which first has room for so many."""
    work, count = new_work(one.rows + 1, len(one.pf), room), -1
    while count < 0:
        count = gather(
            one.tf, one.ti, one.rows, one.seen_at, one.sf, one.s, one.pf, one.pi, 0, len(one.pf),
            float(one.pf[-1, 0]), TABLE, LIFT, work.cell_first, work.cell_plot, work.near_by, work.row_of,
            work.first, work.plot, work.like, work.look, work.mixed, work.coef, work.seen, work.counts,
            work.odds, background, LIMITS, LIFE_S,
        )  # fmt: skip
        work = work_for(work, 1, 1, len(work.plot) + 1) if count < 0 else work
    found = {}
    for a in range(int(work.counts[0])):
        for p in range(int(work.first[a]), int(work.first[a + 1])):
            pair = int(work.row_of[a]), int(work.plot[p])
            found[pair] = float(work.odds[p]), work.like[p].copy()
    assert len(found) == count
    return found, work.look[: one.rows], int(work.counts[3])


@settings(max_examples=40)
@given(seeds)
def test_pairs_do_not_depend_on_how_often_room_ran_out(seed: int) -> None:
    """A row at which room runs out may stand at the frame's end by then, and is gated again from there
    (dt = 0): its coarse gate is another one, what the densities then decide must not be. Rows before it
    are done. Pairs that may be split bound the rows of the frame, and are counted once as well.
    """
    ample, scant = scene(seed), scene(seed)
    background = np.random.default_rng(seed).uniform(1e-9, 1e-7, len(ample.pf))
    found, looks, split = gathered(ample, background)
    again, looks_again, split_again = gathered(scant, background, 1)
    assert list(found) == list(again)
    assert split == split_again == sum(ample.ti[i, at.HITS] <= SPLIT_HITS for i, _ in found)
    for pair, (odds, like) in found.items():
        assert again[pair][0] == odds and (again[pair][1] == like).all()
    np.testing.assert_array_equal(looks, looks_again)
    np.testing.assert_array_equal(ample.tf, scant.tf)


@settings(max_examples=60)
@given(seeds)
def test_the_grid_loses_no_pair_and_weighs_it_right(seed: int) -> None:
    one = scene(seed)
    rows, sensors, _, plots = one.twins()
    background = np.random.default_rng(seed).uniform(1e-9, 1e-7, len(plots))
    found, looks, _ = gathered(one, background)
    to_s = plots[-1].t
    carried = {i for i, row in enumerate(rows) if one.tf[i, 4] == to_s}
    wanted, want_looks, rim = naive_frame.gather(
        rows, sensors, one.s, plots, to_s, TABLE, LIFT, background, LIMITS, LIFE_S, carried
    )
    flat = {(i, j): pair for i, mine in wanted.items() for j, pair in mine.items()}
    # The coarse gate may cut the outermost rim of a mode that is wider than the mixture.
    assert set(found) <= set(flat) and set(flat) - rim <= set(found)
    alike = {
        i for i in range(len(rows)) if {j for k, j in found if k == i} == set(wanted.get(i, {}))
    }
    for (i, j), (odds, like) in found.items():
        np.testing.assert_allclose(like[:3], flat[i, j][1], rtol=1e-6, atol=1e-30)
        if i in alike:
            assert odds == pytest.approx(flat[i, j][0], rel=1e-6)
    for i in alike:
        assert looks[i] == pytest.approx(want_looks[i], rel=1e-6)
        same(naive_rows.read(one.tf, i, one.ti, one.seen_at), rows[i])


@settings(max_examples=150)
@given(seeds, st.floats(-1.0, 1.0), st.booleans())
def test_a_look_that_was_not_made_is_no_miss(seed: int, from_s: float, gated: bool) -> None:
    one = scene(seed)
    rows, sensors, _, _ = one.twins()
    for i, row in enumerate(rows):
        for s, sensor in enumerate(sensors):
            want = naive_frame.expected(row, sensors, s, 1.0, from_s, gated)
            got = expected(one.tf, i, one.seen_at, s, one.sf, 1.0, from_s, gated)
            assert got == pytest.approx(want)
            far = float(np.hypot(*(row.mu @ row.x)[:2]))
            want = naive_frame.above_horizon(row, sensor, far)
            assert above_horizon(one.tf, i, one.sf, s, far) == pytest.approx(want)


@settings(max_examples=60)
@given(seeds, st.floats(1e-12, 1e-6))
def test_what_is_no_row_is_clutter_or_something_new(seed: int, undetected: float) -> None:
    one = scene(seed)
    _, sensors, _, plots = one.twins()
    background, start = np.zeros(len(plots)), np.zeros(len(plots))
    out_of_the_blue(one.sf, one.s, one.pf, undetected, TABLE, background, start)
    want = naive_frame.out_of_the_blue(sensors[one.s], plots, undetected, TABLE)
    np.testing.assert_allclose((background, start), want, rtol=1e-9)
