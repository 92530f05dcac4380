"""The validator against its slow twin, on messages damaged field by field; framing against sapient-py's."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import read_frame, write_frame

from tests.detections.conftest import RECEIVED_NS
from tests.detections.sapient import naive
from tests.detections.sapient.nodes import (
    alert,
    bearing,
    detection,
    framed,
    registered,
    registration,
    status,
)
from tests.detections.test_fuzz import promises
from windhover.detections.sapient import Session, Tolerances, faults
from windhover.detections.sapient.check import MAX_FAULTS
from windhover.detections.sapient.framing import Framer, frame
from windhover.detections.sapient.quick import is_usual
from windhover.detections.sapient.upward import Upward
from windhover.detections.sapient.wire import ULID, UUID4, node_uuid, parse, ulid


def rich() -> Any:
    made = detection()
    said = made.detection_report
    said.task_id = said.report_id
    air = said.classification.add(type="Air vehicle", confidence=0.9)
    air.sub_class.add(type="UAV rotary wing", level=1, confidence=0.5).sub_class.add(
        type="Commercial", level=2
    )
    said.behaviour.add(type="Flying", confidence=0.5)
    said.signal.add(amplitude=1.0, centre_frequency=2.0)
    said.associated_detection.add(node_id=made.node_id, object_id=said.object_id)
    said.derived_detection.add(node_id=made.node_id, object_id=said.object_id)
    said.enu_velocity.east_rate = said.enu_velocity.north_rate = 1.0
    said.track_info.add(type="speed", value="3")
    return made


def plain() -> Any:
    """A report of the usual shape, which is seen to be right at a glance."""
    made = detection()
    said = made.detection_report
    said.location.x_error = said.location.z_error = 1e-4
    air = said.classification.add(type="Air vehicle", confidence=0.9)
    air.sub_class.add(type="UAV rotary wing", level=1, confidence=0.5)
    said.enu_velocity.east_rate = said.enu_velocity.north_rate = 1.0
    said.detection_confidence = 0.5
    return made


MESSAGES = {
    "plain": plain(),
    "registration": registration(),
    "detection": rich(),
    "bearing": bearing(azimuth=1.0, elevation=2.0, range=3.0),
    "status": status(),
    "alert": alert(),
}


def parts(message: Any) -> list[Any]:
    """A message and every message in it."""
    found = [message]
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in value if field.label == field.LABEL_REPEATED else [value]:
                found += parts(one)
    return found


@pytest.mark.parametrize("kind", sorted(MESSAGES))
@settings(max_examples=150)
@given(data=st.data())
def test_what_is_wrong_is_what_the_twin_finds(kind: str, data: st.DataObject) -> None:
    made = SapientMessage()
    made.CopyFrom(MESSAGES[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        part = data.draw(st.sampled_from(parts(made)))
        fields = [field for field, _ in part.ListFields()]
        if not fields or "google" in part.DESCRIPTOR.full_name:
            continue
        field = data.draw(st.sampled_from(fields))
        repeated = field.label == field.LABEL_REPEATED
        if repeated or field.message_type is not None or data.draw(st.booleans()):
            part.ClearField(field.name)
        elif field.enum_type is not None:
            setattr(part, field.name, data.draw(st.sampled_from([0, 1, 2, 3, 5, 6, 99, -1])))
        elif field.cpp_type in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
            setattr(part, field.name, data.draw(st.sampled_from([0.0, float("nan"), -1e300])))
        elif field.type == field.TYPE_STRING:
            setattr(part, field.name, data.draw(st.sampled_from(["", "x", "01" * 16, "7" * 26])))
    if not made.node_id and data.draw(st.booleans()):
        made.node_id = node_uuid("x")
    found = {fault.field for fault in faults(made, Tolerances(icd_versions=ANY))}
    walked = {
        fault.field for fault in faults(made, Tolerances(icd_versions=ANY, unknown_fields=False))
    }
    assert found == walked
    expected = naive.bad_fields(made)
    assert found == expected if len(expected) < MAX_FAULTS else len(found) == MAX_FAULTS


class _Any(tuple[str, ...]):
    def __contains__(self, _: object) -> bool:
        return True


ANY = _Any()


def test_the_usual_is_seen_at_a_glance_and_nothing_else() -> None:
    assert is_usual(MESSAGES["plain"]) and is_usual(MESSAGES["bearing"])
    assert not is_usual(MESSAGES["detection"]) and not is_usual(MESSAGES["status"])


def test_the_edition_of_the_standard_is_checked() -> None:
    made = registration()
    made.registration.icd_version = "BSI Flex 335 v1.0"
    (fault,) = faults(made, Tolerances())
    assert fault.field == "registration.icd_version"
    made.registration.icd_version = "BSI_Flex_335_v2.0"
    assert faults(made, Tolerances()) == []


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(1, 30), max_size=60))
def test_any_cut_of_a_stream_gives_the_same_messages(
    payloads: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(map(frame, payloads))
    framer, found, at = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    assert found == payloads
    assert not framer.waiting


def test_framing_is_sapient_pys() -> None:
    box = io.BytesIO()
    for one in MESSAGES.values():
        write_frame(box, one)
    payloads = Framer().feed(box.getvalue())
    assert [parse(p) for p in payloads] == list(MESSAGES.values())
    again = io.BytesIO(b"".join(map(frame, payloads)))
    assert [read_frame(again, SapientMessage) for _ in payloads] == list(MESSAGES.values())


@given(st.integers(0, 2**62), st.text(max_size=20))
def test_identifiers_have_their_forms(at_ns: int, what: str) -> None:
    assert ULID.fullmatch(ulid(at_ns, what))
    assert UUID4.fullmatch(node_uuid(what))
    assert ulid(at_ns, what) == ulid(at_ns, what) != ulid(at_ns + 1, what)


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_streams_never_raise(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(MESSAGES)), min_size=1, max_size=4))
    broken = bytearray(framed(*(MESSAGES[kind] for kind in kinds)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    session = registered()
    outcome = session.receive(bytes(broken), RECEIVED_NS)
    promises(outcome.decoded)
    assert len(outcome.origins) == outcome.decoded.detections.n
    promises(session.tick(RECEIVED_NS).decoded)
    fresh = Session(session.registry, RECEIVED_NS)
    promises(fresh.receive(bytes(broken), RECEIVED_NS).decoded)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(payload: bytes) -> None:
    from tests.detections.sapient.test_upward import SETTINGS

    promises(registered().receive(payload, RECEIVED_NS).decoded)
    promises(registered().receive(frame(payload), RECEIVED_NS).decoded)
    up = Upward(SETTINGS)
    up.start(RECEIVED_NS)
    up.receive(frame(payload), RECEIVED_NS)
