"""One track through one model as the bank does it, line by line: fading, strays, and a new beginning.

Plain numpy with dense matrices; the transition comes from `naive` (matrix exponential), the prior's
integral from a sum of Gaussians written out. Nothing is shared with the kernel but the tables.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tests.identities import naive
from windhover.identities import bank, models
from windhover.identities.models import Model

SURE = 0.98
"""No plot belongs more surely than this."""


class Filter(NamedTuple):
    x: np.ndarray  # (6,)
    s: np.ndarray  # (6, 2)
    p: np.ndarray  # (6, 6)
    precision: np.ndarray  # (2, 2) Λ
    eta: np.ndarray  # (2,)
    constant: float
    marginal: float
    lost: int


def begin(model: Model, z: np.ndarray, r: np.ndarray, speed: float, sigma: float, factor: float) -> Filter:  # fmt: skip
    """All but the place is as the model's prior has it."""
    x, p = np.zeros(6), np.zeros((6, 6))
    x[0:2] = z
    p[0:2, 0:2] = factor * r
    p[2:4, 2:4] = np.eye(2) * (model.sigma_v_m_s + model.turbulence_per_wind * speed) ** 2
    p[4:6, 4:6] = np.eye(2) * (model.sigma_slow_m_s + model.slow_per_sigma * sigma) ** 2
    if model.sigma_anchor_m > 0.0:
        swing = naive.stationary_sway(model)
        x[4:6] = z
        p[4:6, 4:6] = factor * r + np.eye(2) * model.sigma_anchor_m**2
        p[0:2, 4:6] = p[4:6, 0:2] = factor * r
        p[2:4, 4:6] = p[4:6, 2:4] = -np.eye(2) * swing[0, 1]
    return Filter(x, np.zeros((6, 2)), p, np.zeros((2, 2)), np.zeros(2), 0.0, 0.0, 0)


def log_marginal(f: Filter, parts: list[tuple[float, np.ndarray, np.ndarray]]) -> float:
    """ln ∫ exp(c + ηᵀθ − ½θᵀΛθ) Σ w N(θ; μ, Σ) dθ, each part by completing the square."""
    if not parts:
        return f.constant
    each = []
    for w, mean, cov in parts:
        if w <= 0.0:
            continue
        h = f.eta - f.precision @ mean
        inside = np.eye(2) + cov @ f.precision
        each.append(
            np.log(w)
            - 0.5 * np.log(np.linalg.det(inside))
            + f.eta @ mean
            - 0.5 * mean @ f.precision @ mean
            + 0.5 * h @ np.linalg.solve(inside, cov @ h)
        )
    return f.constant + float(np.logaddexp.reduce(each))


def step(
    f: Filter,
    model: Model,
    dt_s: float,
    z: np.ndarray,
    r: np.ndarray,
    association: float,
    wind: np.ndarray,
    wind_cov: np.ndarray,
) -> tuple[Filter, float]:
    """The filter after one plot, and ln of what it gave that plot."""
    speed = float(np.sqrt(wind @ wind + np.trace(wind_cov)))
    sigma = float(np.sqrt(0.5 * np.trace(wind_cov)))
    parts = naive.theta_parts(model.prior, wind, wind_cov) if model.prior else []
    sure = min(association, SURE)
    spread = float(np.sqrt(np.linalg.det(r)))
    elsewhere = np.log((1.0 - sure) / (np.pi * bank._GATE_SIGMAS**2 * spread))
    move, noise = naive.transition(model, speed, dt_s, sigma)
    x, s, p = move @ f.x, move @ f.s, move @ f.p @ move.T + noise
    x[0:2] += model.wind * wind * dt_s
    if model.prior:
        s[0:2] += np.eye(2) * dt_s
    # What was learned of θ fades, and the likelihood so far is told anew with what is left of it.
    memory_s = bank._FORGET_WIND_S if model.prior == models.WIND else bank._FORGET_S
    fade = np.exp(-dt_s / memory_s)
    f = f._replace(x=x, s=s, p=p, precision=f.precision * fade, eta=f.eta * fade)
    f = f._replace(marginal=log_marginal(f, parts))
    inverse = np.linalg.inv(p[0:2, 0:2] + r)
    nu, lever = z - x[0:2], s[0:2]
    trial = f._replace(
        precision=f.precision + lever.T @ inverse @ lever,
        eta=f.eta + lever.T @ inverse @ nu,
        constant=f.constant
        - 0.5 * (nu @ inverse @ nu - np.log(np.linalg.det(inverse)))
        - np.log(2.0 * np.pi),
    )
    value = log_marginal(trial, parts)
    here = float(np.log(sure) + value - f.marginal)
    gave = float(np.logaddexp(here, elsewhere))
    if here > elsewhere:
        gain = p[:, 0:2] @ inverse
        return trial._replace(
            x=x + gain @ nu, s=s - gain @ lever, p=p - gain @ p[0:2], marginal=value, lost=0
        ), gave
    if f.lost + 1 >= bank._LOST_PLOTS:
        return begin(model, z, r, speed, sigma, 1.0), gave
    return f._replace(lost=f.lost + 1), gave
