"""A track that leaves a sector goes to the neighbour with its evidence.

What is handed over stands in ECEF, so that any neighbour can take it whatever its own frame: per mode
the state and its covariance, the existence, the claims, the age, which sensors held it and when.
Between two frames the vertical tilts (0.5° over 60 km); the neighbour keeps horizontal and vertical
apart again, and drops the little that the tilt has mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.timescale import EARLIEST_NS
from windhover.tracks import layout as at
from windhover.tracks.imm import combine
from windhover.tracks.state import Belief, TrackerState, with_room
from windhover.units import NS_PER_S

_UPPER = tuple(zip(*np.triu_indices(4), strict=True))
_FLAT = np.array([0, 1, 3, 4])  # east, north and their rates among the six
_SAME_TRACK = 18.5  # squared Mahalanobis distance over place and velocity: 99.9 % of one object's


class Passed(NamedTuple):
    """One track on its way to a neighbour."""

    track_id: int  # in the sector that it leaves
    time_ns: int  # that state and covariance speak of
    existence: float
    existence_ns: int
    mode_probability: F64  # (3,)
    state_ecef: F64  # (3, 6) per mode: m, m/s
    covariance_ecef: F64  # (3, 6, 6)
    born_ns: int
    hit_ns: int
    hits: int
    claimed_id: int
    claim_weight: float  # of the claim held, and of all claims
    cooperative_weight: float
    shown: bool
    first_plot_existence: float
    looked_ns: (
        I64  # (S,) last look and last hit of each sensor of the old sector; EARLIEST_NS = never
    )
    hit_by_ns: I64


def _row_of(belief: Belief, track_id: int) -> int:
    found = np.flatnonzero(belief.track_i[: belief.rows, at.ID] == track_id)
    if not len(found) or track_id <= 0:
        raise KeyError(f"no track {track_id}")
    return int(found[0])


def _ns(state: TrackerState, t_s: F64) -> I64:
    known = t_s > -1e17
    out = np.full(len(t_s), EARLIEST_NS, np.int64)
    out[known] = state.epoch_ns + np.rint(t_s[known] * NS_PER_S).astype(np.int64)
    return out


def leave(state: TrackerState, track_id: int, keep: bool = False) -> tuple[TrackerState, Passed]:
    """Take a shown track out of this sector (or, with `keep`, only copy it, where sectors overlap).

    Plots that come late from before it left no longer send the tracker back; they are used as they come.
    Raises KeyError where there is no such track.
    """
    belief = state.belief
    i = _row_of(belief, track_id)
    tf, ti = belief.track_f[i], belief.track_i[i]
    turn = state.frame.rotation  # rows east, north, up in ECEF
    both = np.kron(np.eye(2), turn.T)
    states, covariances = np.zeros((3, 6)), np.zeros((3, 6, 6))
    for m in range(3):
        b = at.MODE + at.STRIDE * m
        x, p = np.zeros(6), np.zeros((6, 6))
        x[_FLAT], x[2], x[5] = tf[b : b + 4], tf[at.Z], tf[at.Z + 1]
        for k, (r, c) in enumerate(_UPPER):
            p[_FLAT[r], _FLAT[c]] = p[_FLAT[c], _FLAT[r]] = tf[b + 4 + k]
        p[2, 2], p[2, 5], p[5, 2], p[5, 5] = tf[[at.Z + 2, at.Z + 3, at.Z + 3, at.Z + 4]]
        states[m] = both @ x
        states[m, :3] += state.frame.origin_ecef_m
        covariances[m] = both @ p @ both.T
    sensors = len(belief.sensor_f)
    times = _ns(state, np.array([tf[at.TIME], tf[at.EXT]]))
    passed = Passed(
        track_id=track_id,
        time_ns=int(times[0]),
        existence=float(tf[at.EX]),
        existence_ns=int(times[1]),
        mode_probability=tf[at.MU : at.MU + 3].copy(),
        state_ecef=states,
        covariance_ecef=covariances,
        born_ns=int(ti[at.BORN]),
        hit_ns=int(ti[at.HIT]),
        hits=int(ti[at.HITS]),
        claimed_id=int(ti[at.CLAIM]),
        claim_weight=float(tf[at.CLAIM_W]),
        cooperative_weight=float(tf[at.COOP_W]),
        shown=bool(ti[at.MARKS] & at.MARK_RISEN),
        first_plot_existence=float(tf[at.HOPE]),
        looked_ns=_ns(state, belief.seen_at[i, :sensors]),
        hit_by_ns=_ns(state, belief.seen_at[i, sensors:]),
    )
    if not keep:
        seed = int(ti[at.SEED])
        # Rows without existence go at the next frame. Going back to before would bring it up again.
        gone = belief.track_i[: belief.rows, at.SEED] == seed
        belief.track_f[: belief.rows, at.EX][gone] = 0.0
        state = state._replace(snapshots=(), late=())
    return state, passed


def join(
    state: TrackerState, passed: Passed, shared: Mapping[int, int] | None = None
) -> tuple[TrackerState, int]:
    """Take a neighbour's track in; gives the id it has here.

    `shared`: row of the old sector's sensor table → row of this one's, for sensors that serve both.
    Where this sector holds the object already, nothing is added and that track's id is given.
    """
    if state.epoch_ns == EARLIEST_NS:
        state = state._replace(epoch_ns=passed.time_ns)
    row_f, row_i, seen_at = _row(state, passed, shared or {})
    held = _held_already(state.belief, row_f)
    if held >= 0:
        there = int(state.belief.track_i[held, at.ID])
        if there:
            return state, there
        row_f, row_i = state.belief.track_f[held], state.belief.track_i[held]
    track_id, seed = state.next_id, state.next_serial
    row_i[at.ID] = track_id
    row_i[at.MARKS] |= at.MARK_COUNTED | (at.MARK_RISEN if passed.shown else 0)
    if held >= 0:
        return state._replace(next_id=track_id + 1), track_id
    row_i[at.SEED] = seed
    name = np.array([[seed, track_id, passed.time_ns]], np.int64)
    return state._replace(
        belief=_with_row(state.belief, row_f, row_i, seen_at),
        snapshots=tuple(
            s._replace(belief=_with_row(s.belief, row_f, row_i, seen_at)) for s in state.snapshots
        ),
        next_id=track_id + 1,
        next_serial=seed + 1,
        names=np.concatenate([state.names, name]),
    ), track_id


def _row(state: TrackerState, passed: Passed, shared: Mapping[int, int]) -> tuple[F64, I64, F64]:
    """The track as a row of this sector's table."""

    def s(time_ns: int) -> float:
        return (time_ns - state.epoch_ns) / NS_PER_S

    table = np.zeros((1, at.TRACK_F))
    row = table[0]
    row[at.MU : at.MU + 3] = passed.mode_probability
    row[at.EX], row[at.TIME], row[at.EXT] = (
        passed.existence,
        s(passed.time_ns),
        s(passed.existence_ns),
    )
    both = np.kron(np.eye(2), state.frame.rotation)
    for m in range(3):
        moved = passed.state_ecef[m].copy()
        moved[:3] -= state.frame.origin_ecef_m
        x, p = both @ moved, both @ passed.covariance_ecef[m] @ both.T
        b = at.MODE + at.STRIDE * m
        row[b : b + 4] = x[_FLAT]
        for k, (r, c) in enumerate(_UPPER):
            row[b + 4 + k] = p[_FLAT[r], _FLAT[c]]
        w = passed.mode_probability[m]
        row[at.Z] += w * x[2]
        row[at.Z + 1] += w * x[5]
        row[at.Z + 2 : at.Z + 5] += w * np.array([p[2, 2], p[2, 5], p[5, 5]])
    row[at.CLAIM_W], row[at.COOP_W] = passed.claim_weight, passed.cooperative_weight
    row[at.HOPE] = passed.first_plot_existence
    combine(table, 0)
    numbers = np.zeros(at.TRACK_I, np.int64)
    numbers[at.BORN], numbers[at.HIT] = passed.born_ns, passed.hit_ns
    numbers[at.HITS], numbers[at.CLAIM] = passed.hits, passed.claimed_id
    sensors = len(state.belief.sensor_f)
    seen_at = np.r_[np.full(sensors, row[at.EXT]), np.full(sensors, -at.FAR)]
    for theirs, ours in shared.items():
        seen_at[ours] = s(int(passed.looked_ns[theirs]))
        if passed.hit_by_ns[theirs] != EARLIEST_NS:
            seen_at[sensors + ours] = s(int(passed.hit_by_ns[theirs]))
    return row, numbers, seen_at


def _held_already(belief: Belief, row: F64) -> int:
    """A likely row of this sector that is the same object; −1 = none."""
    best, nearest = -1, _SAME_TRACK
    for i in np.flatnonzero(belief.track_f[: belief.rows, at.EX] > 0.5).tolist():
        mine = belief.track_f[i]
        dt = mine[at.TIME] - row[at.TIME]
        gap = mine[at.GX : at.GX + 4] - row[at.GX : at.GX + 4]
        gap[:2] -= dt * row[at.GX + 2 : at.GX + 4]
        spread = mine[at.GP : at.GP + 6] + row[at.GP : at.GP + 6]
        place = spread[:2] + dt * dt * spread[4:] + 1.0
        d2 = float((gap[:2] ** 2 / place).sum() + (gap[2:] ** 2 / (spread[4:] + 0.1)).sum())
        if d2 < nearest:
            best, nearest = i, d2
    return best


def _with_row(belief: Belief, row_f: F64, row_i: I64, seen_at: F64) -> Belief:
    n = belief.rows
    room = with_room(belief, n + 1)
    room.track_f[n], room.track_i[n], room.seen_at[n] = row_f, row_i, seen_at
    return room._replace(rows=n + 1)
