"""A sensor node as somebody else would write one: built on sapient-py's classes and framing alone."""

from __future__ import annotations

from math import radians
from typing import Any

from sapient_msg.bsi_flex_335_v2_0 import registration_pb2, task_pb2
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import decode_frame, encode_frame

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections.sapient import (
    FusionSettings,
    Outcome,
    Plan,
    Registry,
    Session,
    Tolerances,
)
from windhover.schema.place import Vertical
from windhover.units import NS_PER_S

Registration = registration_pb2.Registration
Task = task_pb2.Task
FUSION = "11111111-2222-4333-8444-555555555555"
NODE = "0a0a0a0a-1b1b-4c2c-9d3d-4e4e4e4e4e4e"
OTHER = "deadbeef-1b1b-4c2c-9d3d-4e4e4e4e4e4e"
REPORT = "01HV0000000000000000000001"
OBJECT = "01HV0000000000000000000002"
PLAN = Plan(3, make_sensor())


def message(at_ns: int = RECEIVED_NS, node_id: str = NODE) -> Any:
    made = SapientMessage(node_id=node_id)
    made.timestamp.FromNanoseconds(at_ns)
    return made


def registration(
    at_ns: int = RECEIVED_NS,
    node_id: str = NODE,
    types: tuple[int, ...] = (Registration.NODE_TYPE_RADAR,),
    interval_s: float = 5.0,
    zone: str = "",
    capability: str = "detection",
) -> Any:
    made = message(at_ns, node_id)
    said = made.registration
    for kind in types:
        said.node_definition.add(node_type=kind)
    said.icd_version = "BSI Flex 335 v2.0"
    said.name = "hill radar"
    said.capabilities.add(category="sensor", type=capability)
    said.status_definition.status_interval.units = Registration.TIME_UNITS_SECONDS
    said.status_definition.status_interval.value = interval_s
    mode = said.mode_definition.add(mode_name="search", mode_type=Registration.MODE_TYPE_DEFAULT)
    mode.settle_time.units, mode.settle_time.value = Registration.TIME_UNITS_SECONDS, 1.0
    mode.task.concurrent_tasks = 1
    mode.task.region_definition.region_type.append(Registration.REGION_TYPE_AREA_OF_INTEREST)
    area = mode.task.region_definition.region_area.add()
    area.location_units, area.location_datum = 1, 1
    definition = mode.detection_definition.add()
    definition.location_type.location_units, definition.location_type.location_datum = 1, 1
    if zone:
        definition.location_type.zone = zone
    said.config_data.add(manufacturer="somebody", model="one")
    return made


def detection(at_ns: int = RECEIVED_NS, node_id: str = NODE) -> Any:
    made = message(at_ns, node_id)
    said = made.detection_report
    said.report_id, said.object_id = REPORT, OBJECT
    where = said.location
    where.x, where.y, where.z = -106.45, 31.85, 1400.0
    where.coordinate_system, where.datum = 1, 1
    return made


def bearing(at_ns: int = RECEIVED_NS, **fields: float) -> Any:
    made = message(at_ns)
    said = made.detection_report
    said.report_id, said.object_id = REPORT, OBJECT
    plain: dict[str, float] = {"coordinate_system": 1, "datum": 1}
    for name, value in (plain | fields).items():
        setattr(said.range_bearing, name, value)
    return made


def status(at_ns: int = RECEIVED_NS, system: int = 1, node_id: str = NODE) -> Any:
    made = message(at_ns, node_id)
    said = made.status_report
    said.report_id, said.system, said.info, said.mode = REPORT, system, 1, "search"
    return made


def alert(at_ns: int = RECEIVED_NS) -> Any:
    made = message(at_ns)
    made.alert.alert_id, made.alert.alert_type = OBJECT, 2
    made.alert.description = "antenna stopped"
    return made


def framed(*messages: Any) -> bytes:
    return b"".join(encode_frame(one) for one in messages)


def answers(outcome: Outcome) -> list[Any]:
    """Our replies as sapient-py reads them."""
    rest, found = outcome.replies, []
    while rest:
        length = 4 + int.from_bytes(rest[:4], "little")
        found.append(decode_frame(rest[:length], SapientMessage))
        rest = rest[length:]
    return found


def registry(
    plan: Plan = PLAN,
    tolerances: Tolerances | None = None,
    vertical: Vertical | None = None,
    **more: Any,
) -> Registry:
    settings = FusionSettings(FUSION, tolerances or Tolerances(), **more)
    return Registry(settings, {NODE: plan}, vertical or Vertical())


def registered(held: Registry | None = None, **fields: Any) -> Session:
    """A session whose node has registered at `RECEIVED_NS`."""
    session = Session(held or registry(), RECEIVED_NS)
    outcome = session.receive(framed(registration(**fields)), RECEIVED_NS)
    assert answers(outcome)[0].registration_ack.acceptance, answers(outcome)
    return session


def seconds(n: float) -> int:
    return RECEIVED_NS + round(n * NS_PER_S)


HERE = (radians(31.8), radians(-106.4))
