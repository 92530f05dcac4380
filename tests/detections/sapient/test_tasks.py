"""No task reaches an effector, nothing is moved and nothing followed: over every kind there is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.detections.conftest import RECEIVED_NS
from tests.detections.sapient.nodes import (
    NODE,
    OBJECT,
    OTHER,
    Registration,
    Task,
    answers,
    framed,
    message,
    registered,
    registration,
    registry,
    seconds,
)
from windhover.detections.sapient import Session, tasks
from windhover.detections.sapient.tasks import NodeKind, command_refusal, kind_of, refusal

COMMANDS = sorted(Task.Command.DESCRIPTOR.oneofs_by_name["command"].fields, key=lambda f: f.number)
NODE_TYPES = sorted(Registration.NodeType.DESCRIPTOR.values_by_number)
MAY = {
    "request",
    "detection_threshold",
    "detection_report_rate",
    "classification_threshold",
    "look_at",
}
ACTING = {"KINETIC", "JAMMER", "CYBER", "LDEW", "RFDEW"}
SENSOR = NodeKind((Registration.NODE_TYPE_RADAR,), "", ())


def task(name: str, value: Any = None) -> Any:
    made = Task(task_id=OBJECT, control=1)
    field = Task.Command.DESCRIPTOR.fields_by_name[name]
    if field.message_type is not None:
        getattr(made.command, name).SetInParent()
    elif field.enum_type is not None:
        setattr(made.command, name, value or 2)
    else:
        setattr(made.command, name, value or "Status")
    return made


@pytest.mark.parametrize("name", [field.name for field in COMMANDS])
def test_every_command_to_a_sensor(name: str) -> None:
    assert (refusal(task(name), SENSOR) == "") == (name in MAY)


@pytest.mark.parametrize("number", NODE_TYPES)
@pytest.mark.parametrize("name", [field.name for field in COMMANDS])
def test_every_command_to_every_kind_of_node(name: str, number: int) -> None:
    kind = Registration.NodeType.Name(number).removeprefix("NODE_TYPE_")
    node = kind_of(registration(types=(number,)).registration)
    reason = refusal(task(name), node)
    acts, moves = kind in ACTING, kind == "MOBILE_NODE"
    assert (reason == "") == (name in MAY and not acts and not moves)
    if acts:
        assert "effector" in reason


@pytest.mark.parametrize("number", NODE_TYPES)
def test_a_sensor_that_also_acts_is_an_effector(number: int) -> None:
    types = (Registration.NODE_TYPE_CAMERA, Registration.NODE_TYPE_JAMMER, number)
    assert kind_of(registration(types=types).registration).effector


@pytest.mark.parametrize(
    "words", ["RF jammer", "Net gun", "GNSS spoofing", "directed-energy", "Drone defeat", "HPM"]
)
def test_an_effector_that_calls_itself_a_sensor_is_known_by_its_words(words: str) -> None:
    node = kind_of(registration(capability=words).registration)
    assert "effector" in refusal(task("look_at"), node)


@pytest.mark.parametrize("words", ["detection", "passive interception", "Tracking radar", "LIDAR"])
def test_a_sensors_own_words_make_it_no_effector(words: str) -> None:
    assert not kind_of(registration(capability=words).registration).effector


def test_a_node_that_leads_to_an_effector() -> None:
    node = SENSOR._replace(dependents=(OTHER,))
    assert refusal(task("request"), node) == ""
    assert "leads to" in refusal(task("request"), node, frozenset((OTHER,)))


@pytest.mark.parametrize("words", ["Fire", "engage", "status; jam", "STOP", "Arm", "", "pursue 7"])
def test_a_request_in_free_words_is_refused(words: str) -> None:
    made = task("request", "x")
    made.command.request = words
    assert "list of allowed requests" in command_refusal(made)


def test_what_else_a_task_can_smuggle() -> None:
    parameter = task("detection_threshold")
    parameter.command.command_parameter = "and fire"
    region = task("request")
    region.region.add(type=1)
    empty = Task(task_id=OBJECT, control=1)
    unknown = task("request")
    unknown.command.ClearField("request")
    assert all(command_refusal(one) for one in (parameter, region, empty, unknown))


@pytest.mark.parametrize("what", tasks.ALLOWED)
def test_a_task_goes_out_and_its_acknowledgement_comes_back(what: str) -> None:
    value: object = {"request": "Status", "look_at": (1.0, 0.2)}.get(what, 2)
    session = registered()
    payload, why = session.task(what, value, seconds(1))
    assert why == ""
    (sent,) = answers(session.receive(b"", seconds(1))._replace(replies=payload))
    assert sent.destination_id == NODE
    assert sent.task.command.WhichOneof("command") == what
    assert session.known is not None
    assert session.known.tasks == {sent.task.task_id: "sent"}
    ack = message(seconds(2))
    ack.task_ack.task_id, ack.task_ack.task_status = sent.task.task_id, 1
    outcome = session.receive(framed(ack), seconds(2))
    assert [told.what for told in outcome.told] == ["task"]
    assert session.known.tasks == {sent.task.task_id: "accepted"}


def test_a_registered_effector_is_given_nothing() -> None:
    session = registered(types=(Registration.NODE_TYPE_JAMMER,))
    for what in tasks.ALLOWED:
        payload, why = session.task(
            what, {"request": "Status", "look_at": (1.0, 0.0)}.get(what, 1), seconds(1)
        )
        assert payload == b""
        assert "effector" in why


@pytest.mark.parametrize("name", [field.name for field in COMMANDS])
def test_a_node_below_tasks_nobody(name: str) -> None:
    session = registered()
    made = message()
    made.task.CopyFrom(task(name))
    if name in ("look_at", "move_to", "patrol", "follow"):
        made.task.command.ClearField(name)
        made.task.command.request = "follow"
    (ack,) = answers(session.receive(framed(made), RECEIVED_NS))
    assert ack.task_ack.task_status == 2
    assert ack.task_ack.reason


def test_no_node_no_task() -> None:
    assert "no node" in Session(registry(), RECEIVED_NS).task("request", "Status", RECEIVED_NS)[1]
