"""Does the tracker's memory stay where it is? Fresh scenarios one behind the other, into one tracker.

At every seam all objects vanish and others are there at once, which is harder than an hour of one sky.
"""

from __future__ import annotations

import resource
from pathlib import Path
from time import process_time
from typing import Any, Final, NamedTuple

import numpy as np

from windhover import tracks
from windhover.score.tracking_scenarios import (
    EPOCH_NS,
    ORIGIN,
    detections_of,
    make,
    sensors_of,
)
from windhover.tracks.show import SHOW
from windhover.units import NS_PER_S

SETTLING: Final = 5
"""Scenarios until arrays have grown to what they need."""
_STATM: Final = Path("/proc/self/statm")


class Soak(NamedTuple):
    """Memory in MiB, by scenario."""

    kind: str
    scenarios: int
    scans: int
    detections: int
    detections_per_s: float
    process_mib: tuple[float, ...]  # of the whole process
    tracker_mib: tuple[float, ...]  # of the tracker's arrays

    @property
    def process_growth_mib(self) -> float:
        """From the settled process to the end."""
        return self.process_mib[-1] - self.process_mib[min(SETTLING, self.scenarios) - 1]

    @property
    def tracker_growth_mib(self) -> float:
        return self.tracker_mib[-1] - self.tracker_mib[min(SETTLING, self.scenarios) - 1]


def soak(kind: str, scenarios: int, seed: int) -> Soak:
    """`scenarios` fresh ones of a kind with one sensor, seeds seed, seed + 1 …"""
    first = make(kind, seed)
    state = tracks.start(ORIGIN, sensors_of(first), show=SHOW)
    process, tracker = [], []
    scans = detections = 0
    seconds = 0.0
    for number in range(scenarios):
        scene = make(kind, seed + number)
        every = detections_of(scene)
        edges = np.searchsorted(scene.plots["scan"], np.arange(len(scene.scan_t) + 1))
        for k in range(len(scene.scan_t)):
            batch = every.take(slice(int(edges[k]), int(edges[k + 1])))
            batch.time_ns[:] += scans * NS_PER_S
            now_ns = EPOCH_NS + (scans + k) * NS_PER_S
            began = process_time()
            state, _, _ = tracks.advance(state, batch, now_ns)
            seconds += process_time() - began
        scans += len(scene.scan_t)
        detections += every.n
        process.append(_process_mib())
        tracker.append(_bytes(state) / 2**20)
    return Soak(
        kind,
        scenarios,
        scans,
        detections,
        detections / max(seconds, 1e-9),
        tuple(process),
        tuple(tracker),
    )


def _process_mib() -> float:
    """What the process holds now; at most so far, where the system does not tell."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _bytes(thing: Any) -> int:
    """Of all arrays in nested tuples."""
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    return sum(map(_bytes, thing)) if isinstance(thing, tuple) else 0


def words(found: Soak) -> str:
    """What it held, settled and in the end."""
    settled = min(SETTLING, found.scenarios) - 1
    return "\n".join(
        [
            f"{found.kind}, {found.scenarios} scenarios one behind the other: {found.scans:,} scans,"
            f" {found.detections:,} plots",
            f"  {'process, settled … end, MiB':<32} {found.process_mib[settled]:.0f} … {found.process_mib[-1]:.0f}"
            f"  (most {max(found.process_mib[settled:]):.0f})",
            f"  {'tracker, settled … end, MiB':<32} {found.tracker_mib[settled]:.1f} … {found.tracker_mib[-1]:.1f}",
            f"  {'detections/s (CPU)':<32} {found.detections_per_s:,.0f}",
        ]
    )
