"""What is learned from the plots: how a sensor scans, its clutter, and how often targets come.

Undetected targets are a Poisson field, here one density for the whole sector in two parts: those
that were there before the first look, and those that came since (Williams 2015, §III).
"""

from __future__ import annotations

import math

from windhover.schema.batches import F64
from windhover.tracks.clutter import count
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_COOPERATIVE,
    CLASS_RADAR,
    F_BIRTH,
    F_BIRTHS,
    F_BORN,
    F_DELAYS,
    F_LOST,
    F_LOST_BORN,
    F_PRESENT,
    F_SPAN,
    F_TIME,
    F_UNDETECTED,
    FAR,
    P_AZ,
    P_T,
    S_AREA,
    S_CLASS,
    S_CLUTTER,
    S_COS,
    S_FIRST,
    S_FRAME,
    S_LAST,
    S_PD,
    S_PERIOD,
    S_SEEN,
    S_SIN,
    S_SPREAD,
)
from windhover.tracks.models import (
    BIRTH_DELAY_S,
    BIRTHS_PER_S,
    BIRTHS_SPAN_S,
    BIRTHS_WORTH,
    FORGET_S,
    LIFE_S,
)

LIFE_LEAST_S = 60.0
CLUTTER_LEAST = 1e-3  # false plots per scan: no sensor is perfect


@kernel("f8(f8[:, ::1], i8, f8[:, ::1])")
def timing(sf: F64, s: int, pf: F64) -> float:
    """How much of a scan this frame covers (0…1]; learns whether scans are snapshots or a beam.

    A turning antenna puts plots at azimuth = phase + 2π·time/period: the running mean of
    e^{i(azimuth − 2πt/period)} has length 1 for it and less for anything else.
    """
    plots = len(pf)
    first = pf[0, P_T]
    last = pf[plots - 1, P_T]
    period = sf[s, S_PERIOD]
    if sf[s, S_FIRST] >= FAR:
        sf[s, S_FIRST] = first
    new = sf[s, S_LAST] <= -FAR
    if plots >= 3:
        vote = 1.0 if last - first < 1e-6 else 0.0
        sf[s, S_SPREAD] = vote if new else 0.7 * sf[s, S_SPREAD] + 0.3 * vote
    if sf[s, S_SPREAD] > 0.5:
        return 1.0
    if sf[s, S_CLASS] == CLASS_RADAR:
        c = 0.0
        n = 0.0
        for j in range(plots):
            angle = pf[j, P_AZ] - 2.0 * math.pi * pf[j, P_T] / period
            c += math.cos(angle)
            n += math.sin(angle)
        gain = 1.0 if new else min(1.0, 0.05 * plots)
        sf[s, S_COS] += gain * (c / plots - sf[s, S_COS])
        sf[s, S_SIN] += gain * (n / plots - sf[s, S_SIN])
    since = last - max(sf[s, S_LAST], first - sf[s, S_FRAME])
    return float(min(max(since / period, 0.02), 1.0))


@kernel("f8(f8[::1], f8)")
def births_per_s(field: F64, usual: float) -> float:
    """Births a second in the whole sector; `usual` is what is expected before the data say otherwise.

    A birth is counted when it is certain, which takes a while: none of the newest ones is in the count
    yet, so the time they were counted in is shorter by as much.
    """
    delays = BIRTHS_WORTH * BIRTH_DELAY_S + field[F_DELAYS]
    span = max(field[F_SPAN] - delays / (BIRTHS_WORTH + field[F_BIRTHS]), 0.0)
    weight_s = min(BIRTHS_SPAN_S, BIRTHS_WORTH / max(usual, 1e-9))
    return float((field[F_BIRTHS] + usual * weight_s) / (span + weight_s))


@kernel("f8(f8[::1])")
def life(field: F64) -> float:
    """Mean time that a target stays, s: as many go as come, so turnover is births over targets."""
    turnover = births_per_s(field, field[F_PRESENT] / LIFE_S) / max(field[F_PRESENT], 1.0)
    return float(min(max(1.0 / max(turnover, 1e-9), LIFE_LEAST_S), LIFE_S))


@kernel("f8(f8[:, ::1])")
def field_area(sf: F64) -> float:
    """m² that undetected targets are spread over: what the farthest radar covers; without one, any sensor."""
    area = 0.0
    for k in range(sf.shape[0]):
        if sf[k, S_CLASS] == CLASS_RADAR:
            area = max(area, sf[k, S_AREA])
    if area == 0.0:
        for k in range(sf.shape[0]):
            area = max(area, sf[k, S_AREA])
    return area


@kernel("f8(f8[:, ::1], i8, f8[::1], f8, i8, f8)")
def undetected_at(sf: F64, s: int, field: F64, to_s: float, plots: int, covered: float) -> float:
    """Undetected targets per m² at to_s where sensor s looks; carries the field there."""
    area = field_area(sf)
    if field[F_SPAN] == 0.0:
        field[F_TIME] = to_s
        field[F_SPAN] = 1e-9
    dt = to_s - field[F_TIME]
    if dt > 0.0:
        forget = math.exp(-dt / FORGET_S)
        stay = math.exp(-dt / LIFE_S)
        field[F_BIRTHS] *= forget
        field[F_DELAYS] *= forget
        field[F_SPAN] = field[F_SPAN] * forget + dt
        field[F_BORN] = (field[F_BORN] + field[F_BIRTH] * dt) * stay
        field[F_UNDETECTED] *= stay
        field[F_TIME] = to_s
    # As many come as go, until the data say otherwise.
    usual = max(BIRTHS_PER_S, field[F_PRESENT] / LIFE_S)
    field[F_BIRTH] = births_per_s(field, usual) / area
    field[F_BORN] = max(field[F_BORN], field[F_BIRTH] * 0.1)
    if sf[s, S_CLASS] == CLASS_RADAR and to_s - sf[s, S_FIRST] < 0.9 * sf[s, S_PERIOD]:
        # First look: whatever is more than clutter was there before.
        excess = max(plots - sf[s, S_CLUTTER] * covered, 0.3 * math.sqrt(plots) + 0.1)
        field[F_UNDETECTED] = excess / (sf[s, S_PD] * covered * sf[s, S_AREA])
    total = field[F_UNDETECTED] + field[F_BORN]
    if sf[s, S_CLASS] == CLASS_COOPERATIVE:
        return float(max(total, 1.0 / sf[s, S_AREA]))
    return float(total)


@kernel("void(f8[:, ::1], i8, f8[::1], f8, i8, f8, f8[::1], f8[::1], f8[:, ::1], f8)")
def looked(
    sf: F64,
    s: int,
    field: F64,
    to_s: float,
    plots: int,
    covered: float,
    fresh: F64,
    start: F64,
    pf: F64,
    crossed: float,
) -> None:
    """After a frame: the clutter rate follows the data, the undetected fade where the sensor looked.

    A sensor that sees all there is where it looks thins the field by its detection probability, whatever
    it found; any other takes out what it found, so that rows come out of the field and not out of nothing.
    `crossed`: the existence of rows that bearings started. What was given up in this frame is put back.
    """
    false = 0.0
    found = crossed
    for j in range(plots):
        false += fresh[j] * (1.0 - start[j])
        found += fresh[j] * start[j]
    gain = min(covered * sf[s, S_PERIOD] / FORGET_S, 0.2)
    rate = sf[s, S_CLUTTER] + gain * (false / covered - sf[s, S_CLUTTER])
    sf[s, S_CLUTTER] = max(rate, CLUTTER_LEAST)
    count(sf, s, pf, fresh, start, 1.0 - gain)
    # Where no radar looks, bearings do: what would have been heard has been.
    looks = sf[s, S_CLASS] != CLASS_COOPERATIVE
    for k in range(sf.shape[0]):
        if sf[k, S_CLASS] == CLASS_RADAR and sf[s, S_CLASS] != CLASS_RADAR:
            looks = False
    area = field_area(sf)
    fade = 1.0 - sf[s, S_PD] * covered
    if not looks:
        there = (field[F_UNDETECTED] + field[F_BORN]) * area
        fade = max(1.0 - found / max(there, 1e-300), 0.0)
    field[F_UNDETECTED] *= fade
    field[F_BORN] *= fade
    field[F_UNDETECTED] += field[F_LOST] / area
    field[F_BORN] += field[F_LOST_BORN] / area
    field[F_LOST] = 0.0
    field[F_LOST_BORN] = 0.0
    sf[s, S_LAST] = to_s
    sf[s, S_SEEN] += plots
