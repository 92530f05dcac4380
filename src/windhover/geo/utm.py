"""Universal Transverse Mercator ↔ latitude and longitude on WGS 84.

Source: Karney (2011), "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85,
475–485: Krüger's series in the third flattening to its fourth order (equations 35 and 36), exact to
better than a micrometre within a zone.
"""

from __future__ import annotations

from math import atan, atan2, atanh, cos, cosh, hypot, inf, pi, radians, sin, sinh, sqrt, tan
from typing import Final

from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, FLATTENING, SEMI_MAJOR_M

SCALE: Final = 0.9996
FALSE_EASTING_M: Final = 500_000.0
FALSE_NORTHING_SOUTH_M: Final = 10_000_000.0
_N: Final = FLATTENING / (2.0 - FLATTENING)
_RECTIFYING_M: Final = SEMI_MAJOR_M / (1.0 + _N) * (1.0 + _N**2 / 4.0 + _N**4 / 64.0)
_ALPHA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49_561 * _N**4 / 161_280,
)
_BETA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4_397 * _N**4 / 161_280,
)
_E: Final = sqrt(ECCENTRICITY_SQUARED)


def zone_of(longitude_rad: float) -> int:
    """The regular zone of a longitude, 1…60 (the exceptions of Norway and Svalbard are left out)."""
    return int((longitude_rad + pi) % (2 * pi) / radians(6.0)) % 60 + 1


def central_meridian_rad(zone: int) -> float:
    """Longitude of a zone's middle."""
    return radians(6.0 * zone - 183.0)


def parse_zone(text: str) -> tuple[int, bool] | None:
    """'30N', '30U', '19 S' → zone and whether it lies north; None where it is no zone.

    A letter N or S is the hemisphere; any other is the latitude band of the military grid.
    """
    text = text.strip().upper().replace(" ", "")
    digits, letter = text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), text.lstrip("0123456789")
    if not digits.isascii() or not digits.isdigit() or digits + letter != text or len(digits) > 2:
        return None
    if not 1 <= int(digits) <= 60 or len(letter) != 1 or letter in "ABIOYZ":
        return None
    return int(digits), letter == "N" or (letter > "N" and letter != "S")


def from_utm(
    easting_m: float, northing_m: float, zone: int, north: bool
) -> tuple[float, float] | None:
    """Easting and northing → latitude_rad, longitude_rad; None where no place of the zone is meant."""
    if not (-500_000.0 <= easting_m <= 1_500_000.0 and -10_000.0 <= northing_m <= 10_010_000.0):
        return None
    y = northing_m - (0.0 if north else FALSE_NORTHING_SOUTH_M)
    xi, eta = y / (SCALE * _RECTIFYING_M), (easting_m - FALSE_EASTING_M) / (SCALE * _RECTIFYING_M)
    xi_, eta_ = xi, eta
    for j, beta in enumerate(_BETA, 1):
        xi_ -= beta * sin(2 * j * xi) * cosh(2 * j * eta)
        eta_ -= beta * cos(2 * j * xi) * sinh(2 * j * eta)
    tau_conformal = sin(xi_) / hypot(sinh(eta_), cos(xi_))
    tau = tau_conformal
    for _ in range(4):  # Newton's method, equations 19 to 21
        sigma = sinh(_E * atanh(_E * tau / hypot(1.0, tau)))
        guess = tau * hypot(1.0, sigma) - sigma * hypot(1.0, tau)
        tau += (
            (tau_conformal - guess)
            / hypot(1.0, guess)
            * (1.0 + (1.0 - ECCENTRICITY_SQUARED) * tau**2)
            / ((1.0 - ECCENTRICITY_SQUARED) * hypot(1.0, tau))
        )
    longitude = central_meridian_rad(zone) + atan2(sinh(eta_), cos(xi_))
    return atan(tau), (longitude + pi) % (2 * pi) - pi


def to_utm(latitude_rad: float, longitude_rad: float, zone: int) -> tuple[float, float]:
    """Latitude and longitude → easting_m, northing_m in that zone, northing of the own hemisphere."""
    tau = tan(latitude_rad)
    sigma = sinh(_E * atanh(_E * sin(latitude_rad)))
    conformal = tau * hypot(1.0, sigma) - sigma * hypot(1.0, tau)
    away = (longitude_rad - central_meridian_rad(zone) + pi) % (2 * pi) - pi
    xi = atan2(conformal, cos(away))
    eta = asinh_of(sin(away), hypot(conformal, cos(away)))
    x, y = eta, xi
    for j, alpha in enumerate(_ALPHA, 1):
        y += alpha * sin(2 * j * xi) * cosh(2 * j * eta)
        x += alpha * cos(2 * j * xi) * sinh(2 * j * eta)
    northing = SCALE * _RECTIFYING_M * y
    return (
        FALSE_EASTING_M + SCALE * _RECTIFYING_M * x,
        northing + (FALSE_NORTHING_SOUTH_M if latitude_rad < 0 else 0.0),
    )


def asinh_of(opposite: float, adjacent: float) -> float:
    """arsinh(opposite / adjacent), for a point that is not 90° off the meridian."""
    return atanh(opposite / hypot(opposite, adjacent)) if adjacent else inf


def convergence_rad(latitude_rad: float, longitude_rad: float, zone: int) -> float:
    """How far grid north points clockwise of true north: true azimuth = grid azimuth + this.

    The sphere's formula; the ellipsoid moves it by less than 1 µrad within 4° of the middle.
    """
    away = (longitude_rad - central_meridian_rad(zone) + pi) % (2 * pi) - pi
    return atan2(tan(away) * sin(latitude_rad), 1.0)
