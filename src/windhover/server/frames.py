"""The live frame: one packed binary message for one instant, the same bytes for every client.

The layout stands in `design/api.md`: a header of 32 bytes, the columns of `COLUMNS` one after the
other, each contiguous and little-endian, then the ids that went (`u32`). A delta carries only rows in
which anything but the age has changed; the age of a row that is not told grows with the clock.
"""

from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windhover import tracks
from windhover.geo.context import Seen
from windhover.geo.frames import from_enu
from windhover.schema.batches import BOOL, F64, U8, TrackStatus
from windhover.schema.cases import Incident
from windhover.units import NS_PER_S

MAGIC: Final = b"WH01"
HEADER: Final = struct.Struct("<4sIqIIII")
EXERCISE, DELTA, REPLAY = 1, 2, 4
CONFIRMED, COASTING, COOPERATIVE, EMITTING, DARK, FRIEND, IN_INCIDENT = 1, 2, 4, 8, 16, 32, 64
IN_GROUP = 128
U32 = NDArray[np.uint32]

COLUMNS: Final = (
    ("track_id", "<u4"),
    ("longitude_1e7_deg", "<i4"),
    ("latitude_1e7_deg", "<i4"),
    ("height_ellipsoid_m", "<f4"),
    ("height_ground_m", "<f4"),
    ("east_m_s", "<f4"),
    ("north_m_s", "<f4"),
    ("up_m_s", "<f4"),
    ("sigma_major_m", "<f4"),
    ("sigma_minor_m", "<f4"),
    ("sigma_major_azimuth_rad", "<f4"),
    ("age_s", "<f4"),
    ("said", "u1"),
    ("said_motion", "u1"),
    ("probability_255", "u1"),
    ("existence_255", "u1"),
    ("status_bits", "u1"),
)
"""Name and type of each column, in their order in the frame."""
ROW_BYTES: Final = sum(np.dtype(kind).itemsize for _, kind in COLUMNS)


class Rows(NamedTuple):
    """N tracks of one instant, in ascending order of their id; types as in `COLUMNS`."""

    track_id: U32
    longitude_1e7_deg: NDArray[np.int32]
    latitude_1e7_deg: NDArray[np.int32]
    height_ellipsoid_m: NDArray[np.float32]
    height_ground_m: NDArray[np.float32]  # NaN = unknown
    east_m_s: NDArray[np.float32]
    north_m_s: NDArray[np.float32]
    up_m_s: NDArray[np.float32]
    sigma_major_m: NDArray[np.float32]
    sigma_minor_m: NDArray[np.float32]
    sigma_major_azimuth_rad: NDArray[np.float32]  # clockwise from north, 0 … π
    age_s: NDArray[np.float32]  # since the last plot
    said: U8  # row of CLASSES
    said_motion: U8  # row of MOTIONS
    probability_255: U8  # of what is said
    existence_255: U8
    status_bits: U8

    @property
    def n(self) -> int:
        return len(self.track_id)

    def take(self, rows: NDArray[np.intp] | BOOL) -> Rows:
        """The rows asked for, contiguous again."""
        return Rows._make(np.ascontiguousarray(column[rows]) for column in self)


class Header(NamedTuple):
    """The first 32 bytes."""

    sequence: int
    now_ns: int
    n: int
    flags: int
    n_removed: int
    cold_revision: int


def nothing() -> Rows:
    """No track."""
    return Rows._make(np.zeros(0, np.dtype(kind)) for _, kind in COLUMNS)


def rows_of(seen: Seen, incidents: tuple[Incident, ...], now_ns: int) -> Rows:
    """The tracks of an instant as a frame shows them; copies, so the picture may move on."""
    held = seen.tracks
    _, _, height = from_enu(seen.ground.frame, held.state_enu[:, :3])
    major, minor, azimuth = ellipse(held.covariance_enu[:, :2, :2])
    open_ids = [t for i in incidents if i.state != "closed" for t in i.track_ids]
    status = np.where(held.status == TrackStatus.CONFIRMED, CONFIRMED, COASTING)
    for column, bit in enumerate((COOPERATIVE, EMITTING, DARK, FRIEND)):
        status = status | np.where(seen.attributes[:, column] == 1, bit, 0)
    status = status | np.where(np.isin(held.track_id, open_ids), IN_INCIDENT, 0)
    status = status | np.where(tracks.groups(held) > 0, IN_GROUP, 0)
    n = held.n
    columns: tuple[NDArray[Any], ...] = (
        held.track_id,
        np.rint(np.degrees(seen.longitude_rad) * 1e7),
        np.rint(np.degrees(seen.latitude_rad) * 1e7),
        height,
        seen.height_ground_m,
        held.state_enu[:, 3],
        held.state_enu[:, 4],
        held.state_enu[:, 5],
        major,
        minor,
        azimuth,
        (now_ns - held.hit_ns) / NS_PER_S,
        seen.said,
        seen.said_motion,
        byte_of(seen.probability[np.arange(n), seen.said]),
        byte_of(held.existence),
        status,
    )
    order = np.argsort(held.track_id, kind="stable")
    return Rows._make(
        np.ascontiguousarray(column[order].astype(np.dtype(kind)))
        for column, (_, kind) in zip(columns, COLUMNS, strict=True)
    )


def chances_of(seen: Seen) -> U8:
    """(N, 7) probability of each class × 255, rows in the order of the frame's."""
    return byte_of(seen.probability[np.argsort(seen.tracks.track_id, kind="stable")])


def ellipse(covariance: F64) -> tuple[F64, F64, F64]:
    """(N, 2, 2) m² in east, north → standard deviations along the axes in m, azimuth of the major one.

    Closed form of the eigenvalues of a symmetric 2×2 matrix; the azimuth is in [0, π) from north.
    """
    east, north, mixed = covariance[:, 0, 0], covariance[:, 1, 1], covariance[:, 0, 1]
    mean, half = 0.5 * (east + north), np.hypot(0.5 * (east - north), mixed)
    major, minor = np.sqrt(np.maximum(mean + half, 0.0)), np.sqrt(np.maximum(mean - half, 0.0))
    azimuth = 0.5 * np.arctan2(2.0 * mixed, north - east)
    return major, minor, np.where(azimuth < 0.0, azimuth + np.pi, azimuth)


def byte_of(share: F64) -> U8:
    """0 … 1 → 0 … 255."""
    return np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)


def pack(
    rows: Rows,
    removed: U32,
    *,
    sequence: int,
    now_ns: int,
    flags: int,
    cold_revision: int,
) -> bytes:
    """The bytes of a frame; `removed` only where `flags` says that it is a delta."""
    head = HEADER.pack(
        MAGIC,
        sequence & 0xFFFFFFFF,
        now_ns,
        rows.n,
        flags,
        len(removed),
        cold_revision & 0xFFFFFFFF,
    )
    return b"".join((head, *(column.tobytes() for column in rows), removed.astype("<u4").tobytes()))


def reflagged(frame: bytes, *, sequence: int, flags: int, cold_revision: int) -> bytes:
    """The same frame under another number: what a replay sends of what was live."""
    _, _, now_ns, n, _, n_removed, _ = HEADER.unpack_from(frame)
    head = HEADER.pack(
        MAGIC, sequence & 0xFFFFFFFF, now_ns, n, flags, n_removed, cold_revision & 0xFFFFFFFF
    )
    return head + frame[HEADER.size :]


def unpack(frame: bytes) -> tuple[Header, Rows, U32]:
    """A frame's header, rows and removed ids. Raises `ValueError` where it is none."""
    if len(frame) < HEADER.size:
        raise ValueError("too short for a frame")
    magic, sequence, now_ns, n, flags, n_removed, revision = HEADER.unpack_from(frame)
    if magic != MAGIC or len(frame) != HEADER.size + n * ROW_BYTES + 4 * n_removed:
        raise ValueError("not a frame of this version")
    at, columns = HEADER.size, []
    for _, kind in COLUMNS:
        columns.append(np.frombuffer(frame, np.dtype(kind), n, at))
        at += n * np.dtype(kind).itemsize
    removed = np.frombuffer(frame, "<u4", n_removed, at)
    return Header(sequence, now_ns, n, flags, n_removed, revision), Rows._make(columns), removed


def difference(before: Rows, now: Rows) -> tuple[Rows, U32]:
    """The rows that came or changed in anything but their age, and the ids that went."""
    place = np.searchsorted(before.track_id, now.track_id)
    known = place < before.n
    known[known] = before.track_id[place[known]] == now.track_id[known]
    same = known.copy()
    old = place[known]
    equal = np.ones(len(old), np.bool_)
    columns: Any = zip(Rows._fields, before, now, strict=True)
    for name, was, column in columns:
        if name != "age_s":
            # Bits, not numbers: an unknown height equals itself, and so does a plot's age reset below.
            equal &= _bits(was[old]) == _bits(column[known])
    # A plot that moved nothing still makes the age small: that must be told.
    equal &= now.age_s[known] >= before.age_s[old]
    same[known] = equal
    return now.take(~same), before.track_id[~np.isin(before.track_id, now.track_id)]


def patched(before: Rows, changed: Rows, removed: U32, elapsed_s: float) -> Rows:
    """What a client holds after a delta: the inverse of `difference`, ages moved on."""
    kept = before.take(~np.isin(before.track_id, np.concatenate([removed, changed.track_id])))
    kept = kept._replace(age_s=(kept.age_s + np.float32(elapsed_s)).astype(np.float32))
    pairs: Any = zip(kept, changed, strict=True)
    together = Rows._make(np.concatenate(pair) for pair in pairs)
    return together.take(np.argsort(together.track_id, kind="stable"))


def _bits(column: NDArray[np.generic]) -> NDArray[np.generic]:
    return column.view(f"u{column.dtype.itemsize}")
