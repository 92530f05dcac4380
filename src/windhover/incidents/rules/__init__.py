"""One module per rule, each with a page of the same name that gives its sources.

A rule is `find(seen, memory, now_ns) -> tuple[Finding, ...]`: what stands out at this instant. How
long it must stand, and what becomes of it, is the life cycle's business.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Final

from windhover.geo.context import Seen
from windhover.incidents.finding import Finding
from windhover.incidents.rules import (
    border_crossing,
    drifting_object,
    more_than_filed,
    traffic_conflict,
    uncoordinated_countermeasure,
    zone_entry,
)

_MODULES: Final[tuple[ModuleType, ...]] = (
    border_crossing,
    zone_entry,
    drifting_object,
    traffic_conflict,
    more_than_filed,
    uncoordinated_countermeasure,
)
Rule = Callable[[Seen, dict[int, int], int], tuple[Finding, ...]]
RULES: Final[dict[str, Rule]] = {m.__name__.rsplit(".", 1)[-1]: m.find for m in _MODULES}
"""Name → rule, in the order in which they are asked."""
