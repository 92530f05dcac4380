"""Grade and exposure of an incident from instant to instant."""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.geo.context import Seen
from windhover.incidents import exposure as exposures
from windhover.incidents import grade as grades
from windhover.schema.cases import Exposure, Incident
from windhover.units import NS_PER_S

FALL_AFTER_NS: Final = 60 * NS_PER_S
"""A lower exposure must stand so long before it is believed; a higher one counts at once."""


def followed(
    incident: Incident,
    seen: Seen,
    row: int | None,
    now_exposed: Exposure | None,
    settled: bool,
    lower_ns: int | None,
    now_ns: int,
) -> tuple[Incident, int | None]:
    """The incident as graded now, and since when its exposure has been lower than it says.

    `row` is that of its object and `now_exposed` its exposure, None while it is not held; `settled`:
    it is explained. What the object turns out to be can explain it (E0) at any time; short of that,
    evidence once gathered is not lost. What is only watched keeps what it was last, save for proof.
    """
    rank = incident.grade
    watched = incident.state == "watched"
    if watched:
        now_exposed = None
    if row is not None:
        claims = grades.claims_about(seen.claims, incident.track_ids, incident.id)
        found = grades.grade_of_track(seen, row, claims, settled)
        if watched:
            rank = grades.higher(rank, found) if found == "E4" else rank
        else:
            rank = found if settled else grades.higher(rank, found)
    shown = incident.exposure
    if now_exposed is not None:
        order = exposures.ORDER.index
        if order(now_exposed) >= order(shown):
            shown, lower_ns = now_exposed, None
        elif lower_ns is None:
            lower_ns = now_ns
        elif now_ns - lower_ns >= FALL_AFTER_NS:
            shown, lower_ns = now_exposed, None
    if (rank, shown) == (incident.grade, incident.exposure):
        return incident, lower_ns
    return msgspec.structs.replace(incident, grade=rank, exposure=shown), lower_ns
