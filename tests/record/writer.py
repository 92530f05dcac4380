"""A writer to be killed: says which entries are acknowledged and goes on until it is stopped.

python -m tests.record.writer FOLDER SEED
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.record.scenes import SITE, T0_NS, plots, some_identities, some_tracks, toy
from windhover.record.archive import Archive
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.schema.commands import Acknowledge, Tick
from windhover.schema.events import TrackEnded
from windhover.units import NS_PER_S


def acknowledge(journal: Journal) -> None:
    sys.stdout.write(f"head {journal.head.seq} {journal.head.hex}\n")
    sys.stdout.flush()


def main(folder: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    journal = Journal.open(folder / "journal.sqlite", True, mode="exercise")
    # Small partitions, so that a kill often falls into the writing of one.
    recorder = Recorder(journal, Archive(folder / "archive", SITE, rows_per_file=150))
    acknowledge(journal)
    second = 0
    while True:
        for _ in range(int(rng.integers(1, 6))):
            second += 1
            now_ns = T0_NS + second * NS_PER_S
            recorder.record(now_ns, plots(rng, int(rng.integers(0, 40)), now_ns))
            recorder.record(now_ns, Acknowledge("N1", "x" * int(rng.integers(0, 9000))))
            recorder.record(now_ns, Tick(), (TrackEnded(now_ns, second, now_ns),))
            recorder.show(now_ns, some_tracks(rng, 2, now_ns), some_identities(rng, 2, now_ns))
        recorder.flush()
        acknowledge(journal)
        if second % 20 == 0:
            recorder.snapshot(now_ns, toy())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
