"""What the loop calls: take down what arrived and what was said, and acknowledge it in groups.

A step is first buffered; `flush` puts all that is buffered on the disk in one transaction and gives
the head. **Nothing may leave the house (a notice, a frame to a console) before the flush that
covers it**: a killed process then forgets only what nobody has seen.
"""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from windhover.record.entries import Arrived, Entry, Head, event_entry, input_entry, mark_entry
from windhover.record.journal import Journal
from windhover.schema.events import Event

_FLUSH_BYTES: Final = 8 << 20


class Recorder:
    """Buffers steps and writes them to the journal in groups."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._waiting: list[Entry] = []
        self._waiting_bytes = 0

    @property
    def head(self) -> Head:
        """The acknowledged head; what waits for `flush` is not in it."""
        return self.journal.head

    @property
    def waiting(self) -> int:
        """How many rows are buffered and not yet acknowledged."""
        return len(self._waiting)

    def record(self, now_ns: int, arrived: Arrived, events: tuple[Event, ...] = ()) -> None:
        """One step of the picture: what arrived, then what `advance` said to it, in that order.

        Flushes by itself only when much is buffered (8 MiB). Raises what `Journal.append` raises.
        """
        self._hold(input_entry(now_ns, arrived))
        for event in events:
            self._hold(event_entry(now_ns, event))
        if self._waiting_bytes >= _FLUSH_BYTES:
            self.flush()

    def mark(self, now_ns: int, mark: msgspec.Struct) -> None:
        """Take down something about the record itself."""
        self._hold(mark_entry(now_ns, mark))

    def flush(self) -> Head:
        """Everything buffered is on the disk when this returns. On an error the buffer is kept."""
        if self._waiting:
            self.journal.append(self._waiting)
            self._waiting = []
            self._waiting_bytes = 0
        return self.journal.head

    def close(self) -> Head:
        """Flush and close the journal."""
        head = self.flush()
        self.journal.close()
        return head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _hold(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._waiting_bytes += len(entry.body)
