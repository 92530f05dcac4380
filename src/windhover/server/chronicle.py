"""Reading a journal by time and by kind: what start-up and every look back need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from windhover.record.entries import read_event
from windhover.record.journal import Journal, connect
from windhover.schema.events import Event

COLD_EVENTS: Final = (
    "IncidentChanged", "RestrictionChanged", "NoticeChanged", "QuestionChanged", "ClaimRecorded",
    "FriendFiled", "CountermeasureFiled", "LogWritten", "Reminder",
)  # fmt: skip
JOURNAL: Final = "journal.sqlite"


def recorded(journal: Journal, from_ns: int) -> Iterator[tuple[int, tuple[Event, ...]]]:
    """The events of each instant since `from_ns`, as they were recorded."""
    now_ns, events = None, list[Event]()
    for entry in journal.read(first_at(journal, from_ns), kinds=("event",)):
        if now_ns is not None and entry.now_ns != now_ns:
            yield now_ns, tuple(events)
            events = []
        now_ns = entry.now_ns
        events.append(read_event(entry))
    if now_ns is not None and events:
        yield now_ns, tuple(events)


def first_at(journal: Journal, from_ns: int) -> int:
    """Number of the first entry at or after that instant, by halving: picture time never goes back."""
    low, high = 1, journal.head.seq + 1
    while low < high:
        middle = (low + high) // 2
        if journal.entry(middle).now_ns < from_ns:
            low = middle + 1
        else:
            high = middle
    return low


def extent(folder: Path) -> tuple[int, int]:
    """The first and last instant of a record, UTC ns; (0, 0) for an empty one."""
    with Journal.open(folder / JOURNAL, read_only=True) as journal:
        if not journal.head.seq:
            return 0, 0
        return journal.entry(1).now_ns, journal.entry(journal.head.seq).now_ns


def cold_events(folder: Path, from_ns: int, to_ns: int) -> list[tuple[int, Event]]:
    """(seq, event) of everything that people decide about, in [from_ns, to_ns], in order."""
    with Journal.open(folder / JOURNAL, read_only=True) as journal:
        first, last = first_at(journal, from_ns), first_at(journal, to_ns + 1) - 1
        marks = ",".join("?" * len(COLD_EVENTS))
        connection = connect(folder / JOURNAL, read_only=True)
        try:
            seqs = connection.execute(
                f"SELECT seq FROM entries WHERE seq BETWEEN ? AND ? AND kind = 'event' "
                f"AND type IN ({marks}) ORDER BY seq",
                (first, last, *COLD_EVENTS),
            ).fetchall()
        finally:
            connection.close()
        return [(seq, read_event(journal.entry(seq))) for (seq,) in seqs]


def tick_times(folder: Path, from_ns: int, to_ns: int) -> list[tuple[int, int]]:
    """(now_ns, seq) of every tick in [from_ns, to_ns], in order."""
    with Journal.open(folder / JOURNAL, read_only=True) as journal:
        first, last = first_at(journal, from_ns), first_at(journal, to_ns + 1) - 1
    connection = connect(folder / JOURNAL, read_only=True)
    try:
        return connection.execute(
            "SELECT now_ns, seq FROM entries WHERE seq BETWEEN ? AND ? AND kind = 'input' "
            "AND type = 'Tick' ORDER BY seq",
            (first, last),
        ).fetchall()
    finally:
        connection.close()
