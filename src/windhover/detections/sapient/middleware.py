"""A middleware's line: many nodes on it, and others besides, whose messages are none of ours to refuse."""

from __future__ import annotations

from typing import Final

from windhover.detections.sapient.wire import Message, parse
from windhover.units import NS_PER_S

REMIND_S: Final = 60.0
"""A node that sends without being registered here is told so once in this time, not at every message: a
middleware may have acknowledged it in our place, and passes on what it sends whatever we say."""
MAX_REMINDED: Final = 1_000


def for_us(message: Message, registered: bool, our_id: str) -> bool:
    """Whether a message of a shared line is for us to read, or to refuse.

    `registered`: its sender is a node of ours on this line. Answers to others go by us, and tasks from
    above to nodes that share the line.
    """
    content = message.WhichOneof("content")
    if content == "task":
        to = message.destination_id.lower()
        return registered and to in ("", our_id.lower())
    if content == "task_ack":
        return registered
    return content not in ("registration_ack", "alert_ack")


def failed_task(error: Message, our_id: str) -> tuple[str, str]:
    """The node and the task of ours that a middleware's own `Error` says it could not deliver, or ('', '')."""
    ours = parse(error.packet)
    if ours is None or ours.node_id != our_id or not ours.HasField("task"):
        return "", ""
    return ours.destination_id.lower(), ours.task.task_id


class Reminders:
    """Who was told lately that a registration must come first."""

    def __init__(self) -> None:
        self._told_ns: dict[str, int] = {}

    def again(self, node_id: str, now_ns: int) -> bool:
        """Whether this node was told within `REMIND_S`; if not, it is from now on."""
        last_ns = self._told_ns.get(node_id.lower())
        if last_ns is not None and 0 <= now_ns - last_ns < REMIND_S * NS_PER_S:
            return True
        if len(self._told_ns) >= MAX_REMINDED:
            self._told_ns.clear()
        self._told_ns[node_id.lower()] = now_ns
        return False
