"""Where one state ends: the site's official line, or the edge that time zones of two states share.

The time-zone line is *unofficial*: it is OpenStreetMap's border as the package `timezonefinder`
carries it (data licence ODbL: attributed, read from the package, never copied into this project). It
lies within about 20 m of the official line at El Paso; elsewhere sources differ by up to 1.2 km, so
every line has a σ, and nearer than that the answer is "indeterminate".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from importlib.metadata import version
from math import cos
from pathlib import Path

import msgspec
import numpy as np
from shapely import clip_by_rect
from shapely.geometry import LineString
from shapely.ops import linemerge, unary_union

from windhover.errors import BadSite
from windhover.schema.batches import F64, I64
from windhover.schema.place import Border, Point
from windhover.units import RAD_PER_DEG

METRES_PER_DEGREE = 111_195.0
"""Of latitude on the mean sphere; only used to size boxes."""
UNOFFICIAL_SIGMA_M = 50.0
_COORDINATE_STEPS_PER_DEG = 10_000_000  # timezonefinder stores degrees as int32 × 1e-7

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


def box_around(centre: Point, radius_m: float) -> Box:
    """The smallest latitude-longitude box around a circle, a tenth larger."""
    latitude, longitude = centre.latitude_rad / RAD_PER_DEG, centre.longitude_rad / RAD_PER_DEG
    north = 1.1 * radius_m / METRES_PER_DEGREE
    east = north / max(cos(centre.latitude_rad), 0.05)
    return longitude - east, latitude - north, longitude + east, latitude + north


def official(
    lines: tuple[tuple[Point, ...], ...],
    *,
    source: str,
    sigma_m: float,
    neighbour: str,
    home: Point,
    centre: Point,
    radius_m: float,
) -> Border:
    """The site's own line, cut to its sector. Raises `BadSite` where it does not come near."""
    box = box_around(centre, radius_m)
    pieces: list[tuple[Point, ...]] = []
    for line in lines:
        degrees = [(p.longitude_rad / RAD_PER_DEG, p.latitude_rad / RAD_PER_DEG) for p in line]
        cut = clip_by_rect(LineString(degrees), *box)
        pieces += [
            _points(np.array(piece.coords))
            for piece in getattr(cut, "geoms", [cut])
            if len(piece.coords) > 1
        ]
    if not pieces:
        raise BadSite("border: the line in the file does not come near this sector.")
    return Border(tuple(pieces), source, True, sigma_m, home, neighbour)


def border_from_timezones(
    home_timezones: Sequence[str] | str,
    neighbour_timezones: Sequence[str] | str,
    *,
    centre: Point,
    radius_m: float,
    neighbour: str = "",
    home: Point | None = None,
    sigma_m: float = UNOFFICIAL_SIGMA_M,
    cache: bool = True,
) -> Border:
    """The segments that zones of both states share, near a sector: an unofficial border.

    Zones are IANA names. Neighbouring zones of the data set share their vertices exactly, so the
    common segments *are* the border. The result is kept in the user's cache folder, since reading
    the polygons takes seconds. Raises `BadSite` for unknown zones or zones that do not touch here.
    """
    ours, theirs = (
        (names,) if isinstance(names, str) else tuple(names)
        for names in (home_timezones, neighbour_timezones)
    )
    box = box_around(centre, radius_m)
    release = version("timezonefinder")
    key = blake2b(repr((ours, theirs, box, release, 1)).encode(), digest_size=12).hexdigest()
    kept = _cache_folder() / f"border-{key}.msgpack"
    lines = _read_cache(kept) if cache else None
    if lines is None:
        lines = _shared_lines(ours, theirs, box)
        if cache:
            _write_cache(kept, lines)
    if not lines:
        raise BadSite(
            f"border: the zones {', '.join(ours)} and {', '.join(theirs)} share no line near this sector.",
            "Name every IANA zone on either side, or state an official line.",
        )
    return Border(
        tuple(_points(np.array(line)) for line in lines),
        f"time-zone boundaries of timezonefinder {release} (© OpenStreetMap contributors, ODbL), unofficial",
        False,
        sigma_m,
        home or centre,
        neighbour,
    )


def _shared_lines(
    ours: tuple[str, ...], theirs: tuple[str, ...], box: Box
) -> list[list[tuple[float, float]]]:
    from timezonefinder import TimezoneFinder  # its import alone takes a second

    finder = TimezoneFinder()
    shared = np.intersect1d(_segments(finder, ours, box), _segments(finder, theirs, box))
    ends = shared.view(np.int64).reshape(-1, 2, 2) / _COORDINATE_STEPS_PER_DEG
    if not len(ends):
        return []
    merged = linemerge(unary_union([LineString(pair) for pair in ends]))
    lines = [list(line.coords) for line in getattr(merged, "geoms", [merged])]
    return sorted(lines, key=lambda line: (line[0], line[-1]))


def _segments(finder: object, zones: tuple[str, ...], box: Box) -> F64:
    """The undirected segments of zones' rings with an end in the box, each as one opaque value."""
    found: list[I64] = []
    for zone in zones:
        try:
            polygons = finder.get_geometry(tz_name=zone, coords_as_pairs=True)  # type: ignore[attr-defined]
        except ValueError:
            raise BadSite(f"border: {zone!r} is no IANA time zone with an area.") from None
        for rings in polygons:
            for ring in rings:
                degrees = np.array(ring, np.float64)
                inside = (
                    (degrees[:, 0] > box[0])
                    & (degrees[:, 0] < box[2])
                    & (degrees[:, 1] > box[1])
                    & (degrees[:, 1] < box[3])
                )
                steps = np.rint(degrees * _COORDINATE_STEPS_PER_DEG).astype(np.int64)
                after = np.roll(steps, -1, axis=0)
                keep = (inside | np.roll(inside, -1)) & (steps != after).any(axis=1)
                first, second = steps[keep], after[keep]
                swap = (first[:, 0] > second[:, 0]) | (
                    (first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1])
                )
                first[swap], second[swap] = second[swap], first[swap].copy()
                found.append(np.hstack([first, second]))
    rows = np.ascontiguousarray(np.concatenate(found)) if found else np.zeros((0, 4), np.int64)
    return rows.view([("", np.int64)] * 4).ravel()


def _points(degrees: F64) -> tuple[Point, ...]:
    return tuple(Point(float(y) * RAD_PER_DEG, float(x) * RAD_PER_DEG) for x, y in degrees)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "windhover"


def _read_cache(path: Path) -> list[list[tuple[float, float]]] | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=list[list[tuple[float, float]]])
    except (OSError, msgspec.MsgspecError):
        return None


def _write_cache(path: Path, lines: list[list[tuple[float, float]]]) -> None:
    """Best effort: a machine without a home folder just works it out again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.msgpack.encode(lines))
        part.replace(path)
    except OSError:
        return
