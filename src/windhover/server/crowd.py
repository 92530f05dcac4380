"""A made-up sky for measuring the server: N objects that fly straight, reported or shown once a second."""

from __future__ import annotations

import asyncio
import time
from math import pi
from pathlib import Path

import numpy as np

from windhover import site as sites
from windhover.detections.decoded import Decoded
from windhover.geo.frames import from_enu, sector_frame
from windhover.record.entries import Head
from windhover.schema.batches import F64, Detections, Kind, claim_id
from windhover.schema.events import Event
from windhover.schema.place import Point, Sensor, Site
from windhover.server import frames
from windhover.server.frames import COLUMNS, Rows
from windhover.server.sources import Came, FeedHealth, Source
from windhover.server.watch import Cold, Shown, Watch
from windhover.units import NS_PER_S

SIDE_M = 80_000.0
SIGMA_M = 10.0


def crowd_site() -> Site:
    """A plain place with one receiver that hears everything. An exercise: nothing in it is real."""
    import msgspec

    site = sites.default(31.8, -106.4)
    receiver = Sensor(
        "receiver", "adsb", Point(31.8 * pi / 180, -106.4 * pi / 180), 1200.0, 0.0, 150_000.0, 1.0,
        sigma_position_m=SIGMA_M, sigma_height_m=15.0, detection_probability=0.95,
    )  # fmt: skip
    return msgspec.structs.replace(site, sensors=(receiver,), exercise=True)


class Crowd:
    """Where N objects are at an instant; the same seed, the same sky."""

    def __init__(self, n: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.n = n
        self.begin_m = rng.uniform(-SIDE_M / 2, SIDE_M / 2, (n, 2))
        self.height_m = rng.uniform(1500.0, 10_000.0, n)
        heading, speed = rng.uniform(0, 2 * pi, n), rng.uniform(50.0, 250.0, n)
        self.velocity_m_s = np.stack([speed * np.sin(heading), speed * np.cos(heading)], axis=1)
        self.claims = np.array([claim_id("icao", f"{i:06x}") for i in range(1, n + 1)])
        self.frame = sector_frame(crowd_site().sector)
        self.noise = rng

    def enu(self, seconds: float) -> F64:
        """(N, 3) m; who leaves on one side comes in on the other."""
        flat = self.begin_m + seconds * self.velocity_m_s
        flat = (flat + SIDE_M / 2) % SIDE_M - SIDE_M / 2
        return np.column_stack([flat, self.height_m])

    def plots(self, now_ns: int, seconds: float) -> Detections:
        """One noisy report of each."""
        enu = self.enu(seconds) + self.noise.normal(0.0, SIGMA_M, (self.n, 3))
        batch = Detections.empty(self.n)
        batch.time_ns[:] = now_ns
        batch.received_ns[:] = now_ns
        batch.kind[:] = Kind.POSITION
        batch.value[:] = np.column_stack(from_enu(self.frame, enu))
        batch.covariance[:] = np.diag([SIGMA_M**2, SIGMA_M**2, 15.0**2])
        batch.claimed_id[:] = self.claims
        return batch

    def rows(self, seconds: float) -> Rows:
        """As if tracked."""
        latitude, longitude, height = from_enu(self.frame, self.enu(seconds))
        made = {name: np.zeros(self.n, np.dtype(kind)) for name, kind in COLUMNS}
        made["track_id"] = np.arange(1, self.n + 1, dtype=np.uint32)
        made["latitude_1e7_deg"] = np.rint(np.degrees(latitude) * 1e7).astype(np.int32)
        made["longitude_1e7_deg"] = np.rint(np.degrees(longitude) * 1e7).astype(np.int32)
        made["height_ellipsoid_m"] = height.astype(np.float32)
        made["east_m_s"] = self.velocity_m_s[:, 0].astype(np.float32)
        made["north_m_s"] = self.velocity_m_s[:, 1].astype(np.float32)
        made["status_bits"] += np.uint8(frames.CONFIRMED)
        return Rows(**made)


class CrowdSource:
    """The crowd as a live source on the machine's clock."""

    exercise = True
    speed = 1.0

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.begun_ns = time.time_ns()

    def now_ns(self) -> int:
        return time.time_ns()

    def gather(self) -> object:
        return None

    def read(self, gathered: object, now_ns: int) -> Came:
        plots = self.crowd.plots(now_ns, (now_ns - self.begun_ns) / NS_PER_S)
        return Came([Decoded(plots, (), None, {})])

    def react(self, events: tuple[Event, ...], now_ns: int) -> None:
        """Nobody is there."""

    def health(self) -> tuple[FeedHealth, ...]:
        return ()

    async def run(self) -> None:
        await asyncio.Event().wait()


class ShownCrowd(Watch):
    """A watch that shows the crowd without tracking it: the cost of telling alone."""

    def __init__(self, source: CrowdSource) -> None:
        self.source = self.crowd_source = source

    def step(self, gathered: object, delivered: object, now_ns: int) -> Shown:
        """The next instant."""
        rows = self.crowd_source.crowd.rows((now_ns - self.crowd_source.begun_ns) / NS_PER_S)
        chances = np.zeros((rows.n, 7), np.uint8)
        return Shown(now_ns, rows, chances, Cold(), (), (), Head(0, bytes(32)), rows.n)

    def show(self) -> Shown:
        return self.step(None, (), self.source.now_ns())

    def unsent(self) -> tuple[()]:
        return ()

    def close(self) -> None:
        """There is no record."""


def open_shown(folder: Path, site: Site, source: Source, at_ns: int) -> Watch:
    """In the place of `watch.open_watch`."""
    assert isinstance(source, CrowdSource)
    return ShownCrowd(source)
