"""A whole frame, what people see of it, and the order of plots: the kernels against the slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tracks import naive_cross, naive_frame, naive_rows, naive_step
from tests.tracks.naive_rows import same, same_sensor
from tests.tracks.scenes import TABLE, Scene, scene
from tests.tracks.test_frame import pair_up
from windhover.tracks import _edges, _follow, _sorted
from windhover.tracks import layout as at
from windhover.tracks.belief import marginals
from windhover.tracks.cross import MOST
from windhover.tracks.frame import LIMITS, out_of_the_blue
from windhover.tracks.gate import gather
from windhover.tracks.learn import field_area, life
from windhover.tracks.show import fill, shown_rows, tell
from windhover.tracks.state import Work, new_work, nothing_heard
from windhover.tracks.step import HEIGHT, LIFT, WIDEST_M2, _before, _step, limits_for

seeds = st.integers(0, 2**32 - 1)


def run_marginals(odds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, plots = odds.shape
    pairs = [(i, j) for i in range(rows) for j in range(plots) if odds[i, j] > 0]
    first = np.searchsorted([i for i, _ in pairs], np.arange(rows + 1)).astype(np.int64)
    n = len(pairs)
    flat = np.array([odds[p] for p in pairs])
    plot = np.array([j for _, j in pairs], np.int64)
    weight, missed, fresh = np.zeros(n), np.zeros(rows), np.zeros(plots)
    marginals(rows, plots, first, plot, flat, np.zeros(n), np.zeros(plots), weight, missed, fresh)
    full = np.zeros_like(odds)
    for p, (i, j) in enumerate(pairs):
        full[i, j] = weight[p]
    return full, missed, fresh


@settings(max_examples=100)
@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_belief_propagation_is_that_of_whole_matrices(seed: int, rows: int, plots: int) -> None:
    rng = np.random.default_rng(seed)
    odds = 10 ** rng.uniform(-4, 4, (rows, plots)) * (rng.random((rows, plots)) < 0.6)
    for got, want in zip(run_marginals(odds), naive_frame.marginals(odds), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@settings(max_examples=50)
@given(seeds)
def test_belief_propagation_is_exact_on_trees(seed: int) -> None:
    """A chain row–plot–row–plot has no loop: marginals must be those of full enumeration."""
    rng = np.random.default_rng(seed)
    odds = np.zeros((4, 4))
    for k in range(4):
        odds[k, k] = 10 ** rng.uniform(-2, 2)
        if k < 3:
            odds[k, k + 1] = 10 ** rng.uniform(-2, 2)
    got, missed, fresh = run_marginals(odds)
    want, want_missed = naive_frame.enumerated(odds)
    np.testing.assert_allclose(got, want, atol=3e-3)
    np.testing.assert_allclose(missed, want_missed, atol=3e-3)
    np.testing.assert_allclose(fresh, 1.0 - want.sum(0), atol=5e-3)


@settings(max_examples=30)
@given(seeds)
def test_belief_propagation_is_near_the_truth_on_loops(seed: int) -> None:
    odds = 10 ** np.random.default_rng(seed).uniform(-2, 1, (3, 3))
    got, _, _ = run_marginals(odds)
    want, _ = naive_frame.enumerated(odds)
    assert np.abs(got - want).max() < 0.15
    assert (got.sum(0) <= 1.0 + 1e-2).all() and (got.sum(1) <= 1.0 + 1e-9).all()


def run_step(one: Scene, work: Work, heard: np.ndarray) -> int:
    """`_step` with the usual numbers; `work` holds what `_before` found."""
    return _step(
        one.tf, one.ti, one.seen_at, one.rows, one.sf, one.s, one.field, one.pf, one.pi, TABLE, LIFT,
        HEIGHT, WIDEST_M2, work.numbers, work.cell_first, work.cell_plot, work.near_by, work.row_of,
        work.first, work.plot, work.like, work.look, work.odds, work.message, work.weight, work.missed,
        work.share, work.fresh, work.background, work.start, work.owner, work.moved, work.mixed,
        work.coef, work.seen, work.acc, work.counts, LIMITS, heard,
    )  # fmt: skip


@settings(max_examples=40)
@given(seeds)
def test_a_frame_from_end_to_end(seed: int) -> None:
    """Every row, plot, sensor and density after it; pairs on a gate's rim are `test_gate`'s."""
    one = scene(seed)
    rows, sensors, field, plots = one.twins()
    heard = nothing_heard()
    memory = [naive_cross.Heard(t, int(s), *rest) for t, s, *rest in heard.tolist()]
    n, work, s = len(plots), new_work(400, len(plots), 2000), one.s
    _before(one.sf, s, one.field, one.pf, work.numbers)
    covered, undetected = naive_step.before(sensors, s, field, plots)
    np.testing.assert_allclose(work.numbers[1:], [covered, undetected], rtol=1e-9)

    trial, to_s = one.twins()[0], plots[-1].t
    background, _ = naive_frame.out_of_the_blue(sensors[s], plots, undetected, TABLE)
    *_, rim = naive_frame.gather(
        trial, sensors, s, plots, to_s, TABLE, LIFT, background, LIMITS, naive_step.life(field)
    )
    assume(not rim)
    kept = run_step(one, work, heard)
    wanted, owner, fresh = naive_step.step(
        rows, sensors, s, field, plots, memory, covered, undetected, TABLE, LIFT, HEIGHT, WIDEST_M2,
        LIMITS,
    )  # fmt: skip
    got = [naive_rows.read(one.tf, k, one.ti, one.seen_at) for k in range(kept)]
    assert sorted(r.seed for r in got) == sorted(r.seed for r in wanted)
    # A row that a plot came near without belonging to it is carried on to the frame's end at once.
    assume({(r.seed, r.time) for r in got} == {(r.seed, r.time) for r in wanted})
    mine = pair_up(got, wanted)
    for k, row in enumerate(mine):
        same(got[k], row)
        mean, cov = naive_rows.combine(got[k])
        np.testing.assert_allclose(one.tf[k, at.GX : at.GX + 4], mean, atol=1e-6)
        np.testing.assert_allclose(
            one.tf[k, [at.GP, at.GP + 1, at.GXY]], cov[[0, 1, 0], [0, 1, 1]], atol=1e-6
        )
    np.testing.assert_allclose(work.fresh[:n], fresh, rtol=1e-6, atol=1e-9)
    for j in range(n):
        stays = [k for k, row in enumerate(mine) if row is owner[j]]
        assert work.owner[j] == (stays[0] if stays else -1)
    for k, sensor in enumerate(sensors):
        same_sensor(naive_rows.read_sensor(one.sf, k), sensor)
    np.testing.assert_allclose(one.field, list(vars(field).values()), rtol=1e-6)
    np.testing.assert_allclose(heard, memory, rtol=1e-6)


def some_bearings(rng: np.random.Generator) -> np.ndarray:
    """Bearings of both ears within the last second, anywhere, that nothing explained."""
    heard = nothing_heard()
    heard[:3, 0], heard[:3, 1] = rng.uniform(0.0, 1.0, 3), rng.choice([3, 4], 3)
    heard[:3, 2], heard[:3, 3:] = rng.uniform(-3, 3, 3), [1e-4, 0.9, 0.05]
    return heard


@settings(max_examples=150)
@given(seeds, st.integers(0, 4))
def test_what_rows_lose_in_a_frame_the_undetected_gain_and_the_other_way_round(
    seed: int, kind: int
) -> None:
    """Rows and field together hold what Bayes' rule leaves: nothing comes out of nothing by hypotheses
    started and given up. Only a radar, which sees all there is where it looks, thins the field by its
    detection probability, that is, by what it finds as a rule and not by what it found."""
    one, heard = scene(seed, kind), some_bearings(np.random.default_rng(seed))
    work, n = new_work(400, len(one.pf), 2000), len(one.pf)
    one.field[[at.F_UNDETECTED, at.F_BORN]] *= 10.0  # more than a frame could find
    _before(one.sf, one.s, one.field, one.pf, work.numbers)
    area = field_area(one.sf)
    undetected = one.field[[at.F_UNDETECTED, at.F_BORN]].sum() * area

    trial, other = one.copy(), new_work(400, n, 2000)
    out_of_the_blue(
        trial.sf, one.s, trial.pf, work.numbers[2], TABLE, other.background, other.start
    )
    gather(
        trial.tf, trial.ti, trial.rows, trial.seen_at, trial.sf, trial.s, trial.pf, trial.pi, 0, n,
        float(trial.pf[-1, at.P_T]), TABLE, LIFT, other.cell_first, other.cell_plot, other.near_by,
        other.row_of, other.first, other.plot, other.like, other.look, other.mixed, other.coef, other.seen,
        other.counts, other.odds, other.background, LIMITS, life(trial.field),
    )  # fmt: skip
    active, pairs = int(other.counts[0]), int(other.first[other.counts[0]])
    marginals(
        active, n, other.first, other.plot, other.odds, other.message, other.share, other.weight,
        other.missed, other.fresh,
    )  # fmt: skip
    r, look, missed = trial.tf[: one.rows, at.EX], other.look[: one.rows], np.ones(one.rows)
    missed[other.row_of[:active]] = other.missed[:active]
    quiet = missed * r * (1.0 - look) / (1.0 - r * look)
    wanted = quiet.sum() + other.weight[:pairs].sum() + undetected
    if kind in (0, 1):
        found = other.fresh[:n] @ other.start[:n]
        wanted += found - one.sf[one.s, at.S_PD] * work.numbers[1] * undetected

    kept = run_step(one, work, heard)
    assert work.numbers[0] <= one.rows + other.counts[3] + n + (MOST * n if kind > 2 else 0)
    got = one.tf[:kept, at.EX].sum() + one.field[[at.F_UNDETECTED, at.F_BORN]].sum() * area
    assert got <= wanted * (1.0 + 1e-9)
    # Two rows that are one object after all are not two objects: what is more than one is gone.
    if not (one.tf[:kept, at.EX] == 0.9999).any():
        assert got == pytest.approx(wanted, rel=1e-9)


@settings(max_examples=60)
@given(seeds, st.floats(-1.0, 20.0), st.floats(0.1, 0.9))
def test_what_people_see_is_a_row_carried_to_now(seed: int, now_s: float, hide: float) -> None:
    one = scene(seed)
    rows, sensors, _, _ = one.twins()
    which = np.zeros(one.rows, np.int64)
    widest = 2 * 300.0**2
    n = shown_rows(one.tf, one.ti, one.rows, hide, widest, now_s, which)
    assert which[:n].tolist() == naive_step.shown_rows(rows, hide, widest, now_s)
    everyone, r = np.arange(one.rows), one.rows
    ids, state, cov = np.zeros(r, np.int64), np.zeros((r, 6)), np.ones((r, 6, 6))
    existence, modes, status = np.zeros(r), np.zeros((r, 3)), np.zeros(r, np.int8)
    born, hit, claimed, mask = (np.zeros(r, np.int64) for _ in range(4))
    share = np.zeros(r)
    fill(
        one.tf, one.ti, one.seen_at, one.sf, everyone, r, now_s, 5, TABLE, np.zeros((1, at.TRACK_F)),
        np.zeros((3, 14)), np.zeros(36), LIFT, ids, state, cov, existence, modes, status, born, hit,
        claimed, share, mask,
    )  # fmt: skip
    for u, row in enumerate(rows):
        want = naive_step.fill(row, sensors, now_s, TABLE, LIFT)
        np.testing.assert_allclose(state[u], want.state, rtol=1e-7, atol=1e-6)
        np.testing.assert_allclose(cov[u], want.covariance, rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(modes[u], want.modes, rtol=1e-6)
        assert (status[u], mask[u]) == (want.status, want.sensors)
        assert share[u] == pytest.approx(want.claim_weight)
        assert (ids[u], existence[u]) == (row.name, row.existence)
        assert (born[u], hit[u], claimed[u]) == (row.born_ns, row.hit_ns, row.claim)


@settings(max_examples=60)
@given(seeds)
def test_plots_are_told_of_shown_rows_alone(seed: int) -> None:
    rng, one = np.random.default_rng(seed), scene(seed)
    *_, plots = one.twins()
    n, rows = len(plots), 4
    one.pi[:, at.Q_ROW] = rng.integers(-1, 3, n)
    plots = [p._replace(row=int(k)) for p, k in zip(plots, one.pi[:, at.Q_ROW], strict=True)]
    owner, weight = rng.integers(-1, rows, n), rng.choice([0.01, 0.05, 0.7], n)
    which = rng.permutation(rows)[: int(rng.integers(0, rows + 1))]
    out = (np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n), np.zeros(n, np.int64), np.zeros((n, 3)), np.ones((n, 3, 3)))  # fmt: skip
    count = tell(owner, weight, one.pf, one.pi, np.zeros(rows, np.int64), which, *out)
    want = naive_step.tell(owner.tolist(), weight.tolist(), plots, which.tolist())
    assert count == len(want)
    for k, wanted in enumerate(want):
        for column, value in zip(out, wanted, strict=True):
            np.testing.assert_array_equal(column[k], value)


@settings(max_examples=100)
@given(st.lists(st.tuples(*(st.integers(0, 3),) * 3), min_size=1, max_size=12), st.booleans())
def test_frames_are_told_apart_and_their_order_known(
    keys: list[tuple[int, int, int]], in_order: bool
) -> None:
    keys = sorted(keys) if in_order else keys
    pf = np.zeros((len(keys), at.PLOT_F))
    pf[:, [at.P_END, at.P_SENSOR, at.P_T]] = keys
    plots = [naive_rows.read_plot(pf, j) for j in range(len(keys))]
    assert _sorted(pf) == naive_step.sorted(plots)
    assert _edges(pf).tolist() == naive_step.edges(plots)


@settings(max_examples=60)
@given(seeds, st.integers(0, 6), st.integers(1, 6))
def test_owners_move_with_their_rows(seed: int, earlier: int, frame: int) -> None:
    rng = np.random.default_rng(seed)
    owner, weight = rng.integers(-1, 5, earlier + frame), rng.random(earlier + frame)
    moved, owned, fresh = rng.integers(-1, 5, 5), rng.integers(-1, 5, frame), rng.random(frame)
    want = naive_step.follow(
        owner[:earlier].tolist(), weight[:earlier].tolist(), moved.tolist(), owned.tolist(), fresh.tolist()
    )  # fmt: skip
    _follow(owner, weight, earlier, earlier + frame, moved, owned, fresh)
    assert (owner.tolist(), weight.tolist()) == want


def test_more_is_asked_of_a_row_where_rows_outnumber_plots_by_far() -> None:
    usual = limits_for(at.CLASS_RADAR, 1800, 190.0)
    np.testing.assert_array_equal(usual, LIMITS)
    crowded = limits_for(at.CLASS_RADAR, 4 * (8 * 18_000 + 1000), 18_000.0)
    np.testing.assert_allclose(crowded / LIMITS, [1.0, 1.0, 16.0, 1.0, 16.0, 1.0])
    assert limits_for(at.CLASS_BEARING, 10**6, 10.0)[4] == 2.0 * LIMITS[4]
