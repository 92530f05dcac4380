"""What strict middlewares and readers ask beyond the standard's own marks; each rule as one of them checks it.

Found by running our messages through Dstl's Apex 4.2.0 and by the rules of Dstl's test harness for version
2; neither is needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.detections.sapient.nodes import (
    Registration,
    detection,
    framed,
    message,
    registration,
    seconds,
    status,
)
from tests.detections.sapient.test_tasks import task
from tests.detections.sapient.test_upward import ME, PARENT, SETTINGS, acknowledged, picture, said
from windhover.detections.sapient.upward import Upward


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
