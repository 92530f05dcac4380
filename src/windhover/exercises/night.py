"""What a scenario hands over: a site, the bytes in order of arrival, what was filed, people, and the truth.

The truth leaves by `Night.truth` alone: nothing that the picture is given carries a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from typing import NamedTuple, Protocol

from windhover.schema.commands import Command
from windhover.schema.events import Event
from windhover.schema.place import Site
from windhover.score.simulate.world import Arrival, Truth


class Person(Protocol):
    """Somebody scripted: reads what happens and acts later, through the commands real people use."""

    name: str

    def react(self, events: tuple[Event, ...], now_ns: int) -> tuple[tuple[int, Command], ...]:
        """(due_ns, command) for what just happened; every due time lies after `now_ns`.

        The same events in the same order always give the same commands; no clock and no chance.
        """
        ...


class Night(NamedTuple):
    """One playing of a scenario; `name` is the one it is called by, `title` the one it is told by."""

    name: str
    title: str
    seed: int
    site: Site
    start_ns: int
    end_ns: int
    truth: tuple[Truth, ...]
    opening_commands: tuple[tuple[int, Command], ...]  # (when_ns, what was filed before it flew)
    people: tuple[Person, ...]
    streams: Callable[[], tuple[Iterator[Arrival], ...]]  # one per sensor, each in order

    def arrivals(self) -> Iterator[Arrival]:
        """All bytes in the order of their reception; the same every time it is called."""
        return merge(*self.streams(), key=lambda arrival: arrival.received_ns)
