"""One frame of hypotheses, and their pruning, against lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.test_kernels import TABLE
from windhover.tracks import layout as at
from windhover.tracks.frame import LIMITS, apply, prune
from windhover.tracks.imm import begin, combine, predict
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood, see

PLOTS, PLACES = 5, 6
seeds = st.integers(0, 2**32 - 1)


class Scene:
    """Rows 5 km apart, plots near them, random weights; arrays as the frame's kernels want them."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        room = 80
        self.rows = PLACES
        self.tf, self.ti = np.zeros((room, at.TRACK_F)), np.zeros((room, at.TRACK_I), np.int64)
        self.seen_at = np.zeros((room, 2))
        self.sf = np.zeros((1, at.SENSOR_F))
        self.place = np.c_[np.arange(PLACES) * 5000.0, np.zeros(PLACES)]
        for i in range(PLACES):
            seen = np.array([*self.place[i], 400.0, 50.0, 300.0, *naive.NO_MORE])
            begin(self.tf, i, 0.0, seen, TABLE, HEIGHT, float(rng.uniform(0.01, 0.99)))
            self.ti[i, [at.HITS, at.SEED, at.ID]] = rng.choice([1, 2, 5]), 100 + i, 1 + i
            self.tf[i, at.HOPE] = 10 ** rng.uniform(-5, 0)
            if self.ti[i, at.HITS] > 1:
                predict(self.tf, i, 1.0, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
                combine(self.tf, i)
        self.pf = np.zeros((PLOTS, at.PLOT_F))
        self.pf[:, at.P_DOPPLER] = np.nan
        near = rng.integers(0, PLACES, PLOTS)
        # Far enough from one another that what they found does not draw together again.
        self.pf[:, [at.P_X, at.P_Y]] = self.place[near] + rng.normal(0, 9, (PLOTS, 2))
        self.pf[:, at.P_Y] += 120.0 * np.arange(PLOTS)
        self.pf[:, [at.P_RXX, at.P_RYY]] = 400.0
        self.pf[:, at.P_T] = 1.0
        self.pi = np.zeros((PLOTS, at.PLOT_I), np.int64)
        self.pi[:, at.Q_SERIAL], self.pi[:, at.Q_TIME] = np.arange(PLOTS) + 500, 10**9
        self.weight = np.zeros((PLACES, PLOTS))
        self.missed = np.ones(PLACES)
        self.look = rng.choice([0.0, 0.9], PLACES)
        for i in range(PLACES):
            for j in np.flatnonzero(near == i):
                self.weight[i, j] = 10 ** rng.uniform(-6, 0)
            total = self.weight[i].sum()
            if total > 0.0:
                self.weight[i] *= rng.uniform(0.1, 0.9) * self.tf[i, at.EX] / max(total, 1e-9)
                self.missed[i] = 1.0 - self.weight[i].sum() / self.tf[i, at.EX]
        self.fresh = np.clip(1.0 - self.weight.sum(0), 0.0, 1.0)
        self.start = 10 ** rng.uniform(-4, 0, PLOTS)

    def run(self) -> tuple[int, np.ndarray]:
        """Rows afterwards, and the owners of the plots."""
        pairs = [(i, j) for i in range(PLACES) for j in range(PLOTS) if self.weight[i, j] > 0]
        row_of = np.array(sorted({i for i, _ in pairs}), np.int64)
        first = np.array([sum(i < r for i, _ in pairs) for r in row_of] + [len(pairs)], np.int64)
        plot = np.array([j for _, j in pairs], np.int64)
        flat = np.array([self.weight[p] for p in pairs])
        like, seen = np.zeros((len(pairs), 4)), np.zeros(12)
        for p, (i, j) in enumerate(pairs):
            see(self.tf, i, self.pf, j, self.sf, 0, seen)
            likelihood(self.tf, i, 1.0 - self.tf[i, at.TIME], seen, like[p])
        owner = np.zeros(PLOTS, np.int64)
        total = apply(
            self.tf, self.ti, self.seen_at, self.rows, self.sf, 0, self.pf, self.pi, 0, PLOTS, 1.0,
            len(row_of), row_of, first, plot, like, self.look, flat, self.missed[row_of].copy(),
            self.fresh, self.start, np.zeros(at.FIELD_F), TABLE, HEIGHT, owner, seen, np.zeros(46),
            1e-9, np.zeros((3, 14)), np.zeros(36), LIFT, LIMITS,
        )  # fmt: skip
        return total, owner


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_frame_makes_every_hypothesis_worth_having_and_no_other(seed: int) -> None:
    scene = Scene(seed)
    wanted = naive.frame(
        scene.tf[:PLACES, at.EX].copy(), scene.ti[:PLACES, at.HITS].copy(),
        scene.tf[:PLACES, at.HOPE].copy(), scene.look, scene.weight, scene.missed, scene.fresh,
        scene.start, LIMITS,
    )  # fmt: skip
    hits = scene.ti[:PLACES, at.HITS].copy()
    total, owner = scene.run()
    got = []
    for k in range(total):
        seed_of = int(scene.ti[k, at.SEED])
        got.append((seed_of, float(scene.tf[k, at.EX]), int(scene.ti[k, at.HITS])))
    want = []
    for one in wanted:
        if one.row < 0:
            want.append((500 + one.plots[0], one.existence, 1))
            continue
        fed = bool(one.plots)
        if hits[one.row] > 2:
            fed = fed and float(scene.weight[one.row].max()) > 0.3
        want.append((100 + one.row, one.existence, int(hits[one.row]) + fed))
    assert len(got) == len(want)
    for a, b in zip(sorted(got), sorted(want), strict=True):
        assert a[0] == b[0] and a[2] == b[2]
        np.testing.assert_allclose(a[1], b[1], rtol=1e-9, atol=1e-15)
    # A plot belongs to the likeliest hypothesis that it feeds, and a name to one hypothesis alone.
    for j in range(PLOTS):
        users = [h.existence for h in wanted if j in h.plots]
        assert (owner[j] >= 0) == bool(users)
    names = scene.ti[:total, at.ID]
    assert len(np.unique(names[names > 0])) == int((names > 0).sum())


def test_two_rows_drawn_together_on_one_plot_become_one() -> None:
    scene = Scene(7)
    scene.weight[:] = 0.0
    scene.ti[:PLACES, at.HITS] = 5
    for i in (0, 1):
        seen = np.array([10.0, 0.0, 400.0, 0.0, 400.0, *naive.NO_MORE])
        begin(scene.tf, i, 1.0, seen, TABLE, HEIGHT, 0.45)
        scene.ti[i, at.HITS] = 5
        scene.weight[i, 0] = 0.2
        scene.missed[i] = 0.5
    scene.pf[0, [at.P_X, at.P_Y]] = 0.0
    before = scene.tf[:2, at.EX].sum()
    scene.look[:] = 0.0
    total, _ = scene.run()
    alive = scene.tf[:2, at.EX] > 0.0
    assert alive.sum() == 1
    assert scene.tf[:2, at.EX].sum() <= before + 1e-9
    assert total >= PLACES


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 40))
def test_pruning_keeps_what_is_worth_it_and_tells_where_it_went(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    tf, ti = np.zeros((rows, at.TRACK_F)), np.zeros((rows, at.TRACK_I), np.int64)
    seen_at = np.arange(rows * 4, dtype=float).reshape(rows, 4)
    tf[:, at.EX] = 10 ** rng.uniform(-7, 0, rows)
    tf[:, at.HOPE] = 10 ** rng.uniform(-6, 0, rows)
    tf[:, at.GP] = 10 ** rng.uniform(1, 5, rows)
    tf[:, at.SHARE] = rng.random(rows)
    ti[:, at.SEED] = np.arange(rows) + 1
    ti[:, at.HITS] = rng.integers(1, 5, rows)
    ti[:, at.CLAIM] = rng.integers(0, 2, rows)
    ti[:, at.MARKS] = rng.integers(0, 2, rows)
    field = np.zeros(at.FIELD_F)
    field[at.F_SHOW] = 0.5
    widest = 2e4
    wanted = {
        int(ti[k, at.SEED]): (tf[k, at.EX], tuple(seen_at[k]))
        for k in range(rows)
        if tf[k, at.EX] >= min(LIMITS[3] * tf[k, at.HOPE], LIMITS[4]) and tf[k, at.GP] <= widest
    }
    births = sum(
        tf[s - 1, at.SHARE] for s, (r, _) in wanted.items() if r > 0.9 and not ti[s - 1, at.MARKS]
    )
    shown = {
        s
        for s, (r, _) in wanted.items()
        if r >= 0.5 and (ti[s - 1, at.HITS] >= 2 or ti[s - 1, at.CLAIM])
    }
    moved = np.zeros(rows, np.int64)
    kept = prune(tf, ti, seen_at, rows, field, moved, np.zeros(rows, np.int64), widest, LIMITS)
    assert kept == len(wanted)
    for k in range(kept):
        existence, looks = wanted[int(ti[k, at.SEED])]
        assert tf[k, at.EX] == existence and tuple(seen_at[k]) == looks
        risen = bool(ti[k, at.MARKS] & at.MARK_RISEN)
        assert risen == (int(ti[k, at.SEED]) in shown)
    for k in range(rows):
        if k + 1 in wanted:
            assert int(ti[moved[k], at.SEED]) == k + 1
        else:
            assert moved[k] == -1
    np.testing.assert_allclose(field[at.F_PRESENT], sum(r for r, _ in wanted.values()))
    np.testing.assert_allclose(field[at.F_BIRTHS], births)
