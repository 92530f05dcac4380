"""Remote ID → detections and claims, whatever carried the messages.

A drone says who it is in one message and where it is in another. `Said` holds what one transmitter
has said so far; `rows` turns each new location into a detection that carries the claim.
Carriers: `dronescout` (MQTT JSON), `rid_frames` (Wi-Fi beacon and NAN, Bluetooth).
"""

from __future__ import annotations

from collections import Counter
from math import hypot, nan
from typing import Final, NamedTuple

import numpy as np

from windhover.detections.decoded import Decoded, count, position_fault, positions
from windhover.detections.odid import (
    AuthPage,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)
from windhover.schema.batches import Detections, claim_id
from windhover.schema.place import Sensor
from windhover.schema.reports import Cooperative, Report
from windhover.units import NS_PER_S, RAD_PER_DEG

_HOUR_NS: Final = 3600 * NS_PER_S
OWN_CLOCK_MAX_NS: Final = 60 * NS_PER_S
"""A drone whose clock is further off than this is placed at its reception time, and counted."""
_SIGMAS_95_CIRCLE: Final = 2.4477
_SIGMAS_95_LINE: Final = 1.96
SIGMA_POSITION_UNSTATED_M: Final = 30.0
SIGMA_HEIGHT_UNSTATED_M: Final = 30.0
SIGMA_TIME_UNSTATED_S: Final = 0.5

_SCHEME: Final = {1: "remote_id", 2: "uas_registration", 3: "remote_id", 4: "remote_id"}


class Said(NamedTuple):
    """What one transmitter has said so far."""

    basic: BasicId | None = None
    registration: BasicId | None = None
    location: Location | None = None
    self_id: SelfId | None = None
    system: System | None = None
    operator: OperatorId | None = None
    auth: tuple[AuthPage, ...] = ()  # the pages of its last signature, kept as they are


def hear(said: Said, message: Message) -> Said:
    """What it has said, with one more message."""
    if isinstance(message, BasicId):
        if message.id_type == 2:
            return said._replace(registration=message)
        return said._replace(basic=message) if message.id_type else said
    if isinstance(message, Location):
        return said._replace(location=message)
    if isinstance(message, SelfId):
        return said._replace(self_id=message)
    if isinstance(message, System):
        return said._replace(system=message)
    if isinstance(message, OperatorId):
        return said._replace(operator=message)
    if message.page == 0:
        return said._replace(auth=(message,))
    kept = tuple(page for page in said.auth if page.page != message.page)
    return said._replace(auth=(*kept, message))


class Heard(NamedTuple):
    """One location as it arrived, with what its transmitter had said by then."""

    said: Said
    received_ns: int


def claim_of(said: Said) -> tuple[int, str, str]:
    """claimed_id, scheme, identifier; 0 and '' where it has not said who it is."""
    for who in (said.basic, said.registration):
        if who is not None and who.identifier:
            scheme = _SCHEME.get(who.id_type, "remote_id")
            return claim_id(scheme, who.identifier), scheme, who.identifier
    return 0, "", ""


def measured_ns(location: Location, received_ns: int) -> tuple[int, bool]:
    """When the drone was there, and whether its own clock says so.

    The message gives seconds after the hour only: the hour nearest to the reception is meant.
    """
    if location.after_hour_s != location.after_hour_s:
        return received_ns, False
    tenths = round(location.after_hour_s * 10)
    hour_ns = received_ns // _HOUR_NS * _HOUR_NS + tenths * (NS_PER_S // 10)
    time_ns = min(
        (hour_ns - _HOUR_NS, hour_ns, hour_ns + _HOUR_NS), key=lambda t: abs(t - received_ns)
    )
    if abs(time_ns - received_ns) > OWN_CLOCK_MAX_NS or time_ns > received_ns + 10 * NS_PER_S:
        return received_ns, False
    return time_ns, True


def rows(heard: list[Heard], sensor: int, sensor_info: Sensor, rejected: Counter[str]) -> Decoded:
    """Locations in the order of arrival → a batch; identical repetitions are dropped and counted."""
    table: list[tuple[float, float, float, float, float]] = []
    times: list[tuple[int, int, int]] = []
    reports: list[Report] = []
    seen: set[tuple[int, int, float, float]] = set()
    for said, received_ns in heard:
        location = said.location
        if location is None:
            continue
        claimed, scheme, identifier = claim_of(said)
        fault = position_fault(location.latitude_deg, location.longitude_deg)
        if fault:
            count(rejected, fault)
            continue
        time_ns, own_clock = measured_ns(location, received_ns)
        key = (claimed, time_ns, location.latitude_deg, location.longitude_deg)
        if key in seen:
            count(rejected, "duplicate")
            continue
        seen.add(key)
        if not own_clock:
            count(rejected, "drone's own time unused: absent or off, time of reception taken")
        if location.height_ellipsoid_m != location.height_ellipsoid_m:
            count(rejected, "height unused: none told above the ellipsoid")
        table.append(_numbers(location, sensor_info, own_clock))
        times.append((time_ns, received_ns, claimed))
        if claimed:
            reports.append(
                _cooperative(
                    said, location, claimed, scheme, identifier, time_ns, received_ns, sensor
                )
            )
    if not table:
        return Decoded(Detections.empty(), (), None, dict(rejected))
    columns = np.array(table)
    clock = np.array(times, np.int64)
    detections = positions(
        clock[:, 0],
        clock[:, 1],
        sensor,
        columns[:, 0],
        columns[:, 1],
        columns[:, 2],
        columns[:, 3],
        columns[:, 4],
        clock[:, 2],
    )
    return Decoded(detections, tuple(reports), None, dict(rejected))


def _numbers(
    location: Location, sensor_info: Sensor, own_clock: bool
) -> tuple[float, float, float, float, float]:
    horizontal_m = location.horizontal_95_m / _SIGMAS_95_CIRCLE
    if horizontal_m != horizontal_m:
        horizontal_m = sensor_info.sigma_position_m or SIGMA_POSITION_UNSTATED_M
    vertical_m = location.vertical_95_m / _SIGMAS_95_LINE
    if vertical_m != vertical_m:
        vertical_m = sensor_info.sigma_height_m or SIGMA_HEIGHT_UNSTATED_M
    sigma_time_s = location.time_accuracy_s if own_clock else nan
    if sigma_time_s != sigma_time_s:
        sigma_time_s = SIGMA_TIME_UNSTATED_S
    speed_m_s = 0.0 if location.speed_m_s != location.speed_m_s else location.speed_m_s
    return (
        location.latitude_deg * RAD_PER_DEG,
        location.longitude_deg * RAD_PER_DEG,
        location.height_ellipsoid_m,
        hypot(horizontal_m, sigma_time_s * speed_m_s),
        vertical_m,
    )


def _cooperative(
    said: Said,
    location: Location,
    claimed: int,
    scheme: str,
    identifier: str,
    time_ns: int,
    received_ns: int,
    sensor: int,
) -> Cooperative:
    latitude_rad = longitude_rad = None
    if (
        said.system is not None
        and said.system.operator_latitude_deg == said.system.operator_latitude_deg
    ):
        latitude_rad = said.system.operator_latitude_deg * RAD_PER_DEG
        longitude_rad = said.system.operator_longitude_deg * RAD_PER_DEG
    return Cooperative(
        time_ns,
        received_ns,
        sensor,
        claimed,
        "uas_registration" if scheme == "uas_registration" else "remote_id",
        identifier,
        category="UAS",
        ground_speed_m_s=None if location.speed_m_s != location.speed_m_s else location.speed_m_s,
        track_rad=None
        if location.direction_deg != location.direction_deg
        else location.direction_deg * RAD_PER_DEG,
        vertical_rate_m_s=None
        if location.vertical_speed_m_s != location.vertical_speed_m_s
        else location.vertical_speed_m_s,
        operator_latitude_rad=latitude_rad,
        operator_longitude_rad=longitude_rad,
        on_ground=location.status == 1,
    )
