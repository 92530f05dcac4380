"""Comparing what was read with the hand-worked areas, for the test and for the bench."""

from __future__ import annotations

from math import degrees

from pyproj import Geod

from windhover.notices.notam import Area, Notam
from windhover.notices.notam.draw import circle
from windhover.schema.place import Point

GEOD = Geod(ellps="WGS84")


def area_km2(area: Area) -> float:
    ring = area.ring
    if area.kind == "circle" and area.centre is not None and area.radius_m is not None:
        ring = circle(area.centre, area.radius_m, 360)
    if area.holes:
        return _km2(ring) - sum(map(_km2, area.holes))
    return _km2(ring)


def _km2(ring: tuple[Point, ...]) -> float:
    lons = [degrees(p.longitude_rad) for p in ring]
    lats = [degrees(p.latitude_rad) for p in ring]
    return abs(GEOD.polygon_area_perimeter(lons, lats)[0]) / 1e6


def disagreement(notam: Notam, expected: list[dict[str, object]]) -> str:
    """Empty where every area has its like, in number, in size to 1 % and in being excluded."""
    drawn = [a for a in notam.areas if a.kind not in ("point", "line")]
    if len(drawn) != len(expected):
        return f"{len(drawn)} areas for {len(expected)}"
    for area, wanted in zip(drawn, expected, strict=True):
        if area.excluded != wanted["excluded"]:
            return "excluded or not"
        size, right = area_km2(area), float(str(wanted["area_km2"]))
        if abs(size - right) > 0.01 * right:
            return f"{size:.4f} km² for {right:.4f}"
    return ""
