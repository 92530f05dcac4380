"""One frame of hypotheses, and their pruning, against lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive, naive_frame, naive_rows
from tests.tracks.naive_rows import Row, same
from tests.tracks.scenes import ROOM, scene
from tests.tracks.test_kernels import TABLE
from windhover.tracks import layout as at
from windhover.tracks.frame import LIMITS, apply, book, copy_row, give_up, prune
from windhover.tracks.gate import SPLIT_HITS
from windhover.tracks.imm import begin, combine, predict
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood, see

PLOTS, PLACES = 5, 6
seeds = st.integers(0, 2**32 - 1)


def pair_up(got: list[Row], want: list[Row]) -> list[Row]:
    """The twin's rows in the kernel's order: by seed, existence and hits."""

    def key(row: Row) -> tuple[int, float, float]:
        return row.seed, round(np.log10(row.existence + 1e-12), 7), row.time

    assert len(got) == len(want)
    mine = dict(
        zip(sorted(range(len(got)), key=lambda k: key(got[k])), sorted(want, key=key), strict=True)
    )
    return [mine[k] for k in range(len(got))]


class Placed:
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
            self.fresh, self.start, np.zeros(at.FIELD_F), TABLE, HEIGHT, owner,
            np.zeros(PLOTS, np.int64), np.zeros(PLOTS), seen, np.zeros(46),
            1e-9, np.zeros((3, 14)), np.zeros(36), LIFT, LIMITS,
        )  # fmt: skip
        return total, owner


@given(st.floats(0, 5), st.floats(0, 1))
def test_what_is_given_up_is_undetected_again(targets: float, share: float) -> None:
    field = np.zeros(at.FIELD_F)
    twin = naive_rows.read_field(field)
    give_up(field, targets, share)
    naive_frame.give_up(twin, targets, share)
    np.testing.assert_allclose(field, list(vars(twin).values()))
    assert np.isclose(field.sum(), targets + 0.0)


@settings(max_examples=60)
@given(seeds)
def test_a_row_s_copy_is_the_row(seed: int) -> None:
    one = scene(seed)
    row = naive_rows.read(one.tf, 0, one.ti, one.seen_at)
    copy_row(one.tf, one.ti, one.seen_at, 0, ROOM - 1)
    same(naive_rows.read(one.tf, ROOM - 1, one.ti, one.seen_at), naive_frame.copy_row(row))
    np.testing.assert_array_equal(one.tf[ROOM - 1], one.tf[0])


@settings(max_examples=60)
@given(seeds, st.floats(0.0, 1.0))
def test_what_a_plot_claims_is_weighed_against_earlier_claims(seed: int, weight: float) -> None:
    one = scene(seed, kind=2)
    rows, _, _, plots = one.twins()
    for _ in range(2):
        for j, plot in enumerate(plots):
            book(one.tf, one.ti, one.seen_at, 0, one.pf, one.pi, j, 2, 5, weight)
            naive_frame.book(rows[0], plot, 2, weight)
    same(naive_rows.read(one.tf, 0, one.ti, one.seen_at), rows[0])


@settings(max_examples=120)
@given(seeds)
def test_a_frame_makes_every_hypothesis_worth_having_and_no_other(seed: int) -> None:
    """Any rows, any plots near them or not, any weights: every row afterwards is the twin's, and there
    are no more than there was room made for (`step`)."""
    rng, one = np.random.default_rng(seed), scene(seed)
    rows, sensors, field, plots = one.twins()
    n, odds = len(plots), np.zeros((one.rows, len(plots)))
    look = rng.choice([0.0, 0.9], one.rows)
    pairs: naive_frame.Pairs = {}
    flat, like = [], []
    for i in range(one.rows):
        if rng.random() < 0.5 and rows[i].hits > 1:
            rows[i] = naive.predict(rows[i], 1.0, TABLE, LIFT)
            naive_rows.write(one.tf, i, rows[i])
            combine(one.tf, i)
        for j in np.flatnonzero(rng.random(n) < 0.5):
            odds[i, j] = 10 ** rng.uniform(-4, 2)
            each = 10 ** rng.uniform(-9, -5, 3)
            pairs.setdefault(i, {})[int(j)] = odds[i, j], each
            flat.append((i, int(j)))
            like.append([*each, rows[i].mu @ each])
    weight, missed, fresh = naive_frame.marginals(odds)
    start = 10 ** rng.uniform(-4, 0, n) * (plots[0].form != at.FORM_BEARING)
    row_of = np.array(list(pairs), np.int64)
    may_split = sum(len(mine) for i, mine in pairs.items() if rows[i].hits <= SPLIT_HITS)
    owner = np.zeros(n, np.int64)
    total = apply(
        one.tf, one.ti, one.seen_at, one.rows, one.sf, one.s, one.pf, one.pi, 0, n, 1.0, len(pairs),
        row_of, np.cumsum([0, *map(len, pairs.values())]), np.array([j for _, j in flat], np.int64),
        np.array(like).reshape(-1, 4), look, np.array([weight[p] for p in flat]), missed[row_of], fresh,
        start, one.field, TABLE, HEIGHT, owner, np.zeros(n, np.int64), np.zeros(n), np.zeros(12), np.zeros(46), 3e-9,
        np.zeros((3, 14)), np.zeros(36), LIFT, LIMITS,
    )  # fmt: skip
    assert total <= one.rows + may_split + n
    owners = naive_frame.apply(
        rows, sensors, one.s, plots, 1.0, pairs, look.tolist(), weight, missed, fresh, start, field,
        3e-9, TABLE, HEIGHT, LIFT, LIMITS,
    )  # fmt: skip
    np.testing.assert_allclose(one.field, list(vars(field).values()), rtol=1e-9)
    got = [naive_rows.read(one.tf, k, one.ti, one.seen_at) for k in range(total)]
    for k, mine in enumerate(pair_up(got, rows)):
        same(got[k], mine)
    for j in range(n):
        assert (owner[j] >= 0) == (owners[j] is not None)
        if owner[j] >= 0:
            same(got[owner[j]], owners[j])


def test_a_plot_belongs_to_the_row_that_likelier_made_it() -> None:
    """Also where the other row, which made it less likely, exists more surely; in any order."""
    for first, second in ((0, 1), (1, 0)):
        one = Placed(11)
        one.weight[:], one.look[:], one.start[:] = 0.0, 0.0, 0.0
        one.ti[:PLACES, at.HITS] = 5
        one.tf[first, at.EX], one.tf[second, at.EX] = 0.95, 0.8
        one.weight[first, :2], one.weight[second, 0] = [0.3, 0.5], 0.6
        one.missed[[first, second]] = 0.1
        one.pf[1, at.P_X] += 4000.0
        _, owner = one.run()
        assert owner[0] == second and owner[1] == first


def test_two_rows_drawn_together_on_one_plot_become_one() -> None:
    scene = Placed(7)
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
    for k in range(rows):
        row = naive_rows.read(tf, k)
        row.mu[:], row.p[:] = 1 / 3, np.eye(4) * 10 ** rng.uniform(1, 5)
        naive_rows.write(tf, k, row)
        combine(tf, k)
    tf[:, at.SHARE] = rng.random(rows)
    ti[:, at.SEED] = np.arange(rows) + 1
    ti[:, at.HIT] = rng.integers(0, 10**10, rows)
    ti[:, at.HITS] = rng.integers(1, 5, rows)
    ti[:, at.CLAIM] = rng.integers(0, 2, rows)
    ti[:, at.MARKS] = rng.integers(0, 2, rows)
    field = np.zeros(at.FIELD_F)
    field[at.F_SHOW] = 0.5
    widest = 2e4
    rows_ = [naive_rows.read(tf, k, ti, seen_at) for k in range(rows)]
    twin = naive_rows.read_field(field)
    want = {row.seed: row for row in naive_frame.prune(rows_, twin, widest, LIMITS)}
    moved = np.zeros(rows, np.int64)
    kept = prune(tf, ti, seen_at, rows, field, moved, np.zeros(rows, np.int64), widest, LIMITS)
    assert kept == len(want)
    for k in range(kept):
        same(naive_rows.read(tf, k, ti, seen_at), want[int(ti[k, at.SEED])])
    for k in range(rows):
        assert (moved[k] >= 0) == (k + 1 in want)
        if moved[k] >= 0:
            assert int(ti[moved[k], at.SEED]) == k + 1
    np.testing.assert_allclose(field, list(vars(twin).values()))
