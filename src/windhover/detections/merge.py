"""Batches of several feeds → one batch in order of time, without duplicates and without the too late.

Receivers overlap, networks repeat, and a feed that was cut off delivers its backlog at once. What is
dropped here is counted under a plain reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from windhover.detections.decoded import FUTURE_NS, count
from windhover.schema.batches import Detections
from windhover.units import NS_PER_S

LATE_AFTER_NS: Final = 60 * NS_PER_S
"""Older than this on arrival a plot can no longer help a live picture; the archive has it all the same."""


def merge(
    batches: Sequence[Detections], now_ns: int, late_after_ns: int = LATE_AFTER_NS
) -> tuple[Detections, dict[str, int]]:
    """All rows ordered by time (then sensor, then value), and what was dropped.

    Two rows are one if sensor, time, kind, value and claim agree to the last bit. The order does not
    depend on the order of the batches, so that two runs that heard the same give the same picture.
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
    return rows, dict(rejected)
