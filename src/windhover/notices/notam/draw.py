"""Arcs, circles and corridors drawn out as corners on the ellipsoid.

Corners lie no farther than 5° of arc apart, so a drawn arc stays within 0.1 % of its radius.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import ceil, cos, pi, sin, sqrt, tan
from typing import Final

import numpy as np
from shapely.geometry import LineString, MultiLineString, Polygon

from windhover.geo.ellipsoid import (
    ECCENTRICITY_SQUARED,
    FLATTENING,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
)
from windhover.notices.notam.geodesic import delta_sigma, inverse, series
from windhover.schema.batches import F64
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD

STEP_RAD: Final = pi / 36
_LONGEST_RAD: Final = pi / 9
_MOST_CORNERS: Final = 60
_MOST_TANGLES: Final = 70
_EARTH_M: Final = 6_371_008.8


def circle(centre: Point, radius_m: float, corners: int = 72) -> tuple[Point, ...]:
    """The ring of a circle, clockwise from north, last corner not repeated."""
    return _points(*_reached(centre, _all_round(corners), radius_m))


def _all_round(corners: int) -> F64:
    return np.arange(corners, dtype=np.float64) * (2 * pi / corners)


def _points(latitude: F64, longitude: F64) -> tuple[Point, ...]:
    return tuple(map(Point, latitude.tolist(), longitude.tolist()))


_CORNERS: Final = 72
_AZIMUTHS: Final = _all_round(_CORNERS)
_SIN: Final = np.sin(_AZIMUTHS)
_COS: Final = np.cos(_AZIMUTHS)
_NEAR_M: Final = 19_000.0
_NEAR_RAD: Final = pi / 3


def circle_degrees(centre: Point, radius_m: float) -> list[list[float]]:
    """The same ring as longitude and latitude in degrees to 1e-7, closed, for GeoJSON.

    Up to 19 km the geodesic is a second-order series about the centre (curvatures of the meridian
    and the prime vertical there), off by less than 0.3 m; longitudes may run past 180°.
    """
    if radius_m > _NEAR_M or abs(centre.latitude_rad) > _NEAR_RAD:
        latitude, longitude = _reached(centre, _AZIMUTHS, radius_m)
        longitude = centre.longitude_rad + (longitude - centre.longitude_rad + pi) % (2 * pi) - pi
    else:
        tangent = tan(centre.latitude_rad)
        flat = 1 - ECCENTRICITY_SQUARED * sin(centre.latitude_rad) ** 2
        vertical_m = SEMI_MAJOR_M / sqrt(flat)
        meridian_m = vertical_m * (1 - ECCENTRICITY_SQUARED) / flat
        east, north = radius_m * _SIN, radius_m * _COS
        bend = tangent / (2 * meridian_m * vertical_m)
        lean = 3 * ECCENTRICITY_SQUARED * sin(2 * centre.latitude_rad) / (4 * flat * meridian_m**2)
        latitude = (
            centre.latitude_rad + north / meridian_m - east * east * bend - north * north * lean
        )
        longitude = centre.longitude_rad + east / (vertical_m * cos(centre.latitude_rad)) * (
            1 + north * tangent / vertical_m
        )
    ring: list[list[float]] = np.round(
        np.stack((longitude, latitude), axis=1) * DEG_PER_RAD, 7
    ).tolist()
    return [*ring, ring[0]]


def _reached(centre: Point, azimuth: F64, distance_m: float | F64) -> tuple[F64, F64]:
    """Vincenty's direct solution (see `geodesic.direct`) for azimuths (N,) in rad at once."""
    sin_az, cos_az = np.sin(azimuth), np.cos(azimuth)
    tan_u = (1 - FLATTENING) * tan(centre.latitude_rad)
    cos_u = 1 / sqrt(1 + tan_u**2)
    sin_u = tan_u * cos_u
    sigma1 = np.arctan2(tan_u, cos_az)
    sin_a = cos_u * sin_az
    cos2_a = 1 - sin_a**2
    a, b = series(cos2_a)
    first = distance_m / (SEMI_MINOR_M * a)
    sigma = first
    for _ in range(4):
        cos_2m = np.cos(2 * sigma1 + sigma)
        sigma = first + delta_sigma(b, np.sin(sigma), np.cos(sigma), cos_2m)
    sin_s, cos_s, cos_2m = np.sin(sigma), np.cos(sigma), np.cos(2 * sigma1 + sigma)
    across = sin_u * sin_s - cos_u * cos_s * cos_az
    latitude = np.arctan2(
        sin_u * cos_s + cos_u * sin_s * cos_az, (1 - FLATTENING) * np.hypot(sin_a, across)
    )
    lam = np.arctan2(sin_s * sin_az, cos_u * cos_s - sin_u * sin_s * cos_az)
    c = FLATTENING / 16 * cos2_a * (4 + FLATTENING * (4 - 3 * cos2_a))
    lam -= (
        (1 - c)
        * FLATTENING
        * sin_a
        * (sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1)))
    )
    return latitude, (centre.longitude_rad + lam + pi) % (2 * pi) - pi


def arc(start: Point, end: Point, centre: Point, clockwise: bool | None) -> tuple[Point, ...]:
    """Corners strictly between `start` and `end` on the arc around `centre`.

    The radius runs evenly from the start's true distance to the end's, so that rounded coordinates
    leave no step. `clockwise` None takes the shorter way round.
    """
    radius1_m, azimuth1 = _seen(centre, start)
    radius2_m, azimuth2 = _seen(centre, end)
    sweep = (azimuth2 - azimuth1) % (2 * pi)
    if clockwise is None:
        clockwise = sweep <= pi
    if not clockwise:
        sweep -= 2 * pi
    if abs(sweep) < 1e-6:
        sweep = 2 * pi if clockwise else -2 * pi
    steps = max(1, ceil(abs(sweep) / STEP_RAD))
    share = np.arange(1, steps) / steps
    return _points(
        *_reached(centre, azimuth1 + sweep * share, radius1_m + (radius2_m - radius1_m) * share)
    )


def sector(centre: Point, radius_m: float, first_deg: int, last_deg: int) -> tuple[Point, ...]:
    """The slice clockwise from one true bearing to another, its tip at the centre."""
    span = (last_deg - first_deg) % 360 or 360
    steps = max(2, ceil(span / 5))
    bearings_rad = (first_deg + span * np.arange(steps + 1) / steps) * (pi / 180)
    rim = _points(*_reached(centre, bearings_rad, radius_m))
    return rim if span == 360 else (centre, *rim)


Rings = tuple[tuple[Point, ...], tuple[tuple[Point, ...], ...]]


def subtract(
    ring: tuple[Point, ...], holes: tuple[tuple[Point, ...], ...], taken: tuple[Point, ...]
) -> list[Rings]:
    """What is left of an area without another: its parts, each with ring and holes.

    Worked in longitude and latitude told from the first corner: edges are those of a map.
    """
    first = ring[0].longitude_rad

    def flat(points: tuple[Point, ...]) -> list[tuple[float, float]]:
        return [((p.longitude_rad - first + pi) % (2 * pi) - pi, p.latitude_rad) for p in points]

    def back(coordinates: list[tuple[float, float]]) -> tuple[Point, ...]:
        return tuple(Point(y, (x + first + pi) % (2 * pi) - pi) for x, y in coordinates[:-1])

    whole = Polygon(flat(ring), [flat(hole) for hole in holes]).buffer(0)
    left = whole.difference(Polygon(flat(taken)).buffer(0))
    pieces = list(left.geoms) if hasattr(left, "geoms") else [left]
    return [
        (back(list(p.exterior.coords)), tuple(back(list(hole.coords)) for hole in p.interiors))
        for p in pieces
        if isinstance(p, Polygon) and not p.is_empty
    ]


def _seen(centre: Point, place: Point) -> tuple[float, float]:
    return inverse(
        centre.latitude_rad, centre.longitude_rad, place.latitude_rad, place.longitude_rad
    )


def _span_rad(a: Point, b: Point) -> float:
    east = abs((b.longitude_rad - a.longitude_rad + pi) % (2 * pi) - pi)
    return max(abs(b.latitude_rad - a.latitude_rad), east)


_Leg = tuple[tuple[float, float], ...]


def _tangles(legs: list[_Leg], half_width_m: float) -> int:
    """Pairs of legs that may come within twice the half-width of each other (by their boxes)."""
    boxes = [
        (
            min(x for x, _ in leg) - half_width_m,
            max(x for x, _ in leg) + half_width_m,
            min(y for _, y in leg) - half_width_m,
            max(y for _, y in leg) + half_width_m,
        )
        for leg in legs
    ]
    return sum(
        a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
        for a, b in combinations(boxes, 2)
    )


def corridor(track: tuple[Point, ...], half_width_m: float) -> tuple[Point, ...]:
    """The ring within `half_width_m` of a track, round at its ends; empty where it has no inside.

    Worked out on a local plane: good to a few parts in a thousand up to some hundred kilometres;
    a track longer than 20°, of more than 60 corners or crossing itself again and again is not drawn.
    """
    origin = track[0]
    if len(track) > _MOST_CORNERS or any(_span_rad(origin, p) > _LONGEST_RAD for p in track):
        return ()
    scale = cos(origin.latitude_rad) * _EARTH_M
    flat = [
        (
            ((p.longitude_rad - origin.longitude_rad + pi) % (2 * pi) - pi) * scale,
            (p.latitude_rad - origin.latitude_rad) * _EARTH_M,
        )
        for p in track
    ]
    # A leg flown there and back is drawn once: a line upon itself is what makes buffering slow.
    legs = {tuple(sorted(leg)): None for leg in pairwise(flat)}
    if _tangles(list(legs), half_width_m) > _MOST_TANGLES:
        return ()
    line = LineString(flat) if len(legs) == len(flat) - 1 else MultiLineString(list(legs))
    shape = line.buffer(half_width_m, quad_segs=9)
    if not isinstance(shape, Polygon) or shape.is_empty:
        return ()
    return tuple(
        Point(origin.latitude_rad + y / _EARTH_M, origin.longitude_rad + x / scale)
        for x, y in list(shape.exterior.coords)[:-1]
    )
