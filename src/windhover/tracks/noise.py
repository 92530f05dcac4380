"""How noisy a radar truly is: its stated errors are held against what its plots do, and corrected.

Two factors per radar, on the variances of range and of azimuth that its plots state. Each plot that
surely belongs to a settled track gives a sample of the true variance, from what is left of its innovation
after the update and from what the track itself did not know (the residual form of Mehra 1970, "On the
identification of variances and adaptive Kalman filtering", IEEE TAC 15(2); it cannot go below zero):
R̂ = (R·ν/S)² + R·(S − R)/S. Repeated, it is expectation-maximisation: the factors settle where what is
assumed and what is seen agree. A factor near one is left alone: turns that a track did not foresee look like noise.
Errors stated too small are hardly noticed: they make plots look like turns.
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64, I64
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_RADAR,
    FORM_BEARING,
    HITS,
    MODE,
    MU,
    P_AZ,
    P_FORM,
    P_RA,
    P_RR,
    P_RXX,
    P_RXY,
    P_RYY,
    P_T,
    S_CLASS,
    S_NOISE,
    STRIDE,
    TIME,
)
from windhover.tracks.update import see

NEAR_ONE = 1.5  # factors between its inverse and this are left alone
OUTLIER = 16.0  # squared residuals count as at most so many of their variances
SLOWEST = 200.0  # plots that a factor remembers
FIRST = 30.0  # plots that the stated value is worth
SETTLED_HITS = 6
SURE = 0.9  # of object and association together
LEAST_RANGE_M2 = 1.0
LEAST_AZIMUTH_RAD2 = 1e-10
# From S_NOISE: factor of range variance, of azimuth variance, plots they rest on.


@kernel("f8(f8)")
def applied(factor: float) -> float:
    """What a learned factor is taken for: one near one, in full from 2 and below ½, a line between."""
    far = factor if factor > 1.0 else 1.0 / factor
    used = max(min(1.0 + 2.0 * (far - NEAR_ONE), far), 1.0)
    return used if factor > 1.0 else 1.0 / used


@kernel("f8(f8, f8, f8)")
def sample(stated: float, gap: float, spread: float) -> float:
    """One plot's word on its own variance along one direction.

    `stated` variance as it was used, `gap` of the plot from where it was expected, `spread` ≥ `stated` the
    variance of that gap. m² all.
    """
    square = min(gap * gap, OUTLIER * spread)
    part = stated / spread
    return part * part * square + part * (spread - stated)


@kernel("b1(f8[:, ::1], i8)")
def rescales(sf: F64, s: int) -> bool:
    """Whether plots of sensor s are to be corrected at all."""
    if sf[s, S_CLASS] != CLASS_RADAR:
        return False
    return bool(applied(sf[s, S_NOISE]) != 1.0 or applied(sf[s, S_NOISE + 1]) != 1.0)


@kernel("void(f8[:, ::1], i8, f8[:, ::1])")
def rescale(sf: F64, s: int, pf: F64) -> None:
    """Put the learned factors into the plots of sensor s (in place)."""
    along = applied(sf[s, S_NOISE])
    turn = applied(sf[s, S_NOISE + 1])
    for j in range(len(pf)):
        if pf[j, P_FORM] == FORM_BEARING or pf[j, P_RA] <= 0.0:
            continue
        f = max(along, LEAST_RANGE_M2 / pf[j, P_RR])
        g = max(turn, LEAST_AZIMUTH_RAD2 / pf[j, P_RA])
        sn = math.sin(pf[j, P_AZ])
        cs = math.cos(pf[j, P_AZ])
        xx = pf[j, P_RXX]
        xy = pf[j, P_RXY]
        yy = pf[j, P_RYY]
        r = f * (sn * sn * xx + 2.0 * sn * cs * xy + cs * cs * yy)
        a = g * (cs * cs * xx - 2.0 * sn * cs * xy + sn * sn * yy)
        pf[j, P_RR] *= f
        pf[j, P_RA] *= g
        pf[j, P_RXX] = r * sn * sn + a * cs * cs
        pf[j, P_RXY] = (r - a) * sn * cs
        pf[j, P_RYY] = r * cs * cs + a * sn * sn


@kernel(
    "void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1],"
    "f8[::1])",
)
def judge(
    tf: F64,
    ti: I64,
    sf: F64,
    s: int,
    pf: F64,
    active: int,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    weight: F64,
    seen: F64,
) -> None:
    """Learn from this frame's plots of sensor s, before the tracks are updated with them.

    Each mode has its own say, weighed by how likely the plot makes it: in a turn the manoeuvre mode, that
    expects anything, says little.
    """
    if sf[s, S_CLASS] != CLASS_RADAR:
        return
    along = applied(sf[s, S_NOISE])
    turn = applied(sf[s, S_NOISE + 1])
    for a in range(active):
        i = row_of[a]
        if ti[i, HITS] < SETTLED_HITS:
            continue
        best = -1
        for p in range(first[a], first[a + 1]):
            if weight[p] >= SURE:
                best = p
        if best < 0:
            continue
        j = plot[best]
        if pf[j, P_RA] <= 0.0 or pf[j, P_FORM] == FORM_BEARING:
            continue
        see(tf, i, pf, j, sf, s, seen)
        dt = pf[j, P_T] - tf[i, TIME]
        sn = math.sin(pf[j, P_AZ])
        cs = math.cos(pf[j, P_AZ])
        stated_r = pf[j, P_RR]
        stated_a = cs * cs * seen[2] - 2.0 * sn * cs * seen[3] + sn * sn * seen[4]
        found_r = 0.0
        found_a = 0.0
        for m in range(3):
            w = tf[i, MU + m] * like[best, m] / max(like[best, 3], 1e-300)
            if w < 1e-3:
                continue
            b = MODE + STRIDE * m
            dx = seen[0] - tf[i, b] - dt * tf[i, b + 2]
            dy = seen[1] - tf[i, b + 1] - dt * tf[i, b + 3]
            xx = tf[i, b + 4] + dt * (2.0 * tf[i, b + 6] + dt * tf[i, b + 11]) + seen[2]
            xy = tf[i, b + 5] + dt * (tf[i, b + 7] + tf[i, b + 9] + dt * tf[i, b + 12]) + seen[3]
            yy = tf[i, b + 8] + dt * (2.0 * tf[i, b + 10] + dt * tf[i, b + 13]) + seen[4]
            spread = sn * sn * xx + 2.0 * sn * cs * xy + cs * cs * yy
            found_r += w * sample(stated_r, sn * dx + cs * dy, max(spread, stated_r))
            spread = cs * cs * xx - 2.0 * sn * cs * xy + sn * sn * yy
            found_a += w * sample(stated_a, cs * dx - sn * dy, max(spread, stated_a))
        n = sf[s, S_NOISE + 2] + 1.0
        gain = 1.0 / min(n + FIRST, SLOWEST)
        sf[s, S_NOISE] += gain * (found_r / stated_r * along - sf[s, S_NOISE])
        sf[s, S_NOISE + 1] += gain * (found_a / stated_a * turn - sf[s, S_NOISE + 1])
        sf[s, S_NOISE + 2] = n
