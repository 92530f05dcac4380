"""The registers are bounded: what is finished leaves first, and whatever leaves is said.

A row that leaves the picture stays in the record. One that still wants something of somebody (a
restriction in force, a notice nobody acknowledged) leaves only in a flood, and is counted as such.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from windhover.desk.register import Desk, Said
from windhover.restrictions import ENDED
from windhover.schema.events import Event, RegisterShortened
from windhover.units import NS_PER_H

KEPT: Final = 2000
"""Rows of a register from which on finished ones leave."""
FLOODED: Final = 4 * KEPT
"""Rows of a register from which on the oldest leave, finished or not."""
SLACK: Final = 100
"""Rows leave by so many at a time: one event, not one a second."""


class Register(NamedTuple):
    """One field of `Desk`, and when a row of it wants nothing more of anybody."""

    field: str
    finished: Callable[[Any, int], bool]  # (row, now_ns)


REGISTERS: Final = (
    Register("friends", lambda friend, now_ns: friend.to_ns < now_ns - NS_PER_H),
    Register("countermeasures", lambda planned, now_ns: planned.to_ns < now_ns),
    Register("claims", lambda claim, now_ns: claim.time_ns < now_ns - 24 * NS_PER_H),
    Register("restrictions", lambda restriction, now_ns: restriction.state in ENDED),
    Register("notices", lambda notice, now_ns: notice.state == "acknowledged"),
    Register("questions", lambda question, now_ns: question.answered_ns is not None),
)


def shorten(desk: Desk, now_ns: int) -> Said:
    """Every register within its bound, and an event for each that had to be shortened."""
    events: tuple[Event, ...] = ()
    for register in REGISTERS:
        rows = getattr(desk, register.field)
        if len(rows) <= KEPT + SLACK:
            continue
        done = [register.finished(row, now_ns) for row in rows]
        leave = set([i for i, finished in enumerate(done) if finished][: len(rows) - KEPT])
        if len(rows) - len(leave) > FLOODED + SLACK:
            wanting = [i for i, finished in enumerate(done) if not finished]
            leave.update(wanting[: len(rows) - len(leave) - FLOODED])
        if not leave:
            continue
        gone = tuple(row.id for i, row in enumerate(rows) if i in leave)
        unfinished = sum(not done[i] for i in leave)
        kept = tuple(row for i, row in enumerate(rows) if i not in leave)
        desk = Desk(**{**desk._asdict(), register.field: kept})
        events += (RegisterShortened(now_ns, register.field, gone, unfinished),)
    return desk, events
