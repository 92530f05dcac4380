"""GeoJSON and simple shapes → rings and lines of `Point`. Longitude comes first in GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

from windhover.errors import BadSite
from windhover.geo.frames import frame_at, from_enu, to_enu
from windhover.schema.place import Point
from windhover.units import RAD_PER_DEG

Ring = tuple[Point, ...]
CIRCLE_VERTICES = 72


def read_geojson(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON file; a bare geometry counts as one feature. Raises `BadSite`."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadSite(f"{path.name}: there is no such file in {path.parent}.") from None
    except (OSError, ValueError) as error:
        raise BadSite(f"{path.name}: cannot be read as GeoJSON ({error}).") from None
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list) and all(isinstance(one, dict) for one in features):
            return features
    elif isinstance(document, dict) and document.get("type") == "Feature":
        return [document]
    elif isinstance(document, dict) and "coordinates" in document:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise BadSite(f"{path.name}: is no GeoJSON of features.")


def _points(pairs: Any, name: str) -> Ring:
    """Longitude, latitude pairs in degrees → points."""
    try:
        degrees = [(float(pair[1]), float(pair[0])) for pair in pairs]
    except (TypeError, ValueError, IndexError, KeyError):
        raise BadSite(f"{name}: coordinates must be [longitude, latitude] pairs.") from None
    for latitude, longitude in degrees:
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise BadSite(
                f"{name}: {latitude}, {longitude} is no latitude and longitude in degrees.",
                "GeoJSON writes longitude first.",
            )
    return tuple(
        Point(latitude * RAD_PER_DEG, longitude * RAD_PER_DEG) for latitude, longitude in degrees
    )


def polygon_of(path: Path, feature_id: str) -> Ring:
    """The one polygon of a file, or the one whose property `id` is `feature_id`; its outer ring."""
    polygons = [
        feature
        for feature in read_geojson(path)
        if (feature.get("geometry") or {}).get("type") == "Polygon"
    ]
    if len(polygons) > 1:
        polygons = [
            feature
            for feature in polygons
            if (feature.get("properties") or {}).get("id") == feature_id
        ]
    if len(polygons) != 1:
        raise BadSite(f"{path.name}: holds no single Polygon with the property id {feature_id!r}.")
    rings = polygons[0]["geometry"].get("coordinates")
    if not isinstance(rings, list) or not rings:
        raise BadSite(f"{path.name}: the Polygon {feature_id!r} is empty.")
    ring = _points(rings[0], path.name)
    return checked_ring(ring[:-1] if ring[0] == ring[-1] else ring, f"{path.name}: {feature_id}")


def checked_ring(ring: Ring, name: str) -> Ring:
    """The ring itself, if it bounds an area without crossing itself."""
    if len(ring) < 3 or not Polygon(_degrees(ring)).is_valid:
        raise BadSite(f"{name}: the ring needs three corners and may not cross itself.")
    return ring


def lines_of(path: Path) -> tuple[Ring, ...]:
    """All LineString and MultiLineString features of a file, as polylines."""
    lines: list[Ring] = []
    for feature in read_geojson(path):
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "LineString":
            lines.append(_points(geometry.get("coordinates"), path.name))
        elif geometry.get("type") == "MultiLineString":
            lines += [_points(one, path.name) for one in geometry.get("coordinates") or ()]
    lines = [line for line in lines if len(line) > 1]
    if not lines:
        raise BadSite(f"{path.name}: holds no LineString.")
    return tuple(lines)


def circle(latitude_deg: float, longitude_deg: float, radius_m: float) -> Ring:
    """A circle on the ellipsoid's tangent plane as a ring of `CIRCLE_VERTICES` corners."""
    frame = frame_at(latitude_deg * RAD_PER_DEG, longitude_deg * RAD_PER_DEG, 0.0)
    corners = np.array(
        [
            [
                radius_m * sin(2 * pi * k / CIRCLE_VERTICES),
                radius_m * cos(2 * pi * k / CIRCLE_VERTICES),
                0,
            ]
            for k in range(CIRCLE_VERTICES)
        ]
    )
    latitude, longitude, _ = from_enu(frame, corners)
    return tuple(Point(float(a), float(b)) for a, b in zip(latitude, longitude, strict=True))


def strip(lines: Sequence[Ring], centre: Point, radius_m: float, half_width_m: float) -> Ring:
    """Everything nearer than `half_width_m` to the lines, within `radius_m` of the centre: its largest piece."""
    frame = frame_at(centre.latitude_rad, centre.longitude_rad, 0.0)
    pieces = []
    for line in lines:
        enu = to_enu(
            frame,
            np.array([point.latitude_rad for point in line]),
            np.array([point.longitude_rad for point in line]),
            np.zeros(len(line)),
        )
        pieces.append(LineString(enu[:, :2]).simplify(half_width_m / 20).buffer(half_width_m))
    disc = Polygon(
        [(radius_m * sin(2 * pi * k / 180), radius_m * cos(2 * pi * k / 180)) for k in range(180)]
    )
    area = unary_union(pieces).intersection(disc)
    if area.is_empty:
        raise BadSite("zone along the border: the border does not come near this sector.")
    largest = max(getattr(area, "geoms", [area]), key=lambda one: float(one.area))
    largest = largest.simplify(half_width_m / 40)
    corners = np.array(largest.exterior.coords)[:-1]
    latitude, longitude, _ = from_enu(frame, np.column_stack([corners, np.zeros(len(corners))]))
    return tuple(Point(float(a), float(b)) for a, b in zip(latitude, longitude, strict=True))


def _degrees(ring: Ring) -> list[tuple[float, float]]:
    return [(point.longitude_rad / RAD_PER_DEG, point.latitude_rad / RAD_PER_DEG) for point in ring]
