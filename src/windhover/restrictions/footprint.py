"""Where the hazard may be within the time: a drone's reach, a balloon's drift, an area as declared.

A drone turns as it likes, so that its reach is a disc; a balloon goes where the wind goes, so that
its place is a cone along its drift, opening with what the wind may do meanwhile.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely

from windhover.geo.context import Seen
from windhover.geo.volumes import (
    circle_volume,
    from_plane,
    hull,
    polygon_volume,
    ring_of,
    smallest_circle,
)
from windhover.schema.batches import F64
from windhover.schema.cases import Volume, Words
from windhover.schema.place import Point, Site
from windhover.units import M_PER_FT

DRONE_LOOK_AHEAD_S: Final = 180.0
"""A drone's reach is drawn for three minutes: two until every party is told (the service goal) and
one to read it. It is drawn anew while the object is followed."""
DRONE_SPEED_FROM_M_S: Final = 10.0
DRONE_SPEED_TO_M_S: Final = 25.0
"""Small drones fly up to 25 m/s; a faster estimate is an error of the track."""
DRIFT_SIGMA_M_S: Final = 1.5
"""What the wind may change on the way, each component (peer drifters within 15 min: 1.7; FACTS §5)."""
DRONE_ABOVE_M: Final = 60.0
BALLOON_ABOVE_M: Final = 300.0
LEAST_TOP_GROUND_M: Final = 400.0 * M_PER_FT
UNKNOWN_TOP_GROUND_M: Final = 3000.0 * M_PER_FT
UNKNOWN_TOP_AMSL_M: Final = 17_999.0 * M_PER_FT
STEP_UP_M: Final = 100.0 * M_PER_FT

HEIGHT_NOT_KNOWN = Words(
    "The object's altitude is not known: the band is drawn high enough to hold it.",
    "Se desconoce la altitud del objeto: la banda se traza con altura suficiente para contenerlo.",
)
GROUND_NOT_KNOWN = Words(
    "The ground's altitude here is not known to the system: the band starts at the surface and is drawn high.",
    "El sistema desconoce la elevación del terreno: la banda inicia en la superficie y se traza alta.",
)


class Band(NamedTuple):
    """A height band and what must be said about it."""

    lower_altitude_amsl_m: float | None
    upper_altitude_amsl_m: float
    caveat: Words | None


def reach(seen: Seen, rows: list[int], margin_m: float) -> Volume:
    """The smallest circle round every place the drones may be at within the look-ahead."""
    discs = []
    for row in rows:
        speed = float(np.hypot(*seen.velocity_m_s[row, :2]))
        speed = min(max(speed, DRONE_SPEED_FROM_M_S), DRONE_SPEED_TO_M_S)
        sigma = position_sigma_m(seen, row)
        discs.append(
            hull(seen.plane_m[row : row + 1], speed * DRONE_LOOK_AHEAD_S + 2.0 * sigma + margin_m)
        )
    if len(rows) == 1:
        centre = seen.plane_m[rows[0]]
        radius_m = speed * DRONE_LOOK_AHEAD_S + 2.0 * sigma + margin_m
    else:
        centre, radius_m = smallest_circle(np.concatenate(discs))
    latitude, longitude = from_plane(seen.ground.frame, centre[None, :])
    band = band_of(seen, rows, DRONE_LOOK_AHEAD_S, drifting=False)
    return circle_volume(
        Point(float(latitude[0]), float(longitude[0])),
        radius_m,
        band.upper_altitude_amsl_m,
        band.lower_altitude_amsl_m,
    )


def drift(seen: Seen, rows: list[int], seconds: float, margin_m: float) -> Volume:
    """The cone in which balloons drift during the time: two standard errors wide, and the margin."""
    rings = []
    for row in rows:
        sigma_m = position_sigma_m(seen, row)
        sigma_m_s = np.hypot(velocity_sigma_m_s(seen, row), DRIFT_SIGMA_M_S)
        for t in np.linspace(0.0, seconds, 7).tolist():
            place = seen.plane_m[row] + seen.velocity_m_s[row, :2] * t
            wide = margin_m + 2.0 * float(np.hypot(sigma_m, sigma_m_s * t))
            rings.append(hull(place[None, :], wide))
    # Few corners, since the cone must be read out: widened by as much as thinning may take away.
    around = hull(np.concatenate(rings), 0.1 * margin_m)
    ring = ring_of(seen.ground.frame, thinned(around, 0.1 * margin_m))
    band = band_of(seen, rows, seconds, drifting=True)
    return polygon_volume(ring, band.upper_altitude_amsl_m, band.lower_altitude_amsl_m)


def drifted(seen: Seen, row: int, seconds: float) -> tuple[Point, float]:
    """Where a drifting object is expected so much later, and the radius in m of its two standard errors."""
    sigma_m_s = np.hypot(velocity_sigma_m_s(seen, row), DRIFT_SIGMA_M_S)
    place = seen.plane_m[row] + seen.velocity_m_s[row, :2] * seconds
    latitude, longitude = from_plane(seen.ground.frame, place[None, :])
    radius_m = 2.0 * float(np.hypot(position_sigma_m(seen, row), sigma_m_s * seconds))
    return Point(float(latitude[0]), float(longitude[0])), radius_m


def thinned(ring_m: F64, tolerance_m: float) -> F64:
    """A ring (M, 2) with fewer corners, nowhere farther than the tolerance from the old one."""
    polygon = shapely.Polygon(ring_m).simplify(tolerance_m)
    return np.ascontiguousarray(shapely.get_coordinates(polygon.exterior)[:-1])


def position_sigma_m(seen: Seen, row: int) -> float:
    """Largest horizontal standard error of a track's place, in m, 1,000 at most."""
    worst = float(np.linalg.eigvalsh(seen.tracks.covariance_enu[row, :2, :2])[-1])
    return min(float(np.sqrt(max(worst, 0.0))), 1000.0)


def velocity_sigma_m_s(seen: Seen, row: int) -> float:
    """Largest horizontal standard error of a track's velocity, in m/s, 10 at most."""
    worst = float(np.linalg.eigvalsh(seen.tracks.covariance_enu[row, 3:5, 3:5])[-1])
    return min(float(np.sqrt(max(worst, 0.0))), 10.0)


def band_of(seen: Seen, rows: list[int], seconds: float, *, drifting: bool) -> Band:
    """The height band that holds the objects meanwhile; unknown heights give a high one and words."""
    altitudes = seen.altitude_amsl_m[rows]
    ground_m = ground_altitude_m(seen.site)
    if not np.isfinite(altitudes).all():
        if ground_m is None:
            return Band(None, UNKNOWN_TOP_AMSL_M, GROUND_NOT_KNOWN)
        top_m = UNKNOWN_TOP_AMSL_M if drifting else ground_m + UNKNOWN_TOP_GROUND_M
        return Band(None, step_up(top_m), HEIGHT_NOT_KNOWN)
    rise = np.clip(seen.velocity_m_s[rows, 2] * seconds, 0.0, 1500.0)
    sigma = np.sqrt(np.maximum(seen.tracks.covariance_enu[rows, 2, 2], 0.0))
    above_m = BALLOON_ABOVE_M if drifting else DRONE_ABOVE_M
    top_m = float((altitudes + rise * (1.0 if drifting else 0.2) + 2.0 * sigma).max()) + above_m
    if ground_m is None:
        return Band(None, step_up(top_m), GROUND_NOT_KNOWN)
    if not drifting:
        return Band(None, step_up(max(top_m, ground_m + LEAST_TOP_GROUND_M)), None)
    fall = np.clip(-seen.velocity_m_s[rows, 2] * seconds, 0.0, 1500.0)
    floor_m = float((altitudes - fall - 2.0 * sigma).min()) - BALLOON_ABOVE_M
    if floor_m < ground_m + LEAST_TOP_GROUND_M:
        return Band(None, step_up(top_m), None)
    return Band(float(np.floor(floor_m / STEP_UP_M) * STEP_UP_M), step_up(top_m), None)


def ground_altitude_m(site: Site) -> float | None:
    """The sector's ground, else its highest aerodrome, else unknown."""
    if site.sector.vertical.ground_altitude_amsl_m is not None:
        return site.sector.vertical.ground_altitude_amsl_m
    known = [a.elevation_amsl_m for a in site.aerodromes if a.elevation_amsl_m is not None]
    return max(known) if known else None


def step_up(altitude_amsl_m: float) -> float:
    """Up to the next hundred feet."""
    return float(np.ceil(altitude_amsl_m / STEP_UP_M - 1e-9) * STEP_UP_M)
