"""The joints of the picture: time, bad input, a changing site, and the desk's commands."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from windhover import picture as pictures
from windhover.deliver.airspace import frame_of
from windhover.exercises import el_paso
from windhover.schema import commands as do
from windhover.schema.batches import Detections
from windhover.schema.cases import Countermeasure, Friend
from windhover.schema.events import (
    ClaimRecorded,
    CommandRefused,
    CountermeasureFiled,
    Event,
    FriendFiled,
    InputRejected,
    NoticeChanged,
    QuestionChanged,
    RestrictionChanged,
)
from windhover.schema.reports import Reports

SITE = el_paso.site()
T0 = el_paso.EVENING
S = 10**9


def fresh() -> pictures.Picture:
    return pictures.start(SITE, T0)


def laser(review: str = "not finished") -> Countermeasure:
    area = el_paso.night(1).opening_commands
    planned = next(c for _, c in area if isinstance(c, do.FileCountermeasure)).countermeasure
    return msgspec.structs.replace(
        planned, aviation_review=review, from_ns=T0, to_ns=T0 + 3600 * S, id=""
    )


def of(kind: type, events: tuple[Event, ...]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def test_time_never_runs_backwards() -> None:
    picture, _ = pictures.advance(fresh(), do.Tick(), T0 + 10 * S)
    picture, _ = pictures.advance(picture, do.Tick(), T0 + 3 * S)
    assert picture.now_ns == T0 + 10 * S


def test_unknown_sensors_and_numbers_that_are_none_are_counted_never_dropped_in_silence() -> None:
    plots = Detections.empty(3)
    plots.time_ns[:] = plots.received_ns[:] = T0 + S
    plots.sensor[:] = [0, len(SITE.sensors), 0]
    plots.value[0] = [np.nan, 0.0, 0.0]
    plots.value[2] = [5000.0, 1.0, 0.05]
    plots.kind[:] = 3
    _, events = pictures.advance(fresh(), plots, T0 + S)
    (rejected,) = of(InputRejected, events)
    assert rejected.reasons == {"unknown sensor": 1, "not a number": 1}
    _, events = pictures.advance(fresh(), Reports((), {"broken line": 4}), T0 + S)
    assert of(InputRejected, events)[0].reasons == {"broken line": 4}


def test_zones_may_change_under_way_and_sensors_may_not() -> None:
    picture = fresh()
    fewer = msgspec.structs.replace(SITE, zones=SITE.zones[:1])
    changed, events = pictures.advance(
        picture, do.SiteChange(msgspec.json.encode(fewer).decode(), "admin"), T0 + S
    )
    assert len(changed.site.zones) == 1 and not events
    deaf = msgspec.structs.replace(SITE, sensors=SITE.sensors[:1])
    same, events = pictures.advance(
        changed, do.SiteChange(msgspec.json.encode(deaf).decode(), "admin"), T0 + 2 * S
    )
    assert len(same.site.sensors) == len(SITE.sensors) and of(CommandRefused, events)
    real = msgspec.structs.replace(SITE, exercise=False)
    same, events = pictures.advance(
        changed, do.SiteChange(msgspec.json.encode(real).decode(), "admin"), T0 + 2 * S
    )
    assert same.site.exercise and of(CommandRefused, events)  # an exercise cannot become real
    _, events = pictures.advance(changed, do.SiteChange("{", "admin"), T0 + 2 * S)
    assert of(CommandRefused, events)


@pytest.mark.parametrize(
    "command",
    [
        do.RequestRestriction("R9", "officer"),
        do.EnterAuthorityNumber("R9", "X1", "officer"),
        do.Acknowledge("N9", "somebody"),
        do.AnswerQuestion("Q9", "yes", "officer"),
        do.AskQuestion("nobody", "why?", "somebody"),
        do.WithdrawCountermeasure("C9", "partner", "over"),
        do.CloseIncident("I9", "unresolved", "nothing more to learn", "officer"),
    ],
)
def test_what_names_nothing_is_refused_in_both_languages(command: do.Command) -> None:
    picture = fresh()
    after, events = pictures.advance(picture, command, T0 + S)
    (refused,) = of(CommandRefused, events)
    assert refused.command == type(command).__name__
    assert refused.reason.en and refused.reason.es and refused.reason.en != refused.reason.es
    assert after.desk == picture.desk


def test_an_uncoordinated_laser_becomes_an_incident_a_draft_and_advice() -> None:
    picture, events = pictures.advance(fresh(), do.FileCountermeasure(laser(), "partner"), T0 + S)
    assert of(CountermeasureFiled, events)[0].countermeasure.id == "C1"
    told: tuple[Event, ...] = ()
    for second in range(2, 40):
        picture, events = pictures.advance(picture, do.Tick(), T0 + second * S)
        told += events
    drafts = of(RestrictionChanged, told)
    assert drafts and drafts[0].restriction.state == "drafted"
    assert drafts[0].restriction.hazard.declared == laser().area
    advice = [e.notice for e in of(NoticeChanged, told)]
    assert advice and all(n.subject.startswith("EXERCISE / EJERCICIO") for n in advice)
    (shown,), (kept,) = frame_of(picture).incidents, picture.incidents.incidents
    assert (shown.id, shown.words, shown.exposure) == (kept.id, kept.why.en, kept.exposure)


def test_a_reviewed_laser_opens_nothing() -> None:
    picture, _ = pictures.advance(
        fresh(), do.FileCountermeasure(laser("finished"), "partner"), T0 + S
    )
    for second in range(2, 60):
        picture, _ = pictures.advance(picture, do.Tick(), T0 + second * S)
    assert not picture.incidents.incidents and not picture.desk.restrictions


def test_a_friend_gets_a_number_and_claims_are_kept_beside_each_other() -> None:
    ring = SITE.zones[0].polygon
    filed = Friend("", "border-agency", "drone", ring, 200.0, T0, T0 + 600 * S, radio_silent=True)
    picture, events = pictures.advance(fresh(), do.FileFriend(filed, "partner"), T0 + S)
    assert of(FriendFiled, events)[0].friend.id == "F1"
    one = do.RecordClaim("border-agency", "cartel drone", "said so", "officer", track_id=7)
    other = do.RecordClaim(
        "airport", "party balloon", "seen through glasses", "officer", track_id=7
    )
    picture, _ = pictures.advance(picture, one, T0 + 2 * S)
    picture, events = pictures.advance(picture, other, T0 + 3 * S)
    assert of(ClaimRecorded, events)[0].claim.contradicts == "S1"


def test_a_question_is_carried_answered_and_acknowledged() -> None:
    picture, events = pictures.advance(
        fresh(), do.AskQuestion("vecino", "¿Preparan una operación?", "vecino"), T0 + S
    )
    question = of(QuestionChanged, events)[0].question
    assert question.language == "es" and of(NoticeChanged, events)
    picture, events = pictures.advance(
        picture, do.AnswerQuestion(question.id, "No.", "officer"), T0 + 60 * S
    )
    answer = of(NoticeChanged, events)[0].notice
    assert answer.party == "vecino" and "No." in answer.text
    picture, events = pictures.advance(picture, do.Acknowledge(answer.id, "vecino"), T0 + 90 * S)
    assert of(NoticeChanged, events)[0].notice.state == "acknowledged"
    _, events = pictures.advance(picture, do.Acknowledge(answer.id, "vecino"), T0 + 95 * S)
    assert of(CommandRefused, events)


def test_an_unanswered_question_is_escalated_after_ten_minutes() -> None:
    picture, _ = pictures.advance(
        fresh(), do.AskQuestion("vecino", "¿Qué ocurre?", "vecino"), T0 + S
    )
    picture, events = pictures.advance(picture, do.Tick(), T0 + 590 * S)
    assert not [e for e in of(QuestionChanged, events) if e.question.escalated_ns]
    _, events = pictures.advance(picture, do.Tick(), T0 + 602 * S)
    assert [e for e in of(QuestionChanged, events) if e.question.escalated_ns]
