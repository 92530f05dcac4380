"""Any recording through the picture: the same function as a live site, the recording's own clock.

What comes out is the same for the same input; with the true identities that a recording brings (and
the picture never sees) it is scored as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windhover.feeds.recording import Recording
from windhover.geo.frames import to_enu
from windhover.identities import Explanation, explain
from windhover.picture import Picture, start
from windhover.record.keeper import Keeper
from windhover.record.recorder import Recorder
from windhover.report.history import History
from windhover.schema.batches import F64, I64, Detections, Kind, Wind
from windhover.schema.commands import Tick
from windhover.schema.events import Event, IdentityChanged
from windhover.schema.place import Site
from windhover.schema.reports import Reports
from windhover.units import NS_PER_S

FLUSH_EVERY: Final = 60
WITHIN_M: Final = 1500.0
"""A track farther than this from an object's plot does not hold it; generous, since en-route
aircraft report every 10 s and the nearest one-to-one assignment decides."""
MAIN_SHARE: Final = 0.8
"""Of the plots of an object, at least so many must lie on its one track …"""
BIRTH_PLOTS: Final = 2
"""Plots that any track needs before it can be said to be there; not held against it."""
STRAY_SHARE: Final = 0.05
"""… and at most so many on any other."""


class Replayed(NamedTuple):
    """A recording as it went."""

    picture: Picture
    history: History
    explanations: dict[tuple[int, str], Explanation]
    events: list[Event]
    journal_head: str
    journal_events: int
    detections: int
    rejected: Counter[str]
    start_ns: int
    holders: list[Counter[int]]  # true object → track → number of its plots that the track held
    plots: I64  # (objects,) number of plots of each true object that could be placed


def site_for(base: Site, recording: Recording) -> Site:
    """The site `base` with the recording's sensors, and its sector where the site has none of its own."""
    return msgspec.structs.replace(
        base,
        name=recording.name,
        sector=recording.sector,
        sensors=base.sensors[: recording.first_sensor] + recording.sensors,
    )


def replay(
    recording: Recording,
    winds: Sequence[Wind],
    site: Site,
    recorder: Recorder,
    progress: Callable[[float], None] | None = None,
) -> Replayed:
    """Play a recording from its first to its last batch.

    Wind older than the recording is given at its start, later wind when its time comes: nothing is
    used before it could have been known. Raises what the record raises.
    """
    first_ns = int(recording.batch_end_ns[0]) if len(recording.batch_end_ns) else 0
    keeper = Keeper(start(site, first_ns), recorder)
    history = History()
    told: list[Event] = []
    explanations: dict[tuple[int, str], Explanation] = {}
    holders: list[Counter[int]] = [Counter() for _ in recording.names]
    placed = np.zeros(len(recording.names), np.int64)
    if recording.rejected:
        told += keeper.take(Reports((), dict(recording.rejected)), first_ns)
    weather = _by_time(winds)
    row = 0
    for index, (batch, end_ns) in enumerate(
        zip(recording.batches, recording.batch_end_ns.tolist(), strict=True)
    ):
        while weather and weather[0][0] <= end_ns:
            told += keeper.take(weather.pop(0)[1], end_ns)
        if batch.wind is not None:
            told += keeper.take(batch.wind, end_ns)
        if batch.reports:
            told += keeper.take(Reports(batch.reports), end_ns)
        step: tuple[Event, ...] = ()
        if batch.detections.n:
            step = keeper.take(batch.detections, end_ns)
        step += keeper.take(Tick(), end_ns)
        told += step
        history.keep(keeper.picture)
        if index % 10 == 0 or any(isinstance(event, IdentityChanged) for event in step):
            known = keeper.picture.identities.track_id.tolist()
            for track_id in known:
                why = explain(keeper.picture.minds, track_id)
                explanations[track_id, why.said] = why
        truth = recording.truth_object[row : row + batch.detections.n]
        row += batch.detections.n
        _hold(keeper.picture, batch.detections, truth, end_ns, holders, placed)
        if index % FLUSH_EVERY == 0:
            keeper.flush()
        if progress is not None and index % 20 == 0:
            progress(index / len(recording.batches))
    head = keeper.flush()
    return Replayed(
        keeper.picture,
        history,
        explanations,
        told,
        head.hex,
        head.seq,
        recording.n,
        Counter(recording.rejected),
        first_ns,
        holders,
        placed,
    )


def held_by_one_track(holders: Sequence[Counter[int]], plots: I64) -> int:
    """How many objects one single track held: nearly all plots on it, hardly one on any other."""
    held = 0
    for tracks, n in zip(holders, plots.tolist(), strict=True):
        if not n or not tracks:
            continue
        ranked = tracks.most_common(2)
        stray = ranked[1][1] if len(ranked) > 1 else 0
        needed = MAIN_SHARE * max(n - BIRTH_PLOTS, 1)
        held += ranked[0][1] >= needed and stray <= STRAY_SHARE * n
    return held


def _by_time(winds: Sequence[Wind]) -> list[tuple[int, Wind]]:
    """Wind in steps of a minute, oldest first."""
    pieces = []
    for wind in winds:
        minute = wind.time_ns // (60 * NS_PER_S)
        for value in np.unique(minute):
            rows = np.flatnonzero(minute == value)
            piece = Wind._make(np.ascontiguousarray(column[rows]) for column in wind)
            pieces.append((int(piece.time_ns.max()), piece))
    return sorted(pieces, key=lambda piece: piece[0])


def _hold(
    picture: Picture,
    plots: Detections,
    truth: I64,
    now_ns: int,
    holders: list[Counter[int]],
    placed: I64,
) -> None:
    """Count, for each object's last plot of a batch, the track that held it then."""
    known = np.flatnonzero((truth >= 0) & (plots.kind == Kind.POSITION))
    if not len(known):
        return
    last = {int(truth[row]): int(row) for row in known}  # rows are in order of time
    objects, rows = list(last), np.array(list(last.values()))
    placed[objects] += 1
    held = picture.tracks
    if not held.n:
        return
    height = np.nan_to_num(plots.value[rows, 2], nan=picture.site.sector.origin_height_ellipsoid_m)
    there = to_enu(picture.ground.frame, plots.value[rows, 0], plots.value[rows, 1], height)
    back_s = (now_ns - plots.time_ns[rows]) / NS_PER_S
    apart = _apart(there, held.state_enu, back_s)
    # Cheapest pairs first is enough: what is closer to another object's plot is not its track.
    for k, t in _greedy(apart):
        holders[objects[k]][int(held.track_id[t])] += 1


def _apart(there: F64, state: F64, back_s: F64) -> F64:
    """(objects, tracks) m, each track put back to the time of the object's plot."""
    east = there[:, None, 0] - (state[None, :, 0] - back_s[:, None] * state[None, :, 3])
    north = there[:, None, 1] - (state[None, :, 1] - back_s[:, None] * state[None, :, 4])
    return np.asarray(np.hypot(east, north))


def _greedy(apart: F64) -> list[tuple[int, int]]:
    near = np.argwhere(apart <= WITHIN_M)
    order = np.argsort(apart[near[:, 0], near[:, 1]], kind="stable")
    used_k: set[int] = set()
    used_t: set[int] = set()
    pairs = []
    for k, t in near[order].tolist():
        if k not in used_k and t not in used_t:
            used_k.add(k)
            used_t.add(t)
            pairs.append((k, t))
    return pairs
