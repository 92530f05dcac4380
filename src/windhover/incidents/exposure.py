"""Exposure X0–X3: what traffic an object or an area touches (FACTS §4).

X0 no traffic conflict · X1 near · X2 approach or departure surface · X3 runway, or under 2 min to
conflict. Surfaces follow ICAO Annex 14 vol. I, table 4-1 (instrument runway, code 3–4): inner edge
280 m wide 60 m before the threshold, 15 % divergence, 15 km long, rising 2 %.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import shapely

from windhover.geo.context import Seen
from windhover.geo.frames import Frame
from windhover.geo.volumes import plane_of, polygon_in
from windhover.incidents.gate import AIRCRAFT
from windhover.schema.batches import BOOL, F64, I8
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
CRITICAL_ZONE_M: Final = 10.0 * M_PER_NM
"""How far a declared laser area is near an aerodrome: the laser-beam critical flight zone."""
CONFLICT_S: Final = 120.0
NEAR_S: Final = 300.0
# "Well clear" between a small unmanned and a manned aircraft: ASTM F3442/F3442M-23.
CONFLICT_HORIZONTAL_M: Final = 2000.0 * M_PER_FT
CONFLICT_VERTICAL_M: Final = 250.0 * M_PER_FT
CLIMB_HOLDS_S: Final = 30.0
"""A rate of climb is carried on so long only: beyond that its error, not the climb, would decide."""


class Approach(NamedTuple):
    """One approach surface in the ground plane."""

    inner_m: F64  # (2,) middle of the inner edge
    out: F64  # (2,) unit vector away from the runway


def _plane(frame: Frame, point: Point) -> F64:
    """(2,) of a fixed place: runways are asked about every second."""
    return _place(frame.origin_ecef_m.tobytes(), frame.rotation.tobytes(), point)


@lru_cache(maxsize=1024)
def _place(origin: bytes, rotation: bytes, point: Point) -> F64:
    frame = Frame(np.frombuffer(origin), np.frombuffer(rotation).reshape(3, 3))
    place = plane_of(frame, point.latitude_rad, point.longitude_rad)
    place.setflags(write=False)
    return place


def approaches(frame: Frame, runway: Runway) -> tuple[Approach, Approach]:
    """The surfaces of both directions."""
    here, there = _plane(frame, runway.threshold), _plane(frame, runway.opposite)
    out = (here - there) / max(float(np.hypot(*(here - there))), 1.0)
    return (
        Approach(here + APPROACH_OFFSET_M * out, out),
        Approach(there - APPROACH_OFFSET_M * out, -out),
    )


def approach_ring(approach: Approach) -> F64:
    """(4, 2) corners in the ground plane: inner edge first, then outer."""
    across = np.array([-approach.out[1], approach.out[0]])
    outer = approach.inner_m + APPROACH_LENGTH_M * approach.out
    wide = APPROACH_HALF_WIDTH_M + APPROACH_DIVERGENCE * APPROACH_LENGTH_M
    return np.stack(
        [
            approach.inner_m + APPROACH_HALF_WIDTH_M * across,
            approach.inner_m - APPROACH_HALF_WIDTH_M * across,
            outer - wide * across,
            outer + wide * across,
        ]
    )


def in_approach(approach: Approach, plane_m: F64, above_m: F64) -> BOOL:
    """(N,) places and heights above the aerodrome (NaN: not known) → inside the protected wedge."""
    apart = plane_m - approach.inner_m
    along = apart @ approach.out
    across = np.abs(apart @ np.array([-approach.out[1], approach.out[0]]))
    wide = APPROACH_HALF_WIDTH_M + APPROACH_DIVERGENCE * along
    inside = (along >= 0.0) & (along <= APPROACH_LENGTH_M) & (across <= wide)
    under = above_m < SURFACE_SLOPE * along - SURFACE_BELOW_M
    over = above_m > PATH_SLOPE * along + PATH_ABOVE_M
    return np.asarray(inside & ~under & ~over, np.bool_)


def runway_distance_m(frame: Frame, runway: Runway, plane_m: F64) -> F64:
    """(N,) m from the runway's centreline between its thresholds."""
    start = _plane(frame, runway.threshold)
    way = _plane(frame, runway.opposite) - start
    along = np.clip((plane_m - start) @ way / max(float(way @ way), 1.0), 0.0, 1.0)
    return np.asarray(np.hypot(*(plane_m - start - along[:, None] * way).T), np.float64)


def at_aerodrome(frame: Frame, aerodrome: Aerodrome, plane_m: F64, altitude_amsl_m: F64) -> I8:
    """(N,) row of ORDER for (N, 2) places; an unknown altitude (NaN) counts as in the way."""
    elevation = np.nan if aerodrome.elevation_amsl_m is None else aerodrome.elevation_amsl_m
    above = altitude_amsl_m - elevation
    away = np.hypot(*(plane_m - _plane(frame, aerodrome.reference)).T)
    near = (away < NEAR_AERODROME_M) & ~(above > NEAR_AERODROME_BELOW_M)
    found = near.astype(np.int8)
    for runway in aerodrome.runways:
        for approach in approaches(frame, runway):
            found[in_approach(approach, plane_m, above)] = np.int8(2)
    for runway in aerodrome.runways:
        on = runway_distance_m(frame, runway, plane_m) < RUNWAY_MARGIN_M
        found[on & ~(above > RUNWAY_HEIGHT_M)] = np.int8(3)
    return np.asarray(found, np.int8)


def closest_approach(
    position_m: F64, velocity_m_s: F64, others_m: F64, others_m_s: F64, within_s: float
) -> tuple[F64, F64, F64]:
    """Closest horizontal approach of one object (3,) to M others (M, 3), flying straight on.

    → when_s (M,) from now, clipped to 0 … within_s; horizontal_m (M,) then; vertical_m (M,) then, with
    climbs carried on for 30 s at most.
    """
    apart, closing = others_m - position_m, others_m_s - velocity_m_s
    speed2 = (closing[:, :2] ** 2).sum(axis=1)
    toward = -(apart[:, :2] * closing[:, :2]).sum(axis=1)
    when = np.divide(toward, speed2, out=np.zeros_like(toward), where=speed2 > 1e-20)
    when = np.clip(when, 0.0, within_s)
    there = apart[:, :2] + closing[:, :2] * when[:, None]
    above = apart[:, 2] + closing[:, 2] * np.minimum(when, CLIMB_HOLDS_S)
    return when, np.hypot(there[:, 0], there[:, 1]), np.abs(above)


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
    variance = seen.tracks.covariance_enu[:, 2, 2]
    sigma = np.minimum(np.sqrt(variance[others] + variance[row]), 600.0)
    meets = (apart < CONFLICT_HORIZONTAL_M) & (above < CONFLICT_VERTICAL_M + sigma)
    if not meets.any():
        return "X0", None, np.inf
    first = int(np.flatnonzero(meets)[np.argmin(when[meets])])
    return ("X3" if when[first] < CONFLICT_S else "X1"), int(others[first]), float(when[first])


def of_tracks(seen: Seen, rows: list[int]) -> list[Exposure]:
    """The highest exposure of each track to any aerodrome or aircraft, in the order of `rows`."""
    found = np.zeros(len(rows), np.int8)
    for aerodrome in seen.site.aerodromes:
        here = at_aerodrome(
            seen.ground.frame, aerodrome, seen.plane_m[rows], seen.altitude_amsl_m[rows]
        )
        found = np.maximum(found, here)
    return [
        max(ORDER[level], to_aircraft(seen, row)[0], key=ORDER.index)
        for level, row in zip(found.tolist(), rows, strict=True)
    ]


def of_volume(seen: Seen, volume: Volume) -> Exposure:
    """The highest exposure of a declared area, whatever its heights: a beam goes up through all."""
    frame = seen.ground.frame
    area = polygon_in(frame, volume.polygon)
    found: Exposure = "X0"
    for aerodrome in seen.site.aerodromes:
        for runway in aerodrome.runways:
            line = shapely.LineString(
                [_plane(frame, runway.threshold), _plane(frame, runway.opposite)]
            )
            if shapely.distance(area, line) < RUNWAY_MARGIN_M:
                return "X3"
            rings = [shapely.Polygon(approach_ring(a)) for a in approaches(frame, runway)]
            if any(shapely.intersects(area, ring) for ring in rings):
                found = max(found, "X2", key=ORDER.index)
        near = shapely.Point(_plane(frame, aerodrome.reference))
        if shapely.distance(area, near) < CRITICAL_ZONE_M:
            found = max(found, "X1", key=ORDER.index)
    return found
