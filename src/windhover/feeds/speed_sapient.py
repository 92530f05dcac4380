"""How fast SAPIENT is read, beside the library alone: for `windhover bench feeds`."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import radians
from typing import Final, NamedTuple

from windhover.detections.sapient import FusionSettings, Plan, Registry, Session, Tolerances, wire
from windhover.detections.sapient.compose import UpwardSettings, registration
from windhover.detections.sapient.framing import Framer, frame
from windhover.schema.place import Point, Sensor, Vertical
from windhover.units import NS_PER_S

_NOW_NS: Final = 1_770_791_400 * NS_PER_S
_NODE: Final = wire.node_uuid("speed of SAPIENT")
_CHUNK: Final = 1 << 16
"""What one read of a socket gives at most."""


class Speed(NamedTuple):
    """Messages per second of one core."""

    ours: float  # framing, parsing, every field checked, rows and class reports made
    library: float  # framing and parsing alone, which is what sapient-py does
    octets: float  # mean length of a message


def detections(n: int) -> bytes:
    """A stream of n framed detection reports: position with errors, velocity, three classes."""
    message = wire.envelope(_NODE, _NOW_NS)
    said = message.detection_report
    parts = []
    for i in range(n):
        wire.set_time(message.timestamp, _NOW_NS + i * 100_000)
        said.Clear()
        said.report_id = wire.ulid(_NOW_NS, f"report {i}")
        said.object_id = wire.ulid(_NOW_NS, f"object {i % 40}")
        where = said.location
        where.x, where.y, where.z = -106.4 + 1e-5 * (i % 997), 31.8 + 1e-5 * (i % 499), 1400.0
        where.x_error = where.y_error = 1e-4
        where.z_error = 20.0
        where.coordinate_system = where.datum = 1
        said.detection_confidence = 0.9
        said.enu_velocity.east_rate, said.enu_velocity.north_rate = 3.0, -2.0
        air = said.classification.add(type="Air vehicle", confidence=0.8)
        air.sub_class.add(type="UAV rotary wing", confidence=0.6, level=1)
        said.classification.add(type="Animal", confidence=0.2)
        parts.append(frame(wire.packed(message)))
    return b"".join(parts)


def measure(n: int = 20_000, clock: Callable[[], float] = time.perf_counter) -> Speed:
    """Read n messages as they would come from one node, and the same with the library alone."""
    stream = detections(n)
    began = clock()
    for payload in Framer().feed(stream):
        wire.parse(payload)
    library_s = clock() - began
    sensor = Sensor("s", "radar_3d", Point(radians(31.8), radians(-106.4)), 1200.0, 0.0, 3e4, 1.0)
    fusion = FusionSettings(wire.node_uuid("fusion"), Tolerances())
    session = Session(Registry(fusion, {_NODE: Plan(0, sensor)}, Vertical()), _NOW_NS)
    us = UpwardSettings(_NODE, "speed", sensor.position, 1200.0)
    session.receive(frame(wire.packed(registration(us, _NOW_NS))), _NOW_NS)
    rows = 0
    began = clock()
    for at in range(0, len(stream), _CHUNK):
        outcome = session.receive(stream[at : at + _CHUNK], _NOW_NS + NS_PER_S)
        rows += outcome.decoded.detections.n
    ours_s = clock() - began
    if rows != n:
        raise AssertionError(f"{rows} of {n} messages became rows: {outcome.decoded.rejected}")
    return Speed(n / ours_s, n / library_s, len(stream) / n)
