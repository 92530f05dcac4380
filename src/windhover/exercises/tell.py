"""From a night that was played to the story that is told of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from windhover.exercises.night import Night

from windhover import identities
from windhover.exercises.history import History
from windhover.exercises.matching import match
from windhover.exercises.play import Played
from windhover.geo.frames import from_enu
from windhover.report import tell as words
from windhover.report.story import (
    EvidenceLine,
    Probabilities,
    RealOrder,
    Story,
    StoryObject,
    Trail,
    Velocities,
)
from windhover.schema.batches import ATTRIBUTES, CLASSES, F64, MOTIONS
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

TRAIL_EVERY_S = 4
SURE = 0.9
"""The probability at which an answer counts as decided."""


def story(played: Played, night: Night, seed: int) -> Story:
    """Everything that a report, a table or `--json` tells of one night."""
    start_ns = night.start_ns
    held = match(night.truth, played.history.glimpses)
    objects = tuple(
        told_object(played, thing, rows, start_ns)
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


def told_object(
    played: Played, thing: Truth, rows: list[tuple[int, int]], start_ns: int
) -> StoryObject:
    """One object: what it truly was, what was said of it last, when that was first sure, and why.

    `decided_after_s` counts from the first plot of the first track that held it.
    """
    kind = thing.kind
    if not rows:
        return StoryObject(
            name=thing.name,
            truth=kind,
            said="unknown",
            probability=0.0,
            sentence="Never held: no sensor saw it well enough for a track.",
            sentence_es="Nunca se le dio seguimiento: ningún sensor lo vio lo suficiente.",
        )
    history = played.history
    seen, row = history.glimpses[rows[-1][0]], rows[-1][1]
    said = int(seen.said[row])
    p = np.array([history.glimpses[i].probability[r] for i, r in rows])
    when = np.array([history.glimpses[i].now_ns for i, _ in rows])
    first_ns = int(history.glimpses[rows[0][0]].born_ns[rows[0][1]])
    sure = np.flatnonzero(
        (p[:, said] > SURE) & (np.array([history.glimpses[i].said[r] for i, r in rows]) == said)
    )
    decided = None if not len(sure) else float(when[sure[0]] - first_ns) / NS_PER_S
    track_ids = tuple(dict.fromkeys(int(history.glimpses[i].track_id[r]) for i, r in rows))
    why = _last_explanation(played, track_ids)
    return StoryObject(
        name=thing.name,
        truth=kind,
        said=CLASSES[said],
        probability=round(float(p[-1, said]), 4),
        decided_after_s=decided,
        sentence=why.sentence.en if why else "",
        sentence_es=why.sentence.es if why else "",
        would_settle=why.would_settle.en if why else "",
        evidence=tuple(
            EvidenceLine(
                source=item.source,
                sentence=item.sentence.en,
                sentence_es=item.sentence.es,
                weight=item.weight,
            )
            for item in (why.evidence if why else ())
        ),
        right=None if CLASSES[said] == "unknown" else CLASSES[said] == thing.of_class,
        track_ids=track_ids,
        motion=MOTIONS[int(seen.said_motion[row])] if seen.said_motion[row] >= 0 else "",
        attributes={
            name: {1: True, 0: False}.get(int(flag))
            for name, flag in zip(ATTRIBUTES, seen.attributes[row], strict=True)
        },
        first_seen_s=(first_ns - start_ns) / NS_PER_S,
        last_seen_s=(int(when[-1]) - start_ns) / NS_PER_S,
        trail=_trail(played, rows),
        true_trail=_true_trail(played, thing, start_ns),
        probabilities=Probabilities(
            t_s=_column((when[::TRAIL_EVERY_S] - start_ns) / NS_PER_S, 1),
            of={name: _column(p[::TRAIL_EVERY_S, k], 3) for k, name in enumerate(CLASSES)},
        ),
        velocities=_velocities(history, rows, start_ns),
    )


def _last_explanation(played: Played, track_ids: tuple[int, ...]) -> identities.Explanation | None:
    """The last words about an object, of the track that held it last."""
    for track_id in reversed(track_ids):
        if (why := played.explanations.get(track_id)) is not None:
            return why
    return None


def _column(values: F64, digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def _maybe(values: F64, digits: int) -> tuple[float | None, ...]:
    return tuple(round(float(v), digits) if np.isfinite(v) else None for v in values)


def _trail(played: Played, rows: list[tuple[int, int]]) -> Trail:
    picked = rows[::TRAIL_EVERY_S]
    seconds, latitude, longitude, height = played.history.places(played.picture, picked)
    vertical = played.picture.site.sector.vertical
    altitude = height - (np.nan if vertical.undulation_m is None else vertical.undulation_m)
    ground = vertical.ground_altitude_amsl_m
    return Trail(
        t_s=_column(seconds, 1),
        lat_deg=_column(latitude, 6),
        lon_deg=_column(longitude, 6),
        altitude_amsl_m=_maybe(altitude, 1),
        height_ground_m=_maybe(altitude - (np.nan if ground is None else ground), 1),
    )


def _true_trail(played: Played, thing: Truth, start_ns: int) -> Trail:
    step = max(1, round(8.0 * NS_PER_S / max(1, int(np.median(np.diff(thing.time_ns))))))
    latitude, longitude, _ = from_enu(played.picture.ground.frame, thing.position_enu_m[::step])
    return Trail(
        t_s=_column((thing.time_ns[::step] - start_ns) / NS_PER_S, 1),
        lat_deg=_column(np.degrees(latitude), 6),
        lon_deg=_column(np.degrees(longitude), 6),
        height_ground_m=_maybe(thing.height_ground_m[::step], 1),
    )


def _velocities(history: History, rows: list[tuple[int, int]], start_ns: int) -> Velocities:
    """Ground velocity from the track, wind as it was then known."""
    picked = [(i, row) for i, row in rows if i in history.airflows]
    if not picked:
        return Velocities()
    ground = np.array([history.glimpses[i].state_enu[row, 3:5] for i, row in picked])
    air = np.array([history.airflows[i].mean_m_s[row] for i, row in picked])
    sigma = np.array([history.airflows[i].sigma_m_s[row] for i, row in picked])
    when = np.array([history.glimpses[i].now_ns for i, _ in picked])
    return Velocities(
        t_s=_column((when - start_ns) / NS_PER_S, 1),
        ground_east_m_s=_column(ground[:, 0], 2),
        ground_north_m_s=_column(ground[:, 1], 2),
        wind_east_m_s=_maybe(air[:, 0], 2),
        wind_north_m_s=_maybe(air[:, 1], 2),
        wind_sigma_m_s=_maybe(sigma, 2),
    )
