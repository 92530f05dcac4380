"""Soundings as text from the University of Wyoming: CSV of levels, and the older list.

CSV (since 2025, `type=TEXT:CSV`): `time,longitude,latitude,pressure_hPa,geopotential height_m,…,wind
direction_degree,wind speed_m/s`; each level has its own time and place.
List (`type=TEXT:LIST`): columns PRES HGHT … DRCT SKNT (or SPED in m/s) of width 7, under rules of dashes;
after them "Station latitude", "Station longitude", "Observation time: yymmdd/hhmm". Levels carry
no time of their own: five metres a second of ascent are assumed, the drift of the sonde is not known.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import numpy as np

from windhover.detections.sounding import ASCENT_ASSUMED_M_S, wind_of
from windhover.detections.table import Table, numbers, times_ns
from windhover.errors import BadInput
from windhover.schema.batches import F64, Wind
from windhover.timescale import from_datetime
from windhover.units import NS_PER_S, RAD_PER_DEG

HEIGHT, FROM, SPEED = "geopotential height_m", "wind direction_degree", "wind speed_m/s"
KNOT_M_S: Final = 1852.0 / 3600.0
WIDTH: Final = 7
_SAID: Final = re.compile(rb"(Station latitude|Station longitude|Observation time):\s*([-\d./]+)")


def is_wyoming(table: Table) -> bool:
    """Whether a table is Wyoming's CSV of levels."""
    return {"time", "longitude", "latitude", HEIGHT, FROM, SPEED} <= set(table.columns)


def read_wyoming(table: Table) -> tuple[Wind | None, tuple[str, ...]]:
    """Levels → wind, each at its own time and place."""
    time_ns, _ = times_ns(table.columns["time"])
    turn = numbers(table.columns[FROM]) * RAD_PER_DEG
    speed = numbers(table.columns[SPEED])
    wind = wind_of(
        time_ns,
        numbers(table.columns["latitude"]),
        numbers(table.columns["longitude"]),
        numbers(table.columns[HEIGHT]),
        -speed * np.sin(turn),
        -speed * np.cos(turn),
    )
    return wind, (
        f"wind ← '{FROM}' (from), '{SPEED}'",
        f"altitude_amsl_m ← '{HEIGHT}'",
        "time, latitude, longitude ← each level's own",
    )


def is_list(head: bytes) -> bool:
    """Whether a text is Wyoming's list, by its header of columns."""
    return b"PRES" in head and b"HGHT" in head and b"DRCT" in head and b"-----" in head


def read_list(payload: bytes) -> tuple[Wind | None, tuple[str, ...]]:
    """The list → wind over the station. Raises `BadInput` without place or time of the launch."""
    told = {name.decode(): value.decode() for name, value in _SAID.findall(payload)}
    try:
        latitude, longitude = float(told["Station latitude"]), float(told["Station longitude"])
        launch = datetime.strptime(told["Observation time"], "%y%m%d/%H%M").replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise BadInput(
            "The sounding's list does not say where and when it was launched.",
            "Keep the lines under 'Station information' with it.",
        ) from None
    names: list[str] = []
    rows: list[list[float]] = []
    for line in payload.decode("utf-8", "replace").splitlines():
        cells = line.split()
        if "PRES" in cells and "DRCT" in cells:
            names = cells
        elif names and cells and not line.startswith("-"):
            if not (cells[0].replace(".", "").isdigit() and len(line) >= WIDTH):
                if rows:
                    break
                continue
            rows.append([_cell(line, k) for k in range(len(names))])
    if not rows:
        return None, ()
    column = dict(zip(names, np.array(rows).T, strict=True))
    knots = "SKNT" in column
    if "HGHT" not in column or not (knots or "SPED" in column):
        return None, ()
    height: F64 = column["HGHT"]
    speed = column["SKNT"] * KNOT_M_S if knots else column["SPED"]
    turn = column["DRCT"] * RAD_PER_DEG
    above = np.nan_to_num(height - np.nanmin(height)) / ASCENT_ASSUMED_M_S
    time_ns = from_datetime(launch) + np.rint(above).astype(np.int64) * NS_PER_S
    n = len(height)
    wind = wind_of(
        time_ns, np.full(n, latitude), np.full(n, longitude), height,
        -speed * np.sin(turn), -speed * np.cos(turn),
    )  # fmt: skip
    return wind, (
        f"wind ← 'DRCT' (from), '{'SKNT' if knots else 'SPED'}'",
        "altitude_amsl_m ← 'HGHT'",
        f"place and time ← the station's; {ASCENT_ASSUMED_M_S:g} m/s of ascent assumed, drift not known",
    )


def _cell(line: str, k: int) -> float:
    text = line[WIDTH * k : WIDTH * (k + 1)].strip()
    try:
        return float(text)
    except ValueError:
        return float("nan")
