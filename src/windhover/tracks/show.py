"""What people see of the rows: `Tracks`, and which plots fed them: `Updates`."""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64, I8, I64, Tracks, Updates
from windhover.tracks import layout as at
from windhover.tracks.imm import predict
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    BORN,
    CLAIM,
    CLAIM_W,
    COOP_W,
    EX,
    GP,
    HIT,
    ID,
    MARK_RISEN,
    MARKS,
    MODE,
    MU,
    STRIDE,
    TIME,
    Z,
)
from windhover.tracks.state import Belief, Work
from windhover.tracks.step import LIFT

SHOW: Final = 0.5  # existence at which showing a row is better than not by GOSPA
HIDE: Final = 0.5  # and below which it stops being one
SHOWN_M2: Final = 2 * 2_000.0**2  # a row more uncertain than this is no help to anybody
TOLD: Final = 0.05  # a plot that hardly belonged to any track is not told


@kernel("i8(f8[:, ::1], i8[:, ::1], i8, f8, f8, f8, i8[::1])")
def shown_rows(
    tf: F64,
    ti: I64,
    rows: int,
    hide: float,
    widest: float,
    now_s: float,
    out: I64,
) -> int:
    """Rows that are tracks for people now."""
    n = 0
    for i in range(rows):
        r = tf[i, EX]
        if ti[i, MARKS] & MARK_RISEN != 0 and r >= hide:
            dt = now_s - tf[i, TIME]
            wide = tf[i, GP] + tf[i, GP + 1] + 2.0 * dt * (tf[i, GP + 2] + tf[i, GP + 3])
            wide += dt * dt * (tf[i, GP + 4] + tf[i, GP + 5])
            if wide > widest:
                continue
            out[n] = i
            n += 1
    return n


@kernel(
    "void(f8[:, ::1], i8[:, ::1], f8[:, ::1], f8[:, ::1], i8[::1], i8, f8, i8, f8[:, ::1], f8[:, ::1],"
    "f8[:, ::1], f8[::1], f8[::1], i8[::1], f8[:, ::1], f8[:, :, ::1], f8[::1], f8[:, ::1], i1[::1],"
    "i8[::1], i8[::1], i8[::1], f8[::1], i8[::1])",
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
        row = tf[i : i + 1]
        if tf[i, TIME] < now_s:
            for k in range(at.TRACK_F):
                one[0, k] = tf[i, k]
            predict(one, 0, now_s, model_table, mixed, coef, lift)
            row = one
        track_id[u] = ti[i, ID]
        existence[u] = row[0, EX]
        born[u] = ti[i, BORN]
        hit[u] = ti[i, HIT]
        claimed[u] = ti[i, CLAIM]
        claim_weight[u] = min(row[0, CLAIM_W] / max(row[0, COOP_W], 1e-9), 1.0)
        for k in range(6):
            state[u, k] = 0.0
            for c in range(6):
                cov[u, k, c] = 0.0
        for m in range(3):
            mode[u, m] = row[0, MU + m]
            b = MODE + STRIDE * m
            state[u, 0] += row[0, MU + m] * row[0, b]
            state[u, 1] += row[0, MU + m] * row[0, b + 1]
            state[u, 3] += row[0, MU + m] * row[0, b + 2]
            state[u, 4] += row[0, MU + m] * row[0, b + 3]
        for m in range(3):
            w = row[0, MU + m]
            b = MODE + STRIDE * m
            d0 = row[0, b] - state[u, 0]
            d1 = row[0, b + 1] - state[u, 1]
            d2 = row[0, b + 2] - state[u, 3]
            d3 = row[0, b + 3] - state[u, 4]
            cov[u, 0, 0] += w * (row[0, b + 4] + d0 * d0)
            cov[u, 0, 1] += w * (row[0, b + 5] + d0 * d1)
            cov[u, 0, 3] += w * (row[0, b + 6] + d0 * d2)
            cov[u, 0, 4] += w * (row[0, b + 7] + d0 * d3)
            cov[u, 1, 1] += w * (row[0, b + 8] + d1 * d1)
            cov[u, 1, 3] += w * (row[0, b + 9] + d1 * d2)
            cov[u, 1, 4] += w * (row[0, b + 10] + d1 * d3)
            cov[u, 3, 3] += w * (row[0, b + 11] + d2 * d2)
            cov[u, 3, 4] += w * (row[0, b + 12] + d2 * d3)
            cov[u, 4, 4] += w * (row[0, b + 13] + d3 * d3)
        state[u, 2] = row[0, Z]
        state[u, 5] = row[0, Z + 1]
        cov[u, 2, 2] = row[0, Z + 2]
        cov[u, 2, 5] = row[0, Z + 3]
        cov[u, 5, 5] = row[0, Z + 4]
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
        time_ns=np.empty(n, np.int64),
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
    out.time_ns[:] = now_ns
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


@kernel(
    "i8(i8[::1], f8[::1], f8[:, ::1], i8[:, ::1], i8[::1], i8[::1], i8[::1], i8[::1], f8[::1], i8[::1],"
    "f8[:, ::1], f8[:, :, ::1])",
)
def tell(
    owner: I64,
    weight: F64,
    pf: F64,
    pi: I64,
    place: I64,
    which: I64,
    track_row: I64,
    detection_row: I64,
    out_weight: F64,
    time_ns: I64,
    position: F64,
    covariance: F64,
) -> int:
    """Write the plots of this batch that fed shown rows; `place` (rows) is scratch. Returns how many."""
    for k in range(len(place)):
        place[k] = -1
    for k in range(len(which)):
        place[which[k]] = k
    n = 0
    for j in range(len(owner)):
        if owner[j] < 0 or pi[j, at.Q_ROW] < 0 or weight[j] < TOLD or place[owner[j]] < 0:
            continue
        track_row[n] = place[owner[j]]
        detection_row[n] = pi[j, at.Q_ROW]
        out_weight[n] = weight[j]
        time_ns[n] = pi[j, at.Q_TIME]
        high = pf[j, at.P_RZ] > 0.0
        position[n, 0] = pf[j, at.P_X]
        position[n, 1] = pf[j, at.P_Y]
        position[n, 2] = pf[j, at.P_Z] if high else np.nan
        for a in range(3):
            for b in range(3):
                covariance[n, a, b] = 0.0
        covariance[n, 0, 0] = pf[j, at.P_RXX]
        covariance[n, 0, 1] = pf[j, at.P_RXY]
        covariance[n, 1, 0] = pf[j, at.P_RXY]
        covariance[n, 1, 1] = pf[j, at.P_RYY]
        covariance[n, 2, 2] = pf[j, at.P_RZ] if high else 0.0
        n += 1
    return n


def updates_of(owner: I64, weight: F64, pf: F64, pi: I64, which: I64, rows: int) -> Updates:
    """Which of this batch's plots fed shown tracks; `which` are the belief rows of `Tracks`."""
    n = len(owner)
    out = Updates(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n),
        np.empty(n, np.int64),
        np.empty((n, 3)),
        np.empty((n, 3, 3)),
    )
    told = tell(owner, weight, pf, pi, np.empty(rows, np.int64), which, *out)
    return out if told == n else Updates._make([column[:told] for column in out])
