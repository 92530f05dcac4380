"""Wind files of the house (CSV): one sample per line.

| column | meaning |
|---|---|
| `time` | ISO 8601, or POSIX seconds; UTC |
| `lat_deg`, `lon_deg` | where |
| `altitude_amsl_m` | above mean sea level |
| `wind_east_m_s`, `wind_north_m_s` | toward east and north |
| `sigma_m_s` | optional standard error of each component |
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from windhover.detections.decoded import (
    Decoded,
    count,
    empty_wind,
    nothing,
    plausible_times,
)
from windhover.detections.table import Table, numbers, read_csv, times_ns
from windhover.errors import BadInput
from windhover.schema.batches import Detections, WindSource
from windhover.schema.place import Sensor, Vertical
from windhover.units import NS_PER_H, RAD_PER_DEG

NEEDED: Final = (
    "time",
    "lat_deg",
    "lon_deg",
    "altitude_amsl_m",
    "wind_east_m_s",
    "wind_north_m_s",
)
SIGMA_UNSTATED_M_S: Final = 2.5
"""A forecast's usual error near the ground."""
FORECAST_NS: Final = 15 * 24 * NS_PER_H
"""A wind may be of the future, as forecasts are; but no forecast reaches further than this."""
MAX_WIND_M_S: Final = 130.0


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A whole file, or any part of it that starts with the header line. Never raises."""
    del sensor, sensor_info, vertical  # the columns say everything
    try:
        table = read_csv(payload)
    except BadInput:
        return nothing("not a wind table")
    return from_table(table, received_ns)


def from_table(table: Table, received_ns: int) -> Decoded:
    """The same from columns already read."""
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        return nothing(f"wind table without {', '.join(missing)}", max(1, table.n))
    rejected: Counter[str] = Counter()
    count(rejected, "broken line", table.broken)
    time_ns, _ = times_ns(table.columns["time"])
    latitude, longitude, altitude, east, north = (
        numbers(table.columns[name]) for name in NEEDED[1:]
    )
    told = table.columns.get("sigma_m_s")
    sigma = np.full(table.n, SIGMA_UNSTATED_M_S) if told is None else numbers(told).copy()
    sigma[~((sigma > 0.0) & (sigma <= MAX_WIND_M_S))] = SIGMA_UNSTATED_M_S
    good = plausible_times(time_ns, received_ns + FORECAST_NS, rejected)
    for reason, sane in (
        (
            "absurd position",
            (np.abs(latitude) <= 90.0) & (longitude >= -180.0) & (longitude <= 360.0),
        ),
        ("absurd altitude", (altitude >= -1000.0) & (altitude <= 60_000.0)),
        ("absurd wind", np.hypot(east, north) <= MAX_WIND_M_S),
    ):
        count(rejected, reason, int((good & ~sane).sum()))
        good &= sane
    n = int(good.sum())
    if not n:
        return Decoded(Detections.empty(), (), None, dict(rejected))
    wind = empty_wind(n)
    wind.time_ns[:] = time_ns[good]
    wind.latitude_rad[:] = latitude[good] * RAD_PER_DEG
    wind.longitude_rad[:] = longitude[good] * RAD_PER_DEG
    wind.altitude_amsl_m[:] = altitude[good]
    wind.east_m_s[:] = east[good]
    wind.north_m_s[:] = north[good]
    wind.sigma_m_s[:] = sigma[good]
    wind.source[:] = WindSource.FILE
    return Decoded(Detections.empty(), (), wind, dict(rejected))
