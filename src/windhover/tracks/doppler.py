"""Range rate: how fast a plot's object comes or goes, as a measurement of velocity.

h(x) = u·v with u the line of sight, linear in the velocity once u is taken from the plot; so one more
scalar Kalman update after the position's (sequential updates with independent errors are the joint one).
Rotor blades, wheels and waves put other speeds into the echo: one plot in twenty is believed to say
nothing about the body's speed, and what lies beyond four sigma moves no track.
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    FORM_PLACE,
    FORM_SLANT,
    MODE,
    P_DOPPLER,
    P_FORM,
    P_RANGE,
    P_RZ,
    P_X,
    P_Y,
    P_Z,
    S_X,
    S_Y,
    S_Z,
    STRIDE,
    Z,
)

VARIANCE_M2_S2 = 1.0  # of a radar's range rate; detections bring none of their own
BLADES = 0.05  # share of range rates that are not the body's …
SPREAD_M_S = 60.0  # … and are anything within ± half of this
BELIEVED = 16.0  # squared innovations beyond this move nothing
RATE = 8  # seen[8…10] line of sight (east, north, up), seen[11] range rate or NaN


@kernel("void(f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8, f8[::1])", inline=True)
def sight(tf: F64, i: int, pf: F64, j: int, sf: F64, s: int, seen: F64) -> None:
    """Line of sight and range rate of plot j as row i's height has it, into seen[8…11]."""
    rate = pf[j, P_DOPPLER]
    form = pf[j, P_FORM]
    if not math.isfinite(rate) or (form != FORM_PLACE and form != FORM_SLANT):
        seen[11] = math.nan
        return
    x = pf[j, P_X] - sf[s, S_X]
    y = pf[j, P_Y] - sf[s, S_Y]
    z = 0.0
    if pf[j, P_RZ] > 0.0:
        z = pf[j, P_Z] - sf[s, S_Z]
    elif form == FORM_SLANT:
        most = 0.9 * pf[j, P_RANGE]
        z = min(max(tf[i, Z] - sf[s, S_Z], -most), most)
    far = math.sqrt(x * x + y * y + z * z)
    if far < 1.0:
        seen[11] = math.nan
        return
    seen[8] = x / far
    seen[9] = y / far
    seen[10] = z / far
    seen[11] = rate


@kernel("f8(f8, f8)")
def density(gap_m_s: float, variance: float) -> float:
    """Of a range rate this far from the one expected, per m/s."""
    body = math.exp(-0.5 * min(gap_m_s * gap_m_s / variance, 60.0))
    body /= math.sqrt(2.0 * math.pi * variance)
    return float((1.0 - BLADES) * body + BLADES / SPREAD_M_S)


@kernel("f8(f8[:, ::1], i8, i8, f8[::1])", inline=True)
def fits(tf: F64, i: int, mode: int, seen: F64) -> float:
    """Density of the range rate in `seen` under one mode of row i (1 where there is none).

    What position and velocity share is left out: the place was weighed on its own.
    """
    if not math.isfinite(seen[11]):
        return 1.0
    b = MODE + STRIDE * mode
    x = seen[8]
    y = seen[9]
    z = seen[10]
    gap = seen[11] - x * tf[i, b + 2] - y * tf[i, b + 3] - z * tf[i, Z + 1]
    variance = x * x * tf[i, b + 11] + 2.0 * x * y * tf[i, b + 12] + y * y * tf[i, b + 13]
    return float(density(gap, variance + z * z * tf[i, Z + 4] + VARIANCE_M2_S2))


@kernel("void(f8[:, ::1], i8, i8, f8[::1], f8[::1])", inline=True)
def refine(tf: F64, i: int, mode: int, seen: F64, step: F64) -> None:
    """The range rate's own update on top of the position's.

    `step` (14): what the plot's position changed of one mode's mean (4) and covariance (10, upper
    triangle); in and out.
    """
    if not math.isfinite(seen[11]):
        return
    b = MODE + STRIDE * mode
    x = seen[8]
    y = seen[9]
    z = seen[10]
    h0 = x * (tf[i, b + 6] + step[6]) + y * (tf[i, b + 7] + step[7])
    h1 = x * (tf[i, b + 9] + step[9]) + y * (tf[i, b + 10] + step[10])
    h2 = x * (tf[i, b + 11] + step[11]) + y * (tf[i, b + 12] + step[12])
    h3 = x * (tf[i, b + 12] + step[12]) + y * (tf[i, b + 13] + step[13])
    big = x * h2 + y * h3 + z * z * tf[i, Z + 4] + VARIANCE_M2_S2
    gap = seen[11] - x * (tf[i, b + 2] + step[2]) - y * (tf[i, b + 3] + step[3]) - z * tf[i, Z + 1]
    if gap * gap > BELIEVED * big:
        return
    g = gap / big
    step[0] += h0 * g
    step[1] += h1 * g
    step[2] += h2 * g
    step[3] += h3 * g
    step[4] -= h0 * h0 / big
    step[5] -= h0 * h1 / big
    step[6] -= h0 * h2 / big
    step[7] -= h0 * h3 / big
    step[8] -= h1 * h1 / big
    step[9] -= h1 * h2 / big
    step[10] -= h1 * h3 / big
    step[11] -= h2 * h2 / big
    step[12] -= h2 * h3 / big
    step[13] -= h3 * h3 / big


@kernel("f8(f8, f8[:, ::1])")
def of_a_stranger(rate_m_s: float, models: F64) -> float:
    """Density of the range rate of an object seen for the first time, per m/s (1 where there is none)."""
    if not math.isfinite(rate_m_s):
        return 1.0
    total = 0.0
    for m in range(3):
        total += models[m, 3] * density(rate_m_s, models[m, 2] * models[m, 2] + VARIANCE_M2_S2)
    return total
