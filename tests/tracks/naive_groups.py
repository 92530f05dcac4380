"""Slow, obvious twins of `tracks.groups`."""

from __future__ import annotations

import numpy as np


def distance(a: np.ndarray, p: np.ndarray, b: np.ndarray, q: np.ndarray) -> float:
    """Squared Mahalanobis distance between two states, each with its own covariance."""
    return float((a - b) @ np.linalg.solve(p + q, a - b))


def components(state: np.ndarray, cov: np.ndarray, confusable: float) -> list[set[int]]:
    """Every row with all that can be reached from it by confusable pairs."""
    n = len(state)
    near = {
        i: {j for j in range(n) if distance(state[i], cov[i], state[j], cov[j]) < confusable}
        for i in range(n)
    }
    found = []
    for i in range(n):
        mine, fresh = {i}, {i}
        while fresh:
            fresh = set().union(*(near[k] for k in fresh)) - mine
            mine |= fresh
        found.append(mine)
    return found
