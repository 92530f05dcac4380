"""We as a FUSION_NODE of somebody else's fusion: what we send is strict, what we are asked is weighed."""

from __future__ import annotations

from math import degrees, log, radians
from typing import Any

import numpy as np
import pytest
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import decode_frame

from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OBJECT,
    OTHER,
    Registration,
    Task,
    bearing,
    detection,
    framed,
    message,
    registered,
    registry,
    seconds,
)
from tests.detections.sapient.test_tasks import COMMANDS, task
from windhover.detections.sapient import STRICT, Plan, Session, faults
from windhover.detections.sapient.compose import Shown, UpwardSettings, Warned, object_id, things
from windhover.detections.sapient.lineage import Lineage
from windhover.detections.sapient.rows import Origin
from windhover.detections.sapient.upward import Up, Upward
from windhover.detections.sapient.wire import node_uuid
from windhover.geo.frames import Frame, frame_at
from windhover.schema.batches import CLASSES, MOTIONS, Detections, Identities, Tracks, Updates
from windhover.schema.place import Point
from windhover.schema.reports import ClassReport

PARENT = OTHER
ME = node_uuid("a site")
SETTINGS = UpwardSettings(ME, "Windhover at El Paso", Point(radians(31.8), radians(-106.4)), 1200.0)
FRAME: Frame = frame_at(radians(31.8), radians(-106.4), 1200.0)


def said(up: Up) -> list[Any]:
    rest, found = up.send, []
    while rest:
        length = 4 + int.from_bytes(rest[:4], "little")
        found.append(decode_frame(rest[:length], SapientMessage))
        rest = rest[length:]
    return found


def picture(n: int = 2, existence: float = 0.9, at: float = 0.0) -> Shown:
    state = np.zeros((n, 6))
    state[:, 0] = 1000.0 * np.arange(1, n + 1)
    state[:, 2], state[:, 3] = 300.0, 4.0
    covariance = np.tile(np.diag([100.0, 225.0, 400.0, 1.0, 1.0, 1.0]), (n, 1, 1))
    tracks = Tracks(
        np.arange(1, n + 1),
        np.full(n, seconds(at)),
        state,
        covariance,
        np.full(n, existence),
        np.tile([0.2, 0.5, 0.3], (n, 1)),
        np.ones(n, np.int8),
        np.full(n, seconds(-30)),
        np.full(n, seconds(at)),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n, np.int64),
    )
    shares = np.array([0.04, 0.2, 0.65, 0.05, 0.02, 0.02, 0.02])
    identities = Identities(
        tracks.track_id,
        tracks.time_ns,
        np.tile(np.log([0.9, 0.05, 0.04, 0.01]), (n, 1)),
        np.tile(np.log(shares), (n, 1)),
        np.zeros((n, 4), np.int8),
        np.full(n, 2, np.int8),
        np.zeros(n, np.int8),
        tracks.time_ns,
    )
    return Shown(tracks, identities, FRAME)


def acknowledged(settings: UpwardSettings = SETTINGS) -> Upward:
    up = Upward(settings)
    up.start(seconds(0))
    ack = message(seconds(0.1), PARENT)
    ack.destination_id, ack.registration_ack.acceptance = ME, True
    (status,) = said(up.receive(framed(ack), seconds(0.1)))
    assert status.status_report.info == 1
    return up


def test_everything_we_send_passes_the_strictest_reader() -> None:
    up = Upward(SETTINGS)
    sent = said(up.start(seconds(0)))
    ack = message(seconds(0.1), PARENT)
    ack.registration_ack.acceptance = True
    sent += said(up.receive(framed(ack), seconds(0.1)))
    origin = Origin(seconds(-1), NODE, OBJECT)
    shown = picture()._replace(origins={1: (origin,)}, claims={2: "N123AB"})
    sent += said(up.tick(seconds(1), shown))
    sent += said(up.tick(seconds(5.2), picture(1, at=5.0)))
    near = Warned("I1", seconds(5.2), "X2", "a drone near the runway", ((1, seconds(-9)),))
    sent += said(up.warn((near,), seconds(5.3))) + said(up.warn((near,), seconds(5.4)))
    nearer = near._replace(exposure="X3", words="a drone over the runway")
    sent += said(up.warn((nearer,), seconds(5.5))) + said(up.warn((near,), seconds(5.52)))
    sent += said(up.warn((nearer,), seconds(5.55))) + said(up.warn((), seconds(5.6)))
    sent += said(up.warn((), seconds(5.7))) + said(up.goodbye(seconds(6)))
    assert [one.WhichOneof("content") for one in sent] == [
        "registration",
        "status_report",
        "detection_report",
        "detection_report",
        "status_report",
        "detection_report",
        "detection_report",
        "alert",
        "alert",
        "alert",
        "status_report",
    ]
    for one in sent:
        assert faults(one, STRICT) == []
        assert one.node_id == ME
    assert sent[6].detection_report.state == "lost"
    assert sent[6].detection_report.object_id == sent[3].detection_report.object_id
    assert sent[2].detection_report.object_id == sent[5].detection_report.object_id
    alerts = [one.alert for one in sent[7:10]]
    assert len({one.alert_id for one in alerts}) == 1
    # Warning, critical, critical; medium, high, high; active, active, cleared (BSI Flex 335 v2, Alert).
    assert [(one.alert_type, one.priority, one.status) for one in alerts] == [
        (2, 2, 1), (3, 3, 1), (3, 3, 5),
    ]  # fmt: skip
    (of,) = alerts[0].associated_detection
    assert (of.node_id, of.object_id) == (ME, object_id(SETTINGS, 1, seconds(-9)))
    assert sent[10].status_report.system == 5


def test_a_parent_that_registers_us_anew_is_told_of_what_is_open_and_of_what_is_over() -> None:
    first, second = (Warned(f"I{k}", seconds(0), "X2", "a drone") for k in (1, 2))
    before = acknowledged()
    assert len(said(before.warn((first, second), seconds(1)))) == 2
    after = Upward(SETTINGS, before.warned)  # the line was lost; meanwhile the first is over
    after.start(seconds(9))
    after.registered = True
    told = [one.alert.status for one in said(after.warn((second,), seconds(9)))]
    assert told == [1, 5]  # active, cleared
    assert said(after.warn((second,), seconds(10))) == []


def test_another_windhover_reads_what_we_send() -> None:
    """Down to the class: our fusion side, strict, registers our node side and reads its tracks."""
    below = registry(Plan(0, registry().plans[NODE].sensor_info), STRICT)
    below.plans[ME] = below.plans.pop(NODE)
    session = Session(below, seconds(0))
    up = Upward(SETTINGS)
    outcome = session.receive(up.start(seconds(0)).send, seconds(0))
    session.receive(up.receive(outcome.replies, seconds(0)).send, seconds(0))
    assert up.registered and up.parent_id == FUSION
    outcome = session.receive(up.tick(seconds(1), picture(3)).send, seconds(1))
    assert not outcome.replies
    rows = outcome.decoded.detections
    assert rows.n == 3
    assert set(rows.time_ns.tolist()) == {seconds(1)}
    assert rows.covariance[:, 1, 1] == pytest.approx(226.0, rel=0.01)
    report = outcome.decoded.reports[0]
    assert isinstance(report, ClassReport)
    best = max(report.log_likelihood, key=report.log_likelihood.__getitem__)
    assert best == "balloon"
    assert report.log_likelihood["balloon"] == pytest.approx(log(0.65), abs=0.02)


def test_the_state_is_carried_to_the_time_of_sending() -> None:
    up = acknowledged()
    here, later = (
        said(up.tick(seconds(t), picture(1)))[0].detection_report.location for t in (1.0, 3.0)
    )
    metres = (later.x - here.x) * 111_319.0 * np.cos(radians(31.8))
    assert metres == pytest.approx(8.0, rel=0.01)  # 4 m/s east for two more seconds
    assert later.x_error > here.x_error


def test_where_a_fused_track_comes_from() -> None:
    session = registered()
    outcome = session.receive(framed(detection(seconds(1)), detection(seconds(2))), seconds(2))
    rows = outcome.decoded.detections
    lineage = Lineage()
    lineage.arrived(rows, outcome.origins)
    tracks = picture(2).tracks
    half = np.array([0.9, 0.9, 0.2])
    updates = Updates.empty()._replace(
        track_row=np.array([0, 0, 1]), detection_row=np.array([0, 1, 1]), weight=half
    )
    mixed = Detections.concatenate([Detections.empty(1), rows])
    lineage.fed(updates._replace(detection_row=updates.detection_row + 1), mixed, tracks)
    assert lineage.origins() == {1: (Origin(seconds(2), NODE, OBJECT),)}
    up = acknowledged()
    report = said(up.tick(seconds(2), picture(2)._replace(origins=lineage.origins())))[0]
    (associated,) = report.detection_report.associated_detection
    (derived,) = report.detection_report.derived_detection
    for one in (associated, derived):
        assert (one.node_id, one.object_id) == (NODE, OBJECT)
        assert one.timestamp.ToNanoseconds() == seconds(2)
    lineage.fed(Updates.empty(), rows, picture(0).tracks)
    assert lineage.origins() == {}


def test_where_a_track_comes_from_by_nearness() -> None:
    """A position and a range and bearing at the tracks' places, one far away, one too old."""
    sensor = registry().plans[NODE].sensor_info
    held = registry(Plan(0, sensor))
    session = registered(held)
    told = things(picture(2))
    near, plot, far = detection(seconds(0.1)), bearing(seconds(0.2)), detection(seconds(0.3))
    for one, thing in ((near, told[0]), (far, told[1])):
        where = one.detection_report.location
        where.x, where.y = degrees(thing.longitude_rad), degrees(thing.latitude_rad)
    far.detection_report.location.y += 0.01
    said = plot.detection_report.range_bearing
    said.azimuth, said.elevation, said.range = 90.0, 0.1, 2000.0  # the second track's place
    objects = ["01HV000000000000000000000" + c for c in "ABC"]
    for one, name in zip((near, plot, far), objects, strict=True):
        one.detection_report.object_id = name
    outcome = session.receive(framed(near, plot, far), seconds(0.5))
    lineage = Lineage((sensor,))
    assert lineage.nearest(told, seconds(0.5)) == told
    lineage.arrived(outcome.decoded.detections, outcome.origins)
    first, second = lineage.nearest(told, seconds(0.5))
    assert [one.object_id for one in first.origins] == [objects[0]]
    assert [one.object_id for one in second.origins] == [objects[1]]
    assert lineage.nearest(told, seconds(11)) == told
    assert lineage.nearest((), seconds(0.5)) == ()


def test_the_balloon_is_declared_as_an_extension_and_every_class_we_send() -> None:
    (registration,) = said(Upward(SETTINGS).start(seconds(0)))
    mode = registration.registration.mode_definition[0]
    (classes,) = mode.detection_definition[0].detection_class_definition
    assert classes.confidence_definition == Registration.CONFIDENCE_DEFINITION_MULTI_CLASS
    (dock,) = classes.taxonomy_dock_definition
    assert (dock.Dock_class_namespace, dock.Dock_class) == ("sapient_core", "Air vehicle")
    assert "Balloon" in [one.Subclass_name for one in dock.Extension_subclass]
    declared = {one.type: {sub.type for sub in one.sub_class} for one in classes.class_definition}
    report = said(acknowledged().tick(seconds(1), picture(1)))[0].detection_report
    total = sum(one.confidence for one in report.classification)
    assert total == pytest.approx(1.0, abs=1e-5)
    for one in report.classification:
        assert {sub.type for sub in one.sub_class} <= declared[one.type]
    assert len(MOTIONS) == 4 and len(CLASSES) == 7
    commands = {one.type for one in mode.task.command}
    assert not commands & {
        Registration.COMMAND_TYPE_MOVE_TO,
        Registration.COMMAND_TYPE_PATROL,
        Registration.COMMAND_TYPE_FOLLOW,
        Registration.COMMAND_TYPE_MODE_CHANGE,
    }


@pytest.mark.parametrize("name", [field.name for field in COMMANDS])
def test_every_task_from_above_is_answered_and_hardly_any_taken(name: str) -> None:
    up = acknowledged()
    ask = message(seconds(1), PARENT)
    ask.destination_id = ME
    ask.task.CopyFrom(task(name))
    if name == "look_at":
        cone = ask.task.command.look_at.range_bearing
        cone.azimuth, cone.coordinate_system, cone.datum = 10.0, 1, 1
    elif name in ("move_to", "patrol"):
        place = getattr(ask.task.command, name).locations.add(x=1.0, y=1.0)
        place.coordinate_system, place.datum = 1, 1
    elif name == "follow":
        ask.task.command.follow.follow_object_id = OBJECT
    answer = said(up.receive(framed(ask), seconds(1)))[0]
    assert answer.task_ack.task_id == OBJECT
    taken = {"request", "detection_threshold", "detection_report_rate", "classification_threshold"}
    assert (answer.task_ack.task_status == 1) == (name in taken)
    assert bool(answer.task_ack.reason) == (name not in taken)
    assert faults(answer, STRICT) == []


def test_a_taken_task_changes_what_we_send() -> None:
    def ask(name: str, level: int) -> bytes:
        made = message(seconds(1), PARENT)
        made.task.CopyFrom(task(name, level))
        return framed(made)

    up = acknowledged()
    assert len(said(up.tick(seconds(1), picture(2)))) == 2
    up.receive(ask("detection_threshold", 3), seconds(1))
    states = [m.detection_report.state for m in said(up.tick(seconds(2), picture(2)))]
    assert states == ["lost", "lost"]
    up.receive(ask("detection_threshold", 1), seconds(2))
    up.receive(ask("classification_threshold", 3), seconds(2))
    (first, _) = said(up.tick(seconds(3), picture(2)))
    assert [c.type for c in first.detection_report.classification] == ["Air vehicle"]
    up.receive(ask("detection_report_rate", 1), seconds(3))
    assert said(up.tick(seconds(4.4), picture(2))) == []
    assert len(said(up.tick(seconds(8.1), picture(2)))) == 3  # one of them a status


@pytest.mark.parametrize("control", [Task.CONTROL_STOP, Task.CONTROL_PAUSE])
def test_only_start_means_anything(control: int) -> None:
    ask = message(seconds(1), PARENT)
    ask.task.CopyFrom(task("request"))
    ask.task.control = control
    (answer,) = said(acknowledged().receive(framed(ask), seconds(1)))
    assert answer.task_ack.task_status == 2


def test_refused_or_unheard_we_close() -> None:
    up = Upward(SETTINGS)
    up.start(seconds(0))
    assert up.tick(seconds(9), picture()).send == b""
    assert "acknowledge" in up.tick(seconds(11)).close
    no = message(seconds(1), PARENT)
    no.registration_ack.acceptance = False
    no.registration_ack.ack_response_reason.append("full")
    assert "full" in up.receive(framed(no), seconds(1)).close
    assert not up.registered


def test_bytes_that_are_no_message_and_messages_for_others() -> None:
    up = acknowledged()
    (error,) = said(up.receive(b"\x02\x00\x00\x00\xff\xff", seconds(1)))
    assert error.error.packet == b"\xff\xff"
    stray = message(seconds(1), PARENT)
    stray.destination_id = NODE
    stray.task.CopyFrom(task("request"))
    outcome = up.receive(framed(stray), seconds(1))
    assert outcome.send == b"" and "somebody else" in outcome.told[0].words


def test_an_exercise_says_so_in_every_message() -> None:
    from msgspec.structs import replace

    up = Upward(replace(SETTINGS, exercise=True))
    (first,) = said(up.start(seconds(0)))
    assert first.registration.name.startswith("EXERCISE / EJERCICIO")
    up.registered = True
    for one in [
        *said(up.tick(seconds(9), picture())),
        *said(up.warn((Warned("I1", 0, "X1", "x"),), seconds(9))),
    ]:
        assert one.additional_information == "EXERCISE / EJERCICIO"


def test_report_identifiers_of_one_round_grow() -> None:
    """ULIDs of one millisecond in the order in which they are sent, and greater in the next round."""
    line = acknowledged()
    ids: list[str] = []
    for k in range(3):
        up = line.tick(seconds(2.0 + k), picture(40 - 3 * k, at=2.0 + k))
        reports = [one for one in said(up) if one.HasField("detection_report")]
        ids += [one.detection_report.report_id for one in reports]
    assert len(ids) == 40 + 37 + 3 + 34 + 3  # what is gone is told once more
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_a_clock_that_is_set_back_makes_a_new_line() -> None:
    line = acknowledged()
    line.tick(seconds(5.0), picture(1))
    assert line.tick(seconds(4.5), picture(1)).close == ""
    assert line.tick(seconds(-3600.0), picture(1)).close == "this machine's clock was set back"
