"""The archive's tables: batches of the picture as Arrow columns, and back.

Every row carries `seq`, the journal entry at which it was true. Positions carry `cell`, a square of
0.02° by which a border or a zone is joined without geometry: see `cell_of`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from windhover.geo.frames import Frame, frame_at, from_enu
from windhover.schema.batches import (
    ATTRIBUTES,
    CLASSES,
    F64,
    I8,
    I64,
    MOTIONS,
    Detections,
    Identities,
    Kind,
    Tracks,
)
from windhover.schema.place import Sensor
from windhover.units import DEG_PER_RAD

CELLS_PER_DEG: Final = 50
_CELLS_AROUND: Final = 360 * CELLS_PER_DEG
NO_CELL: Final = -1
_UPPER: Final = np.triu_indices(6)


class RawFrame(NamedTuple):
    """One frame as a feed delivered it, kept unread as evidence."""

    feed: str
    received_ns: int  # UTC
    data: bytes


def cell_of(latitude_rad: F64, longitude_rad: F64) -> I64:
    """(N,) number of the 0.02° square a place lies in; −1 where the place is not known.

    floor((latitude + 90°)·50)·18000 + floor((longitude + 180°)·50): about 2.2 km from south to
    north. Plain arithmetic, so that DuckDB and Spark get the same number.
    """
    known = np.isfinite(latitude_rad) & np.isfinite(longitude_rad)
    north = np.where(known, latitude_rad, 0.0) * DEG_PER_RAD + 90.0
    east = (np.where(known, longitude_rad, 0.0) * DEG_PER_RAD + 180.0) % 360.0
    row = np.floor(np.clip(north, 0.0, 180.0) * CELLS_PER_DEG).astype(np.int64)
    column = np.floor(east * CELLS_PER_DEG).astype(np.int64) % _CELLS_AROUND
    return np.where(known, row * _CELLS_AROUND + column, NO_CELL)


def places(batch: Detections, sensors: tuple[Sensor, ...]) -> tuple[F64, F64]:
    """(N,) latitude_rad, longitude_rad of each row, for finding it again; NaN for a mere bearing.

    A range without elevation is laid along the horizon: right to a few per cent of the height, which
    a cell of 2 km does not notice. Measuring is the tracker's work and not this function's.
    """
    latitude, longitude = np.full(batch.n, np.nan), np.full(batch.n, np.nan)
    direct = batch.kind == Kind.POSITION
    latitude[direct], longitude[direct] = batch.value[direct, 0], batch.value[direct, 1]
    ranged = np.isin(
        batch.kind, (Kind.GROUND_RANGE_AZIMUTH, Kind.RANGE_AZIMUTH, Kind.RANGE_AZIMUTH_ELEVATION)
    )
    for row in np.unique(batch.sensor[ranged]):
        if not 0 <= row < len(sensors):
            continue
        sensor = sensors[row]
        of = ranged & (batch.sensor == row)
        distance, azimuth = batch.value[of, 0], batch.value[of, 1]
        elevation = np.where(
            batch.kind[of] == Kind.RANGE_AZIMUTH_ELEVATION, batch.value[of, 2], 0.0
        )
        flat = distance * np.cos(elevation)
        enu = np.stack(
            [flat * np.sin(azimuth), flat * np.cos(azimuth), distance * np.sin(elevation)], axis=1
        )
        frame = frame_at(
            sensor.position.latitude_rad, sensor.position.longitude_rad, sensor.height_ellipsoid_m
        )
        latitude[of], longitude[of], _ = from_enu(frame, enu)
    return latitude, longitude


def detections_table(batch: Detections, seq: I64, sensors: tuple[Sensor, ...]) -> pa.Table:
    """All columns of `Detections` exactly, beside `seq`, place and cell."""
    latitude, longitude = places(batch, sensors)
    return pa.table(
        {
            "seq": seq,
            "time_ns": batch.time_ns,
            "received_ns": batch.received_ns,
            "sensor": batch.sensor,
            "kind": batch.kind,
            "value_0": batch.value[:, 0].copy(),
            "value_1": batch.value[:, 1].copy(),
            "value_2": batch.value[:, 2].copy(),
            "covariance": _rows(batch.covariance.reshape(batch.n, 9), pa.float64()),
            "doppler_m_s": batch.doppler_m_s,
            "rcs_dbsm": batch.rcs_dbsm,
            "claimed_id": batch.claimed_id,
            "latitude_rad": latitude,
            "longitude_rad": longitude,
            "cell": cell_of(latitude, longitude),
        }
    )


def to_detections(table: pa.Table) -> Detections:
    """The rows of a detections table as a batch, bit for bit."""
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    plain = {name: column[name].to_numpy(zero_copy_only=False) for name in column}
    covariance = column["covariance"].flatten().to_numpy(zero_copy_only=False)
    return Detections(
        time_ns=np.array(plain["time_ns"], np.int64),
        received_ns=np.array(plain["received_ns"], np.int64),
        sensor=np.array(plain["sensor"], np.int32),
        kind=np.array(plain["kind"], np.int8),
        value=np.stack([plain[f"value_{axis}"] for axis in range(3)], axis=1),
        covariance=np.array(covariance, np.float64).reshape(-1, 3, 3),
        doppler_m_s=np.array(plain["doppler_m_s"], np.float64),
        rcs_dbsm=np.array(plain["rcs_dbsm"], np.float64),
        claimed_id=np.array(plain["claimed_id"], np.int64),
    )


class ThinnedTracks(NamedTuple):
    """Tracks as the archive keeps them: in half the memory while they wait for their partition."""

    track_id: I64
    time_ns: I64
    state_enu: F64
    covariance_upper: NDArray[
        np.float32
    ]  # (N, 21) the upper triangle of `Tracks.covariance_enu`, row by row
    existence: F64
    mode_probability: F64
    status: I8
    born_ns: I64
    hit_ns: I64
    claimed_id: I64
    claim_weight: F64
    sensors: I64

    @property
    def n(self) -> int:
        return len(self.track_id)


def thinned(batch: Tracks) -> ThinnedTracks:
    """Whatever the archive keeps of a batch."""
    upper = batch.covariance_enu[:, _UPPER[0], _UPPER[1]]
    kept = batch._asdict() | {"covariance_upper": upper.astype(np.float32)}
    return ThinnedTracks(**{name: kept[name] for name in ThinnedTracks._fields})


def tracks_table(batch: ThinnedTracks, seq: I64, frame: Frame | None) -> pa.Table:
    """Thinned tracks as a person asks for them: place and height beside the sector's own state.

    `covariance_enu` is the upper triangle, row by row, in single precision: who needs the last bit
    replays the journal.
    """
    nowhere = np.full(batch.n, np.nan)
    latitude, longitude, height = (
        from_enu(frame, batch.state_enu[:, :3]) if frame else (nowhere, nowhere, nowhere)
    )
    names = ("east_m", "north_m", "up_m", "east_m_s", "north_m_s", "up_m_s")
    return pa.table(
        {
            "seq": seq,
            "track_id": batch.track_id,
            "time_ns": batch.time_ns,
            "latitude_rad": latitude,
            "longitude_rad": longitude,
            "height_ellipsoid_m": height,
            **{name: batch.state_enu[:, axis].copy() for axis, name in enumerate(names)},
            "covariance_enu": _rows(batch.covariance_upper, pa.float32()),
            "existence": batch.existence,
            "mode_probability": _rows(batch.mode_probability, pa.float32()),
            "status": batch.status,
            "born_ns": batch.born_ns,
            "hit_ns": batch.hit_ns,
            "claimed_id": batch.claimed_id,
            "claim_weight": batch.claim_weight,
            "sensors": batch.sensors,
            "cell": cell_of(latitude, longitude),
        }
    )


def identities_table(batch: Identities, seq: I64) -> pa.Table:
    """What each track was said to be, with a probability per class and motion."""
    chance, motion = np.exp(batch.log_probability), np.exp(batch.motion_log_probability)
    return pa.table(
        {
            "seq": seq,
            "track_id": batch.track_id,
            "time_ns": batch.time_ns,
            "said": pa.array([CLASSES[row] for row in batch.said], pa.string()),
            "said_motion": pa.array([MOTIONS[row] for row in batch.said_motion], pa.string()),
            **{f"probability_{name}": chance[:, k].copy() for k, name in enumerate(CLASSES)},
            **{
                f"probability_{name.replace(' ', '_')}": motion[:, k].copy()
                for k, name in enumerate(MOTIONS)
            },
            **{name: batch.attributes[:, k].copy() for k, name in enumerate(ATTRIBUTES)},
            "decided_ns": batch.decided_ns,
        }
    )


def frames_table(frames: list[RawFrame], seq: I64) -> pa.Table:
    """Raw frames, byte for byte."""
    return pa.table(
        {
            "seq": seq,
            "feed": pa.array([frame.feed for frame in frames], pa.string()),
            "received_ns": pa.array([frame.received_ns for frame in frames], pa.int64()),
            "data": pa.array([frame.data for frame in frames], pa.binary()),
        }
    )


def _rows(values: Any, of: Any) -> Any:
    """(N, W) as one fixed-size list of type `of` per row."""
    flat = np.ascontiguousarray(values, dtype=of.to_pandas_dtype()).reshape(-1)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), values.shape[1])
