"""The whole bank: every plot of one step through every model of its track (numba).

Class likelihoods are prequential: each class predicts the next plot by a mixture of its models, the
shares follow from how well they predicted before, and a little of them is given back at the rate at
which the class changes its way of moving (fixed share, Herbster & Warmuth 1998, Machine Learning
32, 151). A mixture of one-step predictions is itself a prediction, so the sums stay likelihoods.
A plot belongs to the track only with its association weight; else it lies anywhere in the gate.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from windhover.identities.kernels import (
    discretise,
    integrate_rate,
    integrate_theta,
    predict,
    take_plot,
    weigh_plot,
)
from windhover.timescale import EARLIEST_NS

_LOG_2PI = math.log(2.0 * math.pi)
# A track's first plot was chosen for fitting its second: it is worth less than a later one.
_FIRST_PLOT = 2.5
_FLOOR = -25.0  # a class this far behind can come back when the object changes its ways
_FLOOR_VERTICAL = -12.0
# A plot of something else lies evenly over about six standard deviations of the measurement.
_GATE_SIGMAS = 6.0
_FORGET_S = 150.0  # memory of an object's constant velocity: legs end
_LOST_PLOTS = 4  # so many plots in a row far from where a filter is, and it begins anew
_FORGET_WIND_S = 240.0  # … of the wind's error
_FORGET_CLIMB_S = 600.0  # … of a rate of climb
_WIND_PRIOR = 1  # models.WIND


@njit("void(float64[::1], float64[::1], float64[::1], float64[:, ::1], int64, float64[:, ::1], float64[:, ::1])", cache=True, nogil=True)  # fmt: skip
def fill_parts(wind, offset, wind_cov, table, windy, parts, extra):  # type: ignore[no-untyped-def]
    """The first `windy` parts depend on the wind: those of WIND and of AIRSPEED."""
    for j in range(windy):
        parts[j, 0] = table[j, 0]
        parts[j, 1] = table[j, 1] + offset[0]
        parts[j, 2] = table[j, 2] + offset[1]
        parts[j, 3] = table[j, 3]
        for i in range(3):
            extra[j, i] = wind_cov[i]
    # Calm: θ undoes the wind that was used. `wind` is that input; the claim itself is wind + offset.
    e, n = wind[0] + offset[0], wind[1] + offset[1]
    spread = 0.5 * (wind_cov[0] + wind_cov[2]) + table[2, 3] * table[2, 3]
    calm = table[2, 0] * math.exp(-0.5 * (e * e + n * n) / spread)
    parts[0, 0] = table[0, 0] * (1.0 - calm)
    parts[1, 0] = table[1, 0] * (1.0 - calm)
    parts[2, 0] = calm
    parts[2, 1] = -wind[0]
    parts[2, 2] = -wind[1]
    for i in range(3):
        extra[2, i] = 0.0


@njit(
    "float64(float64[::1], int64, int64, float64[:, ::1], float64[:, ::1])", cache=True, nogil=True
)
def log_marginal(info, a, b, parts, extra):  # type: ignore[no-untyped-def]
    """ln likelihood of all plots so far with the parts a … b as prior of θ; none: no θ."""
    if a == b:
        return info[5]
    return info[5] + integrate_theta(info, parts[a:b], extra[a:b], b - a)


@njit("void(float64[::1], float64[:, ::1], float64[::1], float64, int64)", cache=True, nogil=True)
def mix(gain, weight, score, floor, classes):  # type: ignore[no-untyped-def]
    """Scores (K,) and model weights (K, models) after log predictive densities `gain`.

    The first `classes` rows are classes, whose best is 0; hidden rows behind them stand above or below it.
    """
    top = gain[0]
    for m in range(1, gain.shape[0]):
        top = max(top, gain[m])
    for k in range(weight.shape[0]):
        total = 0.0
        for m in range(gain.shape[0]):
            weight[k, m] *= math.exp(max(gain[m] - top, -60.0))
            total += weight[k, m]
        score[k] += top + math.log(max(total, 1e-300))
        for m in range(gain.shape[0]):
            weight[k, m] /= max(total, 1e-300)
    best = score[:classes].max()
    for k in range(weight.shape[0]):
        score[k] = min(max(score[k] - best, floor), -floor)


@njit("void(float64[:, ::1], float64[:, ::1], float64[::1], float64)", cache=True, nogil=True)
def give_back(weight, share, switch, dt_s):  # type: ignore[no-untyped-def]
    """A class may have changed its way of moving meanwhile: part of the shares as tabled."""
    for k in range(weight.shape[0]):
        s = 1.0 - math.exp(-switch[k] * dt_s)
        for m in range(weight.shape[1]):
            weight[k, m] = (1.0 - s) * weight[k, m] + s * share[k, m]


@njit(
    "void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64[::1], float64[::1],"
    "float64[::1], float64, float64, float64)",
    cache=True,
    nogil=True,
)
def begin(x, s, p, info, z, r, dynamics, speed, wind_sigma, factor):  # type: ignore[no-untyped-def]
    """Start one filter at a plot: everything but the place is as the model's prior has it."""
    for i in range(6):
        x[i] = z[i % 2] if i < 2 or (i > 3 and dynamics[6] > 0.0) else 0.0
        for j in range(2):
            s[i, j] = 0.0
        for j in range(6):
            p[i, j] = 0.0
        info[i] = 0.0
    sv = dynamics[0] + dynamics[5] * speed
    sb, sa = dynamics[3] + dynamics[8] * wind_sigma, dynamics[6]
    p[0, 0] = r[0] * factor
    p[0, 1] = r[1] * factor
    p[1, 0] = r[1] * factor
    p[1, 1] = r[2] * factor
    p[2, 2] = sv * sv
    p[3, 3] = sv * sv
    p[4, 4] = sb * sb
    p[5, 5] = sb * sb
    if sa > 0.0:
        for i in range(2):
            for j in range(2):
                p[4 + i, j] = p[i, j]
                p[i, 4 + j] = p[i, j]
                p[4 + i, 4 + j] = p[i, j] + (sa * sa if i == j else 0.0)
            # Where it hangs in its sway goes with how it moves.
            together = sv * sv * dynamics[1] * dynamics[7] / (dynamics[1] + dynamics[7])
            p[4 + i, 2 + i] = -together
            p[2 + i, 4 + i] = -together


@njit(
    "void(int64[::1], int64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64[:, ::1],"
    "float64[:, ::1], float64[:, ::1], int64[::1], int64[::1], float64[:, :, ::1],"
    "float64[:, :, :, ::1], float64[:, :, :, ::1], float64[:, :, ::1], float64[:, ::1],"
    "float64[:, :, ::1], float64[:, ::1], int64[::1], float64[:, :, ::1], float64[:, :, ::1],"
    "float64[:, :, ::1], float64[:, ::1], float64[:, :, ::1], float64[:, ::1],"
    "float64[:, ::1], float64[::1], int64[::1], float64[:, ::1], int64[::1], float64[:, ::1],"
    "float64[:, ::1], float64[:, :, ::1], float64[:, ::1], float64[::1], int64[:, ::1], boolean[::1], boolean)",
    cache=True,
    nogil=True,
)
def run(  # type: ignore[no-untyped-def]
    row,
    time_ns,
    z,
    r,
    association,
    wind,
    offset,
    wind_cov,
    last_ns,
    plots,
    x,
    s,
    p,
    info,
    marginal,
    weight,
    score,
    up_ns,
    up,
    up_cov,
    up_info,
    up_marginal,
    up_weight,
    up_score,
    dynamics,
    wind_share,
    prior,
    table,
    parts_from,
    share,
    up_dynamics,
    up_parts,
    up_share,
    switch,
    lost,
    jumped,
    trusting,
):
    """Feed U plots, in order of time, to the filters of their tracks.

    row, time_ns (U,); z (U, 3) m, up NaN where unknown; r (U, 4) = ee, en, nn, uu m²; association
    (U,); wind (U, 2) the input of the wind-borne models, m/s. Per track row: offset (N, 2) and
    wind_cov (N, 3) of the wind error's prior, then the state arrays of `motion.MotionState`.
    The tables of `models` come as arguments, since a compiled kernel would keep those it was
    compiled with. `jumped` (N,) marks tracks whose wind was corrected. `trusting` leaves out the gate's floor, for the test against the exact twin.
    """
    parts = table.copy()
    extra = np.zeros((len(table), 3))
    windy = parts_from[3]
    d = np.empty(14)
    trial = np.empty(6)
    gain = np.empty(len(dynamics))
    gain_up = np.empty(len(up_dynamics))
    trial_up = np.empty(3)
    classes = up_score.shape[1]  # hidden rows have no vertical part
    for u in range(row.shape[0]):
        n = row[u]
        first = plots[n] == 0
        dt = 0.0 if first else max((time_ns[u] - last_ns[n]) * 1e-9, 0.0)
        plots[n] += 1
        last_ns[n] = max(last_ns[n], time_ns[u])
        # Turbulence grows with the wind there may be, not only with the wind that is claimed.
        speed = math.sqrt(wind[u, 0] ** 2 + wind[u, 1] ** 2 + wind_cov[n, 0] + wind_cov[n, 2])
        wind_sigma = math.sqrt(0.5 * (wind_cov[n, 0] + wind_cov[n, 2]))
        first_factor = 1.0 if trusting else _FIRST_PLOT
        if first:
            for m in range(len(dynamics)):
                begin(
                    x[n, m],
                    s[n, m],
                    p[n, m],
                    info[n, m],
                    z[u],
                    r[u],
                    dynamics[m],
                    speed,
                    wind_sigma,
                    first_factor,
                )
                lost[n, m] = 0
                marginal[n, m] = 0.0
            for k in range(share.shape[0]):
                score[n, k] = 0.0
                for m in range(len(dynamics)):
                    weight[n, k, m] = share[k, m]
        else:
            fill_parts(wind[u], offset[n], wind_cov[n], table, windy, parts, extra)
            give_back(weight[n], share, switch, dt)
            sure = min(association[u], 0.98)
            spread = math.sqrt(max(r[u, 0] * r[u, 2] - r[u, 1] * r[u, 1], 1e-6))
            elsewhere = math.log((1.0 - sure) / (math.pi * _GATE_SIGMAS**2 * spread))
            for m in range(len(dynamics)):
                discretise(dt, dynamics[m], speed, wind_sigma, d)
                push = wind_share[m] * dt
                predict(
                    x[n, m],
                    s[n, m],
                    p[n, m],
                    d,
                    dt,
                    push * wind[u, 0],
                    push * wind[u, 1],
                    prior[m] != 0,
                )
                if not trusting:
                    # What was learned of θ fades: a drone's next leg has another velocity, and the
                    # wind's error wanders too, but more slowly.
                    memory_s = _FORGET_WIND_S if prior[m] == _WIND_PRIOR else _FORGET_S
                    fade = math.exp(-dt / memory_s)
                    begins, ends = parts_from[prior[m]], parts_from[prior[m] + 1]
                    before = 0.0
                    if jumped[n]:
                        # Newer samples have corrected the wind: what that does to the past stays
                        # in the sum; only the fading is taken out.
                        before = marginal[n, m] - log_marginal(
                            info[n, m], begins, ends, parts, extra
                        )
                    for i in range(5):
                        info[n, m, i] *= fade
                    marginal[n, m] = before + log_marginal(info[n, m], begins, ends, parts, extra)
                for i in range(6):
                    trial[i] = info[n, m, i]
                weigh_plot(x[n, m], s[n, m], p[n, m], z[u, :2], r[u, :3], trial)
                value = log_marginal(
                    trial, parts_from[prior[m]], parts_from[prior[m] + 1], parts, extra
                )
                here = math.log(sure) + value - marginal[n, m]
                if trusting or here > elsewhere:
                    take_plot(x[n, m], s[n, m], p[n, m], z[u, :2], r[u, :3])
                    for i in range(6):
                        info[n, m, i] = trial[i]
                    marginal[n, m] = value
                    lost[n, m] = 0
                else:
                    lost[n, m] += 1
                    if lost[n, m] >= _LOST_PLOTS:
                        # A filter that no longer follows says nothing more: a new leg begins here.
                        begin(
                            x[n, m],
                            s[n, m],
                            p[n, m],
                            info[n, m],
                            z[u],
                            r[u],
                            dynamics[m],
                            speed,
                            wind_sigma,
                            1.0,
                        )
                        marginal[n, m] = 0.0
                        lost[n, m] = 0
                if trusting:
                    gain[m] = here - math.log(sure)
                else:
                    high = max(here, elsewhere)
                    gain[m] = high + math.log(math.exp(here - high) + math.exp(elsewhere - high))
            jumped[n] = False
            mix(gain, weight[n], score[n], _FLOOR, classes)
        if math.isnan(z[u, 2]) or r[u, 3] <= 0.0:
            continue
        # Vertical: up (V, 4) = z, v and their slopes ∂/∂θ; up_cov (V, 3) = zz, zv, vv.
        if up_ns[n] == EARLIEST_NS:
            for m in range(len(up_dynamics)):
                sv = up_dynamics[m, 0]
                up[n, m, 0] = z[u, 2]
                for i in range(1, 4):
                    up[n, m, i] = 0.0
                up_cov[n, m, 0] = r[u, 3]
                up_cov[n, m, 1] = 0.0
                up_cov[n, m, 2] = sv * sv
                for i in range(3):
                    up_info[n, m, i] = 0.0
                up_marginal[n, m] = 0.0
            for k in range(up_share.shape[0]):
                up_score[n, k] = 0.0
                for m in range(len(up_dynamics)):
                    up_weight[n, k, m] = up_share[k, m]
            up_ns[n] = time_ns[u]
            continue
        dt = max((time_ns[u] - up_ns[n]) * 1e-9, 0.0)
        up_ns[n] = max(up_ns[n], time_ns[u])
        give_back(up_weight[n], up_share, switch, dt)
        sure = min(association[u], 0.98)
        elsewhere = math.log((1.0 - sure) / (2.0 * _GATE_SIGMAS * math.sqrt(r[u, 3])))
        for m in range(len(up_dynamics)):
            sv, tv = up_dynamics[m, 0], up_dynamics[m, 1]
            a = math.exp(-dt / tv)
            f = tv * (1.0 - a)
            q = 2.0 * sv * sv / tv
            two = tv * (1.0 - a * a) / 2.0
            zz, zv, vv = up_cov[n, m, 0], up_cov[n, m, 1], up_cov[n, m, 2]
            up[n, m, 0] += f * up[n, m, 1]
            up[n, m, 1] *= a
            up[n, m, 2] += f * up[n, m, 3] + dt
            up[n, m, 3] *= a
            zz += 2.0 * f * zv + f * f * vv + max(q * tv * tv * (dt - 2.0 * f + two), 0.0)
            zv = a * (zv + f * vv) + q * tv * (f - two)
            vv = a * a * vv + sv * sv * (1.0 - a * a)
            total = zz + r[u, 3]
            nu = z[u, 2] - up[n, m, 0]
            slope = up[n, m, 2]
            if not trusting:
                # A climb is kept for minutes, not for ever: what was learned of its rate fades.
                fade = math.exp(-dt / _FORGET_CLIMB_S)
                for i in range(2):
                    up_info[n, m, i] *= fade
                up_marginal[n, m] = up_info[n, m, 2] + integrate_rate(up_info[n, m], up_parts[m])
            trial_up[0] = up_info[n, m, 0] + slope * slope / total
            trial_up[1] = up_info[n, m, 1] + slope * nu / total
            trial_up[2] = up_info[n, m, 2] - 0.5 * (nu * nu / total + math.log(total) + _LOG_2PI)
            value = trial_up[2] + integrate_rate(trial_up, up_parts[m])
            here = math.log(sure) + value - up_marginal[n, m]
            if trusting or here > elsewhere:
                kz, kv = zz / total, zv / total
                up[n, m, 0] += kz * nu
                up[n, m, 1] += kv * nu
                up[n, m, 2] -= kz * slope
                up[n, m, 3] -= kv * slope
                vv -= kv * zv
                zv -= kz * zv
                zz -= kz * zz
                for i in range(3):
                    up_info[n, m, i] = trial_up[i]
                up_marginal[n, m] = value
            up_cov[n, m, 0] = zz
            up_cov[n, m, 1] = zv
            up_cov[n, m, 2] = vv
            if trusting:
                gain_up[m] = here - math.log(sure)
            else:
                high = max(here, elsewhere)
                gain_up[m] = high + math.log(math.exp(here - high) + math.exp(elsewhere - high))
        mix(gain_up, up_weight[n], up_score[n], _FLOOR_VERTICAL, classes)
