"""The picture as ASTERIX system tracks (CAT062) over UDP, unicast or multicast.

| item | what is said |
|---|---|
| 010, 040, 070 | source, track number (1 … 65535, used again when the track is long gone), time of day |
| 080 | geometric height is the more reliable one; simulated in an exercise; coasted; who has not seen it |
| 105, 500/3 | latitude, longitude, and their standard deviations |
| 130, 500/4 | height above the ellipsoid and its deviation, where it is known |
| 185, 220 | velocity east and north; rate of climb, where it is known |
| 060, 245, 380/1 | Mode 3/A code, callsign, address: only as the aircraft itself says, never in an exercise |
| 080 TSE | a last record for a track that has ended |

In an exercise SIM is set and the target identification is EXERCISE. What CAT062 has no word for (what an
object is, and how sure that is) is not squeezed into some other item: take CoT or GeoJSON for it.
Source: EUROCONTROL-SPEC-0149-9, ASTERIX part 9, category 062, edition 1.20.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from math import cos, degrees, isnan, sqrt
from typing import Final

import msgspec

from windhover.deliver.airspace import AirFrame, AirObject
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.deliver.udp import udp_socket
from windhover.detections.asterix.encode import Content, encode_block, encode_record
from windhover.errors import BadSite
from windhover.units import M_PER_FT, NS_PER_S

_DAY_NS: Final = 86_400 * NS_PER_S
_ALPHABET: Final = {c: i + 1 for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {
    c: 0x30 + i for i, c in enumerate("0123456789")
}
_M_PER_DEG: Final = 111_195.0
MAX_DATAGRAM: Final = 1400
FORGOTTEN_NS: Final = 300 * NS_PER_S
"""A track number is not used again before this long after its track was last told."""


class AsterixSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="asterix", tag_field="kind"
):
    """One receiver or multicast group of CAT062."""

    name: str
    purpose: str
    host: str
    port: int
    sac: int  # system area code, given to the site by its authority
    sic: int  # system identification code
    every_s: float = 1.0
    multicast_ttl: int = 1


class Numbers:
    """Track numbers of 16 bits for ever-growing track ids."""

    def __init__(self) -> None:
        self._number: dict[int, int] = {}
        self._told_ns: dict[int, int] = {}
        self._taken: set[int] = set()
        self._next = 1

    def of(self, track_id: int, now_ns: int) -> int | None:
        """The number of a track; None where all 65,535 are in use."""
        number = self._number.get(track_id)
        if number is None:
            if len(self._taken) >= 65_535:
                self._forget(now_ns)
            if len(self._taken) >= 65_535:
                return None
            while self._next in self._taken:
                self._next = self._next % 65_535 + 1
            number = self._number[track_id] = self._next
            self._taken.add(number)
            self._next = number % 65_535 + 1
        self._told_ns[track_id] = now_ns
        return number

    def _forget(self, now_ns: int) -> None:
        for old in [t for t, at in self._told_ns.items() if at < now_ns - FORGOTTEN_NS]:
            self._taken.discard(self._number.pop(old))
            del self._told_ns[old]


def track_record(frame: AirFrame, thing: AirObject, number: int, source: bytes) -> bytes:
    """One system track. `source` is SAC and SIC."""
    items: dict[str, Content] = {
        "010": source,
        "070": _time_of_day(thing.time_ns),
        "105": _angle(thing.latitude_rad, 25, 4) + _angle(thing.longitude_rad, 25, 4),
        "185": b"".join(_bounded(v / 0.25, 2) for v in thing.velocity_enu_m_s[:2]),
        "040": number.to_bytes(2, "big"),
        "080": _status(frame, thing),
        "500": _accuracies(thing),
    }
    if not isnan(thing.height_ellipsoid_m):
        items["130"] = _bounded(thing.height_ellipsoid_m / (6.25 * M_PER_FT), 2)
    if not isnan(thing.velocity_enu_m_s[2]):
        items["220"] = _bounded(thing.velocity_enu_m_s[2] * 60.0 / (6.25 * M_PER_FT), 2)
    callsign = "EXERCISE" if frame.exercise else thing.callsign
    if callsign.strip():
        told = 0b01 if frame.exercise else 0b00  # 00: as the aircraft sends it down
        items["245"] = bytes([told << 6]) + _letters(callsign)
    if not frame.exercise:
        items |= _own_words(thing)
    return encode_record(62, items)


def end_record(track: tuple[int, int], source: bytes, exercise: bool) -> bytes:
    """The last record of a track (number, time_ns): TSE, track service ends."""
    number, time_ns = track
    second = (0x80 if exercise else 0) | 0x40
    items: dict[str, Content] = {
        "010": source,
        "070": _time_of_day(time_ns),
        "040": number.to_bytes(2, "big"),
        "080": bytes([0x20, second]),
    }
    return encode_record(62, items)


def _own_words(thing: AirObject) -> Mapping[str, Content]:
    """Mode 3/A code and address, as the aircraft's transponder says them."""
    items: dict[str, Content] = {}
    if len(thing.squawk) == 4 and all(c in "01234567" for c in thing.squawk):
        items["060"] = int(thing.squawk, 8).to_bytes(2, "big")
    if thing.scheme == "icao" and len(thing.identifier) == 6:
        try:
            items["380"] = {"1": bytes.fromhex(thing.identifier)}
        except ValueError:
            return items
    return items


def _status(frame: AirFrame, thing: AirObject) -> bytes:
    """062/080: four parts. "Has not seen it" is a statement on our sensors, by their kind."""
    kinds = {s.kind for s in frame.sensors if s.name in thing.sensors}
    first = 0x20 | (0x80 if len(thing.sensors) == 1 else 0)  # MRH; MON
    second = 0x80 if frame.exercise else 0  # SIM
    fourth = 0x80 if thing.coasting else 0  # CST
    if not kinds & {"radar_2d", "radar_3d"}:
        fourth |= 0x40  # PSR
    fourth |= 0x20 | 0x10  # SSR, Mode S: we have none
    if "adsb" not in kinds:
        fourth |= 0x08  # ADS
    return bytes([first, second, 0, fourth])


def _accuracies(thing: AirObject) -> dict[str, bytes]:
    """062/500: 3 position, 4 height, 2 covariance; unsigned numbers stop at their largest."""
    east2, north2, up2, cross = thing.covariance_m2
    north_deg = sqrt(max(north2, 0.0)) / _M_PER_DEG
    east_deg = sqrt(max(east2, 0.0)) / (_M_PER_DEG * max(cos(thing.latitude_rad), 0.01))
    sign = -1.0 if cross < 0 else 1.0
    parts = {
        "2": _bounded(sign * sqrt(abs(cross)) / 0.5, 2),
        "3": _unsigned(north_deg * 2**25 / 180.0, 2) + _unsigned(east_deg * 2**25 / 180.0, 2),
    }
    if not isnan(thing.height_ellipsoid_m):
        parts["4"] = _unsigned(sqrt(max(up2, 0.0)) / (6.25 * M_PER_FT), 1)
    return parts


def _time_of_day(time_ns: int) -> bytes:
    ticks = round(time_ns % _DAY_NS * 128 / NS_PER_S) % (86_400 * 128)
    return ticks.to_bytes(3, "big")


def _angle(angle_rad: float, bits: int, octets: int) -> bytes:
    return _bounded(degrees(angle_rad) * 2**bits / 180.0, octets)


def _bounded(value: float, octets: int) -> bytes:
    """Signed, at its limit where it does not fit."""
    limit = 1 << (8 * octets - 1)
    return min(max(round(value), -limit), limit - 1).to_bytes(octets, "big", signed=True)


def _unsigned(value: float, octets: int) -> bytes:
    return min(max(round(value), 1), (1 << 8 * octets) - 1).to_bytes(octets, "big")


def _letters(callsign: str) -> bytes:
    packed = 0
    for letter in callsign.upper()[:8].ljust(8):
        packed = packed << 6 | _ALPHABET.get(letter, 0x20)
    return packed.to_bytes(6, "big")


class AsterixOutput:
    """Sends every track once in `every_s`, and a last record for each that has ended."""

    def __init__(self, settings: AsterixSettings, clock: Callable[[], int] = time.time_ns) -> None:
        """Raises `BadSite` without a purpose, or where address or source code cannot be used."""
        purpose = stated_purpose(settings.name, settings.purpose)
        if not (0 <= settings.sac <= 255 and 0 <= settings.sic <= 255):
            raise BadSite(f"Output {settings.name!r}: SAC and SIC are 0 to 255.")
        self.settings, self.clock = settings, clock
        self.health = OutputHealth(settings.name, "asterix", purpose, "up")
        self.numbers = Numbers()
        self._source = bytes([settings.sac, settings.sic])
        self._held: dict[int, tuple[int, int]] = {}  # track → (number, time of its last record)
        self._sent_ns = -(1 << 62)
        self._socket = udp_socket(settings.host, settings.multicast_ttl)

    @property
    def address(self) -> str:
        return f"udp://{self.settings.host}:{self.settings.port}"

    def send(self, frame: AirFrame) -> None:
        """Neither blocks nor raises; what the network does not take is counted."""
        if frame.now_ns - self._sent_ns < self.settings.every_s * NS_PER_S * 0.95:
            return
        self._sent_ns = frame.now_ns
        records, full = self.records(frame)
        self.health.drop("no track number free", full)
        for group in groups(records):
            try:
                self._socket.sendto(
                    encode_block(62, group), (self.settings.host, self.settings.port)
                )
            except OSError as fault:
                self.health.drop("not sent", len(group))
                self.health.last_error = str(fault)[:200]
            else:
                self.health.sent += len(group)
                self.health.last_sent_ns = self.clock()

    def records(self, frame: AirFrame) -> tuple[list[bytes], int]:
        """The records of one instant, and how many tracks found no free number."""
        made: list[bytes] = []
        held: dict[int, tuple[int, int]] = {}
        full = 0
        for thing in frame.objects:
            number = self.numbers.of(thing.track_id, frame.now_ns)
            if number is None:
                full += 1
                continue
            held[thing.track_id] = (number, thing.time_ns)
            made.append(track_record(frame, thing, number, self._source))
        for track_id, last in self._held.items():
            if track_id not in held:
                made.append(end_record(last, self._source, frame.exercise))
        self._held = held
        return made, full

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.health.state, self.health.words = "off", "stopped"
            self.close()

    def close(self) -> None:
        self._socket.close()


def groups(records: list[bytes]) -> list[list[bytes]]:
    """Records in order, as many to a block as fit one datagram."""
    made: list[list[bytes]] = []
    room = 0
    for record in records:
        if not made or len(record) > room:
            made.append([])
            room = MAX_DATAGRAM - 3
        made[-1].append(record)
        room -= len(record)
    return made
