"""UTC instants as int64 nanoseconds since 1970-01-01, and their words.

POSIX time is used as it is: leap seconds are not counted, as in every feed Windhover reads.
Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from windhover.errors import BadInput
from windhover.units import NS_PER_S

EARLIEST_NS = -(2**62)
"""An instant before every other; stands for "never seen yet" in kernels that need a number."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# 1990 … 2100: outside, a timestamp is an error of the source and not a moment of its flight.
PLAUSIBLE_FROM_NS = 631_152_000 * NS_PER_S
PLAUSIBLE_TO_NS = 4_102_444_800 * NS_PER_S


def from_iso(text: str) -> int:
    """Nanoseconds of an ISO 8601 instant; a time without zone is taken as UTC.

    >>> from_iso("2026-02-11T06:30Z")
    1770791400000000000

    Raises `BadInput` where the text is no instant.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a time.", "Write it as 2026-02-11T06:30:00Z.") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return from_datetime(instant)


def from_datetime(instant: datetime) -> int:
    """Nanoseconds of an aware `datetime`, exact to its microsecond."""
    return (instant - _EPOCH) // timedelta(microseconds=1) * 1000


def to_datetime(time_ns: int) -> datetime:
    """The aware UTC `datetime`, cut to the microsecond."""
    return _EPOCH + timedelta(microseconds=int(time_ns) // 1000)


def to_iso(time_ns: int) -> str:
    """ISO 8601 in UTC to the millisecond.

    >>> to_iso(1770791400000000000)
    '2026-02-11T06:30:00.000Z'
    """
    return to_datetime(time_ns).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_zulu(time_ns: int) -> str:
    """Hours and minutes with the pilot's Z: '06:30Z'."""
    return f"{to_datetime(time_ns):%H:%M}Z"


def to_notam(time_ns: int) -> str:
    """Ten figures YYMMDDHHMM in UTC (ICAO Doc 8126, items B and C)."""
    return f"{to_datetime(time_ns):%y%m%d%H%M}"


def from_seconds(seconds: float) -> int:
    """Nanoseconds of a POSIX time in seconds; microseconds are what a double can hold."""
    return round(seconds * 1e6) * 1000


def is_plausible(time_ns: int) -> bool:
    """Whether a source may have meant it: between 1990 and 2100."""
    return PLAUSIBLE_FROM_NS <= time_ns < PLAUSIBLE_TO_NS


def to_local(time_ns: int, rules: Sequence[tuple[int, int, str]]) -> datetime:
    """The aware local time by a zone's rules (from_ns, offset_s, abbreviation), oldest first.

    UTC where there are no rules: a wrong local time would be worse than none.
    """
    offset_s, name = 0, "UTC"
    for from_ns, rule_offset_s, abbreviation in rules:
        if from_ns <= time_ns:
            offset_s, name = rule_offset_s, abbreviation
    return to_datetime(time_ns).astimezone(timezone(timedelta(seconds=offset_s), name))
