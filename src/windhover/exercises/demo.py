"""An exercise as one call: play, record, tell, write. All of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from windhover.deliver.channels import Outbox
from windhover.exercises import el_paso
from windhover.exercises.folder import whole
from windhover.exercises.judge import Judgement, judge
from windhover.exercises.night import Night
from windhover.exercises.play import play
from windhover.exercises.tell import story
from windhover.record.archive import Archive
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.report.html import render
from windhover.report.story import Story, to_json
from windhover.schema.place import Site


class Done(NamedTuple):
    """What came of it."""

    story: Story
    written: dict[str, str]  # file → what it is
    judgement: Judgement


def run(
    seed: int,
    out: Path,
    progress: Callable[[float], None] | None = None,
    scenario: Callable[[int], Night] = el_paso.night,
) -> Done:
    """Play `scenario(seed)` and write its report, story, journal, archive and outbox.

    Everything is made in a folder beside `out`, which takes its
    place at the end: an interrupted run leaves an earlier one untouched. Raises `WindhoverError`
    where `out` holds something that is not an earlier run.
    """
    with whole(out) as part:
        tonight = scenario(seed)
        journal = Journal.open(
            part / "journal.sqlite",
            create=True,
            mode="exercise" if tonight.site.exercise else "real",
            site_digest=site_digest(tonight.site),
        )
        outbox = Outbox(part / "outbox", "watch@windhover.example", tonight.site.exercise)
        archive = Archive(part / "archive", tonight.site)
        with Recorder(journal, archive) as recorder:
            played = play(tonight, recorder, outbox, progress)
        head = journal.head  # closing the record adds the marks of its last partitions
        played = played._replace(journal_head=head.hex, journal_events=head.seq)
        told = story(played, tonight, seed)
        (part / "report.html").write_text(render(told), "utf-8")
        (part / "story.json").write_bytes(to_json(told))
    written = {
        "report.html": "the report: open it in a browser",
        "story.json": "the same as one object",
        "journal.sqlite": "the record; check it with `windhover journal verify`",
        "archive": "plots, tracks, identities and raw frames as Parquet, and snapshots",
        "outbox": "every notice as the message that would have left",
    }
    return Done(told, written, judge(played, tonight))


def site_digest(site: Site) -> str:
    """SHA-256 of the site's JSON: what the journal is rooted in."""
    return sha256(msgspec.json.encode(site)).hexdigest()
