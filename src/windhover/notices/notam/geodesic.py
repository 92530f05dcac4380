"""Distances and bearings on the WGS 84 ellipsoid, for one pair of points at a time.

Source: T. Vincenty (1975), "Direct and inverse solutions of geodesics on the ellipsoid with
application of nested equations", Survey Review 23(176); about 0.1 mm. Near-antipodal pairs, where
the inverse does not converge, fall back on the sphere (0.5 %): no notice draws such a line.
"""

from __future__ import annotations

from math import asin, atan, atan2, cos, hypot, pi, sin, sqrt, tan
from typing import Final, TypeVar

from windhover.geo.ellipsoid import FLATTENING, SEMI_MAJOR_M, SEMI_MINOR_M
from windhover.schema.batches import F64

_SPHERE_M: Final = 6_371_008.8
_STEPS: Final = 60


_N = TypeVar("_N", float, F64)


def series(cos_squared_alpha: _N) -> tuple[_N, _N]:
    """Vincenty's A and B (his equations 3 and 4)."""
    u2 = cos_squared_alpha * (SEMI_MAJOR_M**2 - SEMI_MINOR_M**2) / SEMI_MINOR_M**2
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    return a, b


def delta_sigma(b: _N, sin_s: _N, cos_s: _N, cos_2m: _N) -> _N:
    """Vincenty's Δσ (his equation 6)."""
    return (
        b
        * sin_s
        * (
            cos_2m
            + b
            / 4
            * (
                cos_s * (2 * cos_2m**2 - 1)
                - b / 6 * cos_2m * (4 * sin_s**2 - 3) * (4 * cos_2m**2 - 3)
            )
        )
    )


def inverse(
    latitude1_rad: float, longitude1_rad: float, latitude2_rad: float, longitude2_rad: float
) -> tuple[float, float]:
    """(distance_m, azimuth_rad at the first point, clockwise from true north, 0…2π)."""
    u1 = atan((1 - FLATTENING) * tan(latitude1_rad))
    u2 = atan((1 - FLATTENING) * tan(latitude2_rad))
    dl = (longitude2_rad - longitude1_rad + pi) % (2 * pi) - pi
    sin1, cos1, sin2, cos2 = sin(u1), cos(u1), sin(u2), cos(u2)
    lam = dl
    for _ in range(_STEPS):
        sin_l, cos_l = sin(lam), cos(lam)
        sin_s = hypot(cos2 * sin_l, cos1 * sin2 - sin1 * cos2 * cos_l)
        if sin_s < 1e-15:
            return 0.0, 0.0
        cos_s = sin1 * sin2 + cos1 * cos2 * cos_l
        sigma = atan2(sin_s, cos_s)
        sin_a = cos1 * cos2 * sin_l / sin_s
        cos2_a = 1 - sin_a**2
        cos_2m = cos_s - 2 * sin1 * sin2 / cos2_a if cos2_a > 1e-12 else 0.0
        c = FLATTENING / 16 * cos2_a * (4 + FLATTENING * (4 - 3 * cos2_a))
        before = lam
        lam = dl + (1 - c) * FLATTENING * sin_a * (
            sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1))
        )
        if abs(lam - before) < 1e-12:
            a, b = series(cos2_a)
            distance = SEMI_MINOR_M * a * (sigma - delta_sigma(b, sin_s, cos_s, cos_2m))
            azimuth = atan2(cos2 * sin(lam), cos1 * sin2 - sin1 * cos2 * cos(lam))
            return distance, azimuth % (2 * pi)
    half = sin((latitude2_rad - latitude1_rad) / 2) ** 2
    half += cos(latitude1_rad) * cos(latitude2_rad) * sin(dl / 2) ** 2
    azimuth = atan2(
        sin(dl) * cos(latitude2_rad),
        cos(latitude1_rad) * sin(latitude2_rad) - sin(latitude1_rad) * cos(latitude2_rad) * cos(dl),
    )
    return 2 * _SPHERE_M * asin(min(1.0, sqrt(half))), azimuth % (2 * pi)


def distance_m(
    latitude1_rad: float, longitude1_rad: float, latitude2_rad: float, longitude2_rad: float
) -> float:
    """Length of the geodesic between two places, in m."""
    return inverse(latitude1_rad, longitude1_rad, latitude2_rad, longitude2_rad)[0]


def direct(
    latitude_rad: float, longitude_rad: float, azimuth_rad: float, distance_m: float
) -> tuple[float, float]:
    """(latitude_rad, longitude_rad) reached along a geodesic; longitude in −π…π."""
    sin_az, cos_az = sin(azimuth_rad), cos(azimuth_rad)
    tan_u = (1 - FLATTENING) * tan(latitude_rad)
    cos_u = 1 / sqrt(1 + tan_u**2)
    sin_u = tan_u * cos_u
    sigma1 = atan2(tan_u, cos_az)
    sin_a = cos_u * sin_az
    cos2_a = 1 - sin_a**2
    a, b = series(cos2_a)
    first = distance_m / (SEMI_MINOR_M * a)
    sigma = first
    for _ in range(_STEPS):
        cos_2m = cos(2 * sigma1 + sigma)
        before = sigma
        sigma = first + delta_sigma(b, sin(sigma), cos(sigma), cos_2m)
        if abs(sigma - before) < 1e-13:
            break
    sin_s, cos_s = sin(sigma), cos(sigma)
    cos_2m = cos(2 * sigma1 + sigma)
    across = sin_u * sin_s - cos_u * cos_s * cos_az
    latitude = atan2(
        sin_u * cos_s + cos_u * sin_s * cos_az, (1 - FLATTENING) * hypot(sin_a, across)
    )
    lam = atan2(sin_s * sin_az, cos_u * cos_s - sin_u * sin_s * cos_az)
    c = FLATTENING / 16 * cos2_a * (4 + FLATTENING * (4 - 3 * cos2_a))
    dl = lam - (1 - c) * FLATTENING * sin_a * (
        sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1))
    )
    return latitude, (longitude_rad + dl + pi) % (2 * pi) - pi
