"""The first minutes of a night, played, replayed and restarted: the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from windhover.exercises.demo import site_digest
from windhover.exercises.el_paso import night
from windhover.exercises.night import Night
from windhover.exercises.play import Played, play
from windhover.picture import Picture, advance, start
from windhover.record import codec
from windhover.record.archive import Archive
from windhover.record.journal import Journal
from windhover.record.keeper import Keeper
from windhover.record.recorder import Recorder
from windhover.record.replay import replay
from windhover.record.verify import verify
from windhover.schema.commands import Tick
from windhover.units import NS_PER_S

SECONDS = 240


def short(seed: int) -> Night:
    whole = night(seed)
    return whole._replace(end_ns=whole.start_ns + SECONDS * NS_PER_S)


def played_in(folder: Path, seed: int, seconds: int | None = None) -> tuple[Played, str]:
    tonight = short(seed)
    if seconds is not None:
        tonight = tonight._replace(end_ns=tonight.start_ns + seconds * NS_PER_S)
    journal = Journal.open(
        folder / "journal.sqlite",
        create=True,
        mode="exercise",
        site_digest=site_digest(tonight.site),
    )
    with Recorder(journal, Archive(folder / "archive", tonight.site)) as recorder:
        played = play(tonight, recorder)
    return played, journal.head.hex


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Played, str]:
    folder = tmp_path_factory.mktemp("night")
    return folder, *played_in(folder, 7)


def test_one_seed_ends_in_one_head(first: tuple[Path, Played, str], tmp_path: Path) -> None:
    _, head = played_in(tmp_path, 7)
    assert head == first[2]


def test_another_seed_is_another_night(first: tuple[Path, Played, str], tmp_path: Path) -> None:
    played, head = played_in(tmp_path, 8, seconds=30)
    assert head != first[2]
    assert played.detections > 0


def test_the_record_holds_and_replays_to_the_same_events(first: tuple[Path, Played, str]) -> None:
    folder, played, _ = first
    verdict = verify(folder / "journal.sqlite", folder / "archive", [])
    assert verdict.holds, verdict
    tonight = short(7)
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        again = [
            event
            for _, _, events in replay(journal, start(tonight.site, tonight.start_ns), advance)
            for event in events
        ]
    assert again == played.events


def known(picture: Picture) -> bytes:
    """All that a picture knows. The tracker's window for late plots is scratch: rows beyond the used
    ones hold whatever memory held."""
    belief = picture.tracker.belief
    rows = int(belief.rows)
    return codec.encode(
        picture._replace(
            tracker=picture.tracker._replace(
                snapshots=(),
                belief=belief._replace(
                    track_f=belief.track_f[:rows].copy(),
                    track_i=belief.track_i[:rows].copy(),
                    seen_at=belief.seen_at[:rows].copy(),
                ),
            )
        )
    )


def test_a_restart_from_snapshot_and_journal_is_the_picture_that_was_left(tmp_path: Path) -> None:
    tonight = short(9)._replace(end_ns=short(9).start_ns + 90 * NS_PER_S)
    site = tonight.site
    journal = Journal.open(tmp_path / "journal.sqlite", create=True, mode="exercise")
    recorder = Recorder(journal, Archive(tmp_path / "archive", site))
    played = play(tonight, recorder)
    recorder.snapshot(played.picture.now_ns, played.picture)
    # What comes after the snapshot is replayed from the journal.
    keeper = Keeper(played.picture, recorder)
    for second in range(1, 21):
        keeper.take(Tick(), tonight.end_ns + second * NS_PER_S)
    left = known(keeper.picture)
    recorder.close()

    def restarted() -> bytes:
        with Journal.open(tmp_path / "journal.sqlite") as opened:
            archive = Archive(tmp_path / "archive", site)
            return known(Keeper.restart(opened, archive, site, tonight.start_ns).picture)

    assert restarted() == left
    # Without the snapshot the journal alone gives the same picture, only later.
    for kept in (tmp_path / "archive" / "snapshots").glob("*"):
        kept.unlink()
    assert restarted() == left


def test_the_picture_round_trips_through_its_codec(first: tuple[Path, Played, str]) -> None:
    played = first[1]
    data = codec.encode(played.picture)
    assert codec.encode(codec.decode(Picture, data)) == data
