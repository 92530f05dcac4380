"""What a stream of frames cannot mean: the same transmission twice, a place that nothing reaches in time."""

from __future__ import annotations

from collections import Counter
from math import cos, hypot
from typing import Final

from windhover.detections.decoded import count
from windhover.units import NS_PER_S, RAD_PER_DEG

COPY_NS: Final = NS_PER_S // 5
"""A transponder sends no two position frames within 0.4 s (DO-260B 2.2.3.3.2)."""
MAX_SPEED_M_S: Final = 1500.0


def without_copies(
    remembered: list[tuple[int, str]], good: list[tuple[int, str]], rejected: Counter[str]
) -> list[tuple[int, str]]:
    """One of each transmission: several receivers hear the same frame microseconds apart."""
    last = {frame: time_ns for time_ns, frame in remembered}
    once: list[tuple[int, str]] = []
    for time_ns, frame in good:
        if time_ns - last.get(frame, -(2**62)) < COPY_NS:
            count(rejected, "duplicate")
            continue
        last[frame] = time_ns
        once.append((time_ns, frame))
    return once


def jump(
    last: tuple[int, float, float] | None, time_ns: int, latitude: float, longitude: float
) -> str:
    """A wrongly paired position lies hundreds of kilometres off: nothing flies there in the time."""
    if last is None:
        return ""
    then_ns, then_latitude, then_longitude = last
    passed_s = abs(time_ns - then_ns) / NS_PER_S
    if passed_s > 60.0:
        return ""
    east_m = (longitude - then_longitude + 180.0) % 360.0 - 180.0
    east_m *= 111_320.0 * cos(latitude * RAD_PER_DEG)
    north_m = (latitude - then_latitude) * 111_320.0
    if hypot(east_m, north_m) > 1000.0 + MAX_SPEED_M_S * passed_s:
        return "implausible jump"
    return ""
