"""Every scenario: the same bytes for one seed, decodable, marked as an exercise, people who do their part."""

from collections import Counter

import numpy as np
import pytest

from windhover.detections import DECODERS
from windhover.exercises import SCENARIOS
from windhover.exercises.night import Night
from windhover.exercises.officer import WatchOfficer
from windhover.exercises.roles import Authority, Reader
from windhover.schema.batches import CLASSES
from windhover.schema.cases import Hazard, Incident, Notice, Question, Restriction, Volume, Words
from windhover.schema.commands import (
    Acknowledge,
    AnswerQuestion,
    CloseIncident,
    Command,
    ConfirmCancelled,
    EnterAuthorityNumber,
    RenewRestriction,
    RequestCancellation,
    RequestRestriction,
    WithdrawRestriction,
)
from windhover.schema.events import (
    IdentityChanged,
    IncidentChanged,
    NoticeChanged,
    QuestionChanged,
    Reminder,
    RestrictionChanged,
)

S = 1_000_000_000
NAMES = sorted(SCENARIOS)
WORDS = Words("because", "porque")


@pytest.fixture(scope="module", params=NAMES)
def night(request: pytest.FixtureRequest) -> Night:
    return SCENARIOS[request.param](2)


def test_bytes_are_the_same_twice_in_order_and_all_decodable(night: Night) -> None:
    again = SCENARIOS[night.name](2)
    last, refused, plots = night.start_ns, Counter(), Counter()
    for one, other in zip(night.arrivals(), again.arrivals(), strict=True):
        assert one == other and one.received_ns >= last
        last = one.received_ns
        sensor = night.site.sensors[max(0, one.sensor)]
        part = DECODERS[one.feed](
            one.payload, one.received_ns, one.sensor, sensor, night.site.sector.vertical
        )
        refused.update(part.rejected)
        plots[one.feed] += part.detections.n
    # readsb repeats positions, and an aircraft on the ground tells no elevation: nothing else is refused.
    assert all("repeated" in reason or "on the ground" in reason for reason in refused), refused
    assert plots["plots"] > 1000 and plots["aircraft_json"] > 500


def test_it_is_marked_as_an_exercise_and_its_truth_uses_the_vocabulary(night: Night) -> None:
    assert night.site.exercise
    assert all(party.address.endswith(".example") for party in night.site.parties)
    assert {one.of_class for one in night.truth} <= set(CLASSES)
    assert all(one.kind.startswith(one.of_class) for one in night.truth)
    assert len({one.name for one in night.truth}) == len(night.truth)
    for thing in night.truth:
        assert thing.time_ns[0] >= night.start_ns
        jolt = np.linalg.norm(np.diff(thing.velocity_enu_m_s, axis=0), axis=1) / 0.25
        assert np.quantile(jolt, 0.99) < 9.0, thing.name
    assert [when for when, _ in night.opening_commands] == sorted(
        w for w, _ in night.opening_commands
    )


def incident(state: str = "open", **more: object) -> IncidentChanged:
    told = {
        "id": "I1", "rule": "zone_entry", "opened_ns": 0, "state": state, "grade": "E2", "exposure": "X1",
        "hazard": Hazard("object", WORDS, (7,)), "why": WORDS, "track_ids": (7,),
    } | more  # fmt: skip
    return IncidentChanged(0, Incident(**told))


def restriction(state: str, **more: object) -> RestrictionChanged:
    told = {
        "id": "R1", "incident_id": "I1", "rung": "R4", "hazard": Hazard("object", WORDS),
        "volume": Volume((), 1500.0), "from_ns": 0, "to_ns": 600 * S, "state": state, "competent": "authority",
        "exemptions": (), "why": WORDS, "impact": WORDS, "drafted_ns": 0,
    } | more  # fmt: skip
    return RestrictionChanged(0, Restriction(**told), "test")


def says(track: int, what: str, probability: float, friend: bool = False) -> IdentityChanged:
    return IdentityChanged(
        0,
        track,
        what,
        probability,
        "undetermined",
        {"friend": friend},
        Words(f"It is a {what}.", "."),
        10.0,
    )


def officer() -> WatchOfficer:
    return WatchOfficer(40 * S, 30 * S, 90 * S, 3000 * S, "No.")


def live(
    person: WatchOfficer, script: dict[int, list[object]], until_s: int
) -> list[tuple[int, Command]]:
    """Second by second; (second of the decision, command)."""
    did = []
    for second in range(until_s):
        did += [
            (second, command)
            for due_ns, command in person.react(tuple(script.get(second, ())), second * S)  # type: ignore[arg-type]
            if due_ns > second * S
        ]
    return did


def test_the_officer_asks_for_a_draft_and_for_its_end_and_closes_with_a_reason() -> None:
    did = live(
        officer(),
        {
            5: [incident(), restriction("drafted"), says(7, "balloon", 0.95)],
            60: [restriction("requested")],
            120: [restriction("in force")],
            300: [incident("watched")],
            340: [restriction("cancellation requested")],
            370: [restriction("cancelled")],
        },
        600,
    )
    assert [(type(command), second) for second, command in did] == [
        (RequestRestriction, 45), (RequestCancellation, 330), (CloseIncident, 400),
    ]  # fmt: skip
    close = did[-1][1]
    assert isinstance(close, CloseIncident)
    assert close.verdict == "balloon" and close.reason == "It is a balloon."


def test_what_comes_back_is_not_closed() -> None:
    did = live(
        officer(), {5: [incident()], 100: [incident("watched")], 115: [incident("open")]}, 900
    )
    assert did == []


def test_a_draft_whose_cause_is_gone_is_withdrawn_not_requested() -> None:
    did = live(officer(), {5: [incident(), restriction("drafted")], 20: [incident("watched")]}, 70)
    assert [type(command) for _, command in did] == [WithdrawRestriction]


def test_an_unsure_identity_makes_no_verdict_and_a_friend_is_friendly() -> None:
    unsure = live(
        officer(), {5: [incident(), says(7, "drone", 0.6)], 50: [incident("watched")]}, 200
    )
    friend = live(
        officer(),
        {5: [incident(), says(7, "drone", 0.99, friend=True)], 50: [incident("watched")]},
        200,
    )
    assert [c.verdict for _, c in unsure if isinstance(c, CloseIncident)] == ["unresolved"]
    assert [c.verdict for _, c in friend if isinstance(c, CloseIncident)] == ["friendly"]


def test_renewal_is_the_deputys_past_the_second_persons_time() -> None:
    standing = restriction("in force", requested_ns=10 * S)
    early = live(officer(), {5: [incident(), standing], 300: [Reminder(0, "R1", WORDS)]}, 400)
    late = live(officer(), {5: [incident(), standing], 900: [Reminder(0, "R1", WORDS)]}, 1000)
    assert [c.by for _, c in early if isinstance(c, RenewRestriction)] == ["watch officer"]
    assert [c.by for _, c in late if isinstance(c, RenewRestriction)] == ["deputy"]


def test_the_watch_leaves_nothing_open() -> None:
    did = live(officer(), {5: [incident(), restriction("in force")]}, 3000)
    assert {type(command) for _, command in did} == {RequestCancellation, CloseIncident}
    assert all(second >= 2760 for second, _ in did)


def test_a_question_is_answered_once() -> None:
    asked = QuestionChanged(0, Question("Q1", "vecino", "es", "¿?", 0))
    did = live(officer(), {5: [asked], 6: [asked]}, 300)
    assert [(second, type(command)) for second, command in did] == [(95, AnswerQuestion)]


def test_the_authority_numbers_each_request_once_and_cancels_when_asked() -> None:
    authority = Authority(60 * S, 30 * S)
    issued = authority.react((restriction("requested"), restriction("requested")), 100 * S)
    assert issued == ((160 * S, EnterAuthorityNumber("R1", "EXERCISE-1", "authority (exercise)")),)
    cancelled = authority.react((restriction("cancellation requested"),), 200 * S)
    assert cancelled == ((230 * S, ConfirmCancelled("R1", "authority (exercise)", "EXERCISE-1")),)
    assert authority.react((restriction("cancellation requested"),), 201 * S) == ()


def test_a_reader_acknowledges_its_own_notices_once_and_may_be_slow_with_the_first() -> None:
    def sent(number: int, party: str = "hospital") -> NoticeChanged:
        return NoticeChanged(0, Notice(f"N{number}", party, "en", "advice", "s", "t", 0, "sent"))

    slow = Reader("hospital", 30 * S, 400 * S)
    assert slow.react((sent(1, "airport"),), 0) == ()
    assert slow.react((sent(2), sent(2)), 0) == ((400 * S, Acknowledge("N2", "hospital desk")),)
    assert slow.react((sent(2), sent(3)), 0) == ((30 * S, Acknowledge("N3", "hospital desk")),)
