"""The filter of one track, in time: start, mix, predict. Kernels on rows of `layout`.

Interacting multiple models after Blom and Bar-Shalom (1988), IEEE TAC 33(8).
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64
from windhover.tracks.doppler import BELIEVED, VARIANCE_M2_S2, density
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    EX,
    EXT,
    GP,
    GX,
    GXY,
    MODE,
    MU,
    STRIDE,
    TIME,
    Z,
)


@kernel("void(f8, f8[:, ::1], f8[::1])")
def coefficients(dt_s: float, models: F64, coef: F64) -> None:
    """Everything that depends on dt alone; `coef[0]` remembers which dt it holds.

    coef: dt; then per mode e = ∂v′/∂v, f = ∂x′/∂v, Qpp, Qpv, Qvv; then Π row by row at 16.
    """
    coef[0] = dt_s
    for m in range(3):
        a = models[m, 0]
        q = models[m, 1]
        at = 1 + 5 * m
        if a * dt_s < 1e-6:
            coef[at] = 1.0
            coef[at + 1] = dt_s
            coef[at + 2] = q * dt_s * dt_s * dt_s / 3.0
            coef[at + 3] = q * dt_s * dt_s / 2.0
            coef[at + 4] = q * dt_s
        else:
            e = math.exp(-a * dt_s)
            f = (1.0 - e) / a
            coef[at] = e
            coef[at + 1] = f
            coef[at + 2] = q / (a * a) * (dt_s - 2.0 * f + (1.0 - e * e) / (2.0 * a))
            coef[at + 3] = q * f * f / 2.0
            coef[at + 4] = q * (1.0 - e * e) / (2.0 * a)
        short = min(dt_s, 12.0)
        turn = models[m, 8] * models[m, 8] * short * short
        coef[at + 2] += 0.25 * turn * short * short
        coef[at + 3] += 0.5 * turn * short
        coef[at + 4] += turn
        stay = math.exp(-dt_s / models[m, 4])
        for j in range(3):
            coef[16 + 3 * m + j] = stay if j == m else (1.0 - stay) * models[m, 5 + j]


@kernel("void(f8[:, ::1], i8, f8, f8[:, ::1], f8[:, ::1], f8[::1], f8[::1])")
def predict(tf: F64, i: int, to_s: float, models: F64, mixed: F64, coef: F64, lift: F64) -> None:
    """Mix the modes of row i and carry them to `to_s`; earlier or equal times change nothing.

    `mixed` (3, 14) is scratch; `lift` holds the vertical model: stir, decay.
    """
    dt = to_s - tf[i, TIME]
    if dt <= 0.0:
        return
    if coef[0] != dt:
        coefficients(dt, models, coef)
    for j in range(3):
        c0 = tf[i, MU] * coef[16 + j]
        c1 = tf[i, MU + 1] * coef[19 + j]
        c2 = tf[i, MU + 2] * coef[22 + j]
        c = c0 + c1 + c2 + 1e-300
        w0 = c0 / c
        w1 = c1 / c
        w2 = c2 / c
        for k in range(14):
            mixed[j, k] = w0 * tf[i, MODE + k]
            mixed[j, k] += w1 * tf[i, MODE + STRIDE + k]
            mixed[j, k] += w2 * tf[i, MODE + 2 * STRIDE + k]
        for m in range(3):
            w = w0 if m == 0 else (w1 if m == 1 else w2)
            b = MODE + STRIDE * m
            dx = tf[i, b] - mixed[j, 0]
            dy = tf[i, b + 1] - mixed[j, 1]
            du = tf[i, b + 2] - mixed[j, 2]
            dv = tf[i, b + 3] - mixed[j, 3]
            wx = w * dx
            wy = w * dy
            wu = w * du
            mixed[j, 4] += wx * dx
            mixed[j, 5] += wx * dy
            mixed[j, 6] += wx * du
            mixed[j, 7] += wx * dv
            mixed[j, 8] += wy * dy
            mixed[j, 9] += wy * du
            mixed[j, 10] += wy * dv
            mixed[j, 11] += wu * du
            mixed[j, 12] += wu * dv
            mixed[j, 13] += w * dv * dv
        coef[25 + j] = c
    for j in range(3):
        b = MODE + STRIDE * j
        at = 1 + 5 * j
        e = coef[at]
        f = coef[at + 1]
        qpp = coef[at + 2]
        qpv = coef[at + 3]
        qvv = coef[at + 4]
        xu = mixed[j, 6]
        xv = mixed[j, 7]
        yu = mixed[j, 9]
        yv = mixed[j, 10]
        uu = mixed[j, 11]
        uv = mixed[j, 12]
        vv = mixed[j, 13]
        tf[i, b] = mixed[j, 0] + f * mixed[j, 2]
        tf[i, b + 1] = mixed[j, 1] + f * mixed[j, 3]
        tf[i, b + 2] = e * mixed[j, 2]
        tf[i, b + 3] = e * mixed[j, 3]
        tf[i, b + 4] = mixed[j, 4] + 2.0 * f * xu + f * f * uu + qpp
        tf[i, b + 5] = mixed[j, 5] + f * (xv + yu) + f * f * uv
        tf[i, b + 6] = e * (xu + f * uu) + qpv
        tf[i, b + 7] = e * (xv + f * uv)
        tf[i, b + 8] = mixed[j, 8] + 2.0 * f * yv + f * f * vv + qpp
        tf[i, b + 9] = e * (yu + f * uv)
        tf[i, b + 10] = e * (yv + f * vv) + qpv
        tf[i, b + 11] = e * e * uu + qvv
        tf[i, b + 12] = e * e * uv
        tf[i, b + 13] = e * e * vv + qvv
        tf[i, MU + j] = coef[25 + j]
    # Vertical: one filter.
    a = lift[1]
    e = math.exp(-a * dt)
    f = (1.0 - e) / a
    q = lift[0]
    tf[i, Z] += f * tf[i, Z + 1]
    tf[i, Z + 1] *= e
    zz = tf[i, Z + 2]
    zv = tf[i, Z + 3]
    vv = tf[i, Z + 4]
    short = min(dt, 12.0)
    turn = lift[2] * lift[2] * short * short
    two = (1.0 - e * e) / (2.0 * a)
    tf[i, Z + 2] = zz + 2.0 * f * zv + f * f * vv + max(q / (a * a) * (dt - 2.0 * f + two), 0.0)
    tf[i, Z + 2] += 0.25 * turn * short * short
    tf[i, Z + 3] = e * (zv + f * vv) + q * f * f / 2.0 + 0.5 * turn * short
    tf[i, Z + 4] = e * e * vv + q * two + turn
    tf[i, TIME] = to_s


@kernel("void(f8[:, ::1], i8)", inline=True)
def combine(tf: F64, i: int) -> None:
    """Moment-match the modes of row i into its gate columns."""
    for k in range(4):
        tf[i, GX + k] = (
            tf[i, MU] * tf[i, MODE + k]
            + tf[i, MU + 1] * tf[i, MODE + STRIDE + k]
            + tf[i, MU + 2] * tf[i, MODE + 2 * STRIDE + k]
        )
    for k in range(6):
        tf[i, GP + k] = 0.0
    tf[i, GXY] = 0.0
    for m in range(3):
        w = tf[i, MU + m]
        b = MODE + STRIDE * m
        dx = tf[i, b] - tf[i, GX]
        dy = tf[i, b + 1] - tf[i, GX + 1]
        du = tf[i, b + 2] - tf[i, GX + 2]
        dv = tf[i, b + 3] - tf[i, GX + 3]
        tf[i, GXY] += w * (tf[i, b + 5] + dx * dy)
        tf[i, GP] += w * (tf[i, b + 4] + dx * dx)
        tf[i, GP + 1] += w * (tf[i, b + 8] + dy * dy)
        tf[i, GP + 2] += w * (tf[i, b + 6] + dx * du)
        tf[i, GP + 3] += w * (tf[i, b + 10] + dy * dv)
        tf[i, GP + 4] += w * (tf[i, b + 11] + du * du)
        tf[i, GP + 5] += w * (tf[i, b + 13] + dv * dv)


@kernel("void(f8[:, ::1], i8, f8, f8[::1], f8[:, ::1], f8[::1], f8)")
def begin(
    tf: F64, i: int, at_s: float, seen: F64, models: F64, start: F64, existence: float
) -> None:
    """Row i from one plot: position known (range rate too, where it brings one), velocity as `models`
    expect of any target.

    `start` = height, its variance, climb variance where the plot brings no height.
    """
    rated = math.isfinite(seen[11])
    total = 0.0
    for m in range(3):
        b = MODE + STRIDE * m
        tf[i, MU + m] = models[m, 3]
        for k in range(14):
            tf[i, b + k] = 0.0
        tf[i, b] = seen[0]
        tf[i, b + 1] = seen[1]
        tf[i, b + 4] = seen[2]
        tf[i, b + 5] = seen[3]
        tf[i, b + 8] = seen[4]
        v = models[m, 2] * models[m, 2]
        tf[i, b + 11] = v
        tf[i, b + 13] = v
        if rated:
            # The range rate at once: of the velocity along the line of sight little is left open.
            x = seen[8]
            y = seen[9]
            big = v * (x * x + y * y) + seen[10] * seen[10] * start[2] + VARIANCE_M2_S2
            tf[i, MU + m] *= density(seen[11], big)
            if seen[11] * seen[11] < BELIEVED * big:
                tf[i, b + 2] = v * x * seen[11] / big
                tf[i, b + 3] = v * y * seen[11] / big
                tf[i, b + 11] -= v * v * x * x / big
                tf[i, b + 12] -= v * v * x * y / big
                tf[i, b + 13] -= v * v * y * y / big
        total += tf[i, MU + m]
    for m in range(3):
        tf[i, MU + m] /= total
    tf[i, Z + 1] = 0.0
    tf[i, Z + 3] = 0.0
    tf[i, Z + 4] = start[2]
    if seen[6] > 0.0:
        tf[i, Z] = seen[5]
        tf[i, Z + 2] = seen[6]
    else:
        tf[i, Z] = start[0]
        tf[i, Z + 2] = start[1]
    tf[i, TIME] = at_s
    tf[i, EX] = existence
    tf[i, EXT] = at_s
    combine(tf, i)
