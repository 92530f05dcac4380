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
    offset: np.ndarray | None = None,
    jumped: bool = False,
) -> tuple[Filter, float]:
    """The filter after one plot, and ln of what it gave that plot."""
    speed = float(np.sqrt(wind @ wind + np.trace(wind_cov)))
    sigma = float(np.sqrt(0.5 * np.trace(wind_cov)))
    parts = naive.fill_parts(model.prior, wind, wind_cov, offset) if model.prior else []
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
    # A wind corrected by newer samples changes what the past is worth; only fading is taken out.
    corrected = f.marginal - log_marginal(f, parts) if jumped else 0.0
    f = f._replace(x=x, s=s, p=p, precision=f.precision * fade, eta=f.eta * fade)
    f = f._replace(marginal=corrected + log_marginal(f, parts))
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


def mix(
    gain: np.ndarray, weight: np.ndarray, score: np.ndarray, floor: float, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Shares (K, models) and scores (K,) by Bayes' rule; no model is more than 60 nats behind. The best
    of the classes, which come first, is 0."""
    like = np.exp(np.maximum(gain, gain.max() - 60.0))
    told = weight * like
    total = told.sum(1)
    score = score + np.log(total)
    return told / total[:, None], np.clip(score - score[:classes].max(), floor, -floor)


def give_back(weight: np.ndarray, share: np.ndarray, switch: np.ndarray, dt_s: float) -> np.ndarray:
    """The class has changed its way of moving (rate `switch`) or has not."""
    changed = 1.0 - np.exp(-switch[: len(weight)] * dt_s)[:, None]
    return changed * share + (1.0 - changed) * weight


class Vertical(NamedTuple):
    """One vertical model of one track."""

    x: np.ndarray  # (2,) height, climb
    s: np.ndarray  # (2,) their slopes to θ
    p: np.ndarray  # (2, 2)
    precision: float
    eta: float
    constant: float
    marginal: float


def rise(f: Vertical, row: int, dt_s: float, z: float, r: float, association: float) -> tuple[Vertical, float]:  # fmt: skip
    """One vertical model after one height, and ln of what it gave it."""
    model = models.VERTICAL_MODELS[row]
    move, noise = naive.one_axis(model.sigma_v_m_s, model.time_v_s, dt_s)
    x, p, s = move @ f.x, move @ f.p @ move.T + noise, move @ f.s + [dt_s, 0.0]
    total, nu = p[0, 0] + r, z - x[0]
    # What was learned of the climb fades, and the likelihood so far is told anew with what is left of it.
    fade = np.exp(-dt_s / bank._FORGET_CLIMB_S)
    f = f._replace(precision=f.precision * fade, eta=f.eta * fade)
    f = f._replace(marginal=f.constant + rate_marginal(f, model.parts))
    trial = f._replace(
        x=x, s=s, p=p,
        precision=f.precision + s[0] ** 2 / total, eta=f.eta + s[0] * nu / total,
        constant=f.constant - 0.5 * (nu**2 / total + np.log(2.0 * np.pi * total)),
    )  # fmt: skip
    value = trial.constant + rate_marginal(trial, model.parts)
    sure = min(association, SURE)
    elsewhere = np.log((1.0 - sure) / (2.0 * bank._GATE_SIGMAS * np.sqrt(r)))
    here = float(np.log(sure) + value - f.marginal)
    gave = float(np.logaddexp(here, elsewhere))
    if here <= elsewhere:
        return f._replace(x=x, s=s, p=p), gave
    k = p[:, 0] / total
    return trial._replace(
        x=x + k * nu, s=s - k * s[0], p=p - np.outer(k, p[0]), marginal=value
    ), gave  # fmt: skip


def rate_marginal(f: Vertical, parts: tuple[tuple[float, float, float], ...]) -> float:
    """ln ∫ exp(ηθ − ½Λθ²) Σ w N(θ; μ, σ²) dθ, each part by completing the square."""
    each = []
    for w, mean, sigma in parts:
        h, det = f.eta - f.precision * mean, 1.0 + sigma**2 * f.precision
        each.append(
            np.log(w) - 0.5 * np.log(det) + f.eta * mean - 0.5 * f.precision * mean**2
            + 0.5 * h**2 * sigma**2 / det
        )  # fmt: skip
    return float(np.logaddexp.reduce(each))


class Track(NamedTuple):
    """Everything the bank keeps of one track."""

    filters: list[Filter]
    weight: np.ndarray
    score: np.ndarray
    up: list[Vertical]
    up_weight: np.ndarray
    up_score: np.ndarray


def run(
    times_s: np.ndarray, z: np.ndarray, r: np.ndarray, up_r: float, association: np.ndarray,
    wind: np.ndarray, wind_cov: np.ndarray, offset: np.ndarray, jumped: bool,
) -> Track:  # fmt: skip
    """All plots (U, 3) of one track, up NaN where unknown, in order of time."""
    speed = float(np.sqrt(wind @ wind + np.trace(wind_cov)))
    sigma = float(np.sqrt(0.5 * np.trace(wind_cov)))
    share, up_share = models.HORIZONTAL_SHARE, models.VERTICAL_SHARE
    filters = [begin(m, z[0, :2], r, speed, sigma, bank._FIRST_PLOT) for m in models.MODELS]
    track = Track(filters, share, np.zeros(len(share)), [], up_share, np.zeros(len(up_share)))
    newest, newest_up = times_s[0], times_s[0]
    for k, t in enumerate(times_s):
        if k > 0:
            dt = max(t - newest, 0.0)
            weight = give_back(track.weight, share, models.SWITCH, dt)
            stepped = [
                step(f, m, dt, z[k, :2], r, association[k], wind, wind_cov, offset, jumped)
                for f, m in zip(track.filters, models.MODELS, strict=True)
            ]
            jumped = False
            weight, score = mix(
                np.array([g for _, g in stepped]), weight, track.score, bank._FLOOR, models.K
            )
            track = track._replace(filters=[f for f, _ in stepped], weight=weight, score=score)
        newest = max(newest, t)
        if np.isnan(z[k, 2]):
            continue
        if not track.up:
            fresh = [
                Vertical(np.array([z[k, 2], 0.0]), np.zeros(2), np.diag([up_r, m.sigma_v_m_s**2]), 0.0, 0.0, 0.0, 0.0)
                for m in models.VERTICAL_MODELS
            ]  # fmt: skip
            track, newest_up = track._replace(up=fresh), t
            continue
        dt = max(t - newest_up, 0.0)
        newest_up = max(newest_up, t)
        weight = give_back(track.up_weight, up_share, models.SWITCH, dt)
        risen = [rise(f, m, dt, z[k, 2], up_r, association[k]) for m, f in enumerate(track.up)]
        gain = np.array([g for _, g in risen])
        weight, score = mix(gain, weight, track.up_score, bank._FLOOR_VERTICAL, models.K)
        track = track._replace(up=[f for f, _ in risen], up_weight=weight, up_score=score)
    return track
