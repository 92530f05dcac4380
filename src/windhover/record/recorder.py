"""What the loop calls: take down what arrived and what was said, and acknowledge it in groups.

A step is first buffered; `flush` puts all that is buffered on the disk in one transaction and gives
the head. **Nothing may leave the house (a notice, a frame to a console) before the flush that
covers it**: a killed process then forgets only what nobody has seen.
"""

from __future__ import annotations

from typing import Final, Self

import msgspec

from windhover.record import snapshot
from windhover.record.archive import Archive, Archived, archived
from windhover.record.entries import (
    Arrived,
    Entry,
    Head,
    event_entry,
    input_entry,
    mark_entry,
    read_input,
)
from windhover.record.journal import Journal
from windhover.record.tables import RawFrame
from windhover.schema.batches import Detections, Identities, Tracks
from windhover.schema.events import Event

_FLUSH_BYTES: Final = 8 << 20


class Recorder:
    """Writes steps to the journal in groups, and what people will query to the archive."""

    def __init__(self, journal: Journal, archive: Archive | None = None) -> None:
        """Goes on where the journal ends; makes good what a crash kept from the archive."""
        self.journal = journal
        self.archive = archive
        self._waiting: list[Entry] = []
        self._waiting_bytes = 0
        self._now_ns = 0
        self._archived_tracks_to = 0
        if archive is not None and journal.head.seq:
            self._make_good(archive)

    @property
    def head(self) -> Head:
        """The acknowledged head; what waits for `flush` is not in it."""
        return self.journal.head

    @property
    def waiting(self) -> int:
        """How many rows are buffered and not yet acknowledged."""
        return len(self._waiting)

    @property
    def next_seq(self) -> int:
        """The number that the next row will have."""
        return self.journal.head.seq + len(self._waiting) + 1

    def record(self, now_ns: int, arrived: Arrived, events: tuple[Event, ...] = ()) -> int:
        """One step of the picture: what arrived, then what `advance` said to it, in that order.

        Gives the entry's number. Flushes by itself only when much is buffered (8 MiB). Raises
        `BadInput` for what is no input, and what `Journal.append` raises.
        """
        rows = [input_entry(now_ns, arrived), *(event_entry(now_ns, event) for event in events)]
        seq = self.next_seq
        if self.archive is not None and isinstance(arrived, Detections):
            self.archive.add(seq, now_ns, arrived)
        for row in rows:
            self._hold(row)
        if self._waiting_bytes >= _FLUSH_BYTES:
            self.flush()
        return seq

    def show(self, now_ns: int, tracks: Tracks, identities: Identities) -> None:
        """Keep this instant of the picture in the archive (once a second is plenty).

        Both follow from what arrived and are therefore not in the chain. Instants that the archive
        already holds are passed over, so that a replay at start-up may call this as well.
        """
        seq = self.next_seq - 1
        if self.archive is not None and seq > self._archived_tracks_to:
            self.archive.add(seq, now_ns, tracks)
            self.archive.add(seq, now_ns, identities)

    def keep_frames(self, now_ns: int, frames: tuple[RawFrame, ...]) -> None:
        """Keep raw frames as evidence. They are acknowledged when their partition is written."""
        if self.archive is not None:
            self.archive.add(self.next_seq - 1, now_ns, frames)

    def mark(self, now_ns: int, mark: msgspec.Struct) -> None:
        """Take down something about the record itself."""
        self._hold(mark_entry(now_ns, mark))

    def snapshot(self, now_ns: int, picture: object) -> Head:
        """Flush, then keep the whole picture, so that a start-up replays only what came after."""
        self.flush()
        if self.archive is not None:
            self._hold(snapshot.save(self.archive.root, now_ns, self.journal.head, picture))
        return self.flush()

    def flush(self) -> Head:
        """Everything buffered is on the disk when this returns. On an error the buffer is kept."""
        self._commit()
        if self.archive is not None:
            self._vouch(self.archive.write(self.journal.head.seq))
        return self.journal.head

    def close(self) -> Head:
        """Flush, write the rest of the archive, close the journal."""
        self._commit()
        if self.archive is not None:
            self._vouch(self.archive.write(self.journal.head.seq, all_of_it=True))
        head = self.journal.head
        self.journal.close()
        return head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.journal.close()

    def _commit(self) -> None:
        if self._waiting:
            self.journal.append(self._waiting)
            self._waiting = []
            self._waiting_bytes = 0

    def _hold(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._waiting_bytes += len(entry.body)
        self._now_ns = entry.now_ns

    def _vouch(self, marks: tuple[Archived, ...]) -> None:
        for mark in marks:
            self._hold(mark_entry(self._now_ns, mark))
        self._commit()

    def _make_good(self, archive: Archive) -> None:
        snapshot.tidy(self.journal, archive.root)
        marks = [mark for entry in self.journal.read(kinds=("mark",)) if (mark := archived(entry))]
        self._now_ns = self.journal.entry(self.journal.head.seq).now_ns
        orphans = archive.unmarked(marks)
        self._vouch(orphans)
        reached = dict.fromkeys(("detections", "tracks"), 0)
        for mark in (*marks, *orphans):
            reached[mark.table] = max(reached.get(mark.table, 0), mark.last_seq)
        self._archived_tracks_to = reached["tracks"]
        for entry in self.journal.read(reached["detections"] + 1, kinds=("input",)):
            if entry.type == Detections.__name__:
                batch = read_input(entry)
                assert isinstance(batch, Detections)
                archive.add(entry.seq, entry.now_ns, batch)
