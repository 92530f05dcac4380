"""A look back shows what was shown: from memory, from the archive and played again, the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from windhover.exercises.el_paso import night
from windhover.server import chronicle, frames, past
from windhover.server.frames import Rows
from windhover.server.settings import ExerciseSettings
from windhover.server.sources import Exercise
from windhover.server.watch import Cold, open_watch
from windhover.units import NS_PER_S

SECONDS = 100
BREAK = 60


class Night(NamedTuple):
    """A short night as it was shown, second by second, stopped in the middle and taken up again."""

    folder: Path
    source: Exercise
    rows: dict[int, Rows]
    colds: dict[int, Cold]


def source() -> Exercise:
    return Exercise(ExerciseSettings("el-paso", seed=3), night(3))


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("past")
    rows: dict[int, Rows] = {}
    colds: dict[int, Cold] = {}
    made = source()
    for seconds in (BREAK, SECONDS - BREAK):
        made = source()
        watch = open_watch(folder, made.night.site, made, made.night.start_ns)
        for _ in range(seconds):
            shown = watch.step(None, (), made.now_ns())
            assert shown.rows is not None
            rows[shown.now_ns] = shown.rows
            colds[shown.now_ns] = shown.cold
        watch.close()
    return Night(folder, made, rows, colds)


def bits(rows: Rows, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    return {
        name: column.tobytes()
        for name, column in zip(Rows._fields, rows, strict=True)
        if name not in but
    }


def test_a_restart_goes_on_as_if_nothing_had_happened(short: Night, tmp_path: Path) -> None:
    whole = source()
    watch = open_watch(tmp_path, whole.night.site, whole, whole.night.start_ns)
    for _ in range(SECONDS):
        shown = watch.step(None, (), whole.now_ns())
    assert shown.rows is not None
    assert shown.now_ns == max(short.rows)
    assert bits(shown.rows) == bits(short.rows[shown.now_ns])
    assert shown.cold == short.colds[shown.now_ns]
    watch.close()


def test_played_again_every_second_is_bit_for_bit_what_was_shown(short: Night) -> None:
    times = sorted(short.rows)
    found = list(past.replayed(short.folder, short.source.night.site, times[40], times[-1]))
    assert [one.now_ns for one in found] == times[40:]
    for one in found:
        assert bits(one.rows) == bits(short.rows[one.now_ns])


def test_the_archive_gives_the_same_frames(short: Night) -> None:
    times = sorted(short.rows)
    found = past.archived(short.folder, short.source.night.site, times[0], times[-1])
    seen = {t: rows for t, rows in short.rows.items() if rows.n}
    assert sorted(seen) == [one.now_ns for one in found]
    for one in found:
        cold = short.colds[one.now_ns]
        got = past.with_incidents(one.rows, cold.incidents)
        # Covariances are archived in single precision, so the ellipse may differ in its last digits.
        about = ("sigma_major_m", "sigma_minor_m", "sigma_major_azimuth_rad")
        assert bits(got, about) == bits(seen[one.now_ns], about)
        np.testing.assert_allclose(got.sigma_major_m, seen[one.now_ns].sigma_major_m, rtol=1e-4)


def test_what_was_decided_by_then_is_folded_from_events(short: Night) -> None:
    parties = short.source.night.site.parties
    book, last_ns = past.ColdBook(short.folder, parties), max(short.colds)
    times = sorted(short.colds)
    for at_ns in (*times[::7], *times[::-5], *times):  # in whatever order they are asked
        assert book.at(at_ns, last_ns).cold == short.colds[at_ns]


def test_nothing_received_later_is_known_earlier(short: Night) -> None:
    site, first = short.source.night.site, short.source.night.start_ns
    assert past.ColdBook(short.folder, site.parties).at(first, first).cold == Cold()
    assert past.archived(short.folder, site, 0, first) == []
    assert list(past.replayed(short.folder, site, first - 10 * NS_PER_S, first)) == []


def test_the_record_tells_its_extent(short: Night) -> None:
    from_ns, to_ns = chronicle.extent(short.folder)
    assert short.source.night.start_ns < from_ns <= to_ns == max(short.rows)


def test_a_history_follows_one_track(short: Night) -> None:
    track_id = max(
        (int(i) for rows in short.rows.values() for i in rows.track_id),
        key=lambda i: sum(i in rows.track_id for rows in short.rows.values()),
    )
    found = past.history(short.folder, track_id)
    held = [t for t, rows in sorted(short.rows.items()) if track_id in rows.track_id]
    assert found["time_ns"].tolist() == held
    total = past.chances(found).sum(axis=1)
    np.testing.assert_allclose(total, 1.0, atol=1e-6)
    assert frames.ROW_BYTES == 53


def test_every_tick_is_there_also_those_that_no_archive_holds(short: Night, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    shutil.copytree(short.folder, folder)
    files = sorted((folder / "archive" / "tracks").rglob("*.parquet"))
    assert len(files) == 2
    for gone in (files[0], *(folder / "archive" / "identities").rglob(files[0].name)):
        gone.unlink()  # as a crash before its writing would have it
    times = sorted(short.rows)
    found = past.ticks(folder, short.source.night.site, times[0], times[-1])
    assert [one.now_ns for one in found] == times
    for one in found:
        assert one.rows.track_id.tolist() == short.rows[one.now_ns].track_id.tolist()
        assert (
            one.rows.latitude_1e7_deg.tolist() == short.rows[one.now_ns].latitude_1e7_deg.tolist()
        )
