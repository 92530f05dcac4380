"""One frame of one sensor: gate, associate, update, start, merge. The tracker's kernels.

Track-oriented Poisson multi-Bernoulli filter (Williams 2015, "Marginal multi-Bernoulli filters",
IEEE TAES 51(3), the TOMB/P form): every row is a Bernoulli, every plot may start one, and marginal
association probabilities come from `belief`. A row with few plots is *split* over the plots it might
own instead of being averaged over them, because their mean would be nowhere.
"""

from __future__ import annotations

import math

from numba import njit

from windhover.schema.batches import F64, I64
from windhover.tracks.imm import HEIGHT_SPREAD_M, begin, combine, likelihood, predict, see, update, young_likelihood
from windhover.tracks.layout import (
    BORN,
    CLAIM,
    CLAIM_W,
    CLASS_BEARING,
    CLASS_COOPERATIVE,
    COOP_W,
    COUNTED,
    EX,
    EXT,
    F_BIRTHS,
    F_BORN,
    F_KEEP,
    F_PRESENT,
    F_ROW,
    FORM_BEARING,
    FORM_PLACE,
    GP,
    GX,
    GXY,
    HIT,
    HITS,
    ID,
    MODE,
    P_CLUTTER,
    P_FORM,
    P_RA,
    P_RR,
    P_RXX,
    P_RXY,
    P_RYY,
    P_RZ,
    P_T,
    P_X,
    P_Y,
    Q_CLAIM,
    Q_SERIAL,
    Q_TIME,
    ROW,
    S_CLASS,
    S_CLUTTER,
    S_COS,
    S_HORIZON,
    S_LAST,
    S_PD,
    S_PERIOD,
    S_RMAX,
    S_RMIN,
    S_SIN,
    S_SPREAD,
    S_X,
    S_Y,
    S_Z,
    SEED,
    SHARE,
    STRIDE,
    TIME,
    TRACK_F,
    TRACK_I,
    Z,
)

GATE = 16.0  # squared Mahalanobis distance; two degrees of freedom: 3 in 10,000 fall outside
# Existence that is worth a row, as a share of what a plot out of the blue has in this frame (so that
# scarce targets in dense clutter get their chance), and never more than the second number.
SPAWN = 0.1
CHILD, CHILD_MOST = 0.4, 4e-4
KEEP, KEEP_MOST = 0.15, 2e-4
SPLIT_HITS = 2  # rows with up to this many plots are split, not averaged
REPORT_PD = 0.35  # of one report that is due: silence of a reporting object comes in stretches
SAME_CLAIM = 30.0
OTHER_CLAIM = 0.02
TWO_PI = 2.0 * math.pi


@njit("f8(f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], f8, f8, b1)", cache=True)
def expected(
    tf: F64, i: int, seen_at: F64, s: int, sf: F64, to_s: float, from_s: float, gated: bool
) -> float:
    """Probability that sensor s would have seen row i in the look that ends at to_s; 0 = no look.

    A scan that has not been made is not a miss: rotating radars look when their beam passes,
    staring ones when a scan arrives, reporting objects when their period is well over.
    """
    sensors = sf.shape[0]
    kind = sf[s, S_CLASS]
    if kind == CLASS_BEARING:
        return 0.0
    period = sf[s, S_PERIOD]
    looked = seen_at[i, s]
    if to_s - looked < 0.5 * period:
        return 0.0
    dt = to_s - tf[i, TIME]
    dx = tf[i, GX] + dt * tf[i, GX + 2] - sf[s, S_X]
    dy = tf[i, GX + 1] + dt * tf[i, GX + 3] - sf[s, S_Y]
    far = math.sqrt(dx * dx + dy * dy)
    if far > sf[s, S_RMAX] or far < sf[s, S_RMIN]:
        return 0.0
    if kind == CLASS_COOPERATIVE:
        if seen_at[i, sensors + s] < 0.0:
            return 0.0
        due = min(sf[s, S_PD], REPORT_PD)
        if sf[s, S_SPREAD] > 0.5:
            return due
        return due if (gated or to_s - looked > 1.5 * period) else 0.0
    dz = tf[i, Z] - sf[s, S_Z]
    if tf[i, Z + 2] < 1e5 and dz < sf[s, S_HORIZON] * far:
        return 0.0
    if sf[s, S_SPREAD] > 0.5:
        return sf[s, S_PD]
    turning = math.sqrt(sf[s, S_COS] ** 2 + sf[s, S_SIN] ** 2)
    if turning > 0.9:
        # θ(t) = phase + 2πt/period; when did the beam last pass the row's azimuth?
        phase = math.atan2(sf[s, S_SIN], sf[s, S_COS])
        ago = (phase + TWO_PI * to_s / period - math.atan2(dx, dy)) / TWO_PI
        ago -= math.floor(ago)
        passed = to_s - ago * period
        if gated or (passed > from_s and passed - looked > 0.5 * period):
            return sf[s, S_PD]
        return 0.0
    return sf[s, S_PD] if (gated or to_s - looked > 1.3 * period) else 0.0


@njit(
    "i8(f8[:, ::1], i8[:, ::1], i8, f8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, i8, f8, f8[:, ::1], f8[::1],"
    "i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[:, ::1], f8[::1], f8[::1], i8[::1])",
    cache=True,
)
def gather(
    tf: F64,
    ti: I64,
    rows: int,
    seen_at: F64,
    sf: F64,
    s: int,
    pf: F64,
    plot0: int,
    plots: int,
    to_s: float,
    models: F64,
    lift: F64,
    cell_first: I64,
    cell_plot: I64,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    look: F64,
    mixed: F64,
    coef: F64,
    seen: F64,
    counts: I64,
) -> int:
    """All gated pairs, through a grid over the plots; −1 where `plot` is too small to hold them.

    Out: row_of (A,), first (A+1,), plot (pairs,), like (pairs, 4) per mode and mixed, look (rows,)
    the probability that the sensor looked and should have seen the row; counts[0] = A.
    """
    room = len(plot)
    x0 = 1e18
    y0 = 1e18
    x1 = -1e18
    y1 = -1e18
    worst = 0.0
    worst_range = 0.0
    worst_azimuth = 0.0
    flat = pf[plot0, P_FORM] == FORM_PLACE
    for j in range(plot0, plot0 + plots):
        x0 = min(x0, pf[j, P_X])
        x1 = max(x1, pf[j, P_X])
        y0 = min(y0, pf[j, P_Y])
        y1 = max(y1, pf[j, P_Y])
        worst = max(worst, max(pf[j, P_RXX], pf[j, P_RYY]))
        worst_range = max(worst_range, pf[j, P_RR])
        worst_azimuth = max(worst_azimuth, pf[j, P_RA])
        flat = flat and pf[j, P_RA] > 0.0 and pf[j, P_RZ] <= 0.0
    size = max(math.sqrt((x1 - x0) * (y1 - y0) / plots), 100.0)
    size = max(size, max(x1 - x0, y1 - y0) / 1000.0)
    across = int((x1 - x0) / size) + 1
    high = int((y1 - y0) / size) + 1
    while across * high + 1 > len(cell_first):
        size *= 1.5
        across = int((x1 - x0) / size) + 1
        high = int((y1 - y0) / size) + 1
    cells = across * high
    for c in range(cells + 1):
        cell_first[c] = 0
    for j in range(plots):
        c = int((pf[plot0 + j, P_Y] - y0) / size) * across + int((pf[plot0 + j, P_X] - x0) / size)
        cell_first[c + 1] += 1
    for c in range(cells):
        cell_first[c + 1] += cell_first[c]
    for j in range(plots):
        c = int((pf[plot0 + j, P_Y] - y0) / size) * across + int((pf[plot0 + j, P_X] - x0) / size)
        cell_plot[cell_first[c]] = j
        cell_first[c] += 1
    for c in range(cells, 0, -1):
        cell_first[c] = cell_first[c - 1]
    cell_first[0] = 0

    from_s = max(sf[s, S_LAST], to_s - sf[s, S_PERIOD])
    active = 0
    pairs = 0
    first[0] = 0
    form = pf[plot0, P_FORM]
    turn2 = models[2, 8] * models[2, 8] * 0.25
    stir = models[2, 1] / 3.0
    for i in range(rows):
        dt = to_s - tf[i, TIME]
        gx = tf[i, GX] + dt * tf[i, GX + 2]
        gy = tf[i, GX + 1] + dt * tf[i, GX + 3]
        dx = gx - sf[s, S_X]
        dy = gy - sf[s, S_Y]
        far = math.sqrt(dx * dx + dy * dy)
        short = min(abs(dt), 12.0)
        young = ti[i, HITS] == 1
        if young:
            # The moments of a young row hide its fast modes.
            fast = dt * dt * tf[i, MODE + STRIDE + 11]
            px = tf[i, MODE + 4] + fast
            py = tf[i, MODE + 8] + fast
            pxy = tf[i, MODE + 5]
        else:
            extra = (stir * abs(dt) + turn2 * short * short) * short * short
            px = 2.0 * (tf[i, GP] + 2.0 * dt * tf[i, GP + 2] + dt * dt * tf[i, GP + 4]) + extra
            py = 2.0 * (tf[i, GP + 1] + 2.0 * dt * tf[i, GP + 3] + dt * dt * tf[i, GP + 5]) + extra
            pxy = 2.0 * tf[i, GXY]
        bound = worst
        if flat:
            bound = worst_range + worst_azimuth * (far + 1000.0) ** 2
        wx = 4.0 * math.sqrt(max(px, 0.0) + bound)
        wy = 4.0 * math.sqrt(max(py, 0.0) + bound)
        loose = form > 0.0
        if form == FORM_BEARING:
            wx = 1e12
            wy = 1e12
        elif loose:
            # Slant range and places without height move with the row's height.
            rise = abs(tf[i, Z] - sf[s, S_Z]) + 2.0 * math.sqrt(tf[i, Z + 2])
            margin = max(math.sqrt(far * far + rise * rise) - far, 0.03 * rise)
            wx += margin
            wy += margin
        began = pairs
        ready = False
        c0 = int(max((gx - wx - x0) / size, 0.0)) if gx - wx <= x1 else across
        c1 = int(min((gx + wx - x0) / size, across - 1.0)) if gx + wx >= x0 else -1
        r0 = int(max((gy - wy - y0) / size, 0.0)) if gy - wy <= y1 else high
        r1 = int(min((gy + wy - y0) / size, high - 1.0)) if gy + wy >= y0 else -1
        for r in range(r0, r1 + 1):
            if c0 > c1:
                break
            for at in range(cell_first[r * across + c0], cell_first[r * across + c1 + 1]):
                j = cell_plot[at]
                q = plot0 + j
                ex = pf[q, P_X] - gx
                ey = pf[q, P_Y] - gy
                if loose:
                    if abs(ex) > wx or abs(ey) > wy:
                        continue
                else:
                    sxx = px + pf[q, P_RXX]
                    syy = py + pf[q, P_RYY]
                    sxy = pxy + pf[q, P_RXY]
                    # Without its denominator: d² > GATE ⇔ numerator > GATE·det.
                    if ex * ex * syy - 2.0 * ex * ey * sxy + ey * ey * sxx > 1.3 * GATE * (
                        sxx * syy - sxy * sxy
                    ):
                        continue
                see(tf, i, pf, q, sf, s, seen)
                if young:
                    near = young_likelihood(
                        tf, i, pf[q, P_T] - tf[i, TIME], seen, models, coef, coef[28:32]
                    )
                else:
                    if not ready:
                        predict(tf, i, to_s, models, mixed, coef, lift)
                        ready = True
                    near = likelihood(tf, i, pf[q, P_T] - tf[i, TIME], seen, coef[28:32])
                if near > GATE:
                    continue
                if pairs >= room:
                    return -1
                plot[pairs] = j
                for k in range(4):
                    like[pairs, k] = coef[28 + k]
                pairs += 1
        if ready:
            combine(tf, i)
        look[i] = expected(tf, i, seen_at, s, sf, to_s, from_s, pairs > began)
        if pairs > began:
            row_of[active] = i
            active += 1
            first[active] = pairs
    counts[0] = active
    return pairs


@njit(
    "void(f8[:, ::1], i8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, f8, f8[::1], i8,"
    "i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8)",
    cache=True,
)
def weigh(
    tf: F64,
    ti: I64,
    rows: int,
    sf: F64,
    s: int,
    pf: F64,
    pi: I64,
    plot0: int,
    plots: int,
    undetected: float,
    background: F64,
    active: int,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    look: F64,
    odds: F64,
    start: F64,
    life_s: float,
) -> None:
    """Odds of every pair, and per plot: background (clutter + undetected) and start, the part of it
    that is an object. Also ages every row's existence to the frame."""
    to_s = pf[plot0, P_T]
    for j in range(plots):
        to_s = max(to_s, pf[plot0 + j, P_T])
        q = plot0 + j
        false = sf[s, S_CLUTTER] * pf[q, P_CLUTTER]
        true = sf[s, S_PD] * undetected
        if pf[q, P_RZ] > 0.0:
            true /= HEIGHT_SPREAD_M
        if pf[q, P_FORM] == FORM_BEARING:
            true = 0.0
        background[j] = false + true
        start[j] = true / (false + true)
    last_dt = -1.0
    stay = 1.0
    for i in range(rows):
        dt = to_s - tf[i, EXT]
        if dt > 0.0:
            if dt != last_dt:
                stay = math.exp(-dt / life_s)
                last_dt = dt
            tf[i, EX] *= stay
            tf[i, EXT] = to_s
    pd = sf[s, S_PD]
    for a in range(active):
        i = row_of[a]
        r = tf[i, EX]
        rest = max(1.0 - r * look[i], 1e-9)
        claim = ti[i, CLAIM]
        for p in range(first[a], first[a + 1]):
            j = plot[p]
            o = r * pd * like[p, 3] / (rest * background[j])
            other = pi[plot0 + j, Q_CLAIM]
            if other != 0 and claim != 0:
                if other == claim:
                    o *= SAME_CLAIM
                else:
                    o *= OTHER_CLAIM
            odds[p] = o


@njit("void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, i8)", cache=True)
def copy_row(tf: F64, ti: I64, seen_at: F64, source: int, target: int) -> None:
    for k in range(TRACK_F):
        tf[target, k] = tf[source, k]
    for k in range(TRACK_I):
        ti[target, k] = ti[source, k]
    for k in range(seen_at.shape[1]):
        seen_at[target, k] = seen_at[source, k]


@njit("void(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, i8, f8)", cache=True)
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


@njit(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, f8,"
    "i8, i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1],"
    "f8[:, ::1], f8[::1], i8[::1], f8[::1], f8[::1], f8, f8[:, ::1], f8[::1], f8[::1])",
    cache=True,
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
    seen: F64,
    acc: F64,
    undetected: float,
    mixed: F64,
    coef: F64,
    lift: F64,
) -> int:
    """Update, split and start rows; returns how many there are now. `owner[j]` is the row that most
    likely made plot j, or −1."""
    sensors = sf.shape[0]
    total = rows
    usual = 0.0
    for j in range(plots):
        owner[j] = -1
        usual += start[j] / plots
    child = min(CHILD * usual, CHILD_MOST)
    keep = min(KEEP * usual, KEEP_MOST)
    field[F_KEEP] = keep
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
            if weight[best] < child:
                tf[i, EX] = quiet
                continue
            if quiet > keep:
                copy_row(tf, ti, seen_at, i, total)
                tf[total, EX] = quiet
                ti[total, ROW] = int(field[F_ROW])
                field[F_ROW] += 1.0
                if weight[best] >= quiet:
                    ti[total, ID] = 0
                total += 1
            for p in range(b, e):
                if p == best or weight[p] < child or weight[p] < 0.01 * weight[best]:
                    continue
                copy_row(tf, ti, seen_at, i, total)
                ti[total, ID] = 0
                ti[total, ROW] = int(field[F_ROW])
                field[F_ROW] += 1.0
                tf[total, EX] = weight[p]
                if young:
                    predict(tf, total, pf[plot0 + plot[p], P_T], models, mixed, coef, lift)
                update(
                    tf, total, 0.0, weight, like, plot, pf, p, p + 1, plot0, sf, s, seen, acc
                )
                book(tf, ti, seen_at, total, pf, pi, plot0 + plot[p], s, sensors, weight[p])
                if owner[plot[p]] < 0 or tf[owner[plot[p]], EX] < weight[p]:
                    owner[plot[p]] = total
                total += 1
            if weight[best] < quiet:
                ti[i, ID] = 0
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
        if owner[j] < 0 or weight[best] > tf[owner[j], EX]:
            owner[j] = i
    # Duplicates: two hypotheses about one object share its plots and have drawn together.
    for a in range(active):
        i = row_of[a]
        for p in range(first[a], first[a + 1]):
            k = owner[plot[p]]
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
                tf[stay, EX] = min(tf[stay, EX] + tf[drop, EX], 0.9999)
                tf[drop, EX] = 0.0
                owner[plot[p]] = stay
    # Every plot may be the first of something.
    share = field[F_BORN] / max(undetected, 1e-300)
    for j in range(plots):
        r = fresh[j] * start[j]
        if r < SPAWN * start[j] or r < 1e-9:
            continue
        q = plot0 + j
        tf[total, Z] = height[0]
        tf[total, Z + 2] = height[1]
        tf[total, GX] = pf[q, P_X]
        tf[total, GX + 1] = pf[q, P_Y]
        see(tf, total, pf, q, sf, s, seen)
        begin(tf, total, pf[q, P_T], seen, models, height, r)
        tf[total, EXT] = to_s
        tf[total, SHARE] = share
        tf[total, CLAIM_W] = 0.0
        tf[total, COOP_W] = 0.0
        ti[total, ID] = 0
        ti[total, SEED] = pi[q, Q_SERIAL]
        ti[total, ROW] = int(field[F_ROW])
        field[F_ROW] += 1.0
        ti[total, BORN] = pi[q, Q_TIME]
        ti[total, HIT] = pi[q, Q_TIME]
        ti[total, HITS] = 0
        ti[total, CLAIM] = 0
        ti[total, COUNTED] = 0
        for k in range(sensors):
            seen_at[total, k] = to_s
            seen_at[total, sensors + k] = -1e18
        book(tf, ti, seen_at, total, pf, pi, q, s, sensors, r)
        if owner[j] < 0:
            owner[j] = total
        total += 1
    return total


@njit(
    "i8(f8[:, ::1], i8[:, ::1], f8[:, ::1], i8, f8[::1], i8[::1], f8)",
    cache=True,
)
def prune(
    tf: F64, ti: I64, seen_at: F64, rows: int, field: F64, moved: I64, widest_m2: float
) -> int:
    """Drop rows that hardly exist or are lost; moved[i] = new row or −1. Counts births on the way."""
    kept = 0
    present = 0.0
    keep = field[F_KEEP]
    for i in range(rows):
        r = tf[i, EX]
        if r < keep or tf[i, GP] + tf[i, GP + 1] > widest_m2:
            moved[i] = -1
            continue
        if r > 0.9 and ti[i, COUNTED] == 0:
            ti[i, COUNTED] = 1
            field[F_BIRTHS] += tf[i, SHARE]
        if kept != i:
            copy_row(tf, ti, seen_at, i, kept)
        moved[i] = kept
        kept += 1
        present += r
    field[F_PRESENT] = present
    return kept
