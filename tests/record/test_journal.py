from __future__ import annotations

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.record.strategies import FLOATS, INT64, TEXT, detections, same, winds
from windhover.errors import BadInput, WindhoverError
from windhover.record.entries import (
    KINDS,
    Entry,
    chain,
    event_entry,
    input_entry,
    read_event,
    read_input,
)
from windhover.record.journal import Journal, Meta, genesis
from windhover.record.layout import schema_of
from windhover.record.recorder import Recorder
from windhover.schema.batches import Detections
from windhover.schema.commands import Acknowledge, SiteChange, Tick
from windhover.schema.events import TrackConfirmed, TrackEnded
from windhover.schema.reports import ClassReport, Cooperative, Reports, Sighting

EXERCISE = Meta("exercise", "ab" * 32)

entries = st.builds(Entry, INT64, st.sampled_from(KINDS), TEXT.filter(bool), st.binary(max_size=60))


@given(st.lists(st.lists(entries, max_size=4), max_size=4))
@settings(max_examples=50)
def test_what_is_appended_is_read_back_in_order(groups: list[list[Entry]]) -> None:
    journal = Journal.in_memory(EXERCISE)
    head = journal.head
    for group in groups:
        head = journal.append(group)
    flat = [entry for group in groups for entry in group]
    back = list(journal.read())
    assert [entry[:4] for entry in back] == [entry[:4] for entry in flat]
    assert [entry.seq for entry in back] == list(range(1, len(flat) + 1))
    assert head == journal.head and head.seq == len(flat)
    assert head.digest == (back[-1].digest if back else genesis(EXERCISE))


def test_the_chain_is_the_documented_one() -> None:
    """The layout of docs/record.md written out by hand, so that others can check a journal."""
    journal = Journal.in_memory(Meta("real", ""))
    head = journal.append([Entry(-5, "mark", "Nöte", b"{}")])
    root = sha256(
        b'{"format":"windhover journal","mode":"real","site_digest":"","version":"1"}'
    ).digest()
    row = (
        b"\x00\x00\x00\x00\x00\x00\x00\x01"
        b"\xff\xff\xff\xff\xff\xff\xff\xfb"
        b"\x00\x00\x00\x00\x00\x00\x00\x04mark"
        b"\x00\x00\x00\x00\x00\x00\x00\x05N\xc3\xb6te"
        b"\x00\x00\x00\x00\x00\x00\x00\x02{}"
    )
    assert head.digest == sha256(root + row).digest()


def test_no_two_rows_are_the_same_bytes() -> None:
    one = Entry(0, "mark", "ab", b"c")
    other = Entry(0, "mark", "a", b"bc")
    assert chain(bytes(32), one, 1) != chain(bytes(32), other, 1)


def test_it_is_durable_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    with Journal.open(path, True, mode="exercise") as journal:
        head = journal.append([input_entry(1, Tick())])
        pragma = journal._connection.execute("PRAGMA synchronous").fetchone()[0]
        mode = journal._connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert (pragma, mode) == (2, "wal")  # 2 = FULL
    with Journal.open(path) as again:
        assert again.head == head and again.meta == Meta("exercise")
        assert again.append([input_entry(2, Tick())]).seq == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "night.journal",
        "night.journal.seal",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = x'00' WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "INSERT OR REPLACE INTO entries VALUES (1, 0, 'mark', 'x', x'00', zeroblob(32))",
        "INSERT INTO entries VALUES (9, 0, 'mark', 'x', x'00', zeroblob(32))",
        "INSERT INTO entries VALUES (NULL, 0, 'mark', 'x', x'00', zeroblob(32))",
        "INSERT INTO entries VALUES (3, 0, 'rumour', 'x', x'00', zeroblob(32))",
        "UPDATE meta SET value = 'real' WHERE key = 'mode'",
        "DELETE FROM meta",
        "REPLACE INTO meta VALUES ('mode', 'real')",
    ],
)
def test_sql_cannot_change_what_stands(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "j"
    with Journal.open(path, True, mode="exercise") as journal:
        journal.append([input_entry(1, Tick()), input_entry(2, Tick())])
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)
    other.close()


def test_a_failed_group_leaves_nothing(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j", True, mode="exercise") as journal:
        head = journal.append([input_entry(1, Tick())])
        with pytest.raises(BadInput):
            journal.append([input_entry(2, Tick()), Entry(2**70, "mark", "late", b"")])
        with pytest.raises(WindhoverError):
            journal.append([input_entry(2, Tick()), Entry(3, "rumour", "x", b"")])  # type: ignore[arg-type]
        assert journal.head == head
        assert len(list(journal.read())) == 1


def test_a_full_disk_is_one_clear_line_and_loses_nothing(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j", True, mode="exercise") as journal:
        recorder = Recorder(journal)
        journal._connection.execute("PRAGMA max_page_count = 30")
        with pytest.raises(WindhoverError, match="the disk is full"):
            for now_ns in range(1000):
                recorder.record(now_ns, SiteChange("x" * 5000, "tester"))
                recorder.flush()
        acknowledged = journal.head.seq
        assert recorder.waiting == 1
        journal._connection.execute("PRAGMA max_page_count = 1000000")
        assert recorder.flush().seq == acknowledged + 1
        assert [entry.now_ns for entry in journal.read()] == list(range(acknowledged + 1))


@pytest.mark.parametrize("name", ["missing/j", "../../proc/j", "."])
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path, name: str) -> None:
    path = Path("/proc/j") if "proc" in name else tmp_path / name
    with pytest.raises(WindhoverError) as caught:
        Journal.open(path, True, mode="exercise")
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("seq,now\n" * 1000)
    (tmp_path / "empty").write_bytes(b"")
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE meta (key, value)")
    other.close()
    for name in ("text", "empty", "other"):
        with pytest.raises(BadInput, match="not a Windhover journal"):
            Journal.open(tmp_path / name)
    with pytest.raises(WindhoverError, match="There is no journal"):
        Journal.open(tmp_path / "nothing")


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal.open(path, True, mode="exercise") as one, Journal.open(path) as two:
        one.append([input_entry(1, Tick())])
        with pytest.raises(WindhoverError, match="Another process has written"):
            two.append([input_entry(2, Tick())])
        one._connection.execute("BEGIN IMMEDIATE")
        two._connection.execute("PRAGMA busy_timeout = 20")
        with pytest.raises(WindhoverError, match="held by another process"):
            two.append([input_entry(2, Tick())])
        one._connection.execute("ROLLBACK")
        assert one.append([input_entry(2, Tick())]).seq == 2


def test_a_reader_sees_whole_groups_while_the_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with (
        Journal.open(path, True, mode="exercise") as writer,
        Journal.open(path, read_only=True) as reader,
    ):
        for group in range(40):
            writer.append([input_entry(group, Tick()) for _ in range(3)])
            rows = reader.read()
            first = next(rows)
            writer.append([input_entry(group, Tick()) for _ in range(3)])
            seen = [first, *rows]
            assert len(seen) == 6 * group + 3
        with pytest.raises(WindhoverError):
            reader.append([input_entry(0, Tick())])


@given(detections() | winds())
def test_batches_survive_the_journal(batch: Detections) -> None:
    entry = input_entry(5, batch)
    assert same(read_input(entry), batch)


structs = (
    st.builds(Tick)
    | st.builds(Acknowledge, TEXT, TEXT)
    | st.builds(SiteChange, TEXT, TEXT)
    | st.builds(
        Reports,
        st.lists(
            st.builds(
                ClassReport,
                INT64,
                INT64,
                INT64,
                st.none() | FLOATS,
                st.none() | FLOATS,
                st.dictionaries(TEXT, FLOATS, max_size=4),
            )
            | st.builds(Sighting, INT64, INT64, TEXT, FLOATS, FLOATS)
            | st.builds(Cooperative, INT64, INT64, INT64, INT64, st.just("icao"), TEXT),
            max_size=3,
        ).map(tuple),
        st.dictionaries(TEXT, INT64, max_size=4),
    )
)


@given(structs)
def test_structs_survive_the_journal_with_nan_and_order(struct: object) -> None:
    entry = input_entry(5, struct)  # type: ignore[arg-type]
    assert same(read_input(entry), struct)


@given(st.builds(TrackConfirmed, INT64, INT64, FLOATS, FLOATS, FLOATS))
def test_events_survive_the_journal(event: TrackConfirmed) -> None:
    assert same(read_event(event_entry(5, event)), event)


def test_what_is_no_input_is_refused() -> None:
    with pytest.raises(BadInput, match="not something that arrives"):
        input_entry(0, TrackEnded(0, 1, 0))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="does not know"):
        read_input(Entry(0, "input", "Telepathy", b"{}"))
    with pytest.raises(BadInput):
        read_input(Entry(0, "input", "Acknowledge", b'{"type":"Acknowledge"}'))


def test_a_journal_of_an_earlier_version_gets_its_indexes_and_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal.open(path, create=True, mode="exercise") as journal:
        journal.append(
            [Entry(k, "mark" if k % 7 == 0 else "input", "Tick", b"{}") for k in range(50)]
        )
    with sqlite3.connect(path) as raw:
        raw.execute("DROP INDEX rare_mark")
        raw.execute("DROP INDEX rare_snapshot")
    with Journal.open(path, read_only=True) as old:
        marks = [entry.seq for entry in old.read(kinds=("mark",))]
    with Journal.open(path) as journal:
        assert [entry.seq for entry in journal.read(kinds=("mark",))] == marks
        assert [e.seq for e in journal.read(9, 22, kinds=("mark",))] == [15, 22]
        assert not list(journal.read(kinds=("snapshot",)))
    plan = "EXPLAIN QUERY PLAN SELECT seq FROM entries WHERE kind = 'mark' AND +seq BETWEEN 1 AND 9"
    with sqlite3.connect(path) as raw:
        assert "rare_mark" in raw.execute(plan).fetchone()[3]
        assert schema_of(raw) == schema_of()
