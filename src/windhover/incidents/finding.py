"""What a rule hands to the life cycle."""

from __future__ import annotations

from typing import NamedTuple

from windhover.schema.cases import Hazard, Words


class Finding(NamedTuple):
    """One thing that stands out at one instant."""

    rule: str
    about: str  # what makes it the same thing next time: "" , a zone's id or a countermeasure's
    track_id: int | None
    hazard: Hazard
    why: Words
    persist_s: float  # how long it must stand before it becomes an incident
    zone_id: str | None = None
