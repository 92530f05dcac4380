"""Circles around a place that the words name without a position: an aerodrome, a navaid.

The position comes from the caller's table of places, or for an aerodrome's reference point from
the Q-line's centre, which is known to the minute only: the area says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from windhover.notices.notam.joints import metres
from windhover.notices.notam.model import Area, Limit, QLine, Span
from windhover.schema.place import Point

_AROUND = re.compile(
    r"(\d{1,3}(?:[.,]\d{1,3})?)\s?(NM|KM|M)\s?-?(?:RADIUS|RAD|CIRCLE)\s+(?:OF|FM|FROM|AROUND|CENTRED ON|CENTERED ON|ON)?\s*(?:THE )?(?:PSN )?"
    r"([A-Z]{3,4}\b|ARP|AD|AERODROME|AIRPORT)"
)
_REFERENCE = frozenset(("ARP", "AD", "AERODROME", "AIRPORT"))


def areas_without_positions(
    text: str,
    q: QLine | None,
    lower: Limit | None,
    upper: Limit | None,
    places: Mapping[str, Point] | None,
) -> tuple[Area, ...]:
    """At most one circle; nothing where the place is not known."""
    found = _AROUND.search(text)
    if not found:
        return ()
    name = found.group(3)
    centre: Point | None = None
    uncertain: tuple[str, ...] = ()
    if places is not None:
        centre = places.get(name) or places.get("K" + name)
    if centre is None and name in _REFERENCE and q is not None and q.centre is not None:
        if "A" not in q.scope:
            return ()
        centre = q.centre
        uncertain = ("the centre is item Q's, known to the minute only",)
    if centre is None:
        return ()
    radius_m = metres(found.group(1), found.group(2))
    span = Span(found.start(), found.end())
    return (
        Area("circle", (), centre, radius_m, lower, upper, False, name, False, uncertain, span),
    )
