"""A replayed recording as one call: read, play, tell, write. All of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from windhover import site as sites
from windhover.exercises.demo import site_digest
from windhover.exercises.folder import check, whole
from windhover.feeds.files import read_recording, read_winds
from windhover.feeds.recording import Recording, together
from windhover.record.journal import Journal, Meta
from windhover.record.recorder import Recorder
from windhover.report import tell as words
from windhover.report.html import render
from windhover.report.objects import told_object
from windhover.report.story import Story, StoryObject, to_json
from windhover.schema.events import IncidentChanged, RestrictionChanged
from windhover.schema.place import Site
from windhover.score.replay import Replayed, held_by_one_track, site_for
from windhover.score.replay import replay as play
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

SHOWN = 200
"""Objects in a report, the longest held first; all of them count in the figures."""


class Rerun(NamedTuple):
    """What `windhover replay` has to say."""

    story: Story
    figures: dict[str, Any]  # what --score prints
    reading: tuple[str, ...]  # what each file was taken for, and which columns were understood
    written: tuple[str, ...]

    def story_json(self) -> bytes:
        return to_json(self.story.brief())


def run(
    source: Sequence[str | Path],
    wind: Sequence[str | Path],
    site_folder: Path | None,
    out: Path | None,
    *,
    hide_ids: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Rerun:
    """Replay `source` and write report, story and journal to `out`, if given.

    Raises `BadInput` with one line for a file that cannot be read; then nothing is written.
    """
    if out is not None:
        check(out)
    base = sites.load(site_folder) if site_folder is not None else None
    recording, reading = read(source, base, hide_ids)
    files = [read_winds(path, recording.sector, int(recording.batch_end_ns[0])) for path in wind]
    winds = [one.wind for one in files]
    reading += tuple(line for one in files for line in one.reading)
    site = site_for(base or sites.default(), recording)
    if base is not None:
        site = msgspec.structs.replace(site, sector=base.sector, name=base.name)
    digest = site_digest(site)
    if out is None:
        with Recorder(Journal.in_memory(Meta("real", digest))) as recorder:
            played = play(recording, winds, site, recorder, progress)
        return Rerun(story(played, recording, site), figures(played), reading, ())
    with whole(out) as part:
        file = part / "journal.sqlite"
        with Recorder(Journal.open(file, create=True, mode="real", site_digest=digest)) as recorder:
            played = play(recording, winds, site, recorder, progress)
        told = story(played, recording, site)
        (part / "report.html").write_text(render(told), "utf-8")
        (part / "story.json").write_bytes(to_json(told))
    written = ("report.html", "story.json", "journal.sqlite")
    return Rerun(told, figures(played), reading, written)


def read(
    source: Sequence[str | Path], base: Site | None, hide_ids: bool
) -> tuple[Recording, tuple[str, ...]]:
    """All files as one recording, and a line for people about each."""
    recordings: list[Recording] = []
    first = 0
    for one in source:
        recordings.append(
            read_recording(
                one,
                hide_ids=hide_ids,
                vertical=base.sector.vertical if base else None,
                first_sensor=first,
                site_sensors=base.sensors if base else (),
            )
        )
        first = recordings[-1].first_sensor + len(recordings[-1].sensors)
    lines = []
    for one_read in recordings:
        lines.append(f"{one_read.name}: read as {one_read.kind}, because {one_read.reason}.")
        lines += [f"  understood: {column}" for column in one_read.understood]
        lines += [f"  not used: {n} × {why}" for why, n in sorted(one_read.rejected.items())]
    return together(recordings), tuple(lines)


def figures(played: Replayed) -> dict[str, Any]:
    """What a scored replay prints."""
    held = [n for n in played.plots.tolist() if n]
    return {
        "detections": played.detections,
        "rejected": dict(played.rejected),
        "objects": len(held),
        "held_by_one_track": held_by_one_track(played.holders, played.plots),
        "tracks": len({t for seen in played.history.glimpses for t in seen.track_id.tolist()}),
        "journal_head": played.journal_head,
    }


def story(played: Replayed, recording: Recording, site: Site) -> Story:
    """What a report tells of a recording: every track, longest held first."""
    start_ns = played.start_ns
    rows: dict[int, list[tuple[int, int]]] = {}
    for index, seen in enumerate(played.history.glimpses):
        for row, track_id in enumerate(seen.track_id.tolist()):
            rows.setdefault(track_id, []).append((index, row))
    owner = {
        track: recording.names[k]
        for k, tracks in enumerate(played.holders)
        for track, _ in tracks.most_common(1)
    }
    longest = sorted(rows, key=lambda track: (-len(rows[track]), track))[:SHOWN]
    objects: tuple[StoryObject, ...] = tuple(
        told_object(
            played.history,
            played.picture,
            played.explanations,
            rows[track],
            start_ns,
            name=owner.get(track, f"track {track}"),
        )
        for track in longest
    )
    incidents: dict[str, list[Any]] = {}
    restrictions: dict[str, Any] = {}
    for event in played.events:
        if isinstance(event, IncidentChanged):
            incidents.setdefault(event.incident.id, []).append(event.incident)
        elif isinstance(event, RestrictionChanged):
            restrictions[event.restriction.id] = event.restriction
    end_ns = played.history.glimpses[-1].now_ns if played.history.glimpses else start_ns
    return Story(
        title=recording.name,
        objects=objects,
        incidents=tuple(words.incident(h, start_ns) for h in incidents.values()),
        restrictions=tuple(words.restriction(r, start_ns) for r in restrictions.values()),
        started=to_iso(start_ns),
        duration_s=(end_ns - start_ns) / NS_PER_S,
        site=words.place(site),
        sources=(recording.name,),
        columns={str(i): column for i, column in enumerate(recording.understood)},
        detections=played.detections,
        rejected=dict(played.rejected),
        journal_head=played.journal_head,
        journal_events=played.journal_events,
        journal_file="journal.sqlite",
    )
