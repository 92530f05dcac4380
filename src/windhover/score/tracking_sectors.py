"""Two neighbouring sectors instead of one: what crosses the seam keeps its name and its evidence.

A scenario is cut along a meridian. Each half has a tracker of its own, in its own frame, and is given the
plots of its side and of a strip beyond. A track that flies over the seam is handed over (`tracks.leave`,
kept where the sectors overlap, and `tracks.join`): the neighbour takes it up, or knows its own track to be it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from windhover import tracks
from windhover.geo.frames import from_enu, sector_frame, to_enu
from windhover.schema.batches import F64, I64, Detections
from windhover.schema.place import Point, Sector
from windhover.score.gospa import ESTIMATE, Siap, score
from windhover.score.tracking_run import run
from windhover.score.tracking_scenarios import (
    EPOCH_NS,
    ORIGIN,
    Scenario,
    detections_of,
    sensors_of,
)
from windhover.tracks.show import SHOW

STRIP_M: Final = 1500.0
"""Plots this far beyond the seam are given to both sides."""
APART_M: Final = 10_000.0
"""The origins of the two sectors lie so far on either side of the seam."""


class Seam(NamedTuple):
    """How two sectors did beside one."""

    handed_over: int
    two: Siap
    one: Siap


def seam(scenario: Scenario) -> Seam:
    """Run a scenario with one ground radar at the origin in two sectors and in one."""
    frame, sensors = sector_frame(ORIGIN), sensors_of(scenario)
    halves = [_half(-APART_M), _half(APART_M)]
    frames = [sector_frame(half) for half in halves]
    states = [tracks.start(half, sensors, show=SHOW) for half in halves]
    shared = {k: k for k in range(len(sensors))}
    name_of: list[dict[int, int]] = [{}, {}]  # id in a sector → one name for both
    names = handed = 0
    every = detections_of(scenario)
    east = scenario.plots["z"][:, 0] * np.sin(scenario.plots["z"][:, 1])
    rows = []
    for k, t in enumerate(scenario.scan_t.tolist()):
        now_ns = EPOCH_NS + round(t * 1e9)
        mine = scenario.plots["scan"] == k
        places: list[tuple[F64, I64]] = []
        for side, sign in enumerate((-1.0, 1.0)):
            batch: Detections = every.take(mine & (sign * east > -STRIP_M))
            states[side], picture, _ = tracks.advance(states[side], batch, now_ns)
            place = to_enu(frame, *from_enu(frames[side], picture.state_enu[:, :3].copy()))
            for row, track_id in enumerate(picture.track_id.tolist()):
                if sign * place[row, 0] >= 0.0:
                    if track_id not in name_of[side]:
                        name_of[side][track_id] = names = names + 1
                elif track_id in name_of[side]:
                    # Seen on its own ground before, and now on the neighbour's.
                    states[side], passed = tracks.leave(states[side], track_id, keep=True)
                    states[1 - side], there = tracks.join(states[1 - side], passed, shared)
                    name_of[1 - side][there] = name_of[side].pop(track_id)
                    handed += 1
            places.append((place, picture.track_id))
        for side, sign in enumerate((-1.0, 1.0)):
            place, ids = places[side]
            own = np.flatnonzero(sign * place[:, 0] >= 0.0)  # each side answers for its own ground
            out = np.zeros(len(own), ESTIMATE)
            out["scan"], out["x"], out["y"] = k, place[own, 0], place[own, 1]
            out["id"] = [name_of[side].get(i, 0) for i in ids[own].tolist()]
            rows.append(out)
    alone = run(scenario)
    scans = len(scenario.scan_t)
    return Seam(
        handed,
        score(np.concatenate(rows), scenario.truth, scans),
        score(alone.estimates, scenario.truth, scans),
    )


def _half(east_m: float) -> Sector:
    """A sector whose origin lies `east_m` of the scenario's."""
    latitude, longitude, height = from_enu(sector_frame(ORIGIN), np.array([east_m, 0.0, 0.0]))
    place = Point(float(latitude), float(longitude))
    return Sector("half", place, float(height), ORIGIN.radius_m)


def words(found: Seam) -> str:
    """Two sectors beside one."""
    lines = [f"two sectors, {found.handed_over} tracks handed over; beside one sector:"]
    for name, two, one in (
        ("GOSPA, m", found.two.gospa_m, found.one.gospa_m),
        ("completeness", found.two.completeness, found.one.completeness),
        ("false share of tracks", found.two.spurious, found.one.spurious),
        ("switches per object and minute", found.two.switches_per_object_min, found.one.switches_per_object_min),
    ):  # fmt: skip
        lines.append(f"  {name:<32} {two:.4g}  ({one:.4g})")
    return "\n".join(lines)
