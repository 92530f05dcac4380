"""Radio feeds are off until a named person answers for them, and the journal is what says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.detections.conftest import RECEIVED_NS as NOW
from tests.detections.conftest import make_sensor
from tests.detections.sapient.nodes import FUSION, NODE, OTHER
from windhover.errors import BadInput
from windhover.feeds.basis import (
    BasisDesk,
    BasisWithdrawn,
    FeedDeclared,
    LegalBasisRecorded,
    answer_for,
    marks_of,
)
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.of_site import feeds_of
from windhover.feeds.sapient import SapientServer
from windhover.feeds.settings import FeedSettings, SapientNode, held_back
from windhover.record.journal import Journal, Meta
from windhover.record.recorder import Recorder
from windhover.record.verify import verify
from windhover.schema.place import Vertical

ROOF = FeedSettings(
    "roof", "remote_id_pcap", "file", "/x", "rid", captures_signalling=True, decodes_content=True
)


def desk() -> BasisDesk:
    return BasisDesk(Recorder(Journal.in_memory(Meta("exercise"))))


def journal(path: Path) -> Journal:
    return Journal.open(path, create=True, mode="exercise", durable=False)


def test_a_feed_runs_only_on_what_the_journal_holds() -> None:
    held = desk()
    assert "no named person" in held.why_off(held.declare(ROOF, NOW, "settings"))
    held.record("roof", "court order 7/2026", "Ana Ruiz", NOW)
    assert "content" in held.why_off(ROOF)
    held.allow_content("roof", "same order, section 2", "Ben Ortiz", NOW)
    assert held.why_off(ROOF) == ""
    allowed = held.allowed(ROOF)
    assert (allowed.basis_recorded_by, allowed.content_allowed_by) == ("Ana Ruiz", "Ben Ortiz")
    held.withdraw("roof", "order has lapsed", "Ana Ruiz", NOW)
    assert "no named person" in held.why_off(ROOF)


def test_a_form_that_captures_is_off_whatever_its_settings_say() -> None:
    assert held_back(replace(ROOF, captures_signalling=False, decodes_content=False)) != ""


@pytest.mark.parametrize("by", ["", "admin", "Operator", "x", "42", "n/a", "  root "])
def test_a_role_answers_for_nothing(by: str) -> None:
    held = desk()
    with pytest.raises(BadInput, match="name of a person"):
        held.record("roof", "court order 7/2026", by, NOW)


def test_words_are_needed() -> None:
    held = desk()
    with pytest.raises(BadInput, match="needs words"):
        held.record("roof", " ok", "Ana Ruiz", NOW)
    with pytest.raises(BadInput, match="basis of the feed first"):
        held.allow_content("roof", "why not", "Ana Ruiz", NOW)


def test_it_survives_a_restart_and_every_change_is_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Recorder(journal(path)) as recorder:
        held = BasisDesk(recorder)
        named = replace(ROOF, legal_basis="consent of the owner", basis_recorded_by="Ana Ruiz")
        held.declare(named, NOW, "settings")
        held.declare(named, NOW + 1, "settings")  # nothing new: no entry
        held.declare(replace(named, address="http://u:secret@host/x"), NOW + 2, "Ben Ortiz")
    with Recorder(journal(path)) as recorder:
        marks = list(marks_of(recorder.journal.read(kinds=("mark",))))
        assert [type(mark) for mark in marks] == [
            FeedDeclared,
            LegalBasisRecorded,
            FeedDeclared,
        ]
        changed = marks[2]
        assert isinstance(changed, FeedDeclared)
        assert (changed.changed, changed.by) == (("address",), "Ben Ortiz")
        assert changed.settings["address"] == "http://(credentials)@host/x"
        again = BasisDesk(recorder)
        assert "content" in again.why_off(ROOF)
        assert again.standing["roof"].basis == "consent of the owner"
        again.declare(replace(named, address="http://u:other@host/x"), NOW + 4, "Ben Ortiz")
        assert len(list(recorder.journal.read(kinds=("mark",)))) == 3
        again.withdraw("roof", "the owner said no", "Ana Ruiz", NOW + 5)
        assert "no named person" in again.why_off(again.declare(named, NOW + 6, "settings"))
        marks = list(marks_of(recorder.journal.read(kinds=("mark",))))
        assert any(isinstance(mark, BasisWithdrawn) for mark in marks)
        assert not isinstance(marks[-1], LegalBasisRecorded)  # a file does not undo a person's word
    assert verify(path).holds


def test_each_radio_node_of_a_sapient_feed_has_a_basis_of_its_own() -> None:
    nodes = (
        SapientNode(NODE, "ear", legal_basis="order 9", basis_recorded_by="Ana Ruiz"),
        SapientNode(OTHER, "other ear", legal_basis="", basis_recorded_by=""),
    )
    feed = FeedSettings(
        "nodes", "sapient", "listen", "127.0.0.1:1", "", node_id=FUSION, nodes=nodes
    )
    held = desk()
    first = held.declare(feed, NOW, "settings")
    assert [one.basis_recorded_by for one in first.nodes] == ["Ana Ruiz", ""]
    held.record("nodes/other ear", "order 10", "Ben Ortiz", NOW)
    held.withdraw("nodes/ear", "lapsed", "Ana Ruiz", NOW)
    assert [one.basis_recorded_by for one in held.allowed(feed).nodes] == ["", "Ben Ortiz"]


def test_at_start_every_feed_gets_what_the_journal_allows() -> None:
    """A withdrawn basis stays withdrawn although the settings file still names it."""
    held = desk()
    roof = replace(ROOF, decodes_content=False, legal_basis="order 7", basis_recorded_by="Ana Ruiz")
    node = SapientNode(NODE, "1090", legal_basis="order 9", basis_recorded_by="Ana Ruiz")
    nodes = FeedSettings(
        "nodes", "sapient", "listen", "127.0.0.1:1", "", node_id=FUSION, nodes=(node,)
    )

    def start() -> tuple[Feed, SapientServer]:
        made = feeds_of(
            (replace(roof, sensor="1090"), nodes), (make_sensor("rf", "1090"),), Vertical(), Hub()
        )
        answer_for((*made, object()), held.recorder, NOW, "windhover.toml")
        feed, server = made
        assert isinstance(feed, Feed) and isinstance(server, SapientServer)
        return feed, server

    feed, server = start()
    assert held_back(feed.settings) == ""
    assert server.registry.plans[NODE].rf_basis
    again = BasisDesk(held.recorder)
    again.withdraw("roof", "lapsed", "Ana Ruiz", NOW)
    again.withdraw("nodes/1090", "lapsed", "Ana Ruiz", NOW)
    feed, server = start()
    assert "no named person" in held_back(feed.settings)
    assert not server.registry.plans[NODE].rf_basis


NODE_A = SapientNode(NODE, "ear", legal_basis="court order 7/2026", basis_recorded_by="Ana Ruiz")
EARS = FeedSettings("q", "sapient", "listen", "127.0.0.1:0", node_id=FUSION, nodes=(NODE_A,))


def test_what_was_withdrawn_does_not_come_back_with_another_nodes_settings() -> None:
    held = desk()
    assert held.declare(EARS, NOW, "settings").nodes[0].legal_basis
    held.withdraw("q/ear", "the order has lapsed", "Ana Ruiz", NOW)
    held.correct_clock("q/ear", 3.0, "Ana Ruiz", NOW)
    more = replace(EARS, nodes=(NODE_A, SapientNode(OTHER, "eye")))
    allowed = held.declare(more, NOW, "settings").nodes
    assert (allowed[0].legal_basis, allowed[0].clock_ahead_s) == ("", 3.0)
    anew = replace(NODE_A, legal_basis="court order 9/2026", clock_ahead_s=1.0)
    allowed = held.declare(replace(more, nodes=(anew, more.nodes[1])), NOW, "settings").nodes
    assert (allowed[0].legal_basis, allowed[0].clock_ahead_s) == ("court order 9/2026", 1.0)


def test_a_name_under_which_a_basis_stands_is_of_one_feed_or_one_node() -> None:
    with pytest.raises(ValueError, match="parts feed and node"):
        replace(ROOF, name="q/ear")
    with pytest.raises(ValueError, match="the same sensor"):
        replace(EARS, nodes=(NODE_A, SapientNode(OTHER, "ear")))


@pytest.mark.parametrize(
    "by",
    ["administrador", "Operador", "el Aprobador", "admin.", "ADMIN 1", "the admin", "usuario", ""],
)
def test_a_role_is_nobodys_name_in_either_language(by: str) -> None:
    with pytest.raises(BadInput, match="is not the name"):
        desk().record("roof", "court order 7/2026", by, NOW)


@pytest.mark.parametrize("by", ["Ana Ruiz", "Óscar Núñez", "李小龙", "Administrator Jane Roe"])
def test_people_are_called_in_many_ways(by: str) -> None:
    held = desk()
    held.record("roof", "court order 7/2026", by, NOW)
    assert held.standing["roof"].basis_by == by


def test_a_blank_reason_is_none() -> None:
    held = desk()
    held.record("roof", "court order 7/2026", "Ana Ruiz", NOW)
    for rule in (held.withdraw, held.allow_content):
        with pytest.raises(BadInput, match="needs words"):
            rule("roof", "    ", "Ana Ruiz", NOW)


def test_a_feed_is_off_also_where_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk()
    held.record("roof", "court order 7/2026", "Ana Ruiz", NOW)
    held.allow_content("roof", "the same", "Ana Ruiz", NOW)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(held.recorder, "flush", full)
    with pytest.raises(OSError, match="No space"):
        held.withdraw("roof", "the order has lapsed", "Ana Ruiz", NOW)
    assert "no named person" in held.why_off(ROOF)
