"""The filter of one track and its plots: see, weigh, update. Kernels on rows of `layout`.

The update with several gated plots is the probabilistic data association of Bar-Shalom and Fortmann
(1988), exact moment matching per mode with every plot's own covariance and time. A plot measured at
another instant than the state's is seen through H = [I, (t_plot − t_state)·I].
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64, I64
from windhover.tracks.doppler import fits, refine, sight
from windhover.tracks.imm import coefficients, combine
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    FORM_BEARING,
    FORM_FLAT,
    FORM_SLANT,
    GP,
    GX,
    MODE,
    MU,
    P_AZ,
    P_EL,
    P_FORM,
    P_RA,
    P_RANGE,
    P_RE,
    P_RR,
    P_RXX,
    P_RXY,
    P_RYY,
    P_RZ,
    P_T,
    P_TX,
    P_TY,
    P_X,
    P_Y,
    P_Z,
    S_X,
    S_Y,
    S_Z,
    STRIDE,
    TIME,
    Z,
)
from windhover.tracks.models import START_HEIGHT_M

# Along a bearing nothing is measured: this stands for "any range" and drops out of the likelihood.
ALONG_M2 = 1e10
HEIGHT_SPREAD_M = 6000.0  # objects are spread over this much height before anything is known
HEIGHT_KNOWN_M2 = 2000.0**2  # a height worse than this is as good as none
WRONG_HEIGHT = 0.01  # share of heights that are of another datum, stuck or garbled


@kernel("void(f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8, f8[::1])", inline=True)
def see(tf: F64, i: int, pf: F64, j: int, sf: F64, s: int, seen: F64) -> None:
    """What plot j says about row i: seen = x, y, Rxx, Rxy, Ryy, z, Rzz (≤ 0 none), log of a factor,
    then (`doppler.sight`) line of sight and range rate.

    The factor turns the two-dimensional density into the density the plot was measured in.
    """
    form = pf[j, P_FORM]
    seen[0] = pf[j, P_X]
    seen[1] = pf[j, P_Y]
    seen[2] = pf[j, P_RXX]
    seen[3] = pf[j, P_RXY]
    seen[4] = pf[j, P_RYY]
    seen[5] = pf[j, P_Z]
    seen[6] = pf[j, P_RZ]
    seen[7] = 0.0
    sight(tf, i, pf, j, sf, s, seen)
    if form == FORM_SLANT:
        slant = pf[j, P_RANGE]
        dz = tf[i, Z] - sf[s, S_Z]
        most = 0.9 * slant
        dz = min(max(dz, -most), most)
        ground = math.sqrt(slant * slant - dz * dz)
        steep = dz / ground
        rr = pf[j, P_RR] * (slant / ground) ** 2 + steep * steep * min(
            tf[i, Z + 2], 0.25 * slant * slant
        )
        ra = pf[j, P_RA] * ground * ground
        sn = math.sin(pf[j, P_AZ])
        cs = math.cos(pf[j, P_AZ])
        seen[0] = sf[s, S_X] + ground * sn
        seen[1] = sf[s, S_Y] + ground * cs
        seen[2] = rr * sn * sn + ra * cs * cs
        seen[3] = (rr - ra) * sn * cs
        seen[4] = rr * cs * cs + ra * sn * sn
    elif form == FORM_BEARING:
        px = tf[i, GX] - sf[s, S_X] + (pf[j, P_T] - tf[i, TIME]) * tf[i, GX + 2]
        py = tf[i, GX + 1] - sf[s, S_Y] + (pf[j, P_T] - tf[i, TIME]) * tf[i, GX + 3]
        sn = math.sin(pf[j, P_AZ])
        cs = math.cos(pf[j, P_AZ])
        far = math.sqrt(px * px + py * py) + 1.0
        along = max(px * sn + py * cs, 0.0)
        seen[0] = sf[s, S_X] + along * sn
        seen[1] = sf[s, S_Y] + along * cs
        ra = pf[j, P_RA] * far * far
        seen[2] = ALONG_M2 * sn * sn + ra * cs * cs
        seen[3] = (ALONG_M2 - ra) * sn * cs
        seen[4] = ALONG_M2 * cs * cs + ra * sn * sn
        seen[7] = math.log(far) + 0.5 * math.log(2.0 * math.pi * ALONG_M2)
        if pf[j, P_RE] > 0.0:
            rise = math.tan(pf[j, P_EL])
            seen[5] = sf[s, S_Z] + far * rise
            spread = tf[i, GP] + tf[i, GP + 1]
            turn = 1.0 + rise * rise
            seen[6] = far * far * turn * turn * pf[j, P_RE] + rise * rise * spread
            seen[7] += math.log(far * turn)
    elif form == FORM_FLAT:
        # Where nobody told the height either, every plot of the object is off by the same: no noise.
        known = tf[i, Z + 2] < HEIGHT_KNOWN_M2
        height = tf[i, Z] - pf[j, P_Z] if known else START_HEIGHT_M
        spread = tf[i, Z + 2] if known else 0.0
        tx = pf[j, P_TX]
        ty = pf[j, P_TY]
        seen[0] += height * tx
        seen[1] += height * ty
        seen[2] += tx * tx * spread
        seen[3] += tx * ty * spread
        seen[4] += ty * ty * spread


@kernel("f8(f8[:, ::1], i8, f8, f8[::1], f8[::1])")
def likelihood(tf: F64, i: int, dt_s: float, seen: F64, out: F64) -> float:
    """Smallest squared Mahalanobis distance over the modes that matter (1e9 if none is near).

    out (4): densities of the plot under each mode, and their mixture. A plot measured dt_s after
    the state's time is seen ahead along the velocity. Densities are per m² (times the factor).
    """
    nearest = 1e9
    total = 0.0
    up = 1.0
    if seen[6] > 0.0:
        dz = seen[5] - tf[i, Z] - dt_s * tf[i, Z + 1]
        s = tf[i, Z + 2] + 2.0 * dt_s * tf[i, Z + 3] + dt_s * dt_s * tf[i, Z + 4] + seen[6]
        up = (1.0 - WRONG_HEIGHT) * math.exp(-0.5 * min(dz * dz / s, 60.0)) / math.sqrt(
            2.0 * math.pi * s
        ) + WRONG_HEIGHT / HEIGHT_SPREAD_M
    factor = up / (2.0 * math.pi)
    if seen[7] != 0.0:
        factor *= math.exp(seen[7])
    for m in range(3):
        b = MODE + STRIDE * m
        dx = seen[0] - tf[i, b] - dt_s * tf[i, b + 2]
        dy = seen[1] - tf[i, b + 1] - dt_s * tf[i, b + 3]
        sxx = tf[i, b + 4] + dt_s * (2.0 * tf[i, b + 6] + dt_s * tf[i, b + 11]) + seen[2]
        sxy = tf[i, b + 5] + dt_s * (tf[i, b + 7] + tf[i, b + 9] + dt_s * tf[i, b + 12]) + seen[3]
        syy = tf[i, b + 8] + dt_s * (2.0 * tf[i, b + 10] + dt_s * tf[i, b + 13]) + seen[4]
        det = max(sxx * syy - sxy * sxy, 1e-9)
        d2 = (dx * dx * syy - 2.0 * dx * dy * sxy + dy * dy * sxx) / det
        like = 0.0
        if d2 < 60.0:
            like = factor * math.exp(-0.5 * d2) / math.sqrt(det) * fits(tf, i, m, seen)
        if tf[i, MU + m] > 1e-3:
            nearest = min(nearest, d2)
        out[m] = like
        total += tf[i, MU + m] * like
    out[3] = total
    return nearest


@kernel("f8(f8[:, ::1], i8, f8, f8[::1], f8[:, ::1], f8[::1], f8[::1])")
def young_likelihood(
    tf: F64, i: int, dt_s: float, seen: F64, models: F64, coef: F64, out: F64
) -> float:
    """`likelihood` of a row with one plot, without predicting it: its modes differ in speed alone.

    dt_s runs from the row's only plot to the one that is seen; earlier plots count as equal ones.
    """
    dt = max(dt_s, 0.0)
    if coef[0] != dt:
        coefficients(dt, models, coef)
    up = 1.0
    if seen[6] > 0.0:
        dz = seen[5] - tf[i, Z]
        s = tf[i, Z + 2] + dt * dt * tf[i, Z + 4] + seen[6]
        up = (1.0 - WRONG_HEIGHT) * math.exp(-0.5 * min(dz * dz / s, 60.0)) / math.sqrt(
            2.0 * math.pi * s
        ) + WRONG_HEIGHT / HEIGHT_SPREAD_M
    factor = up / (2.0 * math.pi)
    if seen[7] != 0.0:
        factor *= math.exp(seen[7])
    nearest = 1e9
    total = 0.0
    for m in range(2):
        at = 1 + 5 * m
        b = MODE + STRIDE * m
        f = coef[at + 1]
        dx = seen[0] - tf[i, b] - f * tf[i, b + 2]
        dy = seen[1] - tf[i, b + 1] - f * tf[i, b + 3]
        sxx = tf[i, b + 4] + seen[2] + f * f * tf[i, b + 11] + coef[at + 2]
        sxy = tf[i, b + 5] + seen[3] + f * f * tf[i, b + 12]
        syy = tf[i, b + 8] + seen[4] + f * f * tf[i, b + 13] + coef[at + 2]
        det = max(sxx * syy - sxy * sxy, 1e-9)
        d2 = (dx * dx * syy - 2.0 * dx * dy * sxy + dy * dy * sxx) / det
        like = 0.0
        if d2 < 40.0:
            like = factor * math.exp(-0.5 * d2) / math.sqrt(det) * fits(tf, i, m, seen)
        nearest = min(nearest, d2)
        out[m] = like
    # The manoeuvre mode starts as fast as the constant-velocity one and differs in noise alone.
    out[2] = out[1]
    total = tf[i, MU] * out[0] + (tf[i, MU + 1] + tf[i, MU + 2]) * out[1]
    out[3] = total
    return nearest


@kernel(
    "void(f8[:, ::1], i8, f8, f8[::1], f8[:, ::1], i8[::1], f8[:, ::1], i8, i8, i8, f8[:, ::1], i8, f8[::1], f8[::1])",
)
def update(
    tf: F64,
    i: int,
    missed: float,
    weight: F64,
    like: F64,
    plot: I64,
    pf: F64,
    first: int,
    last: int,
    plot0: int,
    sf: F64,
    s: int,
    seen: F64,
    acc: F64,
) -> None:
    """Moment-matched update of row i with its pairs first…last−1 (and a miss of weight `missed`).

    Weights are joint with existence and need not sum to one. `acc` (46) and `seen` (12) are scratch.
    """
    total = missed
    for p in range(first, last):
        total += weight[p]
    if total <= 0.0:
        return
    at = tf[i, TIME]
    # The vertical update is worked out here and written last: `see` may need the old height.
    high = False
    z_mean = 0.0
    v_mean = 0.0
    zz = 0.0
    zv = 0.0
    vv = 0.0
    for p in range(first, last):
        j = plot0 + plot[p]
        if pf[j, P_RZ] <= 0.0 and pf[j, P_RE] <= 0.0:
            continue
        high = True
        w = weight[p]
        see(tf, i, pf, j, sf, s, seen)
        dt = pf[j, P_T] - at
        hz = tf[i, Z + 2] + dt * tf[i, Z + 3]
        hu = tf[i, Z + 3] + dt * tf[i, Z + 4]
        big = hz + dt * hu + seen[6]
        inn = seen[5] - tf[i, Z] - dt * tf[i, Z + 1]
        if inn * inn > 25.0 * big:
            # Believed as little as it fits.
            big += inn * inn
        kz = hz / big
        ku = hu / big
        z_mean += w * kz * inn
        v_mean += w * ku * inn
        spread = inn * inn - big
        zz += w * kz * kz * spread
        zv += w * kz * ku * spread
        vv += w * ku * ku * spread
    z_mean /= total
    v_mean /= total

    for m in range(3):
        b = MODE + STRIDE * m
        mu = tf[i, MU + m]
        here = missed * mu
        for k in range(15):
            acc[k] = 0.0
        for p in range(first, last):
            w = weight[p] * mu * like[p, m] / max(like[p, 3], 1e-300)
            if w <= 0.0:
                continue
            here += w
            j = plot0 + plot[p]
            see(tf, i, pf, j, sf, s, seen)
            dt = pf[j, P_T] - at
            # H P: rows of position seen at the plot's time.
            hx0 = tf[i, b + 4] + dt * tf[i, b + 6]
            hx1 = tf[i, b + 5] + dt * tf[i, b + 9]
            hx2 = tf[i, b + 6] + dt * tf[i, b + 11]
            hx3 = tf[i, b + 7] + dt * tf[i, b + 12]
            hy0 = tf[i, b + 5] + dt * tf[i, b + 7]
            hy1 = tf[i, b + 8] + dt * tf[i, b + 10]
            hy2 = tf[i, b + 9] + dt * tf[i, b + 12]
            hy3 = tf[i, b + 10] + dt * tf[i, b + 13]
            sxx = hx0 + dt * hx2 + seen[2]
            sxy = hx1 + dt * hx3 + seen[3]
            syy = hy1 + dt * hy3 + seen[4]
            det = max(sxx * syy - sxy * sxy, 1e-9)
            part = 1.0 / det
            ixx = syy * part
            ixy = -sxy * part
            iyy = sxx * part
            nx = seen[0] - tf[i, b] - dt * tf[i, b + 2]
            ny = seen[1] - tf[i, b + 1] - dt * tf[i, b + 3]
            kx0 = hx0 * ixx + hy0 * ixy
            ky0 = hx0 * ixy + hy0 * iyy
            kx1 = hx1 * ixx + hy1 * ixy
            ky1 = hx1 * ixy + hy1 * iyy
            kx2 = hx2 * ixx + hy2 * ixy
            ky2 = hx2 * ixy + hy2 * iyy
            kx3 = hx3 * ixx + hy3 * ixy
            ky3 = hx3 * ixy + hy3 * iyy
            step = acc[32:46]
            step[0] = kx0 * nx + ky0 * ny
            step[1] = kx1 * nx + ky1 * ny
            step[2] = kx2 * nx + ky2 * ny
            step[3] = kx3 * nx + ky3 * ny
            step[4] = -kx0 * hx0 - ky0 * hy0
            step[5] = -kx0 * hx1 - ky0 * hy1
            step[6] = -kx0 * hx2 - ky0 * hy2
            step[7] = -kx0 * hx3 - ky0 * hy3
            step[8] = -kx1 * hx1 - ky1 * hy1
            step[9] = -kx1 * hx2 - ky1 * hy2
            step[10] = -kx1 * hx3 - ky1 * hy3
            step[11] = -kx2 * hx2 - ky2 * hy2
            step[12] = -kx2 * hx3 - ky2 * hy3
            step[13] = -kx3 * hx3 - ky3 * hy3
            refine(tf, i, m, seen, step)
            d0 = step[0]
            d1 = step[1]
            d2 = step[2]
            d3 = step[3]
            acc[0] += w * d0
            acc[1] += w * d1
            acc[2] += w * d2
            acc[3] += w * d3
            acc[4] += w * (d0 * d0 + step[4])
            acc[5] += w * (d0 * d1 + step[5])
            acc[6] += w * (d0 * d2 + step[6])
            acc[7] += w * (d0 * d3 + step[7])
            acc[8] += w * (d1 * d1 + step[8])
            acc[9] += w * (d1 * d2 + step[9])
            acc[10] += w * (d1 * d3 + step[10])
            acc[11] += w * (d2 * d2 + step[11])
            acc[12] += w * (d2 * d3 + step[12])
            acc[13] += w * (d3 * d3 + step[13])
        acc[16 + m] = here / total
        if here > 1e-12 * total:
            part = 1.0 / here
            for k in range(14):
                acc[k] *= part
            tf[i, b] += acc[0]
            tf[i, b + 1] += acc[1]
            tf[i, b + 2] += acc[2]
            tf[i, b + 3] += acc[3]
            tf[i, b + 4] += acc[4] - acc[0] * acc[0]
            tf[i, b + 5] += acc[5] - acc[0] * acc[1]
            tf[i, b + 6] += acc[6] - acc[0] * acc[2]
            tf[i, b + 7] += acc[7] - acc[0] * acc[3]
            tf[i, b + 8] += acc[8] - acc[1] * acc[1]
            tf[i, b + 9] += acc[9] - acc[1] * acc[2]
            tf[i, b + 10] += acc[10] - acc[1] * acc[3]
            tf[i, b + 11] += acc[11] - acc[2] * acc[2]
            tf[i, b + 12] += acc[12] - acc[2] * acc[3]
            tf[i, b + 13] += acc[13] - acc[3] * acc[3]
    floor = 0.0
    for m in range(3):
        acc[16 + m] = max(acc[16 + m], 1e-6)
        floor += acc[16 + m]
    for m in range(3):
        tf[i, MU + m] = acc[16 + m] / floor
    if high:
        tf[i, Z] += z_mean
        tf[i, Z + 1] += v_mean
        tf[i, Z + 2] += zz / total - z_mean * z_mean
        tf[i, Z + 3] += zv / total - z_mean * v_mean
        tf[i, Z + 4] += vv / total - v_mean * v_mean
    combine(tf, i)
