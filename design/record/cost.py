"""What the record costs: a night of 40 minutes, one step a second, and the alternatives refused.

    .venv/bin/python -m design.record.cost [FOLDER]

FOLDER should lie on the disk that a site would use. Each line is one way to keep the same night.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.record.scenes import SITE, T0_NS, plots, some_identities, some_tracks

from windhover.record.archive import Archive
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.replay import inputs
from windhover.record.verify import verify
from windhover.schema.commands import Tick
from windhover.schema.events import TrackEnded
from windhover.units import NS_PER_S

SECONDS = 2400
PLOTS = 40  # a second: some thirty objects and clutter
TRACKS = 30


def night(folder: Path, every: int, archived: bool, durable: bool) -> float:
    """Seconds that the record takes of a night (making the night itself is not counted)."""
    rng = np.random.default_rng(1)
    made = []
    for second in range(SECONDS):
        now_ns = T0_NS + second * NS_PER_S
        made.append((now_ns, plots(rng, PLOTS, now_ns), some_tracks(rng, TRACKS, now_ns),
                     some_identities(rng, TRACKS, now_ns)))  # fmt: skip
    began = time.perf_counter()
    journal = Journal.open(folder / "journal.sqlite", True, mode="exercise", durable=durable)
    recorder = Recorder(journal, Archive(folder / "archive", SITE) if archived else None)
    for second, (now_ns, batch, tracks, identities) in enumerate(made, start=1):
        recorder.record(now_ns, batch)
        recorder.record(now_ns, Tick(), (TrackEnded(now_ns, second, now_ns),))
        recorder.show(now_ns, tracks, identities)
        if second % every == 0:
            recorder.flush()
    recorder.close()
    return time.perf_counter() - began


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def timed(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def main(where: Path | None) -> None:
    rows = [
        ("as delivered: 10 steps a transaction, archive", 10, True, True),
        ("every step its own transaction, archive", 1, True, True),
        ("journal alone, 10 steps a transaction", 10, False, True),
        ("journal alone, no wait for the disk", 10, False, False),
    ]
    print(f"{SECONDS} steps, {PLOTS} plots and {TRACKS} tracks each")
    for words, every, archived, durable in rows:
        with tempfile.TemporaryDirectory(dir=where) as name:
            folder = Path(name)
            took = night(folder, every, archived, durable)
            print(f"  {took:5.2f} s  {size(folder):5.1f} MB  {words}")
            if archived and every == 10:
                checked = timed(lambda f=folder: verify(f))  # type: ignore[misc]
                with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
                    read = timed(lambda j=journal: sum(1 for _ in inputs(j)))  # type: ignore[misc]
                print(f"         verify {checked:.2f} s, reading all inputs back {read:.2f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
