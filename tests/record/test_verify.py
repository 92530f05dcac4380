from __future__ import annotations

import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.scenes import T0_NS, plots
from windhover.errors import BadInput, WindhoverError
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.verify import verify
from windhover.record.wal import checksum
from windhover.schema.commands import Tick
from windhover.units import NS_PER_S

FLIPS = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_an_untouched_record_holds(night: Path) -> None:
    verdict = verify(night)
    assert verdict.holds and verdict.event is None and verdict.mode == "exercise"
    assert verdict.entries > 130 and verdict.files >= 4 and verdict.notes == ()
    assert verify(night / "journal.sqlite", night / "archive") == verdict
    assert verify(night, heads=[verdict.head, verdict.head[:16].upper()]).holds


def _flip(path: Path, at: int, bit: int) -> Callable[[], None]:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)
    data[at] ^= 1 << bit
    return lambda: path.write_bytes(data) and None  # type: ignore[func-returns-value]


@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@FLIPS
def test_any_flipped_bit_of_the_journal_file_is_found(night: Path, share: float, bit: int) -> None:
    path = night / "journal.sqlite"
    undo = _flip(path, int(share * path.stat().st_size), bit)
    try:
        verdict = verify(night)
        assert not verdict.holds and verdict.event is not None
        assert 0 <= verdict.event <= 400 and "\n" not in verdict.words
    finally:
        undo()


@given(at=st.integers(0, 4095), bit=st.integers(0, 7))
@FLIPS
def test_any_flipped_bit_of_its_first_page_is_found(night: Path, at: int, bit: int) -> None:
    undo = _flip(night / "journal.sqlite", at, bit)
    try:
        assert not verify(night).holds
    finally:
        undo()


@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), data=st.data())
@settings(FLIPS, max_examples=60)
def test_any_flipped_bit_of_the_archive_is_found_and_named(
    night: Path, share: float, bit: int, data: st.DataObject
) -> None:
    files = sorted(path for path in (night / "archive").rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    undo = _flip(path, int(share * path.stat().st_size), bit)
    try:
        verdict = verify(night)
        assert not verdict.holds and verdict.event and path.name in verdict.words
    finally:
        undo()


@given(row=st.integers(1, 130), column=st.sampled_from(["now_ns", "kind", "type", "body", "digest"]),
       share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))  # fmt: skip
@settings(FLIPS, max_examples=60)
def test_a_change_to_a_row_is_named_exactly(
    night: Path, row: int, column: str, share: float, bit: int
) -> None:
    """As somebody would who knows SQL and takes the guards away first."""
    path = night / "journal.sqlite"
    was = path.read_bytes()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        guard = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'entries_keep_update'"
        ).fetchone()[0]
        connection.execute("DROP TRIGGER entries_keep_update")
        value = connection.execute(
            f"SELECT {column} FROM entries WHERE seq = ?", (row,)
        ).fetchone()[0]
        if isinstance(value, int):
            changed: object = value ^ (1 << bit)
        else:
            raw = bytearray(value.encode() if isinstance(value, str) else value)
            raw[int(share * len(raw))] ^= 1 << (bit % 5)
            changed = raw.decode("latin-1") if isinstance(value, str) else bytes(raw)
        connection.execute(f"UPDATE entries SET {column} = ? WHERE seq = ?", (changed, row))
        connection.execute(guard)
        connection.close()
        verdict = verify(night)
        assert not verdict.holds and verdict.event == row and verdict.entries == row - 1
        assert f"ntry {row} " in verdict.words
    finally:
        connection.close()
        path.write_bytes(was)
    assert verify(night).holds


def _as_sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, sql in guards:
        connection.execute(sql)
    connection.close()


def test_a_missing_entry_is_named(copy: Path) -> None:
    _as_sql(copy / "journal.sqlite", "DELETE FROM entries WHERE seq = 17")
    verdict = verify(copy)
    assert (verdict.holds, verdict.event, verdict.entries) == (False, 17, 16)


def test_a_cut_end_is_found_by_the_seal_and_by_a_witness(copy: Path) -> None:
    head = verify(copy).head
    _as_sql(copy / "journal.sqlite", "DELETE FROM entries WHERE seq > 50")
    verdict = verify(copy)
    assert (verdict.holds, verdict.event) == (False, 51)
    (copy / "journal.sqlite.seal").unlink()
    shutil.rmtree(copy / "archive")
    cut = verify(copy)
    assert (
        cut.holds and "No seal" in cut.notes[0]
    )  # nothing inside can tell: that is what witnesses are for
    verdict = verify(copy, heads=[head])
    assert (verdict.holds, verdict.event) == (False, 51) and "witness" in verdict.words


def test_a_chain_written_anew_is_found_by_a_witness_alone(copy: Path) -> None:
    witness = verify(copy).head
    with Journal.open(copy / "journal.sqlite", read_only=True) as journal:
        entries = list(journal.read())
    (copy / "journal.sqlite").unlink()
    (copy / "journal.sqlite.seal").unlink()
    with Journal.open(
        copy / "journal.sqlite", True, mode="exercise", site_digest="ab" * 32
    ) as forged:
        forged.append([entry._replace(now_ns=entry.now_ns + 1) for entry in entries])
    assert verify(copy).holds
    assert not verify(copy, heads=[witness]).holds


def test_an_exercise_cannot_become_real(copy: Path) -> None:
    _as_sql(copy / "journal.sqlite", "UPDATE meta SET value = 'real' WHERE key = 'mode'")
    assert verify(copy).event == 1


def test_a_guard_that_was_taken_away_is_found(copy: Path) -> None:
    connection = sqlite3.connect(copy / "journal.sqlite")
    connection.execute("DROP TRIGGER entries_keep_delete")
    connection.close()
    verdict = verify(copy)
    assert verdict.event == 0 and "guards" in verdict.words


def test_files_missing_and_foreign(copy: Path) -> None:
    (copy / "archive" / "stranger.txt").write_text("hello")
    assert "vouched for by no entry" in verify(copy).notes[0]
    next((copy / "archive" / "snapshots").iterdir()).unlink()
    verdict = verify(copy)
    assert verdict.holds and "snapshot" in verdict.notes[0]
    next((copy / "archive" / "tracks").rglob("*.parquet")).unlink()
    verdict = verify(copy)
    assert not verdict.holds and "missing" in verdict.words
    shutil.rmtree(copy / "archive")
    assert "no archive" in verify(copy).words


def test_a_damaged_seal_is_found(copy: Path) -> None:
    seal = copy / "journal.sqlite.seal"
    seal.write_text(seal.read_text().replace('"seq":', '"seq":1'))
    assert "seal" in verify(copy).words and not verify(copy).holds


def test_growing_breaks_the_seal_and_closing_makes_one(copy: Path) -> None:
    seal = copy / "journal.sqlite.seal"
    with Journal.open(copy / "journal.sqlite") as journal:
        assert seal.exists()
        was = seal.read_bytes()
    assert seal.read_bytes() == was
    with Journal.open(copy / "journal.sqlite") as journal:
        recorder = Recorder(journal)
        recorder.record(T0_NS, Tick())
        recorder.flush()
        assert not seal.exists()
        assert "No seal" in verify(copy).notes[0]
    assert seal.exists() and verify(copy).holds and not verify(copy).notes


def test_what_cannot_be_verified_is_said(tmp_path: Path, night: Path) -> None:
    with pytest.raises(WindhoverError, match="no journal at"):
        verify(tmp_path)
    (tmp_path / "journal.sqlite").write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(BadInput, match="not a Windhover journal"):
        verify(tmp_path)
    with pytest.raises(BadInput, match="not a head"):
        verify(night, heads=["xyz"])
    with pytest.raises(WindhoverError, match="no archive"):
        verify(night, tmp_path / "nowhere")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as a hard stop leaves it: most of it in the write-ahead log."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "open").mkdir()
    rng = np.random.default_rng(4)
    journal = Journal.open(folder / "open" / "journal.sqlite", True, mode="exercise")
    recorder = Recorder(journal)
    for second in range(12):
        recorder.record(T0_NS + second * NS_PER_S, plots(rng, 60, T0_NS))
        recorder.flush()
    for name in ("journal.sqlite", "journal.sqlite-wal"):
        shutil.copy(folder / "open" / name, folder / name)
    recorder.close()
    return folder


def test_a_hard_stop_leaves_every_acknowledged_entry(stopped: Path) -> None:
    verdict = verify(stopped)
    assert verdict.holds and verdict.entries == 12 and "No seal" in verdict.notes[0]


@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(FLIPS, max_examples=60)
def test_a_flipped_bit_of_the_log_is_found(stopped: Path, share: float, bit: int) -> None:
    """But for the last frame, where it looks like a torn end."""
    log = stopped / "journal.sqlite-wal"
    (stopped / "journal.sqlite-shm").unlink(missing_ok=True)
    undo = _flip(log, int(share * (log.stat().st_size - 4096 - 24)), bit)
    try:
        verdict = verify(stopped)
        assert not verdict.holds and verdict.event is not None and verdict.event <= 12
    finally:
        undo()


@given(st.integers(32, 60_000))
@settings(FLIPS, max_examples=30)
def test_a_torn_end_of_the_log_is_no_damage(stopped: Path, end: int) -> None:
    log = stopped / "journal.sqlite-wal"
    (stopped / "journal.sqlite-shm").unlink(missing_ok=True)
    was = log.read_bytes()
    log.write_bytes(was[:end])
    try:
        verdict = verify(stopped)
        assert verdict.holds and verdict.entries <= 12
    finally:
        log.write_bytes(was)


def test_the_log_checksum_is_sqlites(stopped: Path) -> None:
    """The header's own checksum, as SQLite wrote it."""
    data = (stopped / "journal.sqlite-wal").read_bytes()
    order = ">" if data[3] & 1 else "<"
    assert checksum(data[:24], (0, 0), order) == struct.unpack(">2I", data[24:32])
