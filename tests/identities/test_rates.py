"""Range rates in the bank: exact beside a filter that keeps θ in its state, and what they are good for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identities import naive_rates, scene
from windhover.identities import kernels, models, motion, rates
from windhover.identities.motion import MotionState
from windhover.schema.batches import CLASSES, Updates

DRONE, BALLOON = CLASSES.index("drone"), CLASSES.index("balloon")
POWERED = [CLASSES.index(name) for name in ("aircraft", "drone", "bird")]
FLOWN = rates.MEMBERS.tolist()
WIND = (-4.5, -2.6)


def random_filter(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x (6,), S (6, 2), P (6, 6) of some filter."""
    half = rng.normal(size=(6, 6))
    return rng.normal(size=6) * 4.0, rng.normal(size=(6, 2)), half @ half.T + 0.1 * np.eye(6)


@pytest.mark.parametrize("row", range(models.M), ids=[m.name for m in models.MODELS])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_rate_is_weighed_and_taken_as_if_theta_were_a_state(row: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = models.MODELS[row]
    x, s, p = random_filter(rng)
    if not model.prior:
        s[:] = 0.0
    mean, half = rng.normal(size=2) * 3.0, rng.normal(size=(2, 2))
    cov = half @ half.T + 0.2 * np.eye(2)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    line, wind = np.array([np.sin(turn), np.cos(turn)]), rng.normal(size=2) * 5.0
    rate, variance = float(rng.normal() * 8.0), float(rng.uniform(0.3, 3.0))
    prior = (mean, cov if model.prior else cov * 0.0)
    h = np.empty(6)
    spread = rates.sight(models.DYNAMICS[row].copy(), line[0], line[1], variance, h)
    slow_h, slow_spread = naive_rates.sight(model, line, variance)
    np.testing.assert_allclose(h, slow_h, atol=1e-12)
    assert spread == pytest.approx(slow_spread)
    told = rate - model.wind * float(line @ wind)
    on = line if model.prior else np.zeros(2)
    info, seen = np.zeros(6), np.empty(10)
    rates.foresee(x, s, p, h, on[0], on[1], told, spread, seen)
    np.testing.assert_allclose(
        seen, naive_rates.foresee(x, s, p, h, on, told, spread), rtol=1e-10, atol=1e-10
    )
    rates.weigh_rate(seen, info)
    found = info[5]
    if model.prior:
        part = np.array([[1.0, mean[0], mean[1], 0.0]])
        found += kernels.integrate_theta(info, part, np.array([[cov[0, 0], cov[0, 1], cov[1, 1]]]), 1)  # fmt: skip
    want = naive_rates.weigh_rate(x, s, p, h, on, told, spread, *prior)
    assert found == pytest.approx(want, abs=1e-8)
    after, left = naive_rates.take_rate(x, s, p, h, on, told, spread, *prior)
    rates.take_rate(x, s, p, seen)
    if model.prior:  # θ after the rate, put back into x and P
        precision = np.array([[info[0], info[1]], [info[1], info[2]]]) + np.linalg.inv(cov)
        theta_cov = np.linalg.inv(precision)
        theta = theta_cov @ (info[3:5] + np.linalg.solve(cov, mean))
        x, p = x + s @ theta, p + s @ theta_cov @ s.T
    np.testing.assert_allclose(x, after, atol=1e-7)
    np.testing.assert_allclose(p, left, atol=1e-7)


DRIFTERS = (BALLOON, models.STANDING, models.UNKNOWN_WIND)


@given(seed=st.integers(0, 10_000))
def test_among_what_the_air_does_not_carry_rates_are_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score, felt = -rng.exponential(2.0, (2, models.K + models.HIDDEN))
    told = rates.in_common(score[None], felt[None])[0]
    np.testing.assert_allclose(np.diff(told[FLOWN]), np.diff(score[FLOWN]), atol=1e-9)
    others = np.setdiff1d(np.arange(len(told)), [*FLOWN, *DRIFTERS])
    np.testing.assert_allclose(np.diff(told[others]), np.diff(felt[others]), atol=1e-9)
    for row in DRIFTERS:

        def behind(scores: np.ndarray, row: int = row) -> float:
            return float(scores[row] - np.logaddexp.reduce(scores[FLOWN]))

        # What places leave open is doubled and no more; what they have closed stays so.
        room = max(behind(score) + rates.OPEN_DOWN_TO, 0.0)
        want = min(behind(felt), behind(score) + room)
        assert behind(told) == pytest.approx(want)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_round_of_the_bank_is_that_of_its_twin(seed: int) -> None:
    """After some plots of something, one range rate."""
    rng = np.random.default_rng(seed)
    velocity, wind = rng.normal(size=2) * 6.0, rng.normal(size=2) * 5.0
    state = MotionState.fresh(1)
    claim = np.array([[2.0, 0.3, 1.5]])
    for k in range(int(rng.integers(2, 8))):
        place = np.append(1500.0 + velocity * k, 150.0)[None] + rng.normal(size=(1, 3)) * 10.0
        one = np.zeros(1, np.int64)
        updates = Updates(
            one, one, np.ones(1), np.full(1, k * 10**9), place, np.diag([100.0, 100.0, 225.0])[None]
        )
        motion.feed(state, updates, wind[None], claim, np.zeros((1, 2)))
    turn, rate = rng.uniform(0.0, 2.0 * np.pi), float(rng.normal() * 8.0)
    line, variance, association = np.array([[np.sin(turn), np.cos(turn)]]), 1.3, 0.8
    cov = np.array([[2.0, 0.3], [0.3, 1.5]])
    want = naive_rates.run_rates(state, line[0], rate, variance, association, wind, cov)
    feed_rate(state, line, rate, variance, association, wind)
    np.testing.assert_allclose(state.score[0], want, atol=1e-6)


def feed_rate(state: MotionState, line: np.ndarray, rate: float, variance: float, association: float, wind: np.ndarray) -> None:  # fmt: skip
    rates.run_rates(
        np.zeros(1, np.int64), line, np.array([rate]), np.array([variance]), np.array([association]),
        wind[None], state.offset, state.wind_cov, state.x, state.s, state.p, state.info, state.marginal,
        state.weight, state.score, state.lost, models.DYNAMICS, models.WIND_SHARE, models.PRIOR, models.PARTS,
        models.PARTS_FROM, models.K,
    )  # fmt: skip


def first_above(said: list, columns: list[int]) -> float:  # type: ignore[type-arg]
    p = np.array([np.exp(s.log_probability[0])[columns].sum() for s in said])
    return float(np.argmax(p > 0.9) + 1) if (p > 0.9).any() else np.inf


@pytest.mark.parametrize(
    ("velocity", "columns", "within_s"),
    [((WIND[0] + 0.3, WIND[1] - 0.4), [BALLOON], 8), ((8.0, 6.0), POWERED, 5), ((0.0, 0.0), FLOWN, 20)],
    ids=["balloon", "drone", "hovering"],
)  # fmt: skip
def test_with_a_range_rate_it_is_told_sooner(velocity: tuple[float, float], columns: list[int], within_s: int) -> None:  # fmt: skip
    path, field = scene.line(velocity, 150.0), scene.known_wind(*WIND, 1.5)
    for seed in range(4):
        _, plain = scene.run([path], field, 40, seed=seed)
        _, told = scene.run([path], field, 40, seed=seed, doppler=True)
        assert first_above(told, columns) <= min(within_s, first_above(plain, columns))


def test_blades_and_absurd_rates_do_not_make_a_drone_of_a_balloon() -> None:
    """Every fifth rate is that of something that turns or of another echo."""
    path, field = scene.line(WIND, 200.0), scene.known_wind(*WIND, 1.5)

    for seed in range(4):
        state, said = scene.run([path], field, 60, seed=seed, doppler=True, stray_rates=0.2)
        assert max(float(np.exp(s.log_probability[0])[DRONE]) for s in said) < 0.9
        assert float(np.exp(said[-1].log_probability[0])[BALLOON]) > 0.8
        assert np.isfinite(state.motion.score).all()


def test_a_filter_that_lost_its_object_is_not_moved_by_its_rate() -> None:
    state = MotionState.fresh(1)
    state.lost[:] = 1
    state.p[:] = np.eye(6)
    before = state.x.copy()
    feed_rate(state, np.array([[1.0, 0.0]]), 9.0, 1.0, 0.9, np.zeros(2))
    assert (state.x == before).all()
    np.testing.assert_allclose(state.score, 0.0, atol=1e-12)
