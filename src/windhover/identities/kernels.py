"""The inner loop of motion: one plot through every model of one track (numba).

State of a horizontal filter, as pairs (east, north): p, v, β → x (6,), S (6, 2) = ∂x/∂θ, P (6, 6).
With the innovation ν − Z θ (Z = S of p) and its covariance C = P_pp + R, the likelihood as a
function of θ stays exp(c + ηᵀθ − ½ θᵀΛθ); a prior of Gaussian parts integrates it in closed form
(de Jong 1991). The slow twin is tests/identities/naive.py.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from windhover.schema.batches import F64

_LOG_2PI = math.log(2.0 * math.pi)


@njit("void(float64, float64[::1], float64, float64, float64[::1])", cache=True, nogil=True)
def discretise(dt_s, model, wind_speed_m_s, wind_sigma_m_s, out):  # type: ignore[no-untyped-def]
    """Exact transition over dt_s of one model, written to `out` (14,).

    out = pull α, 1−α, Φ re, Φ im, A re, A im, G (β's factor), ∫β factor,
          Q_pp, Q_pv re, Q_pv im, Q_vv, Q_βp, Q_ββ.  The complex number is the rotation east + i·north.
    The turbulence grows with the wind's speed, the slow part with its claimed error.
    """
    sigma_v = model[0] + model[5] * wind_speed_m_s
    time_v, turn = model[1], model[2]
    sigma_b, time_b = model[3] + model[8] * wind_sigma_m_s, model[4]
    sigma_a, time_a = model[6], model[7]
    for i in range(14):
        out[i] = 0.0
    out[0] = 1.0
    out[6] = 1.0
    if sigma_a > 0.0:  # held to an anchor, which is kept in β
        pull = math.exp(-dt_s / time_a)
        out[0] = pull
        out[1] = 1.0 - pull
        if sigma_v <= 0.0:
            out[8] = sigma_a * sigma_a * (1.0 - pull * pull)
            return
        # Driven by a quick part, its sway has a velocity; sigma_a is only where it may begin.
        a, g = 1.0 / time_a, 1.0 / time_v
        decay_v = math.exp(-g * dt_s)
        q = 2.0 * sigma_v * sigma_v * g
        own = (1.0 - decay_v * decay_v) / (2.0 * g)
        both = (1.0 - decay_v * pull) / (a + g)
        placed = (1.0 - pull * pull) / (2.0 * a)
        out[2] = (decay_v - pull) / (a - g)
        out[4] = decay_v
        out[8] = max(q * (own - 2.0 * both + placed) / ((a - g) * (a - g)), 0.0)
        out[9] = q * (own - both) / (a - g)
        out[11] = q * own
        return
    if sigma_v > 0.0:
        rate = complex(1.0 / time_v, -turn)
        decay = np.exp(-rate * dt_s)
        moved = (1.0 - decay) / rate
        q = 2.0 * sigma_v * sigma_v / time_v
        left = math.exp(-2.0 * dt_s / time_v)
        two = (1.0 - left) * time_v / 2.0
        size = rate.real * rate.real + rate.imag * rate.imag
        back = (1.0 - decay.conjugate()) / rate.conjugate()
        cross = q / rate * (back - two)
        out[2] = moved.real
        out[3] = moved.imag
        out[4] = decay.real
        out[5] = decay.imag
        out[8] = max(q / size * (dt_s - 2.0 * moved.real + two), 0.0)
        out[9] = cross.real
        out[10] = cross.imag
        out[11] = sigma_v * sigma_v * (1.0 - left)
    keep = math.exp(-dt_s / time_b)
    out[6] = keep
    out[7] = time_b * (1.0 - keep)
    if sigma_b > 0.0:
        q = 2.0 * sigma_b * sigma_b / time_b
        moved_b = out[7]
        two_b = time_b * (1.0 - keep * keep) / 2.0
        out[8] += max(q * time_b * time_b * (dt_s - 2.0 * moved_b + two_b), 0.0)
        out[12] = q * time_b * (moved_b - two_b)
        out[13] = sigma_b * sigma_b * (1.0 - keep * keep)


@njit("void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64, float64, float64, boolean)", cache=True, nogil=True)  # fmt: skip
def predict(x, s, p, d, dt_s, push_east_m, push_north_m, has_theta):  # type: ignore[no-untyped-def]
    """x, S, P moved on by one transition `d` of `discretise`; θ moves the position by dt."""
    f = np.zeros((6, 6))
    for i in range(2):
        f[i, i] = d[0]
        f[i, 4 + i] = d[1] if d[1] > 0.0 else d[7]
        f[4 + i, 4 + i] = d[6]
    f[0, 2] = d[2]
    f[1, 3] = d[2]
    f[0, 3] = -d[3]
    f[1, 2] = d[3]
    f[2, 2] = d[4]
    f[3, 3] = d[4]
    f[2, 3] = -d[5]
    f[3, 2] = d[5]
    # The last rows only decay, so rows are written in order p, v, β from the old ones.
    fx = np.zeros(6)
    fs = np.zeros((6, 2))
    fp = np.zeros((6, 6))
    for i in range(6):
        for k in range(6):
            g = f[i, k]
            if g != 0.0:
                fx[i] += g * x[k]
                fs[i, 0] += g * s[k, 0]
                fs[i, 1] += g * s[k, 1]
                for j in range(6):
                    fp[i, j] += g * p[k, j]
    for i in range(6):
        x[i] = fx[i]
        s[i, 0] = fs[i, 0]
        s[i, 1] = fs[i, 1]
    x[0] += push_east_m
    x[1] += push_north_m
    if has_theta:
        s[0, 0] += dt_s
        s[1, 1] += dt_s
    for i in range(6):
        for j in range(i, 6):
            total = 0.0
            for k in range(6):
                g = f[j, k]
                if g != 0.0:
                    total += fp[i, k] * g
            p[i, j] = total
    p[0, 0] += d[8]
    p[1, 1] += d[8]
    p[0, 2] += d[9]
    p[1, 3] += d[9]
    p[0, 3] -= d[10]
    p[1, 2] += d[10]
    p[2, 2] += d[11]
    p[3, 3] += d[11]
    p[0, 4] += d[12]
    p[1, 5] += d[12]
    p[4, 4] += d[13]
    p[5, 5] += d[13]
    for i in range(6):
        for j in range(i):
            p[i, j] = p[j, i]


@njit("float64(float64[::1], float64[:, ::1], float64[:, ::1], int64)", cache=True, nogil=True)
def integrate_theta(info, parts, extra, used):  # type: ignore[no-untyped-def]
    """ln ∫ exp(ηᵀθ − ½ θᵀΛθ) Σ_j w_j N(θ; μ_j, Σ_j) dθ.

    info (6,) = Λ_ee, Λ_en, Λ_nn, η_e, η_n, c (c is not added here). parts (J, 4): weight, east,
    north, sigma in m/s. extra (J, 3): further covariance ee, en, nn of that part. First `used` parts.
    """
    best = -1e300
    total = 0.0
    for j in range(used):
        w = parts[j, 0]
        if w <= 0.0:
            continue
        a = parts[j, 3] * parts[j, 3] + extra[j, 0]
        b = extra[j, 1]
        c = parts[j, 3] * parts[j, 3] + extra[j, 2]
        # With Σ the prior covariance: C = I + ΣΛ, ln|C|, and the completed square.
        c00 = 1.0 + a * info[0] + b * info[1]
        c01 = a * info[1] + b * info[2]
        c10 = b * info[0] + c * info[1]
        c11 = 1.0 + b * info[1] + c * info[2]
        det = c00 * c11 - c01 * c10
        me, mn = parts[j, 1], parts[j, 2]
        # Shift to δ = θ − μ: η' = η − Λμ, constant ηᵀμ − ½ μᵀΛμ.
        he = info[3] - info[0] * me - info[1] * mn
        hn = info[4] - info[1] * me - info[2] * mn
        constant = (
            info[3] * me
            + info[4] * mn
            - 0.5 * (info[0] * me * me + 2.0 * info[1] * me * mn + info[2] * mn * mn)
        )
        # ½ η'ᵀ (Λ + Σ⁻¹)⁻¹ η' with (Λ + Σ⁻¹)⁻¹ = (I + ΣΛ)⁻¹ Σ
        se = a * he + b * hn
        sn = b * he + c * hn
        ue = (c11 * se - c01 * sn) / det
        un = (c00 * sn - c10 * se) / det
        value = math.log(w) - 0.5 * math.log(det) + constant + 0.5 * (he * ue + hn * un)
        if value > best:
            total = total * math.exp(best - value) + 1.0
            best = value
        else:
            total += math.exp(value - best)
    return best + math.log(total)


@njit("float64(float64[::1], float64[:, ::1])", cache=True, nogil=True)
def integrate_rate(info, parts):  # type: ignore[no-untyped-def]
    """The same in one dimension: info (3,) = Λ, η, c; parts (J, 3) = weight, mean, sigma."""
    best = -1e300
    total = 0.0
    for j in range(parts.shape[0]):
        w = parts[j, 0]
        if w <= 0.0:
            continue
        mean, var = parts[j, 1], parts[j, 2] * parts[j, 2]
        h = info[1] - info[0] * mean
        det = 1.0 + var * info[0]
        value = (
            math.log(w)
            - 0.5 * math.log(det)
            + info[1] * mean
            - 0.5 * info[0] * mean * mean
            + 0.5 * h * h * var / det
        )
        if value > best:
            total = total * math.exp(best - value) + 1.0
            best = value
        else:
            total += math.exp(value - best)
    return best + math.log(total)


@njit("void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64[::1], float64[::1])", cache=True, nogil=True)  # fmt: skip
def weigh_plot(x, s, p, z, r, info):  # type: ignore[no-untyped-def]
    """`info` after the plot z (2,) with covariance r (3,) = ee, en, nn; x, S, P unchanged."""
    ee = p[0, 0] + r[0]
    en = p[0, 1] + r[1]
    nn = p[1, 1] + r[2]
    det = ee * nn - en * en
    iee, ien, inn = nn / det, -en / det, ee / det
    ve, vn = z[0] - x[0], z[1] - x[1]
    ae = iee * ve + ien * vn
    an = ien * ve + inn * vn
    b00 = iee * s[0, 0] + ien * s[1, 0]
    b01 = iee * s[0, 1] + ien * s[1, 1]
    b10 = ien * s[0, 0] + inn * s[1, 0]
    b11 = ien * s[0, 1] + inn * s[1, 1]
    info[0] += s[0, 0] * b00 + s[1, 0] * b10
    info[1] += s[0, 0] * b01 + s[1, 0] * b11
    info[2] += s[0, 1] * b01 + s[1, 1] * b11
    info[3] += s[0, 0] * ae + s[1, 0] * an
    info[4] += s[0, 1] * ae + s[1, 1] * an
    info[5] -= 0.5 * (ve * ae + vn * an) + 0.5 * math.log(det) + _LOG_2PI


@njit("void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64[::1])", cache=True, nogil=True)  # fmt: skip
def take_plot(x, s, p, z, r):  # type: ignore[no-untyped-def]
    """x, S, P updated by the plot z (2,) with covariance r (3,)."""
    ee = p[0, 0] + r[0]
    en = p[0, 1] + r[1]
    nn = p[1, 1] + r[2]
    det = ee * nn - en * en
    iee, ien, inn = nn / det, -en / det, ee / det
    ve, vn = z[0] - x[0], z[1] - x[1]
    s00, s01, s10, s11 = s[0, 0], s[0, 1], s[1, 0], s[1, 1]
    k = np.empty((6, 2))
    c = np.empty((6, 2))
    for i in range(6):
        c[i, 0] = p[i, 0]
        c[i, 1] = p[i, 1]
        k[i, 0] = p[i, 0] * iee + p[i, 1] * ien
        k[i, 1] = p[i, 0] * ien + p[i, 1] * inn
    for i in range(6):
        x[i] += k[i, 0] * ve + k[i, 1] * vn
        s[i, 0] -= k[i, 0] * s00 + k[i, 1] * s10
        s[i, 1] -= k[i, 0] * s01 + k[i, 1] * s11
        for j in range(6):
            p[i, j] -= k[i, 0] * c[j, 0] + k[i, 1] * c[j, 1]


def typed(array: F64) -> F64:
    """Contiguous float64: explicit signatures refuse anything else."""
    return np.ascontiguousarray(array, dtype=np.float64)
