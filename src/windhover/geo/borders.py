"""Which side of the border a place is on, how far from it, and where the line cuts a volume.

The line is prepared once per site: cut to the sector's surroundings, its loose ends led straight on
to the rim, and the disc so divided into faces, each home's or the neighbour's by how often a way
from the site's `home_side` to it crosses the line. From then on a side is a point-in-polygon
question and a distance one to the nearest segment, both exact in the sector's ground plane.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import shapely

from windhover.geo.frames import Frame, to_enu
from windhover.geo.volumes import (
    area_m2,
    plane_of,
    points_of,
    polygon_in,
    ring_of,
)
from windhover.schema.batches import F64, I8, I64
from windhover.schema.cases import Volume
from windhover.schema.place import Border

Side = Literal["home", "neighbour", "indeterminate"]
HOME, NEIGHBOUR, INDETERMINATE = 1, -1, 0


class BorderLine(NamedTuple):
    """A border made ready for one sector."""

    line_m: F64  # (V, 2) vertices in the sector's ground plane, piece after piece
    line_start: I64  # (P + 1,) where each piece starts in line_m
    home_m: F64  # (W, 2) vertices of the rings that bound home's part of the disc
    home_start: I64  # (Q + 1,) where each ring starts in home_m
    home_hole: I8  # (Q,) 1 where the ring is a hole of the last ring that is none
    reach_m: float  # radius of the disc; beyond it the side is not known
    sigma_m: float


def prepare(border: Border, frame: Frame, reach_m: float) -> BorderLine:
    """Cut the line to the disc of `reach_m` round the frame's origin and find home's part of it."""
    disc = shapely.Point(0.0, 0.0).buffer(reach_m, quad_segs=64)
    pieces = []
    for line in border.line:
        enu = to_enu(frame, *points_of(line), 0.0)
        # Vertices beyond the horizon fold back onto the plane: only runs on this side are kept.
        near = enu[:, 2] > -2.0e5
        runs = np.flatnonzero(np.diff(np.r_[0, near.astype(np.int8), 0])).reshape(-1, 2)
        pieces += [shapely.LineString(enu[a:b, :2]) for a, b in runs.tolist() if b - a >= 2]
    # A little beyond the rim, so that lines and rim cross instead of just missing each other.
    wider = shapely.Point(0.0, 0.0).buffer(1.05 * reach_m, quad_segs=64)
    drawn = shapely.intersection(shapely.MultiLineString(pieces), wider)
    merged = shapely.line_merge(drawn) if drawn.geom_type == "MultiLineString" else drawn
    parts = [] if merged.is_empty else shapely.get_parts(merged)
    lines = [g for g in parts if g.geom_type == "LineString"]
    faces = _faces(lines, disc, reach_m)
    home = _home_faces(faces, border, frame, reach_m)
    line_m = [shapely.get_coordinates(g) for g in lines]
    rings: list[F64] = []
    holes: list[int] = []
    for face in home:
        rings.append(shapely.get_coordinates(face.exterior))
        holes.append(0)
        for inner in face.interiors:
            rings.append(shapely.get_coordinates(inner))
            holes.append(1)
    return BorderLine(
        np.concatenate(line_m) if line_m else np.zeros((0, 2)),
        np.cumsum([0, *(len(g) for g in line_m)]).astype(np.int64),
        np.concatenate(rings) if rings else np.zeros((0, 2)),
        np.cumsum([0, *(len(g) for g in rings)]).astype(np.int64),
        np.array(holes, np.int8),
        reach_m,
        border.sigma_m,
    )


def _faces(
    lines: list[shapely.LineString], disc: shapely.Polygon, reach_m: float
) -> list[shapely.Polygon]:
    """The parts into which the lines, with loose ends led on to the rim, divide the disc."""
    ends = np.array([p for g in lines for p in (g.coords[0], g.coords[-1])]).reshape(-1, 2)
    cuts = list(lines)
    for line in lines:
        xy = shapely.get_coordinates(line)
        for end, before in ((xy[0], xy[1]), (xy[-1], xy[-2])):
            joined = (np.hypot(*(ends - end).T) < 1.0).sum() > 1
            if joined or np.hypot(*end) > 1.01 * reach_m:
                continue
            ahead = (end - before) / max(float(np.hypot(*(end - before))), 1.0e-9)
            cuts.append(shapely.LineString([end, end + 2.5 * reach_m * ahead]))
    noded = shapely.unary_union([disc.exterior, *cuts])
    faces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded))))
    return [f for f in faces if shapely.contains(disc, f.representative_point())]


def _home_faces(
    faces: list[shapely.Polygon],
    border: Border,
    frame: Frame,
    reach_m: float,
) -> list[shapely.Polygon]:
    """Those faces that an even number of crossings separates from the home side.

    Faces that touch along the line lie on different sides; walking from home's face across shared
    edges therefore colours all of them without ever counting a crossing at a vertex.
    """
    if not faces:
        return []
    start = shapely.Point(
        *plane_of(frame, border.home_side.latitude_rad, border.home_side.longitude_rad)
    )
    # A home side far outside the disc: its straight way to the disc decides, by the whole line.
    sides = np.zeros(len(faces), np.int8)
    if shapely.distance(start, shapely.Point(0, 0)) < 0.98 * reach_m:
        first = int(np.argmin([shapely.distance(f, start) for f in faces]))
        sides[first] = HOME
    else:
        first = int(np.argmax([f.area for f in faces]))
        sides[first] = _side_by_crossings(faces[first], border, frame)
    waiting = [first]
    while waiting:
        here = waiting.pop(0)
        for there in range(len(faces)):
            if sides[there]:
                continue
            shared = shapely.intersection(faces[here].boundary, faces[there].boundary)
            if shared.length > 1.0e-6:
                sides[there] = -sides[here]
                waiting.append(there)
    return [f for f, side in zip(faces, sides, strict=True) if side == HOME]


def _side_by_crossings(face: shapely.Polygon, border: Border, frame: Frame) -> int:
    """Side of a face from a far home: parity of crossings of the straight way in degrees."""
    inner = face.representative_point()
    place = ring_of(frame, np.array([[inner.x, inner.y]]))[0]
    way = shapely.LineString(
        [
            (border.home_side.longitude_rad, border.home_side.latitude_rad),
            (place.longitude_rad, place.latitude_rad),
        ]
    )
    crossings = 0
    for line in border.line:
        latitude, longitude = points_of(line)
        met = shapely.intersection(way, shapely.LineString(np.stack([longitude, latitude], axis=1)))
        crossings += 0 if met.is_empty else len(shapely.get_parts(met))
    return HOME if crossings % 2 == 0 else NEIGHBOUR


def home_area(line: BorderLine) -> shapely.MultiPolygon:
    """Home's part of the disc, in the sector's ground plane."""
    shells: list[tuple[F64, list[F64]]] = []
    for row, hole in enumerate(line.home_hole):
        ring = line.home_m[line.home_start[row] : line.home_start[row + 1]]
        if hole:
            shells[-1][1].append(ring)
        else:
            shells.append((ring, []))
    return shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell, holes in shells])


class _Shapes(NamedTuple):
    """A line as the geometry library likes it."""

    of: BorderLine  # held, so that its identity is not given to another
    home: shapely.MultiPolygon
    segments: shapely.STRtree | None


_LINES_KEPT = 4
_kept: dict[int, _Shapes] = {}


def _shapes(line: BorderLine) -> _Shapes:
    """The shapes of a line, made once for each of the last few: the same one is asked every second."""
    made = _kept.get(id(line.line_m))
    if made is not None and made.of.line_m is line.line_m and made.of.home_m is line.home_m:
        return made
    home = home_area(line)
    shapely.prepare(home)
    segments = None
    if len(line.line_m):
        joined = np.ones(len(line.line_m) - 1, np.bool_)
        joined[line.line_start[1:-1] - 1] = False  # no segment leads from one piece to the next
        ends = np.stack([line.line_m[:-1], line.line_m[1:]], axis=1)[joined]
        segments = shapely.STRtree(shapely.linestrings(ends))
    while len(_kept) >= _LINES_KEPT:
        _kept.pop(next(iter(_kept)))
    _kept[id(line.line_m)] = _Shapes(line, home, segments)
    return _kept[id(line.line_m)]


def signed_distance_m(line: BorderLine, plane_m: F64) -> F64:
    """(N, 2) places → (N,) m to the border: positive at home, negative at the neighbour's.

    NaN beyond the prepared disc, ±inf where no part of the line lies in it.
    """
    shapes = _shapes(line)
    places = shapely.points(plane_m)
    sign = np.where(shapely.intersects(shapes.home, places), 1.0, -1.0)
    if shapes.segments is None:
        distance = np.full(len(plane_m), np.inf)
    else:
        rows, metres = shapes.segments.query_nearest(
            places, all_matches=False, return_distance=True
        )
        distance = np.full(len(plane_m), np.nan)
        distance[rows[0]] = metres
    distance[np.hypot(plane_m[:, 0], plane_m[:, 1]) > line.reach_m] = np.nan
    return np.asarray(sign * distance, np.float64)


def side(line: BorderLine, plane_m: F64, sigma_m: F64 | float = 0.0) -> I8:
    """(N, 2) places with their own error → (N,) HOME, NEIGHBOUR or INDETERMINATE.

    Indeterminate within two standard errors of line and place together, and beyond the disc.
    """
    distance = signed_distance_m(line, plane_m)
    limit = 2.0 * np.hypot(line.sigma_m, sigma_m)
    sides = np.where(distance > limit, HOME, np.where(distance < -limit, NEIGHBOUR, INDETERMINATE))
    return sides.astype(np.int8)


def clip_home(line: BorderLine, frame: Frame, volume: Volume) -> tuple[Volume, bool]:
    """Home's part of a volume, and whether anything was cut off.

    A cut circle is no circle any more: centre and radius go. Where the line leaves several parts the
    largest is kept; where nothing lies at home the volume comes back as it was, with `False`. The
    cut ring's corners are thinned to what the line is worth (its sigma, at least 10 m, at most 50),
    so that it can be written out in a notice.
    """
    whole = polygon_in(frame, volume.polygon)
    part = shapely.intersection(whole, _shapes(line).home)
    polygons = [g for g in shapely.get_parts(part) if g.geom_type == "Polygon" and g.area > 1.0]
    if not polygons or part.area > whole.area * (1.0 - 1.0e-9):
        return volume, False
    largest = max(polygons, key=lambda g: float(g.area))
    thinned = largest.exterior.simplify(min(max(line.sigma_m, 10.0), 50.0))
    ring = ring_of(frame, shapely.get_coordinates(thinned))
    return (
        Volume(
            polygon=ring,
            upper_altitude_amsl_m=volume.upper_altitude_amsl_m,
            lower_altitude_amsl_m=volume.lower_altitude_amsl_m,
            area_m2=area_m2(ring),
        ),
        True,
    )
