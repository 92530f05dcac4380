"""Exposure X0–X3: what traffic an object or an area touches (FACTS §4).

X0 no traffic conflict · X1 near · X2 approach or departure surface · X3 runway, or under 2 min to
conflict. Surfaces follow ICAO Annex 14 vol. I, table 4-1 (instrument runway, code 3–4): inner edge
280 m wide 60 m before the threshold, 15 % divergence, 15 km long, rising 2 %.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from windhover.geo.context import Seen
from windhover.geo.frames import Frame
from windhover.geo.volumes import plane_of, polygon_in
from windhover.incidents.gate import AIRCRAFT
from windhover.schema.batches import F64
from windhover.schema.cases import Exposure, Volume
from windhover.schema.place import Aerodrome, Point, Runway
from windhover.units import M_PER_FT, M_PER_NM

ORDER: Final[tuple[Exposure, ...]] = ("X0", "X1", "X2", "X3")

RUNWAY_MARGIN_M: Final = 300.0
RUNWAY_HEIGHT_M: Final = 300.0
APPROACH_LENGTH_M: Final = 15_000.0
APPROACH_HALF_WIDTH_M: Final = 140.0
APPROACH_DIVERGENCE: Final = 0.15
APPROACH_OFFSET_M: Final = 60.0
SURFACE_SLOPE: Final = 0.02
# A little under the surface, so that an error in height does not decide; and up to where no
# approach leads: a 6° path, twice the usual.
SURFACE_BELOW_M: Final = 30.0
PATH_SLOPE: Final = 0.105
PATH_ABOVE_M: Final = 150.0
NEAR_AERODROME_M: Final = 5.0 * M_PER_NM
NEAR_AERODROME_BELOW_M: Final = 3000.0 * M_PER_FT
CONFLICT_S: Final = 120.0
NEAR_S: Final = 300.0
CONFLICT_HORIZONTAL_M: Final = 0.5 * M_PER_NM
CONFLICT_VERTICAL_M: Final = 500.0 * M_PER_FT


def _plane(frame: Frame, point: Point) -> F64:
    return plane_of(frame, point.latitude_rad, point.longitude_rad)


def approach_ring(frame: Frame, runway: Runway, from_opposite: bool) -> F64:
    """(4, 2) corners of one approach surface in the ground plane: inner edge first, then outer."""
    here, there = _plane(frame, runway.threshold), _plane(frame, runway.opposite)
    if from_opposite:
        here, there = there, here
    out = (here - there) / max(float(np.hypot(*(here - there))), 1.0)
    across = np.array([-out[1], out[0]])
    inner = here + APPROACH_OFFSET_M * out
    outer = inner + APPROACH_LENGTH_M * out
    wide = APPROACH_HALF_WIDTH_M + APPROACH_DIVERGENCE * APPROACH_LENGTH_M
    return np.stack(
        [
            inner + APPROACH_HALF_WIDTH_M * across,
            inner - APPROACH_HALF_WIDTH_M * across,
            outer - wide * across,
            outer + wide * across,
        ]
    )


def runway_strip(frame: Frame, runway: Runway) -> shapely.Polygon:
    """The runway with its margin, in the ground plane."""
    line = shapely.LineString([_plane(frame, runway.threshold), _plane(frame, runway.opposite)])
    return line.buffer(RUNWAY_MARGIN_M)


def at_aerodrome(
    frame: Frame, aerodrome: Aerodrome, plane_m: F64, altitude_amsl_m: float
) -> Exposure:
    """Exposure of one place (2,) to one aerodrome; an unknown altitude (NaN) counts as in the way."""
    place = shapely.Point(plane_m)
    elevation = aerodrome.elevation_amsl_m
    above = np.nan if elevation is None else altitude_amsl_m - elevation
    for runway in aerodrome.runways:
        if shapely.contains(runway_strip(frame, runway), place) and not above > RUNWAY_HEIGHT_M:
            return "X3"
    for runway in aerodrome.runways:
        for opposite in (False, True):
            ring = approach_ring(frame, runway, opposite)
            if not shapely.contains(shapely.Polygon(ring), place):
                continue
            inner = ring[:2].mean(axis=0)
            out = ring[2:].mean(axis=0) - inner
            along = float((plane_m - inner) @ out) / APPROACH_LENGTH_M
            under = above < SURFACE_SLOPE * along - SURFACE_BELOW_M
            over = above > PATH_SLOPE * along + PATH_ABOVE_M
            if not under and not over:
                return "X2"
    away = float(np.hypot(*(plane_m - _plane(frame, aerodrome.reference))))
    if away < NEAR_AERODROME_M and not above > NEAR_AERODROME_BELOW_M:
        return "X1"
    return "X0"


def closest_approach(
    position_m: F64, velocity_m_s: F64, others_m: F64, others_m_s: F64, within_s: float
) -> tuple[F64, F64, F64]:
    """Closest horizontal approach of one object (3,) to M others (M, 3), flying straight on.

    → when_s (M,) from now, clipped to 0 … within_s; horizontal_m (M,); vertical_m (M,) then.
    """
    apart, closing = others_m - position_m, others_m_s - velocity_m_s
    speed2 = (closing[:, :2] ** 2).sum(axis=1)
    toward = -(apart[:, :2] * closing[:, :2]).sum(axis=1)
    when = np.clip(
        np.divide(toward, speed2, out=np.zeros_like(toward), where=speed2 > 1e-6), 0.0, within_s
    )
    then = apart + closing * when[:, None]
    return when, np.hypot(then[:, 0], then[:, 1]), np.abs(then[:, 2])


def to_aircraft(seen: Seen, row: int) -> tuple[Exposure, int | None, float]:
    """Exposure of one track to the aircraft in flight → exposure, the aircraft's row, seconds to it."""
    others = np.flatnonzero((seen.said == AIRCRAFT) & (np.arange(seen.tracks.n) != row))
    if len(others) == 0:
        return "X0", None, np.inf
    states = seen.tracks.state_enu
    when, apart, above = closest_approach(
        states[row, :3], states[row, 3:], states[others, :3], states[others, 3:], NEAR_S
    )
    # Each height counts with its own error: what is not known to be apart is not apart.
    sigma = np.sqrt(
        seen.tracks.covariance_enu[others, 2, 2] + seen.tracks.covariance_enu[row, 2, 2]
    )
    meets = (apart < CONFLICT_HORIZONTAL_M) & (
        above < CONFLICT_VERTICAL_M + np.minimum(sigma, 600.0)
    )
    if not meets.any():
        return "X0", None, np.inf
    first = int(np.flatnonzero(meets)[np.argmin(when[meets])])
    return ("X3" if when[first] < CONFLICT_S else "X1"), int(others[first]), float(when[first])


def of_track(seen: Seen, row: int) -> Exposure:
    """The highest exposure of one track to any aerodrome or aircraft."""
    altitude = float(seen.altitude_amsl_m[row])
    found = [
        at_aerodrome(seen.ground.frame, a, seen.plane_m[row], altitude)
        for a in seen.site.aerodromes
    ]
    found.append(to_aircraft(seen, row)[0])
    return max(found, key=ORDER.index)


def of_volume(seen: Seen, volume: Volume) -> Exposure:
    """The highest exposure of a declared area, whatever its heights: a beam goes up through all."""
    frame = seen.ground.frame
    area = polygon_in(frame, volume.polygon)
    found: Exposure = "X0"
    for aerodrome in seen.site.aerodromes:
        for runway in aerodrome.runways:
            if shapely.intersects(area, runway_strip(frame, runway)):
                return "X3"
            rings = [shapely.Polygon(approach_ring(frame, runway, o)) for o in (False, True)]
            if any(shapely.intersects(area, ring) for ring in rings):
                found = max(found, "X2", key=ORDER.index)
        near = shapely.Point(_plane(frame, aerodrome.reference)).buffer(10.0 * M_PER_NM)
        if shapely.intersects(area, near):
            found = max(found, "X1", key=ORDER.index)
    return found
