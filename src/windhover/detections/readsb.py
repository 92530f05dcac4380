"""readsb's own JSON: `aircraft.json` snapshots and `trace_full` files. Others' spellings: `spellings`.

Source: readsb's README-json.md. Positions are aged by `seen_pos`; `alt_geom` is height above the
WGS 84 ellipsoid in feet; `alt_baro` is pressure altitude in feet or "ground"; `gs` in knots, `track`
in degrees from true north, `baro_rate` and `geom_rate` in ft/min; `wd`, `ws` are the wind derived from the
aircraft's own Mode S registers, the direction it comes from in degrees and knots.
NACp: DO-260B table 2-71 (95 % bounds on the horizontal position).
"""

from __future__ import annotations

from collections import Counter
from math import cos, hypot, inf, nan, sin
from typing import Any, Final

import numpy as np

from windhover.detections.decoded import (
    Decoded,
    count,
    empty_wind,
    nothing,
    position_fault,
    positions,
    seconds_to_ns,
    time_fault,
)
from windhover.detections.heights import (
    amsl_from_baro_m,
    amsl_from_ellipsoid_m,
    ellipsoid_from_baro_m,
    sigma_from_baro_m,
)
from windhover.detections.spellings import BARE, documents, snapshot
from windhover.detections.told_by import (
    SIGMA_OTHERS_M,
    ToldBy,
    is_ground_stations,
    own_words,
    told_by,
)
from windhover.schema.batches import Wind, WindSource, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, RAD_PER_DEG

# 95 % of a circular Gaussian lies within 2.4477 σ.
_SIGMAS_95_CIRCLE: Final = 2.4477
NACP_EPU_M: Final = (
    inf,
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
)
# DO-260 table 2-11: the same of NUCp, which transponders of version 0 and dump1090-mutability tell.
NUCP_EPU_M: Final = (inf, 18520.0, 9260.0, 1852.0, 926.0, 463.0, 185.2, 92.6, 10.0, 3.0)
GVA_SIGMA_M: Final = (nan, 150.0 / 1.96, 45.0 / 1.96)  # DO-260B: 95 % bounds of 150 and 45 m
SIGMA_TIME_S: Final = 0.1
"""Rounding of `seen_pos`, and what DO-260B leaves uncompensated of the transponder's own delay."""
SIGMA_POSITION_UNSTATED_M: Final = 50.0
SIGMA_HEIGHT_UNSTATED_M: Final = 20.0
SIGMA_WIND_AIRCRAFT_M_S: Final = 2.5
MAX_SPEED_M_S: Final = 1500.0
MAX_WIND_M_S: Final = 130.0
MAX_ALTITUDE_FT: Final = 130_000.0


class Gathered:
    """Rows on their way into arrays; one per call, never kept."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, float, float, float, float, int]] = []
        self.reports: list[Report] = []
        self.wind: list[tuple[int, float, float, float, float, float]] = []
        self.rejected: Counter[str] = Counter()

    def finish(self, received_ns: int, sensor: int) -> Decoded:
        if not self.rows:
            return Decoded(
                nothing().detections, tuple(self.reports), self._wind(), dict(self.rejected)
            )
        table = np.array([row[1:6] for row in self.rows], np.float64)
        time_ns = np.array([row[0] for row in self.rows], np.int64)
        detections = positions(
            time_ns,
            np.full(len(time_ns), received_ns, np.int64),
            sensor,
            table[:, 0] * RAD_PER_DEG,
            table[:, 1] * RAD_PER_DEG,
            table[:, 2],
            table[:, 3],
            table[:, 4],
            np.array([row[6] for row in self.rows], np.int64),
        )
        return Decoded(detections, tuple(self.reports), self._wind(), dict(self.rejected))

    def _wind(self) -> Wind | None:
        if not self.wind:
            return None
        samples = empty_wind(len(self.wind))
        table = np.array([row[1:] for row in self.wind], np.float64)
        samples.time_ns[:] = [row[0] for row in self.wind]
        samples.latitude_rad[:] = table[:, 0] * RAD_PER_DEG
        samples.longitude_rad[:] = table[:, 1] * RAD_PER_DEG
        samples.altitude_amsl_m[:] = table[:, 2]
        samples.east_m_s[:] = table[:, 3]
        samples.north_m_s[:] = table[:, 4]
        samples.sigma_m_s[:] = SIGMA_WIND_AIRCRAFT_M_S
        samples.source[:] = WindSource.AIRCRAFT
        return samples


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """One `aircraft.json`, or several one per line → positions, claims, winds. Never raises.

    readsb repeats an aircraft's last position in every snapshot until it hears the next. Only
    positions no older than the sensor's period are taken, so that each is used once.
    """
    gathered = Gathered()
    for text in documents(payload):
        found = snapshot(text)
        if found is None:
            count(gathered.rejected, "not an aircraft.json")
            continue
        now_ns = seconds_to_ns(found.now)
        fault = "absurd time" if now_ns is None else time_fault(now_ns, received_ns)
        if fault or now_ns is None:
            count(gathered.rejected, fault, max(1, len(found.aircraft)))
            continue
        seen: set[str] = set()
        for aircraft in found.aircraft:
            if not isinstance(aircraft, dict):
                count(gathered.rejected, "not an aircraft")
                continue
            address = aircraft.get("hex")
            if isinstance(address, str) and address in seen:
                count(gathered.rejected, "duplicate")
                continue
            seen.add(str(address))
            _aircraft(aircraft, now_ns, received_ns, sensor, sensor_info, vertical, gathered)
    return gathered.finish(received_ns, sensor)


def snapshot_ns(document: bytes) -> int | None:
    """When a snapshot says it was taken, or None."""
    found = snapshot(document)
    return None if found is None else seconds_to_ns(found.now)


def _aircraft(
    aircraft: dict[str, Any],
    now_ns: int,
    received_ns: int,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
    gathered: Gathered,
) -> None:
    address = aircraft.get("hex")
    if not isinstance(address, str) or not _is_address(address):
        count(gathered.rejected, "no address")
        return
    fresh_s = max(sensor_info.period_s, 1.0) + 0.05
    age_s = number(aircraft.get("seen"), 0.0, 86_400.0)
    # A leading ~ marks a ground station's own track number: nothing that the object says of itself.
    claimed = 0 if address.startswith("~") else claim_id("icao", address)
    if claimed and not (age_s > fresh_s) and not is_ground_stations(aircraft):
        told_ns = now_ns - round((0.0 if age_s != age_s else age_s) * 1e6) * 1000
        gathered.reports.append(
            cooperative(aircraft, address, claimed, told_ns, received_ns, sensor)
        )
    if "lat" not in aircraft and "lon" not in aircraft:
        return
    latitude_deg = number(aircraft.get("lat"), -90.0, 90.0)
    longitude_deg = number(aircraft.get("lon"), -180.0, 360.0)
    fault = position_fault(latitude_deg, longitude_deg)
    if fault:
        count(gathered.rejected, fault)
        return
    age_s = number(aircraft.get("seen_pos"), 0.0, 86_400.0)
    if age_s != age_s:
        count(gathered.rejected, "no age of position")
        return
    if age_s > fresh_s:
        count(gathered.rejected, "position repeated from an earlier snapshot")
        return
    time_ns = now_ns - round(age_s * 1e6) * 1000
    if told_by(aircraft) is ToldBy.GROUND:
        claimed = 0
    observe(
        aircraft, time_ns, latitude_deg, longitude_deg, claimed, sensor_info, vertical, gathered
    )


def observe(
    aircraft: dict[str, Any],
    time_ns: int,
    latitude_deg: float,
    longitude_deg: float,
    claimed: int,
    sensor_info: Sensor,
    vertical: Vertical,
    gathered: Gathered,
) -> None:
    """One position in readsb's field names → a row, and a wind sample where there is one."""
    speed_m_s = number(aircraft.get("gs"), 0.0, 3000.0) * M_S_PER_KT
    height_m, sigma_height_m = height(aircraft, vertical, sensor_info, gathered.rejected)
    stated_m = _sigma_stated_m(aircraft)
    if stated_m != stated_m:
        stated_m = sensor_info.sigma_position_m or SIGMA_POSITION_UNSTATED_M
    timing_m = SIGMA_TIME_S * (speed_m_s if speed_m_s == speed_m_s else 100.0)
    gathered.rows.append(
        (
            time_ns,
            latitude_deg,
            longitude_deg,
            height_m,
            hypot(stated_m, timing_m),
            sigma_height_m,
            claimed,
        )
    )
    from_deg = number(aircraft.get("wd"), 0.0, 360.0)
    wind_m_s = number(aircraft.get("ws"), 0.0, MAX_WIND_M_S / M_S_PER_KT) * M_S_PER_KT
    if from_deg == from_deg and wind_m_s == wind_m_s:
        altitude_m = altitude_amsl(aircraft, vertical)
        if altitude_m != altitude_m:
            count(gathered.rejected, "wind unused: its altitude above mean sea level is unknown")
        else:
            angle = from_deg * RAD_PER_DEG
            east, north = -wind_m_s * sin(angle), -wind_m_s * cos(angle)
            gathered.wind.append((time_ns, latitude_deg, longitude_deg, altitude_m, east, north))


def _sigma_stated_m(aircraft: dict[str, Any]) -> float:
    """Of the position, as far as its source is known: NACp, the older NUCp, or who else told it; else NaN."""
    if told_by(aircraft) is not ToldBy.ITSELF:
        return SIGMA_OTHERS_M
    for key, table in (("nac_p", NACP_EPU_M), ("nucp", NUCP_EPU_M)):
        code = aircraft.get(key)
        if isinstance(code, int) and 0 < code < len(table):
            return table[code] / _SIGMAS_95_CIRCLE
    return nan


def height(
    aircraft: dict[str, Any], vertical: Vertical, sensor_info: Sensor, rejected: Counter[str]
) -> tuple[float, float]:
    """height_ellipsoid_m and its sigma in m; NaN and 0 where it cannot be known, counted."""
    geometric_m = number(aircraft.get("alt_geom"), -2000.0, MAX_ALTITUDE_FT) * M_PER_FT
    if geometric_m == geometric_m:
        gva = aircraft.get("gva")
        stated = GVA_SIGMA_M[gva] if isinstance(gva, int) and 0 < gva <= 2 else nan
        if stated != stated:
            stated = sensor_info.sigma_height_m or SIGMA_HEIGHT_UNSTATED_M
        return geometric_m, stated
    pressure = aircraft.get("alt_baro")
    if pressure == "ground":
        count(rejected, "height unused: on the ground, elevation not told")
        return nan, 0.0
    baro_m = number(pressure, -2000.0, MAX_ALTITUDE_FT) * M_PER_FT
    if baro_m != baro_m:
        if BARE in aircraft:
            count(rejected, "height unused: barometric or geometric, not told which")
        else:
            count(rejected, "height unused: none told")
        return nan, 0.0
    height_m = ellipsoid_from_baro_m(baro_m, vertical)
    if height_m != height_m:
        count(rejected, "height unused: barometric, QNH or undulation unknown")
        return nan, 0.0
    return height_m, sigma_from_baro_m(baro_m)


def altitude_amsl(aircraft: dict[str, Any], vertical: Vertical) -> float:
    """altitude_amsl_m of an aircraft from whichever of its altitudes the site can tie down; or NaN."""
    geometric_m = number(aircraft.get("alt_geom"), -2000.0, MAX_ALTITUDE_FT) * M_PER_FT
    altitude_m = amsl_from_ellipsoid_m(geometric_m, vertical)
    if altitude_m == altitude_m:
        return altitude_m
    baro_m = number(aircraft.get("alt_baro"), -2000.0, MAX_ALTITUDE_FT) * M_PER_FT
    return amsl_from_baro_m(baro_m, vertical)


def cooperative(
    aircraft: dict[str, Any],
    address: str,
    claimed: int,
    time_ns: int,
    received_ns: int,
    sensor: int,
) -> Cooperative:
    """What an aircraft says of itself, from readsb's field names."""
    on_ground = aircraft.get("alt_baro") == "ground"
    aircraft = own_words(aircraft)
    rate = number(aircraft.get("geom_rate"), -60_000.0, 60_000.0)
    if rate != rate:
        rate = number(aircraft.get("baro_rate"), -60_000.0, 60_000.0)
    speed_m_s = number(aircraft.get("gs"), 0.0, MAX_SPEED_M_S / M_S_PER_KT) * M_S_PER_KT
    track_rad = number(aircraft.get("track"), 0.0, 360.0) * RAD_PER_DEG
    return Cooperative(
        time_ns,
        received_ns,
        sensor,
        claimed,
        "icao",
        address.lower(),
        callsign=word(aircraft.get("flight"), 8),
        category=word(aircraft.get("category"), 2),
        squawk=word(aircraft.get("squawk"), 4),
        ground_speed_m_s=optional(speed_m_s),
        track_rad=optional(track_rad),
        vertical_rate_m_s=optional(rate * M_S_PER_FT_MIN),
        on_ground=on_ground,
    )


def number(value: object, low: float, high: float) -> float:
    """The value as a float inside low…high, else NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan
    try:
        as_float = float(value)
    except OverflowError:
        return nan
    return as_float if low <= as_float <= high else nan


def optional(value: float) -> float | None:
    return None if value != value else value


def word(value: object, longest: int) -> str:
    """A short printable word, else ''."""
    if not isinstance(value, str):
        return ""
    text = value.strip()[:longest].strip()
    return text if text.isprintable() else ""


def _is_address(address: str) -> bool:
    digits = address.removeprefix("~")
    return len(digits) == 6 and all(c in "0123456789abcdefABCDEF" for c in digits)
