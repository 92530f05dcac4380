"""What strict middlewares and readers ask beyond the standard's own marks; each rule as one of them checks it.

Found by running our messages through Dstl's Apex 4.2.0 and by the rules of Dstl's test harness for version
2; neither is needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OBJECT,
    OTHER,
    Registration,
    answers,
    detection,
    framed,
    message,
    registration,
    registry,
    seconds,
    status,
)
from tests.detections.sapient.test_tasks import task
from tests.detections.sapient.test_upward import ME, PARENT, SETTINGS, acknowledged, picture, said
from windhover.detections.sapient import Session
from windhover.detections.sapient.upward import Upward
from windhover.schema.reports import SensorState

MIDDLEWARE = "5913c0f4-9f89-4c01-ab90-939099797c4f"


def parts(one: Any, name: str) -> Iterator[Any]:
    """Every sub-message of this name, at any depth."""
    for field, value in one.ListFields():
        if field.message_type is None or not field.message_type.full_name.startswith("sapient"):
            continue
        for part in value if field.label == field.LABEL_REPEATED else (value,):
            if part.DESCRIPTOR.name == name:
                yield part
            yield from parts(part, name)


def ack(at: float = 0.1) -> bytes:
    made = message(seconds(at), PARENT)
    made.destination_id, made.registration_ack.acceptance = ME, True
    return framed(made)


def shared_line(*node_ids: str) -> Session:
    held = registry()
    for node_id in node_ids:
        held.plans[node_id.lower()] = held.plans[NODE]
    line = Session(held, seconds(0), shared=True)
    line.receive(framed(*(registration(node_id=one) for one in node_ids)), seconds(0))
    return line


def test_who_registers_anew_begins_with_news() -> None:
    """A status "unchanged" before one "new" is an error; a second registration forgets the first's."""
    up = acknowledged()
    ask = message(seconds(6), PARENT)
    ask.task.CopyFrom(task("request", "Registration"))
    assert [one.WhichOneof("content") for one in said(up.receive(framed(ask), seconds(6)))] == [
        "task_ack", "registration",
    ]  # fmt: skip
    (first,) = said(up.receive(ack(6.1), seconds(6.1)))
    assert first.status_report.info == 1
    (second,) = said(up.tick(seconds(11)))
    assert second.status_report.info == 2


def test_a_task_is_answered_without_an_address() -> None:
    """To a middleware's peer only sensors have addresses; what has none goes up to whoever asked."""
    ask = message(seconds(1), PARENT)
    ask.destination_id = ME
    ask.task.CopyFrom(task("detection_threshold"))
    (answer,) = said(acknowledged().receive(framed(ask), seconds(1)))
    assert answer.HasField("task_ack") and not answer.HasField("destination_id")


def test_what_a_middleware_passes_on_of_its_sensors_is_not_answered() -> None:
    broken = detection(seconds(1))
    broken.detection_report.location.x = float("nan")
    passed = (registration(seconds(1)), status(seconds(1)), detection(seconds(1)), broken)
    assert acknowledged().receive(framed(*passed), seconds(1)).send == b""


def test_nothing_that_counts_is_nought() -> None:
    """Readers that take a default for an absence refuse durations of 0 s and rates of exactly 0 m/s."""
    up = Upward(SETTINGS)
    (first,) = said(up.start(seconds(0)))
    durations = list(parts(first, "Duration"))
    assert len(durations) >= 5
    assert all(one.value > 0.0 and one.units for one in durations)
    up.receive(ack(), seconds(0.1))
    still = picture(1)
    still.tracks.state_enu[:, 3:] = 0.0
    (report,) = said(up.tick(seconds(1), still))
    velocity = report.detection_report.enu_velocity
    assert velocity.east_rate and velocity.north_rate
    assert abs(velocity.east_rate) + abs(velocity.north_rate) < 1e-6


def test_how_an_object_moves_is_told_as_declared_information() -> None:
    """The standard's list of behaviours is closed and has no drifting: a report with another is refused."""
    (first,) = said(Upward(SETTINGS).start(seconds(0)))
    (definition,) = first.registration.mode_definition[0].detection_definition
    category = Registration.DETECTION_REPORT_CATEGORY_OBJECT
    declared = {one.type for one in definition.detection_report if one.category == category}
    assert declared == {"Drifting", "Flying", "Fixed to the ground"}
    (report,) = said(acknowledged().tick(seconds(1), picture(1)))
    assert not report.detection_report.behaviour
    told = {one.type: float(one.value) for one in report.detection_report.object_info}
    assert told == {"Drifting": 0.9, "Flying": 0.05, "Fixed to the ground": 0.04}


def test_an_error_never_repeats_nothing() -> None:
    session = Session(registry(), seconds(0))
    (empty,) = answers(session.receive(bytes(4), seconds(0)))
    assert empty.error.packet == bytes(4)
    bomb = b"\xff\xff\xff\x7f"
    (length,) = answers(session.receive(bomb + b"rest", seconds(0)))
    assert length.error.packet == bomb
    (above,) = said(acknowledged().receive(bytes(4), seconds(1)))
    assert above.error.packet == bytes(4)


def test_a_task_that_the_middleware_cannot_deliver_is_known_as_such() -> None:
    line = shared_line(NODE, OTHER)
    sent, why = line.task("request", "Status", seconds(1), NODE)
    assert why == ""
    error = message(seconds(1.1), MIDDLEWARE)
    error.error.packet = sent[4:]
    error.error.error_message.append(f"Unknown node ID {NODE}")
    outcome = line.receive(framed(error), seconds(1.1))
    assert not outcome.replies
    assert [(one.what, one.node_id) for one in outcome.told] == [("fault", NODE)]
    assert "Unknown node ID" in outcome.told[0].words
    assert outcome.decoded.rejected == {"the middleware could not use what we sent": 1}
    assert list(line.registry.known[NODE].tasks.values()) == ["undelivered"]
    error.error.packet = b"\xff\xff"
    assert line.receive(framed(error), seconds(1.2)).told[0].node_id == ""


def test_who_is_not_registered_is_told_so_once_a_minute_on_a_shared_line() -> None:
    line = shared_line(NODE)
    said_to: list[Any] = []
    for i in range(650):
        at = seconds(0.1 * i)
        outcome = line.receive(framed(detection(at, OTHER)), at)
        said_to += answers(outcome) if outcome.replies else []
    assert [one.destination_id for one in said_to] == [OTHER, OTHER]
    own = Session(registry(), seconds(0))
    assert len(answers(own.receive(framed(detection(), detection()), seconds(0)))) == 2


def test_a_fault_on_a_shared_line_is_of_whoever_made_it() -> None:
    line = shared_line(NODE, OTHER)
    broken = detection(seconds(1), NODE)
    broken.detection_report.location.x = float("nan")
    outcome = line.receive(framed(detection(seconds(1), OTHER), broken), seconds(1))
    assert [(one.what, one.node_id) for one in outcome.told] == [("fault", NODE)]
    assert answers(outcome)[0].destination_id == NODE


@pytest.mark.parametrize(
    ("sender", "to", "answered"),
    [(NODE, FUSION, True), (NODE, "", True), (NODE, OTHER, False), (PARENT, FUSION, False)],
)
def test_tasks_on_a_shared_line(sender: str, to: str, answered: bool) -> None:
    """A sensor's to us is refused; from above, or to a neighbour on the line, it is none of ours."""
    line = shared_line(NODE)
    ask = message(seconds(1), sender)
    ask.task.CopyFrom(task("request"))
    if to:
        ask.destination_id = to
    outcome = line.receive(framed(ask), seconds(1))
    assert bool(outcome.replies) == answered
    if answered:
        (answer,) = answers(outcome)
        assert (answer.task_ack.task_status, answer.destination_id) == (2, NODE)


@pytest.mark.parametrize("content", ["registration_ack", "alert_ack", "task_ack"])
def test_answers_to_others_go_by_on_a_shared_line(content: str) -> None:
    line = shared_line(NODE)
    made = message(seconds(1), PARENT)
    if content == "registration_ack":
        made.registration_ack.acceptance = True
    elif content == "alert_ack":
        made.alert_ack.alert_id, made.alert_ack.alert_ack_status = OBJECT, 1
    else:
        made.task_ack.task_id, made.task_ack.task_status = OBJECT, 1
    outcome = line.receive(framed(made), seconds(1))
    assert not outcome.replies and not outcome.told and not outcome.decoded.rejected


def test_a_node_is_addressed_as_it_spells_itself() -> None:
    """Middlewares compare addresses letter by letter."""
    loud = OTHER.upper()
    line = shared_line(loud)
    alarm = message(seconds(1), loud)
    alarm.alert.alert_id = OBJECT
    outcome = line.receive(framed(alarm), seconds(1))
    assert answers(outcome)[0].destination_id == loud
    sent, why = line.task("request", "Status", seconds(2), OTHER)
    assert why == "" and loud.encode() in sent


def test_a_stranger_on_the_line_writes_nothing_into_our_tasks() -> None:
    """Whoever shares the line may say that anything failed: only what we did send can have."""
    line = shared_line(NODE)
    sent, why = line.task("request", "Status", seconds(1), NODE)
    assert not why and sent
    kept = dict(line.registry.known[NODE].tasks)
    for k in range(300):
        forged = message(seconds(1), FUSION)
        forged.destination_id = NODE
        forged.task.task_id = f"01H0000000000000000000{k:04d}"
        said_by_stranger = message(seconds(1), OTHER)
        said_by_stranger.error.packet = forged.SerializeToString()
        said_by_stranger.error.error_message.append("cannot be delivered")
        line.receive(framed(said_by_stranger), seconds(1))
    assert line.registry.known[NODE].tasks == kept


def test_a_node_that_may_be_heard_no_longer_is_silent_and_must_register_anew() -> None:
    line = shared_line(NODE, OTHER)
    outcome = line.dismiss(NODE, seconds(2), "its basis was withdrawn")
    (state,) = [one for one in outcome.decoded.reports if isinstance(one, SensorState)]
    assert not state.listening and state.words == "its basis was withdrawn"
    assert set(line.nodes) == {OTHER.lower()}
    assert line.receive(framed(detection(seconds(2.5))), seconds(2.5)).decoded.detections.n == 0
    assert line.dismiss(NODE, seconds(3), "again").decoded.reports == ()
