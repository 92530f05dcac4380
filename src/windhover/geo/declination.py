"""Where magnetic north points: the World Magnetic Model of NOAA and BGS, by `pygeomag`.

The model is good to about 0.4° away from the magnetic poles (WMM2025 report, chapter 3).
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from math import radians
from typing import Any, Final

from windhover.units import NS_PER_S

SIGMA_RAD: Final = radians(0.4)
_YEAR_NS: Final = round(365.2425 * 86_400) * NS_PER_S
_EDITIONS: Final = (("2010", 2010), ("2015v2", 2015), ("2020", 2020), ("2025", 2025))


@lru_cache(maxsize=4)
def _model(edition: str) -> Any:
    # The coefficients come as Python: no file is opened. Loaded when first asked for.
    pygeomag = importlib.import_module("pygeomag")
    table = importlib.import_module(f"pygeomag.wmm.wmm_{edition}")
    return pygeomag.GeoMag(coefficients_data=getattr(table, f"WMM_{edition}"))


@lru_cache(maxsize=4096)
def _declination_deg(tenths_latitude: int, tenths_longitude: int, tenths_year: int) -> float:
    year = tenths_year / 10.0
    edition = next((name for name, first in reversed(_EDITIONS) if year >= first), "2010")
    found = _model(edition).calculate(
        glat=tenths_latitude / 10.0,
        glon=tenths_longitude / 10.0,
        alt=0.0,
        time=year,
        allow_date_outside_lifespan=True,
    )
    return float(found.d)


def declination_rad(latitude_deg: float, longitude_deg: float, time_ns: int) -> float:
    """Angle from true to magnetic north in rad, east positive, to a tenth of a degree of place.

    >>> round(degrees(declination_rad(31.8, -106.4, 1_770_791_400_000_000_000)), 1)
    7.6
    """
    tenths = (round(latitude_deg * 10.0), round(longitude_deg * 10.0))
    return radians(_declination_deg(*tenths, round((1970.0 + time_ns / _YEAR_NS) * 10.0)))
