"""Pieces of airspace: rings on the ground, height bands, instants.

Rings are worked on in a *ground plane*: east and north, in the exact ENU frame of some origin, of
the places' feet on the ellipsoid (height zero). An object's height therefore never shifts its foot,
which reading east and north off a 3-D ENU state would do (78 m at 5 km height and 100 km away).
Within 150 km of the origin a length in the plane is short by at most 0.03 %.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin, sqrt

import numpy as np
import shapely

from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from windhover.geo.frames import Frame, frame_at, from_enu, to_enu
from windhover.schema.batches import BOOL, F64
from windhover.schema.cases import Volume
from windhover.schema.place import Point

RING_POINTS = 72


def plane_of(frame: Frame, latitude_rad: F64 | float, longitude_rad: F64 | float) -> F64:
    """(…,) places → (…, 2) east, north in m of their feet on the ellipsoid."""
    return np.ascontiguousarray(to_enu(frame, latitude_rad, longitude_rad, 0.0)[..., :2])


def from_plane(frame: Frame, plane_m: F64) -> tuple[F64, F64]:
    """(…, 2) east, north of places on the ellipsoid → latitude_rad, longitude_rad.

    Three steps toward height zero: each shrinks the remaining height by the tilt between the two
    verticals, so that within 300 km less than a millimetre is left.
    """
    up_m = np.zeros(plane_m.shape[:-1])
    for _ in range(4):
        enu_m = np.concatenate([plane_m, up_m[..., None]], axis=-1)
        latitude_rad, longitude_rad, height_m = from_enu(frame, enu_m)
        up_m = up_m - height_m
    return latitude_rad, longitude_rad


def points_of(ring: tuple[Point, ...]) -> tuple[F64, F64]:
    """A ring → latitude_rad (M,), longitude_rad (M,)."""
    return (
        np.array([p.latitude_rad for p in ring], np.float64),
        np.array([p.longitude_rad for p in ring], np.float64),
    )


def ring_plane(frame: Frame, ring: tuple[Point, ...]) -> F64:
    """A ring or line of places → (M, 2) in the frame's ground plane."""
    return plane_of(frame, *points_of(ring))


def ring_of(frame: Frame, plane_m: F64) -> tuple[Point, ...]:
    """(M, 2) in the frame's ground plane → places; a repeated last point is dropped."""
    if len(plane_m) > 1 and np.array_equal(plane_m[0], plane_m[-1]):
        plane_m = plane_m[:-1]
    latitude, longitude = from_plane(frame, plane_m)
    return tuple(
        Point(float(a), float(b)) for a, b in zip(latitude.flat, longitude.flat, strict=True)
    )


def gauss_radius_m(latitude_rad: float) -> float:
    """Radius of the sphere that fits the ellipsoid best there: √(M·N) (Torge, Geodesy, §4.1)."""
    w2 = 1.0 - ECCENTRICITY_SQUARED * sin(latitude_rad) ** 2
    return SEMI_MAJOR_M * sqrt(1.0 - ECCENTRICITY_SQUARED) / w2


def circle(centre: Point, radius_m: float, points: int = RING_POINTS) -> tuple[Point, ...]:
    """A ring that goes *round* the circle of that ground radius: nothing inside is cut off.

    The ring circumscribes the circle (with 72 points its corners lie 0.1 % outside). Clockwise from
    north. Right to 10⁻⁵ of the radius up to 50 km, against geodesics on the ellipsoid.
    """
    sphere_m = gauss_radius_m(centre.latitude_rad)
    angle = radius_m / cos(pi / points) / sphere_m
    azimuth = np.linspace(0.0, 2.0 * pi, points, endpoint=False)
    frame = frame_at(centre.latitude_rad, centre.longitude_rad, 0.0)
    reach = sphere_m * sin(angle)
    return ring_of(frame, np.stack([reach * np.sin(azimuth), reach * np.cos(azimuth)], axis=-1))


def centroid(ring: tuple[Point, ...]) -> Point:
    """The mean of a ring's corners: an origin near enough for a local frame, not a centre of area."""
    latitude, longitude = points_of(ring)
    turned = longitude - longitude[0]
    turned = (turned + pi) % (2.0 * pi) - pi  # a ring across the date line stays in one piece
    return Point(float(latitude.mean()), float(longitude[0] + turned.mean()))


def frame_of(ring: tuple[Point, ...]) -> Frame:
    """The ground-plane frame at the middle of a ring."""
    middle = centroid(ring)
    return frame_at(middle.latitude_rad, middle.longitude_rad, 0.0)


def area_m2(ring: tuple[Point, ...]) -> float:
    """Area on the ellipsoid of a simple ring, by the shoelace in the plane at its middle.

    Right to 10⁻⁵ for rings up to 20 km across, 3·10⁻⁴ up to 150 km.
    """
    x, y = ring_plane(frame_of(ring), ring).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def polygon_in(frame: Frame, ring: tuple[Point, ...]) -> shapely.Polygon:
    """The ring as a shapely polygon in the frame's ground plane, made valid if it crosses itself."""
    polygon = shapely.Polygon(ring_plane(frame, ring))
    return polygon if polygon.is_valid else polygon.buffer(0.0)


@lru_cache(maxsize=1024)
def _prepared(ring: tuple[Point, ...]) -> tuple[Frame, shapely.Polygon]:
    """A ring's own frame and polygon: the same rings are asked about every second."""
    frame = frame_of(ring)
    return frame, polygon_in(frame, ring)


def contains(ring: tuple[Point, ...], latitude_rad: F64, longitude_rad: F64) -> BOOL:
    """Which of (N,) places lie inside or on the ring, margin nil. → (N,) bool.

    Places farther than 1,000 km from the ring's middle are outside, whatever the plane shows: it
    folds the far hemisphere onto the near one.
    """
    frame, polygon = _prepared(ring)
    enu = to_enu(frame, latitude_rad, longitude_rad, 0.0)
    inside = shapely.intersects_xy(polygon, enu[..., 0], enu[..., 1])
    near = (enu**2).sum(axis=-1) < 1.0e12
    return np.asarray(inside & near, np.bool_)


def distance_m(ring: tuple[Point, ...], latitude_rad: F64, longitude_rad: F64) -> F64:
    """How far (N,) places are from a ring's area, 0 inside. → (N,) m."""
    frame, polygon = _prepared(ring)
    plane_m = plane_of(frame, latitude_rad, longitude_rad)
    return np.asarray(shapely.distance(polygon, shapely.points(plane_m)), np.float64)


def hull(plane_m: F64, margin_m: float) -> F64:
    """(N, 2) places → (M, 2) ring: their convex hull with at least the margin all round.

    One place gives a circle, two a capsule. It is the sum (Minkowski's) of the hull and a polygon of
    64 sides drawn round the margin's circle: nowhere narrower than the margin, 0.12 % wider at most.
    """
    angle = np.linspace(0.0, 2.0 * pi, 64, endpoint=False)
    disc = margin_m / cos(pi / 64) * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    spread = (plane_m[:, None, :] + disc[None, :, :]).reshape(-1, 2)
    ring = shapely.get_coordinates(shapely.MultiPoint(spread).convex_hull)
    return np.ascontiguousarray(ring[:-1])


def capsule(start_plane_m: F64, end_plane_m: F64, margin_m: float) -> F64:
    """Everything within the margin of a straight way. (2,), (2,) → (M, 2) ring."""
    return hull(np.stack([start_plane_m, end_plane_m]), margin_m)


def smallest_circle(plane_m: F64) -> tuple[F64, float]:
    """Centre (2,) and radius in m of the smallest circle round (N, 2) places."""
    ring = shapely.MultiPoint(plane_m)
    radius_m = float(shapely.minimum_bounding_radius(ring))
    centre = shapely.get_coordinates(shapely.minimum_bounding_circle(ring).centroid)[0]
    # The circle comes back as a polygon: its centroid is the centre, its radius is taken exactly.
    reach = float(np.hypot(*(plane_m - centre).T).max())
    return centre, max(radius_m, reach)


def circle_volume(
    centre: Point,
    radius_m: float,
    upper_altitude_amsl_m: float,
    lower_altitude_amsl_m: float | None = None,
) -> Volume:
    """A cylinder. `area_m2` is that of the circle itself, its ring goes just round it."""
    sphere_m = gauss_radius_m(centre.latitude_rad)
    cap_m2 = 2.0 * pi * sphere_m**2 * (1.0 - cos(radius_m / sphere_m))
    return Volume(
        polygon=circle(centre, radius_m),
        upper_altitude_amsl_m=upper_altitude_amsl_m,
        lower_altitude_amsl_m=lower_altitude_amsl_m,
        centre=centre,
        radius_m=radius_m,
        area_m2=cap_m2,
    )


def polygon_volume(
    ring: tuple[Point, ...],
    upper_altitude_amsl_m: float,
    lower_altitude_amsl_m: float | None = None,
) -> Volume:
    """A prism over a ring."""
    return Volume(
        polygon=ring,
        upper_altitude_amsl_m=upper_altitude_amsl_m,
        lower_altitude_amsl_m=lower_altitude_amsl_m,
        area_m2=area_m2(ring),
    )


def in_volume(volume: Volume, latitude_rad: F64, longitude_rad: F64, altitude_amsl_m: F64) -> BOOL:
    """Which of (N,) places lie in the volume; an unknown altitude (NaN) counts as inside its band."""
    floor_m = -np.inf if volume.lower_altitude_amsl_m is None else volume.lower_altitude_amsl_m
    outside_band = (altitude_amsl_m < floor_m) | (altitude_amsl_m > volume.upper_altitude_amsl_m)
    return contains(volume.polygon, latitude_rad, longitude_rad) & ~outside_band


def overlap_4d(
    one: Volume, one_ns: tuple[int, int], other: Volume, other_ns: tuple[int, int]
) -> bool:
    """Whether two volumes meet in area, height band and time; touching counts."""
    if one_ns[1] < other_ns[0] or other_ns[1] < one_ns[0]:
        return False
    low = [
        -np.inf if v.lower_altitude_amsl_m is None else v.lower_altitude_amsl_m
        for v in (one, other)
    ]
    if one.upper_altitude_amsl_m < low[1] or other.upper_altitude_amsl_m < low[0]:
        return False
    frame = frame_of(one.polygon)
    return bool(
        shapely.intersects(polygon_in(frame, one.polygon), polygon_in(frame, other.polygon))
    )
