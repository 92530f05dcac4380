"""One frame of one sensor: weigh pairs, update, split, start, merge, drop.

Track-oriented Poisson multi-Bernoulli filter (Williams 2015, "Marginal multi-Bernoulli filters",
IEEE TAES 51(3), the TOMB/P form): every row is a Bernoulli, every plot may start one, and marginal
association probabilities come from `belief`. A row with few plots is *split* over the plots it might
own instead of being averaged over them, because their mean would be nowhere.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.tracks.clutter import counted, denser
from windhover.tracks.doppler import of_a_stranger
from windhover.tracks.gate import SPLIT_HITS
from windhover.tracks.imm import begin, predict
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    BORN,
    CLAIM,
    CLAIM_W,
    COOP_W,
    EX,
    EXT,
    F_BIRTHS,
    F_BORN,
    F_DELAYS,
    F_LOST,
    F_LOST_BORN,
    F_PRESENT,
    F_SHOW,
    FORM_BEARING,
    FORM_SLANT,
    GP,
    GX,
    HIT,
    HITS,
    HOPE,
    ID,
    MARK_COUNTED,
    MARK_RISEN,
    MARKS,
    P_CLUTTER,
    P_DOPPLER,
    P_FORM,
    P_RANGE,
    P_RZ,
    P_T,
    P_X,
    P_Y,
    Q_CLAIM,
    Q_SERIAL,
    Q_TIME,
    S_CLUTTER,
    S_PD,
    S_Z,
    SEED,
    SHARE,
    TIME,
    TRACK_F,
    TRACK_I,
    Z,
)
from windhover.tracks.update import HEIGHT_SPREAD_M, see, update

# Existence that is worth a row, as a share of what the row's first plot gave it (so that scarce
# targets in dense clutter get their chance), and never more than the second number.
SPAWN = 0.1
CHILD, CHILD_MOST = 0.4, 2e-4
KEEP, KEEP_MOST = 0.15, 2e-4
LEAST = 1e-4  # odds below which a pair of an older row is not worth weighing
LIMITS: Final = np.array([SPAWN, CHILD, CHILD_MOST, KEEP, KEEP_MOST, LEAST])


@kernel("void(f8[:, ::1], i8, f8[:, ::1], f8, f8[:, ::1], f8[::1], f8[::1])")
def out_of_the_blue(
    sf: F64, s: int, pf: F64, undetected: float, models: F64, background: F64, start: F64
) -> None:
    """Per plot: background, the density of clutter and undetected targets there, and start, the part
    of it that is an object."""
    total = counted(sf, s)
    for j in range(len(pf)):
        false = sf[s, S_CLUTTER] * pf[j, P_CLUTTER] * denser(sf, s, pf, j, total)
        true = sf[s, S_PD] * undetected * of_a_stranger(pf[j, P_DOPPLER], models)
        if pf[j, P_RZ] > 0.0:
            true /= HEIGHT_SPREAD_M
        if pf[j, P_FORM] == FORM_BEARING:
            true = 0.0
        background[j] = false + true
        start[j] = true / (false + true)


@kernel("void(f8[::1], f8, f8)", inline=True)
def give_up(field: F64, targets: float, share: float) -> None:
    """A hypothesis goes, what it stood for does not: so many targets are undetected again, `share` of
    them born since the start (recycling, Williams 2012)."""
    field[F_LOST] += targets * (1.0 - share)
    field[F_LOST_BORN] += targets * share


@kernel("void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, i8)", inline=True)
def copy_row(tf: F64, ti: I64, seen_at: F64, source: int, target: int) -> None:
    """Copy one row of the track table onto another."""
    for k in range(TRACK_F):
        tf[target, k] = tf[source, k]
    for k in range(TRACK_I):
        ti[target, k] = ti[source, k]
    for k in range(seen_at.shape[1]):
        seen_at[target, k] = seen_at[source, k]


@kernel(
    "void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, i8, f8)",
)
def book(
    tf: F64,
    ti: I64,
    seen_at: F64,
    i: int,
    pf: F64,
    pi: I64,
    q: int,
    s: int,
    sensors: int,
    weight: float,
) -> None:
    """Write down that plot q fed row i."""
    ti[i, HIT] = max(ti[i, HIT], pi[q, Q_TIME])
    ti[i, HITS] += 1
    seen_at[i, sensors + s] = max(seen_at[i, sensors + s], pf[q, P_T])
    claim = pi[q, Q_CLAIM]
    if claim != 0:
        tf[i, COOP_W] = 0.95 * tf[i, COOP_W] + weight
        if claim == ti[i, CLAIM]:
            tf[i, CLAIM_W] = 0.95 * tf[i, CLAIM_W] + weight
        else:
            tf[i, CLAIM_W] = 0.95 * tf[i, CLAIM_W] - weight
            if tf[i, CLAIM_W] < 0.0:
                ti[i, CLAIM] = claim
                tf[i, CLAIM_W] = weight


@kernel(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, f8,"
    "i8, i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1],"
    "f8[:, ::1], f8[::1], i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8, f8[:, ::1], f8[::1], f8[::1], f8[::1])",
)
def apply(
    tf: F64,
    ti: I64,
    seen_at: F64,
    rows: int,
    sf: F64,
    s: int,
    pf: F64,
    pi: I64,
    plot0: int,
    plots: int,
    to_s: float,
    active: int,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    look: F64,
    weight: F64,
    missed: F64,
    fresh: F64,
    start: F64,
    field: F64,
    models: F64,
    height: F64,
    owner: I64,
    surest: I64,
    owned: F64,
    seen: F64,
    acc: F64,
    undetected: float,
    mixed: F64,
    coef: F64,
    lift: F64,
    limits: F64,
) -> int:
    """Update, split and start rows; returns how many there are now. `owner[j]` is the row that most
    likely made plot j, or −1. `owned` (plots,) is scratch, with what weight, and `surest`
    (plots or more): the surest row that is likely to have made it."""
    sensors = sf.shape[0]
    total = rows
    for j in range(plots):
        owner[j] = -1
        owned[j] = 0.0
        surest[j] = -1
    # Rows without a plot in their gate.
    at = 0
    for i in range(rows):
        if at < active and row_of[at] == i:
            at += 1
            continue
        if look[i] > 0.0:
            r = tf[i, EX]
            tf[i, EX] = r * (1.0 - look[i]) / (1.0 - r * look[i])
            seen_at[i, s] = to_s
    # Plots of one instant: a row with one plot is carried there once, and not for each of its children.
    at_once = pf[plot0, P_T] == pf[plot0 + plots - 1, P_T]
    for a in range(active):
        i = row_of[a]
        r = tf[i, EX]
        pd = look[i]
        quiet = missed[a] * r * (1.0 - pd) / max(1.0 - r * pd, 1e-9)
        b = first[a]
        e = first[a + 1]
        best = b
        for p in range(b, e):
            if weight[p] > weight[best]:
                best = p
        if pd > 0.0 or weight[best] > 0.5:
            seen_at[i, s] = to_s
        if ti[i, HITS] <= SPLIT_HITS and pf[plot0, P_FORM] != FORM_BEARING:
            young = ti[i, HITS] == 1
            child = min(limits[1] * tf[i, HOPE], limits[2])
            keep = min(limits[3] * tf[i, HOPE], limits[4])
            gone = 0.0
            if weight[best] < child:
                for p in range(b, e):
                    gone += weight[p]
                give_up(field, gone, tf[i, SHARE])
                tf[i, EX] = quiet
                continue
            if quiet <= keep:
                gone += quiet
            else:
                copy_row(tf, ti, seen_at, i, total)
                tf[total, EX] = quiet
                if weight[best] >= quiet:
                    ti[total, ID] = 0
                    ti[total, MARKS] &= MARK_COUNTED
                total += 1
            if young and at_once:
                predict(tf, i, pf[plot0, P_T], models, mixed, coef, lift)
            for p in range(b, e):
                if p == best:
                    continue
                if weight[p] < child or weight[p] < 0.01 * weight[best]:
                    gone += weight[p]
                    continue
                copy_row(tf, ti, seen_at, i, total)
                ti[total, ID] = 0
                ti[total, MARKS] &= MARK_COUNTED
                tf[total, EX] = weight[p]
                if young:
                    predict(tf, total, pf[plot0 + plot[p], P_T], models, mixed, coef, lift)
                update(tf, total, 0.0, weight, like, plot, pf, p, p + 1, plot0, sf, s, seen, acc)
                book(tf, ti, seen_at, total, pf, pi, plot0 + plot[p], s, sensors, weight[p])
                if weight[p] > owned[plot[p]]:
                    owner[plot[p]] = total
                    owned[plot[p]] = weight[p]
                if surest[plot[p]] < 0 or weight[p] > tf[surest[plot[p]], EX]:
                    surest[plot[p]] = total
                total += 1
            give_up(field, gone, tf[i, SHARE])
            if weight[best] < quiet:
                ti[i, ID] = 0
                ti[i, MARKS] &= MARK_COUNTED
            tf[i, EX] = weight[best]
            if young:
                predict(tf, i, pf[plot0 + plot[best], P_T], models, mixed, coef, lift)
            update(tf, i, 0.0, weight, like, plot, pf, best, best + 1, plot0, sf, s, seen, acc)
            book(tf, ti, seen_at, i, pf, pi, plot0 + plot[best], s, sensors, weight[best])
        else:
            sum_w = quiet
            for p in range(b, e):
                sum_w += weight[p]
            update(tf, i, quiet, weight, like, plot, pf, b, e, plot0, sf, s, seen, acc)
            tf[i, EX] = sum_w
            if weight[best] > 0.3:
                book(tf, ti, seen_at, i, pf, pi, plot0 + plot[best], s, sensors, weight[best])
        j = plot[best]
        if weight[best] > owned[j]:
            owner[j] = i
            owned[j] = weight[best]
        if surest[j] < 0 or tf[i, EX] > tf[surest[j], EX]:
            surest[j] = i
    # Duplicates: two hypotheses about one object share its plots and have drawn together.
    for a in range(active):
        i = row_of[a]
        for p in range(first[a], first[a + 1]):
            k = surest[plot[p]]
            if k < 0 or k == i or tf[k, EX] <= 0.0 or tf[i, EX] <= 0.0:
                continue
            if tf[i, EX] + tf[k, EX] > 1.2 or tf[i, TIME] != tf[k, TIME]:
                continue
            d = 0.0
            for c in range(2):
                gap = tf[i, GX + c] - tf[k, GX + c]
                d += gap * gap / (tf[i, GP + c] + tf[k, GP + c] + 1.0)
                gap = tf[i, GX + 2 + c] - tf[k, GX + 2 + c]
                d += gap * gap / (tf[i, GP + 4 + c] + tf[k, GP + 4 + c] + 0.1)
            if d < 1.0:
                stay = k if tf[k, EX] >= tf[i, EX] else i
                drop = i if stay == k else k
                if ti[stay, ID] == 0:
                    ti[stay, ID] = ti[drop, ID]
                ti[stay, MARKS] |= ti[drop, MARKS]
                tf[stay, EX] = min(tf[stay, EX] + tf[drop, EX], 0.9999)
                tf[drop, EX] = 0.0
                surest[plot[p]] = stay
                if owner[plot[p]] == drop:
                    owner[plot[p]] = stay
    # Every plot may be the first of something.
    share = field[F_BORN] / max(undetected, 1e-300)
    for j in range(plots):
        r = fresh[j] * start[j]
        if r < limits[0] * start[j] or r < 1e-9:
            give_up(field, r, share)
            continue
        q = plot0 + j
        tf[total, Z] = height[0]
        tf[total, Z + 2] = height[1]
        if pf[q, P_FORM] == FORM_SLANT:
            # Low above the horizon rather than high: else the near sky would fill with ghosts.
            slant = pf[q, P_RANGE]
            tf[total, Z] = sf[s, S_Z] + min(height[0], 0.1 * slant)
            tf[total, Z + 2] = min(height[1], 0.0225 * slant * slant)
        tf[total, GX] = pf[q, P_X]
        tf[total, GX + 1] = pf[q, P_Y]
        see(tf, total, pf, q, sf, s, seen)
        z, z_variance = tf[total, Z], tf[total, Z + 2]
        begin(tf, total, pf[q, P_T], seen, models, height, r)
        if seen[6] <= 0.0:
            tf[total, Z], tf[total, Z + 2] = z, z_variance
        tf[total, EXT] = to_s
        tf[total, SHARE] = share
        tf[total, HOPE] = start[j]
        tf[total, CLAIM_W] = 0.0
        tf[total, COOP_W] = 0.0
        ti[total, ID] = 0
        ti[total, SEED] = pi[q, Q_SERIAL]
        ti[total, BORN] = pi[q, Q_TIME]
        ti[total, HIT] = pi[q, Q_TIME]
        ti[total, HITS] = 0
        ti[total, CLAIM] = 0
        ti[total, MARKS] = 0
        for k in range(sensors):
            seen_at[total, k] = to_s
            seen_at[total, sensors + k] = -1e18
        book(tf, ti, seen_at, total, pf, pi, q, s, sensors, r)
        if owner[j] < 0:
            owner[j] = total
        total += 1
    return total


@kernel(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[::1], i8[::1], i8[::1], f8, f8[::1])",
)
def prune(
    tf: F64,
    ti: I64,
    seen_at: F64,
    rows: int,
    field: F64,
    moved: I64,
    origin: I64,
    widest_m2: float,
    limits: F64,
) -> int:
    """Drop rows that hardly exist or are lost, count births; moved[i] = new row or −1, `origin` (rows) scratch."""
    present = 0.0
    i = 0
    kept = rows
    for k in range(rows):
        moved[k] = k
        origin[k] = k
    while i < kept:
        r = tf[i, EX]
        keep = min(limits[3] * tf[i, HOPE], limits[4])
        if r < keep or tf[i, GP] + tf[i, GP + 1] > widest_m2:
            give_up(field, r, tf[i, SHARE])
            # The last row takes its place; far fewer rows move than if all closed up.
            moved[origin[i]] = -1
            kept -= 1
            if i < kept:
                copy_row(tf, ti, seen_at, kept, i)
                origin[i] = origin[kept]
                moved[origin[i]] = i
            continue
        if r > 0.9 and ti[i, MARKS] & MARK_COUNTED == 0:
            ti[i, MARKS] |= MARK_COUNTED
            field[F_BIRTHS] += tf[i, SHARE]
            field[F_DELAYS] += tf[i, SHARE] * (ti[i, HIT] - ti[i, BORN]) * 1e-9
        # One plot alone is shown only where it says who it is.
        if r >= field[F_SHOW] and (ti[i, HITS] >= 2 or ti[i, CLAIM] != 0):
            ti[i, MARKS] |= MARK_RISEN
        present += r
        i += 1
    field[F_PRESENT] = present
    return kept
