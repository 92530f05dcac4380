"""Which tracks cannot be told apart: "group" is said where their names may have changed places.

Two tracks are confusable while the difference of their states is no larger than its own uncertainty:
squared Mahalanobis distance over place and velocity (what is not measured, as the height of a 2-D
radar's plots, adds nothing). Groups are the connected components.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import I64, Tracks

CONFUSABLE: Final = (
    12.6  # 95 % of the differences between two estimates of one state (χ², 6 degrees)
)


def groups(picture: Tracks, confusable: float = CONFUSABLE) -> I64:
    """(N,) number of the group that each track belongs to, from 1; 0 = told apart from all others."""
    n = picture.n
    out = np.zeros(n, np.int64)
    if n < 2:
        return out
    east = picture.state_enu[:, 0]
    order = np.argsort(east, kind="stable")
    sigma = np.sqrt(picture.covariance_enu[:, 0, 0])
    reach = np.sqrt(confusable * 2.0) * sigma
    widest = float(reach.max())
    parent = list(range(n))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for place, i in enumerate(order.tolist()):
        last = int(np.searchsorted(east[order], east[i] + max(widest, 1.0), side="right"))
        near = order[place + 1 : last]
        if not len(near):
            continue
        gap = picture.state_enu[near] - picture.state_enu[i]
        spread = picture.covariance_enu[near] + picture.covariance_enu[i]
        d2 = np.einsum("na,na->n", gap, np.linalg.solve(spread, gap[:, :, None])[:, :, 0])
        for j in near[d2 < confusable].tolist():
            parent[root(j)] = root(i)
    roots = np.array([root(k) for k in range(n)])
    number = 0
    for r in dict.fromkeys(roots.tolist()):
        members = roots == r
        if members.sum() > 1:
            number += 1
            out[members] = number
    return out
