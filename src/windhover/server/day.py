"""A record of many hours, written quickly, to measure a start on it: only its last minutes are played."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from windhover.schema.cases import Notice, Words
from windhover.schema.commands import Tick
from windhover.schema.events import IdentityChanged, NoticeChanged
from windhover.server.crowd import Crowd, CrowdSource, crowd_site
from windhover.server.sources import TICK_NS
from windhover.server.watch import open_watch
from windhover.units import NS_PER_H, NS_PER_MIN, NS_PER_S

PLAYED_NS: Final = 5 * NS_PER_MIN
"""How much is played again after the last snapshot: all that lies between two, the worst case."""
NOTICES_PER_H: Final = 60


def write(folder: Path, hours: float, objects: int, begun_ns: int) -> int:
    """Write a record of so many hours with `objects` plots and one said thing a second; → its entries.

    The hours are written without being played; a snapshot follows, and five minutes that are played.
    """
    crowd = Crowd(objects)
    source = CrowdSource(crowd)
    source.begun_ns = begun_ns
    watch = open_watch(folder, crowd_site(), source, begun_ns)
    recorder = watch.keeper.recorder
    words = Words("Moves with the measured wind.", "Se mueve con el viento medido.")
    now_ns, seconds = begun_ns, round(hours * NS_PER_H / NS_PER_S)
    for second in range(seconds):
        now_ns += TICK_NS
        plots = crowd.plots(now_ns, second)
        said = IdentityChanged(now_ns, 1 + second % 50, "bird", 0.9, "undetermined", {}, words, 1.0)
        recorder.record(now_ns, plots, (said,))
        events: tuple[NoticeChanged, ...] = ()
        if second % (3600 // NOTICES_PER_H) == 0:
            notice = Notice(
                f"N{second}", "tower", "en", "advice", "EXERCISE / EJERCICIO", "x" * 800, now_ns,
                "acknowledged",
            )  # fmt: skip
            events = (NoticeChanged(now_ns, notice),)
        recorder.record(now_ns, Tick(), events)
        if second % 60 == 0:
            recorder.flush()
    watch.keeper.picture = watch.keeper.picture._replace(now_ns=now_ns)
    recorder.snapshot(now_ns, watch.keeper.picture)
    for _ in range(PLAYED_NS // TICK_NS):
        now_ns += TICK_NS
        watch.step(None, (), now_ns)
    entries = recorder.head.seq
    recorder.journal.close()  # as a kill would leave it: no snapshot at the end
    return entries
