"""Around the kernels: frames in order, what is learned, late plots, and what is shown."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from windhover.schema.batches import F64, I8, I64, TrackStatus, Tracks, Updates
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.belief import marginals
from windhover.tracks.frame import apply, gather, prune, weigh
from windhover.tracks.imm import predict
from windhover.tracks.layout import (
    BORN,
    CLAIM,
    CLAIM_W,
    COOP_W,
    EX,
    GP,
    HIT,
    HITS,
    ID,
    MODE,
    MU,
    STRIDE,
    TIME,
    Z,
)
from windhover.tracks.state import Belief, Work, with_room, work_for

SHOW = 0.5  # existence at which a row becomes a track for people
HIDE = 0.4  # and below which it stops being one
LIFT = np.array(
    [models.VERTICAL_STIR_M2_S3, models.VERTICAL_DECAY_PER_S, models.VERTICAL_TURN_M_S2]
)
HEIGHT = np.array(
    [models.START_HEIGHT_M, models.START_HEIGHT_SIGMA_M**2, models.START_CLIMB_SIGMA_M_S**2]
)
WIDEST_M2 = 2 * 25_000.0**2  # a row more uncertain than this is lost
SHOWN_M2 = 2 * 2_000.0**2  # and one more uncertain than this is no help to anybody


class Framed(NamedTuple):
    """What one frame did."""

    belief: Belief
    work: Work
    owner: I64  # (plots,) row or −1
    weight: F64  # (plots,) probability that it did


def field_at(belief: Belief, sensor: int, to_s: float, plots: int, turned: float) -> float:
    """Undetected targets per m² at to_s where `sensor` looks; keeps the sector's field up to date."""
    f = belief.field
    s = belief.sensor_f[sensor]
    radars = belief.sensor_f[:, at.S_CLASS] == at.CLASS_RADAR
    areas = belief.sensor_f[radars, at.S_AREA] if radars.any() else belief.sensor_f[:, at.S_AREA]
    area = float(areas.max())
    if f[at.F_SPAN] == 0.0:
        f[at.F_TIME] = to_s
        f[at.F_SPAN] = 1e-9
    dt = max(to_s - f[at.F_TIME], 0.0)
    if dt > 0.0:
        keep = math.exp(-dt / models.FORGET_S)
        f[at.F_BIRTHS] *= keep
        f[at.F_SPAN] = f[at.F_SPAN] * keep + dt
        f[at.F_BORN] += f[at.F_BIRTH] * dt
        f[at.F_BORN] *= math.exp(-dt / models.LIFE_S)
        f[at.F_UNDETECTED] *= math.exp(-dt / models.LIFE_S)
        f[at.F_TIME] = to_s
    # As many come as go, until the data say otherwise.
    usual = max(models.BIRTHS_PER_S, float(f[at.F_PRESENT]) / models.LIFE_S)
    births = f[at.F_BIRTHS] + usual * models.BIRTHS_SPAN_S
    f[at.F_BIRTH] = births / (f[at.F_SPAN] + models.BIRTHS_SPAN_S) / area
    f[at.F_BORN] = max(f[at.F_BORN], f[at.F_BIRTH] * 0.1)
    if s[at.S_CLASS] == at.CLASS_RADAR and to_s - s[at.S_FIRST] < 0.9 * s[at.S_PERIOD]:
        # First look: whatever is more than clutter was there before.
        excess = max(plots - s[at.S_CLUTTER] * turned, 0.3 * math.sqrt(plots) + 0.1)
        f[at.F_UNDETECTED] = excess / (s[at.S_PD] * turned * s[at.S_AREA])
    total = float(f[at.F_UNDETECTED] + f[at.F_BORN])
    if s[at.S_CLASS] == at.CLASS_COOPERATIVE:
        return max(total, 1.0 / s[at.S_AREA])
    return total


def learn_timing(sensor_f: F64, sensor: int, times: F64, azimuths: F64) -> float:
    """How much of a scan this frame covers (0…1]; learns whether scans are snapshots or a beam."""
    s = sensor_f[sensor]
    period = s[at.S_PERIOD]
    last = float(times[-1])
    if s[at.S_FIRST] >= at.FAR:
        s[at.S_FIRST] = float(times[0])
    if len(times) >= 3:
        vote = 1.0 if times[-1] - times[0] < 1e-6 else 0.0
        s[at.S_SPREAD] = vote if s[at.S_LAST] <= -at.FAR else 0.7 * s[at.S_SPREAD] + 0.3 * vote
    if s[at.S_CLASS] == at.CLASS_RADAR and s[at.S_SPREAD] <= 0.5:
        angle = azimuths - 2.0 * math.pi * times / period
        gain = min(1.0, 0.05 * len(times))
        if s[at.S_LAST] <= -at.FAR:
            gain = 1.0
        s[at.S_COS] += gain * (float(np.mean(np.cos(angle))) - s[at.S_COS])
        s[at.S_SIN] += gain * (float(np.mean(np.sin(angle))) - s[at.S_SIN])
    if s[at.S_SPREAD] > 0.5:
        return 1.0
    since = last - max(s[at.S_LAST], float(times[0]) - s[at.S_FRAME])
    return min(max(since / period, 0.02), 1.0)


def one_frame(
    belief: Belief, work: Work, model_table: F64, sensor: int, pf: F64, pi: I64
) -> Framed:
    """Run one frame of one sensor: plots (P, …) sorted by time."""
    plots = len(pf)
    to_s = float(pf[-1, at.P_T])
    covered = learn_timing(belief.sensor_f, sensor, pf[:, at.P_T], pf[:, at.P_AZ])
    undetected = field_at(belief, sensor, to_s, plots, covered)
    rows = belief.rows
    work = work_for(work, rows + 1, plots, 1)
    while True:
        pairs = gather(
            belief.track_f,
            belief.track_i,
            rows,
            belief.seen_at,
            belief.sensor_f,
            sensor,
            pf,
            0,
            plots,
            to_s,
            model_table,
            LIFT,
            work.cell_first,
            work.cell_plot,
            work.row_of,
            work.first,
            work.plot,
            work.like,
            work.look,
            work.mixed,
            work.coef,
            work.seen,
            (counts := np.zeros(1, np.int64)),
        )
        if pairs >= 0:
            break
        work = work_for(work, rows + 1, plots, 2 * len(work.plot))
    active = int(counts[0])
    belief = with_room(belief, rows + active + pairs + plots + 1)
    work = work_for(work, len(belief.track_f) + 1, plots, 1)
    weigh(
        belief.track_f,
        belief.track_i,
        rows,
        belief.sensor_f,
        sensor,
        pf,
        pi,
        0,
        plots,
        undetected,
        work.background,
        active,
        work.row_of,
        work.first,
        work.plot,
        work.like,
        work.look,
        work.odds,
        work.start,
        models.LIFE_S,
    )
    marginals(
        active,
        plots,
        work.first,
        work.plot,
        work.odds,
        work.message,
        work.share,
        work.weight,
        work.missed,
        work.fresh,
    )
    total = apply(
        belief.track_f,
        belief.track_i,
        belief.seen_at,
        rows,
        belief.sensor_f,
        sensor,
        pf,
        pi,
        0,
        plots,
        to_s,
        active,
        work.row_of,
        work.first,
        work.plot,
        work.like,
        work.look,
        work.weight,
        work.missed,
        work.fresh,
        work.start,
        belief.field,
        model_table,
        HEIGHT,
        work.owner,
        work.seen,
        work.acc,
        undetected,
        work.mixed,
        work.coef,
        LIFT,
    )
    kept = prune(
        belief.track_f, belief.track_i, belief.seen_at, total, belief.field, work.moved, WIDEST_M2
    )
    owner = work.owner[:plots]
    owner = np.where(owner >= 0, work.moved[owner], -1)
    weight = 1.0 - work.fresh[:plots]
    learn_clutter(belief, sensor, plots, work, covered)
    belief.sensor_f[sensor, at.S_LAST] = to_s
    belief.sensor_f[sensor, at.S_SEEN] += plots
    return Framed(belief._replace(rows=kept), work, owner, weight)


def learn_clutter(belief: Belief, sensor: int, plots: int, work: Work, covered: float) -> None:
    """Let the clutter rate follow the data, and the undetected fade where the sensor looked."""
    s = belief.sensor_f[sensor]
    false = float(work.fresh[:plots] @ (1.0 - work.start[:plots]))
    # A gain per look: FORGET_S of looks, starting from the site's own figure.
    gain = min(covered * s[at.S_PERIOD] / models.FORGET_S, 0.2)
    s[at.S_CLUTTER] += gain * (false / covered - s[at.S_CLUTTER])
    s[at.S_CLUTTER] = max(s[at.S_CLUTTER], 1e-3)
    if s[at.S_CLASS] == at.CLASS_RADAR:
        fade = 1.0 - s[at.S_PD] * covered
        belief.field[at.F_UNDETECTED] *= fade
        belief.field[at.F_BORN] *= fade


@njit(
    "i8(f8[:, ::1], i8[:, ::1], i8, f8, f8, f8, f8, i8[::1])", cache=True
)
def shown_rows(
    tf: F64,
    ti: I64,
    rows: int,
    show: float,
    hide: float,
    widest: float,
    now_s: float,
    out: I64,
) -> int:
    """Rows that are tracks for people now."""
    n = 0
    for i in range(rows):
        r = tf[i, EX]
        young = ti[i, HITS] < 2 and ti[i, CLAIM] == 0
        if (r >= show and not young) or (ti[i, ID] != 0 and r >= hide):
            dt = now_s - tf[i, TIME]
            wide = tf[i, GP] + tf[i, GP + 1] + 2.0 * dt * (tf[i, GP + 2] + tf[i, GP + 3])
            wide += dt * dt * (tf[i, GP + 4] + tf[i, GP + 5])
            if wide > widest:
                continue
            out[n] = i
            n += 1
    return n


@njit(
    "void(f8[:, ::1], i8[:, ::1], f8[:, ::1], f8[:, ::1], i8[::1], i8, f8, i8, f8[:, ::1], f8[:, ::1],"
    "f8[:, ::1], f8[::1], f8[::1], i8[::1], f8[:, ::1], f8[:, :, ::1], f8[::1], f8[:, ::1], i1[::1],"
    "i8[::1], i8[::1], i8[::1], f8[::1], i8[::1])",
    cache=True,
)
def fill(
    tf: F64,
    ti: I64,
    seen_at: F64,
    sf: F64,
    which: I64,
    n: int,
    now_s: float,
    now_ns: int,
    model_table: F64,
    one: F64,
    mixed: F64,
    coef: F64,
    lift: F64,
    track_id: I64,
    state: F64,
    cov: F64,
    existence: F64,
    mode: F64,
    status: I8,
    born: I64,
    hit: I64,
    claimed: I64,
    claim_weight: F64,
    mask: I64,
) -> None:
    """Predict the rows asked for to now and write them into the columns of `Tracks`."""
    sensors = sf.shape[0]
    for u in range(n):
        i = which[u]
        for k in range(tf.shape[1]):
            one[0, k] = tf[i, k]
        predict(one, 0, now_s, model_table, mixed, coef, lift)
        track_id[u] = ti[i, ID]
        existence[u] = one[0, EX]
        born[u] = ti[i, BORN]
        hit[u] = ti[i, HIT]
        claimed[u] = ti[i, CLAIM]
        claim_weight[u] = min(one[0, CLAIM_W] / max(one[0, COOP_W], 1e-9), 1.0)
        for k in range(6):
            state[u, k] = 0.0
            for c in range(6):
                cov[u, k, c] = 0.0
        for m in range(3):
            mode[u, m] = one[0, MU + m]
            b = MODE + STRIDE * m
            state[u, 0] += one[0, MU + m] * one[0, b]
            state[u, 1] += one[0, MU + m] * one[0, b + 1]
            state[u, 3] += one[0, MU + m] * one[0, b + 2]
            state[u, 4] += one[0, MU + m] * one[0, b + 3]
        for m in range(3):
            w = one[0, MU + m]
            b = MODE + STRIDE * m
            d0 = one[0, b] - state[u, 0]
            d1 = one[0, b + 1] - state[u, 1]
            d2 = one[0, b + 2] - state[u, 3]
            d3 = one[0, b + 3] - state[u, 4]
            cov[u, 0, 0] += w * (one[0, b + 4] + d0 * d0)
            cov[u, 0, 1] += w * (one[0, b + 5] + d0 * d1)
            cov[u, 0, 3] += w * (one[0, b + 6] + d0 * d2)
            cov[u, 0, 4] += w * (one[0, b + 7] + d0 * d3)
            cov[u, 1, 1] += w * (one[0, b + 8] + d1 * d1)
            cov[u, 1, 3] += w * (one[0, b + 9] + d1 * d2)
            cov[u, 1, 4] += w * (one[0, b + 10] + d1 * d3)
            cov[u, 3, 3] += w * (one[0, b + 11] + d2 * d2)
            cov[u, 3, 4] += w * (one[0, b + 12] + d2 * d3)
            cov[u, 4, 4] += w * (one[0, b + 13] + d3 * d3)
        state[u, 2] = one[0, Z]
        state[u, 5] = one[0, Z + 1]
        cov[u, 2, 2] = one[0, Z + 2]
        cov[u, 2, 5] = one[0, Z + 3]
        cov[u, 5, 5] = one[0, Z + 4]
        for k in range(6):
            for c in range(k):
                cov[u, k, c] = cov[u, c, k]
        held = 0
        latest = 1e18
        for s in range(sensors):
            ago = now_s - seen_at[i, sensors + s]
            if ago < max(30.0, 3.0 * sf[s, at.S_PERIOD]):
                held |= 1 << (s % 63)
                latest = min(latest, ago / sf[s, at.S_PERIOD])
        mask[u] = held
        status[u] = 1 if latest < 2.2 else 2


def tracks_at(
    belief: Belief, work: Work, model_table: F64, now_s: float, now_ns: int, which: I64
) -> Tracks:
    """`Tracks` of the rows asked for, predicted to now."""
    n = len(which)
    out = Tracks(
        track_id=np.empty(n, np.int64),
        time_ns=np.full(n, now_ns, np.int64),
        state_enu=np.empty((n, 6)),
        covariance_enu=np.empty((n, 6, 6)),
        existence=np.empty(n),
        mode_probability=np.empty((n, 3)),
        status=np.empty(n, np.int8),
        born_ns=np.empty(n, np.int64),
        hit_ns=np.empty(n, np.int64),
        claimed_id=np.empty(n, np.int64),
        claim_weight=np.empty(n),
        sensors=np.empty(n, np.int64),
    )
    fill(
        belief.track_f,
        belief.track_i,
        belief.seen_at,
        belief.sensor_f,
        which,
        n,
        now_s,
        now_ns,
        model_table,
        np.empty((1, at.TRACK_F)),
        work.mixed,
        work.coef,
        LIFT,
        out.track_id,
        out.state_enu,
        out.covariance_enu,
        out.existence,
        out.mode_probability,
        out.status,
        out.born_ns,
        out.hit_ns,
        out.claimed_id,
        out.claim_weight,
        out.sensors,
    )
    return out


def updates_of(
    row_of_plot: I64, weight: F64, pf: F64, pi: I64, now_rows: I64, rows: int
) -> Updates:
    """Which of this batch's plots fed shown tracks; `now_rows` are the belief rows of `Tracks`."""
    place = np.full(rows + 1, -1, np.int64)
    place[now_rows] = np.arange(len(now_rows))
    told = np.where(row_of_plot >= 0, place[row_of_plot], -1)
    use = np.flatnonzero((told >= 0) & (pi[:, at.Q_ROW] >= 0) & (weight > 0.05))
    position = np.ascontiguousarray(pf[use][:, [at.P_X, at.P_Y, at.P_Z]])
    has_height = pf[use, at.P_RZ] > 0.0
    position[~has_height, 2] = np.nan
    covariance = np.zeros((len(use), 3, 3))
    covariance[:, 0, 0] = pf[use, at.P_RXX]
    covariance[:, 0, 1] = covariance[:, 1, 0] = pf[use, at.P_RXY]
    covariance[:, 1, 1] = pf[use, at.P_RYY]
    covariance[:, 2, 2] = np.where(has_height, pf[use, at.P_RZ], 0.0)
    return Updates(
        track_row=told[use],
        detection_row=pi[use, at.Q_ROW].copy(),
        weight=weight[use],
        time_ns=pi[use, at.Q_TIME].copy(),
        position_enu=position,
        covariance_enu=covariance,
    )


COASTING = TrackStatus.COASTING
