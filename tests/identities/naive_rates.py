"""Range rates, dense: a filter that keeps θ in its state, and the bank's round of one rate written out."""

from __future__ import annotations

import numpy as np

from tests.identities import naive, naive_bank
from windhover.identities import models, rates
from windhover.identities.models import Model
from windhover.identities.motion import MotionState


def sight(model: Model, line: np.ndarray, variance: float) -> tuple[np.ndarray, float]:
    """(6,) row of u·velocity on (p, v, β), and the variance of a range rate under the model."""
    if model.sigma_anchor_m > 0.0 and model.sigma_v_m_s == 0.0:
        return np.zeros(6), variance + 2.0 * (model.sigma_anchor_m / model.time_anchor_s) ** 2
    drift, _ = naive.drift_and_noise(model, 0.0)
    return line @ drift[0:2], variance  # ṗ as the model's own equation has it


def _with_theta(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, mean: np.ndarray, cov: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (8,) and covariance (8, 8) of state and θ; x and p hold for θ = 0, s = ∂x/∂θ."""
    spread = np.zeros((8, 8))
    spread[:6, :6] = p + s @ cov @ s.T
    spread[:6, 6:] = s @ cov
    spread[6:, :6] = spread[:6, 6:].T
    spread[6:, 6:] = cov
    return np.concatenate([x + s @ mean, mean]), spread


def foresee(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, h: np.ndarray, on: np.ndarray, rate: float, variance: float,
) -> np.ndarray:  # fmt: skip
    """(10,) innovation, its variance, its slope to θ, P hᵀ."""
    return np.concatenate([[rate - h @ x, h @ p @ h + variance], h @ s + on, p @ h])


def weigh_rate(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, h: np.ndarray, on: np.ndarray,
    rate: float, variance: float, mean: np.ndarray, cov: np.ndarray,
) -> float:  # fmt: skip
    """ln density of the rate where θ ~ N(mean, cov)."""
    big, spread = _with_theta(x, s, p, mean, cov)
    row = np.concatenate([h, on])
    total, gap = row @ spread @ row + variance, rate - row @ big
    return float(-0.5 * (gap * gap / total + np.log(2.0 * np.pi * total)))


def take_rate(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, h: np.ndarray, on: np.ndarray,
    rate: float, variance: float, mean: np.ndarray, cov: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Mean (6,) and covariance (6, 6) of the state after the rate, θ integrated out."""
    big, spread = _with_theta(x, s, p, mean, cov)
    row = np.concatenate([h, on])
    gain = spread @ row / (row @ spread @ row + variance)
    return (big + gain * (rate - row @ big))[:6], (spread - np.outer(gain, row @ spread))[:6, :6]


def run_rates(state: MotionState, line: np.ndarray, rate: float, variance: float, association: float, wind: np.ndarray, cov: np.ndarray) -> np.ndarray:  # fmt: skip
    """(K + 3,) scores of the first track after one range rate."""
    own = (1.0 - rates.BLADES) * association
    lost = state.lost[0]
    gain = np.full(models.M, -np.log(rates.SPREAD_M_S))
    for m, model in enumerate(models.MODELS):
        if lost[m]:
            continue
        parts = naive.fill_parts(model.prior, wind, cov, np.zeros(2)) if model.prior else []
        h, spread = sight(model, line, variance)
        on = line if model.prior else np.zeros(2)
        told = state.info[0, m]
        precision = np.array([[told[0], told[1]], [told[1], told[2]]])
        x, s, p = state.x[0, m], state.s[0, m], state.p[0, m]
        before = naive_bank.Filter(x, s, p, precision, told[3:5], told[5], 0.0, 0)
        total = h @ p @ h + spread
        lever, gap = h @ s + on, rate - model.wind * (line @ wind) - h @ x
        after = before._replace(
            precision=precision + np.outer(lever, lever) / total,
            eta=told[3:5] + lever * gap / total,
            constant=told[5] - 0.5 * (gap * gap / total + np.log(2.0 * np.pi * total)),
        )
        body = naive_bank.log_marginal(after, parts) - naive_bank.log_marginal(before, parts)
        gain[m] = np.log(own * np.exp(body) + (1.0 - own) / rates.SPREAD_M_S)
    before_score = state.score[0].copy()
    weighted = np.log(np.exp(gain - gain.max()) @ state.weight[0].T) + gain.max()
    mixed = before_score + weighted
    return np.asarray(np.clip(mixed - mixed[: models.K].max(), rates.FLOOR, -rates.FLOOR))
