"""How many rows a step may take, learnt from what the steps before cost.

The cost of a row is not a constant: a sensor that repeats itself within a tenth of a second costs the
tracker many times what the others do. So the pace grows carefully, never beyond twice what a step
has shown to be possible, and falls at once where one took too long.
"""

from __future__ import annotations

from typing import Final

GROWTH: Final = 1.25
SHOWN: Final = 2
HALF: Final = 0.5
"""One step that the machine held up costs no more than half."""
LEAST_ROWS_A_S: Final = 10_000.0
"""No less than this: the steady feeds of a site that this machine is large enough for."""


class Pace:
    """`rows` that the next step may take."""

    def __init__(self, step_s: float, share: float = 0.7) -> None:
        """Steps begin every `step_s`; taking rows in may use `share` of that."""
        self.budget_s = step_s * share
        self.least = round(LEAST_ROWS_A_S * step_s)
        self.rows = self.least

    def done(self, rows: int, took_s: float) -> None:
        """A step took in so many rows, and so long for them."""
        if took_s > self.budget_s:
            fits = min(rows, self.rows) * self.budget_s / took_s
            self.rows = max(self.least, round(max(fits, HALF * self.rows)))
        elif SHOWN * rows > self.rows:
            self.rows = min(round(GROWTH * self.rows), SHOWN * rows)
