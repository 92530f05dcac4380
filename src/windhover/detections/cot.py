"""Cursor on Target → positions and claims of own forces.

An event of type `a-f-A…` (an atom, friendly, in the air) is a position report of an own aircraft; other
own-force atoms (`a-f-…`) are claims without a plot, since they are not in the air. Everything else is
counted and left: markers, chat, routes, what is marked exercise or simulation, and what others say of
unknown objects, which would feed our own outgoing tracks back into our picture. Writing and framing:
`cot_event.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from windhover.detections.cot_event import CotEvent, split
from windhover.detections.decoded import Decoded, count, position_fault, positions, time_fault
from windhover.schema.batches import Detections, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative
from windhover.units import RAD_PER_DEG

SIGMA_UNSTATED_M: Final = 30.0
OURS: Final = ("windhover.", "EXERCISE.windhover.")
"""How the uids of our own events begin."""


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """Whole events (a datagram, a file) → own aircraft's positions and own forces' claims. Never raises."""
    rejected: Counter[str] = Counter()
    events, rest = split(payload, rejected)
    if rest.strip():
        count(rejected, "half an event")
    return to_decoded(events, received_ns, sensor, sensor_info, vertical, rejected)


def to_decoded(
    events: list[CotEvent],
    received_ns: int,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
    rejected: Counter[str],
) -> Decoded:
    """Events → a batch of own aircraft's positions, and one claim for each own-force event."""
    del vertical  # CoT's height is above the ellipsoid
    flying: list[CotEvent] = []
    reports: list[Cooperative] = []
    for event in events:
        fault = _fault(event, received_ns)
        if fault:
            count(rejected, fault)
            continue
        airborne = event.type.startswith("a-f-A")
        reports.append(_claim(event, received_ns, sensor, airborne))
        if airborne:
            flying.append(event)
    if not flying:
        return Decoded(Detections.empty(), tuple(reports), None, dict(rejected))
    sigma = [_or(e.sigma_horizontal_m, sensor_info.sigma_position_m or SIGMA_UNSTATED_M) for e in flying]  # fmt: skip
    sigma_height = [_or(e.sigma_vertical_m, sensor_info.sigma_height_m or SIGMA_UNSTATED_M) for e in flying]  # fmt: skip
    rows = positions(
        np.array([e.start_ns for e in flying]),
        np.full(len(flying), received_ns),
        sensor,
        np.array([e.latitude_deg * RAD_PER_DEG for e in flying]),
        np.array([e.longitude_deg * RAD_PER_DEG for e in flying]),
        np.array([e.height_ellipsoid_m for e in flying]),
        np.maximum(sigma, 1.0),
        np.maximum(sigma_height, 1.0),
        np.array([claim_id("cot", e.uid) for e in flying], np.int64),
    )
    return Decoded(rows, tuple(reports), None, dict(rejected))


def _fault(event: CotEvent, received_ns: int) -> str:
    """Why an event is left, or ''."""
    if event.uid.startswith(OURS):
        return "our own event come back"
    if event.type.startswith("t-"):
        return "left: a message between programs"
    if not event.type.startswith("a-f-"):
        return "left: not an own force"
    if event.opex[:1] in ("e", "s"):
        return "left: marked exercise or simulation"
    fault = time_fault(event.start_ns, received_ns)
    if fault:
        return fault
    if event.stale_ns < received_ns:
        return "stale"
    if event.latitude_deg != event.latitude_deg or event.longitude_deg != event.longitude_deg:
        return "no position"
    return position_fault(event.latitude_deg, event.longitude_deg)


def _claim(event: CotEvent, received_ns: int, sensor: int, airborne: bool) -> Cooperative:
    """What an own force says of itself. A drone (…-M-F-Q, …-M-H-Q) says so in its type."""
    moving = event.speed_m_s == event.speed_m_s and 0.0 <= event.speed_m_s < 1000.0
    return Cooperative(
        event.start_ns,
        received_ns,
        sensor,
        claim_id("cot", event.uid),
        "cot",
        event.uid[:200],
        callsign=event.callsign[:80],
        category="UAS" if airborne and event.type.endswith("-Q") else "",
        ground_speed_m_s=event.speed_m_s if moving else None,
        track_rad=event.course_deg % 360.0 * RAD_PER_DEG
        if moving and event.course_deg == event.course_deg
        else None,
        on_ground=not airborne,
    )


def _or(value: float, otherwise: float) -> float:
    return otherwise if value != value else value
