"""The slow, obvious twins of the identification kernels: dense matrices and joint Gaussians."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.stats import multivariate_normal

from windhover.identities import models
from windhover.identities.models import Model


def drift_and_noise(
    model: Model, wind_speed_m_s: float, wind_sigma_m_s: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """A (6, 6) and Q (6, 6) of dx/dt = A x + noise, state east-north pairs of p, v, β."""
    a, q = np.zeros((6, 6)), np.zeros((6, 6))
    eye, turn = np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])
    if model.sigma_anchor_m > 0.0:
        a[0:2, 0:2] = -eye / model.time_anchor_s
        a[0:2, 4:6] = eye / model.time_anchor_s
        if model.sigma_v_m_s > 0.0:  # driven by a velocity that does not jump
            a[0:2, 2:4] = eye
            a[2:4, 2:4] = -eye / model.time_v_s
            q[2:4, 2:4] = eye * 2.0 * model.sigma_v_m_s**2 / model.time_v_s
        else:
            q[0:2, 0:2] = eye * 2.0 * model.sigma_anchor_m**2 / model.time_anchor_s
        return a, q
    sigma_v = model.sigma_v_m_s + model.turbulence_per_wind * wind_speed_m_s
    a[0:2, 2:4] = eye
    a[0:2, 4:6] = eye
    a[2:4, 2:4] = -eye / model.time_v_s + model.turn_rad_s * turn
    a[4:6, 4:6] = -eye / model.time_slow_s
    q[2:4, 2:4] = eye * 2.0 * sigma_v**2 / model.time_v_s
    sigma_slow = model.sigma_slow_m_s + model.slow_per_sigma * wind_sigma_m_s
    q[4:6, 4:6] = eye * 2.0 * sigma_slow**2 / model.time_slow_s
    return a, q


def transition(
    model: Model, wind_speed_m_s: float, dt_s: float, wind_sigma_m_s: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """F and Q over dt by Van Loan (1978), IEEE Transactions on Automatic Control 23(3)."""
    a, q = drift_and_noise(model, wind_speed_m_s, wind_sigma_m_s)
    block = np.zeros((12, 12))
    block[:6, :6], block[:6, 6:], block[6:, 6:] = -a, q, a.T
    big = expm(block * dt_s)
    f = big[6:, 6:].T
    return f, f @ big[:6, 6:]


def stationary_sway(model: Model) -> np.ndarray:
    """(2, 2) covariance of (p − anchor, v) of one axis when it has long swayed."""
    if model.sigma_v_m_s == 0.0:
        return np.diag([model.sigma_anchor_m**2, 0.0])
    a = np.array([[-1.0 / model.time_anchor_s, 1.0], [0.0, -1.0 / model.time_v_s]])
    noise = np.diag([0.0, 2.0 * model.sigma_v_m_s**2 / model.time_v_s])
    found: np.ndarray = solve_continuous_lyapunov(a, -noise)
    return found


def log_likelihood(
    model: Model,
    times_s: np.ndarray,
    plots: np.ndarray,
    r: np.ndarray,
    wind: np.ndarray,
    wind_speed_m_s: float,
    theta_parts: list[tuple[float, np.ndarray, np.ndarray]],
    wind_sigma_m_s: float = 0.0,
) -> float:
    """ln p(plots 1… | plot 0) for a first position known only by plot 0.

    theta_parts: weight, mean (2,), covariance (2, 2). All plots (T, 2) stacked into one Gaussian per
    part: nothing recursive, nothing shared with the kernel.
    """
    sigma_v = model.sigma_v_m_s + model.turbulence_per_wind * wind_speed_m_s
    first = np.zeros((6, 6))
    first[0:2, 0:2] = r
    first[2:4, 2:4] = np.eye(2) * sigma_v**2
    sigma_slow = model.sigma_slow_m_s + model.slow_per_sigma * wind_sigma_m_s
    first[4:6, 4:6] = np.eye(2) * sigma_slow**2
    start = np.zeros(6)
    start[0:2] = plots[0]
    anchored = model.sigma_anchor_m > 0.0
    if anchored:
        swing = stationary_sway(model)
        first[2:4, 2:4] = np.eye(2) * swing[1, 1]
        first[2:4, 4:6] = first[4:6, 2:4] = -np.eye(2) * swing[0, 1]
        start[4:6] = plots[0]
        first[4:6, 4:6] = r + np.eye(2) * swing[0, 0]
        first[0:2, 4:6] = first[4:6, 0:2] = r
    steps = len(times_s)
    mean = [start]
    covariance = np.zeros((6 * steps, 6 * steps))
    covariance[:6, :6] = first
    slope = [np.zeros((6, 2))]
    for k in range(1, steps):
        dt = times_s[k] - times_s[k - 1]
        f, q = transition(model, wind_speed_m_s, dt, wind_sigma_m_s)
        push, moved = np.zeros(6), np.zeros((6, 2))
        push[0:2] = model.wind * wind * dt
        if model.prior != models.NONE:
            moved[0:2] = np.eye(2) * dt
        mean.append(f @ mean[-1] + push)
        slope.append(f @ slope[-1] + moved)
        here, before = slice(6 * k, 6 * k + 6), slice(6 * k - 6, 6 * k)
        covariance[here, : 6 * k] = f @ covariance[before, : 6 * k]
        covariance[: 6 * k, here] = covariance[here, : 6 * k].T
        covariance[here, here] = f @ covariance[before, before] @ f.T + q
    rows = np.concatenate([[6 * k, 6 * k + 1] for k in range(1, steps)])
    expected = np.concatenate([m[0:2] for m in mean[1:]])
    seen = plots[1:].ravel()
    spread = covariance[np.ix_(rows, rows)] + np.kron(np.eye(steps - 1), r)
    lever = np.concatenate([s[0:2] for s in slope[1:]])
    if not theta_parts:
        return float(multivariate_normal(expected, spread).logpdf(seen))
    each = [
        np.log(w)
        + multivariate_normal(expected + lever @ m, spread + lever @ c @ lever.T).logpdf(seen)
        for w, m, c in theta_parts
    ]
    return float(np.logaddexp.reduce(each))


def theta_parts(
    prior: int, wind: np.ndarray, wind_cov: np.ndarray
) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """The prior of θ as the tables say it, for no offset."""
    table = models.PARTS[models.PARTS_FROM[prior] : models.PARTS_FROM[prior + 1]]
    windy = prior in (models.WIND, models.AIRSPEED)
    parts = [
        (w, np.array([e, n]), np.eye(2) * s**2 + (wind_cov if windy else 0.0))
        for w, e, n, s in table
    ]
    if prior == models.WIND:
        spread = 0.5 * np.trace(wind_cov) + models.CALM_SIGMA_M_S**2
        calm = models.CALM_WEIGHT * np.exp(-0.5 * wind @ wind / spread)
        parts = [(w * (1.0 - calm), m, c) for w, m, c in parts[:2]]
        parts.append((calm, -wind, np.eye(2) * models.CALM_SIGMA_M_S**2))
    return parts
