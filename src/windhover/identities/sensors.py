"""Evidence of sensors beside the position: radar echo, class reports, radio, and silence.

Silence counts only where a receiver that would have heard the object listens, and grows slowly to
a limit: a missing transponder is a fact about equipment, not a new observation each second.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Self

import numpy as np

from windhover.geo.frames import Frame, point_enu
from windhover.schema.batches import BOOL, CLASSES, F64, I64
from windhover.schema.place import Sensor
from windhover.timescale import EARLIEST_NS

K: Final = len(CLASSES)
# Radar cross-section by class, mean and spread in dBsm at X and S band, order of CLASSES.
# Drones −20…−10, birds −35…−20 (pigeon −26), foil balloons −20…0, latex with string −35…−20.
RCS_MEAN_DBSM: Final[F64] = np.array([6.0, -14.0, -15.0, -25.0, -10.0, -18.0, -14.0])
RCS_SPREAD_DB: Final[F64] = np.array([9.0, 6.0, 9.0, 6.0, 9.0, 11.0, 13.0])
RCS_FLUCTUATION_DB: Final = 5.6  # Swerling 1: an exponential power has this spread in dB
RCS_CORRELATED: Final = 4.0  # that many plots in a row say about as much as one
# Height above ground: share of each class (order of CLASSES) by band; between their middles the
# logarithm is interpolated, so that crossing a line changes nothing at once.
HEIGHT_MIDDLE_M: Final[F64] = np.array([10.0, 80.0, 300.0, 900.0, 2500.0])
HEIGHT_SHARE: Final[F64] = np.array(
    [
        [0.03, 0.12, 0.08, 0.20, 0.12, 0.80, 0.2],  # below 30 m
        [0.10, 0.55, 0.27, 0.40, 0.60, 0.12, 0.2],  # 30 … 150
        [0.27, 0.27, 0.33, 0.30, 0.26, 0.04, 0.2],  # 150 … 500
        [0.30, 0.05, 0.20, 0.09, 0.02, 0.02, 0.2],  # 500 … 1500
        [0.30, 0.01, 0.12, 0.01, 0.005, 0.02, 0.2],  # above
    ]
)
HEARD: Final = ("adsb", "remote_id", "control_link")
SILENCE_AFTER_S: Final = 10.0
# ln probability that the class stays silent on each of HEARD although it would be heard.
SILENT: Final[F64] = np.log(
    np.array(
        [
            [0.15, 0.995, 0.97, 1.0, 1.0, 1.0, 0.9],
            [0.98, 0.55, 1.0, 1.0, 1.0, 1.0, 0.9],
            [0.99, 0.55, 1.0, 1.0, 1.0, 1.0, 0.9],
        ]
    )
)
RADIO: Final[F64] = np.array([-3.5, 0.0, -3.5, -3.5, -3.5, -3.5, -1.5])
"""ln likelihood of a control link heard from the object's direction."""
RADIO_HOLDS_NS: Final = 60 * 10**9
DIRECTION_RAD: Final = 0.05
"""Within this angle a report's direction fits a track, beside the report's own error."""


class SensorEvidence(NamedTuple):
    """Per track, what the sensors beside position have told so far."""

    echoes: F64  # (N,) plots with a radar cross-section
    echo_sum_dbsm: F64  # (N,)
    class_report: F64  # (N, K) ln likelihood, discounted sum
    class_reports: I64  # (N, 2) by eye, ear or any other; by micro-Doppler
    radio_ns: I64  # (N,) last time a link was heard from there
    covered_s: F64  # (N, 3) how long each of HEARD would have been heard, was it sent
    heard: F64  # (N, 3) 1 where it was
    sighted: I64  # (N,) sightings by people that this track alone explains

    @classmethod
    def fresh(cls, n: int) -> Self:
        return cls(
            np.zeros(n),
            np.zeros(n),
            np.zeros((n, K)),
            np.zeros((n, 2), np.int64),
            np.full(n, EARLIEST_NS),
            np.zeros((n, 3)),
            np.zeros((n, 3)),
            np.zeros(n, np.int64),
        )


def echo_log_likelihood(count: F64, total_dbsm: F64) -> F64:
    """(N, K): mean echo of each track under each class; zero without an echo."""
    out = np.zeros((len(count), K))
    some = count > 0
    mean = total_dbsm[some] / count[some]
    variance = RCS_SPREAD_DB**2 + RCS_FLUCTUATION_DB**2 * (
        RCS_CORRELATED / (count[some, None] + RCS_CORRELATED - 1.0)
    )
    out[some] = -0.5 * (mean[:, None] - RCS_MEAN_DBSM) ** 2 / variance - 0.5 * np.log(variance)
    out[some] -= out[some].max(axis=1, keepdims=True)
    return out


def height_log_likelihood(height_ground_m: F64) -> F64:
    """(N, K): what the height above ground says; zero where it is NaN."""
    out = np.zeros((len(height_ground_m), K))
    known = np.isfinite(height_ground_m)
    place = np.log(np.clip(height_ground_m[known], HEIGHT_MIDDLE_M[0], HEIGHT_MIDDLE_M[-1]))
    for k in range(K):
        out[known, k] = np.interp(place, np.log(HEIGHT_MIDDLE_M), np.log(HEIGHT_SHARE[:, k]))
    return out


def silence_log_likelihood(evidence: SensorEvidence) -> F64:
    """(N, K): what silence says where it would have been heard."""
    counts = (evidence.covered_s >= SILENCE_AFTER_S) & (evidence.heard == 0.0)
    told: F64 = counts.astype(np.float64) @ SILENT
    return told


def in_coverage(sensor: Sensor, frame: Frame, position_enu: F64) -> BOOL:
    """(N,) whether the sensor would notice something there: range and its horizon."""
    apart = position_enu - point_enu(frame, sensor.position, sensor.height_ellipsoid_m)
    horizontal = np.hypot(apart[:, 0], apart[:, 1])
    # "Up" is that of the sector's origin: the ground d away lies d²/2R below its plane.
    up = np.nan_to_num(apart[:, 2])
    rise = up + horizontal**2 / (2.0 * 6.371e6)
    elevation = np.arctan2(rise, np.maximum(horizontal, 1.0))
    slant = np.sqrt(horizontal**2 + up**2)
    seen: BOOL = (
        (slant >= sensor.range_min_m)
        & (slant <= sensor.range_max_m)
        & (elevation >= sensor.horizon_elevation_rad)
    )
    return seen


def best_in_direction(
    sensor: Sensor,
    frame: Frame,
    position_enu: F64,
    azimuth_rad: float,
    elevation_rad: float | None,
    sigma_rad: float,
) -> int | None:
    """Row of the track that alone fits the direction; None where none or several do."""
    if len(position_enu) == 0:
        return None
    apart = position_enu - point_enu(frame, sensor.position, sensor.height_ellipsoid_m)
    turn = np.arctan2(apart[:, 0], apart[:, 1]) - azimuth_rad
    off = np.abs((turn + np.pi) % (2.0 * np.pi) - np.pi)
    if elevation_rad is not None:
        elevation = np.arctan2(apart[:, 2], np.hypot(apart[:, 0], apart[:, 1]))
        off = np.hypot(off, elevation - elevation_rad)
    gate = DIRECTION_RAD + 3.0 * sigma_rad
    fits = np.flatnonzero((off < gate) & in_coverage(sensor, frame, position_enu))
    return int(fits[0]) if len(fits) == 1 else None
