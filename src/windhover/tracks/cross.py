"""Two bearings from two places start a track; one never does.

Bearings that no track explains are kept for a moment. When one from another place crosses them, the
crossing becomes a row with the existence that Bayes' rule gives it: the density of undetected objects
there, times both detection probabilities and the Jacobian r₁r₂/sin γ of the crossing, against both
bearings being something else. n emitters heard at two places cross n² times; which crossings are real
is settled as by any other two rows that want the same plots: by motion, by a third place, by silence.
"""

from __future__ import annotations

import math
from typing import Final

from windhover.schema.batches import F64, I64
from windhover.tracks.imm import begin
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    BORN,
    CLAIM,
    CLAIM_W,
    COOP_W,
    EXT,
    F_BORN,
    FORM_BEARING,
    HIT,
    HITS,
    HOPE,
    ID,
    MARKS,
    P_AZ,
    P_EL,
    P_FORM,
    P_RA,
    P_RE,
    P_T,
    Q_SERIAL,
    Q_TIME,
    S_PD,
    S_RMAX,
    S_X,
    S_Y,
    S_Z,
    SEED,
    SHARE,
    Z,
)

HEARD: Final = 32  # bearings that are remembered
HEARD_F: Final = 6  # s, sensor, azimuth, its variance, unexplained share, background
APART_S = 1.2  # bearings farther apart in time do not speak of one place
SPEED_M_S = 30.0  # that the object may have between the two
UNEXPLAINED = 0.3  # a bearing that tracks explain better starts nothing
LEAST_SINE = 0.1  # lines that cross flatter than 6° place nothing
MOST = 4  # crossings of one bearing


@kernel("f8(f8, f8, f8, f8, f8, f8, f8, f8, f8, f8[::1])")
def crossing(
    x1: float, y1: float, azimuth1: float, variance1: float, x2: float, y2: float, azimuth2: float,
    variance2: float, apart_s: float, out: F64,
) -> float:  # fmt: skip
    """Where two bearings meet: out = x, y, Pxx, Pxy, Pyy, r₁, r₂. Returns |sin γ|, 0 where they do not.

    Each bearing is a line with an error of r·σ across it; the place is their least-squares point.
    """
    s1 = math.sin(azimuth1)
    c1 = math.cos(azimuth1)
    s2 = math.sin(azimuth2)
    c2 = math.cos(azimuth2)
    cross = s2 * c1 - c2 * s1
    if abs(cross) < LEAST_SINE:
        return 0.0
    dx = x2 - x1
    dy = y2 - y1
    r1 = (s2 * dy - c2 * dx) / cross
    r2 = (s1 * dy - c1 * dx) / cross
    if r1 <= 1.0 or r2 <= 1.0:
        return 0.0
    out[0] = x1 + r1 * s1
    out[1] = y1 + r1 * c1
    w1 = 1.0 / (r1 * r1 * variance1)
    w2 = 1.0 / (r2 * r2 * variance2)
    ixx = w1 * c1 * c1 + w2 * c2 * c2
    ixy = -w1 * s1 * c1 - w2 * s2 * c2
    iyy = w1 * s1 * s1 + w2 * s2 * s2
    det = ixx * iyy - ixy * ixy
    drift = SPEED_M_S * SPEED_M_S * apart_s * apart_s
    out[2] = iyy / det + drift
    out[3] = -ixy / det
    out[4] = ixx / det + drift
    out[5] = r1
    out[6] = r2
    return abs(cross)


@kernel(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], f8, f8[::1],"
    "f8[::1], f8[:, ::1], f8[:, ::1], f8[::1], f8[::1], f8, f8[::1], i8[::1])",
)
def triangulate(
    tf: F64,
    ti: I64,
    seen_at: F64,
    rows: int,
    sf: F64,
    s: int,
    pf: F64,
    pi: I64,
    to_s: float,
    fresh: F64,
    background: F64,
    heard: F64,
    models: F64,
    height: F64,
    field: F64,
    undetected: float,
    seen: F64,
    owner: I64,
) -> int:
    """Start rows where this frame's bearings cross remembered ones; remember them. Rows there are now."""
    total = rows
    sensors = sf.shape[0]
    place = seen[0:7]
    for j in range(len(pf)):
        if pf[j, P_FORM] != FORM_BEARING or fresh[j] < UNEXPLAINED:
            continue
        made = 0
        for k in range(HEARD):
            other = int(heard[k, 1])
            apart = abs(pf[j, P_T] - heard[k, 0])
            if apart > APART_S or other == s or made >= MOST:
                continue
            sine = crossing(
                sf[s, S_X], sf[s, S_Y], pf[j, P_AZ], pf[j, P_RA], sf[other, S_X], sf[other, S_Y],
                heard[k, 2], heard[k, 3], apart, place,
            )  # fmt: skip
            if sine <= 0.0 or place[5] > sf[s, S_RMAX] or place[6] > sf[other, S_RMAX]:
                continue
            both = undetected * sf[s, S_PD] * sf[other, S_PD] * place[5] * place[6] / sine
            start = both / (both + background[j] * heard[k, 5])
            r = start * fresh[j] * heard[k, 4]
            if r < 1e-7:
                continue
            r1 = place[5]
            for c in range(5, 11):
                seen[c] = 0.0
            seen[11] = math.nan
            z = sf[s, S_Z] + min(height[0], 0.1 * r1)
            z_variance = min(height[1], 0.0225 * r1 * r1)
            if pf[j, P_RE] > 0.0:
                slope = math.tan(pf[j, P_EL])
                z = sf[s, S_Z] + r1 * slope
                turn = r1 * (1.0 + slope * slope)
                z_variance = turn * turn * pf[j, P_RE] + slope * slope * (seen[2] + seen[4])
            begin(tf, total, pf[j, P_T], seen, models, height, r)
            tf[total, Z] = z
            tf[total, Z + 2] = z_variance
            tf[total, EXT] = to_s
            tf[total, SHARE] = field[F_BORN] / max(undetected, 1e-300)
            tf[total, HOPE] = start
            tf[total, CLAIM_W] = 0.0
            tf[total, COOP_W] = 0.0
            ti[total, ID] = 0
            ti[total, SEED] = pi[j, Q_SERIAL]
            ti[total, BORN] = pi[j, Q_TIME]
            ti[total, HIT] = pi[j, Q_TIME]
            ti[total, HITS] = 1
            ti[total, CLAIM] = 0
            ti[total, MARKS] = 0
            for c in range(sensors):
                seen_at[total, c] = to_s
                seen_at[total, sensors + c] = -1e18
            seen_at[total, sensors + s] = pf[j, P_T]
            seen_at[total, sensors + other] = heard[k, 0]
            if owner[j] < 0:
                owner[j] = total
            total += 1
            made += 1
        oldest = 0
        for k in range(HEARD):
            if heard[k, 0] < heard[oldest, 0]:
                oldest = k
        heard[oldest, 0] = pf[j, P_T]
        heard[oldest, 1] = s
        heard[oldest, 2] = pf[j, P_AZ]
        heard[oldest, 3] = pf[j, P_RA]
        heard[oldest, 4] = fresh[j]
        heard[oldest, 5] = background[j]
    return total
