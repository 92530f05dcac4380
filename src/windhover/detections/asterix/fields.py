"""Pieces that the readers of all categories share: rows, integers, times of day, names."""

from __future__ import annotations

from typing import Final, NamedTuple

from windhover.detections.asterix.records import Record
from windhover.units import NS_PER_S

_DAY_NS: Final = 86_400 * NS_PER_S
_TICK_NS: Final = NS_PER_S // 128
_LETTERS: Final = " ABCDEFGHIJKLMNOPQRSTUVWXYZ     " + " " * 16 + "0123456789      "


class Row(NamedTuple):
    """One plot, report or track update."""

    category: int
    source: int  # SAC · 256 + SIC
    time_ns: int
    kind: int
    value: tuple[float, float, float]
    sigma_horizontal_m: float  # of positions
    sigma_height_m: float
    doppler_m_s: float
    address: str  # ICAO, '' = none
    callsign: str
    number: int  # track number of the source, −1 = none
    serial: str = ""  # of an unmanned aircraft (CAT129)
    mode_a: int = -1  # code of a radar's reply that was not garbled (048/070), −1 = none


class Radar(NamedTuple):
    """Where a radar says it stands (034/120), and how long it turns (034/041)."""

    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float
    period_s: float


def unsigned(data: bytes, at: int, octets: int) -> int:
    return int.from_bytes(data[at : at + octets], "big")


def signed(data: bytes, at: int, octets: int) -> int:
    return int.from_bytes(data[at : at + octets], "big", signed=True)


def time_of(record: Record, item: str, received_ns: int) -> int:
    """Time of day on the day that puts it nearest to the reception; the reception where absent."""
    at = record.items.get(item)
    if at is None:
        return received_ns
    of_day_ns = unsigned(record.data, at, 3) * _TICK_NS
    if of_day_ns >= _DAY_NS:
        return -1  # no such time of day: refused as absurd
    day_ns = (received_ns - of_day_ns + _DAY_NS // 2) // _DAY_NS * _DAY_NS
    return day_ns + of_day_ns


def source_of(record: Record) -> int:
    at = record.items.get("010")
    return -1 if at is None else unsigned(record.data, at, 2)


def flag(record: Record, item: str, octet: int, bit: int) -> bool:
    """A bit of an extended item whose parts are one octet: `octet` counts from 0; False where it is not there."""
    at = record.items.get(item)
    if at is None:
        return False
    for _ in range(octet):
        if not record.data[at] & 1:
            return False
        at += 1
    return bool(record.data[at] & bit)


def not_real(record: Record, flags: tuple[tuple[str, int, int, str], ...]) -> str:
    """Why a report is of no object in the air: the first of (item, octet, bit, reason) that is set, or ''."""
    return next((why for item, octet, bit, why in flags if flag(record, item, octet, bit)), "")


def callsign_of(data: bytes, at: int) -> str:
    packed = unsigned(data, at, 6)
    return "".join(_LETTERS[packed >> shift & 63] for shift in range(42, -1, -6)).strip()
