# ruff: noqa: TID251  (an output stands at the edge: it owns its file)
"""Appends one line an instant to a file: how many objects of each class are in the air."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from windhover.deliver.airspace import EXERCISE, AirFrame
from windhover.deliver.consumer import OutputHealth
from windhover.deliver.plugins import PluginSettings
from windhover.timescale import to_iso


class Headcount:
    """An output: `health`, `send` that neither blocks nor raises, `run` until cancelled."""

    def __init__(self, path: Path, clock: Callable[[], int]) -> None:
        self.path, self.clock = path, clock
        self.health = OutputHealth("", "headcount", "", "up")

    def send(self, frame: AirFrame) -> None:
        there = Counter(thing.said for thing in frame.objects)
        words = ", ".join(f"{n} {what}" for what, n in sorted(there.items())) or "nothing"
        mark = f"{EXERCISE} " if frame.exercise else ""  # nothing of an exercise may look real
        try:
            with self.path.open("a", encoding="utf-8") as lines:
                lines.write(f"{mark}{to_iso(frame.now_ns)} {words}\n")
        except OSError as fault:
            self.health.drop("not written")
            self.health.last_error = str(fault)
        else:
            self.health.sent += 1
            self.health.last_sent_ns = self.clock()

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()


def make(settings: PluginSettings, clock: Callable[[], int]) -> Headcount:
    """What the entry point names."""
    return Headcount(Path(settings.options["path"]), clock)
