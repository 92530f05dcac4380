"""Which track held which true object, second by second. For scoring only: the picture never sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from windhover.report.history import Glimpse
from windhover.score.simulate import Truth

WITHIN_M: Final = 250.0
"""Farther than this from its object, a track does not hold it (horizontal distance)."""


def match(truth: Sequence[Truth], glimpses: Sequence[Glimpse]) -> list[list[tuple[int, int]]]:
    """For each true object, the (glimpse, row) that held it, in order of time.

    One track holds one object at a time: the assignment with the least sum of distances
    (Kuhn–Munkres), pairs farther than `WITHIN_M` left out.
    """
    held: list[list[tuple[int, int]]] = [[] for _ in truth]
    times = np.array([seen.now_ns for seen in glimpses], np.float64)
    # (objects, glimpses, 2) once, NaN while an object does not exist
    places = np.full((len(truth), len(glimpses), 2), np.nan)
    for k, thing in enumerate(truth):
        t = thing.time_ns.astype(np.float64)
        for axis in range(2):
            places[k, :, axis] = np.interp(
                times, t, thing.position_enu_m[:, axis], left=np.nan, right=np.nan
            )
    for index, seen in enumerate(glimpses):
        alive = np.flatnonzero(np.isfinite(places[:, index, 0]))
        if not len(alive) or not len(seen.track_id):
            continue
        apart = np.linalg.norm(places[alive, index, None, :] - seen.state_enu[None, :, :2], axis=2)
        objects, rows = linear_sum_assignment(np.minimum(apart, WITHIN_M * 10))
        for k, row in zip(objects, rows, strict=True):
            if apart[k, row] <= WITHIN_M:
                held[alive[k]].append((index, int(row)))
    return held
