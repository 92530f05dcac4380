"""The tracker's memory: arrays that grow by doubling, and snapshots of them for late plots."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from windhover.geo.frames import Frame, sector_frame
from windhover.schema.batches import F64, I64
from windhover.schema.place import Sector, Sensor
from windhover.timescale import EARLIEST_NS
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.cross import HEARD, HEARD_F
from windhover.tracks.measure import sensor_sigmas, sensor_table

SHOWN_TO_PEOPLE: Final = 0.99
ROWS = 256
PLOTS = 256


class Belief(NamedTuple):
    """What the tracker thinks at one instant; rows beyond `rows` are spare room."""

    rows: int
    track_f: F64  # (capacity, TRACK_F)
    track_i: I64  # (capacity, TRACK_I)
    seen_at: F64  # (capacity, 2 S) s: last look of each sensor, then last hit by each
    sensor_f: F64  # (S, SENSOR_F)
    sky: F64  # (FIELD_F,) of the sector as a whole
    heard: F64  # (HEARD, HEARD_F) bearings of the last second that no track explained (`cross`)


class Snapshot(NamedTuple):
    """Belief before the frame that ends at `end_s`."""

    end_s: float
    sensor: int
    belief: Belief


class Work(NamedTuple):
    """Scratch of the kernels; holds nothing between calls."""

    cell_first: I64
    cell_plot: I64
    near_by: F64
    row_of: I64
    first: I64
    plot: I64
    like: F64
    look: F64
    odds: F64
    message: F64
    weight: F64
    missed: F64
    share: F64
    fresh: F64
    background: F64
    start: F64
    owner: I64
    moved: I64
    mixed: F64
    coef: F64
    seen: F64
    acc: F64
    counts: I64
    numbers: F64


class TrackerState(NamedTuple):
    """Everything `advance` needs; owned by whoever holds it, reused by `advance`."""

    epoch_ns: int  # instant of t = 0; EARLIEST_NS until the first plot
    frame: Frame
    turn: F64  # (S, 3, 3) sensor's ENU → sector's
    sigmas: F64  # (S, 5)
    belief: Belief
    snapshots: tuple[Snapshot, ...]  # oldest first
    late: tuple[tuple[F64, I64], ...]  # plots of the window (PLOT_F, PLOT_I), frames in order
    done_s: float  # end of the newest frame processed
    done_sensor: int
    went_back_s: float  # when a late plot last sent it back
    next_serial: int
    next_id: int
    names: I64  # (K, 3) seed, track id given, ns when: of the window, oldest first
    dropped_late: int  # plots older than the window
    dropped_bad: int  # plots that could not be right
    model_table: F64
    work: Work


def nothing_heard() -> F64:
    """(HEARD, HEARD_F): no bearing remembered."""
    heard = np.zeros((HEARD, HEARD_F))
    heard[:, 0] = -at.FAR
    return heard


def new_work(rows: int, plots: int, pairs: int) -> Work:
    """Scratch arrays for so many rows, plots and pairs; their content means nothing between steps."""
    cells = 4 * plots + 64
    return Work(
        cell_first=np.zeros(cells, np.int64),
        cell_plot=np.zeros(plots, np.int64),
        near_by=np.zeros((plots, 5)),
        row_of=np.zeros(rows, np.int64),
        first=np.zeros(rows + 1, np.int64),
        plot=np.zeros(pairs, np.int64),
        like=np.zeros((pairs, 4)),
        look=np.zeros(rows),
        odds=np.zeros(pairs),
        message=np.zeros(pairs),
        weight=np.zeros(pairs),
        missed=np.zeros(rows),
        share=np.zeros(plots),
        fresh=np.zeros(plots),
        background=np.zeros(plots),
        start=np.zeros(plots),
        owner=np.zeros(plots, np.int64),
        moved=np.zeros(rows, np.int64),
        mixed=np.zeros((3, 14)),
        coef=np.zeros(36),
        seen=np.zeros(12),
        acc=np.zeros(46),
        counts=np.zeros(4, np.int64),
        numbers=np.zeros(3),
    )


def start(
    sector: Sector, sensors: tuple[Sensor, ...], show: float = SHOWN_TO_PEOPLE
) -> TrackerState:
    """A tracker that has seen nothing. Row numbers of `sensors` are `Detections.sensor`.

    `show` is the existence probability from which a row is a track in what `advance` returns. People
    are shown what is nearly certain; GOSPA, which charges a missed object like a false one, is best
    at one half.
    """
    frame = sector_frame(sector)
    table, turn = sensor_table(sensors, frame, sector.radius_m)
    count = len(sensors)
    field = np.zeros(at.FIELD_F)
    field[at.F_SHOW] = show
    return TrackerState(
        epoch_ns=EARLIEST_NS,
        frame=frame,
        turn=turn,
        sigmas=sensor_sigmas(sensors),
        belief=Belief(
            0,
            np.zeros((ROWS, at.TRACK_F)),
            np.zeros((ROWS, at.TRACK_I), np.int64),
            np.zeros((ROWS, 2 * count)),
            table,
            field,
            nothing_heard(),
        ),
        snapshots=(),
        late=(),
        done_s=-at.FAR,
        done_sensor=-1,
        went_back_s=-at.FAR,
        next_serial=1,
        next_id=1,
        names=np.zeros((0, 3), np.int64),
        dropped_late=0,
        dropped_bad=0,
        model_table=models.table(),
        work=new_work(ROWS, PLOTS, 4 * ROWS),
    )


def with_room(belief: Belief, rows: int) -> Belief:
    """The same belief with room for so many rows."""
    capacity = len(belief.track_f)
    if rows <= capacity:
        return belief
    while capacity < rows:
        capacity *= 2

    def grown(array: Any) -> Any:
        bigger = np.zeros((capacity, array.shape[1]), array.dtype)
        bigger[: belief.rows] = array[: belief.rows]
        return bigger

    return belief._replace(
        track_f=grown(belief.track_f),
        track_i=grown(belief.track_i),
        seen_at=grown(belief.seen_at),
    )


def work_for(work: Work, rows: int, plots: int, pairs: int) -> Work:
    """Scratch that is large enough, grown by doubling or more; what it holds stays."""
    have = (len(work.look), len(work.share), len(work.plot))
    if rows <= have[0] and plots <= have[1] and pairs <= have[2]:
        return work
    sizes = [
        old if old >= want else max(want, 2 * old)
        for old, want in zip(have, (rows, plots, pairs), strict=True)
    ]
    out = []
    for old, new in zip(work, new_work(*sizes), strict=True):
        if len(new) > len(old):
            new[: len(old)] = old
        out.append(new if len(new) > len(old) else old)
    return Work._make(out)


def saved(belief: Belief, spare: Belief | None) -> Belief:
    """A copy, in the arrays of `spare` where they are large enough."""
    n = belief.rows
    if spare is None or len(spare.track_f) < n:
        room = max(n + n // 4, ROWS)
        # Zeros, so that a snapshot's bytes never depend on what memory held before.
        spare = Belief(
            n,
            np.zeros((room, at.TRACK_F)),
            np.zeros((room, at.TRACK_I), np.int64),
            np.zeros((room, belief.seen_at.shape[1])),
            np.zeros_like(belief.sensor_f),
            np.zeros_like(belief.sky),
            nothing_heard(),
        )
    return restored(spare, belief)


def restored(belief: Belief, snapshot: Belief) -> Belief:
    """`belief`'s arrays filled with what the snapshot holds."""
    n = snapshot.rows
    room = with_room(belief, n)
    room.track_f[:n] = snapshot.track_f[:n]
    room.track_i[:n] = snapshot.track_i[:n]
    room.seen_at[:n] = snapshot.seen_at[:n]
    room.sensor_f[:] = snapshot.sensor_f
    room.sky[:] = snapshot.sky
    room.heard[:] = snapshot.heard
    return room._replace(rows=n)
