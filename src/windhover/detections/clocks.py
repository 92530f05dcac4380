"""Whose clock is wrong, and by how much: told from the feed itself.

A message is measured, then received: the difference is its latency, small and jumpy. A difference of
minutes or hours that stays the same from message to message is not latency but a clock. Nothing is
corrected by itself: the offset is shown, and a person tells the feed's settings to take it off.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final, NamedTuple

from windhover.units import NS_PER_S

KEPT: Final = 64
NEEDED: Final = 5
"""Messages before anything is said of a clock."""
OFF_S: Final = 30.0
"""Less is latency, or a clock that the tracker's own tolerance covers."""
STEADY_S: Final = 5.0
"""Offsets of a wrong clock lie this close together, or within a twentieth of themselves."""
QUARTER_S: Final = 900.0
NEAR_QUARTER_S: Final = 20.0
APART_NS: Final = NS_PER_S // 5


class Offset(NamedTuple):
    """How far a source's clock is ahead of ours."""

    ahead_s: float  # negative: behind
    words: str


class ClockWatch:
    """The last differences between a source's clock and ours; one per source."""

    def __init__(self) -> None:
        self._ahead_s: deque[float] = deque(maxlen=KEPT)
        self._noted_ns = 0

    def note(self, measured_ns: int, received_ns: int) -> bool:
        """One message: when its source says it was measured, and when it came.

        Five a second are kept: a backlog that comes in one burst counts once. Returns whether this
        one was kept.
        """
        if self._ahead_s and 0 <= received_ns - self._noted_ns < APART_NS:
            return False
        self._noted_ns = received_ns
        self._ahead_s.append((measured_ns - received_ns) / NS_PER_S)
        return True

    def forget(self) -> None:
        """The source was corrected or connected anew."""
        self._ahead_s.clear()

    def offset(self) -> Offset | None:
        """The source's clock error, or None while it cannot be told from latency."""
        if len(self._ahead_s) < NEEDED:
            return None
        ahead_s = median(self._ahead_s)
        if abs(ahead_s) < OFF_S:
            return None
        spread_s = median(abs(one - ahead_s) for one in self._ahead_s)
        if spread_s > max(STEADY_S, 0.05 * abs(ahead_s)):
            return None
        return Offset(ahead_s, words_of(ahead_s))


def words_of(ahead_s: float) -> str:
    """'clock 3 h 00 min 01 s ahead' and what that looks like.

    >>> words_of(-10_800.4)
    'clock 3 h 00 min 00 s behind: looks like local time written as UTC'
    """
    whole = round(abs(ahead_s))
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    words = (
        f"{hours} h {minutes:02d} min {seconds:02d} s" if hours else f"{minutes} min {seconds} s"
    )
    words = f"clock {words} {'ahead' if ahead_s > 0 else 'behind'}"
    quarters = round(abs(ahead_s) / QUARTER_S)
    near = abs(abs(ahead_s) - quarters * QUARTER_S) <= NEAR_QUARTER_S
    if quarters and quarters <= 14 * 4 and near:
        return words + ": looks like local time written as UTC"
    return words
