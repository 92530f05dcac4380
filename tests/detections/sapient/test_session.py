"""The duties of a fusion node towards its sensors, with messages and framing of sapient-py."""

from __future__ import annotations

from math import degrees, exp
from typing import Any

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OBJECT,
    OTHER,
    PLAN,
    Registration,
    alert,
    answers,
    bearing,
    detection,
    framed,
    message,
    registered,
    registration,
    registry,
    seconds,
    status,
)
from windhover.detections.sapient import STRICT, Plan, Session
from windhover.detections.sapient.framing import MAX_MESSAGE
from windhover.schema.batches import Kind, claim_id
from windhover.schema.reports import ClassReport, Cooperative, RadioPresence, SensorState


def test_registration_is_acknowledged_and_detections_become_rows() -> None:
    session = Session(registry(), RECEIVED_NS)
    outcome = session.receive(framed(registration()), RECEIVED_NS)
    (ack,) = answers(outcome)
    assert (ack.node_id, ack.destination_id) == (FUSION, NODE)
    assert ack.registration_ack.acceptance
    assert isinstance(outcome.decoded.reports[0], SensorState)
    outcome = session.receive(framed(detection(), detection(seconds(0.5))), seconds(1))
    assert not outcome.replies
    rows = outcome.decoded.detections
    assert rows.n == 2
    assert rows.sensor.tolist() == [3, 3]
    assert rows.time_ns.tolist() == [RECEIVED_NS, seconds(0.5)]
    assert rows.received_ns.tolist() == [seconds(1)] * 2
    assert degrees(rows.value[0, 0]) == pytest.approx(31.85)
    assert degrees(rows.value[0, 1]) == pytest.approx(-106.45)
    assert rows.value[0, 2] == 1400.0
    assert [(o.node_id, o.object_id) for o in outcome.origins] == [(NODE, OBJECT)] * 2


def test_bytes_may_come_one_by_one() -> None:
    session = Session(registry(), RECEIVED_NS)
    stream = framed(registration(), status(), detection())
    n = 0
    for i in range(len(stream)):
        n += session.receive(stream[i : i + 1], RECEIVED_NS).decoded.detections.n
    assert n == 1


def test_nothing_before_a_registration() -> None:
    session = Session(registry(), RECEIVED_NS)
    outcome = session.receive(framed(detection()), RECEIVED_NS)
    (error,) = answers(outcome)
    assert "registration" in error.error.error_message[0]
    assert error.error.packet == detection().SerializeToString()
    assert outcome.decoded.detections.n == 0


def test_a_node_that_the_site_does_not_name_is_refused() -> None:
    session = Session(registry(), RECEIVED_NS)
    (ack,) = answers(session.receive(framed(registration(node_id=OTHER)), RECEIVED_NS))
    assert not ack.registration_ack.acceptance
    assert "not among those" in ack.registration_ack.ack_response_reason[0]


def test_a_node_comes_back_within_two_minutes_without_registering() -> None:
    held = registry()
    session = registered(held)
    session.lost(seconds(10))
    late = Session(held, seconds(131))
    assert answers(late.receive(framed(detection(seconds(131))), seconds(131)))[0].error.packet
    back = Session(held, seconds(129))
    outcome = back.receive(framed(detection(seconds(129))), seconds(129))
    assert outcome.decoded.detections.n == 1
    assert [told.what for told in outcome.told] == ["resumed"]
    assert not outcome.replies


def test_goodbye_forgets_the_registration() -> None:
    held = registry()
    session = registered(held)
    outcome = session.receive(framed(status(seconds(1), system=5)), seconds(1))
    assert outcome.close == "goodbye"
    (state,) = outcome.decoded.reports
    assert isinstance(state, SensorState) and not state.listening
    again = Session(held, seconds(2))
    assert answers(again.receive(framed(detection(seconds(2))), seconds(2)))[0].HasField("error")


def test_three_missed_status_reports_close_the_line_and_the_sensor_is_silent() -> None:
    session = registered(interval_s=5.0)
    for at in (5.0, 10.0):
        session.receive(framed(status(seconds(at))), seconds(at))
    session.receive(framed(detection(seconds(20))), seconds(20))  # no substitute for a status
    assert session.tick(seconds(25)).close == ""
    outcome = session.tick(seconds(25.1))
    assert "3 status reports missed" in outcome.close
    (state,) = outcome.decoded.reports
    assert isinstance(state, SensorState) and not state.listening and state.sensor == 3


def test_a_node_that_says_it_is_not_detecting_does_not_listen() -> None:
    session = registered()
    blind = status(seconds(1))
    blind.status_report.status.add(status_level=4, status_type=11)
    said = [
        session.receive(framed(one), seconds(2)).decoded.reports
        for one in (blind, blind, status(seconds(2)))
    ]
    assert [[r.listening for r in reports] for reports in said] == [[False], [], [True]]  # type: ignore[union-attr]


def test_alerts_are_acknowledged() -> None:
    session = registered()
    outcome = session.receive(framed(alert()), RECEIVED_NS)
    (ack,) = answers(outcome)
    assert (ack.alert_ack.alert_id, ack.alert_ack.alert_ack_status) == (OBJECT, 1)
    assert outcome.told[0].words == "alert, warning: antenna stopped"
    (state,) = outcome.decoded.reports
    assert isinstance(state, SensorState) and state.listening


def test_a_second_line_of_a_living_node_is_refused_and_of_a_dead_one_taken() -> None:
    held = registry()
    old = registered(held, interval_s=5.0)
    second = Session(held, seconds(1))
    (ack,) = answers(second.receive(framed(registration(seconds(1))), seconds(1)))
    assert "alive" in ack.registration_ack.ack_response_reason[0]
    third = Session(held, seconds(9))
    (ack,) = answers(third.receive(framed(registration(seconds(9))), seconds(9)))
    assert ack.registration_ack.acceptance
    assert "newer line" in old.receive(framed(detection(seconds(9))), seconds(9)).close
    assert old.lost(seconds(9)).told == ()
    assert held.known[NODE].connected


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda m: m.ClearField("timestamp"), "timestamp"),
        (lambda m: m.ClearField("node_id"), "node_id"),
        (lambda m: m.ClearField("detection_report"), "content"),
        (lambda m: m.detection_report.ClearField("report_id"), "detection_report.report_id"),
        (lambda m: setattr(m.detection_report, "object_id", "7"), "detection_report.object_id"),
        (lambda m: m.detection_report.location.ClearField("x"), "detection_report.location.x"),
        (
            lambda m: setattr(m.detection_report.location, "y", float("nan")),
            "detection_report.location.y",
        ),
        (
            lambda m: setattr(m.detection_report.location, "coordinate_system", 0),
            "detection_report.location.coordinate_system",
        ),
        (
            lambda m: setattr(m.detection_report.location, "datum", 9),
            "detection_report.location.datum",
        ),
        (
            lambda m: m.detection_report.classification.add(confidence=0.5),
            "detection_report.classification[0].type",
        ),
        (
            lambda m: m.detection_report.classification.add(type="a").sub_class.add(type="b"),
            "detection_report.classification[0].sub_class[0].level",
        ),
        (lambda m: m.detection_report.ClearField("location"), "detection_report.location_oneof"),
        (lambda m: m.timestamp.FromNanoseconds(seconds(11)), "timestamp"),
        (lambda m: m.timestamp.FromNanoseconds(seconds(-61)), "timestamp"),
        (lambda m: setattr(m.timestamp, "nanos", 2**31 - 1), "timestamp"),
    ],
)  # fmt: skip
def test_an_error_names_the_field(spoil: Any, field: str) -> None:
    session = registered()
    bad = detection()
    spoil(bad)
    outcome = session.receive(framed(bad), RECEIVED_NS)
    assert outcome.decoded.detections.n == 0
    (error,) = answers(outcome)
    assert error.error.error_message[0].startswith(field + ":"), error
    assert error.error.packet == bad.SerializeToString()
    assert sum(outcome.decoded.rejected.values()) >= 1
    assert session.receive(framed(detection()), RECEIVED_NS).decoded.detections.n == 1


def test_a_registration_with_a_hole_is_refused_with_the_fields() -> None:
    bad = registration()
    bad.registration.ClearField("icd_version")
    bad.registration.mode_definition[0].ClearField("settle_time")
    ack, error = answers(Session(registry(), RECEIVED_NS).receive(framed(bad), RECEIVED_NS))
    assert not ack.registration_ack.acceptance
    for words in (ack.registration_ack.ack_response_reason, error.error.error_message):
        assert {w.split(":")[0] for w in words} == {
            "registration.icd_version",
            "registration.mode_definition[0].settle_time",
        }


@pytest.mark.parametrize("interval_s", [0.0, -1.0, 3600.5, float("inf")])
def test_an_absurd_status_interval_is_refused(interval_s: float) -> None:
    session = Session(registry(), RECEIVED_NS)
    first = answers(session.receive(framed(registration(interval_s=interval_s)), RECEIVED_NS))[0]
    assert not first.registration_ack.acceptance
    assert "status_interval.value" in first.registration_ack.ack_response_reason[0]


def test_strict_tolerances() -> None:
    held = registry(tolerances=STRICT)
    session = registered(held)
    ahead, behind = detection(seconds(0.2)), detection(seconds(-1.0))
    for bad in (ahead, behind):
        assert session.receive(framed(bad), RECEIVED_NS).decoded.detections.n == 0
    close = [detection(seconds(t)) for t in (0.0, 0.05, 0.08, 0.12, 0.16)]
    outcome = session.receive(framed(*close), seconds(0.2))
    assert outcome.decoded.detections.time_ns.tolist() == [seconds(t) for t in (0.0, 0.08, 0.16)]
    assert "0.050 s after" in answers(outcome)[0].error.error_message[0]
    lower = detection(seconds(0.3))
    lower.detection_report.report_id = lower.detection_report.report_id.lower()
    (error,) = answers(session.receive(framed(lower), seconds(0.3)))
    assert "ULID" in error.error.error_message[0]
    more = detection(seconds(0.4)).SerializeToString() + b"\xfa\x3f\x01x"  # field 1023
    outcome = session.receive(len(more).to_bytes(4, "little") + more, seconds(0.4))
    assert "#1023" in answers(outcome)[0].error.error_message[0]


def test_somebody_elses_node_id_on_the_line() -> None:
    session = registered()
    (error,) = answers(session.receive(framed(detection(node_id=OTHER)), RECEIVED_NS))
    assert error.error.error_message[0].startswith("node_id:")


def test_a_length_bomb_ends_the_line() -> None:
    session = registered()
    outcome = session.receive((MAX_MESSAGE + 1).to_bytes(4, "little") + b"x" * 100, RECEIVED_NS)
    assert "announced" in outcome.close
    assert len(session.framer.rest) == 0
    assert session.receive(framed(detection()), RECEIVED_NS).decoded.detections.n == 0


def test_half_a_message_does_not_hold_the_line_for_ever() -> None:
    session = registered()
    whole = framed(detection())
    for i, t in enumerate((0.0, 4.0, 8.0)):  # one octet each four seconds
        assert not session.receive(whole[i : i + 1], seconds(t)).close
    assert session.tick(seconds(9)).close == ""
    assert "half a message" in session.tick(seconds(10.5)).close


def test_a_line_on_which_nobody_registers_is_closed() -> None:
    session = Session(registry(), RECEIVED_NS)
    assert session.tick(seconds(30)).close == ""
    assert "nobody registered" in session.tick(seconds(31)).close


def test_errors_are_answered_at_a_bounded_rate_and_never_an_error() -> None:
    session = registered()
    outcome = session.receive(framed(*[message()] * 50), RECEIVED_NS)
    assert len(answers(outcome)) == 10
    assert outcome.decoded.rejected["faults beyond those that are answered"] == 40
    complaint = message()
    complaint.error.packet, complaint.error.error_message[:] = b"x", ["what?"]
    broken = message()
    broken.error.SetInParent()
    assert not session.receive(framed(complaint, broken), seconds(2)).replies


def test_a_radio_node_stays_off_until_a_named_person_has_recorded_the_basis() -> None:
    kind = Registration.NODE_TYPE_PASSIVE_RF
    rf = PLAN._replace(sensor_info=make_sensor("rf", "ear"))
    session = Session(registry(rf), RECEIVED_NS)
    (ack,) = answers(session.receive(framed(registration(types=(kind,))), RECEIVED_NS))
    assert "legal basis" in ack.registration_ack.ack_response_reason[0]
    session = registered(registry(rf._replace(rf_basis=True)), types=(kind,))
    heard = bearing(azimuth=40.0, azimuth_error=3.0)
    heard.detection_report.signal.add(amplitude=-70.0, centre_frequency=2.4e9)
    decoded = session.receive(framed(heard), RECEIVED_NS).decoded
    (report,) = decoded.reports
    assert isinstance(report, RadioPresence)
    assert degrees(report.azimuth_rad or 0) == pytest.approx(40.0)
    assert degrees(report.sigma_azimuth_rad) == pytest.approx(3.0)
    assert decoded.detections.kind.tolist() == [Kind.AZIMUTH]


def test_classes_with_the_confidence_of_each() -> None:
    said = bearing(azimuth=90.0, elevation=10.0)
    air = said.detection_report.classification.add(type="Air vehicle", confidence=0.9)
    air.sub_class.add(type="UAV rotary wing", confidence=0.3, level=1)
    air.sub_class.add(type="windhover:Balloon", confidence=0.5, level=1)
    said.detection_report.classification.add(type="Animal", confidence=0.1).sub_class.add(
        type="Bird", confidence=0.1, level=1
    )
    (report,) = registered().receive(framed(said), RECEIVED_NS).decoded.reports
    assert isinstance(report, ClassReport)
    assert degrees(report.azimuth_rad or 0) == pytest.approx(90.0)
    assert degrees(report.elevation_rad or 0) == pytest.approx(10.0)
    shares = {name: exp(value) for name, value in report.log_likelihood.items()}
    # 0.1 of "Air vehicle" is left to its four kinds.
    assert shares["balloon"] == pytest.approx(0.525)
    assert shares["drone"] == pytest.approx(0.325)
    assert shares["aircraft"] == pytest.approx(0.025)
    assert shares["bird"] == pytest.approx(0.1)
    assert shares["clutter"] == pytest.approx(0.01)  # nobody is believed to rule a class out


def test_what_an_object_says_it_is_becomes_a_claim() -> None:
    said = detection()
    said.detection_report.object_info.add(type="ICAO address", value="A1B2C3")
    said.detection_report.object_info.add(type="RCS", value="-12.5")
    said.detection_report.enu_velocity.east_rate = 3.0
    said.detection_report.enu_velocity.north_rate = 4.0
    decoded = registered().receive(framed(said), RECEIVED_NS).decoded
    (report,) = decoded.reports
    assert isinstance(report, Cooperative)
    assert report.ground_speed_m_s == pytest.approx(5.0)
    assert decoded.detections.claimed_id.tolist() == [claim_id("icao", "a1b2c3")]
    assert decoded.detections.rcs_dbsm.tolist() == [-12.5]


def test_a_clock_hours_off_is_shown_and_corrected_when_told() -> None:
    session = registered()
    told = []
    for i in range(6):
        outcome = session.receive(framed(detection(seconds(10_800 + i))), seconds(i))
        assert outcome.decoded.detections.n == 0
        told += [t.words for t in outcome.told if t.what == "clock"]
    assert told == ["clock 3 h 00 min 00 s ahead: looks like local time written as UTC"]
    plan: Plan = PLAN._replace(clock_ahead_s=10_800.0)
    session = registered(registry(plan), at_ns=seconds(10_800))
    rows = session.receive(framed(detection(seconds(10_801))), seconds(1)).decoded.detections
    assert rows.time_ns.tolist() == [seconds(1)]


def test_a_lost_object_is_no_measurement() -> None:
    said = detection()
    said.detection_report.state = "Lost"
    decoded = registered().receive(framed(said), RECEIVED_NS).decoded
    assert decoded.detections.n == 0
    assert decoded.rejected == {"object lost: no measurement": 1}


def test_what_a_fusion_node_below_made_of_our_own_sensors_is_not_counted_twice() -> None:
    held = registry()
    held.plans[OTHER] = PLAN
    registered(held)
    below = Session(held, RECEIVED_NS)
    below.receive(framed(registration(node_id=OTHER, types=(20,))), RECEIVED_NS)
    for source in (NODE, FUSION):
        twice = detection(node_id=OTHER)
        twice.detection_report.derived_detection.add(node_id=source.upper(), object_id=OBJECT)
        decoded = below.receive(framed(twice), RECEIVED_NS).decoded
        assert decoded.detections.n == 0
        assert decoded.rejected == {"made of reports that came here themselves": 1}
    theirs = detection(node_id=OTHER)
    theirs.detection_report.associated_detection.add(
        node_id="cafe0000-1b1b-4c2c-9d3d-4e4e4e4e4e4e", object_id=OBJECT
    )
    assert below.receive(framed(theirs), RECEIVED_NS).decoded.detections.n == 1
