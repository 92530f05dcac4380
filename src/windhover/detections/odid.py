"""ASTM F3411-22a / EN 4709-002 Remote ID messages, 25 bytes each, and packs of up to nine.

Byte 0 of each: message type (high nibble), protocol version (low nibble). All numbers little-endian.

| type | message | bytes |
|---|---|---|
| 0x0 | Basic ID | 1 ID type, UA type (nibbles) · 2–21 identifier |
| 0x1 | Location | 1 status, height type, E/W, speed multiplier · 2 direction · 3 speed · 4 vertical speed · 5–8 latitude 1e-7° · 9–12 longitude · 13–14 pressure altitude 0.5 m − 1000 · 15–16 geodetic altitude · 17–18 height · 19 vertical, horizontal accuracy · 20 pressure altitude, speed accuracy · 21–22 0.1 s after the hour · 23 time accuracy 0.1 s |
| 0x2 | Authentication | 1 type, page · page 0: 2 last page, 3 length, 4–7 seconds since 2019, 8–24 data · others: 2–24 data |
| 0x3 | Self ID | 1 type · 2–24 text |
| 0x4 | System | 1 operator location type, classification · 2–9 operator position · 10–11 count · 12 radius 10 m · 13–16 ceiling, floor · 17 category, class · 18–19 operator geodetic altitude · 20–23 seconds since 2019 |
| 0x5 | Operator ID | 1 type · 2–21 identifier |
| 0xF | pack | 1 message size (25) · 2 count · the messages |

Geodetic altitude is height above the WGS 84 ellipsoid (F3411 §5.4.5.9). A claim, never proof.
"""

from __future__ import annotations

from math import nan
from struct import Struct
from typing import Final, NamedTuple

MESSAGE_SIZE: Final = 25
PACK_MAX: Final = 9
AUTH_PAGES_MAX: Final = 16
EPOCH_2019_S: Final = 1_546_300_800

# F3411 tables 7 and 8: 95 % bounds by code; 0 and above the table = unknown.
HORIZONTAL_95_M: Final = (
    nan,
    18520.0,
    7408.0,
    3704.0,
    1852.0,
    926.0,
    555.6,
    185.2,
    92.6,
    30.0,
    10.0,
    3.0,
    1.0,
)
VERTICAL_95_M: Final = (nan, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0)

_LOCATION: Final = Struct("<xBBBbiiHHHBBHBx")
_SYSTEM: Final = Struct("<xBiiHBHHBHIx")


class BasicId(NamedTuple):
    id_type: int  # 1 serial number, 2 registration, 3 UTM UUID, 4 session
    ua_type: int  # 1 aeroplane, 2 multirotor, … 11 free balloon, 12 captive balloon … (table 3)
    identifier: str


class Location(NamedTuple):
    """Unknown numbers are NaN."""

    status: int  # 0 undeclared, 1 ground, 2 airborne, 3 emergency, 4 Remote ID failure
    direction_deg: float
    speed_m_s: float
    vertical_speed_m_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_baro_m: float
    height_ellipsoid_m: float
    height_type: int  # 0 above take-off, 1 above ground
    height_m: float
    horizontal_95_m: float
    vertical_95_m: float
    after_hour_s: float  # UTC
    time_accuracy_s: float


class AuthPage(NamedTuple):
    """One page of an authentication message, kept as it came."""

    auth_type: int
    page: int
    last_page: int  # −1 on pages other than 0
    length: int
    time_s: int  # POSIX; 0 on pages other than 0
    data: bytes  # kept as it is


class SelfId(NamedTuple):
    text_type: int
    text: str


class System(NamedTuple):
    """Unknown numbers are NaN."""

    operator_location_type: int  # 0 take-off, 1 live, 2 fixed
    classification: int
    operator_latitude_deg: float
    operator_longitude_deg: float
    area_count: int
    area_radius_m: int
    area_ceiling_m: float
    area_floor_m: float
    category_eu: int
    class_eu: int
    operator_height_ellipsoid_m: float
    time_s: int  # POSIX; 0 = not told


class OperatorId(NamedTuple):
    id_type: int
    identifier: str


Message = BasicId | Location | AuthPage | SelfId | System | OperatorId


class Broken(ValueError):
    """A message that cannot be what it claims. The text is the reason it is counted under."""


def decode_message(raw: bytes) -> Message:
    """25 bytes → one message. Raises `Broken` with the reason."""
    if len(raw) != MESSAGE_SIZE:
        raise Broken("message of wrong length")
    kind = raw[0] >> 4
    if kind == 0:
        return BasicId(raw[1] >> 4, raw[1] & 15, _text(raw[2:22]))
    if kind == 1:
        return _location(raw)
    if kind == 2:
        return _auth(raw)
    if kind == 3:
        return SelfId(raw[1], _text(raw[2:25]))
    if kind == 4:
        return _system(raw)
    if kind == 5:
        return OperatorId(raw[1], _text(raw[2:22]))
    raise Broken("unknown message type")


def decode_any(raw: bytes) -> tuple[list[Message], list[str]]:
    """A single message or a pack → its messages, and a reason for each one refused. Never raises."""
    if not raw:
        return [], ["empty"]
    if raw[0] >> 4 != 15:
        pieces = [raw[:MESSAGE_SIZE]]
        refused: list[str] = []
    else:
        if len(raw) < 3 or raw[1] != MESSAGE_SIZE or raw[2] > PACK_MAX:
            return [], ["broken pack"]
        if not raw[2]:
            return [], ["empty pack"]
        pieces = [raw[3 + 25 * i : 28 + 25 * i] for i in range(raw[2])]
        refused = []
    messages: list[Message] = []
    for piece in pieces:
        try:
            messages.append(decode_message(piece))
        except Broken as fault:
            refused.append(str(fault))
    return messages, refused


def _text(raw: bytes) -> str:
    """ASCII up to the first NUL; anything unprintable is dropped."""
    text = raw.split(b"\0", 1)[0].decode("ascii", "replace").strip()
    return "".join(c for c in text if c.isprintable() and c != "�")


def _altitude(coded: int) -> float:
    """0.5 m steps from −1000 m; 0 is "unknown"."""
    return coded * 0.5 - 1000.0 if coded else nan


def _bound(table: tuple[float, ...], code: int) -> float:
    return table[code] if code < len(table) else nan


def _location(raw: bytes) -> Location:
    (flags, direction, speed, climb, lat, lon, baro, geodetic, height, acc, _, tenths, t_acc) = (
        _LOCATION.unpack(raw)
    )
    direction_deg = float(direction + (180 if flags & 2 else 0))
    speed_m_s = speed * 0.75 + 63.75 if flags & 1 else speed * 0.25
    return Location(
        status=flags >> 4,
        direction_deg=direction_deg if direction_deg <= 360.0 else nan,
        speed_m_s=speed_m_s if speed != 255 else nan,
        vertical_speed_m_s=climb * 0.5 if abs(climb) <= 124 else nan,
        latitude_deg=lat * 1e-7,
        longitude_deg=lon * 1e-7,
        altitude_baro_m=_altitude(baro),
        height_ellipsoid_m=_altitude(geodetic),
        height_type=flags >> 2 & 1,
        height_m=_altitude(height),
        horizontal_95_m=_bound(HORIZONTAL_95_M, acc & 15),
        vertical_95_m=_bound(VERTICAL_95_M, acc >> 4),
        after_hour_s=tenths * 0.1 if tenths <= 36_000 else nan,
        time_accuracy_s=(t_acc & 15) * 0.1 if t_acc & 15 else nan,
    )


def _auth(raw: bytes) -> AuthPage:
    auth_type, page = raw[1] >> 4, raw[1] & 15
    if page:
        return AuthPage(auth_type, page, -1, 0, 0, raw[2:25])
    told = int.from_bytes(raw[4:8], "little")
    if raw[2] >= AUTH_PAGES_MAX:
        raise Broken("absurd authentication page count")
    return AuthPage(auth_type, 0, raw[2], raw[3], EPOCH_2019_S + told, raw[8:25])


def _system(raw: bytes) -> System:
    flags, lat, lon, count, radius, ceiling, floor, category, altitude, told = _SYSTEM.unpack(raw)
    there = lat != 0 or lon != 0
    there = there and abs(lat) <= 900_000_000 and abs(lon) <= 1_800_000_000
    return System(
        operator_location_type=flags & 3,
        classification=flags >> 2 & 7,
        operator_latitude_deg=lat * 1e-7 if there else nan,
        operator_longitude_deg=lon * 1e-7 if there else nan,
        area_count=count,
        area_radius_m=radius * 10,
        area_ceiling_m=_altitude(ceiling),
        area_floor_m=_altitude(floor),
        category_eu=category >> 4,
        class_eu=category & 15,
        operator_height_ellipsoid_m=_altitude(altitude),
        time_s=EPOCH_2019_S + told if told else 0,
    )
