"""Slow, obvious twins of the tracker's kernels, in plain NumPy with full matrices."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm
from scipy.stats import multivariate_normal

from windhover.tracks import layout as at

# No height, no factor, no range rate: the end of `seen`.
NO_MORE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.nan)
UPPER = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)]


class Row(NamedTuple):
    """One track in full matrices."""

    mu: np.ndarray  # (3,)
    x: np.ndarray  # (3, 4)
    p: np.ndarray  # (3, 4, 4)


def read(tf: np.ndarray, i: int) -> Row:
    x, p = np.zeros((3, 4)), np.zeros((3, 4, 4))
    for m in range(3):
        b = at.MODE + at.STRIDE * m
        x[m] = tf[i, b : b + 4]
        for k, (r, c) in enumerate(UPPER):
            p[m, r, c] = p[m, c, r] = tf[i, b + 4 + k]
    return Row(tf[i, at.MU : at.MU + 3].copy(), x, p)


def write(tf: np.ndarray, i: int, row: Row) -> None:
    tf[i, at.MU : at.MU + 3] = row.mu
    for m in range(3):
        b = at.MODE + at.STRIDE * m
        tf[i, b : b + 4] = row.x[m]
        for k, (r, c) in enumerate(UPPER):
            tf[i, b + 4 + k] = row.p[m, r, c]


def motion(dt: float, decay: float, stir: float, turn: float) -> tuple[np.ndarray, np.ndarray]:
    """F and Q of an Ornstein–Uhlenbeck velocity by Van Loan's matrix exponential."""
    a = np.zeros((2, 2))
    a[0, 1], a[1, 1] = 1.0, -decay
    block = np.zeros((4, 4))
    block[:2, :2], block[2:, 2:], block[1, 3] = -a, a.T, stir
    e = expm(block * dt)
    f1 = e[2:, 2:].T
    q1 = f1 @ e[:2, 2:]
    short = min(dt, 12.0)
    g = np.array([short * short / 2.0, short])
    q1 = q1 + turn * turn * np.outer(g, g)
    return np.kron(f1, np.eye(2)), np.kron(q1, np.eye(2))


def predict(row: Row, dt: float, models: np.ndarray) -> Row:
    """Interacting multiple models: mix, then move."""
    stay = np.exp(-dt / models[:, 4])
    pi = (1.0 - stay)[:, None] * models[:, 5:8]
    pi[np.diag_indices(3)] = stay
    c = row.mu @ pi
    x, p = np.zeros((3, 4)), np.zeros((3, 4, 4))
    for j in range(3):
        w = row.mu * pi[:, j] / c[j]
        mean = w @ row.x
        cov = sum(w[i] * (row.p[i] + np.outer(row.x[i] - mean, row.x[i] - mean)) for i in range(3))
        f, q = motion(dt, models[j, 0], models[j, 1], models[j, 8])
        x[j], p[j] = f @ mean, f @ cov @ f.T + q
    return Row(c, x, p)


def likelihoods(row: Row, z: np.ndarray, r: np.ndarray, dt: float) -> np.ndarray:
    h = np.hstack([np.eye(2), dt * np.eye(2)])
    return np.array(
        [multivariate_normal.pdf(z, h @ row.x[m], h @ row.p[m] @ h.T + r) for m in range(3)]
    )


def update(
    row: Row, missed: float, plots: list[tuple[np.ndarray, np.ndarray, float, float]]
) -> Row:
    """Every hypothesis apart (a miss, or one of the plots: z, R, dt, weight), then moments per mode."""
    total = missed + sum(w for *_, w in plots)
    x, p, mu = np.zeros((3, 4)), np.zeros((3, 4, 4)), np.zeros(3)
    for m in range(3):
        weights, means, covs = [missed * row.mu[m]], [row.x[m]], [row.p[m]]
        for z, r, dt, w in plots:
            like = likelihoods(row, z, r, dt)
            h = np.hstack([np.eye(2), dt * np.eye(2)])
            s = h @ row.p[m] @ h.T + r
            k = row.p[m] @ h.T @ np.linalg.inv(s)
            weights.append(w * row.mu[m] * like[m] / (row.mu @ like))
            means.append(row.x[m] + k @ (z - h @ row.x[m]))
            covs.append(row.p[m] - k @ s @ k.T)
        here = sum(weights)
        mu[m] = here / total
        x[m] = sum(w * a for w, a in zip(weights, means, strict=True)) / here
        p[m] = (
            sum(
                w * (c + np.outer(a - x[m], a - x[m]))
                for w, a, c in zip(weights, means, covs, strict=True)
            )
            / here
        )
    return Row(mu / mu.sum(), x, p)


def association(odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact marginals by listing every assignment: odds (rows, plots), 0 = no pair."""
    rows, plots = odds.shape
    weight, total = np.zeros_like(odds), 0.0
    missed = np.zeros(rows)
    for choice in itertools.product(range(-1, plots), repeat=rows):
        used = [c for c in choice if c >= 0]
        if len(set(used)) < len(used):
            continue
        product = np.prod([odds[i, c] for i, c in enumerate(choice) if c >= 0])
        total += product
        for i, c in enumerate(choice):
            if c >= 0:
                weight[i, c] += product
            else:
                missed[i] += product
    return weight / total, missed / total


def over(height_m: float, variance_m2: float) -> float:
    """Share of a normal height above a soft horizon at 0, by the logistic curve, a quarter at least."""
    return max(0.25, 1.0 / (1.0 + np.exp(-1.702 * height_m / np.sqrt(variance_m2 + 400.0))))


EDGES_M = np.array([-np.inf, 0.0, *(100.0 * 2.0 ** np.arange(8)), np.inf])
WIDTH_M = np.array([200.0, 100.0, *(100.0 * 2.0 ** np.arange(7)), 100.0 * 2.0**6])


class ClutterMap:
    """Weighted histograms of false plots over range, range × azimuth, and height."""

    def __init__(self, low_m: float, high_m: float) -> None:
        self.edges = np.linspace(low_m, high_m, 13)
        self.plots: list[tuple[float, float, float, float]] = []  # range, azimuth, height, weight

    def _table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = np.array(self.plots).reshape(-1, 4)
        reach = np.clip(rows[:, 0], self.edges[0], self.edges[-1])
        turn = np.linspace(0.0, 2 * np.pi, 13)
        cells, _, _ = np.histogram2d(
            reach, rows[:, 1] % (2 * np.pi), [self.edges, turn], weights=rows[:, 3]
        )
        high = np.isfinite(rows[:, 2])
        heights, _ = np.histogram(rows[high, 2], EDGES_M, weights=rows[high, 3])
        return cells.sum(1), cells, heights

    def density(self, reach: float, azimuth: float, height: float) -> float:
        """Per m, rad and (where there is a height) m."""
        ranges, cells, heights = self._table()
        total, span = ranges.sum(), self.edges[-1] - self.edges[0]
        r = min(int(np.searchsorted(self.edges, reach, "right")) - 1, 11)
        a = int((azimuth % (2 * np.pi)) / (2 * np.pi) * 12)
        along = (ranges[r] / (span / 12) + 50.0 / span) / (total + 50.0)
        across = (cells[r, a] / (np.pi / 6) + 200.0 / (2 * np.pi)) / (ranges[r] + 200.0)
        if not np.isfinite(height):
            return float(along * across)
        h = int(np.searchsorted(EDGES_M, height, "right")) - 1
        up = (heights[h] / WIDTH_M[h] + 50.0 / max(reach, 100.0)) / (total + 50.0)
        return float(along * across * up)


def rate_density(gap: float, variance: float) -> float:
    body = np.exp(-0.5 * min(gap * gap / variance, 60.0)) / np.sqrt(2 * np.pi * variance)
    return float(0.95 * body + 0.05 / 60.0)


def update_with_rate(
    x: np.ndarray, p: np.ndarray, z: np.ndarray, r: np.ndarray, dt: float, sight: np.ndarray,
    rate: float, climb: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """One mode, one plot with a range rate: both measurements stacked in one Kalman update.

    `climb`: mean and variance of the vertical speed, which is another filter's.
    """
    h = np.zeros((3, 4))
    h[:2] = np.hstack([np.eye(2), dt * np.eye(2)])
    h[2, 2:] = sight[:2]
    noise = np.zeros((3, 3))
    noise[:2, :2] = r
    noise[2, 2] = 1.0 + sight[2] ** 2 * climb[1]
    s = h @ p @ h.T + noise
    k = p @ h.T @ np.linalg.inv(s)
    return x + k @ (np.r_[z, rate - sight[2] * climb[0]] - h @ x), p - k @ s @ k.T


def speed_density(rates: list[tuple[float, float]], rate: float) -> float:
    """Histogram of (range rate, weight) in octaves, with its prior of 50 plots."""
    edges = np.r_[0.0, 2.0 ** np.arange(7), np.inf]
    widths = np.r_[2.0, 2.0 ** np.arange(1, 8)]
    values = np.array(rates).reshape(-1, 2)
    counts, _ = np.histogram(np.abs(values[:, 0]), edges, weights=values[:, 1])
    k = int(np.searchsorted(edges, abs(rate), "right")) - 1
    prior = 0.5 / 256 + (0.5 / 20 if abs(rate) < 10 else 0.0)
    return float((counts[k] / widths[k] + 50.0 * prior) / (values[:, 1].sum() + 50.0))


def scalar_update(
    mean: np.ndarray, cov: np.ndarray, h: np.ndarray, value: float, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Kalman update with one number."""
    gain = cov @ h / (h @ cov @ h + noise)
    return mean + gain * (value - h @ mean), cov - np.outer(gain, h @ cov)


def crossing(
    places: np.ndarray, azimuths: np.ndarray, variances: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares point of two bearing lines, and its covariance (ranges taken at that point)."""
    normal = np.c_[np.cos(azimuths), -np.sin(azimuths)]
    point = np.linalg.solve(normal, (normal * places).sum(1))
    reach = np.hypot(*(point - places).T)
    information = (normal / (reach**2 * variances)[:, None]).T @ normal
    return point, np.linalg.inv(information)


class Hypothesis(NamedTuple):
    """One Bernoulli of the slow frame: which row it comes from, which plots feed it, how likely it is."""

    row: int  # −1 = a plot out of the blue
    plots: tuple[int, ...]
    existence: float


def frame(
    existence: np.ndarray, hits: np.ndarray, hope: np.ndarray, look: np.ndarray,
    weight: np.ndarray, missed: np.ndarray, fresh: np.ndarray, start: np.ndarray,
    limits: np.ndarray,
) -> list[Hypothesis]:  # fmt: skip
    """Every hypothesis after a frame. weight (rows, plots) 0 = no pair; missed (rows,) P(no plot)."""
    spawn, child_share, child_most, keep_share, keep_most, _ = limits
    out = []
    for i, r in enumerate(existence):
        mine = [j for j in range(weight.shape[1]) if weight[i, j] > 0.0]
        unseen = r * (1.0 - look[i]) / (1.0 - r * look[i])
        if not mine:
            out.append(Hypothesis(i, (), unseen))
            continue
        quiet = missed[i] * unseen
        if hits[i] > 2:
            out.append(Hypothesis(i, tuple(mine), quiet + float(weight[i].sum())))
            continue
        child = min(child_share * hope[i], child_most)
        keep = min(keep_share * hope[i], keep_most)
        best = max(mine, key=lambda j: weight[i, j])
        if weight[i, best] < child:
            out.append(Hypothesis(i, (), quiet))
            continue
        if quiet > keep:
            out.append(Hypothesis(i, (), quiet))
        least = max(child, 0.01 * weight[i, best])
        out += [
            Hypothesis(i, (j,), float(weight[i, j]))
            for j in mine
            if j == best or weight[i, j] >= least
        ]
    for j, share in enumerate(fresh):
        if share >= spawn and share * start[j] >= 1e-9:
            out.append(Hypothesis(-1, (j,), float(share * start[j])))
    return out


def scan_phase(azimuth: np.ndarray, time_s: np.ndarray, period_s: float) -> complex:
    """Mean of e^{i(azimuth − 2πt/period)}."""
    return complex(np.exp(1j * (azimuth - 2 * np.pi * time_s / period_s)).mean())
