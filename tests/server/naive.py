"""The frame, row by row and field by field: the slow twin of `server.frames`."""

from __future__ import annotations

import math
import struct
from typing import Any

FIELDS = "IiifffffffffBBBBB"  # one letter for each column, in order


def pack(
    rows: list[tuple[Any, ...]],
    removed: list[int],
    sequence: int,
    now_ns: int,
    flags: int,
    revision: int,
) -> bytes:
    out = b"WH01"
    out += struct.pack("<IqIIII", sequence, now_ns, len(rows), flags, len(removed), revision)
    for column, letter in enumerate(FIELDS):
        for row in rows:
            out += struct.pack(f"<{letter}", row[column])
    for track_id in removed:
        out += struct.pack("<I", track_id)
    return out


def ellipse(east: float, mixed: float, north: float) -> tuple[float, float]:
    """Largest and smallest standard deviation, by looking in every direction of a fine fan."""
    found = []
    for step in range(3600):
        azimuth = math.pi * step / 3600
        s, c = math.sin(azimuth), math.cos(azimuth)
        found.append(s * s * east + 2 * s * c * mixed + c * c * north)
    return math.sqrt(max(*found, 0.0)), math.sqrt(max(min(found), 0.0))


def along(azimuth: float, east: float, mixed: float, north: float) -> float:
    """Variance in that direction."""
    s, c = math.sin(azimuth), math.cos(azimuth)
    return s * s * east + 2 * s * c * mixed + c * c * north
