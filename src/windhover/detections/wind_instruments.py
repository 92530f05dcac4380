"""Winds of instruments on the ground: surface stations and Doppler lidars (ARM netCDF), sodars (Scintec text).

Surface: means of a minute, vector speed and direction (from, true), anemometer 10 m above the station.
Lidar: radial velocities of beams around the compass (positive = away). At each height the wind is the least
squares fit of v = (east·sin a + north·cos a)·cos e + up·sin e over the beams (Browning & Wexler 1968, "The
determination of kinematic properties of a wind field using Doppler radar", J. Appl. Meteorol. 7); its error is
what the fit leaves over. A height counts where the signal is above the noise and the beams agree.
Sodar: profiles in the Scintec FORMAT-1; the file does not say where it stands.
"""

from __future__ import annotations

import re
from math import sqrt
from typing import Final

import numpy as np

from windhover.detections import netcdf
from windhover.detections.netcdf import Variable
from windhover.detections.sounding import MAX_WIND_M_S
from windhover.detections.table import Table, numbers, times_ns
from windhover.errors import BadInput
from windhover.schema.batches import BOOL, F64, I64, Wind, WindSource
from windhover.timescale import from_iso
from windhover.units import RAD_PER_DEG

ANEMOMETER_M: Final = 10.0
SIGMA_SURFACE_M_S: Final = 1.0
SPEEDS, DIRECTIONS = ("wspd_vec_mean", "wspd_arith_mean"), ("wdir_vec_mean",)

SIGNAL_LEAST: Final = 1.015
"""ARM's own threshold of the lidar's intensity (signal-to-noise ratio + 1): −18 dB."""
RANGE_LEAST_M: Final = 90.0
BEAMS_LEAST: Final = 5
RESIDUAL_MOST_M_S: Final = 2.0
SIGMA_LIDAR_LEAST_M_S: Final = 0.3
HIGHEST_M: Final = 15_000.0

SIGMA_SODAR_M_S: Final = 0.7
_BLOCK: Final = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \d\d:\d\d:\d\d\s*$")
_ABOVE_SEA: Final = re.compile(r"^height above sea level \[m\]\s*:\s*(-?[\d.]+)", re.M)

Read = tuple[Wind | None, tuple[str, ...]]


def is_surface(names: set[str]) -> bool:
    """Whether columns or variables are those of a surface station with its place."""
    return {"lat", "lon", "alt"} <= names and "wdir_vec_mean" in names and bool(names & set(SPEEDS))


def surface_netcdf(found: dict[str, Variable]) -> Read:
    """A day of a surface station. Raises `BadInput`."""
    names = set(found)
    speed = next(name for name in SPEEDS if name in names)
    at_ns = netcdf.times_ns(found)
    place = [netcdf.one(found, name) for name in ("lat", "lon", "alt")]
    columns = {name: netcdf.many(found, name) for name in (speed, DIRECTIONS[0])}
    checks = [netcdf.many(found, f"qc_{name}") for name in columns if f"qc_{name}" in names]
    return _surface(at_ns, speed, columns, [np.full(len(at_ns), one) for one in place], checks)


def surface_table(table: Table) -> Read:
    """The same as a table."""
    names = set(table.columns)
    speed = next(name for name in SPEEDS if name in names)
    at_ns, _ = times_ns(table.columns["time"])
    columns = {name: numbers(table.columns[name]) for name in (speed, DIRECTIONS[0])}
    place = [numbers(table.columns[name]) for name in ("lat", "lon", "alt")]
    checks = [numbers(table.columns[f"qc_{n}"]) for n in columns if f"qc_{n}" in names]
    return _surface(at_ns, speed, columns, place, checks)


def _surface(
    at_ns: I64, name: str, columns: dict[str, F64], place: list[F64], checks: list[F64]
) -> Read:
    if any(len(one) != len(at_ns) for one in (*columns.values(), *place, *checks)):
        raise BadInput("The station's columns differ in length.")
    speed, turn = columns[name], columns[DIRECTIONS[0]] * RAD_PER_DEG
    good = np.ones(len(at_ns), bool)
    for check in checks:  # 0 = passed (ARM quality control)
        good &= check == 0
    wind = _wind(
        at_ns, place[0], place[1], place[2] + ANEMOMETER_M, -speed * np.sin(turn), -speed * np.cos(turn),
        np.full(len(at_ns), SIGMA_SURFACE_M_S), good, WindSource.METAR,
    )  # fmt: skip
    return wind, (
        f"wind ← '{name}', '{DIRECTIONS[0]}' (degrees, from); {int((~good).sum())} rows failed the station's own checks",
        "altitude_amsl_m ← 'alt' + 10 m (the anemometer)",
        "time, latitude, longitude ← 'time', 'lat', 'lon'",
    )


def is_lidar(names: set[str]) -> bool:
    """Whether variables are those of a Doppler lidar's scan."""
    return {"radial_velocity", "azimuth", "elevation", "range", "lat", "lon", "alt"} <= names


def lidar(found: dict[str, Variable]) -> Read:
    """One scan around the compass → a profile. Raises `BadInput`."""
    at_ns = netcdf.times_ns(found)
    azimuth = netcdf.many(found, "azimuth") * RAD_PER_DEG
    elevation = netcdf.many(found, "elevation") * RAD_PER_DEG
    reach, speed = netcdf.many(found, "range"), found["radial_velocity"].values
    signal = found["intensity"].values if "intensity" in found else np.full(speed.shape, 99.0)
    beams = len(at_ns)
    shape = (beams, len(reach))
    if speed.shape != shape or signal.shape != shape or len(azimuth) != beams != len(elevation):
        raise BadInput("The lidar's variables differ in length.")
    if beams < BEAMS_LEAST:
        raise BadInput(f"The lidar's scan has {beams} beams; a wind needs {BEAMS_LEAST}.")
    if np.ptp(elevation) > 0.02:
        raise BadInput("The lidar's beams have several elevations; only one cone is read.")
    design = np.column_stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.cos(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ]
    )
    above = reach * np.sin(float(np.median(elevation)))
    rows: list[tuple[float, float, float, float]] = []
    for k in np.flatnonzero((reach >= RANGE_LEAST_M) & (above <= HIGHEST_M)):
        heard = (signal[:, k] >= SIGNAL_LEAST) & np.isfinite(speed[:, k])
        if int(heard.sum()) < BEAMS_LEAST:
            continue
        part = design[heard]
        normal = part.T @ part
        if np.linalg.cond(normal) > 1e4:  # beams of one side only
            continue
        fit = np.linalg.solve(normal, part.T @ speed[heard, k])
        left = speed[heard, k] - part @ fit
        rms = sqrt(float(left @ left) / max(len(left) - 3, 1))
        if rms > RESIDUAL_MOST_M_S:
            continue
        spread = np.diagonal(np.linalg.inv(normal))[:2]
        sigma = max(rms * sqrt(float(spread.mean())), SIGMA_LIDAR_LEAST_M_S)
        rows.append((float(above[k]), float(fit[0]), float(fit[1]), sigma))
    if not rows:
        return None, ()
    height, east, north, sigmas = np.array(rows).T
    n = len(height)
    place = [netcdf.one(found, name) for name in ("lat", "lon", "alt")]
    middle = at_ns[beams // 2]
    wind = _wind(
        np.full(n, middle), np.full(n, place[0]), np.full(n, place[1]), place[2] + height,
        east, north, sigmas, np.ones(n, bool), WindSource.LIDAR,
    )  # fmt: skip
    return wind, (
        f"wind ← 'radial_velocity' of {beams} beams, fitted at {n} heights where the signal is above the noise",
        "altitude_amsl_m ← 'alt' + 'range'·sin(elevation)",
        "time ← the middle of the scan",
    )


def is_sodar(head: bytes) -> bool:
    """Whether a text is a Scintec profile file."""
    return head.startswith(b"FORMAT-1") and b"# beginning of data block" in head


def sodar(payload: bytes, place: tuple[float, float, float] | None) -> Read:
    """Profiles; `place` is latitude and longitude in degrees and elevation above mean sea level. Raises `BadInput`."""
    text = payload.decode("utf-8", "replace")
    stated = _ABOVE_SEA.search(text)
    if place is None:
        raise BadInput(
            "The sodar's file does not say where it stands.",
            "Write latitude, longitude and elevation after its name: FILE@36.605,-97.485,318",
        )
    ground = place[2] if place[2] == place[2] else float(stated[1]) if stated else float("nan")
    names: list[str] = []
    at_ns = 0
    rows: list[tuple[int, float, float, float]] = []
    for line in text.splitlines():
        block = _BLOCK.match(line)
        if block is not None:
            at_ns = from_iso(f"{block[1]}T{block[2]}")
        elif line.startswith("#") and " speed " in line and " dir " in line and " z " in line:
            names = line[1:].split()
        elif at_ns and names:
            cells = line.split()
            if len(cells) == len(names):
                cell = dict(zip(names, cells, strict=True))
                rows.append((at_ns, _value(cell["z"]), _value(cell["speed"]), _value(cell["dir"])))
    if not rows:
        return None, ()
    table = np.array([row[1:] for row in rows])
    speed, turn = table[:, 1], table[:, 2] * RAD_PER_DEG
    n = len(rows)
    wind = _wind(
        np.array([row[0] for row in rows], np.int64), np.full(n, place[0]), np.full(n, place[1]),
        ground + table[:, 0], -speed * np.sin(turn), -speed * np.cos(turn),
        np.full(n, SIGMA_SODAR_M_S), (speed < 99.9) & (table[:, 2] < 999.0), WindSource.LIDAR,
    )  # fmt: skip
    return wind, (
        "wind ← 'speed', 'dir' (from) of each height",
        "altitude_amsl_m ← 'z' + the elevation given with the file",
        "time ← the end of each averaging, taken as UTC (the file names no zone)",
    )


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _wind(
    at_ns: I64, latitude: F64, longitude: F64, altitude: F64, east: F64, north: F64, sigma: F64,
    good: BOOL, source: WindSource,
) -> Wind | None:  # fmt: skip
    """(N,) columns, degrees and m → the usable rows; None where there is none."""
    usable = good & (np.hypot(east, north) <= MAX_WIND_M_S) & (at_ns > 0)
    usable &= (np.abs(latitude) <= 90.0) & (np.abs(longitude) <= 360.0)
    usable &= np.isfinite(altitude)
    rows = np.flatnonzero(usable)
    if not len(rows):
        return None
    return Wind(
        np.ascontiguousarray(at_ns[rows]),
        latitude[rows] * RAD_PER_DEG,
        longitude[rows] * RAD_PER_DEG,
        altitude[rows],
        east[rows],
        north[rows],
        sigma[rows],
        np.full(len(rows), source, np.int8),
    )
