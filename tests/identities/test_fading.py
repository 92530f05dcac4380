"""The bank's fading, strays and new beginnings against the plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identities import naive_bank
from windhover.identities import bank, models, motion


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(3, 14),
    leap_m=st.sampled_from([0.0, 400.0]),
    association=st.floats(0.5, 1.0),
)
@settings(max_examples=12)
def test_every_model_fades_and_begins_anew_as_the_twin_does(
    seed: int, count: int, leap_m: float, association: float
) -> None:
    """A track that leaps to another place half-way: strays are passed over, then a new leg begins."""
    rng = np.random.default_rng(seed)
    times_s = np.cumsum(rng.uniform(0.3, 3.0, count)) + 1.0
    times_ns = np.round(times_s * 1e9).astype(np.int64)
    steps_s = np.diff(times_ns) * 1e-9
    wind = rng.normal(size=2) * 4.0
    wind_cov = np.array([[1.8, 0.2], [0.2, 1.2]])
    r = np.array([[110.0, 15.0], [15.0, 90.0]])
    plots = times_s[:, None] * rng.normal(size=2) * 5.0 + rng.normal(size=(count, 2)) * 10.0
    plots[count // 2 :] += leap_m
    state = motion.MotionState.fresh(1)
    state.wind_cov[:] = [wind_cov[0, 0], wind_cov[0, 1], wind_cov[1, 1]]
    bank.run(
        np.zeros(count, np.int64), times_ns,
        np.ascontiguousarray(np.column_stack([plots, np.full(count, np.nan)])),
        np.tile([r[0, 0], r[0, 1], r[1, 1], 0.0], (count, 1)), np.full(count, association),
        np.tile(wind, (count, 1)), state.offset, state.wind_cov, state.last_ns, state.plots,
        state.x, state.s, state.p, state.info, state.marginal, state.weight, state.score,
        state.up_ns, state.up, state.up_cov, state.up_info, state.up_marginal, state.up_weight,
        state.up_score, *motion.TABLES, state.lost, np.zeros(1, bool), False,
    )  # fmt: skip
    speed = float(np.sqrt(wind @ wind + np.trace(wind_cov)))
    sigma = float(np.sqrt(0.5 * np.trace(wind_cov)))
    for row, model in enumerate(models.MODELS):
        f = naive_bank.begin(model, plots[0], r, speed, sigma, bank._FIRST_PLOT)
        for k in range(1, count):
            f, _ = naive_bank.step(
                f, model, float(steps_s[k - 1]), plots[k], r, association, wind, wind_cov
            )
        assert state.lost[0, row] == f.lost, model.name
        np.testing.assert_allclose(state.marginal[0, row], f.marginal, rtol=1e-5, atol=1e-4, err_msg=model.name)  # fmt: skip
        np.testing.assert_allclose(state.x[0, row], f.x, rtol=1e-5, atol=1e-4, err_msg=model.name)
        np.testing.assert_allclose(state.p[0, row], f.p, rtol=1e-5, atol=1e-3, err_msg=model.name)


def test_a_leap_makes_filters_begin_anew() -> None:
    """After the plots that a filter may lose it stands at the newest plot and remembers nothing."""
    model = next(m for m in models.MODELS if m.name == "hover")
    r, still = np.eye(2) * 100.0, np.zeros(2)
    f = naive_bank.begin(model, still, r, 3.0, 1.0, 1.0)
    for _ in range(10):
        f, _ = naive_bank.step(f, model, 1.0, still, r, 0.95, still, np.eye(2))
    lost = []
    for _ in range(bank._LOST_PLOTS):
        f, _ = naive_bank.step(f, model, 1.0, still + 800.0, r, 0.95, still, np.eye(2))
        lost.append(f.lost)
    assert lost == [*range(1, bank._LOST_PLOTS), 0]
    np.testing.assert_allclose(f.x[:2], 800.0)
    assert f.marginal == 0.0
