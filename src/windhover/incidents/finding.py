"""What a rule hands to the life cycle."""

from __future__ import annotations

from typing import Literal, NamedTuple

from windhover.schema.cases import Grade, Hazard, Words

Family = Literal["intruder", "drifter", "plan", "filed"]
"""One object is one incident per family: a drone over two zones is one, a drone that turns out to be a
balloon is another."""


class Finding(NamedTuple):
    """One thing that stands out at one instant."""

    rule: str
    family: Family
    about: str  # what makes it the same cause next time: "", a zone's id or a countermeasure's
    track_id: int | None
    hazard: Hazard
    why: Words
    persist_s: float  # how long it must stand before it becomes an incident
    zone_id: str | None = None
    said: int = -1  # row of CLASSES when it was found
    grade: Grade = "E0"  # of the evidence, where no single track carries it
