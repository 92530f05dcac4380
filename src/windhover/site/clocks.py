"""The rules of time zones, read from the IANA database once and passed to the core as structs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from windhover.schema.place import ZoneRule
from windhover.timescale import from_datetime

FROM: Final = datetime(2015, 1, 1, tzinfo=UTC)
TO: Final = datetime(2040, 1, 1, tzinfo=UTC)


def zone_rules(names: Iterable[str]) -> dict[str, tuple[ZoneRule, ...]]:
    """IANA zone → its rules from 2015 to 2040, oldest first; the first one holds before, too."""
    return {name: _rules(name) for name in sorted(set(names)) if name}


@cache
def _rules(name: str) -> tuple[ZoneRule, ...]:
    zone = ZoneInfo(name)

    def shown(at: datetime) -> tuple[int, str]:
        local = at.astimezone(zone)
        offset = local.utcoffset() or timedelta()
        return int(offset.total_seconds()), local.tzname() or name

    rules = [ZoneRule(-(2**62), *shown(FROM))]
    at, step = FROM, timedelta(days=7)
    while at < TO:
        if shown(at) != shown(at + step):
            # Bisect to the minute in which the clocks change.
            low, high = at, at + step
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if shown(middle) == shown(low) else (low, middle)
            change = high.replace(second=0, microsecond=0)
            rules.append(ZoneRule(from_datetime(change), *shown(high)))
        at += step
    return tuple(rules)
