"""What must reach a person's ears: a pure fold of events into alerts, so that a restart knows them again.

Rate-limited: the same thing within a minute is counted and not told again, unless it is worse than what
somebody has acknowledged; beyond `NEW_PER_MINUTE` new ones a minute only one says how many more there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

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
from windhover.units import NS_PER_MIN

SAME_WITHIN_NS: Final = NS_PER_MIN
NEW_PER_MINUTE: Final = 10
KEPT: Final = 300
EXPOSURES: Final = ("X0", "X1", "X2", "X3")
GRADES: Final = ("E0", "E1", "E2", "E3", "E4")
Level = Literal["notice", "warning", "urgent"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


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


class Alerts(NamedTuple):
    """The newest alerts, and what is needed to know what is new."""

    alerts: tuple[Alert, ...] = ()
    number: int = 0
    known: Mapping[str, tuple[str, str]] = MappingProxyType({})
    """incident → (grade, exposure) last told"""


def see(held: Alerts, events: Iterable[Event]) -> Alerts:
    """The alerts after these events."""
    for event in events:
        if isinstance(event, LogWritten):
            if event.entry.kind == "alert":
                held = _acknowledged(held, event)
            continue
        found = _of(held, event)
        if isinstance(event, IncidentChanged):
            incident = event.incident
            known = {**held.known, incident.id: (incident.grade, incident.exposure)}
            if incident.state == "closed":
                known.pop(incident.id)
            held = held._replace(known=known)
        if found is not None:
            held = _put(held, event.time_ns, *found)
    return held


def _of(held: Alerts, event: Event) -> tuple[Level, str, str, Words] | None:
    match event:
        case IncidentChanged(incident=incident) if incident.state != "closed":
            return _incident(held, incident)
        case Reminder():
            return "warning", "reminder", event.about, event.words
        case NoticeChanged(notice=notice) if notice.state in ("escalated", "failed"):
            return (
                "warning",
                "notice",
                notice.id,
                Words(
                    f"{notice.id} to {notice.party}: {_NOTICE[notice.state].en}.",
                    f"{notice.id} a {notice.party}: {_NOTICE[notice.state].es}.",
                ),
            )
        case QuestionChanged(question=question) if not question.answer:
            return (
                "urgent" if question.escalated_ns is not None else "warning",
                "question",
                question.id,
                Words(
                    f"{question.party} asks ({question.id}) and waits for an answer.",
                    f"{question.party} pregunta ({question.id}) y espera respuesta.",
                ),
            )
        case RestrictionChanged(restriction=restriction) if restriction.state == "lapsed":
            return (
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


def _incident(held: Alerts, incident: Incident) -> tuple[Level, str, str, Words] | None:
    before = held.known.get(incident.id)
    level: Level = "urgent" if incident.exposure in ("X2", "X3") else "warning"
    if before is None:
        return level, "incident", incident.id, incident.why
    grade, exposure = before
    rises = EXPOSURES.index(incident.exposure) > EXPOSURES.index(exposure)
    if not rises and GRADES.index(incident.grade) <= GRADES.index(grade):
        return None
    words = Words(
        f"{incident.id} is now {incident.grade}, {incident.exposure}: {incident.why.en}",
        f"{incident.id} ahora es {incident.grade}, {incident.exposure}: {incident.why.es}",
    )
    return level, "risen", incident.id, words


def _put(held: Alerts, time_ns: int, level: Level, kind: str, about: str, words: Words) -> Alerts:
    for place in range(len(held.alerts) - 1, -1, -1):
        old = held.alerts[place]
        if time_ns - old.time_ns > SAME_WITHIN_NS:
            break
        if (old.kind, old.about) == (kind, about):
            worse = LEVELS.index(level) > LEVELS.index(old.severity)
            if old.acknowledged_by and worse:
                break  # nobody has acknowledged this
            level = level if worse else old.severity
            again = msgspec.structs.replace(old, count=old.count + 1, words=words, severity=level)
            return _with(held, place, again)
    fresh = [a for a in held.alerts[-NEW_PER_MINUTE:] if time_ns - a.time_ns <= NS_PER_MIN]
    if len(fresh) >= NEW_PER_MINUTE:
        last = held.alerts[-1]
        if last.kind == "more":
            n = last.count + 1
            return _with(held, -1, msgspec.structs.replace(last, count=n, words=_more(n)))
        level, kind, about, words = "warning", "more", "", _more(1)
    alert = Alert(f"A{held.number + 1}", time_ns, level, kind, about, words)
    return held._replace(alerts=(*held.alerts, alert)[-KEPT:], number=held.number + 1)


def _more(n: int) -> Words:
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
