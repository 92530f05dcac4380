"""What a fusion node answers its nodes, as bytes without their frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from windhover.detections.sapient import wire
from windhover.detections.sapient.check import Fault
from windhover.detections.sapient.framing import frame

MAX_PACKET: Final = 1 << 16
"""An Error repeats the message that it speaks of, up to this many octets."""
_ACCEPTED, _REJECTED = 1, 2


def registration_ack(
    from_id: str, node_id: str, now_ns: int, accepted: bool, reasons: Sequence[str]
) -> bytes:
    """A `RegistrationAck`."""
    message = wire.envelope(from_id, now_ns, node_id)
    message.registration_ack.acceptance = accepted
    message.registration_ack.ack_response_reason.extend(reasons)
    return wire.packed(message)


def alert_ack(from_id: str, node_id: str, now_ns: int, alert_id: str) -> bytes:
    """An `AlertAck`: it was read and written down."""
    message = wire.envelope(from_id, now_ns, node_id)
    message.alert_ack.alert_id = alert_id
    message.alert_ack.alert_ack_status = _ACCEPTED
    return wire.packed(message)


def task_refused(from_id: str, node_id: str, now_ns: int, task_id: str) -> bytes:
    """A `TaskAck` to a node below that would task us."""
    message = wire.envelope(from_id, now_ns, node_id)
    message.task_ack.task_id = task_id
    message.task_ack.task_status = _REJECTED
    message.task_ack.reason.append("tasks go down, not up: no node tasks its parent")
    return wire.packed(message)


def packet(raw: bytes) -> bytes:
    """What an `Error` repeats. It may not be empty: of a frame without content that is its length."""
    return raw[:MAX_PACKET] or frame(b"")


def error(from_id: str, node_id: str, now_ns: int, raw: bytes, wrong: Sequence[Fault]) -> bytes:
    """An `Error` that names every field that is wrong and repeats what it speaks of."""
    message = wire.envelope(from_id, now_ns, node_id)
    message.error.packet = packet(raw)
    message.error.error_message.extend(str(fault) for fault in wrong)
    return wire.packed(message)
