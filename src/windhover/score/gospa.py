"""How good is a picture of tracks: GOSPA and the SIAP figures.

GOSPA after Rahmathullah, García-Fernández and Svensson (2017), "Generalized optimal sub-pattern
assignment metric", FUSION, with α = 2: missed and false objects cost cᵖ/2 each. Pairs farther apart
than c are never worth their while, so the assignment falls apart into small clusters that are
solved one by one: exact, and fast at ten thousand objects.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from windhover.schema.batches import F64, I64

Estimates = NDArray[np.void]
ESTIMATE: Final = np.dtype(
    [("scan", "i4"), ("id", "i8"), ("x", "f8"), ("y", "f8"), ("vx", "f8"), ("vy", "f8")]
)


class Gospa(NamedTuple):
    """One instant."""

    distance: float  # (localisation + cᵖ/2·(missed + false))^(1/p)
    localisation: float  # Σ dᵖ over matched pairs
    missed: int
    false: int
    estimate: I64  # matched pairs: row of the estimates,
    truth: I64  # row of the truth,
    apart_m: F64  # and how far apart they are


def match(estimates: F64, truth: F64, cutoff_m: float, power: float = 2.0) -> tuple[I64, I64, F64]:
    """Optimal pairs nearer than the cut-off: rows of `estimates` (E, d), of `truth` (T, d), m.

    A pair is made only where it costs less than leaving both alone (dᵖ < cᵖ).
    """
    none = np.zeros(0, np.int64)
    if not len(estimates) or not len(truth):
        return none, none, np.zeros(0)
    near = cKDTree(estimates).sparse_distance_matrix(
        cKDTree(truth), cutoff_m, output_type="coo_matrix"
    )
    row, column = near.row.astype(np.int64), near.col.astype(np.int64)
    if not len(row):
        return none, none, np.zeros(0)
    apart = np.linalg.norm(estimates[row] - truth[column], axis=1)
    total = len(estimates) + len(truth)
    graph = coo_matrix((np.ones(len(row)), (row, column + len(estimates))), shape=(total, total))
    _, cluster = connected_components(graph, directed=False)
    order = np.argsort(cluster[row], kind="stable")
    row, column, apart = row[order], column[order], apart[order]
    edges = np.flatnonzero(np.diff(cluster[row])) + 1
    found: list[tuple[I64, I64, F64]] = []
    for rows, columns, lengths in zip(
        np.split(row, edges), np.split(column, edges), np.split(apart, edges), strict=True
    ):
        if len(rows) == 1:
            if lengths[0] < cutoff_m:
                found.append((rows, columns, lengths))
            continue
        left, u = np.unique(rows, return_inverse=True)
        right, v = np.unique(columns, return_inverse=True)
        cost = np.full((len(left), len(right)), cutoff_m**power)
        cost[u, v] = lengths**power
        a, b = linear_sum_assignment(cost)
        worth = cost[a, b] < cutoff_m**power
        a, b = a[worth], b[worth]
        found.append((left[a], right[b], cost[a, b] ** (1.0 / power)))
    if not found:
        return none, none, np.zeros(0)
    i, j, d = (np.concatenate(part) for part in zip(*found, strict=True))
    return i, j, d


def gospa(estimates: F64, truth: F64, cutoff_m: float, power: float = 2.0) -> Gospa:
    """GOSPA (α = 2) of positions (E, d) against (T, d), all in m.

    >>> gospa(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0], [900.0, 0.0]]), 200.0).missed
    1
    """
    i, j, apart = match(estimates, truth, cutoff_m, power)
    localisation = float((apart**power).sum())
    missed, false = len(truth) - len(i), len(estimates) - len(i)
    cost = localisation + cutoff_m**power / 2.0 * (missed + false)
    return Gospa(float(cost ** (1.0 / power)), localisation, missed, false, i, j, apart)


class Siap(NamedTuple):
    """Means over the scored scans (single integrated air picture, Votruba et al. 2001)."""

    gospa_m: float
    position_rms_m: float
    velocity_rms_m_s: float
    missed: float  # per scan
    false: float  # per scan
    completeness: float  # share of true objects that have a track
    spurious: float  # share of tracks that have no object
    switches_per_object_min: float  # changes of the track that holds an object
    objects: float  # per scan
    completeness_by_class: tuple[float, ...]  # aircraft, drone, bird, balloon


def score(
    estimates: Estimates,
    truth: NDArray[np.void],
    scans: int,
    cutoff_m: float = 200.0,
    warm: int = 10,
    scan_s: float = 1.0,
) -> Siap:
    """Figures over the scans warm … scans−1. Rows need scan, id, x, y, vx, vy; truth also cls."""
    estimates = estimates[np.argsort(estimates["scan"], kind="stable")]
    truth = truth[np.argsort(truth["scan"], kind="stable")]
    instants = np.arange(warm, scans + 1)
    e_edge = np.searchsorted(estimates["scan"], instants)
    t_edge = np.searchsorted(truth["scan"], instants)
    distances, missed, false, complete, spurious = [], 0, 0, [], []
    position2, velocity2, pairs, objects, switches = 0.0, 0.0, 0, 0, 0
    holder: dict[int, int] = {}
    hits, of_class = np.zeros(4), np.zeros(4)
    for k in range(len(instants) - 1):
        e = estimates[e_edge[k] : e_edge[k + 1]]
        t = truth[t_edge[k] : t_edge[k + 1]]
        g = gospa(np.c_[e["x"], e["y"]], np.c_[t["x"], t["y"]], cutoff_m)
        distances.append(g.distance)
        missed, false = missed + g.missed, false + g.false
        complete.append(len(g.truth) / max(len(t), 1))
        spurious.append(g.false / max(len(e), 1))
        position2 += float((g.apart_m**2).sum())
        dv = np.hypot(
            e["vx"][g.estimate] - t["vx"][g.truth], e["vy"][g.estimate] - t["vy"][g.truth]
        )
        velocity2 += float((dv**2).sum())
        pairs, objects = pairs + len(g.truth), objects + len(t)
        for a, b in zip(e["id"][g.estimate].tolist(), t["id"][g.truth].tolist(), strict=True):
            switches += holder.get(b, a) != a
            holder[b] = a
        hits += np.bincount(t["cls"][g.truth], minlength=4)[:4]
        of_class += np.bincount(t["cls"], minlength=4)[:4]
    n = max(len(distances), 1)
    return Siap(
        gospa_m=float(np.mean(distances)) if distances else float("nan"),
        position_rms_m=float(np.sqrt(position2 / max(pairs, 1))),
        velocity_rms_m_s=float(np.sqrt(velocity2 / max(pairs, 1))),
        missed=missed / n,
        false=false / n,
        completeness=float(np.mean(complete)) if complete else float("nan"),
        spurious=float(np.mean(spurious)) if spurious else float("nan"),
        switches_per_object_min=switches / max(objects * scan_s / 60.0, 1e-9),
        objects=objects / n,
        completeness_by_class=tuple((hits / np.maximum(of_class, 1)).round(4).tolist()),
    )
