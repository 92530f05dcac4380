"""The oracle's kernels against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.score import naive as slow
from tests.tracks import naive, naive_rows
from tests.tracks.naive_rows import same
from tests.tracks.scenes import ROOM, TABLE, scene
from tests.tracks.test_kernels import some_seen
from windhover.score.oracle import _frame, _innovation
from windhover.tracks.step import HEIGHT, LIFT

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40)
@given(seeds)
def test_an_innovation_is_a_squared_distance_per_dimension(seed: int) -> None:
    one = scene(seed)
    row, seen = (
        naive_rows.read(one.tf, 0),
        some_seen(np.random.default_rng(seed), False, False, 0.0),
    )
    want = slow.innovation(row, seen)
    assert _innovation(one.tf, 0, naive.as_array(seen)) == pytest.approx(want)


@settings(max_examples=60)
@given(seeds)
def test_every_plot_goes_to_its_own_row(seed: int) -> None:
    """Targets held, new and long gone; plots of theirs and of nothing."""
    rng, one = np.random.default_rng(seed), scene(seed)
    rows, sensors, _, plots = one.twins()
    live = np.zeros(ROOM, np.int64)
    live[: one.rows] = rng.random(one.rows) < 0.8
    held = {g: row for g, row in enumerate(rows) if live[g]}
    one.tf[one.rows - 1, 3] = rng.choice([0.5, 1e-9])
    if live[one.rows - 1]:
        held[one.rows - 1].existence = float(one.tf[one.rows - 1, 3])
    target = rng.integers(-1, one.rows + 2, len(plots))
    nis = np.full(len(plots), np.nan)
    _frame(
        one.tf, live, one.seen_at, one.sf, one.s, one.pf, target, 0, len(plots), TABLE, LIFT, HEIGHT,
        np.zeros((3, 14)), np.zeros(36), np.zeros(12), np.zeros(46), 300.0, nis,
    )  # fmt: skip
    told = slow.frame(held, sensors, one.s, plots, target.tolist(), TABLE, LIFT, HEIGHT, 300.0)
    np.testing.assert_allclose(nis, told, rtol=1e-6)
    assert set(np.flatnonzero(live).tolist()) == set(held)
    for g, row in held.items():
        got = naive_rows.read(one.tf, g, one.ti, one.seen_at)
        got.hope, got.share, got.claim_weight, got.coop_weight = 0.0, 0.0, 0.0, 0.0
        row.hope, row.share, row.claim_weight, row.coop_weight = 0.0, 0.0, 0.0, 0.0
        for key in (*naive_rows.INTS, "counted", "risen"):
            setattr(got, key, getattr(row, key))  # the oracle keeps no names and counts
        same(got, row)
