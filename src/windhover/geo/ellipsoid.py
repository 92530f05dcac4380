"""WGS 84: geodetic ↔ Earth-centred, Earth-fixed coordinates.

Sources: NIMA TR8350.2 (constants); the inverse is Bowring (1976), "Transformation from spatial to
geographical coordinates", Survey Review 23(181), iterated once more, exact to better than a
micrometre below 100 km.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64

SEMI_MAJOR_M: Final = 6_378_137.0
FLATTENING: Final = 1.0 / 298.257_223_563
SEMI_MINOR_M: Final = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_SQUARED: Final = FLATTENING * (2.0 - FLATTENING)
SECOND_ECCENTRICITY_SQUARED: Final = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)


def to_ecef(
    latitude_rad: F64 | float, longitude_rad: F64 | float, height_ellipsoid_m: F64 | float
) -> F64:
    """Geodetic (…,) arrays → ECEF (…, 3) in m. NaN heights give NaN rows."""
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    prime_vertical_m = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat**2)
    horizontal_m = (prime_vertical_m + height_ellipsoid_m) * cos_lat
    return np.stack(
        [
            horizontal_m * np.cos(longitude_rad),
            horizontal_m * np.sin(longitude_rad),
            (prime_vertical_m * (1.0 - ECCENTRICITY_SQUARED) + height_ellipsoid_m) * sin_lat,
        ],
        axis=-1,
    )


def from_ecef(ecef_m: F64) -> tuple[F64, F64, F64]:
    """ECEF (…, 3) in m → latitude_rad, longitude_rad, height_ellipsoid_m, each (…,)."""
    x, y, z = ecef_m[..., 0], ecef_m[..., 1], ecef_m[..., 2]
    p = np.hypot(x, y)
    beta = np.arctan2(z * SEMI_MAJOR_M, p * SEMI_MINOR_M)
    for _ in range(2):
        latitude = np.arctan2(
            z + SECOND_ECCENTRICITY_SQUARED * SEMI_MINOR_M * np.sin(beta) ** 3,
            p - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * np.cos(beta) ** 3,
        )
        beta = np.arctan2((1.0 - FLATTENING) * np.sin(latitude), np.cos(latitude))
    sin_lat, cos_lat = np.sin(latitude), np.cos(latitude)
    prime_vertical_m = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat**2)
    # One expression that is well conditioned at the equator and at the poles alike.
    height = p * cos_lat + z * sin_lat - SEMI_MAJOR_M**2 / prime_vertical_m
    return latitude, np.arctan2(y, x), height
