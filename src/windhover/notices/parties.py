"""Who is told at which moment, in which order. Air traffic control comes first, always.

The neighbour is told with the request, before anything is published; what is lifted is told to
everyone who was told that it began.
"""

from __future__ import annotations

from typing import Final

from windhover.schema.cases import NoticeKind
from windhover.schema.place import Party, Site

RANK: Final = (
    "atc",
    "aerodrome",
    "authority",
    "neighbour",
    "hospital",
    "military",
    "border",
    "city",
)
"""The order within one moment; kinds that are not named come last."""

TOLD: Final[dict[NoticeKind, tuple[str, ...]]] = {
    "advice": ("atc", "aerodrome"),
    "request": ("atc", "authority", "military"),
    "issued": RANK,
    "lifted": RANK,
}
"""Kinds of party that every notice of that moment goes to; the table's other kinds have one reader."""


def rank(party: Party) -> int:
    """Place of a party in the order of telling."""
    return min((RANK.index(k) for k in party.kinds if k in RANK), default=len(RANK))


def recipients(
    site: Site, moment: NoticeKind, competent: str = "", told: tuple[str, ...] = ()
) -> tuple[Party, ...]:
    """The parties of a moment in the order in which they are told.

    `competent` is the authority that is asked; `told` are the ids of those who heard of it before,
    and hear how it ends whatever their kind.
    """
    kinds = TOLD.get(moment, ())
    chosen = [
        p
        for p in site.parties
        if any(k in kinds for k in p.kinds)
        or (moment == "request" and (p.id == competent or p.told_before_publication))
        or (moment in ("issued", "lifted") and p.id in told)
    ]
    return tuple(sorted(chosen, key=rank))


def by_id(site: Site, party_id: str) -> Party | None:
    """The party of that id."""
    return next((p for p in site.parties if p.id == party_id), None)


def duty(site: Site) -> Party | None:
    """Who answers here: the party of kind "duty", else the border cell, the authority, the first."""
    for kind in ("duty", "border", "authority"):
        for party in site.parties:
            if kind in party.kinds and party.country == site.country:
                return party
    return site.parties[0] if site.parties else None
