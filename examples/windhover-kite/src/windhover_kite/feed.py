"""Lines `epoch_seconds latitude_deg longitude_deg height_ellipsoid_m name` → positions."""

from __future__ import annotations

from collections import Counter

import numpy as np

from windhover.detections.decoded import (
    Decoded,
    count,
    nothing,
    position_fault,
    positions,
    seconds_to_ns,
    time_fault,
)
from windhover.schema.batches import claim_id
from windhover.schema.place import Sensor, Vertical

SIGMA_M = 8.0


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """Never raises: what cannot be used is counted under a plain reason."""
    rejected: Counter[str] = Counter()
    rows: list[tuple[int, float, float, float, int]] = []
    for line in payload.decode("utf-8", "replace").splitlines():
        words = line.split(maxsplit=4)
        try:
            seconds, latitude, longitude, height = map(float, words[:4])
            name = words[4]
        except (ValueError, IndexError):
            count(rejected, "not a line of ours")
            continue
        time_ns = seconds_to_ns(seconds)
        fault = "absurd time" if time_ns is None else time_fault(time_ns, received_ns)
        fault = fault or position_fault(latitude, longitude)
        if fault or time_ns is None:
            count(rejected, fault)
            continue
        rows.append((time_ns, latitude, longitude, height, claim_id("callsign", name)))
    if not rows:
        return nothing()._replace(rejected=dict(rejected))
    n = len(rows)
    batch = positions(
        np.array([r[0] for r in rows]),
        np.full(n, received_ns),
        sensor,
        np.radians([r[1] for r in rows]),
        np.radians([r[2] for r in rows]),
        np.array([r[3] for r in rows]),
        np.full(n, SIGMA_M),
        np.full(n, SIGMA_M),
        np.array([r[4] for r in rows], np.int64),
    )
    return Decoded(batch, (), None, dict(rejected))
