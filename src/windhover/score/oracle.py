"""The oracle: the tracker's own filter, told which target made each plot and shown no clutter.

What it still does not know is where targets are, how they move and when they end; so the ratio of
the tracker's error to the oracle's is the price of association. It starts a track at the first plot,
takes plots the moment they are measured (no latency) and ends a track by the same survival and
detection probabilities as the tracker.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.geo.frames import sector_frame
from windhover.schema.batches import F64, I64
from windhover.score.gospa import ESTIMATE, Estimates
from windhover.score.tracking_scenarios import (
    EPOCH_NS,
    ORIGIN,
    Scenario,
    detections_of,
    sensors_of,
)
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.gate import GATE, expected
from windhover.tracks.imm import begin, combine, predict
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import EX, EXT, P_T, TIME
from windhover.tracks.learn import life, timing
from windhover.tracks.measure import plots_of, sensor_sigmas, sensor_table
from windhover.tracks.show import SHOW
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood, see, update


@kernel("f8(f8[:, ::1], i8, f8[::1])")
def _innovation(tf: F64, g: int, seen: F64) -> float:
    """Normalised innovation squared of what is seen of row g, by the mixture's own moments, over 2."""
    dx = seen[0] - tf[g, at.GX]
    dy = seen[1] - tf[g, at.GX + 1]
    sxx = tf[g, at.GP] + seen[2]
    sxy = tf[g, at.GXY] + seen[3]
    syy = tf[g, at.GP + 1] + seen[4]
    return float(
        (dx * dx * syy - 2.0 * dx * dy * sxy + dy * dy * sxx) / (sxx * syy - sxy * sxy) / 2.0
    )


@kernel(
    "void(f8[:, ::1], i8[::1], f8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8[::1], i8, i8, f8[:, ::1], f8[::1],"
    "f8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8, f8[::1])",
    allocates=True,
)
def _frame(
    tf: F64,
    live: I64,
    seen_at: F64,
    sf: F64,
    s: int,
    pf: F64,
    target: I64,
    first: int,
    last: int,
    model_table: F64,
    lift: F64,
    height: F64,
    mixed: F64,
    coef: F64,
    seen: F64,
    acc: F64,
    life_s: float,
    nis: F64,
) -> None:
    """One sensor's plots first…last−1 (sorted by time) to the rows of their targets."""
    one = np.ones(1)
    like = np.zeros((1, 4))
    zero = np.zeros(1, np.int64)
    sensors = sf.shape[0]
    to_s = pf[last - 1, P_T]
    from_s = max(sf[s, at.S_LAST], to_s - sf[s, at.S_PERIOD])
    for j in range(first, last):
        g = target[j]
        if g < 0:
            continue
        t = pf[j, P_T]
        bearing = pf[j, at.P_FORM] == at.FORM_BEARING
        if live[g] == 0 or tf[g, EX] < 1e-6:
            if bearing:
                continue
            tf[g, at.Z] = height[0]
            tf[g, at.Z + 2] = height[1]
            see(tf, g, pf, j, sf, s, seen)
            begin(tf, g, t, seen, model_table, height, 1.0)
            live[g] = 1
            for k in range(sensors):
                seen_at[g, k] = t
                seen_at[g, sensors + k] = -1e18
        else:
            predict(tf, g, t, model_table, mixed, coef, lift)
            combine(tf, g)
            see(tf, g, pf, j, sf, s, seen)
            if not bearing:
                nis[j] = _innovation(tf, g, seen)
            near = likelihood(tf, g, t - tf[g, TIME], seen, like[0])
            if near < GATE and like[0, 3] > 0.0:
                update(tf, g, 0.0, one, like, zero, pf, 0, 1, j, sf, s, seen, acc)
            elif not bearing:
                # No mode can have brought it here (it was turned round at the edge): begin again.
                begin(tf, g, t, seen, model_table, height, 1.0)
            tf[g, EX] = 1.0
            tf[g, EXT] = t
        seen_at[g, s] = to_s
        seen_at[g, sensors + s] = t
    for g in range(len(live)):
        if live[g] == 0:
            continue
        dt = to_s - tf[g, EXT]
        if dt > 0.0:
            tf[g, EX] *= np.exp(-dt / life_s)
            tf[g, EXT] = to_s
        if seen_at[g, s] < to_s:
            pd = expected(tf, g, seen_at, s, sf, to_s, from_s, False)
            if pd > 0.0:
                r = tf[g, EX]
                tf[g, EX] = r * (1.0 - pd) / (1.0 - r * pd)
                seen_at[g, s] = to_s


class Told(NamedTuple):
    """What the oracle estimated, and how well it foresaw each plot of a target."""

    estimates: Estimates
    nis: F64  # (M,) squared innovation over its covariance, by dimension: 1 is honest
    sensor: I64  # (M,)
    target: I64  # (M,)


def run(scenario: Scenario) -> Estimates:
    """Rows of `ESTIMATE`, one per target held at each scoring instant."""
    return told(scenario).estimates


def told(scenario: Scenario) -> Told:
    """The oracle's estimates and innovations."""
    frame = sector_frame(ORIGIN)
    sensors = sensors_of(scenario)
    table, turn = sensor_table(sensors, frame, ORIGIN.radius_m)
    order = np.argsort(scenario.plots["t"], kind="stable")
    pf, pi = plots_of(
        detections_of(scenario, frame).take(order),
        table,
        turn,
        sensor_sigmas(sensors),
        frame,
        EPOCH_NS,
        0,
    )
    target = scenario.truth_of()[order][pi[:, at.Q_ROW]].astype(np.int64)
    length = table[pf[:, at.P_SENSOR].astype(np.int64), at.S_FRAME]
    end = (np.floor(pf[:, P_T] / length + 1e-9) + 1.0) * length
    order = np.lexsort((pf[:, P_T], pf[:, at.P_SENSOR], end))
    pf, target, end = np.ascontiguousarray(pf[order]), target[order], end[order]
    count = int(target.max(initial=-1)) + 1
    tf = np.zeros((count, at.TRACK_F))
    live = np.zeros(count, np.int64)
    seen_at = np.zeros((count, 2 * len(sensors)))
    mixed, coef, seen, acc = np.zeros((3, 14)), np.zeros(36), np.zeros(12), np.zeros(46)
    model_table = models.table()
    edges = np.flatnonzero((np.diff(end) != 0) | (np.diff(pf[:, at.P_SENSOR]) != 0)) + 1
    starts = [0, *edges.tolist()]
    stops = [*edges.tolist(), len(pf)]
    field = np.zeros(at.FIELD_F)
    began_s, at_start = float(pf[0, P_T]), 0
    out: list[Estimates] = []
    nis = np.full(len(pf), np.nan)
    k = 0
    for first, last in zip(starts, stops, strict=True):
        while k < len(scenario.scan_t) and pf[first, P_T] > scenario.scan_t[k]:
            out.append(_estimates(tf, live, k, float(scenario.scan_t[k]), model_table))
            k += 1
        s = int(pf[first, at.P_SENSOR])
        learn_timing_of(table, s, pf[first:last])
        _frame(
            tf, live, seen_at, table, s, pf, target, first, last, model_table, LIFT, HEIGHT,
            mixed, coef, seen, acc, life(field), nis,
        )  # fmt: skip
        table[s, at.S_LAST] = pf[last - 1, P_T]
        # Turnover as the tracker learns it, from starts that it need not guess.
        field[at.F_SPAN] = pf[last - 1, P_T] - began_s
        if field[at.F_SPAN] < 1.5:
            at_start = int(live.sum())
        field[at.F_BIRTHS] = live.sum() - at_start
        field[at.F_PRESENT] = tf[live > 0, EX].sum()
    out.extend(
        _estimates(tf, live, rest, float(scenario.scan_t[rest]), model_table)
        for rest in range(k, len(scenario.scan_t))
    )
    known = np.isfinite(nis)
    sensor = pf[known, at.P_SENSOR].astype(np.int64)
    return Told(np.concatenate(out), nis[known], sensor, target[known])


def learn_timing_of(table: F64, sensor: int, pf: F64) -> None:
    """The tracker's own idea of how the sensor scans."""
    timing(table, sensor, pf)


def _estimates(tf: F64, live: I64, k: int, now_s: float, model_table: F64) -> Estimates:
    shown = np.flatnonzero((live > 0) & (tf[:, EX] >= SHOW))
    out = np.zeros(len(shown), ESTIMATE)
    one = tf[shown].copy()
    mixed, coef = np.zeros((3, 14)), np.zeros(36)
    for i in range(len(one)):
        predict(one, i, now_s, model_table, mixed, coef, LIFT)
        combine(one, i)
    out["scan"], out["id"] = k, shown
    for c, column in enumerate(("x", "y", "vx", "vy")):
        out[column] = one[:, at.GX + c]
    return out
