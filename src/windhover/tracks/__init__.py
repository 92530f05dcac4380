"""Detections → tracks: `start`, `advance`.

A track-oriented Poisson multi-Bernoulli filter over a three-mode IMM, for sensors that look at
different times. Plots are taken in *frames*: one sensor, one short stretch of time on a fixed grid,
so that what is computed depends on when plots were measured and not on how they were batched. A
plot that comes late, within `WINDOW_S`, sends the tracker back to a snapshot and forward again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64, Detections, Tracks, Updates
from windhover.timescale import EARLIEST_NS
from windhover.tracks import layout as at
from windhover.tracks.bias import Biases, biases_of
from windhover.tracks.groups import groups
from windhover.tracks.handover import Passed, join, leave
from windhover.tracks.kernel import kernel
from windhover.tracks.measure import plots_of
from windhover.tracks.show import HIDE, SHOWN_M2, shown_rows, tracks_at, updates_of
from windhover.tracks.state import Belief, Snapshot, TrackerState, restored, saved, start
from windhover.tracks.step import one_frame
from windhover.units import NS_PER_S

__all__ = [
    "WINDOW_S",
    "Biases",
    "Passed",
    "TrackerState",
    "advance",
    "biases",
    "groups",
    "join",
    "leave",
    "start",
]

WINDOW_S = 3.0
SNAPSHOT_EVERY_S = 0.2  # while plots come late …
SNAPSHOT_RARELY_S = 3.0  # … and while none has for a minute: less to copy, more to run again
LATE_LATELY_S = 60.0


class _Order(NamedTuple):
    """Plots to be run now, frames in order, and what they start from."""

    pf: F64
    pi: I64
    belief: Belief
    snapshots: tuple[Snapshot, ...]
    late: tuple[tuple[F64, I64], ...]
    again: bool  # the tracker went back


def advance(
    state: TrackerState, detections: Detections, now_ns: int
) -> tuple[TrackerState, Tracks, Updates]:
    """Take in a batch (any sensors, any order) and say what is up there at `now_ns`.

    Owns `state` from now on. An empty batch just coasts.
    """
    epoch = state.epoch_ns
    if epoch == EARLIEST_NS:
        epoch = int(detections.time_ns.min()) if detections.n else now_ns
        state = state._replace(epoch_ns=epoch)
    now_s = (now_ns - epoch) * 1e-9
    pf, pi = plots_of(
        detections,
        state.belief.sensor_f,
        state.turn,
        state.sigmas,
        state.frame,
        epoch,
        state.next_serial,
    )
    bad, late = detections.n - len(pf), 0
    oldest = state.done_s - WINDOW_S
    if not _sorted(pf):
        pf, pi = _sort(pf, pi)
    if len(pf) and pf[0, at.P_END] < oldest:
        late = int(np.searchsorted(pf[:, at.P_END], oldest))
        pf, pi = pf[late:], pi[late:]
    order = _in_order(state, pf, pi)
    pf, pi, belief, snapshots = order.pf, order.pi, order.belief, order.snapshots
    work = state.work
    done_s, done_sensor = state.done_s, state.done_sensor
    owner = np.empty(len(pf), np.int64)
    weight = np.empty(len(pf))
    spare: Belief | None = None
    went_back_s = state.went_back_s
    if len(pf):
        if order.again:
            went_back_s = float(pf[0, at.P_END])
        lately = float(pf[0, at.P_END]) - went_back_s < LATE_LATELY_S
        every_s = SNAPSHOT_EVERY_S if lately else SNAPSHOT_RARELY_S
        edges = _edges(pf)
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            done_s, done_sensor = float(pf[a, at.P_END]), int(pf[a, at.P_SENSOR])
            if not snapshots or done_s - snapshots[-1].end_s >= every_s:
                snapshots, spare = _still_needed(snapshots, done_s - WINDOW_S)
                kept = saved(belief, spare)
                snapshots = (*snapshots, Snapshot(done_s, done_sensor, kept))
            belief, work = one_frame(belief, work, state.model_table, done_sensor, pf[a:b], pi[a:b])
            _follow(owner, weight, a, b, work.moved, work.owner, work.fresh)

    which = np.empty(belief.rows, np.int64)
    shown = shown_rows(belief.track_f, belief.track_i, belief.rows, HIDE, SHOWN_M2, now_s, which)
    which = which[:shown]
    names, next_id = _name(belief, which, state.names, state.next_id, now_ns, order.again)
    tracks = tracks_at(belief, work, state.model_table, now_s, now_ns, which)
    updates = updates_of(owner, weight, pf, pi, which, belief.rows)
    chunks = order.late
    if len(pf):
        pi[:, at.Q_ROW] = -1
        need = snapshots[0].end_s
        chunks = tuple(c for c in chunks if c[0][-1, at.P_END] >= need)
        chunks = (*chunks, (pf, pi))
    state = state._replace(
        belief=belief,
        work=work,
        snapshots=snapshots,
        late=chunks,
        done_s=done_s,
        done_sensor=done_sensor,
        went_back_s=went_back_s,
        next_serial=state.next_serial + detections.n,
        names=names,
        next_id=next_id,
        dropped_late=state.dropped_late + late,
        dropped_bad=state.dropped_bad + bad,
    )
    return state, tracks, updates


def biases(state: TrackerState) -> Biases:
    """What has been learned of each radar's constant errors, and how well; they are taken out already."""
    return biases_of(state.belief.sensor_f)


def _in_order(state: TrackerState, pf: F64, pi: I64) -> _Order:
    """The new plots, frames in order; where a frame is over already, go back to before it."""
    late, snapshots, belief = state.late, state.snapshots, state.belief
    if not len(pf):
        return _Order(pf, pi, belief, snapshots, late, False)
    key = (float(pf[0, at.P_END]), int(pf[0, at.P_SENSOR]))
    if key > (state.done_s, state.done_sensor) or not snapshots:
        return _Order(pf, pi, belief, snapshots, late, False)
    back = 0
    for k, snapshot in enumerate(snapshots):
        if (snapshot.end_s, snapshot.sensor) <= key:
            back = k
    belief = restored(belief, snapshots[back].belief)
    mark_s, mark_sensor = snapshots[back].end_s, snapshots[back].sensor
    old_f = np.concatenate([f for f, _ in late])
    old_i = np.concatenate([i for _, i in late])
    end, sensor = old_f[:, at.P_END], old_f[:, at.P_SENSOR]
    again = (end > mark_s) | ((end == mark_s) & (sensor >= mark_sensor))
    pf, pi = _sort(np.concatenate([old_f[again], pf]), np.concatenate([old_i[again], pi]))
    before = ((old_f[~again], old_i[~again]),) if not again.all() else ()
    return _Order(pf, pi, belief, snapshots[:back], before, True)


def _sort(pf: F64, pi: I64) -> tuple[F64, I64]:
    """By frame, sensor, time, and then arrival, so that ties are the same whatever the batching."""
    order = np.lexsort((pi[:, at.Q_SERIAL], pf[:, at.P_T], pf[:, at.P_SENSOR], pf[:, at.P_END]))
    return pf[order], pi[order]


@kernel("b1(f8[:, ::1])")
def _sorted(pf: F64) -> bool:
    for j in range(1, len(pf)):
        if pf[j, at.P_END] != pf[j - 1, at.P_END]:
            if pf[j, at.P_END] < pf[j - 1, at.P_END]:
                return False
        elif pf[j, at.P_SENSOR] != pf[j - 1, at.P_SENSOR]:
            if pf[j, at.P_SENSOR] < pf[j - 1, at.P_SENSOR]:
                return False
        elif pf[j, at.P_T] < pf[j - 1, at.P_T]:
            return False
    return True


@kernel("i8[::1](f8[:, ::1])", allocates=True)
def _edges(pf: F64) -> I64:
    """First plots of the frames, and the end."""
    out = np.empty(len(pf) + 1, np.int64)
    out[0] = 0
    n = 1
    for j in range(1, len(pf)):
        if pf[j, at.P_END] != pf[j - 1, at.P_END] or pf[j, at.P_SENSOR] != pf[j - 1, at.P_SENSOR]:
            out[n] = j
            n += 1
    out[n] = len(pf)
    return out[: n + 1].copy()


@kernel("void(i8[::1], f8[::1], i8, i8, i8[::1], i8[::1], f8[::1])")
def _follow(
    owner: I64, weight: F64, first: int, last: int, moved: I64, owned: I64, fresh: F64
) -> None:
    """Take over the owners of a frame's plots; earlier owners have moved with their rows."""
    for j in range(first):
        if owner[j] >= 0:
            owner[j] = moved[owner[j]]
    for j in range(first, last):
        owner[j] = owned[j - first]
        weight[j] = 1.0 - fresh[j - first]


def _still_needed(
    snapshots: tuple[Snapshot, ...], oldest_s: float
) -> tuple[tuple[Snapshot, ...], Belief | None]:
    """Those that a plot of the window may go back to (the newest one before it, and those after),
    and the arrays of one that is not needed any more."""
    first = 0
    for k, snapshot in enumerate(snapshots):
        if snapshot.end_s <= oldest_s:
            first = k
    return snapshots[first:], snapshots[0].belief if first else None


def _name(
    belief: Belief, which: I64, names: I64, next_id: int, now_ns: int, again: bool
) -> tuple[I64, int]:
    """Give ids to rows first shown: after going back the one their seed had before, else a new one."""
    ti = belief.track_i
    new = which[ti[which, at.ID] == 0]
    if not len(new):
        return names, next_id
    ids = next_id + np.arange(len(new))
    if again and len(names):
        used = set(ti[: belief.rows, at.ID].tolist())
        known = dict(names[:, :2].tolist())
        for k, row in enumerate(new.tolist()):
            name = known.get(int(ti[row, at.SEED]), 0)
            if name and name not in used:
                ids[k] = name
                used.add(name)
    fresh = ids >= next_id
    ids[fresh] = next_id + np.arange(int(fresh.sum()))
    ti[new, at.ID] = ids
    added = np.stack([ti[new, at.SEED], ids, np.full(len(new), now_ns)], 1)
    keep = names[:, 2] >= now_ns - 4 * int(WINDOW_S) * NS_PER_S
    return np.concatenate([names[keep], added]), next_id + int(fresh.sum())
