"""From a night that was played to the story that is told of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from windhover.exercises.matching import match
from windhover.exercises.night import Night
from windhover.exercises.play import Played
from windhover.geo.frames import from_enu
from windhover.report import tell as words
from windhover.report.objects import column, maybe, told_object
from windhover.report.story import RealOrder, Story, Trail
from windhover.schema.cases import Incident, Notice, Question, Restriction
from windhover.schema.events import (
    ClaimRecorded,
    CountermeasureFiled,
    Event,
    FriendFiled,
    IncidentChanged,
    NoticeChanged,
    QuestionChanged,
    RestrictionChanged,
)
from windhover.score.simulate import Truth
from windhover.timescale import to_iso
from windhover.units import NS_PER_S


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
    return Story(
        title="El Paso night",
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
        real_order=RealOrder(lat_deg=31.8072, lon_deg=-106.3776),
        **_cases(played.events, night, start_ns, names),  # type: ignore[arg-type]  # columns of Story
    )


def _cases(
    events: Sequence[Event], night: Night, start_ns: int, names: dict[int, str]
) -> dict[str, object]:
    """Incidents, restrictions, notices, questions, claims and plans from what was said of them."""
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
                claims.append(words.claim(event.claim, start_ns))
            case FriendFiled():
                plans[event.friend.id] = words.friend(event.friend, start_ns)
            case CountermeasureFiled():
                plans[event.countermeasure.id] = words.countermeasure(
                    event.countermeasure, start_ns, event.withdrawn
                )
            case _:
                pass
    parties = {party.id: party.name for party in night.site.parties}
    lifted = {
        (n.party, n.restriction_id): n.sent_ns
        for n in notices.values()
        if n.kind == "lifted" and n.restriction_id
    }
    return {
        "incidents": tuple(words.incident(h, start_ns, names) for h in incidents.values()),
        "restrictions": tuple(words.restriction(r, start_ns) for r in restrictions.values()),
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
