"""Conversions between the field's units and the SI units and radians used inside.

Inside Windhover every quantity is SI or radians and every name says so. These constants are
multiplied in at the edge where bytes come in, and divided out where words go out.

Sources: 1 ft = 0.3048 m and 1 NM = 1852 m exactly (ICAO Annex 5, table 3-3).
"""

from __future__ import annotations

from math import pi
from typing import Final

M_PER_FT: Final = 0.3048
M_PER_NM: Final = 1852.0
M_PER_KM: Final = 1000.0
M_S_PER_KT: Final = 1852.0 / 3600.0
M_S_PER_FT_MIN: Final = 0.3048 / 60.0
M_PER_FLIGHT_LEVEL: Final = 100 * 0.3048
"""Metres of *pressure* altitude per flight level; never a height above anything by itself."""

RAD_PER_DEG: Final = pi / 180.0
DEG_PER_RAD: Final = 180.0 / pi
M2_PER_KM2: Final = 1.0e6
NS_PER_S: Final = 1_000_000_000
NS_PER_MIN: Final = 60 * NS_PER_S
NS_PER_H: Final = 3600 * NS_PER_S
