"""Detections → tracks: `start`, `advance`.

A track-oriented Poisson multi-Bernoulli filter over a three-mode IMM, for sensors that look at
different times. Plots are taken in *frames*: one sensor, one short stretch of time on a fixed grid,
so that what is computed depends on when plots were measured and not on how they were batched. A
plot that comes late, within `WINDOW_S`, sends the tracker back to a snapshot and forward again.
"""

from __future__ import annotations

import numpy as np

from windhover.schema.batches import F64, I64, Detections, Tracks, Updates
from windhover.tracks import layout as at
from windhover.tracks.manage import HIDE, SHOW, SHOWN_M2, one_frame, shown_rows, tracks_at, updates_of
from windhover.tracks.measure import plots_of
from windhover.tracks.state import Belief, Snapshot, TrackerState, restored, saved, start
from windhover.timescale import EARLIEST_NS

__all__ = ["WINDOW_S", "TrackerState", "advance", "start"]

WINDOW_S = 3.0
SNAPSHOT_EVERY_S = 0.2
NAMES_KEPT = 65_536


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
    belief, work = state.belief, state.work
    pf, pi = plots_of(
        detections,
        belief.sensor_f,
        state.turn,
        state.sigmas,
        state.frame,
        epoch,
        state.next_serial,
    )
    bad = detections.n - len(pf)
    end = _frame_end(pf, belief.sensor_f)
    oldest = state.done_s - WINDOW_S
    late = int(np.count_nonzero(end < oldest))
    if late:
        fit = end >= oldest
        pf, pi, end = pf[fit], pi[fit], end[fit]

    snapshots = state.snapshots
    all_f, all_i = state.late_f, state.late_i
    from_new = 0
    if len(pf):
        sensor = pf[:, at.P_SENSOR]
        order = np.lexsort((pi[:, at.Q_SERIAL], pf[:, at.P_T], sensor, end))
        pf, pi, end = pf[order], pi[order], end[order]
        first_end, first_sensor = float(end[0]), int(pf[0, at.P_SENSOR])
        if (first_end, first_sensor) <= (state.done_s, state.done_sensor) and snapshots:
            back = _newest_before(snapshots, first_end, first_sensor)
            belief = restored(belief, snapshots[back].belief)
            mark = (snapshots[back].end_s, snapshots[back].sensor)
            snapshots = snapshots[:back]
            old_end = _frame_end(all_f, belief.sensor_f)
            again = (old_end > mark[0]) | (
                (old_end == mark[0]) & (all_f[:, at.P_SENSOR] >= mark[1])
            )
            pf = np.concatenate([all_f[again], pf])
            pi = np.concatenate([all_i[again], pi])
            all_f, all_i = all_f[~again], all_i[~again]
            end = _frame_end(pf, belief.sensor_f)
            order = np.lexsort((pi[:, at.Q_SERIAL], pf[:, at.P_T], pf[:, at.P_SENSOR], end))
            pf, pi, end = pf[order], pi[order], end[order]
        from_new = len(all_f)

    owner = np.full(len(pf), -1, np.int64)
    weight = np.zeros(len(pf))
    if len(pf):
        change = np.flatnonzero((np.diff(end) != 0) | (np.diff(pf[:, at.P_SENSOR]) != 0)) + 1
        edges = [0, *change.tolist(), len(pf)]
        for a, b in zip(edges[:-1], edges[1:], strict=True):
            key = (float(end[a]), int(pf[a, at.P_SENSOR]))
            if not snapshots or key[0] - snapshots[-1].end_s >= SNAPSHOT_EVERY_S:
                snapshots = (*snapshots, Snapshot(key[0], key[1], saved(belief)))
            framed = one_frame(belief, work, state.model_table, key[1], pf[a:b], pi[a:b])
            belief, work = framed.belief, framed.work
            # Rows move from frame to frame: remember owners by name.
            rows = framed.owner
            owner[a:b] = np.where(rows >= 0, belief.track_i[rows, at.ROW], -1)
            weight[a:b] = framed.weight
            state = state._replace(done_s=key[0], done_sensor=key[1])
        snapshots = _still_needed(snapshots, state.done_s - WINDOW_S)

    which = np.empty(belief.rows, np.int64)
    shown = shown_rows(
        belief.track_f,
        belief.track_i,
        belief.rows,
        SHOW,
        HIDE,
        SHOWN_M2,
        now_s,
        which,
    )
    which = which[:shown]
    names, next_id = _name(belief, which, state.names, state.next_id)
    tracks = tracks_at(belief, work, state.model_table, now_s, now_ns, which)
    updates = updates_of(
        _rows_named(belief, which, owner), weight, pf, pi, which, belief.rows
    )

    if len(pf):
        all_f = np.concatenate([all_f, pf])
        all_i = np.concatenate([all_i, pi])
        all_i[from_new:, at.Q_ROW] = -1
        need = snapshots[0].end_s if snapshots else state.done_s
        keep = _frame_end(all_f, belief.sensor_f) >= need
        if not keep.all():
            all_f, all_i = all_f[keep], all_i[keep]
    state = state._replace(
        belief=belief,
        work=work,
        snapshots=snapshots,
        late_f=all_f,
        late_i=all_i,
        next_serial=state.next_serial + detections.n,
        names=names,
        next_id=next_id,
        dropped_late=state.dropped_late + late,
        dropped_bad=state.dropped_bad + bad,
    )
    return state, tracks, updates


def _frame_end(pf: F64, sensor_f: F64) -> F64:
    """(N,) s: when each plot's frame ends, on a grid that depends on the sensor alone."""
    length = sensor_f[pf[:, at.P_SENSOR].astype(np.int64), at.S_FRAME]
    return np.asarray((np.floor(pf[:, at.P_T] / length + 1e-9) + 1.0) * length)


def _newest_before(snapshots: tuple[Snapshot, ...], end_s: float, sensor: int) -> int:
    back = 0
    for k, snapshot in enumerate(snapshots):
        if (snapshot.end_s, snapshot.sensor) <= (end_s, sensor):
            back = k
    return back


def _still_needed(snapshots: tuple[Snapshot, ...], oldest_s: float) -> tuple[Snapshot, ...]:
    """All that a plot of the window may go back to: the newest one before it, and those after."""
    first = 0
    for k, snapshot in enumerate(snapshots):
        if snapshot.end_s <= oldest_s:
            first = k
    return snapshots[first:]


def _name(belief: Belief, which: I64, names: I64, next_id: int) -> tuple[I64, int]:
    """Give ids to rows first shown: the one their seed had before a re-run, else a new one."""
    ti = belief.track_i
    new = which[ti[which, at.ID] == 0]
    if not len(new):
        return names, next_id
    used = set(ti[: belief.rows, at.ID].tolist())
    known = dict(names.tolist())
    added = []
    for row in new.tolist():
        seed = int(ti[row, at.SEED])
        name = known.get(seed, 0)
        if name == 0 or name in used:
            name = next_id
            next_id += 1
            added.append((seed, name))
        ti[row, at.ID] = name
        used.add(name)
    if added:
        names = np.concatenate([names, np.array(added, np.int64)])[-NAMES_KEPT:]
    return names, next_id


def _rows_named(belief: Belief, which: I64, row: I64) -> I64:
    """Where the shown rows with these `ROW` numbers stand now, −1 where there is none."""
    if not len(which):
        return np.full(len(row), -1, np.int64)
    numbers = belief.track_i[which, at.ROW]
    order = np.argsort(numbers, kind="stable")
    place = np.minimum(np.searchsorted(numbers[order], row), len(numbers) - 1)
    found = order[place]
    return np.where(numbers[found] == row, which[found], -1)
