"""Which tracks cannot be told apart: "group" is said where their names may have changed places.

Two tracks are confusable while the difference of their states is no larger than its own uncertainty:
squared Mahalanobis distance over place and velocity (what is not measured, as the height of a 2-D
radar's plots, adds nothing). Groups are the connected components.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from windhover.schema.batches import F64, I64, Tracks
from windhover.tracks.kernel import kernel

CONFUSABLE: Final = (
    12.6  # 95 % of the differences between two estimates of one state (χ², 6 degrees)
)


@kernel("f8(f8[:, ::1], f8[:, :, ::1], i8, i8, f8, f8[:, ::1])")
def distance(state: F64, cov: F64, i: int, j: int, enough: float, low: F64) -> float:
    """Squared Mahalanobis distance between rows i and j, each with its own covariance, by Cholesky; what
    goes beyond `enough` is not worked out further. `low` (7, 6) is scratch."""
    total = 0.0
    for r in range(6):
        for c in range(r + 1):
            a = cov[i, r, c] + cov[j, r, c]
            for k in range(c):
                a -= low[r, k] * low[c, k]
            low[r, c] = math.sqrt(max(a, 1e-9)) if r == c else a / low[c, c]
        a = state[i, r] - state[j, r]
        for k in range(r):
            a -= low[r, k] * low[6, k]
        low[6, r] = a / low[r, r]
        total += low[6, r] * low[6, r]
        if total > enough:
            break
    return total


@kernel("void(f8[:, ::1], f8[:, :, ::1], i8[::1], f8, f8[:, ::1], i8[::1])")
def components(state: F64, cov: F64, order: I64, confusable: float, low: F64, parent: I64) -> None:
    """parent (N): one row that stands for all that row i is confusable with, directly or through others.

    `order`: rows from west to east; `low` (7, 6) is scratch.
    """
    n = len(order)
    widest = 0.0
    for i in range(n):
        parent[i] = i
        widest = max(widest, cov[i, 0, 0])
    for place in range(n):
        i = order[place]
        reach = math.sqrt(confusable * (cov[i, 0, 0] + widest))
        for after in range(place + 1, n):
            j = order[after]
            east = state[j, 0] - state[i, 0]
            if east > reach:
                break
            north = state[j, 1] - state[i, 1]
            # No nearer than in either direction alone.
            if north * north >= confusable * (cov[i, 1, 1] + cov[j, 1, 1]):
                continue
            if east * east >= confusable * (cov[i, 0, 0] + cov[j, 0, 0]):
                continue
            if distance(state, cov, i, j, confusable, low) >= confusable:
                continue
            a = i
            while parent[a] != a:
                a = parent[a]
            b = j
            while parent[b] != b:
                b = parent[b]
            parent[max(a, b)] = min(a, b)
    for i in range(n):
        # The one that stands for others is their first, and comes before them.
        parent[i] = parent[parent[i]]


def groups(picture: Tracks, confusable: float = CONFUSABLE) -> I64:
    """(N,) number of the group that each track belongs to, from 1; 0 = told apart from all others."""
    n = picture.n
    out = np.zeros(n, np.int64)
    if n < 2:
        return out
    order = np.argsort(picture.state_enu[:, 0], kind="stable")
    stands = np.empty(n, np.int64)
    components(
        np.ascontiguousarray(picture.state_enu), np.ascontiguousarray(picture.covariance_enu),
        order, confusable, np.zeros((7, 6)), stands,
    )  # fmt: skip
    many = np.bincount(stands, minlength=n) > 1
    number = np.cumsum(many)
    return np.where(many[stands], number[stands], 0)
