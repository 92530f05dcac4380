"""Who is told, and how often: an alert budget, and a past replayed day by day with it.

A closure is an alert when its share of the past (`Unusual.share`) is at most what the budget allows:
so many alerts a week for all kinds together, divided evenly among the kinds, each by how many
closures of its kind a week brings. The budget is a promise to the reader, not a claim about danger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.schema.cases import Words
from windhover.units import NS_PER_H
from windhover.watch.traits import KINDS, Kind, Traits
from windhover.watch.unusual import Baseline, Unusual, baseline, compare

ALERTS_PER_WEEK: Final = 0.5
WEEK_NS: Final = 168 * NS_PER_H
LEAST_PAST: Final = 100  # activations, before anything is called unusual


def threshold(per_week: float, alerts_per_week: float = ALERTS_PER_WEEK) -> float:
    """The share of the past at or below which a closure of a kind that comes so often is an alert."""
    return min(1.0, alerts_per_week / len(KINDS) / max(per_week, 1e-9))


def is_alert(found: Unusual, past: Baseline, alerts_per_week: float = ALERTS_PER_WEEK) -> bool:
    """Whether to wake somebody. Never while the past is too short to say anything."""
    return past.n >= LEAST_PAST and found.share <= threshold(past.per_week, alerts_per_week)


class Past(NamedTuple):
    """An archive's activations of one kind, in the order of publication."""

    kind: Kind
    published_ns: I64  # (N,)
    traits: Sequence[Traits]  # (N,)
    table: F64  # (N, T) as `traits.past_row`


class Alert(NamedTuple):
    """One alert of a replay."""

    row: int
    published_ns: int
    found: Unusual


class Replayed(NamedTuple):
    """What a reader of those years would have got."""

    closures: int
    weeks: float
    alerts: tuple[Alert, ...]


def replay(
    past: Past,
    from_ns: int,
    country: str,
    name: Words,
    alerts_per_week: float = ALERTS_PER_WEEK,
) -> Replayed:
    """Every activation published at or after `from_ns`, against only what was published before its week.

    The rate is that of the 52 weeks before; less where the archive is younger.
    """
    alerts: list[Alert] = []
    count = 0
    times = past.published_ns
    if not len(times):
        return Replayed(0, 0.0, ())
    last_ns = int(times[-1])
    week_ns = from_ns
    while week_ns <= last_ns:
        first, end = np.searchsorted(times, [week_ns, week_ns + WEEK_NS])
        year = np.searchsorted(times, week_ns - 52 * WEEK_NS)
        lasted = min(52.0, max(1.0, (week_ns - int(times[0])) / WEEK_NS))
        before = baseline(name, country, past.table[:first], float(first - year) / lasted)
        for row in range(int(first), int(end)):
            count += 1
            if before.n < LEAST_PAST:
                continue
            found = compare(past.traits[row], before, country)
            if is_alert(found, before, alerts_per_week):
                alerts.append(Alert(row, int(times[row]), found))
        week_ns += WEEK_NS
    return Replayed(count, (last_ns - from_ns) / WEEK_NS, tuple(alerts))
