"""The map's projection: equirectangular about the site's centre, north up, one scale.

East and north are measured along the ellipsoid's radii of curvature at the centre, so that distances
are true there and within 0.2 % over a 60 km map; a picture for people, never a place to compute in.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np

from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from windhover.report.story import LatLon
from windhover.schema.batches import F64
from windhover.units import RAD_PER_DEG


class Bounds(NamedTuple):
    """A rectangle on the ground about the centre, in m."""

    west_m: float
    south_m: float
    east_m: float
    north_m: float

    def grown(self, share: float, least_m: float) -> Bounds:
        """Wider by a share of its larger side on each side, at least `least_m` across."""
        wide = max(self.east_m - self.west_m, self.north_m - self.south_m, least_m) * share
        more_x = max(wide, (least_m - (self.east_m - self.west_m)) / 2)
        more_y = max(wide, (least_m - (self.north_m - self.south_m)) / 2)
        return Bounds(
            self.west_m - more_x, self.south_m - more_y, self.east_m + more_x, self.north_m + more_y
        )

    def shaped(self, aspect: float) -> Bounds:
        """The smallest rectangle of that width ÷ height that holds this one, same middle."""
        wide, high = self.east_m - self.west_m, self.north_m - self.south_m
        more_x, more_y = max(0.0, high * aspect - wide) / 2, max(0.0, wide / aspect - high) / 2
        return Bounds(
            self.west_m - more_x, self.south_m - more_y, self.east_m + more_x, self.north_m + more_y
        )

    @classmethod
    def around(cls, points_m: F64) -> Bounds:
        """Of (N, 2) east and north in m, N > 0."""
        (west, south), (east, north) = points_m.min(axis=0), points_m.max(axis=0)
        return cls(float(west), float(south), float(east), float(north))


class Projection:
    """Degrees → metres about a centre → pixels of a drawing."""

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        self.lat_deg, self.lon_deg = lat_deg, lon_deg
        curved = 1.0 - ECCENTRICITY_SQUARED * sin(radians(lat_deg)) ** 2
        meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / curved**1.5
        prime_vertical_m = SEMI_MAJOR_M / sqrt(curved)
        self.m_per_deg_north = meridian_m * RAD_PER_DEG
        self.m_per_deg_east = prime_vertical_m * cos(radians(lat_deg)) * RAD_PER_DEG

    def metres(self, places: Iterable[LatLon] | F64) -> F64:
        """(N, 2) lat_deg, lon_deg → (N, 2) east and north in m."""
        array = np.asarray(
            places if isinstance(places, np.ndarray) else list(places), dtype=float
        ).reshape(-1, 2)
        east_deg = (array[:, 1] - self.lon_deg + 180.0) % 360.0 - 180.0
        return np.column_stack(
            [east_deg * self.m_per_deg_east, (array[:, 0] - self.lat_deg) * self.m_per_deg_north]
        )

    def degrees(self, east_m: float, north_m: float) -> LatLon:
        """The inverse for one point."""
        return (
            self.lat_deg + north_m / self.m_per_deg_north,
            self.lon_deg + east_m / self.m_per_deg_east,
        )


class Sheet:
    """A drawing of so many pixels that shows `bounds`; y grows downward."""

    def __init__(
        self, projection: Projection, bounds: Bounds, width_px: float, height_px: float
    ) -> None:
        self.projection = projection
        self.bounds = bounds.shaped(width_px / height_px)
        self.width_px, self.height_px = width_px, height_px
        self.px_per_m = width_px / (self.bounds.east_m - self.bounds.west_m)

    def xy(self, places: Iterable[LatLon] | F64) -> F64:
        """(N, 2) lat_deg, lon_deg → (N, 2) x and y in pixels."""
        metres = self.projection.metres(places)
        return np.column_stack(
            [
                (metres[:, 0] - self.bounds.west_m) * self.px_per_m,
                (self.bounds.north_m - metres[:, 1]) * self.px_per_m,
            ]
        )

    def one(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        x, y = self.xy([(lat_deg, lon_deg)])[0]
        return float(x), float(y)

    def place(self, x: float, y: float) -> LatLon:
        """lat_deg, lon_deg of a pixel."""
        east_m = self.bounds.west_m + x / self.px_per_m
        return self.projection.degrees(east_m, self.bounds.north_m - y / self.px_per_m)

    def inside(self, xy: F64 | tuple[float, float], margin_px: float = 0.0) -> bool:
        return bool(
            -margin_px <= xy[0] <= self.width_px + margin_px
            and -margin_px <= xy[1] <= self.height_px + margin_px
        )
