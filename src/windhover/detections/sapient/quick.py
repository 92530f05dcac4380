"""Detection reports of the usual shape are seen to be right at a glance; every other message is walked.

A radar sends thousands of reports that differ in nothing but numbers. What this says yes to, `check` has
nothing to say against (a test holds the two together); no is only "look closer".
"""

from __future__ import annotations

from math import isfinite
from typing import Final

from windhover.detections.sapient.wire import ULID, UUID4, Message

_SYSTEMS: Final = frozenset((1, 2, 5))
_DATUMS: Final = frozenset((1, 2))
_BEARINGS: Final = frozenset((1, 2, 3, 4))
_UNUSUAL: Final = (
    "track_info", "object_info", "behaviour", "associated_file", "signal",
    "associated_detection", "derived_detection",
)  # fmt: skip


def is_usual(message: Message) -> bool:
    """Whether this is a detection report in which surely nothing is wrong."""
    if not (message.HasField("timestamp") and UUID4.fullmatch(message.node_id)):
        return False
    if message.destination_id and not UUID4.fullmatch(message.destination_id):
        return False
    said = message.detection_report
    if not (ULID.fullmatch(said.report_id) and ULID.fullmatch(said.object_id)):
        return False
    if (
        said.task_id
        or said.HasField("prediction_location")
        or not isfinite(said.detection_confidence)
    ):
        return False
    for name in _UNUSUAL:
        if getattr(said, name):
            return False
    if said.HasField("location"):
        if not _location(said.location):
            return False
    elif not said.HasField("range_bearing") or not _bearing(said.range_bearing):
        return False
    for one in said.classification:
        if not (one.type and isfinite(one.confidence)):
            return False
        for sub in one.sub_class:
            if not (sub.type and isfinite(sub.confidence) and sub.HasField("level")):
                return False
            if sub.sub_class:
                return False
    if said.HasField("enu_velocity"):
        rate = said.enu_velocity
        if not (rate.HasField("east_rate") and rate.HasField("north_rate")):
            return False
        # A sum is finite only if every part is; one that overflows is looked at more closely.
        return isfinite(
            rate.east_rate + rate.north_rate + rate.up_rate + rate.east_rate_error
            + rate.north_rate_error + rate.up_rate_error
        )  # fmt: skip
    return True


def _location(where: Message) -> bool:
    return (
        where.coordinate_system in _SYSTEMS
        and where.datum in _DATUMS
        and where.HasField("x")
        and where.HasField("y")
        and isfinite(where.x + where.y + where.z + where.x_error + where.y_error + where.z_error)
    )


def _bearing(where: Message) -> bool:
    return (
        where.coordinate_system in _BEARINGS
        and where.datum in _BEARINGS
        and isfinite(
            where.azimuth + where.elevation + where.range + where.azimuth_error
            + where.elevation_error + where.range_error
        )
    )  # fmt: skip
