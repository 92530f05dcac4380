"""Hot data: what flows by the thousand, as NamedTuples of C-contiguous arrays.

Every batch is checked once, where it is built (`detections/`, `feeds/`, `score/simulate`), and
trusted from there on. N is the number of rows. Angles are radians, azimuth clockwise from true
north; east, north, up always means the local frame at the place spoken of.
"""

from __future__ import annotations

from enum import IntEnum
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]
U8 = NDArray[np.uint8]
BOOL = NDArray[np.bool_]


class Kind(IntEnum):
    """What `Detections.value` holds."""

    POSITION = 0
    """latitude_rad, longitude_rad, height_ellipsoid_m (NaN where the source did not give one)"""
    GROUND_RANGE_AZIMUTH = 1
    """horizontal range in m, azimuth in rad, unused: a 2-D radar that corrects its range"""
    RANGE_AZIMUTH = 2
    """slant range in m, azimuth in rad, unused"""
    RANGE_AZIMUTH_ELEVATION = 3
    """slant range in m, azimuth in rad, elevation above the horizon in rad"""
    AZIMUTH = 4
    """azimuth in rad, unused, unused"""
    AZIMUTH_ELEVATION = 5
    """azimuth in rad, elevation in rad, unused"""


class Detections(NamedTuple):
    """N plots or position reports of any sensors."""

    time_ns: I64  # (N,) when measured, UTC
    received_ns: I64  # (N,) when it reached us, UTC
    sensor: I32  # (N,) row of the site's sensor table
    kind: I8  # (N,) a Kind
    value: F64  # (N, 3) by Kind
    covariance: (
        F64  # (N, 3, 3) m² in east, north, up for POSITION; m² and rad² in the order of value else
    )
    doppler_m_s: F64  # (N,) range rate, positive away from the sensor; NaN where absent
    rcs_dbsm: F64  # (N,) radar cross-section; NaN where absent
    claimed_id: I64  # (N,) claim_id() of what the object says it is; 0 = says nothing

    @property
    def n(self) -> int:
        return len(self.time_ns)

    @classmethod
    def empty(cls, n: int = 0) -> Detections:
        """n rows of zeros (NaN where absence is NaN), to be filled by a decoder."""
        return Detections(
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            np.zeros(n, np.int32),
            np.zeros(n, np.int8),
            np.zeros((n, 3)),
            np.zeros((n, 3, 3)),
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.zeros(n, np.int64),
        )

    def take(self, rows: I64 | BOOL | slice) -> Detections:
        """The rows asked for, contiguous again."""
        return Detections._make(np.ascontiguousarray(column[rows]) for column in self)

    @classmethod
    def concatenate(cls, batches: list[Detections]) -> Detections:
        """All rows, in the order given."""
        if not batches:
            return Detections.empty()
        return Detections._make(np.concatenate(columns) for columns in zip(*batches, strict=True))


class Wind(NamedTuple):
    """N samples of the wind, each with the error of its source."""

    time_ns: I64  # (N,) when it blew, UTC
    latitude_rad: F64  # (N,)
    longitude_rad: F64  # (N,)
    altitude_amsl_m: F64  # (N,) above mean sea level
    east_m_s: F64  # (N,) toward east
    north_m_s: F64  # (N,) toward north
    sigma_m_s: F64  # (N,) standard error of each component where and when it was measured
    source: I8  # (N,) a WindSource

    @property
    def n(self) -> int:
        return len(self.time_ns)


class WindSource(IntEnum):
    """Where a wind sample comes from; its typical error stands in `air/wind.py`."""

    UNKNOWN = 0
    METAR = 1
    SOUNDING = 2
    FORECAST = 3
    AIRCRAFT = 4
    FILE = 5
    PEER = 6
    LIDAR = 7


class TrackStatus(IntEnum):
    """How firmly a track stands. Tentative tracks are kept by the tracker and never shown."""

    TENTATIVE = 0
    CONFIRMED = 1
    COASTING = 2


class Tracks(NamedTuple):
    """One row per track that is held now, in the sector's ENU frame."""

    track_id: I64  # (N,) unique in the sector, never used twice
    time_ns: I64  # (N,) the instant that state and covariance speak of
    state_enu: F64  # (N, 6) east, north, up in m; their rates in m/s
    covariance_enu: F64  # (N, 6, 6) m², m²/s, m²/s²
    existence: F64  # (N,) probability that there is an object at all
    mode_probability: F64  # (N, 3) near-still, constant velocity, manoeuvre
    status: I8  # (N,) a TrackStatus
    born_ns: I64  # (N,) time of the first plot
    hit_ns: I64  # (N,) time of the last plot
    claimed_id: I64  # (N,) the claim most of its plots carry, 0 = none
    claim_weight: F64  # (N,) share of its cooperative association weight on that claim, 0…1
    sensors: I64  # (N,) bit s set where sensor row s (mod 63) has held it in the last 30 s

    @property
    def n(self) -> int:
        return len(self.track_id)


class Updates(NamedTuple):
    """Which plots fed which tracks in one step, with what weight. A plot is told at most once."""

    track_row: I64  # (U,) row of Tracks
    detection_row: I64  # (U,) row of the Detections that were handed in
    weight: F64  # (U,) marginal association probability
    time_ns: I64  # (U,) of the plot
    position_enu: F64  # (U, 3) the plot alone, in m (up is NaN where the sensor has no height)
    covariance_enu: F64  # (U, 3, 3) m², of the plot alone (up row and column 0 where NaN)

    @property
    def n(self) -> int:
        return len(self.track_row)

    @classmethod
    def empty(cls) -> Updates:
        """No plot fed any track."""
        return Updates(
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
            np.zeros(0),
            np.zeros(0, np.int64),
            np.zeros((0, 3)),
            np.zeros((0, 3, 3)),
        )


# The vocabulary of "what it is". There is no word for an enemy among them (design/words.md).
CLASSES: Final = ("aircraft", "drone", "balloon", "bird", "tethered", "clutter", "unknown")
MOTIONS: Final = ("with the air", "through the air", "fixed to the ground", "undetermined")
ATTRIBUTES: Final = ("cooperative", "emitting", "dark", "friend")


class Identities(NamedTuple):
    """One row per confirmed track: what it is, layered (design/words.md)."""

    track_id: I64  # (N,)
    time_ns: I64  # (N,)
    motion_log_probability: F64  # (N, 4) over MOTIONS
    log_probability: F64  # (N, 7) over CLASSES
    attributes: I8  # (N, 4) over ATTRIBUTES: 1 yes, 0 no, −1 not known
    said: I8  # (N,) row of CLASSES: the label with hysteresis
    said_motion: I8  # (N,) row of MOTIONS, with hysteresis
    decided_ns: I64  # (N,) when the present label was first held; EARLIEST_NS = not yet

    @property
    def n(self) -> int:
        return len(self.track_id)


def claim_id(scheme: str, identifier: str) -> int:
    """A stateless row number for what an object says it is: same words, same number, anywhere.

    63 bits of BLAKE2b over "scheme:identifier" (lower case), never 0. Two sectors or two runs agree
    without sharing a table. Schemes: icao, remote_id, uas_registration, callsign, cot.

    >>> claim_id("icao", "A1B2C3") == claim_id("icao", "a1b2c3") > 0
    True
    """
    words = f"{scheme}:{identifier}".strip().lower().encode()
    return (int.from_bytes(blake2b(words, digest_size=8).digest(), "big") >> 1) or 1
