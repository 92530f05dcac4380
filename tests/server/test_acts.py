"""What people do over the API: the whole life of a request, partners' bounds, log, alerts, relief."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.server.conftest import PARTY, House, house_in
from windhover.exercises.el_paso import people
from windhover.geo.frames import sector_frame

OTHER = "hospital"


class Laser(NamedTuple):
    """A house in which a partner has filed a laser: an incident and a draft stand."""

    house: House
    approver: dict[str, str]

    def do(self, name: str, header: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
        answer = self.house.client.post(
            f"/api/commands/{name}", json=fields, headers=header or self.approver
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def picture(self, header: dict[str, str] | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.house.client.get(
            "/api/picture", headers=header or self.approver
        ).json()
        return found

    def tick(self, seconds: float = 1.0) -> None:
        """Let a second of the house's clock pass and the loop take it."""
        core = self.house.server.core
        self.house.clock.pass_s(seconds)
        seen = core.now_ns
        portal = self.house.client.portal
        assert portal is not None
        while core.now_ns <= seen:
            portal.call(_breathe)


async def _breathe() -> None:
    import asyncio

    await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def laser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laser]:
    with house_in(tmp_path_factory.mktemp("laser")) as house:
        found = Laser(house, house.token("approver"))
        site = house.server.core.site
        filed = people.filed(site, sector_frame(site.sector), house.clock())
        import msgspec

        planned = msgspec.to_builtins(filed[1][1])["countermeasure"]
        found.do("FileCountermeasure", countermeasure={**planned, "operator": PARTY})
        for _ in range(8):
            found.tick(2.0)
        yield found


def test_a_draft_goes_to_the_authority_and_back(laser: Laser) -> None:
    picture = laser.picture()
    incident, draft = picture["incidents"][0], picture["restrictions"][0]
    assert draft["state"] == "drafted" and draft["incident_id"] == incident["id"]
    ladder = laser.house.client.get(
        f"/api/incidents/{incident['id']}/decision", headers=laser.approver
    ).json()["ladder"]
    today = [step for step in ladder if step["today"]]
    assert [step["rung"] for step in today] == [draft["rung"]]
    assert today[0]["in_hand"] and today[0]["restriction"]["id"] == draft["id"]
    assert all(not step["restriction"] for step in ladder if not step["allowed"])
    assert today[0]["told"][0] in ("centre", "tower", today[0]["told"][0])

    name = {"restriction_id": draft["id"]}
    asked = laser.do("RequestRestriction", **name)
    assert asked["accepted"]
    moved = [e["restriction"] for e in asked["events"] if e["type"] == "RestrictionChanged"]
    assert moved[0]["requested_by"] == ["approver"]  # the account, whatever was sent
    again = laser.do("RequestRestriction", **name)
    assert not again["accepted"] and again["refusal"]["es"]
    assert laser.do("EnterAuthorityNumber", authority_number="EX-1", **name)["accepted"]
    public = laser.house.client.get("/api/status").json()
    assert [one["number"] for one in public["closed"]] == ["EX-1"]
    assert public["notice"] == "EXERCISE / EJERCICIO"
    assert laser.do("RequestCancellation", reason="over", **name)["accepted"]
    assert laser.do("ConfirmCancelled", **name)["accepted"]
    public = laser.house.client.get("/api/status").json()
    assert not public["closed"] and [one["number"] for one in public["lifted"]] == ["EX-1"]


def test_by_is_the_account_and_cannot_be_given(laser: Laser) -> None:
    answer = laser.house.client.post(
        "/api/commands/AskQuestion",
        json={"party": PARTY, "text": "?", "by": "somebody else"},
        headers=laser.approver,
    )
    assert answer.status_code == 422 and "by" in answer.json()["error"]


def test_a_partner_speaks_and_sees_for_its_own_party_alone(laser: Laser) -> None:
    partner = laser.house.token("partner")
    assert laser.do("AskQuestion", partner, party=PARTY, text="¿Qué pasa?")["accepted"]
    for name, fields in (
        ("AskQuestion", {"party": OTHER, "text": "?"}),
        ("RecordClaim", {"party": OTHER, "says": "x", "on_evidence": "y"}),
        ("WithdrawCountermeasure", {"countermeasure_id": "C99", "reason": "x"}),
    ):
        answer = laser.house.client.post(f"/api/commands/{name}", json=fields, headers=partner)
        assert answer.status_code == 403, name
    all_of_it, own = laser.picture(), laser.picture(partner)
    name = next(p.name for p in laser.house.server.core.site.parties if p.id == PARTY)
    asks = [a["words"]["es"] for a in all_of_it["alerts"] if a["kind"] == "question"]
    assert name != PARTY and asks[0].startswith(f"{name} pregunta (Q")
    mine = [n["id"] for n in all_of_it["notices"] if n["party"] == PARTY]
    others = [n["id"] for n in all_of_it["notices"] if n["party"] != PARTY]
    assert mine and others and [n["id"] for n in own["notices"]] == mine
    assert {q["party"] for q in own["questions"]} == {PARTY}
    assert not own["incidents"] and not own["alerts"] and not own["log"]
    told = laser.house.client.post(
        "/api/commands/Acknowledge", json={"notice_id": others[0]}, headers=partner
    )
    assert told.status_code == 403


def test_a_call_is_logged_in_the_journal(laser: Laser) -> None:
    answer = laser.house.client.post(
        "/api/phone-log", json={"text": "Torre llamó", "with_whom": "tower"}, headers=laser.approver
    ).json()
    entries = laser.house.client.get(
        "/api/journal", params={"type": "WriteLog", "newest": "true"}, headers=laser.approver
    ).json()["entries"]
    assert entries[-1]["body"]["text"] == "Torre llamó" and entries[-1]["body"]["by"] == "approver"
    assert entries[-1]["seq"] <= answer["seq"]
    assert laser.picture()["log"][-1]["with_whom"] == "tower"


def test_an_alert_is_acknowledged_by_name_once(laser: Laser) -> None:
    alert = laser.picture()["alerts"][0]
    path = f"/api/alerts/{alert['id']}/acknowledge"
    first = laser.house.client.post(path, json={"name": "Ana"}, headers=laser.approver)
    assert first.status_code == 200
    assert laser.picture()["alerts"][0]["acknowledged_by"] == "Ana (approver)"
    assert laser.house.client.post(path, json={}, headers=laser.approver).status_code == 409


def test_a_relief_is_signed_by_both(laser: Laser) -> None:
    off, on = laser.house.token("operator", name="Ana"), laser.house.token("operator", name="Luz")
    body = {"off": "Ana", "on": "Luz", "notes": "laser"}
    post = laser.house.client.post
    assert post("/api/relief", json=body, headers=laser.approver).status_code == 403
    half = post("/api/relief", json=body, headers=off).json()
    assert not half["complete"] and half["open_incidents"]
    assert post("/api/relief", json=body, headers=off).status_code == 409
    assert post("/api/relief", json=body, headers=on).json()["complete"]
    read = laser.house.client.get("/api/relief", headers=laser.approver).json()
    assert (read["off"], read["on"], read["complete"]) == ("Ana", "Luz", True)


def test_a_sighting_is_recorded_and_its_observer_masked(laser: Laser) -> None:
    where = {"latitude_rad": 0.5547, "longitude_rad": -1.8578, "azimuth_rad": 1.0}
    told = {
        "movement": "erratic", "lights": "flashing", "sound": "buzzing", "duration_s": 40.0,
        "landmarks": "over the water tower",
    }  # fmt: skip
    answer = laser.house.client.post(
        "/api/sightings",
        json={**where, "words": "a light", "observer": "Ana", **told},
        headers=laser.approver,
    )
    assert answer.json()["accepted"]
    wrong = laser.house.client.post(
        "/api/sightings", json=where | {"sound": "celestial"}, headers=laser.approver
    )
    assert wrong.status_code == 422
    entries = laser.house.client.get(
        "/api/journal", params={"type": "Reports", "newest": "true"}, headers=laser.approver
    ).json()["entries"]
    item = entries[-1]["body"]["items"][0]
    assert item["words"] == "a light" and item["observer"] is None
    assert {key: item[key] for key in told} == told


def test_the_journal_is_turned_by_kind_backward_and_forward(laser: Laser) -> None:
    for _ in range(3):
        laser.tick()  # so that what is looked for is not among the newest
    for n in range(3):
        laser.house.client.post("/api/phone-log", json={"text": f"n{n}"}, headers=laser.approver)
        laser.tick()

    def read(**query: Any) -> list[dict[str, Any]]:
        answer = laser.house.client.get("/api/journal", params=query, headers=laser.approver)
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries

    every = read(type="LogWritten", limit=500)
    assert len(every) >= 3
    assert read(type="LogWritten", newest="true", limit=2) == every[-2:]
    assert read(type="LogWritten", before=every[-1]["seq"], limit=1) == [every[-2]]
    assert read(type="LogWritten", after=every[-2]["seq"]) == [every[-1]]
    rest = read(kind="event", without="LogWritten", limit=500)
    assert rest and {"LogWritten"}.isdisjoint(e["type"] for e in rest)
    assert {e["kind"] for e in rest} == {"event"}


def test_a_sighting_is_answered_with_what_stands_there_and_its_reading_is_noted(
    laser: Laser,
) -> None:
    where = {"latitude_rad": 0.5547, "longitude_rad": -1.8578, "azimuth_rad": 1.0}
    for seen in ({**where, "observer": "Ana"}, {**where, "observer": "Luz", "azimuth_rad": None}):
        filed = laser.house.client.post("/api/sightings", json=seen, headers=laser.approver)
        assert filed.json()["accepted"]
    laser.tick()  # it is looked at with the next step of the picture
    get = laser.house.client.get
    told = get("/api/sightings", headers=laser.approver).json()["sightings"]
    assert [one["observer"] for one in told[:2]] == ["Luz", "Ana"]  # the newest first
    assert "no direction" in told[0]["sentence"]["en"] and "dirección" in told[0]["sentence"]["es"]
    assert "057°" in told[1]["sentence"]["en"]
    viewer = laser.house.token("viewer")
    assert get("/api/sightings", headers=viewer).status_code == 403
    book = [line.did for line in laser.house.server.accounts.audit(0, 1000)]
    assert "read /api/sightings" in book


@pytest.mark.parametrize(
    "polygon",
    [
        [],
        [{"latitude_rad": 9.0, "longitude_rad": 0.0}] * 3,
        [{"latitude_rad": 1e308, "longitude_rad": 0.0}] * 3,
    ],
)
def test_an_area_that_is_none_never_reaches_the_picture(polygon: Any, laser: Laser) -> None:
    friend = {
        "id": "", "operator": "x", "what": "drone", "polygon": polygon,
        "upper_height_ground_m": 100.0, "from_ns": 0, "to_ns": 1,
    }  # fmt: skip
    answer = laser.house.client.post(
        "/api/commands/FileFriend", json={"friend": friend}, headers=laser.approver
    )
    assert answer.status_code == 422


def test_the_pictures_tag_changes_with_what_people_decide(laser: Laser) -> None:
    get = laser.house.client.get
    tag = get("/api/picture", headers=laser.approver).headers["etag"]
    same = get("/api/picture", headers={**laser.approver, "If-None-Match": tag})
    laser.do("WriteLog", kind="note", text="x")
    other = get("/api/picture", headers={**laser.approver, "If-None-Match": tag})
    assert same.status_code == 304 and other.status_code == 200


def test_a_finished_record_takes_nothing_more(laser: Laser, tmp_path: Path) -> None:
    from windhover.server import run
    from windhover.server.settings import Settings

    folder = tmp_path / "copy"
    with house_in(folder) as house:
        house.client.post("/api/phone-log", json={"text": "x"}, headers=house.token("operator"))
    before = (folder / "journal.sqlite").read_bytes()
    from tests.server.conftest import BASE, TestClient
    from windhover.server.app import application

    server = run.build_still(Settings(), folder)
    with TestClient(application(server), base_url=BASE) as client:
        token = run.demo_link(server.accounts)
        session = client.post("/api/enter", json={"token": token}).json()
        assert session["still"]
        answer = client.post(
            "/api/phone-log", json={"text": "x"}, headers={"X-CSRF-Token": session["csrf"]}
        )
        assert answer.status_code == 409
    assert (folder / "journal.sqlite").read_bytes() == before
