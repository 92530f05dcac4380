"""Which row may have made which plot, and which rows a sensor should have seen.

Pairs are found through a grid over the plots of a frame, tested first against a row's moments and
then against its modes; the cost is proportional to the pairs found.
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64, I64
from windhover.tracks.clutter import counted, near_and_far
from windhover.tracks.imm import combine, predict
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLAIM,
    CLASS_BEARING,
    CLASS_COOPERATIVE,
    CLASS_RADAR,
    EX,
    EXT,
    FORM_BEARING,
    FORM_PLACE,
    GP,
    GX,
    GXY,
    HITS,
    HOPE,
    MODE,
    MU,
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
    STRIDE,
    TIME,
    Z,
)
from windhover.tracks.misses import hit_chance
from windhover.tracks.update import likelihood, see, young_likelihood

GATE = 16.0  # squared Mahalanobis distance; two degrees of freedom: 3 in 10,000 fall outside
GATE_RARE = 36.0  # where false plots are rare even an unlikely turn is likelier than a stranger …
FEW = 5.0  # … as with reports, and with a radar of so few false plots a scan
LOOSE = 1.5  # the coarse gate's allowance for a mode wider than the mixture
FAINT = 0.003  # a plot so much likelier from elsewhere is not worth weighing
REPORT_PD = 0.35  # of one report that is due: silence of a reporting object comes in stretches
SPLIT_HITS = 2  # rows with up to this many plots are split over their pairs, not averaged
SAME_CLAIM = 30.0
UNDER = 0.25  # of the detection probability that is left below the horizon
HORIZON_M2 = 20.0**2  # roofs and trees: a horizon is no line
OTHER_CLAIM = 0.02
FAINT_EX = 0.05
NEAR_M = 1000.0  # nearer in, the density of clutter changes across a gate
TWO_PI = 2.0 * math.pi


@kernel("f8(f8[:, ::1], i8, f8[:, ::1], i8, f8)")
def above_horizon(tf: F64, i: int, sf: F64, s: int, far: float) -> float:
    """Probability that row i, `far` metres away, stands above the horizon of sensor s.

    Never below `UNDER`: what went under and stays there has landed, as a rule. A row that no miss
    could touch would live on, widen its gate and run off with whatever plot falls into it.
    """
    if tf[i, Z + 2] >= 1e5:
        return 1.0
    over = tf[i, Z] - sf[s, S_Z] - sf[s, S_HORIZON] * far
    # The normal distribution function by the logistic one (within 0.01).
    part = 1.0 / (1.0 + math.exp(-1.702 * over / math.sqrt(tf[i, Z + 2] + HORIZON_M2)))
    return float(max(part, UNDER))


@kernel("f8(f8[:, ::1], i8, f8[:, ::1], i8, f8[:, ::1], f8, f8, b1)")
def expected(
    tf: F64, i: int, seen_at: F64, s: int, sf: F64, to_s: float, from_s: float, gated: bool
) -> float:
    """Probability that sensor s would have seen row i in the look that ends at to_s; 0 = no look.

    A scan that has not been made is not a miss: rotating radars look when their beam passes,
    staring ones when a scan arrives, reporting objects when their period is well over.
    """
    sensors = sf.shape[0]
    kind = sf[s, S_CLASS]
    period = sf[s, S_PERIOD]
    looked = seen_at[i, s]
    if kind == CLASS_BEARING:
        # Silence counts against what only bearings have placed, and which this sensor has heard.
        for c in range(sensors):
            own = c == s or sf[c, S_CLASS] != CLASS_BEARING
            if own and (seen_at[i, sensors + c] > -1e17) != (c == s):
                return 0.0
        return float(sf[s, S_PD]) if (gated or to_s - looked > 1.3 * period) else 0.0
    if to_s - looked < 0.5 * period:
        return 0.0
    dt = to_s - tf[i, TIME]
    dx = tf[i, GX] + dt * tf[i, GX + 2] - sf[s, S_X]
    dy = tf[i, GX + 1] + dt * tf[i, GX + 3] - sf[s, S_Y]
    far = math.sqrt(dx * dx + dy * dy)
    if far > sf[s, S_RMAX] or far < sf[s, S_RMIN]:
        return 0.0
    if kind == CLASS_COOPERATIVE:
        if seen_at[i, sensors + s] < -1e17:
            return 0.0
        due = float(min(sf[s, S_PD], REPORT_PD))
        if sf[s, S_SPREAD] > 0.5:
            return due
        return due if (gated or to_s - looked > 1.5 * period) else 0.0
    missed = looked - seen_at[i, sensors + s] > 0.5 * period
    pd = hit_chance(sf, s, far, missed) * above_horizon(tf, i, sf, s, far)
    if sf[s, S_SPREAD] > 0.5:
        return float(pd)
    turning = math.sqrt(sf[s, S_COS] ** 2 + sf[s, S_SIN] ** 2)
    if turning > 0.9:
        # θ(t) = phase + 2πt/period; when did the beam last pass the row's azimuth?
        phase = math.atan2(sf[s, S_SIN], sf[s, S_COS])
        ago = (phase + TWO_PI * to_s / period - math.atan2(dx, dy)) / TWO_PI
        ago -= math.floor(ago)
        passed = to_s - ago * period
        if gated or (passed > from_s and passed - looked > 0.5 * period):
            return float(pd)
        return 0.0
    return float(pd) if (gated or to_s - looked > 1.3 * period) else 0.0


@kernel(
    "i8(f8[:, ::1], i8[:, ::1], i8, f8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8[:, ::1], i8, i8, f8, f8[:, ::1], f8[::1],"
    "i8[::1], i8[::1], f8[:, ::1], i8[::1], i8[::1], i8[::1], f8[:, ::1], f8[::1], f8[:, ::1], f8[::1], f8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8)",
)
def gather(
    tf: F64,
    ti: I64,
    rows: int,
    seen_at: F64,
    sf: F64,
    s: int,
    pf: F64,
    pi: I64,
    plot0: int,
    plots: int,
    to_s: float,
    models: F64,
    lift: F64,
    cell_first: I64,
    cell_plot: I64,
    near_by: F64,
    row_of: I64,
    first: I64,
    plot: I64,
    like: F64,
    look: F64,
    mixed: F64,
    coef: F64,
    seen: F64,
    counts: I64,
    odds: F64,
    background: F64,
    limits: F64,
    life_s: float,
) -> int:
    """All gated pairs, through a grid over the plots; −1 where `plot` is too small to hold them.

    A pair is kept where its odds (P(row made the plot) over P(something else did), the rest of the
    frame aside) would found a row worth keeping (`frame.LIMITS`) or move one that stands; claims count.
    Out: odds (pairs,), row_of (A,), first (A+1,), plot (pairs,), like (pairs, 4) per mode and mixed, look (rows,)
    the probability that the sensor looked and should have seen the row; counts: A, –, rows done, pairs of rows
    that may be split. Called again with more room it goes on where it stopped (a new frame: all counts 0).
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
    per_m = 1.0 / size
    across = int((x1 - x0) * per_m) + 1
    high = int((y1 - y0) * per_m) + 1
    while across * high + 1 > len(cell_first):
        per_m /= 1.5
        across = int((x1 - x0) * per_m) + 1
        high = int((y1 - y0) * per_m) + 1
    cells = across * high
    for c in range(cells + 1):
        cell_first[c] = 0
    for j in range(plots):
        c = int((pf[plot0 + j, P_Y] - y0) * per_m) * across + int((pf[plot0 + j, P_X] - x0) * per_m)
        cell_first[c + 1] += 1
    for c in range(cells):
        cell_first[c + 1] += cell_first[c]
    for j in range(plots):
        q = plot0 + j
        c = int((pf[q, P_Y] - y0) * per_m) * across + int((pf[q, P_X] - x0) * per_m)
        at = cell_first[c]
        cell_plot[at] = j
        near_by[at, 0] = pf[q, P_X]
        near_by[at, 1] = pf[q, P_Y]
        near_by[at, 2] = pf[q, P_RXX]
        near_by[at, 3] = pf[q, P_RXY]
        near_by[at, 4] = pf[q, P_RYY]
        cell_first[c] += 1
    for c in range(cells, 0, -1):
        cell_first[c] = cell_first[c - 1]
    cell_first[0] = 0

    from_s = max(sf[s, S_LAST], to_s - sf[s, S_PERIOD])
    active = counts[0]
    first[0] = 0
    pairs = first[active]
    form = pf[plot0, P_FORM]
    turn2 = models[2, 8] * models[2, 8] * 0.25
    stir = models[2, 1] / 3.0
    pd = sf[s, S_PD]
    span = sf[s, S_RMAX] - sf[s, S_RMIN]
    total = counted(sf, s)
    even = sf[s, S_CLUTTER] / (TWO_PI * span)
    rare = sf[s, S_CLASS] == CLASS_COOPERATIVE or sf[s, S_CLUTTER] < FEW
    gate = GATE_RARE if rare else GATE
    radar = sf[s, S_CLASS] == CLASS_RADAR
    last_age = -1.0
    stay = 1.0
    for i in range(counts[2], rows):
        age = to_s - tf[i, EXT]
        if age > 0.0:
            if age != last_age:
                stay = math.exp(-age / life_s)
                last_age = age
            tf[i, EX] *= stay
            tf[i, EXT] = to_s
        r_pd = tf[i, EX] * pd
        dt = to_s - tf[i, TIME]
        gx = tf[i, GX] + dt * tf[i, GX + 2]
        gy = tf[i, GX + 1] + dt * tf[i, GX + 3]
        dx = gx - sf[s, S_X]
        dy = gy - sf[s, S_Y]
        far = math.sqrt(dx * dx + dy * dy)
        short = min(abs(dt), 12.0)
        young = ti[i, HITS] == 1
        bound = worst
        if flat:
            bound = worst_range + worst_azimuth * (far + 1000.0) ** 2
        # A pair too unlikely to found a child, or to move a track, is left out at once.
        bar = max(limits[5], FAINT * tf[i, EX])
        if ti[i, HITS] <= SPLIT_HITS:
            bar = min(limits[1] * tf[i, HOPE], limits[2])
        reach = gate
        slow = 0.0
        if young:
            # Nearly always slow, sometimes fast: the far side of the fast gate is not worth having
            # where even a plot in its middle would be more likely clutter.
            wide = dt * dt * max(tf[i, MODE + STRIDE + 11], tf[i, MODE + STRIDE + 13])
            slow = dt * dt * max(tf[i, MODE + 11], tf[i, MODE + 13])
            if flat and wide > 0.0:
                usual = even * near_and_far(sf, s, far, total) / (far + 500.0)
                peak = r_pd * (tf[i, MU + 1] + tf[i, MU + 2]) / (TWO_PI * wide)
                reach = min(max(2.0 * math.log(peak / (bar * usual)), 0.0), gate)
            px = tf[i, MODE + 4] + wide
            py = tf[i, MODE + 8] + wide
            pxy = tf[i, MODE + 5]
            slow -= wide
            wx = math.sqrt(max(reach * (px + bound), gate * (px + slow + bound)))
            wy = math.sqrt(max(reach * (py + bound), gate * (py + slow + bound)))
        else:
            px = tf[i, GP] + dt * (2.0 * tf[i, GP + 2] + dt * tf[i, GP + 4])
            py = tf[i, GP + 1] + dt * (2.0 * tf[i, GP + 3] + dt * tf[i, GP + 5])
            pxy = tf[i, GXY]
            if tf[i, EX] < FAINT_EX and flat and far > NEAR_M:
                # A faint row asks less: far from its middle no plot would be worth its while.
                usual = even * near_and_far(sf, s, far, total) / (far + 500.0)
                peak = r_pd / (TWO_PI * math.sqrt(max(px * py - pxy * pxy, 0.05 * px * py)))
                reach = 2.0 * math.log(max(peak / (bar * usual), 1.0)) + 1.0
                reach = min(reach, gate)
            extra = (stir * abs(dt) + turn2 * short * short) * short * short
            px = LOOSE * px + extra
            py = LOOSE * py + extra
            pxy *= LOOSE
            wx = math.sqrt(reach * (max(px, 0.0) + bound))
            wy = math.sqrt(reach * (max(py, 0.0) + bound))
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
        claim = ti[i, CLAIM]
        c0 = int(max((gx - wx - x0) * per_m, 0.0)) if gx - wx <= x1 else across
        c1 = int(min((gx + wx - x0) * per_m, across - 1.0)) if gx + wx >= x0 else -1
        r0 = int(max((gy - wy - y0) * per_m, 0.0)) if gy - wy <= y1 else high
        r1 = int(min((gy + wy - y0) * per_m, high - 1.0)) if gy + wy >= y0 else -1
        for r in range(r0, r1 + 1):
            if c0 > c1:
                break
            for at in range(cell_first[r * across + c0], cell_first[r * across + c1 + 1]):
                ex = near_by[at, 0] - gx
                ey = near_by[at, 1] - gy
                if loose:
                    if abs(ex) > wx or abs(ey) > wy:
                        continue
                else:
                    sxx = px + near_by[at, 2]
                    syy = py + near_by[at, 4]
                    sxy = pxy + near_by[at, 3]
                    # Without its denominator: d² > GATE ⇔ numerator > GATE·det.
                    cross = 2.0 * ex * ey * sxy
                    if ex * ex * syy - cross + ey * ey * sxx > 1.1 * reach * (
                        sxx * syy - sxy * sxy
                    ):
                        if not young:
                            continue
                        sxx += slow
                        syy += slow
                        if ex * ex * syy - cross + ey * ey * sxx > gate * (sxx * syy - sxy * sxy):
                            continue
                j = cell_plot[at]
                q = plot0 + j
                if not young and not ready:
                    # Before the plot is seen: where it lies may depend on the row's height and place.
                    predict(tf, i, to_s, models, mixed, coef, lift)
                    combine(tf, i)
                    ready = True
                see(tf, i, pf, q, sf, s, seen)
                if young:
                    near = young_likelihood(
                        tf, i, pf[q, P_T] - tf[i, TIME], seen, models, coef, coef[28:32]
                    )
                else:
                    near = likelihood(tf, i, pf[q, P_T] - tf[i, TIME], seen, coef[28:32])
                chance = r_pd * coef[31] / background[j]
                if near > gate or chance < bar:
                    continue
                if pairs >= room:
                    counts[0] = active
                    counts[2] = i
                    return -1
                plot[pairs] = j
                for k in range(4):
                    like[pairs, k] = coef[28 + k]
                other = pi[q, Q_CLAIM]
                if other != 0 and claim != 0:
                    chance *= SAME_CLAIM if other == claim else OTHER_CLAIM
                odds[pairs] = chance
                pairs += 1
        look[i] = expected(tf, i, seen_at, s, sf, to_s, from_s, pairs > began)
        if pairs > began:
            rest = max(1.0 - tf[i, EX] * look[i], 1e-9)
            # Below the horizon, and in a stretch of misses, a plot is less likely its own as well.
            part = look[i] / pd if radar and look[i] > 0.0 else 1.0
            for p in range(began, pairs):
                odds[p] *= part / rest
            if ti[i, HITS] <= SPLIT_HITS:
                counts[3] += pairs - began
            row_of[active] = i
            active += 1
            first[active] = pairs
    counts[0] = active
    counts[2] = rows
    return int(pairs)
