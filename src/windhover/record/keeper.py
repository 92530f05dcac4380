"""The picture and its record, moved together: nothing changes the one that is not in the other.

The edge (a demo, a replay, a server) owns the clock and the bytes; a `Keeper` owns the picture.
"""

from __future__ import annotations

from typing import Final, Self

from windhover.picture import Arrived, Picture, advance, start
from windhover.record import snapshot
from windhover.record.archive import Archive
from windhover.record.entries import Head
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.replay import resume
from windhover.record.tables import RawFrame
from windhover.schema.commands import Tick
from windhover.schema.events import Event
from windhover.schema.place import Site
from windhover.units import NS_PER_MIN

SNAPSHOT_EVERY_NS: Final = 5 * NS_PER_MIN
"""A start-up replays at most so much of picture time."""


class Keeper:
    """Takes what arrives, advances the picture, records both."""

    def __init__(self, picture: Picture, recorder: Recorder) -> None:
        self.picture = picture
        self.recorder = recorder
        self._kept_ns = picture.now_ns

    @classmethod
    def restart(cls, journal: Journal, archive: Archive, site: Site, at_ns: int) -> Self:
        """The picture as the record left it: the latest snapshot and what was recorded since.

        `at_ns` is the instant an empty record begins at. Raises `BrokenRecord` where what is
        replayed does not come out as it was recorded, naming the entry.
        """
        loaded = snapshot.load(journal, archive.root, Picture)
        if loaded is None:
            first = next(iter(journal.read(kinds=("input",))), None)
            begun_ns = first.now_ns if first is not None else at_ns
            picture = resume(journal, start(site, min(at_ns, begun_ns)), advance)
        else:
            picture = resume(journal, loaded.picture, advance, loaded.next_seq)
        return cls(picture, Recorder(journal, archive))

    def take(self, arrived: Arrived, now_ns: int) -> tuple[Event, ...]:
        """One step. Its events may leave the house only after the `flush` that covers it."""
        self.picture, events = advance(self.picture, arrived, now_ns)
        self.recorder.record(now_ns, arrived, events)
        if isinstance(arrived, Tick):
            self.recorder.show(now_ns, self.picture.tracks, self.picture.identities)
        return events

    def keep_frames(self, frames: tuple[RawFrame, ...], now_ns: int) -> None:
        """Raw frames as they came, for the archive."""
        self.recorder.keep_frames(now_ns, frames)

    def flush(self) -> Head:
        """All steps so far are on the disk when this returns: they are acknowledged."""
        if (
            self.recorder.archive is not None
            and self.picture.now_ns - self._kept_ns >= SNAPSHOT_EVERY_NS
        ):
            self._kept_ns = self.picture.now_ns
            return self.recorder.snapshot(self.picture.now_ns, self.picture)
        return self.recorder.flush()
