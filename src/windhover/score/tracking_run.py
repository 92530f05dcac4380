"""Run the tracker over a scenario as a radar site would: batches in order of arrival, one picture per
scoring instant; count what it cost."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
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


class _Step(NamedTuple):
    """The tracker at one scoring instant."""

    scan: int
    now_s: float
    now_ns: int
    state: tracks.TrackerState  # belongs to the next step
    picture: Tracks
    fed: int  # detections handed over so far
    cpu_s: float
    wall_s: float


def _steps(scenario: Scenario, detections: Detections, when: F64) -> Iterator[_Step]:
    """One step per scoring instant; each detection is handed over at the first that is not before `when`,
    by which they are sorted."""
    edges = np.searchsorted(when, scenario.scan_t, side="right").tolist()
    state = tracks.start(ORIGIN, sensors_of(scenario), show=SHOW)
    for k, (a, b) in enumerate(zip([0, *edges[:-1]], edges, strict=True)):
        batch = detections.take(slice(a, b))
        now_s = float(scenario.scan_t[k])
        now_ns = EPOCH_NS + round(now_s * 1e9)
        cpu_from, wall_from = time.process_time(), time.perf_counter()
        state, picture, _ = tracks.advance(state, batch, now_ns)
        cpu_s, wall_s = time.process_time() - cpu_from, time.perf_counter() - wall_from
        yield _Step(k, now_s, now_ns, state, picture, b, cpu_s, wall_s)


def run(scenario: Scenario, in_order: bool = False, keep: bool = False) -> Run:
    """Feed every plot at the scoring instant after it arrived (in_order: after it was measured)."""
    when: F64 = scenario.plots["t"] if in_order else scenario.plots["t_arr"]
    order = np.argsort(when, kind="stable")
    cpu = wall = 0.0
    rows: list[Estimates] = []
    pictures: list[Tracks] = []
    for step in _steps(scenario, detections_of(scenario).take(order), when[order]):
        cpu += step.cpu_s
        wall += step.wall_s
        rows.append(_rows(step.scan, step.picture))
        if keep:
            pictures.append(step.picture)
    return Run(np.concatenate(rows), step.fed, cpu, wall, step.state, tuple(pictures))


def settled(scenario: Scenario, wait_s: float = tracks.WINDOW_S) -> Estimates:
    """Estimates for each scoring instant once what was measured by then and arrives within `wait_s` of it
    is in; plots arrive as in `run`.

    What arrives after the instant goes into a copy of the tracker, out of order as it came.
    """
    order = np.argsort(scenario.plots["t_arr"], kind="stable")
    arrival, measured = scenario.plots["t_arr"][order], scenario.plots["t"][order]
    detections = detections_of(scenario).take(order)
    rows: list[Estimates] = []
    for step in _steps(scenario, detections, arrival):
        picture, rest = step.picture, slice(step.fed, None)
        late = (measured[rest] <= step.now_s) & (arrival[rest] <= step.now_s + wait_s)
        if late.any():
            more = detections.take(step.fed + np.flatnonzero(late))
            _, picture, _ = tracks.advance(copy.deepcopy(step.state), more, step.now_ns)
        rows.append(_rows(step.scan, picture))
    return np.concatenate(rows)


def _rows(scan: int, picture: Tracks) -> Estimates:
    out = np.zeros(picture.n, ESTIMATE)
    out["scan"], out["id"] = scan, picture.track_id
    for column, c in (("x", 0), ("y", 1), ("vx", 3), ("vy", 4)):
        out[column] = picture.state_enu[:, c]
    return out
