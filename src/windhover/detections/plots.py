"""Radar plot lines: one JSON object per revolution, in UTF-8.

    {"radar": "north", "scan_end": 1770791400.0, "plots": [
      {"t": 1770791399.2, "range_m": 8120.4, "azimuth_deg": 121.7, "elevation_deg": 2.1,
       "doppler_m_s": -7.5, "rcs_dbsm": -18.0}]}

| field | meaning |
|---|---|
| `t` | when the antenna pointed there, POSIX seconds UTC |
| `range_m` or `ground_range_m` | slant range, or range already corrected to the ground |
| `azimuth_deg` | clockwise from true north |
| `elevation_deg` | above the horizon; absent from a 2-D radar |
| `doppler_m_s` | range rate, positive away |
| `rcs_dbsm` | radar cross-section |
| `micro_doppler` | "rotor", "wing" or "none", where the radar tells what turns or beats in the echo |

This is the house's own form for radars that speak no ASTERIX. Errors are the sensor's own sigmas.
"""

from __future__ import annotations

from collections import Counter
from math import inf

import msgspec
import numpy as np

from windhover.detections import micro_doppler
from windhover.detections.decoded import Decoded, count, seconds_to_ns, time_fault
from windhover.schema.batches import Detections, Kind
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import ClassReport, Report
from windhover.units import RAD_PER_DEG

MAX_RANGE_M = 1.0e6
MAX_DOPPLER_M_S = 2000.0


class Plot(msgspec.Struct):
    """One plot of a line, in the units of the feed."""

    t: float
    azimuth_deg: float
    range_m: float | None = None
    ground_range_m: float | None = None
    elevation_deg: float | None = None
    doppler_m_s: float | None = None
    rcs_dbsm: float | None = None
    micro_doppler: str | None = None


class Revolution(msgspec.Struct):
    radar: str
    scan_end: float
    plots: list[msgspec.Raw]


Row = tuple[int, int, float, float, float, float, float]
_REVOLUTION = msgspec.json.Decoder(Revolution)
_PLOT = msgspec.json.Decoder(Plot)


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """One or more lines → rows in the order of the lines. Never raises."""
    del vertical  # ranges and angles know no datum
    rejected: Counter[str] = Counter()
    found: list[Row] = []
    reports: list[Report] = []
    seen: set[tuple[int, int, float, float, float]] = set()
    for line in payload.splitlines():
        if not line.strip():
            continue
        try:
            revolution = _REVOLUTION.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            count(rejected, "not a plot line")
            continue
        if revolution.radar != sensor_info.name:
            count(rejected, "unknown sensor", max(1, len(revolution.plots)))
            continue
        for raw in revolution.plots:
            row = _row(raw, received_ns)
            if isinstance(row, str):
                count(rejected, row)
            elif row[:5] in seen:
                count(rejected, "duplicate")
            else:
                seen.add(row[:5])
                found.append(row)
                flag = _PLOT.decode(raw).micro_doppler
                if flag is not None:
                    told = micro_doppler.likelihood(flag)
                    if told is None:
                        count(rejected, "micro-Doppler word unknown")
                        continue
                    elevation = row[4] if row[1] == Kind.RANGE_AZIMUTH_ELEVATION else None
                    reports.append(
                        ClassReport(
                            row[0],
                            received_ns,
                            sensor,
                            row[3],
                            elevation,
                            told,
                            micro_doppler.SOURCE,
                        )
                    )
    if not found:
        return Decoded(Detections.empty(), (), None, dict(rejected))
    return Decoded(
        _rows(found, received_ns, sensor, sensor_info), tuple(reports), None, dict(rejected)
    )


def header(line: bytes) -> tuple[str | None, int | None]:
    """The radar's name and the end of its revolution in ns; None where the line says none."""
    try:
        revolution = _REVOLUTION.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, None
    return revolution.radar, seconds_to_ns(revolution.scan_end)


def _row(raw: msgspec.Raw, received_ns: int) -> Row | str:
    """time_ns, kind, range_m, azimuth_rad, elevation_rad, doppler, rcs; or the reason why not."""
    try:
        plot = _PLOT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "not a plot"
    time_ns = seconds_to_ns(plot.t)
    if time_ns is None:
        return "absurd time"
    fault = time_fault(time_ns, received_ns)
    if fault:
        return fault
    if not abs(plot.azimuth_deg) <= 720.0:
        return "absurd azimuth"
    azimuth_rad = plot.azimuth_deg % 360.0 * RAD_PER_DEG
    elevation_rad = 0.0
    if plot.ground_range_m is not None:
        kind, range_m = Kind.GROUND_RANGE_AZIMUTH, plot.ground_range_m
    elif plot.range_m is None:
        return "no range"
    elif plot.elevation_deg is None:
        kind, range_m = Kind.RANGE_AZIMUTH, plot.range_m
    elif -90.0 <= plot.elevation_deg <= 90.0:
        kind, range_m = Kind.RANGE_AZIMUTH_ELEVATION, plot.range_m
        elevation_rad = plot.elevation_deg * RAD_PER_DEG
    else:
        return "absurd elevation"
    if not 0.0 < range_m < MAX_RANGE_M:
        return "absurd range"
    doppler_m_s = _within(plot.doppler_m_s, MAX_DOPPLER_M_S)
    return (
        time_ns,
        int(kind),
        range_m,
        azimuth_rad,
        elevation_rad,
        doppler_m_s,
        _within(plot.rcs_dbsm, 200.0),
    )


def _within(value: float | None, limit: float = inf) -> float:
    return value if value is not None and abs(value) <= limit else float("nan")


def _rows(
    found: list[Row],
    received_ns: int,
    sensor: int,
    sensor_info: Sensor,
) -> Detections:
    n = len(found)
    table = np.array([row[1:] for row in found], np.float64)
    rows = Detections.empty(n)
    rows.received_ns[:] = received_ns
    rows.sensor[:] = sensor
    rows.kind[:] = table[:, 0]
    rows.value[:] = table[:, 1:4]
    rows.covariance[:, 0, 0] = sensor_info.sigma_range_m**2
    rows.covariance[:, 1, 1] = sensor_info.sigma_azimuth_rad**2
    rows.covariance[:, 2, 2] = np.where(
        rows.kind == Kind.RANGE_AZIMUTH_ELEVATION, sensor_info.sigma_elevation_rad**2, 0.0
    )
    return rows._replace(
        time_ns=np.array([row[0] for row in found], np.int64),
        doppler_m_s=np.ascontiguousarray(table[:, 4]),
        rcs_dbsm=np.ascontiguousarray(table[:, 5]),
    )
