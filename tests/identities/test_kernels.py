"""Each kernel of the filter bank against its slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identities import naive, naive_bank
from windhover.identities import bank, kernels, models, motion

MODELS = st.integers(0, models.M - 1)
seeds = st.integers(0, 2**32 - 1)


def a_state(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, S and P that could be."""
    a = rng.normal(size=(6, 6)) * np.array([12.0, 12.0, 2.0, 2.0, 3.0, 3.0])[:, None]
    p = a @ a.T + np.diag([50.0, 50.0, 1.0, 1.0, 1.0, 1.0])
    return rng.normal(size=6) * 20.0, rng.normal(size=(6, 2)) * 5.0, p


def a_plot(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z, R as a matrix, and R as the kernels want it."""
    ee, nn = rng.uniform(20.0, 300.0, 2)
    en = rng.uniform(-0.9, 0.9) * np.sqrt(ee * nn)
    return rng.normal(size=2) * 20.0, np.array([[ee, en], [en, nn]]), np.array([ee, en, nn])


@settings(max_examples=100)
@given(MODELS, st.floats(0.05, 10.0), st.floats(0.0, 15.0), st.floats(0.0, 10.0))
def test_the_transition_is_that_of_the_matrix_exponential(
    row: int, dt_s: float, wind: float, sigma: float
) -> None:
    d = np.empty(14)
    kernels.discretise(dt_s, models.DYNAMICS[row].copy(), wind, sigma, d)
    want = naive.discretise(models.MODELS[row], dt_s, wind, sigma)
    np.testing.assert_allclose(d, want, rtol=1e-6, atol=1e-6)


@settings(max_examples=100)
@given(seeds, MODELS, st.floats(0.05, 10.0), st.booleans())
def test_prediction_is_that_of_whole_matrices(
    seed: int, row: int, dt_s: float, has_theta: bool
) -> None:
    rng, model = np.random.default_rng(seed), models.MODELS[row]
    x, s, p = a_state(rng)
    if model.sigma_anchor_m > 0.0 and model.sigma_v_m_s == 0.0:
        x[2:4], s[2:4], p[2:4], p[:, 2:4] = 0.0, 0.0, 0.0, 0.0  # such a model has no velocity
    push, d = rng.normal(size=2) * 9.0, np.empty(14)
    want = naive.predict(x, s, p, model, dt_s, 4.0, 1.5, push, has_theta)
    kernels.discretise(dt_s, models.DYNAMICS[row].copy(), 4.0, 1.5, d)
    kernels.predict(x, s, p, d, dt_s, *push, has_theta)
    for got, wanted in zip((x, s, p), want, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-5)


@settings(max_examples=60)
@given(seeds)
def test_a_plot_is_weighed_as_a_normal_density_of_theta(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (x, s, p), (z, r, flat), info = a_state(rng), a_plot(rng), rng.normal(size=6)
    before = info.copy()
    kernels.weigh_plot(x, s, p, z, flat, info)
    precision, eta, constant = naive.weigh_plot(x, s, p, z, r)
    want = [precision[0, 0], precision[0, 1], precision[1, 1], *eta, constant]
    np.testing.assert_allclose(info - before, want, rtol=1e-6, atol=1e-9)


@settings(max_examples=60)
@given(seeds)
def test_a_plot_is_taken_as_kalman_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (x, s, p), (z, r, flat) = a_state(rng), a_plot(rng)
    want = naive.take_plot(x, s, p, z, r)
    kernels.take_plot(x, s, p, z, flat)
    for got, wanted in zip((x, s, p), want, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-7, atol=1e-7)


@settings(max_examples=15)
@given(seeds, st.integers(1, 4))
def test_the_integral_over_theta_is_that_of_a_grid(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2, 2))
    precision = 0.1 * (a @ a.T)
    eta = precision @ rng.normal(size=2) * 4.0
    table = np.column_stack(
        [rng.dirichlet(np.ones(count)), rng.normal(size=(count, 2)) * 4.0, rng.uniform(0.3, 3.0, count)]
    )  # fmt: skip
    extra = np.tile([0.8, 0.2, 0.5], (count, 1)) * rng.integers(0, 2, (count, 1))
    parts = [
        (w, np.array([e, n]), np.eye(2) * sigma**2 + [[b[0], b[1]], [b[1], b[2]]])
        for (w, e, n, sigma), b in zip(table, extra, strict=True)
    ]
    info = np.array([precision[0, 0], precision[0, 1], precision[1, 1], *eta, 3.0])
    want = naive.integrate_theta(precision, eta, parts)
    assert kernels.integrate_theta(info, table, extra, count) == pytest.approx(want, abs=1e-6)
    f = naive_bank.Filter(
        np.zeros(6), np.zeros((6, 2)), np.zeros((6, 6)), precision, eta, 3.0, 0.0, 0
    )
    assert bank.log_marginal(info, 0, count, table, extra) == pytest.approx(3.0 + want, abs=1e-6)
    assert bank.log_marginal(info, 0, count, table, extra) == pytest.approx(
        naive_bank.log_marginal(f, parts)
    )
    assert bank.log_marginal(info, 1, 1, table, extra) == naive_bank.log_marginal(f, []) == 3.0


@settings(max_examples=30)
@given(seeds, st.integers(0, models.V - 1))
def test_the_integral_over_a_rate_is_that_of_a_grid(seed: int, row: int) -> None:
    rng = np.random.default_rng(seed)
    info = np.array([rng.uniform(0.3, 5.0), rng.normal() * 3.0, 0.0])
    want = naive.integrate_rate(info[0], info[1], list(models.VERTICAL_MODELS[row].parts))
    got = kernels.integrate_rate(info, models.VERTICAL_PARTS[row].copy())
    assert got == pytest.approx(want, abs=1e-6)


@settings(max_examples=60)
@given(seeds, st.sampled_from([models.WIND, models.AIRSPEED, models.GROUNDSPEED, models.FAST]))
def test_the_prior_follows_the_wind_that_is_claimed(seed: int, prior: int) -> None:
    rng = np.random.default_rng(seed)
    wind, offset = rng.normal(size=(2, 2)) * rng.choice([0.3, 5.0])
    cov = np.array([1.8, 0.2, 1.2])
    parts, extra = models.PARTS.copy(), np.zeros((len(models.PARTS), 3))
    bank.fill_parts(wind, offset, cov, models.PARTS, models.PARTS_FROM[3], parts, extra)
    whole = np.array([[cov[0], cov[1]], [cov[1], cov[2]]])
    wanted = naive.fill_parts(prior, wind, whole, offset)
    rows = range(models.PARTS_FROM[prior], models.PARTS_FROM[prior + 1])
    for j, (w, mean, spread) in zip(rows, wanted, strict=True):
        np.testing.assert_allclose(parts[j, :3], [w, *mean], atol=1e-12)
        got = np.eye(2) * parts[j, 3] ** 2 + [
            [extra[j, 0], extra[j, 1]],
            [extra[j, 1], extra[j, 2]],
        ]
        np.testing.assert_allclose(got, spread, atol=1e-12)


@settings(max_examples=60)
@given(seeds, st.floats(0.0, 100.0), st.floats(0.0, 60.0), st.integers(1, 3))
def test_classes_are_weighed_by_what_their_models_foresaw(
    seed: int, dt_s: float, wide: float, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    gain, weight = rng.normal(size=6) * wide, rng.dirichlet(np.full(6, 0.5), 3)
    share, switch = rng.dirichlet(np.full(6, 0.5), 3), rng.uniform(0.0, 0.1, 3)
    score = -rng.exponential(3.0, 3)
    want = naive_bank.give_back(weight, share, switch, dt_s)
    bank.give_back(weight, share, switch, dt_s)
    np.testing.assert_allclose(weight, want, rtol=1e-12, atol=1e-15)
    shares, scores = naive_bank.mix(gain, weight, score, -25.0, classes)
    bank.mix(gain, weight, score, -25.0, classes)
    np.testing.assert_allclose(weight, shares, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(score, scores, rtol=1e-9, atol=1e-9)


@settings(max_examples=60)
@given(seeds, MODELS, st.floats(1.0, 3.0))
def test_a_filter_begins_with_its_model_s_prior(seed: int, row: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    (x, s, p), (z, r, flat), info = a_state(rng), a_plot(rng), rng.normal(size=6)
    bank.begin(x, s, p, info, np.r_[z, 3.0], flat, models.DYNAMICS[row].copy(), 4.0, 1.5, factor)
    want = naive_bank.begin(models.MODELS[row], z, r, 4.0, 1.5, factor)
    for got, wanted in zip((x, s, p), want[:3], strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)
    assert not info.any()


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(2, 12),
    leap_m=st.sampled_from([0.0, 400.0]),
    jumped=st.booleans(),
)
def test_the_whole_bank_is_every_model_and_every_class_one_by_one(
    seed: int, count: int, leap_m: float, jumped: bool
) -> None:
    """Plots with and without height, late ones too, strays, and a wind corrected on the way."""
    rng = np.random.default_rng(seed)
    times_ns = np.round((np.cumsum(rng.uniform(0.0, 3.0, count)) + 1.0) * 1e9).astype(np.int64)
    if count > 5:
        times_ns[4] -= 2_500_000_000
    wind, offset = rng.normal(size=2) * 4.0, rng.normal(size=2) * 2.0
    cov, r, up_r = (
        np.array([[1.8, 0.2], [0.2, 1.2]]),
        np.array([[110.0, 15.0], [15.0, 90.0]]),
        225.0,
    )
    z = np.arange(count)[:, None] * np.r_[rng.normal(size=2) * 5.0, rng.normal()]
    z = z + rng.normal(size=(count, 3)) * [10.0, 10.0, 15.0]
    z[count // 2 :] += leap_m
    z[rng.random(count) < 0.3, 2] = np.nan
    association = rng.uniform(0.5, 1.0, count)
    state = motion.MotionState.fresh(1)
    state.wind_cov[:] = cov[0, 0], cov[0, 1], cov[1, 1]
    state.offset[:] = offset
    flag = np.array([jumped])
    bank.run(
        np.zeros(count, np.int64), times_ns, np.ascontiguousarray(z),
        np.tile([r[0, 0], r[0, 1], r[1, 1], up_r], (count, 1)), association, np.tile(wind, (count, 1)),
        state.offset, state.wind_cov, state.last_ns, state.plots, state.x, state.s, state.p, state.info,
        state.marginal, state.weight, state.score, state.up_ns, state.up, state.up_cov, state.up_info,
        state.up_marginal, state.up_weight, state.up_score, *motion.TABLES, state.lost, flag, False,
    )  # fmt: skip
    want = naive_bank.run(times_ns * 1e-9, z, r, up_r, association, wind, cov, offset, jumped)
    for k, f in enumerate(want.filters):
        assert state.lost[0, k] == f.lost
        np.testing.assert_allclose(state.x[0, k], f.x, rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(state.s[0, k], f.s, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(state.p[0, k], f.p, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(state.marginal[0, k], f.marginal, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(state.weight[0], want.weight, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(state.score[0], want.score, atol=1e-4)
    for k, v in enumerate(want.up):
        np.testing.assert_allclose(state.up[0, k], [*v.x, *v.s], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            state.up_cov[0, k], v.p[[0, 0, 1], [0, 1, 1]], rtol=1e-6, atol=1e-6
        )
        np.testing.assert_allclose(state.up_marginal[0, k], v.marginal, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(state.up_weight[0], want.up_weight, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(state.up_score[0], want.up_score, atol=1e-5)
    assert not flag[0]
