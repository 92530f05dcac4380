"""What a person rules of a feed, over the API: on the disk first, then the feed obeys, and after a restart too."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.detections.sapient.nodes import FUSION, NODE
from tests.server.conftest import House, house_in
from tests.server.test_feeds import RECEIVER, SITE
from windhover.feeds.basis import FeedDeclared, marks_of
from windhover.feeds.settings import FeedSettings, SapientNode
from windhover.record.journal import Journal
from windhover.server.live_feeds import LiveFeeds

RADIO = FeedSettings(
    "radio",
    "dronescout",
    "file",
    "/no/such",
    RECEIVER,
    captures_signalling=True,
    decodes_content=True,
)
EARS = FeedSettings(
    "nodes", "sapient", "listen", "127.0.0.1:0", "", node_id=FUSION, nodes=(SapientNode(NODE, RECEIVER),)
)  # fmt: skip


def until(what: Callable[[], Any], limit_s: float = 5.0) -> None:
    end_s = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.01)


def feed(house: House, name: str) -> dict[str, Any]:
    answer = house.client.get("/api/feeds", headers=house.token("viewer"))
    assert answer.status_code == 200
    found: dict[str, Any] = next(one for one in answer.json()["feeds"] if one["name"] == name)
    return found


def say(house: House, what: str, **body: Any) -> Any:
    return house.client.post(f"/api/feeds/{what}", json=body, headers=house.token("approver"))


def test_a_radio_feed_begins_and_ends_by_a_named_persons_word(tmp_path: Path) -> None:
    with house_in(tmp_path, LiveFeeds((RADIO,), SITE)) as house:
        assert feed(house, "radio")["state"] == "off"
        nobody = say(house, "basis", feed="radio", basis="court order 7/2026")
        assert nobody.status_code == 422 and "is not the name" in nobody.json()["error"]
        early = say(house, "content", feed="radio", reason="same order", by="Ana Ruiz")
        assert early.status_code == 422 and "legal basis" in early.json()["error"]
        told = say(house, "basis", feed="radio", basis="court order 7/2026", by="Ana Ruiz").json()
        assert (told["legal_basis"], told["basis_recorded_by"]) == (
            "court order 7/2026",
            "Ana Ruiz",
        )
        until(lambda: "content" in feed(house, "radio")["words"])
        assert feed(house, "radio")["state"] == "off"
        assert say(
            house, "content", feed="radio", reason="same order, 2", by="Ben Ortiz"
        ).is_success
        until(lambda: feed(house, "radio")["state"] in ("connecting", "waiting"))
        gone = say(house, "withdraw", feed="radio", reason="the order has lapsed", by="Ana Ruiz")
        assert gone.json()["legal_basis"] == gone.json()["content_allowed_by"] == ""
        until(lambda: "legal basis" in feed(house, "radio")["words"])
        assert feed(house, "radio")["state"] == "off"
        assert say(house, "basis", feed="radio", basis="a new order", by="Ana Ruiz").is_success
        assert say(house, "content", feed="radio", reason="likewise", by="Ana Ruiz").is_success
        head = house.token("admin")
        assert house.client.get("/api/feeds", headers=head).status_code == 200
        did = [line.did for line in house.server.accounts.audit(0, 100)]
        assert did.count("/api/feeds/basis") == 2
    with Journal.open(tmp_path / "journal.sqlite", read_only=True) as journal:
        entries = list(journal.read(kinds=("mark",)))
    marks = [entry.type for entry in entries]
    assert {
        mark.entered_by for mark in marks_of(entries) if not isinstance(mark, FeedDeclared)
    } == {"approver"}
    assert marks == [
        "FeedDeclared", "LegalBasisRecorded", "ContentAllowed", "BasisWithdrawn",
        "LegalBasisRecorded", "ContentAllowed",
    ]  # fmt: skip
    with house_in(tmp_path, LiveFeeds((RADIO,), SITE)) as house:
        assert feed(house, "radio")["basis_recorded_by"] == "Ana Ruiz"
        until(lambda: feed(house, "radio")["state"] in ("connecting", "waiting"))


def test_a_clock_is_corrected_until_the_settings_say_otherwise(tmp_path: Path) -> None:
    roof = FeedSettings("roof", "aircraft_json", "file", "/no/such", RECEIVER)
    with house_in(tmp_path, LiveFeeds((roof,), SITE)) as house:
        told = say(house, "clock", feed="roof", ahead_s=7_200.0, by="Ana Ruiz")
        assert told.json()["clock_corrected_s"] == 7_200.0
        assert say(house, "clock", feed="roof", ahead_s=1e9, by="Ana Ruiz").status_code == 422
    with house_in(tmp_path, LiveFeeds((roof,), SITE)) as house:
        assert feed(house, "roof")["clock_corrected_s"] == 7_200.0
    other = FeedSettings("roof", "aircraft_json", "file", "/no/such", RECEIVER, clock_ahead_s=1.0)
    with house_in(tmp_path, LiveFeeds((other,), SITE)) as house:
        assert feed(house, "roof")["clock_corrected_s"] == 1.0


def test_a_radio_node_has_a_basis_of_its_own(tmp_path: Path) -> None:
    source = LiveFeeds((EARS,), SITE)
    key = f"nodes/{RECEIVER}"
    with house_in(tmp_path, source) as house:
        plans = source.feeds[0].registry.plans  # type: ignore[attr-defined]
        assert not plans[NODE.lower()].rf_basis
        told = say(house, "basis", feed=key, basis="consent of the owner", by="Ana Ruiz")
        assert told.is_success, told.text
        assert plans[NODE.lower()].rf_basis
        assert say(house, "clock", feed=key, ahead_s=3.0, by="Ana Ruiz").is_success
        assert plans[NODE.lower()].clock_ahead_s == 3.0 and plans[NODE.lower()].rf_basis
        assert say(house, "withdraw", feed=key, reason="sold the house", by="Ana Ruiz").is_success
        assert not plans[NODE.lower()].rf_basis


def test_who_has_no_such_feed_is_told_so(house: House) -> None:
    answer = say(house, "basis", feed="x", basis="consent of the owner", by="Ana Ruiz")
    assert answer.status_code == 422 and "no feed 'x'" in answer.json()["error"]


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_whoever_only_looks_on_rules_nothing(house: House, role: Any) -> None:
    body = {"feed": "radio", "basis": "because I can", "by": "Ana Ruiz"}
    answer = house.client.post("/api/feeds/basis", json=body, headers=house.token(role))
    assert answer.status_code == 403


def test_a_watch_that_has_failed_can_still_turn_a_feed_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    radio = FeedSettings(
        "radio", "dronescout", "file", "/no/such", RECEIVER, captures_signalling=True
    )
    with house_in(tmp_path, LiveFeeds((radio,), SITE)) as house:
        assert say(
            house, "basis", feed="radio", basis="court order 7/2026", by="Ana Ruiz"
        ).is_success
        until(lambda: feed(house, "radio")["state"] in ("connecting", "waiting"))
        monkeypatch.setattr(house.server.core, "failed", "The disk is full.")
        assert not say(
            house, "basis", feed="radio", basis="another order", by="Ana Ruiz"
        ).is_success
        say(house, "withdraw", feed="radio", reason="the order has lapsed", by="Ana Ruiz")
        until(lambda: feed(house, "radio")["state"] == "off")


def test_the_silence_of_what_does_not_listen_proves_nothing(tmp_path: Path) -> None:
    """A receiver that is down, or that no feed has joined, does not listen; the picture is told, once."""
    planes = tmp_path / "aircraft.json"
    roof = FeedSettings("roof", "aircraft_json", "file", str(planes), RECEIVER, every_s=0.02)
    row = [sensor.name for sensor in SITE.sensors].index(RECEIVER)
    source = LiveFeeds((roof,), SITE)
    with house_in(tmp_path / "r", source) as house:

        def listening() -> tuple[bool, ...]:
            return house.server.core._watch.keeper.picture.minds.listening  # type: ignore[union-attr]

        until(lambda: not any(listening()))
        planes.write_text('{"now": 1.0, "aircraft": []}')
        source.feeds[0].back_off_s = (0.02,)  # type: ignore[attr-defined]
        until(lambda: listening()[row])
        assert sum(listening()) == 1
        planes.unlink()
        until(lambda: not listening()[row])


def test_a_sapient_node_listens_once_it_has_come_and_not_when_its_port_is_open() -> None:
    strangers = FeedSettings("q", "sapient", "listen", "127.0.0.1:0", RECEIVER, node_id=FUSION)
    source = LiveFeeds((strangers,), SITE)
    row = [sensor.name for sensor in SITE.sensors].index(RECEIVER)
    source.hub.health["q"].state = "up"
    told = {one.sensor: one.listening for one in source._listening()}
    assert told[row] is False and not any(told.values())
    assert source._listening() == ()  # said once; from now on the node speaks for itself
