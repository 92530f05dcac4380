"""`kill -9` at random points: no acknowledged entry is lost, no file is left unreadable.

One interpreter serves all runs: it forks a writer for each, so that fifty kills take seconds.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from tests.record.scenes import SITE
from windhover.record import query
from windhover.record.archive import Archive
from windhover.record.entries import read_input
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.verify import verify
from windhover.schema.batches import Detections

RUNS = 50
ROOT = Path(__file__).resolve().parents[2]
# Forks a writer per line "FOLDER SEED" that it reads, and tells its process number.
NURSERY = """
import os, sys
from pathlib import Path
from tests.record.writer import main
print("ready", flush=True)
for line in sys.stdin:
    folder, seed, out = line.split()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
        main(Path(folder), int(seed))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


def test_fifty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(20260211)
    acknowledged_in_all = crashes_with_work = 0
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as nursery:  # fmt: skip
        assert nursery.stdin is not None and nursery.stdout is not None
        assert nursery.stdout.readline() == "ready\n"
        for run in range(RUNS):
            # Every fifth run goes on with the journal that the last kill left behind.
            folder = tmp_path / f"{run - run % 5}"
            folder.mkdir(exist_ok=True)
            out = tmp_path / f"{run}.out"
            out.touch()
            nursery.stdin.write(f"{folder} {run} {out}\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            # From "before the journal is made" to "deep in the night", by what was told and not by
            # the clock alone: on a busy machine a fixed sleep would end before any work.
            target = rng.choice([0, 0, 1, 2, 5, 9, 14])
            while out.read_bytes().count(b"\n") < target:
                time.sleep(0.001)
            time.sleep(rng.random() * 0.015)
            os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "gone\n"
            told = [line.split() for line in out.read_text().splitlines(keepends=True)
                    if line.endswith("\n")]  # fmt: skip
            acknowledged = [(int(seq), head) for _, seq, head in told]
            journal = folder / "journal.sqlite"
            if not journal.exists():
                assert not acknowledged
                continue
            verdict = verify(folder)
            assert verdict.holds, (run, verdict)
            seqs = dict(_digests(journal))
            for seq, head in acknowledged:
                assert seq == 0 or seqs[seq] == head, (run, seq)
            for path in (folder / "archive").rglob("*.parquet"):
                pq.ParquetFile(path).metadata  # noqa: B018 (reading it is the test)
            acknowledged_in_all += sum(seq > 0 for seq, _ in acknowledged)
            crashes_with_work += bool(acknowledged)
        nursery.stdin.close()
    assert crashes_with_work > RUNS // 2 and acknowledged_in_all > 2 * RUNS
    assert not select.select([], [], [], 0)[0]
    for folder in tmp_path.iterdir():
        if (folder / "journal.sqlite").exists():
            _make_good_and_compare(folder)


def _digests(path: Path) -> list[tuple[int, str]]:
    with Journal.open(path, read_only=True) as journal:
        return [(entry.seq, entry.digest.hex()) for entry in journal.read()]


def _make_good_and_compare(folder: Path) -> None:
    """After a restart the archive holds exactly the plots that the journal holds."""
    Recorder(Journal.open(folder / "journal.sqlite"), Archive(folder / "archive", SITE)).close()
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        batches = [read_input(e) for e in journal.read(kinds=("input",)) if e.type == "Detections"]
    plots = Detections.concatenate([batch for batch in batches if isinstance(batch, Detections)])
    found = query.detections_between(folder / "archive")
    assert found.time_ns.tolist() == plots.time_ns.tolist()
    assert verify(folder).holds and not verify(folder).notes
    assert not list(folder.rglob("*.part")) and not list(folder.rglob("*.new"))
