"""From a night that was played to the story that is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from windhover.exercises.matching import match
from windhover.exercises.night import Night
from windhover.exercises.play import Played
from windhover.geo.frames import from_enu
from windhover.report import tell as words
from windhover.report.objects import column, maybe, told_object
from windhover.report.story import Moment, RealOrder, Story, Trail
from windhover.schema.cases import Incident, Notice, Question, Restriction
from windhover.schema.events import (
    ClaimRecorded,
    CountermeasureFiled,
    Event,
    FriendFiled,
    IdentityChanged,
    IncidentChanged,
    NoticeChanged,
    QuestionChanged,
    RestrictionChanged,
)
from windhover.score.simulate import Truth
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

REAL_ORDERS: Final = {"el-paso": RealOrder(lat_deg=31.8072, lon_deg=-106.3776)}
"""Scenario → the order of the real night beside which its restrictions are shown."""


def story(played: Played, night: Night, seed: int) -> Story:
    """Everything that a report, a table or `--json` tells of one night."""
    start_ns = night.start_ns
    held = match(night.truth, played.history.glimpses)
    objects = tuple(
        told_object(
            played.history,
            played.picture,
            played.explanations,
            rows,
            start_ns,
            name=thing.name,
            truth=thing.kind,
            true_class=thing.of_class,
            true_trail=_true_trail(played, thing, start_ns),
        )
        for thing, rows in zip(night.truth, held, strict=True)
    )
    names = {track: thing.name for thing in objects for track in thing.track_ids}
    told = Story(
        mark="EXERCISE / EJERCICIO" if night.site.exercise else "",
        title=night.title,
        exercise=night.site.exercise,
        seed=seed,
        started=to_iso(start_ns),
        duration_s=(night.end_ns - start_ns) / NS_PER_S,
        local_timezone=night.site.local_timezone,
        objects=objects,
        site=words.place(night.site),
        journal_head=played.journal_head,
        journal_events=played.journal_events,
        journal_file="journal.sqlite",
        detections=played.detections,
        rejected=dict(played.rejected),
        real_order=REAL_ORDERS.get(night.name),
        **_cases(played.events, night, start_ns, names),  # type: ignore[arg-type]  # columns of Story
    )
    english, spanish = summary(told)
    return msgspec.structs.replace(
        told, summary=english, summary_es=spanish, timeline=timeline(played.events, start_ns, names)
    )


def summary(told: Story) -> tuple[str, str]:
    """Two sentences for the top of the page, in English and Spanish: counts, nothing else."""
    right = sum(thing.right is True for thing in told.objects)
    held = sum(bool(thing.track_ids) for thing in told.objects)
    issued = told.issued
    minutes = sum(r.used_minutes or 0.0 for r in told.restrictions)
    largest = max((r.area_km2 for r in issued), default=0.0)
    lifted = sum(r.ended_after_s is not None for r in issued)
    return (
        f"A simulated night: {held} objects were held, {right} of them named rightly. "
        f"Restrictions issued: {len(issued)}, the largest {largest:.0f} km², {minutes:.0f} minutes in all, "
        f"each for a declared hazard; lifted by their authority: {lifted}.",
        f"Una noche simulada: se siguieron {held} objetos, {right} nombrados correctamente. "
        f"Restricciones emitidas: {len(issued)}, la mayor de {largest:.0f} km², {minutes:.0f} minutos en total, "
        f"cada una por un peligro declarado; levantadas por su autoridad: {lifted}.",
    )


def timeline(
    events: Sequence[Event], start_ns: int, names: Mapping[int, str]
) -> tuple[Moment, ...]:
    """What a person would write into the watch log, in order."""
    moments: list[Moment] = []
    seen: set[tuple[str, str, str]] = set()

    def note(time_ns: int, kind: str, about: str, state: str, en: str, es: str) -> None:
        if (kind, about, state) not in seen:
            seen.add((kind, about, state))
            after = (time_ns - start_ns) / NS_PER_S
            moments.append(Moment(t_s=after, text=en, text_es=es, kind=kind, about=about))

    for event in events:
        match event:
            case IdentityChanged() if event.track_id in names and event.said != "unknown":
                name = names[event.track_id]
                note(
                    event.time_ns, "object", name, event.said, event.sentence.en, event.sentence.es
                )
            case IncidentChanged():
                one = event.incident
                note(event.time_ns, "incident", one.id, one.state, one.why.en, one.why.es)
            case RestrictionChanged():
                limit = event.restriction
                words_es = STATES_ES[limit.state]
                note(
                    event.time_ns,
                    "restriction",
                    limit.id,
                    limit.state,
                    f"{limit.id} ({limit.rung}) {limit.state}.",
                    f"{limit.id} ({limit.rung}) {words_es}.",
                )
            case QuestionChanged():
                q = event.question
                text = q.answer or q.text
                note(event.time_ns, "question", q.id, "answer" if q.answer else "asked", text, text)
            case CountermeasureFiled():
                plan = event.countermeasure
                what = "withdrawn" if event.withdrawn else "filed"
                que = "retirada" if event.withdrawn else "presentada"
                note(
                    event.time_ns,
                    "plan",
                    plan.id,
                    what,
                    f"{plan.operator}: {plan.means} activity {what}.",
                    f"{plan.operator}: actividad de {MEANS_ES[plan.means]} {que}.",
                )
            case _:
                pass
    return tuple(moments)


STATES_ES: Final = {
    "drafted": "en borrador",
    "requested": "solicitada",
    "issued": "emitida",
    "in force": "en vigor",
    "cancellation requested": "con cancelación solicitada",
    "cancelled": "cancelada",
    "lapsed": "caducada",
    "withdrawn": "retirada",
}
MEANS_ES: Final = {"laser": "láser", "jamming": "interferencia", "net": "red", "other": "otro tipo"}


def _cases(
    events: Sequence[Event], night: Night, start_ns: int, names: dict[int, str]
) -> dict[str, object]:
    """Incidents, restrictions, notices, questions, claims and plans from what was said of them."""
    parties = {party.id: party.name for party in night.site.parties}
    incidents: dict[str, list[Incident]] = {}
    restrictions: dict[str, Restriction] = {}
    notices: dict[str, Notice] = {}
    questions: dict[str, Question] = {}
    claims, plans = [], {}
    for event in events:
        match event:
            case IncidentChanged():
                incidents.setdefault(event.incident.id, []).append(event.incident)
            case RestrictionChanged():
                restrictions[event.restriction.id] = event.restriction
            case NoticeChanged():
                notices[event.notice.id] = event.notice
            case QuestionChanged():
                questions[event.question.id] = event.question
            case ClaimRecorded():
                who = parties.get(event.claim.party, event.claim.party)
                claims.append(words.claim(event.claim, start_ns, who))
            case FriendFiled():
                plans[event.friend.id] = words.friend(event.friend, start_ns)
            case CountermeasureFiled():
                plans[event.countermeasure.id] = words.countermeasure(
                    event.countermeasure, start_ns, event.withdrawn
                )
            case _:
                pass
    lifted = {
        (n.party, n.restriction_id): n.sent_ns
        for n in notices.values()
        if n.kind == "lifted" and n.restriction_id
    }
    return {
        "incidents": tuple(words.incident(h, start_ns, names) for h in incidents.values()),
        "restrictions": tuple(
            msgspec.structs.replace(
                words.restriction(r, start_ns), competent=parties.get(r.competent, r.competent)
            )
            for r in restrictions.values()
        ),
        "notices": tuple(
            words.notice(
                n, start_ns, parties.get(n.party, n.party), lifted.get((n.party, n.restriction_id))
            )
            for n in notices.values()
        ),
        "questions": tuple(
            words.question(q, start_ns, parties.get(q.party, q.party)) for q in questions.values()
        ),
        "claims": tuple(claims),
        "plans": tuple(plans.values()),
    }


def _true_trail(played: Played, thing: Truth, start_ns: int) -> Trail:
    step = max(1, round(8.0 * NS_PER_S / max(1, int(np.median(np.diff(thing.time_ns))))))
    latitude, longitude, _ = from_enu(played.picture.ground.frame, thing.position_enu_m[::step])
    return Trail(
        t_s=column((thing.time_ns[::step] - start_ns) / NS_PER_S, 1),
        lat_deg=column(np.degrees(latitude), 6),
        lon_deg=column(np.degrees(longitude), 6),
        height_ground_m=maybe(thing.height_ground_m[::step], 1),
    )
