"""Batches of several feeds → one batch in order of time, without duplicates and without the too late.

Receivers overlap, networks repeat, a feed that was cut off delivers its backlog at once, and a faulty
radar says the same a hundred times. What is dropped here is counted under a plain reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from windhover.detections.decoded import FUTURE_NS, count
from windhover.schema.batches import BOOL, Detections, Kind
from windhover.schema.place import Sensor
from windhover.units import NS_PER_S

LATE_AFTER_NS: Final = 60 * NS_PER_S
"""Older than this on arrival a plot can no longer help a live picture; the archive has it all the same."""
TURN_SHARE: Final = 0.5
"""A radar that looks at one place more than twice in the period that its site states repeats itself."""
SAME_SIGMAS: Final = 4.0
FASTER: Final = "radar faster than its period"
_RANGED: Final = (Kind.GROUND_RANGE_AZIMUTH, Kind.RANGE_AZIMUTH, Kind.RANGE_AZIMUTH_ELEVATION)


def merge(
    batches: Sequence[Detections],
    now_ns: int,
    late_after_ns: int = LATE_AFTER_NS,
    sensors: Sequence[Sensor] = (),
) -> tuple[Detections, dict[str, int]]:
    """All rows ordered by time (then sensor, then value), and what was dropped.

    Two rows are one if sensor, time, kind, value and claim agree to the last bit. The order does not
    depend on the order of the batches, so that two runs that heard the same give the same picture.
    With the site's `sensors` a radar that reports far faster than its period is thinned to what it
    can have seen.
    """
    rows = Detections.concatenate([batch for batch in batches if batch.n])
    rejected: Counter[str] = Counter()
    if not rows.n:
        return rows, {}
    future = rows.time_ns > now_ns + FUTURE_NS
    late = rows.time_ns < now_ns - late_after_ns
    count(rejected, "time in the future", int(future.sum()))
    count(rejected, "late", int(late.sum()))
    if future.any() or late.any():
        rows = rows.take(~(future | late))
    order = np.lexsort(
        (
            rows.received_ns,
            rows.claimed_id,
            rows.value[:, 2],
            rows.value[:, 1],
            rows.value[:, 0],
            rows.kind,
            rows.sensor,
            rows.time_ns,
        )
    )
    rows = rows.take(order)
    if rows.n > 1:
        # Bits, not numbers: a NaN height equals itself here.
        value_bits = rows.value.view(np.int64)
        same = (
            (rows.time_ns[1:] == rows.time_ns[:-1])
            & (rows.sensor[1:] == rows.sensor[:-1])
            & (rows.kind[1:] == rows.kind[:-1])
            & (rows.claimed_id[1:] == rows.claimed_id[:-1])
            & (value_bits[1:] == value_bits[:-1]).all(axis=1)
        )
        count(rejected, "duplicate", int(same.sum()))
        if same.any():
            rows = rows.take(np.concatenate([[True], ~same]))
    again = repeated(rows, sensors)
    count(rejected, FASTER, int(again.sum()))
    if again.any():
        rows = rows.take(~again)
    return rows, dict(rejected)


def repeated(rows: Detections, sensors: Sequence[Sensor]) -> BOOL:
    """(N,) plots of what the same radar has already reported in this half of its period. Rows in order of time.

    A tracker takes a second plot of one object in one look for a second object; thousands of them cost
    it all its time. What passes the beam together (two objects nearer than the errors) is kept: there
    the times differ by less than the beam takes for so small an angle.
    """
    again = np.zeros(rows.n, bool)
    for row, sensor in enumerate(sensors):
        if not sensor.period_s > 0.0:
            continue
        mine = np.flatnonzero((rows.sensor == row) & np.isin(rows.kind, _RANGED))
        if len(mine) < 2:
            continue
        variance = np.diagonal(rows.covariance[mine], axis1=1, axis2=2)
        sigma = np.sqrt(np.median(variance, axis=0))
        if not (sigma[:2] > 0.0).all():
            continue
        turn_ns = sensor.period_s * NS_PER_S
        window = rows.time_ns[mine] // round(turn_ns * TURN_SHARE)
        beam_ns = turn_ns * SAME_SIGMAS * sigma[1] / (2.0 * np.pi)
        if rows.time_ns[mine[-1]] - rows.time_ns[mine[0]] <= beam_ns:
            continue
        place = np.column_stack(
            [
                rows.value[mine, 0] / sigma[0],
                rows.value[mine, 1] / sigma[1],
                # Windows far apart: one tree for all of them.
                (window - window[0]) * (2.0 * SAME_SIGMAS),
            ]
        )
        pairs = cKDTree(place).query_pairs(SAME_SIGMAS, output_type="ndarray")
        earlier, later = pairs.min(axis=1), pairs.max(axis=1)
        apart_ns = rows.time_ns[mine[later]] - rows.time_ns[mine[earlier]]
        again[mine[later[apart_ns > beam_ns]]] = True
    return again
