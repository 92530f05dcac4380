"""One recorded minute for all tests of this room."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.record.scenes import SITE, T0_NS, plots, some_identities, some_tracks, toy, toy_advance
from windhover.record.archive import Archive
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.schema.commands import Tick
from windhover.units import NS_PER_S


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute with plots, events, a snapshot and an archive, closed in order."""
    folder = tmp_path_factory.mktemp("night")
    rng = np.random.default_rng(3)
    journal = Journal.open(folder / "journal.sqlite", True, mode="exercise", site_digest="ab" * 32)
    recorder = Recorder(journal, Archive(folder / "archive", SITE, rows_per_file=300))
    picture = toy()
    for second in range(60):
        now_ns = T0_NS + second * NS_PER_S
        # a few large batches, so that rows with overflow pages are there too
        for arrived in (plots(rng, 120 if second % 20 == 0 else 8, now_ns), Tick()):
            picture, events = toy_advance(picture, arrived, now_ns)
            recorder.record(now_ns, arrived, events)
        recorder.show(now_ns, some_tracks(rng, 3, now_ns), some_identities(rng, 3, now_ns))
        if second % 10 == 9:
            recorder.flush()
        if second == 30:
            recorder.snapshot(now_ns, picture)
    recorder.close()
    return folder


@pytest.fixture
def copy(night: Path, tmp_path: Path) -> Path:
    shutil.copytree(night, tmp_path / "copy")
    return tmp_path / "copy"
