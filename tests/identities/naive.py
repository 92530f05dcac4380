"""The slow, obvious twins of the identification kernels: dense matrices and joint Gaussians."""

from __future__ import annotations

from functools import cache

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


@cache
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


@cache
def one_axis(sigma_v: float, time_v_s: float, dt_s: float) -> tuple[np.ndarray, np.ndarray]:
    """F and Q (2, 2) of place and velocity of one axis, by the same way."""
    a = np.array([[0.0, 1.0], [0.0, -1.0 / time_v_s]])
    block = np.zeros((4, 4))
    block[:2, :2], block[2:, 2:], block[1, 3] = -a, a.T, 2.0 * sigma_v**2 / time_v_s
    big = expm(block * dt_s)
    f = big[2:, 2:].T
    return f, f @ big[:2, 2:]


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


def fill_parts(
    prior: int, wind: np.ndarray, wind_cov: np.ndarray, offset: np.ndarray | None = None
) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """The prior of θ as the tables say it. `wind` is what the models are pushed by; the wind that is
    claimed by now is wind + offset."""
    offset = np.zeros(2) if offset is None else offset
    table = models.PARTS[models.PARTS_FROM[prior] : models.PARTS_FROM[prior + 1]]
    windy = prior in (models.WIND, models.AIRSPEED)
    parts = [
        (w, np.array([e, n]) + offset * windy, np.eye(2) * s**2 + (wind_cov if windy else 0.0))
        for w, e, n, s in table
    ]
    if prior == models.WIND:
        claimed = wind + offset
        spread = 0.5 * np.trace(wind_cov) + models.CALM_SIGMA_M_S**2
        calm = models.CALM_WEIGHT * np.exp(-0.5 * claimed @ claimed / spread)
        parts = [(w * (1.0 - calm), m, c) for w, m, c in parts[:2]]
        parts.append((calm, -wind, np.eye(2) * models.CALM_SIGMA_M_S**2))
    return parts


def discretise(
    model: Model, dt_s: float, wind_speed_m_s: float, wind_sigma_m_s: float
) -> np.ndarray:
    """The fourteen numbers of the transition, read off its matrices."""
    f, q = transition(model, wind_speed_m_s, dt_s, wind_sigma_m_s)
    out = np.zeros(14)
    out[[0, 8]] = f[0, 0], q[0, 0]
    quick = model.sigma_v_m_s + model.turbulence_per_wind * wind_speed_m_s > 0.0
    if quick:
        out[2:6] = f[0, 2], f[1, 2], f[2, 2], f[3, 2]
        out[9:12] = q[0, 2], q[1, 2], q[2, 2]
    if model.sigma_anchor_m > 0.0:
        out[[1, 6]] = f[0, 4], 1.0
    else:
        out[[6, 7, 12, 13]] = f[4, 4], f[0, 4], q[0, 4], q[4, 4]
    return out


def predict(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, model: Model, dt_s: float, speed: float,
    sigma: float, push_m: np.ndarray, has_theta: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """x, S and P after dt, by whole matrices."""
    f, q = transition(model, speed, dt_s, sigma)
    moved = np.zeros((6, 2))
    moved[:2] = np.eye(2) * dt_s * has_theta
    return f @ x + np.r_[push_m, np.zeros(4)], f @ s + moved, f @ p @ f.T + q


def weigh_plot(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, z: np.ndarray, r: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Λ, η and c of ln p(z | θ) = c + ηᵀθ − ½ θᵀΛθ, from its values at six places."""

    def at(e: float, n: float) -> float:
        where = x[:2] + s[:2] @ [e, n]
        return float(multivariate_normal(where, p[:2, :2] + r).logpdf(z))

    c, right, left, up, down, both = (
        at(*a) for a in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1))
    )
    eta = np.array([right - left, up - down]) / 2.0
    ee, nn = 2.0 * c - right - left, 2.0 * c - up - down
    en = c + eta.sum() - 0.5 * (ee + nn) - both
    return np.array([[ee, en], [en, nn]]), eta, c


def take_plot(
    x: np.ndarray, s: np.ndarray, p: np.ndarray, z: np.ndarray, r: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kalman's update (Joseph's form); slopes are the difference that one unit of θ makes to it."""
    h = np.eye(2, 6)
    gain = np.linalg.solve(h @ p @ h.T + r, h @ p).T

    def after(state: np.ndarray) -> np.ndarray:
        return state + gain @ (z - h @ state)

    slopes = [after(x + s[:, k]) - after(x) for k in (0, 1)]
    keep = np.eye(6) - gain @ h
    return after(x), np.column_stack(slopes), keep @ p @ keep.T + gain @ r @ gain.T


def integrate_theta(
    precision: np.ndarray, eta: np.ndarray, parts: list[tuple[float, np.ndarray, np.ndarray]]
) -> float:
    """ln ∫ exp(ηᵀθ − ½ θᵀΛθ) Σ w N(θ; μ, Σ) dθ as a sum over a grid of each part."""
    u = np.linspace(-9.0, 9.0, 361)
    grid = np.stack(np.meshgrid(u, u), -1).reshape(-1, 2)
    cell = np.exp(-0.5 * (grid**2).sum(1)) / (2.0 * np.pi) * (u[1] - u[0]) ** 2
    each = []
    for w, mean, cov in parts:
        theta = mean + grid @ np.linalg.cholesky(cov).T
        power = theta @ eta - 0.5 * ((theta @ precision) * theta).sum(1)
        top = float(power.max())
        each.append(np.log(w) + top + np.log((cell * np.exp(power - top)).sum()))
    return float(np.logaddexp.reduce(each))


def integrate_rate(precision: float, eta: float, parts: list[tuple[float, float, float]]) -> float:
    """The same in one dimension: weight, mean, sigma."""
    u = np.linspace(-12.0, 12.0, 20_001)
    cell = np.exp(-0.5 * u**2) / np.sqrt(2.0 * np.pi) * (u[1] - u[0])
    each = []
    for w, mean, sigma in parts:
        theta = mean + sigma * u
        power = eta * theta - 0.5 * precision * theta**2
        each.append(np.log(w) + np.log((cell * np.exp(power - power.max())).sum()) + power.max())
    return float(np.logaddexp.reduce(each))
