"""How often a radar sees what is there, learned: by range, and after a look that saw it or not.

Misses come in stretches (lobes, shadows, garbled replies, the edge of coverage): what was missed is
likelier to be missed again. Each plot that surely belongs to a settled track tells of all looks since the
one before it. Counts start as if the site's detection probability had been seen, whatever went before,
and never say more than it: objects that were lost for being missed too often tell nothing any more, so
that counts flatter.
"""

from __future__ import annotations

from typing import Final

from windhover.schema.batches import F64, I64
from windhover.tracks.clutter import RANGES, range_bin
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_RADAR,
    HITS,
    P_RANGE,
    P_T,
    S_CLASS,
    S_MISSES,
    S_PD,
    S_PERIOD,
)

# From S_MISSES, for each range of the clutter map: looks after a hit, misses among them, looks after a miss, misses
# among them; then, for each range, the probability of a hit after a hit and after a miss.
SEES: Final = 4 * RANGES
PRIOR_HIT = 100.0  # looks that the site's figure is worth, over all ranges
PRIOR_MISS = 20.0
PRIOR_RANGE_HIT = 30.0  # looks that the radar's own figure is worth at one range
PRIOR_RANGE_MISS = 10.0
MOST = 400.0  # looks that one range remembers
LONGEST = 20.0  # periods; a longer silence was something else
SETTLED_HITS = 4
SURE = 0.9  # of object and association together


@kernel("void(f8[:, ::1], i8)")
def believe(sf: F64, s: int) -> None:
    """Counts of sensor s → its probabilities of a hit, per range."""
    b = S_MISSES
    hits = PRIOR_HIT
    hit_misses = PRIOR_HIT * (1.0 - sf[s, S_PD])
    misses = PRIOR_MISS
    miss_misses = PRIOR_MISS * (1.0 - sf[s, S_PD])
    for k in range(RANGES):
        hits += sf[s, b + 4 * k]
        hit_misses += sf[s, b + 4 * k + 1]
        misses += sf[s, b + 4 * k + 2]
        miss_misses += sf[s, b + 4 * k + 3]
    for k in range(RANGES):
        c = b + 4 * k
        lost = sf[s, c + 1] + PRIOR_RANGE_HIT * hit_misses / hits
        sf[s, b + SEES + 2 * k] = min(1.0 - lost / (sf[s, c] + PRIOR_RANGE_HIT), sf[s, S_PD])
        lost = sf[s, c + 3] + PRIOR_RANGE_MISS * miss_misses / misses
        seen = 1.0 - lost / (sf[s, c + 2] + PRIOR_RANGE_MISS)
        sf[s, b + SEES + 2 * k + 1] = min(seen, sf[s, S_PD])


@kernel("f8(f8[:, ::1], i8, f8, b1)")
def hit_chance(sf: F64, s: int, range_m: float, missed: bool) -> float:
    """Probability that sensor s sees an object there in its next look; `missed`: it was not seen in the
    last one."""
    k = range_bin(sf, s, range_m)
    return float(sf[s, S_MISSES + SEES + 2 * k + (1 if missed else 0)])


@kernel("void(f8[:, ::1], i8, f8, f8)")
def tally(sf: F64, s: int, range_m: float, since_s: float) -> None:
    """A plot `since_s` after the one before it of the same object."""
    looks = since_s / sf[s, S_PERIOD]
    if looks < 0.5 or looks > LONGEST:
        return
    missed = float(int(looks + 0.5)) - 1.0
    c = S_MISSES + 4 * range_bin(sf, s, range_m)
    sf[s, c] += 1.0
    if missed > 0.0:
        sf[s, c + 1] += 1.0
        sf[s, c + 2] += missed
        sf[s, c + 3] += missed - 1.0
    for pair in range(2):
        if sf[s, c + 2 * pair] > MOST:
            sf[s, c + 2 * pair] *= 0.5
            sf[s, c + 2 * pair + 1] *= 0.5


@kernel(
    "void(i8[:, ::1], f8[:, ::1], f8[:, ::1], i8, f8[:, ::1], i8, i8[::1], i8[::1], i8[::1], f8[::1])",
)
def tell(
    ti: I64,
    seen_at: F64,
    sf: F64,
    s: int,
    pf: F64,
    active: int,
    row_of: I64,
    first: I64,
    plot: I64,
    weight: F64,
) -> None:
    """Learn from this frame's plots of sensor s, before the tracks are updated with them."""
    if sf[s, S_CLASS] != CLASS_RADAR:
        return
    sensors = sf.shape[0]
    for a in range(active):
        i = row_of[a]
        if ti[i, HITS] < SETTLED_HITS:
            continue
        for p in range(first[a], first[a + 1]):
            if weight[p] >= SURE:
                j = plot[p]
                tally(sf, s, pf[j, P_RANGE], pf[j, P_T] - seen_at[i, sensors + s])
    believe(sf, s)
