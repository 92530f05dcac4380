"""Slow twins of a whole frame, of what people see of it, and of putting plots in order."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tests.tracks import naive
from tests.tracks import naive_learned as learned
from tests.tracks.naive_cross import Heard, triangulate
from tests.tracks.naive_frame import (
    apply,
    combine,
    gather,
    marginals,
    out_of_the_blue,
    prune,
)
from tests.tracks.naive_rows import Field, Plot, Row, Sensor
from tests.tracks.naive_sensors import life, looked, register, timing, undetected_at
from windhover.tracks import layout as at

# --- step ----------------------------------------------------------------------------------------


def before(sensors: list[Sensor], s: int, field: Field, plots: list[Plot]) -> tuple[float, float]:
    """Share of the scan that the frame covers, and undetected targets per m² where it looks."""
    covered = timing(sensors[s], plots)
    return covered, undetected_at(sensors, s, field, plots[-1].t, len(plots), covered)


def step(
    rows: list[Row], sensors: list[Sensor], s: int, field: Field, plots: list[Plot],
    heard: list[Heard], covered: float, undetected: float, models: np.ndarray, lift: np.ndarray,
    height: np.ndarray, widest_m2: float, limits: np.ndarray,
) -> tuple[list[Row], list[Row | None], np.ndarray]:  # fmt: skip
    """A frame from end to end: rows afterwards, the owner of each plot (a row that may be gone), and
    the probability that no row made it."""
    to_s = plots[-1].t
    rows = list(rows)
    background, start = out_of_the_blue(sensors[s], plots, undetected, models)
    pairs, look, _ = gather(
        rows, sensors, s, plots, to_s, models, lift, background, limits, life(field)
    )  # fmt: skip
    odds = np.zeros((len(rows), len(plots)))
    for i, mine in pairs.items():
        for j, (ratio, _) in mine.items():
            odds[i, j] = ratio
    weight, missed, fresh = marginals(odds)
    weighed = {i: {j: weight[i, j] for j in mine} for i, mine in pairs.items()}
    register(rows, sensors, s, plots, to_s, weighed)
    learned.judge(rows, sensors[s], plots, {
        i: {j: (weight[i, j], like) for j, (_, like) in mine.items()} for i, mine in pairs.items()
    })  # fmt: skip
    learned.tell(rows, sensors, s, plots, weighed)
    owner = apply(
        rows, sensors, s, plots, to_s, pairs, look, weight, missed, fresh, start, field, undetected,
        models, height, lift, limits,
    )  # fmt: skip
    standing = len(rows)
    if sensors[s].kind == at.CLASS_BEARING:
        triangulate(
            rows, sensors, s, plots, to_s, fresh, background, heard, models, height, field, undetected,
            owner,
        )  # fmt: skip
    crossed = sum(row.existence for row in rows[standing:])
    kept = prune(rows, field, widest_m2, limits)
    looked(sensors, s, field, to_s, covered, plots, fresh, start, crossed)
    return kept, owner, fresh


# --- show ----------------------------------------------------------------------------------------


def shown_rows(rows: list[Row], hide: float, widest_m2: float, now_s: float) -> list[int]:
    """Rows that have once been certain, still exist and are not lost by now."""
    out = []
    for i, row in enumerate(rows):
        cov, ahead = combine(row)[1], np.hstack([np.eye(2), (now_s - row.time) * np.eye(2)])
        known = row.risen and row.existence >= hide
        if known and np.trace(ahead @ cov @ ahead.T) <= widest_m2:
            out.append(i)
    return out


class Shown(NamedTuple):
    """One row of `Tracks`."""

    state: np.ndarray  # (6,)
    covariance: np.ndarray  # (6, 6)
    modes: np.ndarray
    status: int
    claim_weight: float
    sensors: int


def fill(row: Row, sensors: list[Sensor], now_s: float, models: np.ndarray, lift: np.ndarray) -> Shown:  # fmt: skip
    """What people see of a row: carried to now (never back), by whom it is held, and how lately."""
    row = naive.predict(row, now_s, models, lift)
    mean, cov = combine(row)
    state, whole, flat = np.zeros(6), np.zeros((6, 6)), [0, 1, 3, 4]
    state[flat], state[[2, 5]] = mean, row.up
    whole[np.ix_(flat, flat)], whole[np.ix_([2, 5], [2, 5])] = cov, row.up_p
    ago = [(now_s - t) / one.period for t, one in zip(row.heard, sensors, strict=True)]
    held = [
        k for k, one in enumerate(sensors) if now_s - row.heard[k] < max(30.0, 3.0 * one.period)
    ]
    firm = any(ago[k] < 2.2 for k in held)
    share = min(row.claim_weight / max(row.coop_weight, 1e-9), 1.0)
    return Shown(state, whole, row.mu, 1 if firm else 2, share, sum(1 << k for k in held))


def tell(owner: list[int], weight: list[float], plots: list[Plot], which: list[int]) -> list[tuple]:
    """Place in the list of shown rows, batch row, weight, time, position and covariance of each plot
    of this batch that fed one."""
    out = []
    for row, w, plot in zip(owner, weight, plots, strict=True):
        if row in which and plot.row >= 0 and w >= 0.05:
            high = plot.rz > 0.0
            cov = np.zeros((3, 3))
            cov[:2, :2], cov[2, 2] = plot.r, plot.rz if high else 0.0
            place = np.array([*plot.place, plot.z if high else np.nan])
            out.append((which.index(row), plot.row, w, plot.time_ns, place, cov))
    return out


# --- order ---------------------------------------------------------------------------------------


def key(plot: Plot) -> tuple[float, int, float]:
    return plot.end, plot.sensor, plot.t


def sorted(plots: list[Plot]) -> bool:
    """In frames, and by time within them."""
    return all(key(a) <= key(b) for a, b in pairwise(plots))


def edges(plots: list[Plot]) -> list[int]:
    """Where a new frame begins, and the end."""
    frames = [(p.end, p.sensor) for p in plots]
    return [0, *(j for j in range(1, len(frames)) if frames[j] != frames[j - 1]), len(frames)]


def follow(
    owner: list[int], weight: list[float], moved: list[int], owned: list[int], fresh: list[float]
) -> tuple[list[int], list[float]]:
    """Owners and weights of a batch's plots after one more frame: earlier owners have moved."""
    stayed = [moved[k] if k >= 0 else -1 for k in owner]
    return stayed + owned, weight + [1.0 - f for f in fresh]
