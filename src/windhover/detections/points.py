"""Points as a table states them → detections. What the columns mean is told in `columns`."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from windhover.detections.columns import Points, understand
from windhover.detections.decoded import Decoded, count, nothing, plausible_times, positions
from windhover.detections.heights import (
    BARO_TEMPERATURE_SHARE,
    SIGMA_BARO_M,
    ellipsoid_from_amsl,
    ellipsoid_from_baro,
)
from windhover.detections.table import read_csv
from windhover.errors import BadInput
from windhover.schema.batches import F64, I64, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import RAD_PER_DEG

MAX_HEIGHT_M: Final = 60_000.0
SIGMA_TIME_S: Final = 0.1
SIGMA_POSITION_UNSTATED_M: Final = 10.0
SIGMA_HEIGHT_UNSTATED_M: Final = 15.0


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A CSV of points, whole or any part that starts with the header line. Never raises."""
    try:
        points = understand(read_csv(payload))
    except BadInput as fault:
        return nothing("not a table of points: " + fault.what[:80])
    return rows(points, received_ns, sensor, sensor_info, vertical)


def rows(
    points: Points,
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
) -> Decoded:
    """Points → detections in the order given. `received_ns` None: each came when it was measured."""
    decoded, _ = rows_and_kept(points, received_ns, sensor, sensor_info, vertical)
    return decoded


def rows_and_kept(
    points: Points,
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
) -> tuple[Decoded, I64]:
    """As `rows`, with the (M,) row numbers of `points` that were kept."""
    rejected: Counter[str] = Counter()
    received = points.time_ns if received_ns is None else np.full(points.n, received_ns, np.int64)
    good = plausible_times(points.time_ns, received, rejected)
    latitude, longitude = points.latitude_deg, points.longitude_deg
    absent = good & (
        np.isnan(latitude) | np.isnan(longitude) | ((latitude == 0) & (longitude == 0))
    )
    count(rejected, "no position", int(absent.sum()))
    sane = (np.abs(latitude) <= 90.0) & (longitude >= -180.0) & (longitude <= 360.0)
    count(rejected, "absurd position", int((good & ~absent & ~sane).sum()))
    good &= sane & ~absent
    kept = np.flatnonzero(good)
    kept = kept[_first_of_each(points, kept)]
    count(rejected, "duplicate", int(good.sum()) - len(kept))
    height_m, sigma_height_m = _heights(points, kept, sensor_info, vertical, rejected)
    claimed = _claimed(points, kept)
    detections = positions(
        points.time_ns[kept],
        received[kept],
        sensor,
        latitude[kept] * RAD_PER_DEG,
        longitude[kept] * RAD_PER_DEG,
        height_m,
        _sigma_horizontal(points, kept, sensor_info),
        sigma_height_m,
        claimed,
    )
    reports = _reports(points, kept, received, sensor, claimed) if points.scheme else ()
    return Decoded(detections, reports, points.wind, dict(rejected)), kept


def _first_of_each(points: Points, kept: I64) -> I64:
    """(M,) which of the kept rows are the first with their time, place and object."""
    if not len(kept):
        return np.zeros(0, np.int64)
    _, names = np.unique(np.array([points.objects[i] for i in kept]), return_inverse=True)
    keys = np.stack(
        [
            points.time_ns[kept],
            np.rint(points.latitude_deg[kept] * 1e8).astype(np.int64),
            np.rint(points.longitude_deg[kept] * 1e8).astype(np.int64),
            names.astype(np.int64).reshape(-1),
        ],
        axis=1,
    )
    _, first = np.unique(keys, axis=0, return_index=True)
    return np.sort(first)


def _heights(
    points: Points, kept: I64, sensor_info: Sensor, vertical: Vertical, rejected: Counter[str]
) -> tuple[F64, F64]:
    """height_ellipsoid_m and its sigma, from the best datum that the site can tie down; counted else."""
    stated = np.where(
        points.sigma_vertical_m[kept] > 0.0,
        points.sigma_vertical_m[kept],
        sensor_info.sigma_height_m or SIGMA_HEIGHT_UNSTATED_M,
    )
    told = np.isfinite(points.height_ellipsoid_m[kept])
    told |= np.isfinite(points.altitude_amsl_m[kept]) | np.isfinite(points.altitude_baro_m[kept])
    ellipsoid = _sane(points.height_ellipsoid_m[kept])
    amsl = _sane(points.altitude_amsl_m[kept])
    baro = _sane(points.altitude_baro_m[kept])
    from_amsl = ellipsoid_from_amsl(amsl, vertical)
    from_baro = ellipsoid_from_baro(baro, vertical)
    sigma_baro = np.hypot(stated, np.hypot(SIGMA_BARO_M, BARO_TEMPERATURE_SHARE * baro))
    height = np.where(np.isnan(ellipsoid), from_amsl, ellipsoid)
    sigma = np.where(np.isnan(height), sigma_baro, stated)
    height = np.where(np.isnan(height), from_baro, height)
    lost = np.isnan(height)
    was_amsl, was_baro = lost & ~np.isnan(amsl), lost & np.isnan(amsl) & ~np.isnan(baro)
    count(rejected, "height unused: above mean sea level, undulation unknown", int(was_amsl.sum()))
    count(rejected, "height unused: barometric, QNH or undulation unknown", int(was_baro.sum()))
    none = lost & ~was_amsl & ~was_baro
    count(rejected, "height unused: absurd", int((none & told).sum()))
    count(rejected, "height unused: none told", int((none & ~told).sum()))
    return height, np.where(lost, 0.0, sigma)


def _sane(height_m: F64) -> F64:
    return np.where(np.abs(height_m) <= MAX_HEIGHT_M, height_m, np.nan)


def _sigma_horizontal(points: Points, kept: I64, sensor_info: Sensor) -> F64:
    stated = points.sigma_horizontal_m[kept]
    speed = np.nan_to_num(points.speed_m_s[kept], nan=0.0).clip(0.0, 1500.0)
    default = np.hypot(
        sensor_info.sigma_position_m or SIGMA_POSITION_UNSTATED_M, SIGMA_TIME_S * speed
    )
    return np.where((stated > 0.0) & (stated < 1e6), stated, default)


def _claimed(points: Points, kept: I64) -> I64:
    known = {"": 0}
    for i in kept:
        word = points.claims[i]
        if word not in known:
            known[word] = claim_id(points.scheme, word)
    return np.array([known[points.claims[i]] for i in kept], np.int64)


def _reports(
    points: Points, kept: I64, received: I64, sensor: int, claimed: I64
) -> tuple[Report, ...]:
    """One claim an object and minute, or whenever what it says of itself changes."""
    last: dict[str, tuple[int, str]] = {}
    reports: list[Report] = []
    for row, i in enumerate(kept.tolist()):
        who, callsign, time_ns = points.claims[i], points.callsigns[i], int(points.time_ns[i])
        minute = time_ns // 60_000_000_000
        if not who or last.get(who) == (minute, callsign):
            continue
        last[who] = (minute, callsign)
        reports.append(
            Cooperative(
                time_ns,
                int(received[i]),
                sensor,
                int(claimed[row]),
                "icao",
                who,
                callsign=callsign[:8],
                ground_speed_m_s=_optional(points.speed_m_s[i]),
                track_rad=_optional(points.track_rad[i]),
                vertical_rate_m_s=_optional(points.vertical_rate_m_s[i]),
            )
        )
    return tuple(reports)


def _optional(value: float) -> float | None:
    return None if value != value else float(value)
