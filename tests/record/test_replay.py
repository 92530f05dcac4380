from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.record.scenes import SITE, T0_NS, Toy, plots, toy, toy_advance
from tests.record.strategies import same
from windhover.errors import BadInput, BrokenRecord, WindhoverError
from windhover.record import snapshot
from windhover.record.archive import Archive
from windhover.record.decisions import differences
from windhover.record.entries import Arrived, Entry
from windhover.record.journal import Journal, Meta
from windhover.record.recorder import Recorder
from windhover.record.replay import inputs, recorded_events, replay, resume, steps
from windhover.schema.cases import Words
from windhover.schema.commands import Acknowledge, Tick
from windhover.schema.events import Event, IdentityChanged, TrackConfirmed, TrackEnded
from windhover.units import NS_PER_S

EXERCISE = Meta("exercise")


def arrivals(seed: int, seconds: int) -> list[tuple[int, Arrived]]:
    rng = np.random.default_rng(seed)
    told: list[tuple[int, Arrived]] = []
    for second in range(seconds):
        now_ns = T0_NS + second * NS_PER_S
        told.append((now_ns, plots(rng, int(rng.integers(0, 9)), now_ns)))
        if second % 7 == 3:
            told.append((now_ns, Acknowledge(f"N{second}", "tower")))
        told.append((now_ns, Tick()))
    return told


def run(recorder: Recorder, told: list[tuple[int, Arrived]], every: int = 5) -> Toy:
    picture = toy()
    for at, (now_ns, arrived) in enumerate(told):
        picture, events = toy_advance(picture, arrived, now_ns)
        recorder.record(now_ns, arrived, events)
        if at % every == 0:
            recorder.flush()
    recorder.flush()
    return picture


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 9))
@settings(max_examples=25)
def test_a_night_replays_to_the_same_picture_and_events(seed: int, every: int, other: int) -> None:
    told = arrivals(seed, 20)
    journal = Journal.in_memory(EXERCISE)
    picture = run(Recorder(journal), told, every)
    pictures = [(now, step, events) for now, step, events in replay(journal, toy(), toy_advance)]
    assert all(len(events) == len(step.said) for _, step, events in pictures)
    assert same(pictures[-1][0], picture)
    assert [type(a) for _, a in inputs(journal)] == [type(a) for _, a in told]
    # how steps were grouped into transactions is not in the record
    again = Journal.in_memory(EXERCISE)
    run(Recorder(again), told, other)
    assert again.head == journal.head


def test_another_seed_ends_in_another_head() -> None:
    heads = []
    for seed in (1, 2):
        journal = Journal.in_memory(EXERCISE)
        run(Recorder(journal), arrivals(seed, 5))
        heads.append(journal.head.hex)
    assert heads[0] != heads[1]


@pytest.mark.parametrize("wrong", ["value", "silent", "chatty"])
def test_a_replay_that_differs_names_the_entry(wrong: str) -> None:
    journal = Journal.in_memory(EXERCISE)
    run(Recorder(journal), arrivals(4, 20))

    def other(picture: Toy, arrived: Arrived, now_ns: int) -> tuple[Toy, tuple[Event, ...]]:
        picture, events = toy_advance(picture, arrived, now_ns)
        if picture.steps == 9 and wrong == "chatty":
            return picture, (*events, TrackEnded(now_ns, 1, now_ns))
        if picture.steps >= 9 and events and wrong == "silent":
            return picture, events[1:]
        if picture.steps >= 9 and wrong == "value":
            return picture._replace(mean=picture.mean * (1 + 1e-15)), events
        return picture, events

    with pytest.raises(BrokenRecord) as caught:
        list(replay(journal, toy(), other))
    entry = journal.entry(caught.value.event)
    assert entry.kind in ("event", "input") and f"entry {entry.seq}" in str(caught.value).lower()
    list(replay(journal, toy(), other, check=False))


def test_a_start_up_replays_only_what_came_after_the_snapshot(tmp_path: Path) -> None:
    told = arrivals(6, 40)
    with Journal.open(tmp_path / "j", True, mode="exercise") as journal:
        archive = Archive(tmp_path / "archive", SITE)
        recorder = Recorder(journal, archive)
        picture = toy()
        for at, (now_ns, arrived) in enumerate(told):
            picture, events = toy_advance(picture, arrived, now_ns)
            recorder.record(now_ns, arrived, events)
            if at in (20, 60):
                recorder.snapshot(now_ns, picture)
        recorder.flush()
        loaded = snapshot.load(journal, archive.root, Toy)
        assert loaded is not None and loaded.picture.steps == 61
        assert same(resume(journal, loaded.picture, toy_advance, loaded.next_seq), picture)
        assert same(resume(journal, toy(), toy_advance), picture)
        # a snapshot that is damaged, gone, or of another version is passed over
        files = sorted((tmp_path / "archive" / "snapshots").iterdir())
        files[-1].write_bytes(files[-1].read_bytes()[:-1])
        loaded = snapshot.load(journal, archive.root, Toy)
        assert loaded is not None and loaded.picture.steps == 21
        assert same(resume(journal, loaded.picture, toy_advance, loaded.next_seq), picture)
        files[0].unlink()
        assert snapshot.load(journal, archive.root, Toy) is None
        early = snapshot.load(journal, archive.root, Toy, to_seq=3)
        assert early is None


def test_a_snapshot_cannot_lead_out_of_the_archive() -> None:
    body = msgspec.json.encode(snapshot.Snapshot("../../etc/passwd", 1, "00", 1))
    with pytest.raises(BadInput, match="outside"):
        snapshot.told_by(Entry(0, "snapshot", "Snapshot", body))


def test_steps_keep_every_event_with_its_input() -> None:
    journal = Journal.in_memory(EXERCISE)
    run(Recorder(journal), arrivals(2, 12))
    found = list(steps(journal))
    assert sum(len(step.said) for step in found) == len(list(recorded_events(journal)))
    assert [step.seq for step in found] == sorted(step.seq for step in found)
    for step in found:
        assert [e.seq for e in step.said] == list(
            range(step.seq + 1, step.seq + 1 + len(step.said))
        )


def test_a_journal_entry_that_makes_no_sense_is_one_clear_line() -> None:
    journal = Journal.in_memory(EXERCISE)
    journal.append([Entry(0, "input", "Detections", b"WHC\x01 nonsense")])
    with pytest.raises(WindhoverError):
        list(inputs(journal))


def _said(p: float, at: int = 0, label: str = "bird") -> IdentityChanged:
    return IdentityChanged(T0_NS + at, 7, label, p, "undetermined", {}, Words(f"{p}", "…"), 3.0)


def test_decisions_agree_within_the_stated_tolerances() -> None:
    record = [_said(0.80), TrackConfirmed(T0_NS, 7, 0.5, 0.5, 1000.0)]
    close = [TrackConfirmed(T0_NS + NS_PER_S, 7, 0.5 + 1e-7, 0.5, 1001.0), _said(0.81, NS_PER_S)]
    assert differences(record, close) == ()
    for other in (
        [_said(0.9), record[1]],
        [_said(0.80, label="drone"), record[1]],
        [_said(0.80, at=3 * NS_PER_S), record[1]],
        [record[0]],
        [*record, _said(0.80)],
        [record[0], TrackConfirmed(T0_NS, 7, 0.5001, 0.5, 1000.0)],
        [record[0], TrackConfirmed(T0_NS, 8, 0.5, 0.5, 1000.0)],
        [record[0], TrackConfirmed(T0_NS, 7, 0.5, 0.5, float("nan"))],
    ):
        assert differences(record, other)
    assert differences(record, [_said(0.9), record[1]])[0].about == "IdentityChanged 7"
