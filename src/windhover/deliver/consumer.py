"""Who gets what leaves the house, what for, and how it goes: stated purpose, health, the journal's marks.

An output is a small class with `send(frame)`, which neither blocks nor raises, `run()`, which ends only
when cancelled, and `health`. What does not fit or cannot be sent is counted by reason, never dropped in
silence. No output is set up without a stated purpose; it is written to the journal before anything leaves.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from windhover.deliver.airspace import AirFrame
from windhover.errors import BadSite


class OutputHealth(msgspec.Struct):
    """How one output does, for people; changed in place by its output."""

    name: str
    kind: str
    purpose: str
    state: Literal["off", "connecting", "up", "waiting"] = "off"
    words: str = ""
    connections: int = 0
    sent: int = 0  # messages, records or files handed to the other side's line
    resent: int = (
        0  # put back because the line broke while they were on their way; then not in `sent`
    )
    queued: int = 0
    dropped: dict[str, int] = {}  # reason → how many
    last_sent_ns: int = 0
    last_error: str = ""

    def drop(self, reason: str, n: int = 1) -> None:
        """Count what will not be sent."""
        if n:
            self.dropped = self.dropped | {reason: self.dropped.get(reason, 0) + n}


class Output(Protocol):
    """Anything that tells others what the picture says."""

    health: OutputHealth

    def send(self, frame: AirFrame) -> None: ...

    async def run(self) -> None: ...


class ConsumerStated(msgspec.Struct, frozen=True, tag=True):
    """Journal mark: from now on this consumer gets this, for the purpose that it stated."""

    time_ns: int
    name: str
    kind: str
    address: str
    purpose: str
    by: str  # the account that set it up
    contents: str = "objects, what they are said to be, sensors"


class ConsumerEnded(msgspec.Struct, frozen=True, tag=True):
    """Journal mark: it gets nothing more; how much it got and what did not reach it."""

    time_ns: int
    name: str
    sent: int
    dropped: dict[str, int]
    by: str


def stated_purpose(name: str, purpose: str) -> str:
    """The purpose, if one is stated. Raises `BadSite`: without one nothing leaves the house."""
    words = " ".join(purpose.split())
    if sum(c.isalpha() for c in words) < 3:
        raise BadSite(
            f"Output {name!r} states no purpose.",
            "Write in one sentence what its consumer uses it for.",
        )
    return words


def stated(
    health: OutputHealth, address: str, by: str, now_ns: int, contents: str = ""
) -> ConsumerStated:
    """The mark to journal before an output's first `send`. Raises `BadSite` without a purpose."""
    purpose = stated_purpose(health.name, health.purpose)
    mark = ConsumerStated(now_ns, health.name, health.kind, address, purpose, by)
    return msgspec.structs.replace(mark, contents=contents) if contents else mark


def ended(health: OutputHealth, by: str, now_ns: int) -> ConsumerEnded:
    """The mark to journal when an output is taken away."""
    return ConsumerEnded(now_ns, health.name, health.sent, dict(health.dropped), by)
