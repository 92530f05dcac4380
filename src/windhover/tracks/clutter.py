"""Where a radar's false plots come from: a map learned from the data.

False plots are not even: a wind farm, a motorway, a shower and a city's first 400 m make more than
their share. The site says how many there are; where they are is counted here, forgotten as slowly as
everything learned, and mixed with the even density that `measure` starts from: after `PRIOR` plots both
count alike. Three factors stand beside one another: range, azimuth at that range, height. Height is
its own factor at every range, so that little data will do (a separable histogram).
"""

from __future__ import annotations

import math
from typing import Final

from windhover.schema.batches import F64
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_RADAR,
    P_AZ,
    P_DOPPLER,
    P_RANGE,
    P_RZ,
    P_Z,
    S_CLASS,
    S_MAP,
    S_RMAX,
    S_RMIN,
    S_Z,
)

RANGES: Final = 12
SECTORS: Final = 12
HEIGHTS: Final = 10
SPEEDS: Final = 8
FIRST_HEIGHT: Final = RANGES
FIRST_CELL: Final = RANGES + HEIGHTS
FIRST_SPEED: Final = FIRST_CELL + RANGES * SECTORS
PRIOR = 50.0  # plots that the even density is worth, in range and in height
PRIOR_AZIMUTH = 200.0  # … and in azimuth, at one range
TWO_PI = 2.0 * math.pi
LEAST_RANGE_M = 100.0


@kernel("i8(f8)")
def height_bin(over_m: float) -> int:
    """Heights above the sensor: below 0, then 0, 100, 200, 400, 800 … 12,800 m and above."""
    if over_m < 0.0:
        return 0
    k = 1
    edge = 100.0
    while over_m >= edge and k < HEIGHTS - 1:
        edge *= 2.0
        k += 1
    return k


@kernel("f8(i8)")
def height_width(k: int) -> float:
    """Of a bin, m; the lowest counts as 200 m deep, the highest as wide as the one below it."""
    if k <= 1:
        return 200.0 if k == 0 else 100.0
    return 100.0 * 2.0 ** min(k - 2, HEIGHTS - 4)


@kernel("i8(f8[:, ::1], i8, f8)")
def range_bin(sf: F64, s: int, range_m: float) -> int:
    """Equal parts of what the sensor covers; what lies outside belongs to the nearest."""
    part = (range_m - sf[s, S_RMIN]) / (sf[s, S_RMAX] - sf[s, S_RMIN])
    return int(min(max(part * RANGES, 0.0), RANGES - 1.0))


@kernel("i8(f8)")
def sector_bin(azimuth_rad: float) -> int:
    """Clockwise from north; any turn of it."""
    part = azimuth_rad / TWO_PI
    part -= math.floor(part)
    return int(min(part * SECTORS, SECTORS - 1.0))


@kernel("i8(f8)")
def speed_bin(rate_m_s: float) -> int:
    """Range rates, either sign: below 1, 2, 4 … 64 m/s, and above."""
    k = 0
    edge = 1.0
    while abs(rate_m_s) >= edge and k < SPEEDS - 1:
        edge *= 2.0
        k += 1
    return k


@kernel("f8(f8[:, ::1], i8, f8)")
def speeds(sf: F64, s: int, rate_m_s: float) -> float:
    """Density of a false plot's range rate, per m/s (1 where there is none).

    Before anything is learned: half of them anything up to 10 m/s, half anything up to 128 m/s.
    """
    if not math.isfinite(rate_m_s):
        return 1.0
    first = S_MAP + FIRST_SPEED
    total = 0.0
    for k in range(SPEEDS):
        total += sf[s, first + k]
    k = speed_bin(rate_m_s)
    wide = 2.0 if k == 0 else 2.0**k
    prior = 0.5 / 256.0 + (0.5 / 20.0 if abs(rate_m_s) < 10.0 else 0.0)
    return float((sf[s, first + k] / wide + PRIOR * prior) / (total + PRIOR))


@kernel("f8(f8[:, ::1], i8, f8, f8)")
def near_and_far(sf: F64, s: int, range_m: float, total: float) -> float:
    """How much denser false plots are at this range than if they were even in range."""
    here = sf[s, S_MAP + range_bin(sf, s, range_m)]
    return float((here * RANGES + PRIOR) / (total + PRIOR))


@kernel("f8(f8[:, ::1], i8)")
def counted(sf: F64, s: int) -> float:
    """False plots in the map of sensor s, discounted."""
    total = 0.0
    for k in range(RANGES):
        total += sf[s, S_MAP + k]
    return total


@kernel("f8(f8[:, ::1], i8, f8[:, ::1], i8, f8)")
def denser(sf: F64, s: int, pf: F64, j: int, total: float) -> float:
    """How much denser false plots are where plot j is than `measure` has it (1 with nothing learned);
    with a range rate, times its density among false plots.

    `total` is `counted` of the sensor.
    """
    if sf[s, S_CLASS] != CLASS_RADAR:
        return 1.0
    reach = pf[j, P_RANGE]
    r = range_bin(sf, s, reach)
    at_range = sf[s, S_MAP + r]
    cell = sf[s, S_MAP + FIRST_CELL + r * SECTORS + sector_bin(pf[j, P_AZ])]
    ratio = (at_range * RANGES + PRIOR) * (cell * SECTORS + PRIOR_AZIMUTH)
    ratio /= (total + PRIOR) * (at_range + PRIOR_AZIMUTH)
    if pf[j, P_RZ] > 0.0:
        h = height_bin(pf[j, P_Z] - sf[s, S_Z])
        deep = max(reach, LEAST_RANGE_M)
        here = sf[s, S_MAP + FIRST_HEIGHT + h] / height_width(h)
        ratio *= (here * deep + PRIOR) / (total + PRIOR)
    return float(ratio * speeds(sf, s, pf[j, P_DOPPLER]))


@kernel("void(f8[:, ::1], i8, f8[:, ::1], f8[::1], f8[::1], f8)")
def count(sf: F64, s: int, pf: F64, fresh: F64, start: F64, forget: float) -> None:
    """Add a frame's plots, each by its probability of being false, to the map of sensor s; all that
    was counted before weighs `forget` (0…1) of what it did."""
    if sf[s, S_CLASS] != CLASS_RADAR:
        return
    for k in range(FIRST_SPEED + SPEEDS):
        sf[s, S_MAP + k] *= forget
    for j in range(len(pf)):
        false = fresh[j] * (1.0 - start[j])
        r = range_bin(sf, s, pf[j, P_RANGE])
        sf[s, S_MAP + r] += false
        sf[s, S_MAP + FIRST_CELL + r * SECTORS + sector_bin(pf[j, P_AZ])] += false
        if math.isfinite(pf[j, P_DOPPLER]):
            sf[s, S_MAP + FIRST_SPEED + speed_bin(pf[j, P_DOPPLER])] += false
        if pf[j, P_RZ] > 0.0:
            sf[s, S_MAP + FIRST_HEIGHT + height_bin(pf[j, P_Z] - sf[s, S_Z])] += false
