"""From what a message calls altitude to height above the ellipsoid, or NaN where nobody can know.

Never a guess: mean sea level needs the site's geoid undulation, barometric altitude needs a fresh
QNH as well. A missing one leaves the height NaN, and the caller counts it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64
from windhover.schema.place import Vertical

STANDARD_HPA: Final = 1013.25
# ICAO Doc 7488, troposphere: T0/L = 288.15/0.0065 m, exponent L·R/g = 0.190263.
_SCALE_M: Final = 288.15 / 0.0065
_EXPONENT: Final = 0.190263

SIGMA_BARO_M: Final = 10.0
"""Encoder step and calibration of a transponder's altimeter (ICAO Annex 10 IV: ±38 m at 99.7 %)."""
BARO_TEMPERATURE_SHARE: Final = 0.04
"""Height error per metre of a 10 K departure from the standard atmosphere."""


def qnh_correction_m(qnh_hpa: float) -> float:
    """What to add to a pressure altitude to get altitude above mean sea level on this QNH.

    >>> round(qnh_correction_m(1014.25), 1)
    8.3
    """
    return _SCALE_M * float((qnh_hpa / STANDARD_HPA) ** _EXPONENT - 1.0)


def ellipsoid_from_amsl_m(altitude_amsl_m: float, vertical: Vertical) -> float:
    """Height above the ellipsoid in m; NaN where the undulation is unknown."""
    if vertical.undulation_m is None:
        return float("nan")
    return altitude_amsl_m + vertical.undulation_m


def amsl_from_ellipsoid_m(height_ellipsoid_m: float, vertical: Vertical) -> float:
    """Altitude above mean sea level in m; NaN where the undulation is unknown."""
    if vertical.undulation_m is None:
        return float("nan")
    return height_ellipsoid_m - vertical.undulation_m


def amsl_from_baro_m(altitude_baro_m: float, vertical: Vertical) -> float:
    """Altitude above mean sea level in m; NaN where the QNH is unknown."""
    if vertical.qnh_hpa is None:
        return float("nan")
    return altitude_baro_m + qnh_correction_m(vertical.qnh_hpa)


def ellipsoid_from_baro_m(altitude_baro_m: float, vertical: Vertical) -> float:
    """Height above the ellipsoid in m; NaN where QNH or undulation is unknown."""
    return ellipsoid_from_amsl_m(amsl_from_baro_m(altitude_baro_m, vertical), vertical)


def sigma_from_baro_m(altitude_baro_m: float) -> float:
    """Standard error in m of a height made from a barometric altitude."""
    return float(np.hypot(SIGMA_BARO_M, BARO_TEMPERATURE_SHARE * altitude_baro_m))


def ellipsoid_from_amsl(altitude_amsl_m: F64, vertical: Vertical) -> F64:
    """(N,) as `ellipsoid_from_amsl_m`."""
    return altitude_amsl_m + (np.nan if vertical.undulation_m is None else vertical.undulation_m)


def ellipsoid_from_baro(altitude_baro_m: F64, vertical: Vertical) -> F64:
    """(N,) as `ellipsoid_from_baro_m`."""
    if vertical.qnh_hpa is None:
        return np.full(np.shape(altitude_baro_m), np.nan)
    return ellipsoid_from_amsl(altitude_baro_m + qnh_correction_m(vertical.qnh_hpa), vertical)
