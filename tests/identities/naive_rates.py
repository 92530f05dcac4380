"""A filter that keeps θ in its state, dense: place, quick part, slow part, θ; one prior, no trick."""

from __future__ import annotations

import numpy as np

from tests.identities import naive
from windhover.identities.models import Model


def row_of_velocity(model: Model, line: np.ndarray) -> tuple[np.ndarray, float]:
    """(8,) row of u·velocity on (p, v, β, θ), and the variance that the model adds to a range rate."""
    velocity = np.zeros((2, 8))
    if model.sigma_anchor_m > 0.0 and model.sigma_v_m_s == 0.0:
        return np.zeros(8), 2.0 * (model.sigma_anchor_m / model.time_anchor_s) ** 2
    drift, _ = naive.drift_and_noise(model, 0.0)
    velocity[:, :6] = drift[0:2]  # ṗ as the model's own equation has it
    if model.prior:
        velocity[:, 6:] = np.eye(2)
    return line @ velocity, 0.0


def place_then_rate(
    model: Model,
    x: np.ndarray,
    p: np.ndarray,
    theta: tuple[np.ndarray, np.ndarray],
    slope: np.ndarray,
    line: np.ndarray,
    rate: float,
    variance: float,
    wind: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray]:
    """ln density of a range rate, and mean and covariance of (p, v, β) after it.

    x (6,) and p (6, 6) for θ = 0; θ ~ N(mean, cov); slope (6, 2) = ∂x/∂θ.
    """
    mean, cov = theta
    big = np.concatenate([x + slope @ mean, mean])
    spread = np.zeros((8, 8))
    spread[:6, :6] = p + slope @ cov @ slope.T
    spread[:6, 6:] = slope @ cov
    spread[6:, :6] = spread[:6, 6:].T
    spread[6:, 6:] = cov
    h, more = row_of_velocity(model, line)
    total = h @ spread @ h + variance + more
    gap = rate - model.wind * (line @ wind) - h @ big
    gain = spread @ h / total
    density = -0.5 * (gap * gap / total + np.log(2.0 * np.pi * total))
    return float(density), (big + gain * gap)[:6], (spread - np.outer(gain, h @ spread))[:6, :6]
