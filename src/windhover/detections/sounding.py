"""Radiosonde soundings: ARM netCDF files, and tables of levels with displacements.

Source: ARM sondewnpn b1 data (variables time_offset from base_time, lat, lon, alt above mean sea
level, u_wind, v_wind; −9999 = missing). A sonde's own wind is computed from its own positions: it is
offered as wind for *others*, and must never be used to judge the sonde that reported it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from windhover.detections import netcdf
from windhover.detections.columns import Points
from windhover.detections.decoded import empty_wind
from windhover.detections.netcdf import Variable
from windhover.detections.table import Table, numbers
from windhover.errors import BadInput
from windhover.schema.batches import F64, I64, Wind, WindSource
from windhover.timescale import from_datetime
from windhover.units import NS_PER_S, RAD_PER_DEG

SIGMA_WIND_SONDE_M_S: Final = 0.5
ASCENT_ASSUMED_M_S: Final = 5.0
MAX_WIND_M_S: Final = 130.0


def read_netcdf(payload: bytes, name: str) -> Points:
    """A netCDF sounding → its points (object = `name`) with the wind it reports. Raises `BadInput`."""
    return points_of(netcdf.variables(payload), name)


def points_of(found: dict[str, Variable], name: str) -> Points:
    """As `read_netcdf`, of a file that is open already."""
    time_ns = netcdf.times_ns(found)
    latitude, longitude, altitude = (netcdf.many(found, k) for k in ("lat", "lon", "alt"))
    n = len(time_ns)
    if not n or any(len(c) != n for c in (latitude, longitude, altitude)):
        raise BadInput("The netCDF file is no sounding: its variables differ in length.")
    above_sea = "sea level" in found["alt"].words.lower()
    nan = np.full(n, np.nan)
    understood: tuple[str, ...] = (
        "time ← 'base_time' + 'time_offset' (POSIX seconds)",
        "latitude, longitude ← 'lat', 'lon'",
        "altitude_amsl_m ← 'alt' (its own words: above mean sea level)"
        if above_sea
        else "'alt' unused: the file says no datum",
        f"object ← '{name}' (one sounding is one object)",
    )
    wind = None
    if "u_wind" in found and "v_wind" in found and above_sea:
        east, north = netcdf.many(found, "u_wind"), netcdf.many(found, "v_wind")
        if len(east) == len(north) == n:
            wind = wind_of(time_ns, latitude, longitude, altitude, east, north)
            understood += (
                "wind ← 'u_wind', 'v_wind' (the sonde's own: for others, not for itself)",
            )
    return Points(
        time_ns,
        latitude,
        longitude,
        nan,
        altitude if above_sea else nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        [name] * n,
        [""] * n,
        "",
        [""] * n,
        understood,
        wind,
    )


def wind_of(
    time_ns: I64, latitude: F64, longitude: F64, altitude: F64, east: F64, north: F64
) -> Wind | None:
    """Levels (N,) in rad, m above mean sea level and m/s → the usable ones; None where there is none."""
    good = (np.hypot(east, north) <= MAX_WIND_M_S) & np.isfinite(latitude + longitude + altitude)
    good &= time_ns > 0
    if not good.any():
        return None
    wind = empty_wind(int(good.sum()))
    wind.time_ns[:] = time_ns[good]
    wind.latitude_rad[:] = latitude[good] * RAD_PER_DEG
    wind.longitude_rad[:] = longitude[good] * RAD_PER_DEG
    wind.altitude_amsl_m[:] = altitude[good]
    wind.east_m_s[:] = east[good]
    wind.north_m_s[:] = north[good]
    wind.sigma_m_s[:] = SIGMA_WIND_SONDE_M_S
    wind.source[:] = WindSource.SOUNDING
    return wind


def is_levels(table: Table) -> bool:
    """Whether a table is a BUFR-like list of levels with displacements and no time of its own."""
    return {"geopotentialHeight", "windDirection", "windSpeed", "datum", "timePeriod"} <= set(
        table.columns
    )


def read_levels(table: Table) -> tuple[Wind | None, tuple[str, ...]]:
    """Levels → wind along the ascent. The levels carry no time: 5 m/s of ascent is assumed, and said."""
    column = {name: numbers(table.columns[name]) for name in table.columns}
    height_m = column["geopotentialHeight"]
    from_rad = column["windDirection"] * RAD_PER_DEG
    speed = column["windSpeed"]
    start_ns = np.array(
        [_launch_ns(d, t) for d, t in zip(column["datum"], column["timePeriod"], strict=True)],
        np.int64,
    )
    above_m = height_m - np.nanmin(height_m) if np.isfinite(height_m).any() else height_m
    time_ns = (
        start_ns + np.rint(np.nan_to_num(above_m) / ASCENT_ASSUMED_M_S).astype(np.int64) * NS_PER_S
    )
    zero = np.zeros(table.n)
    latitude = column.get("lat", zero * np.nan) + column.get("latitudeDisplacement", zero)
    longitude = column.get("lon", zero * np.nan) + column.get("longitudeDisplacement", zero)
    time_ns[start_ns < 0] = -(2**62)
    wind = wind_of(
        time_ns, latitude, longitude, height_m, -speed * np.sin(from_rad), -speed * np.cos(from_rad)
    )
    return wind, (
        "wind ← 'windDirection' (degrees, from), 'windSpeed' (m/s)",
        "altitude_amsl_m ← 'geopotentialHeight'",
        "latitude, longitude ← 'lat', 'lon' + displacements",
        "time ← 'datum', 'timePeriod' of the launch; levels carry no time, "
        f"{ASCENT_ASSUMED_M_S:g} m/s of ascent assumed: wind only, no positions",
    )


def _launch_ns(date: float, clock: float) -> int:
    """20200531.0 and 230400.0 → ns; before every plausible time where they are none."""
    try:
        moment = datetime.strptime(f"{int(date):08d}{int(clock):06d}", "%Y%m%d%H%M%S")
        return from_datetime(moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return -(2**62)
