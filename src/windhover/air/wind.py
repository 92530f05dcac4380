"""The wind with its uncertainty, from any mix of sources.

Each source is interpolated by simple kriging (Cressie 1993, *Statistics for Spatial Data*, §3.2):
the wind component is a zero-mean Gaussian process whose correlation falls with age, distance and
difference of height, so a thousand levels of one old sounding count as one old sounding. The
sources are then pooled by precision; where they contradict one another beyond their errors the pool
is widened (Birge 1932, Phys. Rev. 40, 207), and with three or more the odd one out loses weight.
An object's own motion is never a sample of the wind it is judged by.

The correlation lengths reproduce the errors measured on pairs of soundings and peers: about 1.3 m/s
within minutes and 100 m, 2 m/s after an hour, 4.5–5 m/s after six.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from windhover.geo.frames import Frame, from_enu
from windhover.schema.batches import F64, I8, I64, Wind
from windhover.schema.place import Point, Vertical
from windhover.units import NS_PER_H

CLIMATE_SIGMA_M_S: Final = 7.0
"""Standard deviation of each wind component where nothing is known, lowest kilometres."""
CLIMATE_HEIGHT_M: Final = 8000.0
"""The deviation grows with height as 1 + height / this: jet streams change more than breezes."""
HIGHEST_M: Final = 16_000.0
CORRELATION_TIME_H: Final = 23.0
CORRELATION_LENGTH_M: Final = 1.2e6
CORRELATION_LOG_HEIGHT: Final = 14.0
"""Correlation length in ln(1 + height above ground / 100 m): shear is strong near the ground."""
LOG_HEIGHT_SCALE_M: Final = 100.0
REPRESENTATIVENESS_M_S: Final = 0.8
"""Floor of any answer: a point's wind differs from the mean over a minute and a hundred metres."""
STALE_SIGMA_M_S: Final = 4.0
"""From here on the wind is treated as unknown: the answer is then carried by shape alone."""
KEEP_H: Final = 12.0
KEEP_SAMPLES: Final = 4000
NEAREST: Final = 8
_EARTH_M: Final = 6_371_000.0

# Standard error by source where the sample does not state one (house facts, §5).
SOURCE_SIGMA_M_S: Final = (2.0, 1.2, 0.7, 2.5, 1.5, 1.0, 1.3, 0.7)


class WindField(NamedTuple):
    """What is known of the wind: the samples of the last hours, oldest first."""

    time_ns: I64  # (M,)
    latitude_rad: F64  # (M,)
    longitude_rad: F64  # (M,)
    altitude_amsl_m: F64  # (M,)
    wind_m_s: F64  # (M, 2) toward east and north
    sigma_m_s: F64  # (M,) of each component, where and when it was measured
    source: I8  # (M,) a WindSource
    generation: int  # counts additions: equal numbers, equal field

    @property
    def n(self) -> int:
        return len(self.time_ns)


def start() -> WindField:
    """Nothing is known."""
    none = np.zeros(0)
    return WindField(
        np.zeros(0, np.int64),
        none,
        none,
        none,
        np.zeros((0, 2)),
        none,
        np.zeros(0, np.int8),
        0,
    )


def add(field: WindField, samples: Wind, now_ns: int) -> WindField:
    """The field with `samples` in it and what is older than 12 h forgotten.

    Samples with a non-finite place or value are dropped; a missing error takes its source's.
    """
    if samples.n == 0:
        return field
    typical = np.asarray(SOURCE_SIGMA_M_S)[np.clip(samples.source, 0, len(SOURCE_SIGMA_M_S) - 1)]
    sigma = np.where(
        np.isfinite(samples.sigma_m_s) & (samples.sigma_m_s > 0.0), samples.sigma_m_s, typical
    )
    time = np.concatenate([field.time_ns, samples.time_ns])
    columns = (
        np.concatenate([field.latitude_rad, samples.latitude_rad]),
        np.concatenate([field.longitude_rad, samples.longitude_rad]),
        np.concatenate([field.altitude_amsl_m, samples.altitude_amsl_m]),
    )
    wind = np.concatenate([field.wind_m_s, np.stack([samples.east_m_s, samples.north_m_s], axis=1)])
    all_sigma = np.concatenate([field.sigma_m_s, sigma])
    source = np.concatenate([field.source, samples.source])
    usable = (time > now_ns - int(KEEP_H * NS_PER_H)) & np.isfinite(wind).all(axis=1)
    for column in columns:
        usable &= np.isfinite(column)
    rows = np.flatnonzero(usable)
    rows = rows[np.argsort(time[rows], kind="stable")][-KEEP_SAMPLES:]
    return WindField(
        time[rows],
        columns[0][rows],
        columns[1][rows],
        columns[2][rows],
        np.ascontiguousarray(wind[rows]),
        all_sigma[rows],
        source[rows],
        field.generation + 1,
    )


def around(samples: Wind, origin: Point, at_ns: int | None) -> Wind:
    """Of more samples than a field keeps, those nearest to a place and an instant, in their order."""
    if samples.n <= KEEP_SAMPLES:
        return samples
    north = samples.latitude_rad - origin.latitude_rad
    turn = (samples.longitude_rad - origin.longitude_rad + np.pi) % (2.0 * np.pi) - np.pi
    away = np.hypot(turn * np.cos(origin.latitude_rad), north) * (_EARTH_M / CORRELATION_LENGTH_M)
    if at_ns is not None:
        away += np.abs(samples.time_ns - at_ns) / NS_PER_H / CORRELATION_TIME_H
    rows = np.sort(np.argsort(away, kind="stable")[:KEEP_SAMPLES])
    return Wind._make(np.ascontiguousarray(column[rows]) for column in samples)


def _separation(one: F64, other: F64) -> F64:
    """Distance in correlation lengths between places (…, 4) as `_places` writes them; broadcasts."""
    north = one[..., 1] - other[..., 1]
    turn = (one[..., 2] - other[..., 2] + np.pi) % (2.0 * np.pi) - np.pi
    east = turn * np.cos(one[..., 1])
    found: F64 = (
        np.abs(one[..., 0] - other[..., 0]) / CORRELATION_TIME_H
        + np.hypot(east, north) * (_EARTH_M / CORRELATION_LENGTH_M)
        + np.abs(one[..., 3] - other[..., 3]) / CORRELATION_LOG_HEIGHT
    )
    return found


def _places(time_h: F64, latitude: F64, longitude: F64, altitude: F64, ground: float) -> F64:
    """(…, 4): hours, latitude_rad, longitude_rad, logarithmic height above ground."""
    return np.stack([time_h, latitude, longitude, _log_height(altitude, ground)], axis=-1)


def _log_height(altitude_amsl_m: F64, ground_altitude_amsl_m: float) -> F64:
    above = np.maximum(altitude_amsl_m - ground_altitude_amsl_m, 0.0)
    found: F64 = np.log1p(above / LOG_HEIGHT_SCALE_M)
    return found


def wind_at(
    field: WindField,
    frame: Frame,
    time_ns: int | I64,
    position_enu: F64,
    vertical: Vertical,
) -> tuple[F64, F64]:
    """Mean (N, 2) m/s toward east and north, and covariance (N, 2, 2) m²/s², at N places.

    `position_enu` (N, 3) in m in `frame`; a NaN height is taken as 100 m above ground. No data:
    mean 0 and the climate's variance, which is "unknown" and not "calm".
    """
    count = len(position_enu)
    climate = CLIMATE_SIGMA_M_S**2
    ground = vertical.ground_altitude_amsl_m or 0.0
    enu = position_enu.copy()
    blind = np.isnan(enu[:, 2])
    enu[blind, 2] = 0.0
    latitude, longitude, height = from_enu(frame, enu)
    altitude = np.where(blind, ground + 100.0, height - (vertical.undulation_m or 0.0))
    if count == 0 or field.n == 0:
        growth = _scale(_log_height(altitude, ground)) ** 2
        return np.zeros((count, 2)), growth[:, None, None] * np.eye(2) * climate
    times = np.broadcast_to(np.asarray(time_ns, np.int64), (count,))
    # Hours are counted from the newest sample, so that a double holds them to the microsecond.
    since = field.time_ns[-1]
    query = _places((times - since) / NS_PER_H, latitude, longitude, altitude, ground)
    sample = _places(
        (field.time_ns - since) / NS_PER_H,
        field.latitude_rad,
        field.longitude_rad,
        field.altitude_amsl_m,
        ground,
    )
    sources = np.unique(field.source)
    means = np.zeros((len(sources), count, 2))
    variances = np.zeros((len(sources), count))
    for row, source in enumerate(sources):
        of = np.flatnonzero(field.source == source)
        means[row], variances[row] = _krige(
            query, sample[of], field.wind_m_s[of], field.sigma_m_s[of]
        )
    return _pool(means, variances, climate * _scale(query[:, 3]) ** 2)


def _scale(height_log: F64) -> F64:
    """How much more the wind varies at a logarithmic height than at the ground."""
    height = np.minimum(np.expm1(height_log) * LOG_HEIGHT_SCALE_M, HIGHEST_M)
    found: F64 = 1.0 + height / CLIMATE_HEIGHT_M
    return found


def _krige(query: F64, sample: F64, wind_m_s: F64, sigma_m_s: F64) -> tuple[F64, F64]:
    """Simple kriging from the nearest samples of one source: mean (Q, 2), variance (Q,).

    Winds and their errors are divided by the climate's growth with height before, and multiplied after.
    """
    climate = CLIMATE_SIGMA_M_S**2
    scale = _scale(query[:, 3])
    of_sample = _scale(sample[:, 3])
    apart = _separation(query[:, None], sample[None])  # (Q, R)
    keep = min(NEAREST, len(sample))
    nearest = np.sort(np.argpartition(apart, keep - 1, axis=1)[:, :keep], axis=1)  # (Q, k)
    towards = climate * np.exp(-np.take_along_axis(apart, nearest, axis=1))
    near = sample[nearest]  # (Q, k, 4)
    covariance = climate * np.exp(-_separation(near[:, :, None], near[:, None]))
    diagonal = np.arange(keep)
    covariance[:, diagonal, diagonal] += (sigma_m_s / of_sample)[nearest] ** 2
    gain = np.linalg.solve(covariance, towards[:, :, None])[:, :, 0]
    mean = np.einsum("qk,qkc->qc", gain, (wind_m_s / of_sample[:, None])[nearest])
    variance = climate - np.einsum("qk,qk->q", gain, towards)
    return mean * scale[:, None], np.maximum(variance, 1e-6) * scale**2


def _pool(means: F64, variances: F64, climate: F64) -> tuple[F64, F64]:
    """Sources (S, Q, 2), (S, Q), climate's variance (Q,) → pooled mean (Q, 2) and covariance (Q, 2, 2).

    Each source already carries the climate as prior; its own information is what it adds to that.
    """
    own = np.maximum(1.0 / variances - 1.0 / climate, 1e-9)  # (S, Q)
    said = means / variances[:, :, None] / own[:, :, None]  # what the source alone measured
    weight = own.copy()
    for _ in range(3):
        total = weight.sum(axis=0)
        centre = (weight[:, :, None] * said).sum(axis=0) / total[:, None]
        if len(means) < 3:
            break
        # Student t with 4 degrees of freedom, two components: w = (ν+2)/(ν+d²)
        squared = ((said - centre) ** 2).sum(axis=2) * own
        weight = own * np.minimum(6.0 / (4.0 + squared), 1.0)
    total = weight.sum(axis=0)
    centre = (weight[:, :, None] * said).sum(axis=0) / total[:, None]
    squared = (weight * ((said - centre) ** 2).sum(axis=2)).sum(axis=0) / 2.0
    birge = np.maximum(1.0, squared / max(len(means) - 1, 1)) if len(means) > 1 else 1.0
    precision = total / birge + 1.0 / climate
    mean = (total / birge / precision)[:, None] * centre
    variance = 1.0 / precision + REPRESENTATIVENESS_M_S**2
    return mean, variance[:, None, None] * np.eye(2)
