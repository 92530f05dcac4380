"""Airspace that a notice takes out of an area: a hole, or a piece on its own below some height."""

from __future__ import annotations

import msgspec

from windhover.notices.notam import draw
from windhover.notices.notam.model import Area, Limit
from windhover.schema.place import Point

_MOST_CUT = 12
"""Cuts worked out in one notice: real ones have one or two."""


def with_holes(areas: list[Area]) -> list[Area]:
    """Airspace taken out over the full height becomes a hole of the area it was said of.

    What is only taken out below some height, or has no area before it, or comes after the twelfth,
    stays on its own, marked `excluded`.
    """
    out: list[Area] = []
    cut = 0
    for area in areas:
        hole = _ring_of(area) if area.excluded and cut < _MOST_CUT else ()
        if hole and out and _ring_of(out[-1]) and _as_high(area, out[-1]):
            cut += 1
            before = out.pop()
            kept = draw.subtract(_ring_of(before), before.holes, hole)
            out += [
                msgspec.structs.replace(
                    before, kind="polygon", ring=ring, holes=holes, centre=None, radius_m=None
                )
                for ring, holes in kept
            ] or [before, area]
        else:
            out.append(area)
    return out


def _as_high(taken: Area, area: Area) -> bool:
    """Whether `taken` reaches from the surface to the top of `area`, or says no height at all."""
    if not taken.own_limits:
        return True
    low, high, top = taken.lower, taken.upper, area.upper
    return (
        low is not None
        and high is not None
        and low.datum == "SFC"
        and (high.datum == "UNL" or _not_below(high, top))
    )


def _not_below(high: Limit, top: Limit | None) -> bool:
    """Whether `high` reaches `top`; feet above the ground are not compared with others."""
    if top is None or top.metres is None or high.metres is None:
        return False
    return high.metres >= top.metres and (high.datum == "AGL") == (top.datum == "AGL")


def _ring_of(area: Area) -> tuple[Point, ...]:
    if area.kind == "circle" and area.centre is not None and area.radius_m is not None:
        return draw.circle(area.centre, area.radius_m)
    return area.ring if area.kind in ("polygon", "corridor") else ()
