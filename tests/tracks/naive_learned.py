"""Slow, obvious twins of what the tracker learns of a radar: its noise and its misses, in plain lists."""

from __future__ import annotations

import numpy as np

from tests.tracks import naive


def applied(factor: float) -> float:
    """Drawn as a line through four points, the same on either side of one in logarithm."""
    if factor < 1.0:
        return 1.0 / applied(1.0 / factor)
    return float(np.interp(factor, [1.0, 1.5, 2.0, 1e9], [1.0, 1.0, 2.0, 1e9]))


def rescaled(covariance: np.ndarray, azimuth: float, along: float, turn: float) -> np.ndarray:
    """A plot's covariance (2, 2) with range and azimuth stretched apart, in full matrices."""
    sight = np.array([[np.sin(azimuth), np.cos(azimuth)], [np.cos(azimuth), -np.sin(azimuth)]])
    own = np.diag(np.diag(sight @ covariance @ sight.T))
    own *= np.diag([along, turn])
    return sight.T @ own @ sight


def noise_said(
    row: naive.Row, like: np.ndarray, z: np.ndarray, r: np.ndarray, azimuth: float, dt: float
) -> tuple[float, float]:
    """One plot's word on its variances along and across the line of sight, as factors."""
    h = np.hstack([np.eye(2), dt * np.eye(2)])
    share = row.mu * like / (row.mu @ like)
    out = []
    for u in ([np.sin(azimuth), np.cos(azimuth)], [np.cos(azimuth), -np.sin(azimuth)]):
        u = np.array(u)
        stated, said = u @ r @ u, 0.0
        for m in range(3):
            spread = u @ (h @ row.p[m] @ h.T + r) @ u
            gap2 = min((u @ (z - h @ row.x[m])) ** 2, 16.0 * spread)
            # What is left of the gap after the update, and what the updated track does not know.
            said += share[m] * ((stated / spread) ** 2 * gap2 + stated * (spread - stated) / spread)
        out.append(said / stated)
    return out[0], out[1]


class Misses:
    """Every look listed: (range bin, it followed a miss, it missed)."""

    def __init__(self, pd: float) -> None:
        self.pd, self.looks = pd, []

    def plot(self, k: int, looks: int) -> None:
        """A plot `looks` looks after the one before it: all but the last missed."""
        seen = [False] * (looks - 1) + [True]
        self.looks += [(k, at > 0, not hit) for at, hit in enumerate(seen)]

    def hit_chance(self, k: int, missed: bool) -> float:
        mine = [m for _, after, m in self.looks if after == missed]
        here = [m for where, after, m in self.looks if after == missed and where == k]
        whole, part = (20.0, 10.0) if missed else (100.0, 30.0)
        everywhere = (sum(mine) + whole * (1.0 - self.pd)) / (len(mine) + whole)
        return min(1.0 - (sum(here) + part * everywhere) / (len(here) + part), self.pd)
