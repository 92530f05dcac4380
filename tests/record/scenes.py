"""A toy house: a picture of two numbers and an `advance` that says things, and batches to feed it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64, Detections, Identities, Kind, Tracks
from windhover.schema.cases import Words
from windhover.schema.commands import Acknowledge, Tick
from windhover.schema.events import Event, IdentityChanged, Reminder, TrackConfirmed
from windhover.schema.place import Point, Policy, Sector, Sensor, Site
from windhover.units import NS_PER_S

T0_NS = 1_770_791_400 * NS_PER_S


class Toy(NamedTuple):
    steps: int
    mean: F64
    told: dict[int, float]


def toy() -> Toy:
    return Toy(0, np.zeros(3), {})


def toy_advance(picture: Toy, arrived: Any, now_ns: int) -> tuple[Toy, tuple[Event, ...]]:
    steps = picture.steps + 1
    events: list[Event] = []
    mean = picture.mean
    if isinstance(arrived, Detections) and arrived.n:
        mean = 0.9 * mean + 0.1 * arrived.value.mean(axis=0)
        events.append(TrackConfirmed(now_ns, steps, *(float(x) for x in mean)))
    if isinstance(arrived, Tick) and steps % 3 == 0:
        p = float(1 / (1 + np.exp(-mean[0])))
        events.append(
            IdentityChanged(now_ns, 1, "bird", p, "undetermined", {}, Words("a", "b"), 1.0)
        )
    if isinstance(arrived, Acknowledge):
        events.append(Reminder(now_ns, arrived.notice_id, Words(arrived.by, "ñ")))
    return Toy(steps, mean, {**picture.told, steps % 5: float(mean[1])}), tuple(events)


def plots(rng: np.random.Generator, n: int, now_ns: int) -> Detections:
    """n plots near El Paso, half positions and half ranges of sensor row 1."""
    batch = Detections.empty(n)
    batch.time_ns[:] = now_ns - rng.integers(0, NS_PER_S, n)
    batch.received_ns[:] = now_ns
    batch.sensor[:] = 1
    half = n // 2
    batch.kind[:half] = Kind.POSITION
    batch.kind[half:] = Kind.RANGE_AZIMUTH_ELEVATION
    batch.value[:half] = np.array([0.555, -1.858, 1300.0]) + rng.normal(
        0, [2e-3, 2e-3, 50], (half, 3)
    )
    batch.value[half:, 0] = rng.uniform(500, 20_000, n - half)
    batch.value[half:, 1] = rng.uniform(0, 2 * np.pi, n - half)
    batch.value[half:, 2] = rng.uniform(0, 0.2, n - half)
    batch.covariance[:] = np.diag([100.0, 100.0, 400.0])
    batch.claimed_id[:half] = rng.integers(0, 2**62, half)
    return batch


def some_tracks(rng: np.random.Generator, n: int, now_ns: int) -> Tracks:
    ids: I64 = np.arange(1, n + 1)
    root = rng.normal(size=(n, 6, 6))
    return Tracks(
        ids,
        np.full(n, now_ns),
        rng.normal(0, 5000, (n, 6)),
        root @ root.transpose(0, 2, 1),
        rng.uniform(size=n),
        np.full((n, 3), 1 / 3),
        np.ones(n, np.int8),
        np.full(n, now_ns),
        np.full(n, now_ns),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.ones(n, np.int64),
    )


def some_identities(rng: np.random.Generator, n: int, now_ns: int) -> Identities:
    chance = rng.dirichlet(np.ones(7), n)
    return Identities(
        np.arange(1, n + 1),
        np.full(n, now_ns),
        np.log(rng.dirichlet(np.ones(4), n)),
        np.log(chance),
        np.full((n, 4), -1, np.int8),
        chance.argmax(axis=1).astype(np.int8),
        np.full(n, 3, np.int8),
        np.full(n, now_ns),
    )


HERE = Point(0.555, -1.858)
SITE = Site(
    name="Toy",
    country="US",
    fir="KZAB",
    sector=Sector("El Paso", HERE, 1200.0, 60_000.0),
    sensors=tuple(
        Sensor(name, kind, HERE, 1210.0, 100.0, 40_000.0, 1.0)
        for name, kind in (("receiver", "adsb"), ("radar", "radar_3d"))
    ),
    zones=(),
    aerodromes=(),
    parties=(),
    policy=Policy(()),
    exercise=True,
)
