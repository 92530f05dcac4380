"""The registers of the desk, and how a row is put into them. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from windhover import notices
from windhover.schema import commands as do
from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Incident,
    Notice,
    NoticeKind,
    Question,
    Restriction,
    Words,
)
from windhover.schema.events import (
    CommandRefused,
    Event,
    NoticeChanged,
)
from windhover.schema.place import Point, Site
from windhover.timescale import to_local
from windhover.units import NS_PER_H


class Desk(NamedTuple):
    """The registers, each in the order of its numbers."""

    friends: tuple[Friend, ...]
    countermeasures: tuple[Countermeasure, ...]
    claims: tuple[Claim, ...]
    restrictions: tuple[Restriction, ...]
    notices: tuple[Notice, ...]
    questions: tuple[Question, ...]
    numbers: dict[str, int]  # letter → the last number given
    drafted_for: dict[str, tuple[str, str]]  # incident → (grade, exposure) of its last draft
    ticked_ns: int  # the last tick, for what fell due since


Said = tuple[Desk, tuple[Event, ...]]


def start() -> Desk:
    """An empty desk."""
    return Desk((), (), (), (), (), (), {}, {}, 0)


def flying(desk: Desk, now_ns: int) -> tuple[Friend, ...]:
    """The friendly flights whose time is not long over: those that may explain a track."""
    return tuple(f for f in desk.friends if f.to_ns >= now_ns - NS_PER_H)


def local_clock(site: Site) -> Callable[[int, str], datetime]:
    """(time_ns, IANA zone) → local time, by the rules that the site brought."""

    def local(time_ns: int, zone: str) -> datetime:
        rules = site.zone_rules.get(zone, ())
        return to_local(time_ns, [(r.from_ns, r.offset_s, r.abbreviation) for r in rules])

    return local


def tell(
    desk: Desk,
    site: Site,
    about: Restriction | Incident,
    moment: NoticeKind,
    now_ns: int,
    place: Point | None = None,
) -> Said:
    """Compose for every party of that moment, air traffic control first."""
    told = tuple(
        dict.fromkeys(
            n.party
            for n in desk.notices
            if isinstance(about, Restriction) and n.restriction_id == about.id
        )
    )
    composed = notices.compose(
        site,
        about,
        moment,
        next_number(desk, "N"),
        now_ns,
        local_clock(site),
        told=told,
        place=place,
    )
    return post(desk, composed, now_ns)


def post(desk: Desk, composed: tuple[Notice, ...], now_ns: int) -> Said:
    desk = count(desk, "N", len(composed))._replace(notices=(*desk.notices, *composed))
    return desk, tuple(NoticeChanged(now_ns, notice) for notice in composed)


def missing(command: do.Command, en: str, es: str, now_ns: int) -> CommandRefused:
    return CommandRefused(
        now_ns, type(command).__name__, command.by, Words(f"There is no {en}.", f"No existe {es}.")
    )


def next_number(desk: Desk, letter: str) -> int:
    return desk.numbers.get(letter, 0) + 1


def count(desk: Desk, letter: str, n: int) -> Desk:
    return desk._replace(numbers={**desk.numbers, letter: desk.numbers.get(letter, 0) + n})


def put_restriction(desk: Desk, new: Restriction) -> Desk:
    return desk._replace(
        restrictions=tuple(new if r.id == new.id else r for r in desk.restrictions)
    )


def put_notice(desk: Desk, new: Notice) -> Desk:
    return desk._replace(notices=tuple(new if n.id == new.id else n for n in desk.notices))


def put_question(desk: Desk, new: Question) -> Desk:
    return desk._replace(questions=tuple(new if q.id == new.id else q for q in desk.questions))
