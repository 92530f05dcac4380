"""What one call of a session did."""

from __future__ import annotations

from typing import Literal, NamedTuple

from windhover.detections.decoded import Decoded
from windhover.detections.sapient.rows import Origin

Happened = Literal[
    "registered",
    "refused",
    "resumed",
    "goodbye",
    "silent",
    "lost",
    "alert",
    "task",
    "fault",
    "clock",
]


class Told(NamedTuple):
    """Something that happened on a line, for the journal and for people."""

    what: Happened
    node_id: str
    words: str


class Outcome(NamedTuple):
    """What one call did."""

    decoded: Decoded
    replies: bytes = b""  # to be sent as they are
    close: str = ""  # why the line is to be closed after sending, or ''
    told: tuple[Told, ...] = ()
    origins: tuple[Origin, ...] = ()  # one per row of `decoded.detections`
