"""Notices by round: the same word to several parties is one row, each party a column.

A night has a hundred and fifty notices and thirty occasions; people ask "when was it issued, and who
was last to know?", which is a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from windhover.report.story import StoryNotice

MOST_PARTIES = 9  # beyond, columns no longer fit a page and the plain list is better


class Round(NamedTuple):
    """One occasion: what was said of what, and each party's copy by the order of `parties`."""

    what: str
    about: str  # id of the restriction or incident
    sent_after_s: float | None  # of the first copy
    lifted_after_s: float | None  # the latest; None where any party was not told that it is over
    copies: tuple[StoryNotice | None, ...]


def parties(notices: Sequence[StoryNotice]) -> tuple[tuple[str, str], ...]:
    """Name and language of everybody who was told, in the order of their first notice."""
    return tuple(dict.fromkeys((n.party, n.language) for n in sorted(notices, key=sent)))


def sent(n: StoryNotice) -> tuple[bool, float]:
    """Order of sending; what never left comes last."""
    return n.sent_after_s is None, n.sent_after_s or 0.0


def rounds(notices: Sequence[StoryNotice]) -> list[Round]:
    """All notices, each in exactly one round, in the order of sending.

    A party that gets the same kind about the same thing again starts a new round.
    """
    columns = parties(notices)
    groups: list[dict[tuple[str, str], StoryNotice]] = []
    latest: dict[tuple[str, str], dict[tuple[str, str], StoryNotice]] = {}
    for n in sorted(notices, key=sent):
        key, who = (n.what, n.restriction_id or n.incident_id), (n.party, n.language)
        copies = latest.get(key)
        if copies is None or who in copies:
            copies = latest[key] = {}
            groups.append(copies)
        copies[who] = n
    made = []
    for copies in groups:
        first = next(iter(copies.values()))
        over = [n.lifted_after_s for n in copies.values()]
        known = [t for t in over if t is not None]
        made.append(
            Round(
                first.what,
                first.restriction_id or first.incident_id,
                first.sent_after_s,
                max(known) if len(known) == len(over) and first.kind != "lifted" else None,
                tuple(copies.get(who) for who in columns),
            )
        )
    return made


def waited_s(n: StoryNotice) -> float | None:
    """Seconds from sending to acknowledgement."""
    if n.sent_after_s is None or n.acknowledged_after_s is None:
        return None
    return n.acknowledged_after_s - n.sent_after_s
