"""What docs/record.md shows is run here as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from tests.record.scenes import (
    SITE,
    T0_NS,
    Toy,
    plots,
    some_identities,
    some_tracks,
    toy,
    toy_advance,
)
from windhover.record import decisions, query, snapshot
from windhover.record.archive import ROWS_PER_FILE, Archive
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.replay import resume
from windhover.schema.commands import Tick

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "record.md").read_text("utf-8")


class _Picture:
    """The toy picture with tracks and identities, as the page expects."""

    def __init__(self, kept: Toy) -> None:
        rng = np.random.default_rng(1)
        self.kept = kept
        self.tracks = some_tracks(rng, 3, T0_NS)
        self.identities = some_identities(rng, 3, T0_NS)


def test_the_examples_run(tmp_path: Path) -> None:
    first, second = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    def advance(picture: Any, arrived: Any, now_ns: int) -> Any:
        kept, events = toy_advance(toy(), arrived, now_ns)
        return _Picture(kept), events

    names: dict[str, Any] = {
        "folder": tmp_path, "site": SITE, "picture": toy(), "advance": advance, "now_ns": T0_NS,
        "arrived": plots(np.random.default_rng(1), 5, T0_NS),
        "Journal": Journal, "Recorder": Recorder, "Archive": Archive,
    }  # fmt: skip
    # The page snapshots the picture; the toy's is the part that can be written.
    exec(first.replace("snapshot(now_ns, picture)", "snapshot(now_ns, picture.kept)"), names)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        Recorder(journal).record(T0_NS + 1, Tick())
        more: dict[str, Any] = {
            "journal": journal, "archive": Archive(tmp_path / "archive"), "Picture": Toy,
            "snapshot": snapshot, "resume": resume, "advance": toy_advance,
        }  # fmt: skip
        exec(second, more)
    assert more["picture"].steps == 1
    sql = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)[0]
    rows = query.connect(tmp_path / "archive").sql(sql).fetchall()
    assert sorted(row[:2] for row in rows) == [(1, 1), (2, 1), (3, 1)]


def test_the_figures_are_those_of_the_code() -> None:
    assert f"{ROWS_PER_FILE:,} rows" in PAGE
    assert f"differ by {decisions.TIME_NS // 10**9} s" in PAGE
    assert f"probabilities by {decisions.PROBABILITY}" in PAGE
    assert f"angles by {decisions.ANGLE_RAD:.0e} rad".replace("e-05", "e-5") in PAGE
    limits = dict(decisions.ABSOLUTE)
    assert (
        f"distances by {limits['_m']:.0f} m or {decisions.RELATIVE:.1%}".replace("%", " %") in PAGE
    )
    assert f"speeds by\n{limits['_m_s']} m/s" in PAGE
