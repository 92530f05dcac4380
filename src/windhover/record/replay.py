"""The same night again, from the record: what arrived goes through the same function once more.

On the same build and the same kind of processor every event comes back bit for bit (`replay`).
Elsewhere the last digits of sums may differ and a decision can fall one step earlier or later; then
`decisions.differences` tells whether the same things were said about the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from windhover.errors import BrokenRecord
from windhover.record.entries import Arrived, Entry, event_entry, read_event, read_input
from windhover.record.journal import Journal
from windhover.schema.events import Event

P = TypeVar("P")
Advance = Callable[[P, Any, int], tuple[P, tuple[Event, ...]]]


class Step(NamedTuple):
    """One recorded step."""

    seq: int  # of the input's entry
    now_ns: int
    arrived: Arrived
    said: tuple[Entry, ...]  # the events that followed it, as they were recorded


def steps(journal: Journal, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Step]:
    """Inputs in order, each with the events that followed it. Raises `BadInput`, `BrokenRecord`."""
    held: Entry | None = None
    said: list[Entry] = []
    for entry in journal.read(from_seq, to_seq, kinds=("input", "event")):
        if entry.kind == "event":
            said.append(entry)
            continue
        if held is not None:
            yield Step(held.seq, held.now_ns, read_input(held), tuple(said))
        held, said = entry, []
    if held is not None:
        yield Step(held.seq, held.now_ns, read_input(held), tuple(said))


def inputs(journal: Journal, from_seq: int = 1) -> Iterator[tuple[int, Arrived]]:
    """What arrived, with its picture time, in order."""
    for step in steps(journal, from_seq):
        yield step.now_ns, step.arrived


def replay(
    journal: Journal,
    picture: P,
    advance: Advance[P],
    *,
    from_seq: int = 1,
    to_seq: int | None = None,
    check: bool = True,
) -> Iterator[tuple[P, Step, tuple[Event, ...]]]:
    """Each step's picture, what was recorded, and what is said this time.

    With `check`, the first event that is not bit for bit the recorded one raises `BrokenRecord` and
    names its entry. The picture that is yielded belongs to the next step: read it, do not keep it.
    """
    for step in steps(journal, from_seq, to_seq):
        picture, events = advance(picture, step.arrived, step.now_ns)
        if check:
            _check(step, events)
        yield picture, step, events


def resume(
    journal: Journal, picture: P, advance: Advance[P], from_seq: int = 1, *, check: bool = True
) -> P:
    """The picture after the last entry, from one that has seen all before `from_seq`."""
    latest = picture
    for latest, _, _ in replay(journal, picture, advance, from_seq=from_seq, check=check):  # noqa: B007
        pass
    return latest


def recorded_events(journal: Journal, from_seq: int = 1) -> Iterator[Event]:
    """The events as they were recorded."""
    for entry in journal.read(from_seq, kinds=("event",)):
        yield read_event(entry)


def _check(step: Step, events: tuple[Event, ...]) -> None:
    again = [event_entry(step.now_ns, event) for event in events]
    for was, now in zip(step.said, again, strict=False):
        if (was.type, was.body) != (now.type, now.body):
            raise BrokenRecord(
                f"Replayed, entry {was.seq} ({was.type}) comes out as another {now.type}.",
                was.seq,
                "Another version or processor? Compare decisions instead of bits.",
            )
    if len(step.said) != len(again):
        first = min(len(step.said), len(again))
        at = step.said[first].seq if first < len(step.said) else step.seq
        raise BrokenRecord(
            f"Replayed, entry {at} comes out otherwise: the {type(step.arrived).__name__} of entry "
            f"{step.seq} gives {len(again)} events where {len(step.said)} were recorded.",
            at,
            "Another version or processor? Compare decisions instead of bits.",
        )
