"""Scenarios with known truth. `SCENARIOS` is the table of names; each makes a `Night` from a seed.

Everything in them is marked as an exercise: their sites say so, and every output of such a site starts
EXERCISE / EJERCICIO. Addresses are under the reserved domain "example".
"""

from collections.abc import Callable
from typing import Final

from windhover.exercises import el_paso, gatwick, vilnius
from windhover.exercises.night import Night, Person

SCENARIOS: Final[dict[str, Callable[[int], Night]]] = {
    "el-paso": el_paso.night,
    "gatwick": gatwick.night,
    "vilnius": vilnius.night,
}
"""Name → night(seed)."""

__all__ = ["SCENARIOS", "Night", "Person"]
