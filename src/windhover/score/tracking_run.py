"""Run the tracker over a scenario as a radar site would: batches in order of arrival, one picture per
scoring instant; count what it cost."""

from __future__ import annotations

import copy
import time
from typing import NamedTuple

import numpy as np

from windhover import tracks
from windhover.schema.batches import F64, Detections, Tracks
from windhover.score.gospa import ESTIMATE, Estimates
from windhover.score.tracking_scenarios import (
    EPOCH_NS,
    ORIGIN,
    Scenario,
    detections_of,
    sensors_of,
)
from windhover.tracks.show import SHOW


class Run(NamedTuple):
    """What came out and what it cost."""

    estimates: Estimates  # one row per shown track and scoring instant
    detections: int
    cpu_s: float  # process time inside `tracks.advance`
    wall_s: float
    state: tracks.TrackerState
    pictures: tuple[Tracks, ...]  # kept where asked for


def run(scenario: Scenario, in_order: bool = False, keep: bool = False) -> Run:
    """Feed every plot at the scoring instant after it arrived (in_order: after it was measured)."""
    detections = detections_of(scenario)
    when: F64 = scenario.plots["t"] if in_order else scenario.plots["t_arr"]
    order = np.argsort(when, kind="stable")
    detections, when = detections.take(order), when[order]
    edges = np.searchsorted(when, scenario.scan_t, side="right")
    state = tracks.start(ORIGIN, sensors_of(scenario), show=SHOW)
    cpu = wall = 0.0
    fed = 0
    rows: list[Estimates] = []
    pictures: list[Tracks] = []
    for k, (a, b) in enumerate(zip([0, *edges[:-1].tolist()], edges.tolist(), strict=True)):
        batch: Detections = detections.take(slice(a, b))
        now_ns = EPOCH_NS + round(float(scenario.scan_t[k]) * 1e9)
        cpu_from, wall_from = time.process_time(), time.perf_counter()
        state, picture, _ = tracks.advance(state, batch, now_ns)
        cpu += time.process_time() - cpu_from
        wall += time.perf_counter() - wall_from
        fed += batch.n
        rows.append(_rows(k, picture))
        if keep:
            pictures.append(picture)
    return Run(np.concatenate(rows), fed, cpu, wall, state, tuple(pictures))


def settled(scenario: Scenario, wait_s: float = tracks.WINDOW_S) -> Estimates:
    """Estimates for each scoring instant once what comes up to `wait_s` late is in; plots arrive as in `run`.

    What is late for the instant goes into a copy of the tracker, out of order as it came.
    """
    arrival = np.sort(scenario.plots["t_arr"])
    order = np.argsort(scenario.plots["t_arr"], kind="stable")
    detections, measured = detections_of(scenario).take(order), scenario.plots["t"][order]
    edges = np.searchsorted(arrival, scenario.scan_t, side="right").tolist()
    state = tracks.start(ORIGIN, sensors_of(scenario), show=SHOW)
    rows: list[Estimates] = []
    for k, (a, b) in enumerate(zip([0, *edges[:-1]], edges, strict=True)):
        now_s = float(scenario.scan_t[k])
        now_ns = EPOCH_NS + round(now_s * 1e9)
        state, picture, _ = tracks.advance(state, detections.take(slice(a, b)), now_ns)
        late = (measured[b:] <= now_s) & (arrival[b:] <= now_s + wait_s)
        if late.any():
            more = detections.take(b + np.flatnonzero(late))
            _, picture, _ = tracks.advance(copy.deepcopy(state), more, now_ns)
        rows.append(_rows(k, picture))
    return np.concatenate(rows)


def _rows(scan: int, picture: Tracks) -> Estimates:
    out = np.zeros(picture.n, ESTIMATE)
    out["scan"], out["id"] = scan, picture.track_id
    for column, c in (("x", 0), ("y", 1), ("vx", 3), ("vy", 4)):
        out[column] = picture.state_enu[:, c]
    return out
