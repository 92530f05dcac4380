"""Slow twins of one frame: which row may have made which plot, and what becomes of the rows."""

from __future__ import annotations

from itertools import product
from math import atan2, exp, hypot, pi, sqrt

import numpy as np

from tests.tracks import naive
from tests.tracks.naive_learned import hit_chance
from tests.tracks.naive_rows import NEVER, Field, Plot, Row, Sensor, combine
from tests.tracks.naive_sensors import denser
from windhover.tracks import layout as at

Pairs = dict[int, dict[int, tuple[float, np.ndarray]]]  # row → plot → odds, density by mode

# --- gate ----------------------------------------------------------------------------------------


def above_horizon(row: Row, sensor: Sensor, far: float) -> float:
    """Share of a normal height above a soft horizon by the logistic curve, a quarter at least."""
    if row.up_p[0, 0] >= 1e5:
        return 1.0
    over = row.up[0] - sensor.place[2] - sensor.horizon * far
    return max(0.25, 1.0 / (1.0 + exp(-1.702 * over / sqrt(row.up_p[0, 0] + 20.0**2))))


def expected(
    row: Row, sensors: list[Sensor], s: int, to_s: float, from_s: float, gated: bool
) -> float:
    """Probability that sensor s would have seen the row by now; 0 = it has not looked."""
    sensor, ago = sensors[s], to_s - row.looked[s]
    if sensor.kind == at.CLASS_BEARING:
        # It must have heard the row before, and nobody but other ears may have.
        others = [c for c, one in enumerate(sensors) if one.kind != at.CLASS_BEARING]
        if row.heard[s] <= -1e17 or any(row.heard[c] > -1e17 for c in others):
            return 0.0
        return sensor.pd if gated or ago > 1.3 * sensor.period else 0.0
    if ago < 0.5 * sensor.period:
        return 0.0
    mean = combine(row)[0]
    east, north = mean[:2] + (to_s - row.time) * mean[2:] - sensor.place[:2]
    far = hypot(east, north)
    if not sensor.range_min <= far <= sensor.range_max:
        return 0.0
    if sensor.kind == at.CLASS_COOPERATIVE:
        if row.heard[s] < -1e17:
            return 0.0
        due = gated or sensor.spread > 0.5 or ago > 1.5 * sensor.period
        return min(sensor.pd, 0.35) if due else 0.0
    missed = row.looked[s] - row.heard[s] > 0.5 * sensor.period
    pd = hit_chance(sensor, far, missed) * above_horizon(row, sensor, far)
    if sensor.spread > 0.5 or gated:
        return pd
    if abs(sensor.turning) > 0.9:
        # Azimuth of the beam at t: phase + 2πt/period. It stood on the row this long ago:
        beam = np.angle(sensor.turning) + 2 * pi * to_s / sensor.period
        passed = to_s - sensor.period * (((beam - atan2(east, north)) / (2 * pi)) % 1.0)
        return pd if passed > from_s and passed - row.looked[s] > 0.5 * sensor.period else 0.0
    return pd if ago > 1.3 * sensor.period else 0.0


def gather(
    rows: list[Row], sensors: list[Sensor], s: int, plots: list[Plot], to_s: float,
    models: np.ndarray, lift: np.ndarray, background: np.ndarray, limits: np.ndarray, life_s: float,
    carried: set[int] | None = None,
) -> tuple[Pairs, list[float], set[tuple[int, int]]]:  # fmt: skip
    """Every pair worth weighing, by trying all; the looks; and the pairs on the rim of a gate.

    Rows in `carried` (None: those with pairs) are carried to the frame's end; others later.
    """
    sensor, pairs, looks, rim = sensors[s], {}, [], set()
    gate = 36.0 if sensor.kind == at.CLASS_COOPERATIVE or sensor.clutter < 5.0 else 16.0
    from_s = max(sensor.last, to_s - sensor.period)
    for i, row in enumerate(rows):
        row.existence *= exp(-max(to_s - row.existence_at, 0.0) / life_s)
        row.existence_at = max(to_s, row.existence_at)
        young = row.hits == 1
        bar = max(limits[5], 0.003 * row.existence)
        if row.hits <= 2:
            bar = min(limits[1] * row.hope, limits[2])
        ahead = naive.predict(row, to_s, models, lift)
        mine = {}
        for j, plot in enumerate(plots):
            if young:
                seen = naive.see(row, plot, sensor)
                near, like, mixed = naive.young_likelihood(row, plot.t - row.time, seen, models)
            else:
                seen = naive.see(ahead, plot, sensor)
                near, like, mixed = naive.likelihood(ahead, plot.t - ahead.time, seen)
            chance = row.existence * sensor.pd * mixed / background[j]
            if near > gate or chance < bar:
                continue
            if near > 9.0 or chance < 10.0 * bar:
                rim.add((i, j))
            if plot.claim and row.claim:
                chance *= 30.0 if plot.claim == row.claim else 0.02
            mine[j] = (chance, like)
        if not young and (i in carried if carried is not None else mine):
            rows[i] = row = ahead
        look = expected(row, sensors, s, to_s, from_s, bool(mine))
        looks.append(look)
        if mine:
            rest = max(1.0 - row.existence * look, 1e-9)
            if sensor.kind == at.CLASS_RADAR and look > 0.0:
                rest *= sensor.pd / look  # what the row's own chance of being seen leaves of it
            pairs[i] = {j: (chance / rest, like) for j, (chance, like) in mine.items()}
    return pairs, looks, rim


# --- belief --------------------------------------------------------------------------------------


def marginals(odds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Belief propagation with whole matrices (Williams & Lau 2014, eqs 13–16): odds (rows, plots)."""
    down = np.ones_like(odds)
    for _ in range(15):
        each = odds * down
        up = odds / (1.0 + each.sum(1, keepdims=True) - each)
        before, down = down, 1.0 / (1.0 + up.sum(0) - up)
        if np.abs((down - before)[odds > 0.0]).max(initial=0.0) < 1e-3:
            break
    each = odds * down
    total = 1.0 + each.sum(1)
    weight = each / total[:, None]
    return weight, 1.0 / total, np.clip(1.0 - weight.sum(0), 0.0, 1.0)


def enumerated(odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What belief propagation is after: exact marginals by listing every assignment."""
    rows, plots = odds.shape
    weight, total, missed = np.zeros_like(odds), 0.0, np.zeros(rows)
    for choice in product(range(-1, plots), repeat=rows):
        used = [(i, c) for i, c in enumerate(choice) if c >= 0]
        if len({c for _, c in used}) < len(used):
            continue
        chance = float(np.prod([odds[pair] for pair in used]))
        total += chance
        for i, c in enumerate(choice):
            if c >= 0:
                weight[i, c] += chance
            else:
                missed[i] += chance
    return weight / total, missed / total


# --- frame ---------------------------------------------------------------------------------------


def out_of_the_blue(
    sensor: Sensor, plots: list[Plot], undetected: float, models: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Density of everything that is no row, and how much of it is an object."""
    background, start = np.zeros(len(plots)), np.zeros(len(plots))
    for j, plot in enumerate(plots):
        false = sensor.clutter * plot.clutter * denser(sensor, plot)
        true = sensor.pd * undetected * naive.of_a_stranger(plot.rate, models)
        true *= 1.0 / 6000.0 if plot.rz > 0.0 else 1.0
        true *= plot.form != at.FORM_BEARING
        background[j], start[j] = false + true, true / (false + true)
    return background, start


def give_up(field: Field, targets: float, share: float) -> None:
    """What is given up is undetected again, new or not as before."""
    field.lost, field.lost_born = (
        field.lost + targets * (1.0 - share),
        field.lost_born + targets * share,
    )


copy_row = naive.copy_row


def book(row: Row, plot: Plot, s: int, weight: float) -> None:
    """The plot fed the row; claims are counted, each less as newer ones come."""
    row.hits += 1
    row.hit_ns = max(row.hit_ns, plot.time_ns)
    row.heard[s] = max(row.heard[s], plot.t)
    if not plot.claim:
        return
    row.coop_weight = 0.95 * row.coop_weight + weight
    agreed = plot.claim == row.claim
    row.claim_weight = 0.95 * row.claim_weight + (weight if agreed else -weight)
    if row.claim_weight < 0.0:
        row.claim, row.claim_weight = plot.claim, weight


def unnamed(row: Row) -> Row:
    row.name, row.risen = 0, False
    return row


def together(a: Row, b: Row) -> bool:
    """Within one sigma of each other, place and speed."""
    (ma, ca), (mb, cb) = combine(a), combine(b)
    slack = np.array([1.0, 1.0, 0.1, 0.1])
    return bool(((ma - mb) ** 2 / (np.diag(ca) + np.diag(cb) + slack)).sum() < 1.0)


def apply(
    rows: list[Row], sensors: list[Sensor], s: int, plots: list[Plot], to_s: float, pairs: Pairs,
    look: list[float], weight: np.ndarray, missed: np.ndarray, fresh: np.ndarray, start: np.ndarray,
    field: Field, undetected: float, models: np.ndarray, height: np.ndarray, lift: np.ndarray,
    limits: np.ndarray,
) -> list[Row | None]:  # fmt: skip
    """All hypotheses into `rows`; the owner of each plot. weight (rows, plots), missed (rows,)."""
    spawn, child_share, child_most, keep_share, keep_most, _ = limits
    sensor = sensors[s]
    claims: list[list[tuple[float, Row]]] = [[] for _ in plots]

    def fed(row: Row, j: int, like: np.ndarray, w: float) -> Row:
        at_plot = naive.predict(row, plots[j].t, models, lift) if row.hits == 1 else row
        out = naive.update(copy_row(at_plot), 0.0, [(plots[j], like, w)], sensor)
        out.existence = w
        book(out, plots[j], s, w)
        return out

    def owned(row: Row, j: int, w: float) -> None:
        claims[j].append((w, row))

    added: list[Row] = []
    for i, row in enumerate(list(rows)):
        r = row.existence
        unseen = r * (1.0 - look[i]) / max(1.0 - r * look[i], 1e-9)
        if i not in pairs:
            if look[i] > 0.0:
                row.existence, row.looked[s] = unseen, to_s
            continue
        mine, quiet = {j: weight[i, j] for j in pairs[i]}, missed[i] * unseen
        best = max(mine, key=mine.__getitem__)
        if look[i] > 0.0 or mine[best] > 0.5:
            row.looked[s] = to_s
        if row.hits <= 2 and plots[0].form != at.FORM_BEARING:
            child, keep = (
                min(child_share * row.hope, child_most),
                min(keep_share * row.hope, keep_most),
            )
            if mine[best] < child:
                give_up(field, sum(mine.values()), row.share)
                row.existence = quiet
                continue
            ghost = copy_row(row)
            ghost.existence = quiet
            if quiet > keep:
                added.append(ghost if quiet > mine[best] else unnamed(ghost))
            else:
                give_up(field, quiet, row.share)
            for j, w in mine.items():
                if w < max(child, 0.01 * mine[best]):
                    give_up(field, w, row.share)
                elif j != best:
                    added.append(unnamed(fed(row, j, pairs[i][j][1], w)))
                    owned(added[-1], j, w)
            rows[i] = fed(row, best, pairs[i][best][1], mine[best])
            if mine[best] < quiet:
                unnamed(rows[i])
        else:
            weighed = [(plots[j], pairs[i][j][1], w) for j, w in mine.items()]
            rows[i] = naive.update(row, quiet, weighed, sensor)
            rows[i].existence = quiet + sum(mine.values())
            if mine[best] > 0.3:
                book(rows[i], plots[best], s, mine[best])
        owned(rows[i], best, mine[best])
    owner = [max(c, key=lambda one: one[0])[1] if c else None for c in claims]
    surest = [max((row for _, row in c), key=lambda r: r.existence, default=None) for c in claims]
    for i in pairs:
        for j in pairs[i]:
            a, b = rows[i], surest[j]
            if b is None or a is b or 0.0 in (a.existence, b.existence) or a.time != b.time:
                continue
            if a.existence + b.existence <= 1.2 and together(a, b):
                stay, drop = (b, a) if b.existence >= a.existence else (a, b)
                stay.name = stay.name or drop.name
                stay.counted, stay.risen = stay.counted or drop.counted, stay.risen or drop.risen
                stay.existence, drop.existence = min(a.existence + b.existence, 0.9999), 0.0
                surest[j] = stay
                owner[j] = stay if owner[j] is drop else owner[j]
    for j, plot in enumerate(plots):
        r = fresh[j] * start[j]
        if fresh[j] < spawn or r < 1e-9:
            give_up(field, r, field.born / max(undetected, 1e-300))
            continue
        guess = height.copy()
        if plot.form == at.FORM_SLANT:
            guess[0] = sensor.place[2] + min(height[0], 0.1 * plot.range)
            guess[1] = min(height[1], (0.15 * plot.range) ** 2)
        blank = Row(np.ones(3) / 3, np.zeros((3, 4)), np.zeros((3, 4, 4)), np.array([guess[0], 0.0]), np.diag(guess[1:]))  # fmt: skip
        row = naive.begin(plot.t, naive.see(blank, plot, sensor), models, guess, r)
        row.existence_at, row.hope = to_s, start[j]
        row.share = field.born / max(undetected, 1e-300)
        row.seed, row.born_ns, row.hit_ns = plot.serial, plot.time_ns, plot.time_ns
        row.looked, row.heard = [to_s] * len(sensors), [NEVER] * len(sensors)
        book(row, plot, s, r)
        added.append(row)
        owner[j] = owner[j] or row
    rows.extend(added)
    return owner


def prune(rows: list[Row], field: Field, widest_m2: float, limits: np.ndarray) -> list[Row]:
    """Those worth keeping; births and what people are shown from now on are marked."""
    kept = []
    for row in rows:
        cov = combine(row)[1]
        if (
            row.existence < min(limits[3] * row.hope, limits[4])
            or np.trace(cov[:2, :2]) > widest_m2
        ):
            give_up(field, row.existence, row.share)
            continue
        kept.append(row)
        if row.existence > 0.9 and not row.counted:
            row.counted = True
            field.births += row.share
            field.delays += row.share * (row.hit_ns - row.born_ns) * 1e-9
        if row.existence >= field.show and (row.hits >= 2 or row.claim):
            row.risen = True
    field.present = sum(row.existence for row in kept)
    return kept
