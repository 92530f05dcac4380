"""Soundings of two archives: IGRA 2 (fixed columns) and the Iowa Environmental Mesonet (JSON).

IGRA 2 (NOAA NCEI, `igra2-data-format.txt`): a header `#ID YEAR MM DD HH RELTIME LEVELS … LAT LON`, then levels:
elapsed time in columns 4–8 (MMMSS), geopotential height 17–21, wind direction 41–45, speed 47–51 in tenths of m/s;
−9999 missing, −8888 removed.
Mesonet: `{"profiles": [{"station": "KOUN", "valid": …, "profile": [{"hght", "drct", "sknt"} …]}]}`; the place comes with
the caller, by the station's code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np

from windhover.detections.metar import Station
from windhover.detections.sounding import ASCENT_ASSUMED_M_S, wind_of
from windhover.errors import BadInput
from windhover.schema.batches import Wind
from windhover.timescale import from_datetime, from_iso
from windhover.units import M_S_PER_KT, NS_PER_S, RAD_PER_DEG

_HEADER: Final = re.compile(
    r"^#([A-Z]{2}[A-Z0-9]{9}) (\d{4}) (\d\d) (\d\d) (\d\d) (\d{4}) [ \d]{4} .{8} .{8} ([ \d-]{7}) ([ \d-]{8})"
)
Read = tuple[Wind | None, tuple[str, ...]]
_Level = tuple[int, float, float, float, float, float]  # time, lat, lon, height, speed, from


def is_igra(head: bytes) -> bool:
    """Whether a text starts with an IGRA 2 header."""
    return _HEADER.match(head[:80].decode("ascii", "replace")) is not None


def read_igra(payload: bytes) -> Read:
    """Every sounding of a station's file → wind over the station, at the time of each level."""
    rows: list[_Level] = []
    launch_ns, place, ascents = 0, (0.0, 0.0), 0
    for line in payload.decode("ascii", "replace").splitlines():
        header = _HEADER.match(line)
        if header is not None:
            launch_ns = _launch_ns(*header.groups()[1:6])
            place = (_int(header[7]) / 1e4, _int(header[8]) / 1e4)
            ascents += launch_ns > 0
        elif launch_ns > 0 and len(line) >= 51:
            elapsed, height = _int(line[3:8]), _int(line[16:21])
            turn, speed = _int(line[40:45]), _int(line[46:51])
            if min(height, turn, speed) <= -8000:
                continue
            seconds = (
                elapsed // 100 * 60 + elapsed % 100 if elapsed >= 0 else height / ASCENT_ASSUMED_M_S
            )
            at_ns = launch_ns + round(max(seconds, 0.0)) * NS_PER_S
            rows.append((at_ns, *place, float(height), speed / 10.0, float(turn)))
    return _wind(rows), (
        f"wind ← direction (from) and speed of {ascents} soundings",
        "altitude_amsl_m ← geopotential height",
        "place ← the station's; time ← the release and each level's elapsed time, "
        f"or {ASCENT_ASSUMED_M_S:g} m/s of ascent assumed",
    )


def read_mesonet(document: dict[str, Any], stations: Mapping[str, Station]) -> Read:
    """The profiles of the Mesonet's JSON. Raises `BadInput` where no station is at a known place."""
    rows: list[_Level] = []
    unknown: set[str] = set()
    try:
        profiles = msgspec.convert(document.get("profiles"), list[dict[str, Any]])
        for profile in profiles:
            name = str(profile.get("station", ""))
            station = stations.get(name) or stations.get(f"K{name}")
            if station is None:
                unknown.add(name[:8])
                continue
            launch_ns = from_iso(str(profile.get("valid", "")))
            for level in msgspec.convert(profile.get("profile"), list[dict[str, Any]]):
                height, turn, knots = (level.get(key) for key in ("hght", "drct", "sknt"))
                if height is None or turn is None or knots is None:
                    continue
                above = max(float(height) - station.elevation_amsl_m, 0.0)
                at_ns = launch_ns + round(min(above, 1e5) / ASCENT_ASSUMED_M_S) * NS_PER_S
                rows.append(
                    (
                        at_ns, station.latitude_deg, station.longitude_deg, float(height),
                        float(knots) * M_S_PER_KT, float(turn),
                    )
                )  # fmt: skip
    except (msgspec.ValidationError, OverflowError, ValueError):
        raise BadInput("The JSON of profiles is not as the Mesonet writes it.") from None
    if unknown and not rows:
        raise BadInput(f"No station of it is at a known place: {', '.join(sorted(unknown))}.")
    return _wind(rows), (
        "wind ← 'drct' (from), 'sknt'",
        "altitude_amsl_m ← 'hght'",
        "place ← the station's, by its code (airportsdata); time ← 'valid', "
        f"{ASCENT_ASSUMED_M_S:g} m/s of ascent assumed",
    )


def _wind(rows: list[_Level]) -> Wind | None:
    if not rows:
        return None
    latitude, longitude, height, speed, turn = np.array([row[1:] for row in rows]).T
    turn = turn * RAD_PER_DEG
    return wind_of(
        np.array([row[0] for row in rows], np.int64), latitude, longitude, height,
        -speed * np.sin(turn), -speed * np.cos(turn),
    )  # fmt: skip


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -9999


def _launch_ns(year: str, month: str, day: str, hour: str, release: str) -> int:
    """The release where it is stated, else the nominal hour; 0 where neither is."""
    whole, minute = (int(release[:2]), int(release[2:])) if release != "9999" else (int(hour), 0)
    if minute == 99:
        minute = 0
    try:
        nominal = datetime(int(year), int(month), int(day), tzinfo=UTC)
        found = from_datetime(nominal.replace(hour=whole, minute=minute))
        # A balloon for 00 UTC is often released on the evening before.
        early = release != "9999" and hour != "99" and whole - int(hour) > 12
        return found - (86_400 * NS_PER_S if early else 0)
    except ValueError:
        return 0
