"""The filter bank against one big Gaussian, and its speed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identities import naive
from windhover.identities import bank, models, motion
from windhover.schema.batches import Updates


def run_trusting(times_ns: np.ndarray, plots: np.ndarray, r: np.ndarray, wind: np.ndarray, cov: np.ndarray) -> motion.MotionState:  # fmt: skip
    """One track through the bank without the gate's floor."""
    state = motion.MotionState.fresh(1)
    state.wind_cov[:] = cov
    n = len(times_ns)
    bank.run(
        np.zeros(n, np.int64), times_ns, np.ascontiguousarray(plots),
        np.tile(r, (n, 1)), np.ones(n), np.tile(wind, (n, 1)), state.offset, state.wind_cov,
        state.last_ns, state.plots, state.x, state.s, state.p, state.info, state.marginal,
        state.weight, state.score, state.up_ns, state.up, state.up_cov, state.up_info,
        state.up_marginal, state.up_weight, state.up_score, *motion.TABLES, state.lost, np.zeros(1, bool), True,
    )  # fmt: skip
    return state


@given(seed=st.integers(0, 10_000), count=st.integers(2, 9), correlated=st.floats(-0.8, 0.8))
@settings(max_examples=12, deadline=None)
def test_marginal_likelihoods_are_exact(seed: int, count: int, correlated: float) -> None:
    """Every model's recursion, θ integrated out, equals one joint Gaussian over all plots."""
    rng = np.random.default_rng(seed)
    times_s = np.cumsum(rng.uniform(0.2, 4.0, count))
    times_ns = np.round(times_s * 1e9).astype(np.int64)
    times_s = times_ns * 1e-9
    velocity, wind = rng.normal(size=2) * 8.0, rng.normal(size=2) * 5.0
    plots = times_s[:, None] * velocity + rng.normal(size=(count, 2)) * 12.0
    ee, nn = rng.uniform(20.0, 300.0, 2)
    en = correlated * np.sqrt(ee * nn)
    cov = np.array([2.0, 0.3, 1.5])
    state = run_trusting(
        times_ns, np.column_stack([plots, np.full(count, np.nan)]), np.array([ee, en, nn, 0.0]), wind, cov,
    )  # fmt: skip
    speed = float(np.sqrt(wind @ wind + cov[0] + cov[2]))
    sigma = float(np.sqrt(0.5 * (cov[0] + cov[2])))
    wind_cov = np.array([[cov[0], cov[1]], [cov[1], cov[2]]])
    for row, model in enumerate(models.MODELS):
        parts = naive.fill_parts(model.prior, wind, wind_cov) if model.prior else []
        want = naive.log_likelihood(
            model, times_s, plots, np.array([[ee, en], [en, nn]]), wind, speed, parts, sigma
        )
        assert state.marginal[0, row] == pytest.approx(want, rel=1e-6, abs=1e-5), model.name


def test_shares_are_shares() -> None:
    assert models.HORIZONTAL_SHARE.shape == (models.K + models.HIDDEN, models.M)
    np.testing.assert_allclose(models.HORIZONTAL_SHARE.sum(axis=1), 1.0)
    np.testing.assert_allclose(models.VERTICAL_SHARE.sum(axis=1), 1.0)
    for kind in range(1, len(models.PARTS_FROM) - 1):
        rows = models.PARTS[models.PARTS_FROM[kind] : models.PARTS_FROM[kind + 1]]
        weight = rows[:2, 0].sum() if kind == models.WIND else rows[:, 0].sum()
        assert weight == pytest.approx(1.0)


def feed_once(state: motion.MotionState, at_s: float, place: np.ndarray, weight: float = 0.95) -> None:  # fmt: skip
    n = len(place)
    updates = Updates(
        np.arange(n), np.arange(n), np.full(n, weight), np.full(n, round(at_s * 1e9)),
        np.ascontiguousarray(place), np.tile(np.diag([100.0, 100.0, 225.0]), (n, 1, 1)),
    )  # fmt: skip
    motion.feed(
        state, updates, np.tile([4.0, 2.0], (n, 1)), np.tile([2.25, 0.0, 2.25], (n, 1)), np.zeros((n, 2)),
    )  # fmt: skip


def test_one_stray_plot_does_not_overturn_a_drifter() -> None:
    rng = np.random.default_rng(4)
    state = motion.MotionState.fresh(1)
    for k in range(60):
        place = np.array([[4.0 * k, 2.0 * k, 300.0]]) + rng.normal(size=(1, 3)) * [10, 10, 15]
        if k == 30:
            place += [150.0, -120.0, 0.0]
        feed_once(state, k + 1.0, place)
        if k > 31:
            assert state.score[0, 2] > state.score[0, 1]


def test_a_corrected_wind_corrects_the_past() -> None:
    """A field that was 6 m/s off is replaced: the drifter is one again, the past is not held against it."""
    rng = np.random.default_rng(5)
    state = motion.MotionState.fresh(1)
    truth, wrong = np.array([4.0, 2.0]), np.array([-2.0, 2.0])
    cov, covariance = np.array([[1.0, 0.0, 1.0]]), np.diag([100.0, 100.0, 225.0])[None]
    for k in range(80):
        place = np.append(truth * k, 300.0)[None] + rng.normal(size=(1, 3)) * [10, 10, 15]
        one = np.zeros(1, np.int64)
        updates = Updates(
            one, one, np.full(1, 0.95), np.full(1, (k + 1) * 10**9), place, covariance
        )
        jump = (truth - wrong)[None] if k == 50 else np.zeros((1, 2))
        motion.feed(state, updates, (wrong if k < 50 else truth)[None], cov, jump)
        if k == 49:
            before = state.score[0, 2] - state.score[0, 1]
    after = state.score[0, 2] - state.score[0, 1]
    assert before < -1.0
    assert after > before + 3.0, (before, after)


def test_late_and_simultaneous_plots_do_not_break_the_filters() -> None:
    state = motion.MotionState.fresh(1)
    for at_s in (1.0, 1.0, 3.0, 2.5, 2.5, 4.0):
        feed_once(state, at_s, np.array([[10.0, 0.0, 100.0]]))
    assert np.isfinite(state.score).all() and np.isfinite(state.p).all()
