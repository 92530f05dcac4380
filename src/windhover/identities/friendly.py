"""Friends on file: a plan explains a track where place, time and kind fit. It never proves."""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.geo.frames import Frame, from_enu, to_enu
from windhover.schema.batches import CLASSES, F64
from windhover.schema.cases import Friend
from windhover.schema.place import Vertical

MATCH_M: Final = 300.0
"""A plan explains a track within this distance of its area."""
MATCH_NS: Final = 120 * 10**9
"""And this long before and after its time: people start early."""
CONTRADICTS_BELOW: Final = 0.10
"""A kind this improbable is contradicted by what was seen."""


def match(
    friend: Friend,
    frame: Frame,
    vertical: Vertical,
    position_enu: F64,
    probability: F64,
    claimed_id: int,
    now_ns: int,
    ring: F64,
) -> bool:
    """Whether the plan explains a track at `position_enu` (3,) with class probabilities (K,).

    `ring` is `ring_of(friend, frame)`.
    """
    if not friend.from_ns - MATCH_NS <= now_ns <= friend.to_ns + MATCH_NS:
        return False
    if friend.claimed_id and claimed_id and friend.claimed_id != claimed_id:
        return False
    if friend.radio_silent and claimed_id and friend.claimed_id != claimed_id:
        return False
    if friend.what in CLASSES and probability[CLASSES.index(friend.what)] < CONTRADICTS_BELOW:
        return False
    if vertical.ground_altitude_amsl_m is not None and np.isfinite(position_enu[2]):
        ground_m = vertical.ground_altitude_amsl_m + (vertical.undulation_m or 0.0)
        here = _height(frame, position_enu) - ground_m
        if here > friend.upper_height_ground_m + 0.3 * MATCH_M:
            return False
    return distance_to_ring_m(ring, position_enu[:2]) <= MATCH_M


def ring_of(friend: Friend, frame: Frame) -> F64:
    """(P, 2) east, north of the plan's area in the frame."""
    enu: F64 = to_enu(
        frame,
        np.array([p.latitude_rad for p in friend.polygon]),
        np.array([p.longitude_rad for p in friend.polygon]),
        np.zeros(len(friend.polygon)),
    )
    return enu[:, :2]


def _height(frame: Frame, position_enu: F64) -> float:
    return float(from_enu(frame, position_enu)[2])


def distance_to_ring_m(ring: F64, point: F64) -> float:
    """Distance of a point (2,) from a polygon (P, 2) without repeated last point; inside = 0."""
    if len(ring) == 0:
        return np.inf
    after = np.roll(ring, -1, axis=0)
    across = (ring[:, 1] > point[1]) != (after[:, 1] > point[1])
    rise = np.where(after[:, 1] == ring[:, 1], 1.0, after[:, 1] - ring[:, 1])
    crossing = ring[:, 0] + (point[1] - ring[:, 1]) * (after[:, 0] - ring[:, 0]) / rise
    if int(np.sum(across & (point[0] < crossing))) % 2 == 1:
        return 0.0
    edge = after - ring
    length = np.maximum(np.sum(edge**2, axis=1), 1e-9)
    along = np.clip(np.sum((point - ring) * edge, axis=1) / length, 0.0, 1.0)
    return float(np.min(np.hypot(*(ring + along[:, None] * edge - point).T)))
