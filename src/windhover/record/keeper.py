"""The picture and its record, moved together: nothing changes the one that is not in the other.

The edge (a demo, a replay, a server) owns the clock and the bytes; a `Keeper` owns the picture.
"""

from __future__ import annotations

from windhover.picture import Arrived, Picture, advance
from windhover.record.entries import Head
from windhover.record.recorder import Recorder
from windhover.schema.events import Event


class Keeper:
    """Takes what arrives, advances the picture, records both."""

    def __init__(self, picture: Picture, recorder: Recorder) -> None:
        self.picture = picture
        self.recorder = recorder

    def take(self, arrived: Arrived, now_ns: int) -> tuple[Event, ...]:
        """One step. Its events may leave the house only after the `flush` that covers it."""
        self.picture, events = advance(self.picture, arrived, now_ns)
        self.recorder.record(now_ns, arrived, events)
        return events

    def flush(self) -> Head:
        """All steps so far are on the disk when this returns: they are acknowledged."""
        return self.recorder.flush()
