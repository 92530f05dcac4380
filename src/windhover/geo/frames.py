"""The sector's exact east-north-up frame, and a sensor's own frame inside it.

A frame is an ECEF origin and a rotation; going through ECEF keeps it exact, so that "up" at the rim
of a sector is the up of its *origin*: 150 km away the ground lies 1.8 km below the plane. Heights
above the ellipsoid are therefore always converted, never read off the third coordinate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.geo.ellipsoid import from_ecef, to_ecef
from windhover.schema.batches import F64
from windhover.schema.place import Point, Sector


class Frame(NamedTuple):
    """An east-north-up frame."""

    origin_ecef_m: F64  # (3,)
    rotation: F64  # (3, 3) rows are east, north, up in ECEF


def frame_at(latitude_rad: float, longitude_rad: float, height_ellipsoid_m: float) -> Frame:
    """The ENU frame whose origin stands there."""
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    sin_lon, cos_lon = np.sin(longitude_rad), np.cos(longitude_rad)
    rotation = np.array(
        [
            [-sin_lon, cos_lon, 0.0],
            [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        ]
    )
    origin = to_ecef(latitude_rad, longitude_rad, height_ellipsoid_m)
    return Frame(origin, rotation)


def sector_frame(sector: Sector) -> Frame:
    return frame_at(
        sector.origin.latitude_rad, sector.origin.longitude_rad, sector.origin_height_ellipsoid_m
    )


def to_enu(
    frame: Frame,
    latitude_rad: F64 | float,
    longitude_rad: F64 | float,
    height_ellipsoid_m: F64 | float,
) -> F64:
    """Geodetic (…,) → ENU (…, 3) in m."""
    return (to_ecef(latitude_rad, longitude_rad, height_ellipsoid_m) - frame.origin_ecef_m) @ (
        frame.rotation.T
    )


def from_enu(frame: Frame, enu_m: F64) -> tuple[F64, F64, F64]:
    """ENU (…, 3) in m → latitude_rad, longitude_rad, height_ellipsoid_m."""
    return from_ecef(enu_m @ frame.rotation + frame.origin_ecef_m)


def point_enu(frame: Frame, point: Point, height_ellipsoid_m: float) -> F64:
    """One place → (3,) ENU in m."""
    return to_enu(
        frame,
        point.latitude_rad,
        point.longitude_rad,
        height_ellipsoid_m,
    )


def rotation_between(inner: Frame, outer: Frame) -> F64:
    """(3, 3) that turns vectors of `inner` into vectors of `outer`."""
    return outer.rotation @ inner.rotation.T
