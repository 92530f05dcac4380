"""Each kernel against its slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.belief import marginals
from windhover.tracks.imm import begin, combine, predict
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood, update, young_likelihood

TABLE = models.table()
NO_MORE = naive.NO_MORE
seeds = st.integers(0, 2**32 - 1)


def a_row(rng: np.random.Generator) -> np.ndarray:
    """A track that could be: three modes near one another, proper covariances."""
    tf = np.zeros((2, at.TRACK_F))
    x = np.array([3000.0, -2000.0, 20.0, -5.0]) + rng.normal(0, 5, (3, 4))
    p = np.zeros((3, 4, 4))
    for m in range(3):
        a = rng.normal(0, 1, (4, 4)) * np.array([30.0, 30.0, 5.0, 5.0])[:, None]
        p[m] = a @ a.T + np.diag([100.0, 100.0, 1.0, 1.0])
    naive.write(tf, 0, naive.Row(rng.dirichlet([2, 2, 2]), x, p))
    tf[0, at.Z : at.Z + 5] = [800.0, 1.0, 400.0, 10.0, 4.0]
    combine(tf, 0)
    return tf


def same(a: naive.Row, b: naive.Row) -> None:
    np.testing.assert_allclose(a.mu, b.mu, rtol=1e-6, atol=2e-6)
    np.testing.assert_allclose(a.x, b.x, rtol=1e-7, atol=1e-5)
    np.testing.assert_allclose(a.p, b.p, rtol=1e-6, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.001, 30.0))
def test_predict_is_the_textbook_imm(seed: int, dt: float) -> None:
    tf = a_row(np.random.default_rng(seed))
    before = naive.read(tf, 0)
    predict(tf, 0, dt, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
    same(naive.read(tf, 0), naive.predict(before, dt, TABLE))
    assert tf[0, at.TIME] == dt


def a_plot(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    a = rng.normal(0, 20, (2, 2))
    r = a @ a.T + np.diag([50.0, 50.0])
    return np.array([3000.0, -2000.0]) + rng.normal(0, 40, 2), r, float(rng.uniform(-0.3, 0.3))


def as_plots(plots: list[tuple[np.ndarray, np.ndarray, float]]) -> np.ndarray:
    pf = np.zeros((len(plots), at.PLOT_F))
    pf[:, at.P_DOPPLER] = np.nan
    for j, (z, r, dt) in enumerate(plots):
        pf[j, [at.P_X, at.P_Y]] = z
        pf[j, [at.P_RXX, at.P_RXY, at.P_RYY]] = r[0, 0], r[0, 1], r[1, 1]
        pf[j, at.P_T] = dt
    return pf


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_likelihood_is_the_normal_density(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tf = a_row(rng)
    z, r, dt = a_plot(rng)
    out = np.zeros(4)
    seen = np.array([*z, r[0, 0], r[0, 1], r[1, 1], *NO_MORE])
    likelihood(tf, 0, dt, seen, out)
    want = naive.likelihoods(naive.read(tf, 0), z, r, dt)
    np.testing.assert_allclose(out[:3], want, rtol=1e-9, atol=1e-18)
    assert out[3] == pytest.approx(naive.read(tf, 0).mu @ want, rel=1e-9, abs=1e-18)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 4), st.floats(0.0, 0.9))
def test_update_keeps_the_moments_of_all_hypotheses(seed: int, count: int, missed: float) -> None:
    rng = np.random.default_rng(seed)
    tf = a_row(rng)
    before = naive.read(tf, 0)
    plots = [a_plot(rng) for _ in range(count)]
    weight = rng.uniform(0.05, 1.0, count)
    pf = as_plots(plots)
    like = np.zeros((count, 4))
    for j, (z, r, dt) in enumerate(plots):
        like[j, :3] = naive.likelihoods(before, z, r, dt)
        like[j, 3] = before.mu @ like[j, :3]
    sf = np.zeros((1, at.SENSOR_F))
    update(
        tf, 0, missed, weight, like, np.arange(count), pf, 0, count, 0, sf, 0, np.zeros(12), np.zeros(46)
    )  # fmt: skip
    want = naive.update(before, missed, [(*p, w) for p, w in zip(plots, weight, strict=True)])
    same(naive.read(tf, 0), want)


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(0.05, 4.0))
def test_a_young_row_sees_as_if_it_had_been_predicted(seed: int, dt: float) -> None:
    """Its shortcut leaves mode mixing out, which for modes of one mean changes densities little."""
    rng = np.random.default_rng(seed)
    tf = np.zeros((1, at.TRACK_F))
    first = np.array([0.0, 0.0, 400.0, 30.0, 900.0, *NO_MORE])
    begin(tf, 0, 0.0, first, TABLE, HEIGHT, 0.5)
    seen = np.array([*rng.normal(0, 9.0 * dt + 30, 2), 500.0, 0.0, 500.0, *NO_MORE])
    quick, full = np.zeros(4), np.zeros(4)
    young_likelihood(tf, 0, dt, seen, TABLE, np.zeros(36), quick)
    predict(tf, 0, dt, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
    likelihood(tf, 0, 0.0, seen, full)
    assert quick[3] == pytest.approx(full[3], rel=0.35, abs=1e-9)


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


@settings(max_examples=50, deadline=None)
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
    want, want_missed = naive.association(odds)
    np.testing.assert_allclose(got, want, atol=3e-3)
    np.testing.assert_allclose(missed, want_missed, atol=3e-3)
    np.testing.assert_allclose(fresh, 1.0 - want.sum(0), atol=5e-3)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_belief_propagation_is_near_the_truth_on_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    odds = 10 ** rng.uniform(-2, 1, (3, 3))
    got, _, _ = run_marginals(odds)
    want, _ = naive.association(odds)
    assert np.abs(got - want).max() < 0.15
    assert (got.sum(0) <= 1.0 + 1e-2).all() and (got.sum(1) <= 1.0 + 1e-9).all()
