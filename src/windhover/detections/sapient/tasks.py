"""Which tasks may pass: an allow-list, in both directions. Everything else is refused, with the reason.

Down to a sensor: a request from a short list of words, a threshold, a report rate, where to look. Up
from a parent to us: the same list. Nothing that moves a node, lets it follow an object, or changes its
mode; nothing at all to a node that is, carries, or leads to an effector. There is no setting for this.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from windhover.detections.sapient import wire
from windhover.detections.sapient.wire import Message

ALLOWED: Final = (
    "request",
    "detection_threshold",
    "detection_report_rate",
    "classification_threshold",
    "look_at",
)
REQUESTS: Final = ("registration", "status", "heartbeat", "take snapshot", "snapshot")
"""A request is free text in the standard, so its words are an allow-list of their own."""

EFFECTORS: Final = {
    13: "kinetic effector",
    14: "jammer",
    15: "cyber effector",
    16: "directed-energy laser",
    17: "directed-energy radio transmitter",
}
"""Node types of the standard that act on objects."""
MOVING: Final = {18: "mobile node"}
_EFFECTOR_WORDS: Final = re.compile(
    r"jam|spoof|effector|kinetic|interceptor|laser weapon|directed.energy|weapon|missile|gun\b"
    r"|net.?(gun|launch|capture)|defeat|neutrali[sz]|mitigat|take.?over|high.power.microwave|\bhpm\b",
    re.IGNORECASE,
)
REASONS: Final = {
    "mode_change": "a mode change may arm or turn a node: only people do that, at the node itself",
    "move_to": "no node is moved from here",
    "patrol": "no node is moved from here",
    "follow": "no node is set on an object from here",
}


class NodeKind(NamedTuple):
    """What a registration says a node is, as far as tasks are concerned."""

    types: tuple[int, ...]
    effector: str  # why it counts as one, or ''
    dependents: tuple[str, ...]


def kind_of(registration: Message) -> NodeKind:
    """Types and effector words of a registration, in whichever field they stand."""
    types = tuple(node.node_type for node in registration.node_definition)
    words = [sub for node in registration.node_definition for sub in node.node_sub_type]
    words += [w for c in registration.capabilities for w in (c.category, c.type)]
    words += [registration.name, registration.short_name]
    words += [w for m in registration.mode_definition for w in (m.mode_name, m.mode_description)]
    why = next((EFFECTORS[t] for t in types if t in EFFECTORS), "")
    if not why:
        named = next((w for w in words if _EFFECTOR_WORDS.search(w)), "")
        why = f"it names {named[:60]!r}" if named else ""
    return NodeKind(types, why, tuple(registration.dependent_nodes))


def refusal(task: Message, node: NodeKind, effectors: frozenset[str] = frozenset()) -> str:
    """Why this task may not go to this node, or ''. `effectors`: node ids known to be such."""
    if node.effector:
        return f"the node is an effector ({node.effector}): Windhover tasks none"
    led = [one for one in node.dependents if one in effectors]
    if led:
        return f"the node leads to an effector ({led[0]}): Windhover tasks none"
    if not node.types:
        return "the node has not said what it is"
    moving = next((MOVING[t] for t in node.types if t in MOVING), "")
    if moving:
        return f"the node is a {moving}: no moving node is tasked from here"
    return command_refusal(task)


def command_refusal(task: Message) -> str:
    """Why this command is on no list of ours, or ''; whoever it is for."""
    if task.region:
        return "regions that steer what a node does are not set from here"
    if not task.HasField("command"):
        return "the task names no command"
    command = task.command
    which = command.WhichOneof("command")
    if which is None:
        return "the task names no command that this version knows"
    if which not in ALLOWED:
        return REASONS.get(which, f"{which!r} is not on the list of allowed commands")
    if command.command_parameter:
        return "a command with free parameters may mean anything"
    if which == "request" and command.request.strip().lower() not in REQUESTS:
        return f"the request {command.request[:40]!r} is not on the list of allowed requests"
    return ""


def task_message(
    fusion_node_id: str, node_id: str, now_ns: int, what: str, value: object
) -> Message:
    """A `Task` to one node, START now. `what` is one of `ALLOWED`; `value` is text for a request, 1 low …
    3 high for thresholds and the rate, (azimuth_rad, elevation_rad) or a `LocationOrRangeBearing` for
    `look_at`. It is not checked here: `refusal` must be asked before it leaves.
    """
    message = wire.envelope(fusion_node_id, now_ns, node_id)
    task = message.task
    task.task_id = wire.ulid(now_ns, f"task {what} {node_id}")
    task.control = 1
    task.task_name = f"Windhover {what}"
    if what == "look_at" and isinstance(value, tuple):
        cone = task.command.look_at.range_bearing
        cone.azimuth, cone.elevation = value
        cone.coordinate_system, cone.datum = 2, 1
    elif what == "look_at":
        task.command.look_at.CopyFrom(value)
    else:
        setattr(task.command, what, value)
    return message
