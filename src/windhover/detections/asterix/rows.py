"""What the records mean: plots of radars (CAT048), ADS-B reports (CAT021), system tracks (CAT062), where a radar
stands (CAT034); unmanned aircraft (CAT129) in `unmanned`.

| item | unit of the lowest bit |
|---|---|
| 048/040 | range 1/256 NM, azimuth 360°/2^16 |
| 048/070 | Mode A code, four octal digits; bits V, G, L above it |
| 048/120 | radial speed 1 m/s (part 1, 10 bits, signed) |
| 021/130, 021/131 | latitude, longitude 180°/2^23, 180°/2^30 (edition 0.26: 180°/2^25) |
| 062/105 | latitude, longitude 180°/2^25 |
| 021/140, 062/130 | geometric height above the WGS 84 ellipsoid 6.25 ft |
| 021/145, 048/090, 062/136 | flight level 1/4 |
| …/140, 070, 073, 030 | time of day 1/128 s after midnight UTC |
| 062/500 part 3 | standard deviation of the position, 180°/2^25 each |
| 034/120 | height m, latitude, longitude 180°/2^23 |

A time of day has no date: the midnight that puts it nearest to the reception is meant.
"""

from __future__ import annotations

from collections import Counter
from math import cos, hypot, nan
from struct import Struct
from typing import Final

import numpy as np

from windhover.detections.asterix import unmanned
from windhover.detections.asterix.fields import (
    Radar,
    Row,
    callsign_of,
    not_real,
    signed,
    source_of,
    time_of,
    unsigned,
)
from windhover.detections.asterix.records import Record, part_offset, records
from windhover.detections.asterix.uap import PROFILES
from windhover.detections.decoded import Decoded, count, position_fault, time_fault
from windhover.detections.heights import ellipsoid_from_baro_m, sigma_from_baro_m
from windhover.detections.readsb import NACP_EPU_M
from windhover.schema.batches import Detections, Kind, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import M_PER_FT, M_PER_NM, NS_PER_S, RAD_PER_DEG

_FEET_6_25_M: Final = 6.25 * M_PER_FT
_FLIGHT_LEVEL_QUARTER_M: Final = 25 * M_PER_FT
_SIGMAS_95_CIRCLE: Final = 2.4477
_380: Final = next(item for item in PROFILES[62] if item.name == "380")
_500: Final = next(item for item in PROFILES[62] if item.name == "500")
_120: Final = next(item for item in PROFILES[48] if item.name == "120")
_TWO_LONG: Final = Struct(">ii")
_TRACK_DEG: Final = 180.0 / 2**25
_TRACK_M: Final = _TRACK_DEG * RAD_PER_DEG * 6_371_000.0
_NOT_REAL: Final = {
    48: (
        ("020", 0, 0x10, "simulated target"),
        ("020", 0, 0x02, "fixed transponder (field monitor)"),
        ("020", 1, 0x80, "test target"),
    ),
    21: (
        ("040", 0, 0x02, "fixed transponder (field monitor)"),
        ("040", 1, 0x20, "simulated target"),
        ("040", 1, 0x10, "test target"),
        ("040/0", 0, 0x08, "fixed transponder (field monitor)"),
        ("040/0", 0, 0x20, "simulated target"),
        ("040/0", 0, 0x10, "test target"),
    ),
    62: (("080", 1, 0x80, "simulated target"),),
}
"""Category → item, octet, bit, and why such a report is of no object in the air."""
SIGMA_POSITION_UNSTATED_M: Final = 75.0
SIGMA_HEIGHT_UNSTATED_M: Final = 30.0


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """One datagram of one source → rows. Never raises."""
    rejected: Counter[str] = Counter()
    found = rows(payload, received_ns, vertical, rejected, {})
    return to_decoded(found, received_ns, sensor, sensor_info, rejected)


def rows(
    payload: bytes,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
    latest_ns: int | None = None,
) -> list[Row]:
    """Blocks → rows in the order of the records; `radars` takes up what CAT034 says.

    The day of a time of day is the one nearest to `received_ns`; nothing after `latest_ns` (the reception,
    where not given) by more than 10 s is believed.
    """
    found: list[Row] = []
    for record in records(payload, rejected):
        unreal = not_real(record, _NOT_REAL.get(record.category, ()))
        if unreal:
            count(rejected, unreal)
            continue
        made = _READERS[record.category](record, received_ns, vertical, rejected, radars)
        if made is None:
            continue
        fault = time_fault(made.time_ns, received_ns if latest_ns is None else latest_ns)
        if fault:
            count(rejected, fault)
        else:
            found.append(made)
    return found


def _radar_message(
    record: Record,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
) -> None:
    """CAT034: north marks, sector crossings and where the radar stands give no row."""
    del received_ns, vertical
    data, items, source = record.data, record.items, source_of(record)
    known = radars.get(source, Radar(nan, nan, nan, nan))
    if "041" in items:
        known = known._replace(period_s=unsigned(data, items["041"], 2) / 128.0)
    if "120" in items:
        at = items["120"]
        latitude, longitude = (signed(data, at + i, 3) * 180.0 / 2**23 for i in (2, 5))
        if _place_fault(latitude, longitude):
            count(rejected, "absurd position of a radar")
        else:
            known = known._replace(
                latitude_rad=latitude * RAD_PER_DEG,
                longitude_rad=longitude * RAD_PER_DEG,
                height_ellipsoid_m=float(signed(data, at, 2)),
            )
    radars[source] = known


def _place_fault(latitude_deg: float, longitude_deg: float) -> str:
    """As `position_fault`; the items are signed, so that no longitude may be above 180°."""
    if longitude_deg > 180.0:
        return "absurd position"
    return position_fault(latitude_deg, longitude_deg)


def _plot(
    record: Record,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
) -> Row | None:
    del vertical, radars
    data, items = record.data, record.items
    at = items.get("040")
    if at is None:
        count(rejected, "plot without range and azimuth")
        return None
    range_m = unsigned(data, at, 2) * M_PER_NM / 256.0
    if not range_m:
        count(rejected, "absurd range")
        return None
    azimuth_rad = unsigned(data, at + 2, 2) * (360.0 / 65_536.0) * RAD_PER_DEG
    doppler = nan
    if "120" in items:
        part = part_offset(record, _120, "1")
        if part >= 0 and not data[part] & 0x80:
            raw = unsigned(data, part, 2) & 0x3FF
            doppler = float(raw - 1024 if raw & 0x200 else raw)
    return Row(
        48,
        source_of(record),
        time_of(record, "140", received_ns),
        Kind.RANGE_AZIMUTH,
        (range_m, azimuth_rad, 0.0),
        0.0,
        0.0,
        doppler,
        f"{unsigned(data, items['220'], 3):06x}" if "220" in items else "",
        callsign_of(data, items["240"]) if "240" in items else "",
        unsigned(data, items["161"], 2) & 0xFFF if "161" in items else -1,
        mode_a=_mode_a(unsigned(data, items["070"], 2)) if "070" in items else -1,
    )


def _mode_a(raw: int) -> int:
    """The twelve bits of a code; −1 where replies were garbled (bit G)."""
    return -1 if raw & 0x4000 else raw & 0xFFF


def _adsb(
    record: Record,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
) -> Row | None:
    del radars
    data, items = record.data, record.items
    if "131" in items:
        at, octets, scale = items["131"], 4, 180.0 / 2**30
    elif "130" in items:
        at, octets, scale = items["130"], 3, 180.0 / 2**23
    elif "130/25" in items:
        at, octets, scale = items["130/25"], 4, 180.0 / 2**25
    else:
        count(rejected, "no position")
        return None
    latitude, longitude = (signed(data, at + i, octets) * scale for i in (0, octets))
    fault = _place_fault(latitude, longitude)
    if fault:
        count(rejected, fault)
        return None
    geometric = signed(data, items["140"], 2) if "140" in items else None
    if geometric in (32767, -32768):  # "greater than" and "invalid"
        geometric = None
    level = signed(data, items["145"], 2) if "145" in items else None
    height_m, sigma_height_m = _height(geometric, level, vertical, rejected)
    epu_m = nan
    if "090" in items and data[items["090"]] & 1:
        second = data[items["090"] + 1]
        nac_p = second >> 1 & 15
        epu_m = NACP_EPU_M[nac_p] if 0 < nac_p <= 11 else nan
    sigma_m = epu_m / _SIGMAS_95_CIRCLE if epu_m == epu_m else SIGMA_POSITION_UNSTATED_M
    item = next((name for name in ("071", "073", "075", "077", "030") if name in items), "071")
    return Row(
        21,
        source_of(record),
        time_of(record, item, received_ns),
        Kind.POSITION,
        (latitude * RAD_PER_DEG, longitude * RAD_PER_DEG, height_m),
        hypot(sigma_m, 20.0),  # 0.1 s of an airliner's way
        sigma_height_m,
        nan,
        f"{unsigned(data, items['080'], 3):06x}" if "080" in items else "",
        callsign_of(data, items["170"]) if "170" in items else "",
        unsigned(data, items["161"], 2) & 0xFFF if "161" in items else -1,
    )


def _track(
    record: Record,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
) -> Row | None:
    del radars
    data, items = record.data, record.items
    at = items.get("105")
    if at is None:
        count(rejected, "no position")
        return None
    north, east = _TWO_LONG.unpack_from(data, at)
    latitude, longitude = north * _TRACK_DEG, east * _TRACK_DEG
    fault = _place_fault(latitude, longitude)
    if fault:
        count(rejected, fault)
        return None
    geometric = signed(data, items["130"], 2) if "130" in items else None
    level = signed(data, items["136"], 2) if "136" in items else None
    height_m, sigma_height_m = _height(geometric, level, vertical, rejected)
    sigma_m = SIGMA_POSITION_UNSTATED_M
    if "500" in items:
        part = part_offset(record, _500, "3")
        if part >= 0:
            north_m = unsigned(data, part, 2) * _TRACK_M
            east_m = unsigned(data, part + 2, 2) * _TRACK_M * cos(latitude * RAD_PER_DEG)
            sigma_m = max(hypot(north_m, east_m) / 2**0.5, 1.0)
    address = ""
    if "380" in items:
        part = part_offset(record, _380, "1")
        if part >= 0:
            address = f"{unsigned(data, part, 3):06x}"
    return Row(
        62,
        source_of(record),
        time_of(record, "070", received_ns),
        Kind.POSITION,
        (latitude * RAD_PER_DEG, longitude * RAD_PER_DEG, height_m),
        sigma_m,
        sigma_height_m,
        nan,
        address,
        callsign_of(data, items["245"] + 1) if "245" in items else "",
        unsigned(data, items["040"], 2) if "040" in items else -1,
    )


def _height(
    geometric: int | None, level: int | None, vertical: Vertical, rejected: Counter[str]
) -> tuple[float, float]:
    if geometric is not None:
        return geometric * _FEET_6_25_M, SIGMA_HEIGHT_UNSTATED_M
    if level is None:
        count(rejected, "height unused: none told")
        return nan, 0.0
    baro_m = level * _FLIGHT_LEVEL_QUARTER_M
    height_m = ellipsoid_from_baro_m(baro_m, vertical)
    if height_m != height_m:
        count(rejected, "height unused: barometric, QNH or undulation unknown")
        return nan, 0.0
    return height_m, sigma_from_baro_m(baro_m)


_READERS: Final = {34: _radar_message, 48: _plot, 21: _adsb, 62: _track, 129: unmanned.report}


def to_decoded(
    found: list[Row],
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    rejected: Counter[str],
) -> Decoded:
    """Rows of one source → a batch, exact repetitions dropped and counted. `received_ns` None: as measured."""
    unique = list(dict.fromkeys(found))
    count(rejected, "duplicate", len(found) - len(unique))
    n = len(unique)
    if not n:
        return Decoded(Detections.empty(), (), None, dict(rejected))
    batch = Detections.empty(n)
    batch.time_ns[:] = [row.time_ns for row in unique]
    batch.received_ns[:] = batch.time_ns if received_ns is None else received_ns
    batch.sensor[:] = sensor
    batch.kind[:] = [row.kind for row in unique]
    batch.value[:] = [row.value for row in unique]
    plot = batch.kind == Kind.RANGE_AZIMUTH
    # Some write longitudes from 0° to 360°.
    batch.value[~plot & (batch.value[:, 1] > np.pi), 1] -= 2.0 * np.pi
    horizontal = np.array([row.sigma_horizontal_m for row in unique])
    vertical = np.array([row.sigma_height_m for row in unique])
    batch.covariance[:, 0, 0] = np.where(
        plot, (sensor_info.sigma_range_m or 50.0) ** 2, horizontal**2
    )
    batch.covariance[:, 1, 1] = np.where(
        plot, (sensor_info.sigma_azimuth_rad or 0.0015) ** 2, horizontal**2
    )
    batch.covariance[:, 2, 2] = np.where(plot, 0.0, vertical**2)
    batch.doppler_m_s[:] = [row.doppler_m_s for row in unique]
    claims = {who: claim_id(*who) for who in dict.fromkeys(map(_who, unique)) if who[1]}
    batch.claimed_id[:] = [claims.get(_who(row), 0) for row in unique]
    return Decoded(batch, _reports(unique, received_ns, sensor, claims), None, dict(rejected))


def _who(row: Row) -> tuple[str, str]:
    """Scheme and identifier of what a row claims to be."""
    return ("remote_id", row.serial) if row.serial else ("icao", row.address)


def _reports(
    found: list[Row], received_ns: int | None, sensor: int, claims: dict[tuple[str, str], int]
) -> tuple[Report, ...]:
    """One claim an address and minute, or whenever its callsign changes."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    reports: list[Report] = []
    for row in found:
        key, who = (row.time_ns // (60 * NS_PER_S), row.callsign), _who(row)
        if not who[1] or last.get(who) == key:
            continue
        last[who] = key
        reports.append(
            Cooperative(
                row.time_ns,
                row.time_ns if received_ns is None else received_ns,
                sensor,
                claims[who],
                "remote_id" if row.serial else "icao",
                who[1],
                callsign=row.callsign,
                category="UAS" if row.serial else "",
            )
        )
    return tuple(reports)


__all__ = ["Radar", "Row", "decode", "rows", "to_decoded"]
