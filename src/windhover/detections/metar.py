"""METAR and SPECI: the surface wind of aerodromes.

Format: ICAO Annex 3, appendix 3, 4.1; WMO FM 15/FM 16 (Manual on Codes, WMO-No. 306, A1):
`METAR KELP 220051Z 24008G15KT …`: station, day of the month with hour and minute UTC, wind from
(degrees true) and speed (mean of ten minutes, two in the United States), gust after G; `VRB` = variable,
`/////` = not measured; unit KT, MPS or KMH. Anemometers stand 10 m above the ground.

A report carries neither year and month nor the station's place. The month comes from a line with the
date before it (`2026/11/22 00:51`, as NOAA's files have it) or from when it was received; places come
with the caller, since a decoder reads no files.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from math import cos, hypot, radians, sin, sqrt
from typing import Final, NamedTuple

from windhover.detections.decoded import Decoded, empty_wind, nothing
from windhover.schema.batches import Detections, WindSource
from windhover.timescale import from_datetime
from windhover.units import NS_PER_S, RAD_PER_DEG

ANEMOMETER_M: Final = 10.0
SIGMA_M_S: Final = 1.2
"""Of a ten-minute mean at the station; what lies between station and object is the wind field's."""
GUST_SHARE: Final = 1.0 / 3.0
"""A gust is about three deviations above the mean: that turbulence makes the mean less sure."""
M_S: Final = {"KT": 1852.0 / 3600.0, "MPS": 1.0, "KMH": 1000.0 / 3600.0}
MAX_WIND_M_S: Final = 130.0
_REPORT: Final = re.compile(
    r"\b(?:METAR |SPECI |COR )*([A-Z][A-Z0-9]{3}) (\d{2})(\d{2})(\d{2})Z (?:AUTO |COR )*"
    r"(\d{3}|VRB|///)(\d{2,3}|//)(?:G(\d{2,3}))?(KT|MPS|KMH)\b"
)
_DATE: Final = re.compile(r"^\s*(\d{4})[/-](\d{2})[/-](\d{2})[ T](\d{2}):?(\d{2})")


class Station(NamedTuple):
    """Where an anemometer stands."""

    latitude_deg: float
    longitude_deg: float
    elevation_amsl_m: float


class Surface(NamedTuple):
    """One report's wind."""

    station: str
    day: int
    hour: int
    minute: int
    east_m_s: float
    north_m_s: float
    sigma_m_s: float


def parse(line: str) -> Surface | None:
    """The wind of one report; None where the line holds none.

    >>> parse("METAR KELP 220051Z 27010KT 10SM CLR 12/M02 A3012").station
    'KELP'
    """
    found = _REPORT.search(line)
    if found is None:
        return None
    station, day, hour, minute, from_deg, speed, gust, unit = found.groups()
    if "/" in from_deg or "/" in speed or int(hour) > 23 or int(minute) > 59:
        return None
    mean = int(speed) * M_S[unit]
    peak = int(gust) * M_S[unit] if gust else mean
    if max(mean, peak) > MAX_WIND_M_S:
        return None
    sigma = hypot(SIGMA_M_S, max(peak - mean, 0.0) * GUST_SHARE)
    if from_deg == "VRB":
        # Any direction: no mean wind that is known, and each component has half of its square.
        return Surface(
            station, int(day), int(hour), int(minute), 0.0, 0.0, hypot(sigma, mean / sqrt(2.0))
        )
    if int(from_deg) > 360:
        return None
    turn = radians(int(from_deg))
    return Surface(
        station, int(day), int(hour), int(minute), -mean * sin(turn), -mean * cos(turn), sigma
    )


def decode(payload: bytes, near_ns: int | None, stations: Mapping[str, Station]) -> Decoded:
    """All reports of a text. `near_ns` is about when they are from; None = only dated ones. Never raises."""
    rejected: dict[str, int] = {}
    rows: list[tuple[int, Station, Surface]] = []
    for line in payload.decode("utf-8", "replace").splitlines():
        dated = _DATE.match(line)
        if dated is not None:
            near_ns = _ns(*(int(part) for part in dated.groups()))
        if not line.strip() or (dated is not None and len(line.strip()) <= 20):
            continue
        report = parse(line)
        why = ""
        when = None if report is None or near_ns is None else when_ns(report, near_ns)
        if report is None:
            why = "no METAR with a wind"
        elif report.station not in stations:
            why = f"station {report.station} is at no known place"
        elif when is None:
            why = "METAR of no known month" if near_ns is None else "METAR of an impossible day"
        if why or report is None or when is None:
            rejected[why] = rejected.get(why, 0) + 1
            continue
        rows.append((when, stations[report.station], report))
    if not rows:
        return Decoded(Detections.empty(), (), None, rejected) if rejected else nothing("no METAR")
    wind = empty_wind(len(rows))
    for k, (when, station, report) in enumerate(rows):
        wind.time_ns[k] = when
        wind.latitude_rad[k] = station.latitude_deg * RAD_PER_DEG
        wind.longitude_rad[k] = station.longitude_deg * RAD_PER_DEG
        wind.altitude_amsl_m[k] = station.elevation_amsl_m + ANEMOMETER_M
        wind.east_m_s[k] = report.east_m_s
        wind.north_m_s[k] = report.north_m_s
        wind.sigma_m_s[k] = report.sigma_m_s
        wind.source[k] = WindSource.METAR
    return Decoded(Detections.empty(), (), wind, rejected)


def _ns(year: int, month: int, day: int, hour: int, minute: int) -> int | None:
    try:
        return from_datetime(datetime(year, month, day, hour, minute, tzinfo=UTC))
    except ValueError:
        return None


def when_ns(report: Surface, near_ns: int) -> int | None:
    """The instant with that day, hour and minute which is nearest to `near_ns`; None = there is none."""
    near = datetime.fromtimestamp(near_ns / NS_PER_S, UTC)
    found = []
    for months in (-1, 0, 1):
        year, month = near.year, near.month + months
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        if 1 <= report.day <= monthrange(year, month)[1]:
            at = _ns(year, month, report.day, report.hour, report.minute)
            if at is not None:
                found.append(at)
    return min(found, key=lambda at: abs(at - near_ns), default=None)
