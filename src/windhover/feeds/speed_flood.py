"""A flood into one process: does what arrives reach the picture within a second, and what is let go?

Ten radars see the same thousand objects; nine report once a second, the tenth as often as it takes to
reach the rate. Everything is real: the clock, the queues, the tracker and the identification.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import radians
from typing import Final, NamedTuple

import numpy as np

from windhover import picture
from windhover.detections.decoded import Decoded
from windhover.detections.merge import FASTER, merge
from windhover.feeds.hub import Arrival, Hub
from windhover.feeds.pace import Pace
from windhover.geo.frames import frame_at, from_enu, sector_frame, to_enu
from windhover.schema.batches import Detections, Kind
from windhover.schema.commands import Tick
from windhover.schema.place import Point, Policy, Sector, Sensor, Site, Vertical
from windhover.units import NS_PER_S

STEP_S: Final = 0.25
OBJECTS: Final = 1_000
RADARS: Final = 10
_RADIUS_M: Final = 40_000.0
_SIGMA: Final = (15.0, 0.005, 0.006)


class Flood(NamedTuple):
    """What became of it."""

    seconds: float
    rows_a_second: float  # that arrived
    used: float  # share of them that the picture took in
    repeated: float  # share that a radar reported again before it can have looked again
    wait_s: float  # 99th percentile, reception to picture, of the nine steady radars
    wait_flood_s: float  # … and of the tenth
    lost_steady: int  # rows of the nine that were dropped
    thinned: tuple[str, ...]  # feeds that the hub named as losing something, at any time
    tracks: int  # held at the end


def site() -> Site:
    """A place with ten radars and nothing else."""
    middle = Point(radians(31.8), radians(-106.4))
    sensors = tuple(
        Sensor(
            f"radar {k}",
            "radar_3d",
            Point(middle.latitude_rad + 0.0003 * k, middle.longitude_rad),
            1200.0,
            100.0,
            60_000.0,
            1.0,
            *_SIGMA,
            clutter_per_scan=1.0,
        )
        for k in range(RADARS)
    )
    sector = Sector("flood", middle, 1200.0, 60_000.0, Vertical(0.0, 1200.0, 1013.25))
    return Site("flood", "", "", sector, sensors, (), (), (), Policy(()))


class _World:
    """Objects on straight ways, and each radar's plots of all of them."""

    def __init__(self, place: Site, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.start = self.random.uniform(-_RADIUS_M, _RADIUS_M, (OBJECTS, 2))
        self.speed = self.random.normal(0.0, 15.0, (OBJECTS, 2))
        self.height = self.random.uniform(100.0, 3_000.0, OBJECTS)
        self.middle = sector_frame(place.sector)
        self.radars = [
            frame_at(
                radar.position.latitude_rad, radar.position.longitude_rad, radar.height_ellipsoid_m
            )
            for radar in place.sensors
        ]

    def plots(self, sensor: int, at_ns: int, passed_s: float) -> Detections:
        level = np.column_stack([self.start + self.speed * passed_s, self.height])
        east, north, up = to_enu(self.radars[sensor], *from_enu(self.middle, level)).T
        ground = np.hypot(east, north)
        rows = Detections.empty(OBJECTS)
        rows.time_ns[:] = rows.received_ns[:] = at_ns
        rows.sensor[:] = sensor
        rows.kind[:] = Kind.RANGE_AZIMUTH_ELEVATION
        rows.value[:, 0] = np.hypot(ground, up)
        rows.value[:, 1] = np.arctan2(east, north)
        rows.value[:, 2] = np.arctan2(up, ground)
        rows.value[:] += self.random.normal(0.0, 1.0, (OBJECTS, 3)) * _SIGMA
        rows.value[:, 1] %= 2 * np.pi
        for i in range(3):
            rows.covariance[:, i, i] = _SIGMA[i] ** 2
        return rows


def flood(
    seconds: float,
    rows_a_second: int = 100_000,
    clock_ns: Callable[[], int] = time.time_ns,
    sleep: Callable[[float], None] = time.sleep,
    seed: int = 1,
    warm_s: float = 4.0,
) -> Flood:
    """Run it for so long, in real time, after the kernels are loaded and the tracks stand."""
    place = site()
    world, hub = _World(place, seed), Hub(clock=clock_ns)
    began_ns = clock_ns()
    held = picture.start(place, began_ns)
    every_s = [1.0] * (RADARS - 1) + [OBJECTS / max(1, rows_a_second - OBJECTS * (RADARS - 1))]
    due_s = [0.1 * k for k in range(RADARS)]
    arrived = used = repeated = 0
    waits: dict[bool, list[float]] = {True: [], False: []}
    named: set[str] = set()
    pace = Pace(STEP_S)
    ticked_s = 0.0
    while (passed_s := (clock_ns() - began_ns) / NS_PER_S) < seconds + warm_s:
        if passed_s < warm_s:  # the nine alone, uncounted
            due_s[-1], arrived, used, repeated = warm_s, 0, 0, 0
            waits = {True: [], False: []}
        for k in range(RADARS):
            while due_s[k] <= passed_s:
                at_ns = began_ns + round(due_s[k] * NS_PER_S)
                plots = world.plots(k, at_ns, due_s[k])
                hub.push(Arrival(f"radar {k}", at_ns, Decoded(plots, (), None, {})))
                arrived += plots.n
                due_s[k] += every_s[k]
        now_ns = clock_ns()
        taken = hub.take(100_000, rows=pace.rows)
        batch, refused = merge(
            [one.decoded.detections for one in taken], now_ns, sensors=place.sensors
        )
        held, _ = picture.advance(held, batch, now_ns)
        if passed_s - ticked_s >= 1.0:
            held, _ = picture.advance(held, Tick(), now_ns)
            ticked_s = passed_s
        done_ns = clock_ns()
        for arrival in taken:
            steady = arrival.feed != f"radar {RADARS - 1}"
            waits[steady].append((done_ns - arrival.received_ns) / NS_PER_S)
        used += batch.n
        repeated += refused.get(FASTER, 0)
        named |= set(hub.thinned(done_ns))
        pace.done(sum(one.decoded.detections.n for one in taken), (done_ns - now_ns) / NS_PER_S)
        sleep(max(0.0, STEP_S - (clock_ns() - now_ns) / NS_PER_S))
    return Flood(
        passed_s - warm_s,
        arrived / (passed_s - warm_s),
        used / max(arrived, 1),
        repeated / max(arrived, 1),
        _p99(waits[True]),
        _p99(waits[False]),
        sum(hub.health[f"radar {k}"].dropped_rows for k in range(RADARS - 1)),
        tuple(sorted(named)),
        held.tracks.n,
    )


class Processor:
    """A clock of this thread's processor time; sleeping moves it on. So a loaded machine measures as a quiet one."""

    def __init__(self, start_ns: int) -> None:
        self.start_ns, self.slept_s = start_ns - time.thread_time_ns(), 0.0

    def clock_ns(self) -> int:
        return self.start_ns + time.thread_time_ns() + round(self.slept_s * NS_PER_S)

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


def _p99(waits_s: list[float]) -> float:
    return sorted(waits_s)[int(0.99 * (len(waits_s) - 1))] if waits_s else 0.0
