"""Slow, obvious twins of one track's filter: start, mix, predict, see, weigh, update (full matrices)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm
from scipy.stats import multivariate_normal

from tests.tracks.naive_rows import Plot, Row, Sensor, combine, read, write
from windhover.tracks import layout as at

__all__ = ["NO_MORE", "Row", "combine", "read", "write"]

# No height, no factor, no range rate: the end of `seen`.
NO_MORE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.nan)


@cache
def axis(dt: float, decay: float, stir: float, turn: float) -> tuple[np.ndarray, np.ndarray]:
    """F and Q (2, 2) of an Ornstein–Uhlenbeck velocity by Van Loan's matrix exponential."""
    a = np.array([[0.0, 1.0], [0.0, -decay]])
    block = np.zeros((4, 4))
    block[:2, :2], block[2:, 2:], block[1, 3] = -a, a.T, stir
    e = expm(block * dt)
    f = e[2:, 2:].T
    q = f @ e[:2, 2:]
    short = min(dt, 12.0)
    g = np.array([short * short / 2.0, short])
    return f, q + turn * turn * np.outer(g, g)


def coefficients(
    dt: float, models: np.ndarray
) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """F and Q (4, 4) of each mode, and where the modes go."""
    moves = []
    for mode in models:
        f, q = axis(dt, mode[0], mode[1], mode[8])
        moves.append((np.kron(f, np.eye(2)), np.kron(q, np.eye(2))))
    stay = np.exp(-dt / models[:, 4])
    pi = (1.0 - stay)[:, None] * models[:, 5:8]
    pi[np.diag_indices(3)] = stay
    return moves, pi


def predict(row: Row, to_s: float, models: np.ndarray, lift: np.ndarray) -> Row:
    """Interacting multiple models: mix, then move. lift = stir, decay and turn of the vertical."""
    dt = to_s - row.time
    if dt <= 0.0:
        return row
    moves, pi = coefficients(dt, models)
    c = row.mu @ pi
    x, p = np.zeros((3, 4)), np.zeros((3, 4, 4))
    for j, (f, q) in enumerate(moves):
        w = row.mu * pi[:, j] / c[j]
        mean = w @ row.x
        cov = sum(w[i] * (row.p[i] + np.outer(row.x[i] - mean, row.x[i] - mean)) for i in range(3))
        x[j], p[j] = f @ mean, f @ cov @ f.T + q
    f, q = axis(dt, lift[1], lift[0], lift[2])
    return replace(
        row, mu=c, x=x, p=p, up=f @ row.up, up_p=f @ row.up_p @ f.T + q, time=to_s
    )  # fmt: skip


class Seen(NamedTuple):
    """What a plot says about a row."""

    z: np.ndarray  # (2,)
    r: np.ndarray  # (2, 2)
    height: float = 0.0
    height_variance: float = 0.0  # ≤ 0 = none
    log_factor: float = 0.0
    sight: np.ndarray = np.zeros(3)
    rate: float = np.nan


def as_array(seen: Seen) -> np.ndarray:
    return np.array([
        *seen.z, seen.r[0, 0], seen.r[0, 1], seen.r[1, 1], seen.height, seen.height_variance,
        seen.log_factor, *seen.sight, seen.rate,
    ])  # fmt: skip


def sight(row: Row, plot: Plot, sensor: Sensor) -> tuple[np.ndarray, float]:
    """Unit vector from the sensor to the plot, and the range rate (NaN where that says nothing)."""
    nothing = np.zeros(3), np.nan
    if not np.isfinite(plot.rate) or plot.form not in (at.FORM_PLACE, at.FORM_SLANT):
        return nothing
    rise = 0.0
    if plot.rz > 0.0:
        rise = plot.z - sensor.place[2]
    elif plot.form == at.FORM_SLANT:
        rise = float(np.clip(row.up[0] - sensor.place[2], -0.9 * plot.range, 0.9 * plot.range))
    line = np.array([*(plot.place - sensor.place[:2]), rise])
    far = np.linalg.norm(line)
    return (line / far, plot.rate) if far >= 1.0 else nothing


def rotated(azimuth: float, along: float, across: float) -> np.ndarray:
    """Covariance in east and north of errors along and across a line of sight."""
    turn = np.array([[np.sin(azimuth), np.cos(azimuth)], [np.cos(azimuth), -np.sin(azimuth)]])
    return turn @ np.diag([along, across]) @ turn.T


def see(row: Row, plot: Plot, sensor: Sensor) -> Seen:
    """A plot as the row's own height and range complete it."""
    line, rate = sight(row, plot, sensor)
    base = sensor.place[:2]
    out = Seen(plot.place, plot.r, plot.z, plot.rz, 0.0, line, rate)
    toward = np.array([np.sin(plot.azimuth), np.cos(plot.azimuth)])
    if plot.form == at.FORM_SLANT:
        rise = float(np.clip(row.up[0] - sensor.place[2], -0.9 * plot.range, 0.9 * plot.range))
        ground = np.sqrt(plot.range**2 - rise**2)
        # Pythagoras: d ground = (slant d slant − rise d rise) / ground.
        height = min(row.up_p[0, 0], 0.25 * plot.range**2)
        along = (plot.range**2 * plot.range_variance + rise**2 * height) / ground**2
        across = ground**2 * plot.azimuth_variance
        return out._replace(z=base + ground * toward, r=rotated(plot.azimuth, along, across))
    if plot.form == at.FORM_BEARING:
        mean, cov = combine(row)
        here = mean[:2] + (plot.t - row.time) * mean[2:] - base
        far = float(np.hypot(*here)) + 1.0
        r = rotated(plot.azimuth, 1e10, far**2 * plot.azimuth_variance)
        # Density per radian: of the distance across, times metres per radian; any range is right.
        factor = np.log(far * np.sqrt(2.0 * np.pi * 1e10))
        out = out._replace(z=base + max(here @ toward, 0.0) * toward, r=r)
        if plot.elevation_variance > 0.0:
            slope = np.tan(plot.elevation)
            per_rad = far * (1.0 + slope**2)
            spread = np.trace(cov[:2, :2])
            variance = per_rad**2 * plot.elevation_variance + slope**2 * spread
            out = out._replace(height=sensor.place[2] + far * slope, height_variance=variance)
            factor += np.log(per_rad)
        return out._replace(log_factor=factor)
    if plot.form == at.FORM_FLAT:
        # Where nobody has told a height, the usual one, the same for every plot of the object.
        rise, spread = row.up[0] - plot.z, row.up_p[0, 0]
        if spread >= 2000.0**2:
            rise, spread = 1500.0, 0.0
        r = plot.r + np.outer(plot.tilt, plot.tilt) * spread
        return out._replace(z=plot.place + rise * plot.tilt, r=r)
    return out


def density(gap: float, variance: float) -> float:
    """Of a range rate: normal with a long foot (30 nats deep), or a blade's, anywhere within 60 m/s."""
    body = np.exp(-0.5 * min(gap * gap / variance, 60.0)) / np.sqrt(2 * np.pi * variance)
    return float(0.95 * body + 0.05 / 60.0)


def fits(row: Row, mode: int, seen: Seen) -> float:
    """Density of the range rate under one mode."""
    if not np.isfinite(seen.rate):
        return 1.0
    u, climb = seen.sight[:2], seen.sight[2]
    variance = u @ row.p[mode, 2:, 2:] @ u + climb**2 * row.up_p[1, 1] + 1.0
    return density(float(seen.rate - u @ row.x[mode, 2:] - climb * row.up[1]), float(variance))


def of_a_stranger(rate: float, models: np.ndarray) -> float:
    """Density of the range rate of an object that nobody has seen before."""
    if not np.isfinite(rate):
        return 1.0
    return float(sum(mode[3] * density(rate, mode[2] ** 2 + 1.0) for mode in models))


def height_density(gap: float, variance: float) -> float:
    """One height in a hundred is another datum's, anywhere in 6000 m."""
    body = np.exp(-0.5 * min(gap * gap / variance, 60.0)) / np.sqrt(2 * np.pi * variance)
    return float(0.99 * body + 0.01 / 6000.0)


def likelihood(row: Row, dt: float, seen: Seen) -> tuple[float, np.ndarray, float]:
    """Nearest squared distance over the modes that matter, densities by mode, and their mixture."""
    h = np.hstack([np.eye(2), dt * np.eye(2)])
    up = 1.0
    if seen.height_variance > 0.0:
        g = np.array([1.0, dt])
        up = height_density(seen.height - g @ row.up, g @ row.up_p @ g + seen.height_variance)
    each, distance = np.zeros(3), np.zeros(3)
    for m in range(3):
        gap, s = seen.z - h @ row.x[m], h @ row.p[m] @ h.T + seen.r
        distance[m] = gap @ np.linalg.solve(s, gap)
        if distance[m] < 60.0:
            each[m] = multivariate_normal.pdf(gap, cov=s) * up * fits(row, m, seen)
    each *= np.exp(seen.log_factor)
    near = distance[row.mu > 1e-3]
    return float(min(near, default=1e9)), each, float(row.mu @ each)


def young_likelihood(
    row: Row, dt: float, seen: Seen, models: np.ndarray
) -> tuple[float, np.ndarray, float]:
    """The same for a row of one plot whose modes do not mix: still, or fast (which both others are)."""
    dt = max(dt, 0.0)
    moves, _ = coefficients(dt, models)
    up = 1.0
    if seen.height_variance > 0.0:
        variance = row.up_p[0, 0] + dt * dt * row.up_p[1, 1] + seen.height_variance
        up = height_density(seen.height - row.up[0], variance)
    each, distance = np.zeros(3), np.zeros(2)
    for m in range(2):
        f, q = moves[m]
        s = (f @ row.p[m] @ f.T + q)[:2, :2] + seen.r
        gap = seen.z - (f @ row.x[m])[:2]
        distance[m] = gap @ np.linalg.solve(s, gap)
        if distance[m] < 40.0:
            each[m] = multivariate_normal.pdf(gap, cov=s) * up * fits(row, m, seen)
    each *= np.exp(seen.log_factor)
    each[2] = each[1]
    return float(distance.min()), each, float(row.mu @ each)


def scalar_update(
    mean: np.ndarray, cov: np.ndarray, h: np.ndarray, value: float, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Kalman update with one number."""
    gain = cov @ h / (h @ cov @ h + noise)
    return mean + gain * (value - h @ mean), cov - np.outer(gain, h @ cov)


def refine(x: np.ndarray, p: np.ndarray, row: Row, seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    """One mode's mean and covariance after the range rate, unless it is beyond four sigma."""
    if not np.isfinite(seen.rate):
        return x, p
    h = np.array([0.0, 0.0, *seen.sight[:2]])
    value = seen.rate - seen.sight[2] * row.up[1]
    noise = seen.sight[2] ** 2 * row.up_p[1, 1] + 1.0
    if (value - h @ x) ** 2 > 16.0 * (h @ p @ h + noise):
        return x, p
    return scalar_update(x, p, h, float(value), float(noise))


def mixture(
    weights: list[float], means: list[np.ndarray], covs: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of a mixture."""
    w = np.array(weights) / sum(weights)
    mean = w @ np.array(means)
    spread = [c + np.outer(a - mean, a - mean) for a, c in zip(means, covs, strict=True)]
    return mean, sum(wk * c for wk, c in zip(w, spread, strict=True))


def update(
    row: Row, missed: float, fed: list[tuple[Plot, np.ndarray, float]], sensor: Sensor
) -> Row:
    """Every hypothesis apart (a miss, or one of the plots: plot, densities by mode, weight), then
    the moments of all of them per mode."""
    total = missed + sum(w for *_, w in fed)
    if total <= 0.0:
        return row
    x, p, mu = row.x.copy(), row.p.copy(), np.zeros(3)
    for m in range(3):
        weights, means, covs = [missed * row.mu[m]], [row.x[m]], [row.p[m]]
        for plot, like, w in fed:
            seen, dt = see(row, plot, sensor), plot.t - row.time
            h = np.hstack([np.eye(2), dt * np.eye(2)])
            s = h @ row.p[m] @ h.T + seen.r
            k = row.p[m] @ h.T @ np.linalg.inv(s)
            mean, cov = refine(
                row.x[m] + k @ (seen.z - h @ row.x[m]), row.p[m] - k @ s @ k.T, row, seen
            )
            weights.append(w * row.mu[m] * like[m] / max(row.mu @ like, 1e-300))
            means.append(mean)
            covs.append(cov)
        mu[m] = sum(weights) / total
        if mu[m] > 1e-12:
            x[m], p[m] = mixture(weights, means, covs)
    mu = np.maximum(mu, 1e-6)
    weights, means, covs = [missed], [row.up], [row.up_p]
    for plot, _, w in fed:
        weights.append(w)
        if plot.rz <= 0.0 and plot.elevation_variance <= 0.0:
            means.append(row.up)
            covs.append(row.up_p)
            continue
        seen, g = see(row, plot, sensor), np.array([1.0, plot.t - row.time])
        gap, noise = float(seen.height - g @ row.up), seen.height_variance
        usual = float(g @ row.up_p @ g + noise)
        if gap * gap > 25.0 * usual:
            noise += gap * gap  # believed as little as it fits
        mean, cov = scalar_update(row.up, row.up_p, g, seen.height, noise)
        means.append(mean)
        covs.append(cov)
    up, up_p = mixture(weights, means, covs)
    return replace(row, mu=mu / mu.sum(), x=x, p=p, up=up, up_p=up_p)


def begin(
    t: float, seen: Seen, models: np.ndarray, start: np.ndarray, existence: float
) -> Row:  # fmt: skip
    """A row of one plot. start = height, its variance, climb variance where the plot has no height."""
    x, p, mu = np.zeros((3, 4)), np.zeros((3, 4, 4)), models[:, 3].copy()
    up, up_p = np.array([start[0], 0.0]), np.diag(start[1:3])
    if seen.height_variance > 0.0:
        up[0], up_p[0, 0] = seen.height, seen.height_variance
    blank = Row(mu, x, p, up, up_p, t, existence, t)
    for m in range(3):
        x[m, :2], p[m, :2, :2] = seen.z, seen.r
        p[m, 2:, 2:] = np.eye(2) * models[m, 2] ** 2
        mu[m] *= fits(blank, m, seen)
        x[m], p[m] = refine(x[m], p[m], blank, seen)
    return replace(blank, mu=mu / mu.sum())


def copy_row(row: Row) -> Row:
    """A row of its own."""
    return deepcopy(row)
