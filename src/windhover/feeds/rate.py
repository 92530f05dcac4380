"""How much comes a second, of late."""

from __future__ import annotations

from typing import Final

from windhover.units import NS_PER_S

SECONDS: Final = 10


class Rate:
    """Counts of the present second and of the ten before it; nothing else is kept."""

    def __init__(self) -> None:
        self._second = [-1] * (SECONDS + 1)
        self._count = [0] * (SECONDS + 1)

    def note(self, n: int, at_ns: int) -> None:
        """So many came at that time."""
        second = at_ns // NS_PER_S
        k = second % len(self._second)
        if self._second[k] != second:
            self._second[k], self._count[k] = second, 0
        self._count[k] += n

    def per_s(self, now_ns: int) -> float:
        """Mean of the ten whole seconds before this one, 1/s."""
        now = now_ns // NS_PER_S
        held = zip(self._second, self._count, strict=True)
        return sum(n for second, n in held if now - SECONDS <= second < now) / SECONDS
