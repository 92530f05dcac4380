"""Range rate: what a plot's Doppler says of the way its object moves (numba).

One scalar more to every filter of the bank, after the place has been taken: u·velocity, where u is the
line of sight and the velocity is v + β + θ + wind, or (anchor − p)/T + v of what is held to an anchor.
Linear in state and θ, so likelihood and update stay exact; sequential updates with independent
errors are the joint one. What the position alone tells after half a minute, a range rate tells at once.

It tells whether the air carries something, and not what else it is: how smooth the rate of a bird or a kite is
beside a drone's has not been measured. So a second bank feels the rates, and among what the air does not
carry the answer takes the distances of the first, which saw the places alone (`in_common`).

Rotor blades, wing beats and wheels put other speeds into an echo: one rate in twenty says nothing about
the body. A model that lost its object with this plot gives its rate what a stranger's would get.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from windhover.geo.frames import Frame, point_enu
from windhover.identities import motion as places
from windhover.identities.bank import fill_parts, log_marginal, mix
from windhover.identities.models import (
    DYNAMICS,
    PARTS,
    PARTS_FROM,
    PRIOR,
    STANDING,
    UNKNOWN_WIND,
    WIND_SHARE,
    K,
)
from windhover.identities.motion import MotionState, copied
from windhover.identities.weigh import BALLOON, CLUTTER, POWERED, TETHERED
from windhover.schema.batches import F64, I64, Detections, Updates
from windhover.schema.place import Sensor

VARIANCE_M2_S2: Final = 2.25
"""Of a range rate as a measurement of the body's velocity: the radar's own error and what gusts within a
plot's dwell add. Detections bring none of their own."""
BLADES: Final = 0.05
"""Share of range rates that are not the body's …"""
SPREAD_M_S: Final = 60.0
"""… and are anything within ± half of this."""
NEAREST_M: Final = 30.0
"""Nearer than this the line of sight is anybody's guess."""
FLOOR: Final = -25.0
MEMBERS: Final[I64] = np.array([*POWERED, TETHERED, CLUTTER], np.int64)
"""Classes that the air does not carry."""
DRIFTERS: Final[I64] = np.array([BALLOON, STANDING, UNKNOWN_WIND], np.int64)
"""Rows that drifting is answered from. Drifting in any wind is none: it only keeps a drone from being said."""
OPEN_DOWN_TO: Final = 4.0
"""ln: a drifter that places alone put this far behind the rest gains nothing from rates."""
_LOG_2PI = math.log(2.0 * math.pi)


@njit("float64(float64[::1], float64, float64, float64, float64[::1])", cache=True)
def sight(model, east, north, variance, h):  # type: ignore[no-untyped-def]
    """Row h (6,) of u·velocity on the state of one model, and the rate's variance under it.

    An anchored model without a quick part is noise through one lag, whose velocity has no variance of
    its own: it is given that of a sway of its width and time, 2·(σ/T)².
    """
    for i in range(6):
        h[i] = 0.0
    anchored = model[6] > 0.0
    if anchored and model[0] <= 0.0:
        return variance + 2.0 * (model[6] / model[7]) ** 2
    h[2], h[3] = east, north
    pull = 1.0 / model[7] if anchored else 1.0
    h[4], h[5] = pull * east, pull * north
    if anchored:
        h[0], h[1] = -h[4], -h[5]
    return variance


@njit("void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1], float64, float64, float64, float64, float64[::1])", cache=True)  # fmt: skip
def foresee(x, s, p, h, east, north, rate, variance, seen):  # type: ignore[no-untyped-def]
    """How a filter sees one range rate, less that of the wind; (east, north) is the rate's row on θ.

    seen (10,): innovation, its variance, its slope to θ (east, north), covariance P hᵀ (6).
    """
    total, at = variance, 0.0
    lever_e, lever_n = east, north
    for i in range(6):
        at += h[i] * x[i]
        lever_e += h[i] * s[i, 0]
        lever_n += h[i] * s[i, 1]
        column = 0.0
        for j in range(6):
            column += p[i, j] * h[j]
        seen[4 + i] = column
        total += h[i] * column
    seen[0] = rate - at
    seen[1] = total
    seen[2] = lever_e
    seen[3] = lever_n


@njit("void(float64[::1], float64[::1])", cache=True)
def weigh_rate(seen, info):  # type: ignore[no-untyped-def]
    """`info` (6,) after the rate in `seen` (10,) of `foresee`."""
    gap, total, lever_e, lever_n = seen[0], seen[1], seen[2], seen[3]
    info[0] += lever_e * lever_e / total
    info[1] += lever_e * lever_n / total
    info[2] += lever_n * lever_n / total
    info[3] += lever_e * gap / total
    info[4] += lever_n * gap / total
    info[5] -= 0.5 * (gap * gap / total + math.log(total) + _LOG_2PI)


@njit("void(float64[::1], float64[:, ::1], float64[:, ::1], float64[::1])", cache=True)
def take_rate(x, s, p, seen):  # type: ignore[no-untyped-def]
    """x, S, P updated by the rate in `seen` (10,) of `foresee`."""
    for i in range(6):
        gain = seen[4 + i] / seen[1]
        x[i] += gain * seen[0]
        s[i, 0] -= gain * seen[2]
        s[i, 1] -= gain * seen[3]
        for j in range(6):
            p[i, j] -= gain * seen[4 + j]


@njit(
    "void(int64[::1], float64[:, ::1], float64[::1], float64[::1], float64[::1], float64[:, ::1], float64[:, ::1],"
    "float64[:, ::1], float64[:, :, ::1], float64[:, :, :, ::1], float64[:, :, :, ::1],"
    "float64[:, :, ::1], float64[:, ::1], float64[:, :, ::1], float64[:, ::1], int64[:, ::1],"
    "float64[:, ::1], float64[::1], int64[::1], float64[:, ::1], int64[::1], int64)",
    cache=True,
)
def run_rates(  # type: ignore[no-untyped-def]
    row, line, rate, variance, association, wind, offset, wind_cov,
    x, s, p, info, marginal, weight, score, lost,
    dynamics, wind_share, prior, table, parts_from, classes,
):  # fmt: skip
    """Feed U range rates to the filters of their tracks, each at the time of the track's newest plot.

    row (U,); line (U, 2) horizontal part of the unit vector from sensor to plot; rate (U,) m/s, positive
    away, less what climbing adds; variance (U,) m²/s²; association (U,); wind (U, 2) the input of the wind-borne models.
    Then the prior of the wind's error, the state arrays and tables as `bank.run` has them, and how many
    rows are classes.
    """
    parts = table.copy()
    extra = np.zeros((len(table), 3))
    gain = np.empty(len(dynamics))
    trial = np.empty(6)
    h, seen = np.empty(6), np.empty(10)
    stranger = math.log(1.0 / SPREAD_M_S)
    for u in range(row.shape[0]):
        n = row[u]
        own = (1.0 - BLADES) * min(association[u], 1.0)
        fill_parts(wind[u], offset[n], wind_cov[n], table, parts_from[3], parts, extra)
        east, north = line[u, 0], line[u, 1]
        for m in range(len(dynamics)):
            gain[m] = stranger
            if lost[n, m] > 0:
                continue
            told = rate[u] - wind_share[m] * (east * wind[u, 0] + north * wind[u, 1])
            spread = sight(dynamics[m], east, north, variance[u], h)
            on = 1.0 if prior[m] != 0 else 0.0
            for i in range(6):
                trial[i] = info[n, m, i]
            foresee(x[n, m], s[n, m], p[n, m], h, on * east, on * north, told, spread, seen)
            weigh_rate(seen, trial)
            value = log_marginal(
                trial, parts_from[prior[m]], parts_from[prior[m] + 1], parts, extra
            )
            body = math.log(own) + value - marginal[n, m]
            blade = math.log(1.0 - own) + stranger
            if body > blade:
                take_rate(x[n, m], s[n, m], p[n, m], seen)
                for i in range(6):
                    info[n, m, i] = trial[i]
                marginal[n, m] = value
            high = max(body, blade)
            gain[m] = high + math.log(math.exp(body - high) + math.exp(blade - high))
        mix(gain, weight[n], score[n], FLOOR, classes)


def in_common(score: F64, felt: F64) -> F64:
    """(N, K + 3) the scores with rates, but among MEMBERS the distances of those without.

    score (N, K + 3) of the bank that saw places alone, felt (N, K + 3) of the one that felt rates too. Rates take
    weight from drifting freely; they give it weight only as far as the places leave it open: a kite sways as no
    model's rate does, which must not make a balloon of it.
    """
    out = felt.copy()
    together = np.logaddexp.reduce(felt[:, MEMBERS], axis=1)
    apart = score[:, MEMBERS]
    alone = np.logaddexp.reduce(apart, axis=1)
    out[:, MEMBERS] = together[:, None] + apart - alone[:, None]
    by_place = score[:, DRIFTERS] - alone[:, None]
    most = by_place + np.maximum(by_place + OPEN_DOWN_TO, 0.0)
    out[:, DRIFTERS] = together[:, None] + np.minimum(felt[:, DRIFTERS] - together[:, None], most)
    found: F64 = np.clip(out - out[:, :K].max(axis=1, keepdims=True), FLOOR, -FLOOR)
    return found


def feel(
    felt: MotionState,
    motion: MotionState,
    updates: Updates,
    wind: tuple[F64, F64, F64],
    detections: Detections,
    sensors: tuple[Sensor, ...],
    frame: Frame,
    climb_m_s: F64,
    climb_variance: F64,
) -> MotionState:
    """The bank that feels range rates, fed with one step's plots; it has no rows before the first rate.

    `motion` is the bank of places before this step, from which the first rate starts; wind as
    `motion.feed` has it: mean, covariance and jump at each track. The rest as in `feed`.
    """
    if not len(felt.plots):
        if not (updates.n and np.isfinite(detections.doppler_m_s[updates.detection_row]).any()):
            return felt
        felt = copied(motion)
    places.feed(felt, updates, *wind)
    feed(felt, updates, detections, sensors, frame, climb_m_s, climb_variance)
    return felt


def feed(
    motion: MotionState,
    updates: Updates,
    detections: Detections,
    sensors: tuple[Sensor, ...],
    frame: Frame,
    climb_m_s: F64,
    climb_variance: F64,
) -> None:
    """The range rates of one step into the banks, in place, after `motion.feed` took the places.

    `updates` name rows of `motion` and of `detections`; climb_m_s and climb_variance (N,) of each track.
    A track's rate counts at its newest plot; a second one in the same step is left out.
    """
    if updates.n == 0:
        return
    rate = detections.doppler_m_s[updates.detection_row]
    newest = updates.time_ns == motion.last_ns[updates.track_row]
    some = np.flatnonzero(
        np.isfinite(rate) & newest & (detections.sensor[updates.detection_row] >= 0)
    )
    some = some[np.unique(updates.track_row[some], return_index=True)[1]]
    if not len(some):
        return
    of, row = updates.detection_row[some], updates.track_row[some]
    stands = np.array(
        [point_enu(frame, s.position, s.height_ellipsoid_m) for s in sensors]
    ).reshape(-1, 3)
    apart = updates.position_enu[some] - stands[detections.sensor[of]]
    apart[~np.isfinite(apart)] = 0.0
    far = np.linalg.norm(apart, axis=1)
    far_enough = far > NEAREST_M
    some, row, apart, far = some[far_enough], row[far_enough], apart[far_enough], far[far_enough]
    if not len(some):
        return
    line = apart / far[:, None]
    known = np.isfinite(climb_variance[row])
    climbs = np.where(known, climb_m_s[row], 0.0)
    spread = np.where(known, climb_variance[row], 100.0)
    run_rates(
        np.ascontiguousarray(row, dtype=np.int64),
        np.ascontiguousarray(line[:, :2]),
        np.ascontiguousarray(rate[some] - line[:, 2] * climbs),
        np.ascontiguousarray(VARIANCE_M2_S2 + line[:, 2] ** 2 * spread),
        np.ascontiguousarray(updates.weight[some]),
        np.ascontiguousarray(motion.wind[row] - motion.offset[row]),
        motion.offset,
        motion.wind_cov,
        motion.x,
        motion.s,
        motion.p,
        motion.info,
        motion.marginal,
        motion.weight,
        motion.score,
        motion.lost,
        DYNAMICS,
        WIND_SHARE,
        PRIOR,
        PARTS,
        PARTS_FROM,
        K,
    )
