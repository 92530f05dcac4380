"""One frame from end to end: the only kernel that is called for every frame."""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.tracks import models
from windhover.tracks.belief import marginals
from windhover.tracks.bias import register, without_bias
from windhover.tracks.cross import MOST, triangulate
from windhover.tracks.frame import (
    LIMITS,
    apply,
    out_of_the_blue,
    prune,
)
from windhover.tracks.gate import gather
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_BEARING,
    CLASS_RADAR,
    EX,
    P_T,
    S_BIAS,
    S_CLASS,
)
from windhover.tracks.learn import life, looked, timing, undetected_at
from windhover.tracks.misses import tell
from windhover.tracks.noise import judge, rescale, rescales
from windhover.tracks.state import Belief, Work, with_room, work_for

LIFT: Final = np.array(
    [models.VERTICAL_STIR_M2_S3, models.VERTICAL_DECAY_PER_S, models.VERTICAL_TURN_M_S2]
)
HEIGHT: Final = np.array(
    [models.START_HEIGHT_M, models.START_HEIGHT_SIGMA_M**2, models.START_CLIMB_SIGMA_M_S**2]
)
WIDEST_M2: Final = 2 * 25_000.0**2  # a row more uncertain than this is lost
CROWD: Final = 8.0  # hypotheses a plot …
CROWD_LEAST: Final = 1000.0  # … above so many
CHILD_MOST, KEEP_MOST = 2, 4  # of LIMITS
LIMITS_OTHER: F64 = LIMITS * np.array([1.0, 1.0, 2.0, 1.0, 2.0, 1.0])

MORE_PAIRS, MORE_ROWS = -1, -2
TOTAL, COVERED, UNDETECTED = 0, 1, 2  # numbers that a frame hands on


@kernel("void(f8[:, ::1], i8, f8[::1], f8[:, ::1], f8[::1])")
def _before(sf: F64, s: int, field: F64, pf: F64, numbers: F64) -> None:
    numbers[COVERED] = timing(sf, s, pf)
    to_s = pf[len(pf) - 1, P_T]
    numbers[UNDETECTED] = undetected_at(sf, s, field, to_s, len(pf), numbers[COVERED])


@kernel(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, f8[::1], f8[:, ::1], i8[:, ::1],"
    "f8[:, ::1], f8[::1], f8[::1], f8, f8[::1],"
    "i8[::1], i8[::1], f8[:, ::1], i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8[::1],"
    "f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], i8[::1], f8[::1], f8[:, ::1])",
)
def _step(
    tf: F64,
    ti: I64,
    seen_at: F64,
    rows: int,
    sf: F64,
    s: int,
    field: F64,
    pf: F64,
    pi: I64,
    model_table: F64,
    lift: F64,
    height: F64,
    widest_m2: float,
    numbers: F64,
    cell_first: I64,
    cell_plot: I64,
    near_by: F64,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    look: F64,
    odds: F64,
    message: F64,
    weight: F64,
    missed: F64,
    share: F64,
    fresh: F64,
    background: F64,
    start: F64,
    owner: I64,
    moved: I64,
    mixed: F64,
    coef: F64,
    seen: F64,
    acc: F64,
    counts: I64,
    limits: F64,
    heard: F64,
) -> int:
    """Rows after the frame, or MORE_PAIRS, MORE_ROWS where there is no room (nothing is lost)."""
    plots = len(pf)
    to_s = pf[plots - 1, P_T]
    undetected = numbers[UNDETECTED]
    life_s = life(field)
    out_of_the_blue(sf, s, pf, undetected, model_table, background, start)
    pairs = gather(
        tf, ti, rows, seen_at, sf, s, pf, pi, 0, plots, to_s, model_table, lift, cell_first,
        cell_plot, near_by, row_of, first, plot, like, look, mixed, coef, seen, counts, odds, background,
        limits, life_s,
    )  # fmt: skip
    if pairs < 0:
        return MORE_PAIRS
    active = counts[0]
    # A row that is split stays, and leaves at most a row for each of its pairs.
    most = rows + counts[3] + plots
    if sf[s, S_CLASS] == CLASS_BEARING:
        most += MOST * plots
    if most > len(tf) or most > len(moved):
        counts[1] = most
        return MORE_ROWS
    marginals(active, plots, first, plot, odds, message, share, weight, missed, fresh)
    register(tf, ti, seen_at, rows, sf, s, pf, to_s, active, row_of, first, plot, weight, seen)
    judge(tf, ti, sf, s, pf, active, row_of, first, plot, like, weight, seen)
    tell(ti, seen_at, sf, s, pf, active, row_of, first, plot, weight)
    total = apply(
        tf, ti, seen_at, rows, sf, s, pf, pi, 0, plots, to_s, active, row_of, first, plot, like,
        look, weight, missed, fresh, start, field, model_table, height, owner, moved, share, seen,
        acc, undetected, mixed, coef, lift, limits,
    )  # fmt: skip
    crossed = 0.0
    if sf[s, S_CLASS] == CLASS_BEARING:
        before = total
        total = triangulate(
            tf, ti, seen_at, total, sf, s, pf, pi, to_s, fresh, background, heard, model_table, height,
            field, undetected, seen, owner,
        )  # fmt: skip
        for i in range(before, total):
            crossed += tf[i, EX]
    kept = prune(tf, ti, seen_at, total, field, moved, row_of, widest_m2, limits)
    looked(sf, s, field, to_s, plots, numbers[COVERED], fresh, start, pf, crossed)
    numbers[TOTAL] = total
    for j in range(plots):
        if owner[j] >= 0:
            owner[j] = moved[owner[j]]
    return int(kept)


def limits_for(kind: float, rows: int, plots_per_scan: float) -> F64:
    """What existence is worth a row (`frame.LIMITS`): more where bearings and reports look too, whose weak
    crossings lead nowhere, and where hypotheses outnumber by far the plots that they compete for, as in the
    first scans of a crowded sky, when any plot may be anything."""
    if kind != CLASS_RADAR:
        return LIMITS_OTHER
    crowd = rows / (CROWD * plots_per_scan + CROWD_LEAST)
    if crowd <= 1.0:
        return LIMITS
    limits = LIMITS.copy()
    limits[[CHILD_MOST, KEEP_MOST]] *= crowd * crowd
    return limits


def one_frame(
    belief: Belief, work: Work, model_table: F64, sensor: int, pf: F64, pi: I64
) -> tuple[Belief, Work]:
    """Run one frame of one sensor: plots (P, …) sorted by time.

    In `work` afterwards: `owner` (P,) the row that most likely made each plot, or −1; `fresh` (P,)
    the probability that no row did; `moved` where each former row stands now, or −1.
    """
    plots = len(pf)
    biased, noisy = belief.sensor_f[sensor, S_BIAS + 10] > 0.0, rescales(belief.sensor_f, sensor)
    if biased or noisy:
        out = pf.copy()
        if biased:
            without_bias(belief.sensor_f, sensor, pf, out)
        if noisy:
            rescale(belief.sensor_f, sensor, out)
        pf = out
    work = work_for(work, belief.rows + 1, plots, 1)
    _before(belief.sensor_f, sensor, belief.sky, pf, work.numbers)
    kind = belief.sensor_f[sensor, S_CLASS]
    limits = limits_for(kind, belief.rows, plots / work.numbers[COVERED])
    work.counts[:] = 0
    while True:
        kept = _step(
            belief.track_f, belief.track_i, belief.seen_at, belief.rows, belief.sensor_f, sensor,
            belief.sky, pf, pi, model_table, LIFT, HEIGHT, WIDEST_M2,
            work.numbers, work.cell_first, work.cell_plot, work.near_by, work.row_of, work.first, work.plot,
            work.like, work.look, work.odds, work.message, work.weight, work.missed, work.share,
            work.fresh, work.background, work.start, work.owner, work.moved, work.mixed, work.coef,
            work.seen, work.acc, work.counts, limits, belief.heard,
        )  # fmt: skip
        if kept >= 0:
            return belief._replace(rows=kept), work
        if kept == MORE_PAIRS:
            # As many for the rest as for what is done.
            share = belief.rows / max(int(work.counts[2]), 1)
            most = min(1.2 * share, 64.0) * len(work.plot)
            work = work_for(work, 1, plots, max(int(most), 2 * len(work.plot)))
        else:
            rows = int(work.counts[1])
            belief = with_room(belief, rows)
            work = work_for(work, len(belief.track_f) + 1, plots, 1)
