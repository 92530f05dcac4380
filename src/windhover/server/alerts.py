"""What must reach a person's ears: a pure fold of events into alerts, so that a restart knows them again.

Rate-limited: the same thing within a minute is counted and not told again, unless it is more severe or news
after what somebody has acknowledged; beyond `NEW_PER_MINUTE` new ones a minute only one says how many more
there were. What is urgent is always told.

Latched: a level that an incident had within the last `QUIET_NS` has been told, so an object that goes in and
out of an approach surface rings once. It rings again when it is worse than that, or comes back after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import msgspec

from windhover.schema.cases import Incident, Words
from windhover.schema.events import (
    Event,
    IncidentChanged,
    LogWritten,
    NoticeChanged,
    QuestionChanged,
    Reminder,
    RestrictionChanged,
)
from windhover.schema.place import Party
from windhover.units import NS_PER_MIN

SAME_WITHIN_NS: Final = NS_PER_MIN
QUIET_NS: Final = 3 * NS_PER_MIN
"""A level is news again when the incident has been below it, or only watched, for longer than this.

`incidents` believes a lower exposure or a gone cause after a minute: about four minutes in all.
"""
NEW_PER_MINUTE: Final = 10
KEPT: Final = 300
EXPOSURES: Final = ("X0", "X1", "X2", "X3")
GRADES: Final = ("E0", "E1", "E2", "E3", "E4")
Level = Literal["notice", "warning", "urgent"]


class Alert(msgspec.Struct, frozen=True):
    """One thing to be acknowledged by name."""

    id: str  # "A1", "A2" …
    time_ns: int
    severity: Level
    kind: str  # incident, risen, reminder, notice, question, lapsed, more
    about: str  # id of an incident, restriction, notice or question
    words: Words
    count: int = 1  # how often within a minute of each other
    acknowledged_by: str = ""
    acknowledged_ns: int | None = None


class Known(NamedTuple):
    """What people have been told of an incident."""

    now: tuple[
        str, ...
    ]  # the levels that it has: its grade and, while its cause stands, its exposure
    had_ns: Mapping[str, int]  # level → when it last had it, before those


class Found(NamedTuple):
    """What an event may ask a person to hear."""

    level: Level
    kind: str
    about: str
    words: Words
    news: bool = False  # nobody can have acknowledged it, even where the severity is the same


class Alerts(NamedTuple):
    """The newest alerts, and what is needed to know what is new."""

    alerts: tuple[Alert, ...] = ()
    number: int = 0
    known: Mapping[str, Known] = MappingProxyType({})
    """by incident, open and watched ones"""


def see(held: Alerts, events: Iterable[Event], parties: Iterable[Party] = ()) -> Alerts:
    """The alerts after these events. People know parties by name: `parties` are the site's."""
    names = {party.id: party.name for party in parties}
    for event in events:
        if isinstance(event, LogWritten):
            if event.entry.kind == "alert":
                held = _acknowledged(held, event)
            continue
        found = _of(held, event, names)
        if isinstance(event, IncidentChanged):
            held = held._replace(known=_knowing(held, event))
        if found is not None:
            held = _put(held, event.time_ns, found)
    return held


def _knowing(held: Alerts, event: IncidentChanged) -> dict[str, Known]:
    known, incident = dict(held.known), event.incident
    before = known.pop(incident.id, Known((), {}))
    if incident.state != "closed":
        had_ns = {**before.had_ns, **dict.fromkeys(before.now, event.time_ns)}
        known[incident.id] = Known(_levels(incident), had_ns)
    return known


def _levels(incident: Incident) -> tuple[str, ...]:
    # What is only watched keeps the exposure that it had: that is no exposure of now.
    watched = incident.state == "watched"
    return (incident.grade,) if watched else (incident.grade, incident.exposure)


def _of(held: Alerts, event: Event, names: Mapping[str, str]) -> Found | None:
    match event:
        case IncidentChanged(incident=incident) if incident.state != "closed":
            return _incident(held.known.get(incident.id), incident, event.time_ns)
        case Reminder():
            return Found("warning", "reminder", event.about, event.words)
        case NoticeChanged(notice=notice) if notice.state in ("escalated", "failed"):
            name, state = names.get(notice.party, notice.party), _NOTICE[notice.state]
            words = Words(
                f"{notice.id} to {name}: {state.en}.", f"{notice.id} a {name}: {state.es}."
            )
            return Found("warning", "notice", notice.id, words)
        case QuestionChanged(question=question) if not question.answer:
            name = names.get(question.party, question.party)
            words = Words(
                f"{name} asks ({question.id}) and waits for an answer.",
                f"{name} pregunta ({question.id}) y espera respuesta.",
            )
            level: Level = "urgent" if question.escalated_ns is not None else "warning"
            return Found(level, "question", question.id, words)
        case RestrictionChanged(restriction=restriction) if restriction.state == "lapsed":
            return Found(
                "warning",
                "lapsed",
                restriction.id,
                Words(
                    f"The proposal {restriction.id} has lapsed: nobody renewed it.",
                    f"La propuesta {restriction.id} ha caducado: nadie la renovó.",
                ),
            )
        case _:
            return None


_NOTICE: Final = {
    "escalated": Words("not acknowledged in time, escalated", "sin acuse a tiempo, escalado"),
    "failed": Words("could not be delivered", "no se pudo entregar"),
}


EXPOSURE_WORDS: Final = {
    "X0": Words("no traffic conflict", "sin conflicto con el tránsito"),
    "X1": Words("near traffic", "cerca del tránsito"),
    "X2": Words("approach or departure surface", "superficie de aproximación o salida"),
    "X3": Words(
        "runway, or less than 2 min to a conflict", "pista, o menos de 2 min para un conflicto"
    ),
}


def _incident(known: Known | None, incident: Incident, time_ns: int) -> Found | None:
    new = _levels(incident)
    level: Level = "urgent" if "X2" in new or "X3" in new else "warning"
    if known is None:
        return Found(level, "incident", incident.id, incident.why, news=True)
    told = {k for k, had_ns in known.had_ns.items() if time_ns - had_ns <= QUIET_NS}
    told.update(known.now)
    if not _above(EXPOSURES, new, told) and not _above(GRADES, new, told):
        return None
    return Found(level, "risen", incident.id, _risen(incident), news=True)


def _risen(incident: Incident) -> Words:
    now = Words(incident.grade, incident.grade)
    if incident.exposure in _levels(incident):
        exposure = EXPOSURE_WORDS[incident.exposure]
        now = Words(
            f"{incident.exposure} ({exposure.en}), {incident.grade}",
            f"{incident.exposure} ({exposure.es}), {incident.grade}",
        )
    return Words(
        f"{incident.id} is now {now.en}: {incident.why.en}",
        f"{incident.id} ahora es {now.es}: {incident.why.es}",
    )


def _above(order: tuple[str, ...], new: tuple[str, ...], told: set[str]) -> bool:
    """Whether the level of this order that is now is higher than all of it that was told."""
    now, most = (max((order.index(k) for k in of if k in order), default=-1) for of in (new, told))
    return now > most


def _put(held: Alerts, time_ns: int, found: Found) -> Alerts:
    place = _again(held, time_ns, found)
    if place is not None:
        old = held.alerts[place]
        again = msgspec.structs.replace(old, count=old.count + 1, words=found.words)
        return _with(held, place, again)
    fresh = [a for a in held.alerts[-NEW_PER_MINUTE:] if time_ns - a.time_ns <= NS_PER_MIN]
    if len(fresh) >= NEW_PER_MINUTE and found.level != "urgent":
        return _one_more(held, time_ns)
    return _new(held, time_ns, found)


def _again(held: Alerts, time_ns: int, found: Found) -> int | None:
    """Which alert has just told the same; a more severe one has its own tone, so it is another alert."""
    place = _last(held, time_ns, found.kind, found.about)
    if place is None:
        return None
    old = held.alerts[place]
    heard = bool(old.acknowledged_by) and found.news
    return None if heard or old.severity != found.level else place


def _one_more(held: Alerts, time_ns: int) -> Alerts:
    place = _last(held, time_ns, "more", "")
    # What was acknowledged said another number.
    if place is None or held.alerts[place].acknowledged_by:
        return _new(held, time_ns, Found("warning", "more", "", _more(1)))
    n = held.alerts[place].count + 1
    return _with(held, place, msgspec.structs.replace(held.alerts[place], count=n, words=_more(n)))


def _last(held: Alerts, time_ns: int, kind: str, about: str) -> int | None:
    for place in range(len(held.alerts) - 1, -1, -1):
        old = held.alerts[place]
        if time_ns - old.time_ns > SAME_WITHIN_NS:
            return None
        if (old.kind, old.about) == (kind, about):
            return place
    return None


def _new(held: Alerts, time_ns: int, found: Found) -> Alerts:
    number = held.number + 1
    alert = Alert(f"A{number}", time_ns, found.level, found.kind, found.about, found.words)
    return held._replace(alerts=(*held.alerts, alert)[-KEPT:], number=number)


def _more(n: int) -> Words:
    if n == 1:
        return Words("1 more alert within a minute.", "1 alerta más en un minuto.")
    return Words(f"{n} more alerts within a minute.", f"{n} alertas más en un minuto.")


def _acknowledged(held: Alerts, event: LogWritten) -> Alerts:
    for place, alert in enumerate(held.alerts):
        if alert.id == event.entry.about and not alert.acknowledged_by:
            done = msgspec.structs.replace(
                alert, acknowledged_by=event.entry.by, acknowledged_ns=event.time_ns
            )
            return _with(held, place, done)
    return held


def _with(held: Alerts, place: int, alert: Alert) -> Alerts:
    alerts = list(held.alerts)
    alerts[place] = alert
    return held._replace(alerts=tuple(alerts))
