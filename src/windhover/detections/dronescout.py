"""DroneScout receivers (MQTT JSON): an envelope around opendroneid's `ODID_UAS_Data` as C lays it out.

    {"protocol": 1.0, "data": {"sensor ID": "…", "RSSI": -72, "channel": 6, "timestamp": ms,
     "MAC address": "…", "type": "BLE legacy", "UASdata": "<base64>"}}

Source: the layout of `ODID_UAS_Data` in opendroneid-core-c 2.0 (`opendroneid.h`), natural alignment,
little-endian, 920 bytes. Checked against recordings of a real receiver (tests/detections).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections import Counter
from math import nan
from struct import Struct
from typing import Any, Final

import msgspec
import numpy as np

from windhover.detections.decoded import Decoded, count, position_fault, seconds_to_ns, time_fault
from windhover.detections.odid import (
    EPOCH_2019_S,
    HORIZONTAL_95_M,
    VERTICAL_95_M,
    AuthPage,
    BasicId,
    Location,
    OperatorId,
    SelfId,
    System,
)
from windhover.detections.remote_id import Heard, Said, rows
from windhover.schema.place import Sensor, Vertical

_BASIC = np.dtype([("ua_type", "<i4"), ("id_type", "<i4"), ("id", "S21")], align=True)
_LOCATION = np.dtype(
    [
        ("status", "<i4"),
        ("direction", "<f4"),
        ("speed", "<f4"),
        ("climb", "<f4"),
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("altitude_baro", "<f4"),
        ("altitude_geo", "<f4"),
        ("height_type", "<i4"),
        ("height", "<f4"),
        ("horizontal_accuracy", "<i4"),
        ("vertical_accuracy", "<i4"),
        ("baro_accuracy", "<i4"),
        ("speed_accuracy", "<i4"),
        ("time_accuracy", "<i4"),
        ("timestamp", "<f4"),
    ],
    align=True,
)
_AUTH = np.dtype(
    [
        ("page", "u1"),
        ("auth_type", "<i4"),
        ("last_page", "u1"),
        ("length", "u1"),
        ("timestamp", "<u4"),
        ("data", "V24"),
    ],
    align=True,
)
_SELF = np.dtype([("text_type", "<i4"), ("text", "S24")], align=True)
_SYSTEM = np.dtype(
    [
        ("location_type", "<i4"),
        ("classification", "<i4"),
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("area_count", "<u2"),
        ("area_radius", "<u2"),
        ("area_ceiling", "<f4"),
        ("area_floor", "<f4"),
        ("category", "<i4"),
        ("class_eu", "<i4"),
        ("altitude_geo", "<f4"),
        ("timestamp", "<u4"),
    ],
    align=True,
)
_OPERATOR = np.dtype([("id_type", "<i4"), ("id", "S21")], align=True)
UAS_DATA: Final = np.dtype(
    [
        ("basic", _BASIC, 2),
        ("location", _LOCATION),
        ("auth", _AUTH, 16),
        ("self", _SELF),
        ("system", _SYSTEM),
        ("operator", _OPERATOR),
        ("basic_valid", "u1", 2),
        ("location_valid", "u1"),
        ("auth_valid", "u1", 16),
        ("self_valid", "u1"),
        ("system_valid", "u1"),
        ("operator_valid", "u1"),
    ],
    align=True,
)


class Data(msgspec.Struct):
    """One message of the envelope."""

    timestamp: float  # milliseconds, POSIX, of the receiver
    uas_data: str = msgspec.field(name="UASdata")
    sensor_id: str = msgspec.field(name="sensor ID", default="")
    mac_address: str = msgspec.field(name="MAC address", default="")
    type: str = ""
    rssi: float = msgspec.field(name="RSSI", default=nan)


class Envelope(msgspec.Struct):
    data: Data


_ENVELOPE = msgspec.json.Decoder(Envelope)
_ENVELOPES = msgspec.json.Decoder(list[Envelope])


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """One envelope, one per line, or a JSON list of them → positions and claims. Never raises."""
    del vertical  # only heights above the ellipsoid are taken
    rejected: Counter[str] = Counter()
    heard: list[Heard] = []
    for envelope in _envelopes(payload, rejected):
        time_ns = seconds_to_ns(envelope.data.timestamp / 1000.0)
        fault = "absurd time" if time_ns is None else time_fault(time_ns, received_ns)
        if fault or time_ns is None:
            count(rejected, fault)
            continue
        try:
            raw = b64decode(envelope.data.uas_data, validate=True)
        except (Base64Error, ValueError):
            raw = b""
        if len(raw) < UAS_DATA.itemsize:
            count(rejected, "UAS data of wrong length")
            continue
        said = parse(raw)
        if said.location is None:
            count(rejected, "no position")
            continue
        heard.append(Heard(said, time_ns))
    return rows(heard, sensor, sensor_info, rejected)


def _envelopes(payload: bytes, rejected: Counter[str]) -> list[Envelope]:
    if payload.lstrip()[:1] == b"[":
        try:
            return _ENVELOPES.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            count(rejected, "not a DroneScout message")
            return []
    found: list[Envelope] = []
    lines = payload.splitlines()
    if len(lines) > 1 and not lines[0].rstrip().endswith(b"}"):
        lines = [payload]  # one envelope, printed over several lines
    for line in lines:
        if line.strip():
            try:
                found.append(_ENVELOPE.decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                count(rejected, "not a DroneScout message")
    return found


_AT: Final = {name: int(UAS_DATA.fields[name][1]) for name in UAS_DATA.names or ()}  # type: ignore[index]
# The same layout again for `struct`, which reads one message an order of magnitude faster.
_BASIC_PARTS: Final = Struct("<ii21s")
_LOCATION_PARTS: Final = Struct("<ifffddffifiiiiif")
_AUTH_PARTS: Final = Struct("<B3xiBB2xI24s")
_SYSTEM_PARTS: Final = Struct("<iiddHHffiifI")
_TEXT_PARTS: Final = Struct("<i24s")
_OPERATOR_PARTS: Final = Struct("<i21s")


def parse(raw: bytes) -> Said:
    """`ODID_UAS_Data` → what it says. Parts that are not marked valid are absent."""
    said = Said()
    for i in (1, 0):  # the first valid one of a kind wins
        if raw[_AT["basic_valid"] + i]:
            ua_type, id_type, identifier = _BASIC_PARTS.unpack_from(raw, 32 * i)
            who = BasicId(id_type, ua_type, _text(identifier))
            said = said._replace(registration=who) if id_type == 2 else said._replace(basic=who)
    if raw[_AT["location_valid"]]:
        said = said._replace(location=_location(_LOCATION_PARTS.unpack_from(raw, _AT["location"])))
    if raw[_AT["self_valid"]]:
        text_type, text = _TEXT_PARTS.unpack_from(raw, _AT["self"])
        said = said._replace(self_id=SelfId(text_type, _text(text)))
    if raw[_AT["system_valid"]]:
        said = said._replace(system=_system(_SYSTEM_PARTS.unpack_from(raw, _AT["system"])))
    if raw[_AT["operator_valid"]]:
        id_type, identifier = _OPERATOR_PARTS.unpack_from(raw, _AT["operator"])
        said = said._replace(operator=OperatorId(id_type, _text(identifier)))
    valid = raw[_AT["auth_valid"] : _AT["auth_valid"] + 16]
    if any(valid):
        said = said._replace(auth=tuple(_auth(raw, i) for i in range(16) if valid[i]))
    return said


def _auth(raw: bytes, i: int) -> AuthPage:
    page, auth_type, last_page, length, told, data = _AUTH_PARTS.unpack_from(
        raw, _AT["auth"] + _AUTH.itemsize * i
    )
    first = page == 0
    return AuthPage(
        auth_type,
        page,
        last_page if first else -1,
        length,
        EPOCH_2019_S + told if first else 0,
        data[: 17 if first else 23],
    )


def _location(parts: tuple[Any, ...]) -> Location:
    (status, direction_deg, speed_m_s, climb_m_s, latitude_deg, longitude_deg) = parts[:6]
    (altitude_baro_m, altitude_geo_m, height_type, height_m, horizontal, vertical) = parts[6:12]
    accuracy, after_hour_s = parts[14:]
    return Location(
        status=status,
        direction_deg=direction_deg if 0.0 <= direction_deg <= 360.0 else nan,
        speed_m_s=speed_m_s if 0.0 <= speed_m_s < 255.0 else nan,
        vertical_speed_m_s=climb_m_s if abs(climb_m_s) <= 62.0 else nan,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        altitude_baro_m=_altitude(altitude_baro_m),
        height_ellipsoid_m=_altitude(altitude_geo_m),
        height_type=height_type,
        height_m=_altitude(height_m),
        horizontal_95_m=_bound(HORIZONTAL_95_M, horizontal),
        vertical_95_m=_bound(VERTICAL_95_M, vertical),
        after_hour_s=after_hour_s if 0.0 <= after_hour_s <= 3600.0 else nan,
        time_accuracy_s=accuracy * 0.1 if 0 < accuracy <= 15 else nan,
    )


def _system(parts: tuple[Any, ...]) -> System:
    location_type, classification, latitude_deg, longitude_deg, count_, radius = parts[:6]
    ceiling_m, floor_m, category, class_eu, altitude_geo_m, told = parts[6:]
    there = not position_fault(latitude_deg, longitude_deg)
    return System(
        operator_location_type=location_type,
        classification=classification,
        operator_latitude_deg=latitude_deg if there else nan,
        operator_longitude_deg=longitude_deg if there else nan,
        area_count=count_,
        area_radius_m=radius,
        area_ceiling_m=_altitude(ceiling_m),
        area_floor_m=_altitude(floor_m),
        category_eu=category,
        class_eu=class_eu,
        operator_height_ellipsoid_m=_altitude(altitude_geo_m),
        time_s=EPOCH_2019_S + told if told else 0,
    )


def _altitude(value: float) -> float:
    """−1000 is "unknown"; anything outside what 16 bits can say is refused."""
    return value if -1000.0 < value <= 31767.5 else nan


def _bound(table: tuple[float, ...], code: int) -> float:
    return table[code] if 0 <= code < len(table) else nan


def _text(raw: bytes) -> str:
    text = raw.split(b"\0", 1)[0].decode("ascii", "replace").strip()
    return "".join(c for c in text if c.isprintable() and c != "�")


def encode(said: Said, time_ns: int, receiver: str, mac_address: str, rssi_dbm: int = -70) -> bytes:
    """The envelope a receiver would send for what a drone said: for simulated receivers and tests."""
    u = np.zeros(1, UAS_DATA)
    for i, who in enumerate(w for w in (said.basic, said.registration) if w is not None):
        u["basic_valid"][0, i] = 1
        u["basic"][0, i] = (who.ua_type, who.id_type, who.identifier.encode()[:20])
    if said.location is not None:
        place = said.location
        u["location_valid"] = 1
        u["location"][0] = (
            place.status,
            _or(place.direction_deg, 361.0),
            _or(place.speed_m_s, 255.0),
            _or(place.vertical_speed_m_s, 63.0),
            place.latitude_deg,
            place.longitude_deg,
            _or(place.altitude_baro_m, -1000.0),
            _or(place.height_ellipsoid_m, -1000.0),
            place.height_type,
            _or(place.height_m, -1000.0),
            _code(HORIZONTAL_95_M, place.horizontal_95_m),
            _code(VERTICAL_95_M, place.vertical_95_m),
            0,
            0,
            round(_or(place.time_accuracy_s, 0.0) * 10),
            _or(place.after_hour_s, 6553.5),
        )
    if said.system is not None:
        system = said.system
        u["system_valid"] = 1
        u["system"]["location_type"] = system.operator_location_type
        u["system"]["latitude"] = _or(system.operator_latitude_deg, 0.0)
        u["system"]["longitude"] = _or(system.operator_longitude_deg, 0.0)
        u["system"]["altitude_geo"] = _or(system.operator_height_ellipsoid_m, -1000.0)
        u["system"]["timestamp"] = max(0, system.time_s - EPOCH_2019_S)
    data = {
        "sensor ID": receiver,
        "RSSI": rssi_dbm,
        "channel": 6,
        "timestamp": time_ns // 1_000_000,
        "MAC address": mac_address,
        "type": "WiFi beacon",
        "UASdata": b64encode(u.tobytes()).decode(),
    }
    return msgspec.json.encode({"protocol": 1.0, "data": data})


def _or(value: float, otherwise: float) -> float:
    return otherwise if value != value else value


def _code(table: tuple[float, ...], bound_m: float) -> int:
    return table.index(bound_m) if bound_m in table else 0
