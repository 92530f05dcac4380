"""Registration: each radar's constant errors in range, azimuth and time, against cooperative objects.

A three-state Kalman filter per radar over (range m, azimuth rad, time s), fed with how far its plots lie
from tracks that somebody reports in time, and taken out of its plots before they are used (the
residual-bias form of Bar-Shalom, Willett and Tian 2011, §11). The track it is compared with has been
drawn a little by the radar itself, so each residual counts as if it were `DOUBT` times as uncertain;
with the bias removed the rest goes to nothing all the same. What is found is relative to the reports: a
feed that is late by 0.3 s makes a radar look early.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLAIM_W,
    CLASS_COOPERATIVE,
    CLASS_RADAR,
    COOP_W,
    EX,
    FORM_BEARING,
    GP,
    GX,
    GXY,
    HITS,
    P_AZ,
    P_FORM,
    P_RANGE,
    P_RXX,
    P_RYY,
    P_T,
    P_X,
    P_Y,
    S_BIAS,
    S_CLASS,
    S_X,
    S_Y,
    TIME,
)
from windhover.tracks.update import see

START_RANGE_M = 50.0  # standard deviations before anything is known
START_AZIMUTH_RAD = 0.006
START_TIME_S = 0.3
WALK_RANGE_M = 0.05  # per √s: a mast moves with the sun, a clock drifts
WALK_AZIMUTH_RAD = 3e-6
WALK_TIME_S = 3e-4
DOUBT = 4.0  # on the variance of a residual
FAR_OFF = 16.0  # squared residuals beyond this say something else is wrong
RECENT_S = 2.5  # since the object's last report
SETTLED = 40.0  # residuals after which only a track's own plots teach
SURE = 0.9  # of the object, its claim and the association
# From S_BIAS: mean (3), covariance (6, upper triangle), the two below, and what is taken out now (3).
LAST = S_BIAS + 9  # s, when the errors were last carried forward; S_BIAS + 10 counts residuals


class Biases(NamedTuple):
    """What has been found of each sensor; rows as in the sensor table. Unknown = NaN."""

    range_m: F64  # (S,) measured minus true
    azimuth_rad: F64  # (S,) clockwise
    time_s: F64  # (S,) stamped minus true
    sigma: F64  # (S, 3) standard deviations of the three
    residuals: I64  # (S,) how many plots they rest on


@kernel("void(f8[:, ::1], i8)")
def begin_bias(sf: F64, s: int) -> None:
    """Nothing known of sensor s: mean 0, wide diagonal."""
    for k in range(14):
        sf[s, S_BIAS + k] = 0.0
    sf[s, S_BIAS + 3] = START_RANGE_M * START_RANGE_M
    sf[s, S_BIAS + 6] = START_AZIMUTH_RAD * START_AZIMUTH_RAD
    sf[s, S_BIAS + 8] = START_TIME_S * START_TIME_S


@kernel("b1(f8[:, ::1], i8, f8, f8, f8, f8, f8)")
def learn(sf: F64, s: int, h0: float, h1: float, h2: float, gap: float, variance: float) -> bool:
    """One scalar residual gap = h·bias + noise into the filter of sensor s; False where it is absurd.

    The covariance's upper triangle stands from S_BIAS + 3 on, row by row.
    """
    b = S_BIAS
    p0 = sf[s, b + 3] * h0 + sf[s, b + 4] * h1 + sf[s, b + 5] * h2
    p1 = sf[s, b + 4] * h0 + sf[s, b + 6] * h1 + sf[s, b + 7] * h2
    p2 = sf[s, b + 5] * h0 + sf[s, b + 7] * h1 + sf[s, b + 8] * h2
    big = h0 * p0 + h1 * p1 + h2 * p2 + variance
    off = gap - h0 * sf[s, b] - h1 * sf[s, b + 1] - h2 * sf[s, b + 2]
    if off * off > FAR_OFF * big:
        return False
    g = off / big
    sf[s, b] += p0 * g
    sf[s, b + 1] += p1 * g
    sf[s, b + 2] += p2 * g
    sf[s, b + 3] -= p0 * p0 / big
    sf[s, b + 4] -= p0 * p1 / big
    sf[s, b + 5] -= p0 * p2 / big
    sf[s, b + 6] -= p1 * p1 / big
    sf[s, b + 7] -= p1 * p2 / big
    sf[s, b + 8] -= p2 * p2 / big
    return True


@kernel("void(f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8, f8[::1], f8, f8, f8)")
def compare(
    tf: F64, i: int, pf: F64, j: int, sf: F64, s: int, seen: F64, taken0: float, taken1: float,
    taken2: float,
) -> None:  # fmt: skip
    """Learn from plot j being row i: its residuals along and across the line of sight.

    The plot came without what was known (`taken…`), so the residual of the whole bias is its own plus
    that.
    """
    see(tf, i, pf, j, sf, s, seen)
    ago = pf[j, P_T] - tf[i, TIME]
    dx = seen[0] - tf[i, GX] - ago * tf[i, GX + 2]
    dy = seen[1] - tf[i, GX + 1] - ago * tf[i, GX + 3]
    sn = math.sin(pf[j, P_AZ])
    cs = math.cos(pf[j, P_AZ])
    ground = math.sqrt((seen[0] - sf[s, S_X]) ** 2 + (seen[1] - sf[s, S_Y]) ** 2)
    xx = seen[2] + tf[i, GP]
    xy = seen[3] + tf[i, GXY]
    yy = seen[4] + tf[i, GP + 1]
    toward = sn * tf[i, GX + 2] + cs * tf[i, GX + 3]
    across = cs * tf[i, GX + 2] - sn * tf[i, GX + 3]
    gap = sn * dx + cs * dy + taken0 - toward * taken2
    noise = DOUBT * (sn * sn * xx + 2.0 * sn * cs * xy + cs * cs * yy)
    fine = learn(sf, s, 1.0, 0.0, -toward, gap, noise)
    gap = cs * dx - sn * dy + ground * taken1 - across * taken2
    noise = DOUBT * (cs * cs * xx - 2.0 * sn * cs * xy + sn * sn * yy)
    if learn(sf, s, 0.0, ground, -across, gap, noise) and fine:
        sf[s, S_BIAS + 10] += 1.0


@kernel("i8(f8[:, ::1], i8, f8[:, ::1], f8[:, ::1], i8)")
def alone(tf: F64, i: int, pf: F64, sf: F64, s: int) -> int:
    """The only plot that row i may have made if sensor s were as far off as it may be; −1 = none or
    several. What is far off never falls into a track's own gate."""
    found = -1
    for j in range(len(pf)):
        if pf[j, P_FORM] == FORM_BEARING:
            continue
        ago = pf[j, P_T] - tf[i, TIME]
        dx = pf[j, P_X] - tf[i, GX] - ago * tf[i, GX + 2]
        dy = pf[j, P_Y] - tf[i, GX + 1] - ago * tf[i, GX + 3]
        reach = pf[j, P_RANGE] * START_AZIMUTH_RAD
        speed2 = tf[i, GX + 2] * tf[i, GX + 2] + tf[i, GX + 3] * tf[i, GX + 3]
        most = START_RANGE_M * START_RANGE_M + reach * reach + speed2 * START_TIME_S * START_TIME_S
        most += tf[i, GP] + tf[i, GP + 1] + pf[j, P_RXX] + pf[j, P_RYY]
        if dx * dx + dy * dy > 9.0 * most:
            continue
        if found >= 0:
            return -1
        found = j
    return found


@kernel(
    "void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], f8, i8, i8[::1], i8[::1],"
    "i8[::1], f8[::1], f8[::1])",
)
def register(
    tf: F64,
    ti: I64,
    seen_at: F64,
    rows: int,
    sf: F64,
    s: int,
    pf: F64,
    to_s: float,
    active: int,
    row_of: I64,
    first: I64,
    plot: I64,
    weight: F64,
    seen: F64,
) -> None:
    """Learn from this frame's plots of sensor s, which have its bias taken out already, before the
    tracks are updated with them."""
    if sf[s, S_CLASS] != CLASS_RADAR:
        return
    sensors = sf.shape[0]
    reporting = 0
    for c in range(sensors):
        if sf[c, S_CLASS] == CLASS_COOPERATIVE:
            reporting += 1
    if reporting == 0:
        return
    dt = min(to_s - sf[s, LAST], 60.0)
    if dt > 0.0 and sf[s, S_BIAS + 10] > 0.0:
        sf[s, S_BIAS + 3] += WALK_RANGE_M * WALK_RANGE_M * dt
        sf[s, S_BIAS + 6] += WALK_AZIMUTH_RAD * WALK_AZIMUTH_RAD * dt
        sf[s, S_BIAS + 8] += WALK_TIME_S * WALK_TIME_S * dt
    sf[s, LAST] = to_s
    taken0 = sf[s, S_BIAS + 11]
    taken1 = sf[s, S_BIAS + 12]
    taken2 = sf[s, S_BIAS + 13]
    at = 0
    for i in range(rows):
        mine = at < active and row_of[at] == i
        if mine:
            at += 1
        if tf[i, EX] < SURE or ti[i, HITS] < 5 or tf[i, CLAIM_W] < SURE * tf[i, COOP_W]:
            continue
        told = -1e18
        for c in range(sensors):
            if sf[c, S_CLASS] == CLASS_COOPERATIVE:
                told = max(told, seen_at[i, sensors + c])
        if to_s - told > RECENT_S:
            continue
        found = -1
        if mine:
            for p in range(first[at - 1], first[at]):
                if weight[p] >= SURE and pf[plot[p], P_FORM] != FORM_BEARING:
                    found = plot[p]
        elif sf[s, S_BIAS + 10] < SETTLED:
            found = alone(tf, i, pf, sf, s)
        if found >= 0:
            compare(tf, i, pf, found, sf, s, seen, taken0, taken1, taken2)


@kernel("f8(f8[:, ::1], i8, i8)")
def worth(sf: F64, s: int, k: int) -> float:
    """How much of error k (0 range, 1 azimuth, 2 time) is taken out: all of it where it is well known,
    nothing up to two standard deviations, where removing it would only add noise."""
    mean = sf[s, S_BIAS + k]
    variance = sf[s, S_BIAS + (3 if k == 0 else (6 if k == 1 else 8))]
    return float(mean * max(1.0 - 4.0 * variance / max(mean * mean, 1e-300), 0.0))


@kernel("void(f8[:, ::1], i8, f8[:, ::1], f8[:, ::1])")
def without_bias(sf: F64, s: int, pf: F64, out: F64) -> None:
    """Plots of sensor s into `out` (same shape) with its known errors taken out."""
    for k in range(3):
        sf[s, S_BIAS + 11 + k] = worth(sf, s, k)
    d_range = sf[s, S_BIAS + 11]
    turn = sf[s, S_BIAS + 12]
    ct = math.cos(turn)
    st = math.sin(turn)
    for j in range(len(pf)):
        for k in range(pf.shape[1]):
            out[j, k] = pf[j, k]
        if pf[j, P_FORM] == FORM_BEARING:
            continue
        x = pf[j, P_X] - sf[s, S_X]
        y = pf[j, P_Y] - sf[s, S_Y]
        ground = math.sqrt(x * x + y * y)
        part = max(ground - d_range, 1.0) / max(ground, 1.0)
        # Azimuth turns clockwise: an error of +turn is taken out by turning back.
        out[j, P_X] = sf[s, S_X] + part * (ct * x - st * y)
        out[j, P_Y] = sf[s, S_Y] + part * (st * x + ct * y)
        out[j, P_AZ] = pf[j, P_AZ] - turn
        out[j, P_RANGE] = max(pf[j, P_RANGE] - d_range, 1.0)
        out[j, P_T] = pf[j, P_T] - sf[s, S_BIAS + 13]


def biases_of(sf: F64) -> Biases:
    """What the sensor table (S, SENSOR_F) holds of them."""
    known = sf[:, S_BIAS + 10] > 0.0
    means = np.where(known[:, None], sf[:, S_BIAS : S_BIAS + 3], np.nan)
    spread = np.sqrt(np.maximum(sf[:, [S_BIAS + 3, S_BIAS + 6, S_BIAS + 8]], 0.0))
    spread[sf[:, S_CLASS] != CLASS_RADAR] = np.nan
    return Biases(
        means[:, 0].copy(),
        means[:, 1].copy(),
        means[:, 2].copy(),
        spread,
        sf[:, S_BIAS + 10].astype(np.int64),
    )
