"""What the machine-readable forms of one restriction share: who says it, where, when, how sure.

Read by `ed318`, `geojson` and `cap`. What has no number of the authority is a draft in every form,
an exercise an exercise, and neither can be taken for the other thing by a program that reads only
titles and states.
"""

from __future__ import annotations

import msgspec

from windhover.errors import BadInput
from windhover.notices.notam.draw import circle
from windhover.notices.notam.encode import DRAFT_HEADER, EXERCISE_HEADER
from windhover.schema.cases import Volume, Words
from windhover.schema.place import Point
from windhover.timescale import to_iso
from windhover.units import DEG_PER_RAD

_DECIMALS = 7  # of a degree: a centimetre


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One restriction as it would be published."""

    identifier: str  # of the site, at most 7 characters where ED-318 is to be written
    country: str  # ISO 3166 alpha-3, "USA"
    title: Words
    reason: Words
    volume: Volume
    from_ns: int
    to_ns: int
    composed_ns: int
    authority: str  # who is competent
    contact: str  # an address or a telephone number of theirs
    authority_number: str = ""  # empty = not issued
    exercise: bool = False
    uncertain: Words | None = None  # what of the outline is not certain, "line accurate to 16 m"

    @property
    def issued(self) -> bool:
        return bool(self.authority_number)


def marked(publication: Publication, words: str) -> str:
    """The title with the marks that an exercise or a draft must carry."""
    if publication.exercise:
        return f"{EXERCISE_HEADER}: {words}"
    return words if publication.issued else f"{DRAFT_HEADER}: {words}"


def refuse_numbered_exercise(publication: Publication) -> None:
    """Raises `BadInput`: an exercise with an authority's number must not leave the house."""
    if publication.exercise and publication.issued:
        raise BadInput("An exercise cannot carry an authority's number.")


def position(point: Point) -> list[float]:
    """Longitude and latitude in degrees (RFC 7946)."""
    return [
        round(point.longitude_rad * DEG_PER_RAD, _DECIMALS),
        round(point.latitude_rad * DEG_PER_RAD, _DECIMALS),
    ]


def closed_ring(volume: Volume) -> list[list[float]]:
    """The outline anticlockwise and closed, as RFC 7946 asks; a circle with 72 corners."""
    corners = volume.polygon
    if volume.centre is not None and volume.radius_m is not None:
        corners = circle(volume.centre, volume.radius_m)
    ring = [position(corner) for corner in corners]
    doubled = sum(
        (b[0] - a[0]) * (b[1] + a[1]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    )
    if doubled > 0:
        ring.reverse()
    return [*ring, ring[0]]


def instant(time_ns: int) -> str:
    """'2026-02-11T06:30:00Z'."""
    return to_iso(time_ns)[:19] + "Z"
