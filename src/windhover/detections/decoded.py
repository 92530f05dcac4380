"""What every decoder hands back, and the checks that all of them share.

A decoder is a pure function `decode(payload, received_ns, sensor, sensor_info, vertical) -> Decoded`.
It never raises on bad bytes: what it cannot use is counted in `rejected` under a plain reason.
Reasons that start with "height unused" do not drop the row, only its height (NaN).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np

from windhover.schema.batches import BOOL, F64, I64, Detections, Kind, Wind
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Report
from windhover.timescale import PLAUSIBLE_FROM_NS, PLAUSIBLE_TO_NS
from windhover.units import NS_PER_S

FUTURE_NS: Final = 10 * NS_PER_S
"""A measurement later than its reception by more than this is a clock error of the source."""

MAX_REJECT_REASONS: Final = 200


class Decoded(NamedTuple):
    """What some bytes said."""

    detections: Detections
    reports: tuple[Report, ...]
    wind: Wind | None
    rejected: dict[str, int]  # reason → how many


Decoder = Callable[[bytes, int, int, Sensor, Vertical], Decoded]


def empty_wind(n: int = 0) -> Wind:
    """n wind samples of zeros, to be filled."""
    return Wind(
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n, np.int8),
    )


def join_wind(samples: Iterable[Wind | None]) -> Wind | None:
    """All samples in the order given; None where there are none."""
    there = [s for s in samples if s is not None and s.n]
    if not there:
        return None
    return Wind._make(np.concatenate(columns) for columns in zip(*there, strict=True))


def nothing(reason: str = "", count: int = 1) -> Decoded:
    """No rows, and why."""
    return Decoded(Detections.empty(), (), None, {reason: count} if reason else {})


def join(parts: Iterable[Decoded]) -> Decoded:
    """Several results as one, rows in the order given."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    rejected: Counter[str] = Counter()
    for part in parts:
        rejected.update(part.rejected)
    return Decoded(
        Detections.concatenate([part.detections for part in parts if part.detections.n]),
        tuple(report for part in parts for report in part.reports),
        join_wind(part.wind for part in parts),
        dict(rejected),
    )


def time_fault(time_ns: int, received_ns: int) -> str:
    """Why an instant cannot be meant, or '' where it can."""
    if not PLAUSIBLE_FROM_NS <= time_ns < PLAUSIBLE_TO_NS:
        return "absurd time"
    if time_ns > received_ns + FUTURE_NS:
        return "time in the future"
    return ""


def seconds_to_ns(seconds: float) -> int | None:
    """POSIX seconds → ns to the microsecond, or None where no instant of 1990…2100 is meant."""
    if not 631_152_000.0 <= seconds < 4_102_444_800.0:  # also refuses NaN
        return None
    return round(seconds * 1e6) * 1000


def plausible_times(time_ns: I64, received_ns: I64 | int, rejected: Counter[str]) -> BOOL:
    """(N,) which rows carry a usable time; the others are counted."""
    sane = (time_ns >= PLAUSIBLE_FROM_NS) & (time_ns < PLAUSIBLE_TO_NS)
    future = sane & (time_ns > received_ns + FUTURE_NS)
    count(rejected, "absurd time", int((~sane).sum()))
    count(rejected, "time in the future", int(future.sum()))
    return np.asarray(sane & ~future)


def count(rejected: Counter[str], reason: str, n: int = 1) -> None:
    """Count n rejections; a hostile source cannot grow the table of reasons without bound."""
    if n:
        key = reason if reason in rejected or len(rejected) < MAX_REJECT_REASONS else "other"
        rejected[key] += n


def position_fault(latitude_deg: float, longitude_deg: float) -> str:
    """Why a position cannot be meant, or ''. Exactly 0, 0 is what receivers write for "no fix"."""
    if not (-90.0 <= latitude_deg <= 90.0 and -180.0 <= longitude_deg <= 360.0):
        return "absurd position"
    if latitude_deg == 0.0 and longitude_deg == 0.0:
        return "no position"
    return ""


def position_covariance(sigma_horizontal_m: F64, sigma_height_m: F64, height_m: F64) -> F64:
    """(N,) sigmas → (N, 3, 3) m², east, north, up. Up row and column are 0 where height is NaN."""
    covariance = np.zeros((len(sigma_horizontal_m), 3, 3))
    covariance[:, 0, 0] = covariance[:, 1, 1] = sigma_horizontal_m**2
    covariance[:, 2, 2] = np.where(np.isnan(height_m), 0.0, sigma_height_m**2)
    return covariance


def positions(
    time_ns: I64,
    received_ns: I64,
    sensor: int,
    latitude_rad: F64,
    longitude_rad: F64,
    height_ellipsoid_m: F64,
    sigma_horizontal_m: F64,
    sigma_height_m: F64,
    claimed_id: I64,
) -> Detections:
    """(N,) columns → a batch of POSITION rows. Longitudes are wrapped to −π…π."""
    n = len(time_ns)
    rows = Detections.empty(n)
    rows.value[:, 0] = latitude_rad
    rows.value[:, 1] = (longitude_rad + np.pi) % (2 * np.pi) - np.pi
    rows.value[:, 2] = height_ellipsoid_m
    return rows._replace(
        time_ns=np.ascontiguousarray(time_ns, np.int64),
        received_ns=np.ascontiguousarray(received_ns, np.int64),
        sensor=np.full(n, sensor, np.int32),
        kind=np.full(n, Kind.POSITION, np.int8),
        covariance=position_covariance(sigma_horizontal_m, sigma_height_m, height_ellipsoid_m),
        claimed_id=np.ascontiguousarray(claimed_id, np.int64),
    )
