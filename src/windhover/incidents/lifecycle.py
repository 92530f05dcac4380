"""What becomes of a finding: it must stand, becomes an incident, is watched, is closed by a person.

One object is one incident per family of rules, whatever number of tracks it is held by and of rules
it meets. No incident ends by itself: when its cause is gone it is *watched*, and a person closes it
with a verdict and a reason.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import numpy as np

from windhover.geo.context import Seen
from windhover.incidents.exposure import of_tracks, of_volume
from windhover.incidents.finding import Family, Finding
from windhover.incidents.follow import followed
from windhover.incidents.gate import drifts, explained
from windhover.incidents.phrases import what_words
from windhover.incidents.rules import RULES
from windhover.incidents.rules.border_crossing import remember
from windhover.schema.cases import Incident, IncidentState, Words
from windhover.schema.commands import CloseIncident
from windhover.units import NS_PER_MIN, NS_PER_S

TRANSITIONS: Final[dict[tuple[IncidentState, str], IncidentState]] = {
    ("open", "cause gone"): "watched",
    ("watched", "cause back"): "open",
    ("open", "CloseIncident"): "closed",
    ("watched", "CloseIncident"): "closed",
}
"""(state, what happened) → state; every other pair leaves the incident as it is."""

GONE_AFTER_NS: Final = 60 * NS_PER_S
REBORN_WITHIN_NS: Final = 60 * NS_PER_S
REBORN_SPEED_M_S: Final = 30.0
"""A lost object's new track is looked for where it can have flown at this speed …"""
REBORN_MARGIN_M: Final = 300.0
"""… and this much farther."""
GAP_NS: Final = 5 * NS_PER_S
"""A finding may miss so long and still be the same standing one."""
CLOSED_REMEMBERED_NS: Final = 10 * NS_PER_MIN
"""What a person has closed does not open again by the same object while it is held, and so long after."""
CLOSED_KEPT: Final = 200


class Pending(NamedTuple):
    """A finding that has not yet stood long enough."""

    rule: str
    about: str
    track_id: int | None
    first_ns: int
    last_ns: int


class Memory(NamedTuple):
    """What an incident needs to be followed by, beside what it says of itself."""

    family: Family
    causes: tuple[tuple[str, str], ...]  # (rule, about) that have been told in its words
    track_ids: tuple[int, ...]  # all its tracks, also those since a person closed it
    said: int  # row of CLASSES that its words speak of
    cause_ns: int  # when a rule last found it
    seen_ns: int  # when one of its tracks was last held
    plane_m: tuple[float, float]  # where, in the sector's ground plane; NaN for an area
    lower_ns: int | None = None  # since when the exposure has been lower than it says


class Book(NamedTuple):
    """All incidents of one picture."""

    next_number: int
    incidents: tuple[Incident, ...]  # in the order of their opening; of closed ones the last 200
    memory: dict[str, Memory]  # by incident id
    pending: tuple[Pending, ...]
    sides: dict[int, int]  # track → last sure side of the border


def start() -> Book:
    """An empty book."""
    return Book(1, (), {}, (), {})


def move(state: IncidentState, happened: str) -> IncidentState:
    """One step by the table."""
    return TRANSITIONS.get((state, happened), state)


def advance(book: Book, seen: Seen, now_ns: int) -> tuple[Book, tuple[Incident, ...]]:
    """Ask every rule, open what has stood long enough, follow what is open.

    → the book and the incidents that changed, each once, in order of their opening.
    """
    sides = remember(seen, book.sides)
    rows = {track: row for row, track in enumerate(seen.tracks.track_id.tolist())}
    incidents = {i.id: i for i in book.incidents}
    before = dict(incidents)
    memory = dict(book.memory)
    pending: list[Pending] = []
    waiting = {(p.rule, p.about, p.track_id): p for p in book.pending}
    number = book.next_number
    for finding in (f for rule in RULES.values() for f in rule(seen, sides, now_ns)):
        same = _same(finding, incidents, memory, seen, rows, now_ns)
        known = same is not None and (finding.rule, finding.about) in memory[same].causes
        if same is not None and known:
            incidents[same], memory[same] = _fed(incidents[same], memory[same], finding, now_ns)
            continue
        key = (finding.rule, finding.about, finding.track_id)
        stood = waiting.pop(key, None) or Pending(*key, now_ns, now_ns)
        if now_ns - stood.first_ns < finding.persist_s * NS_PER_S:
            pending.append(stood._replace(last_ns=now_ns))
        elif same is not None:
            incidents[same], memory[same] = _joined(incidents[same], memory[same], finding, now_ns)
        else:
            opened, remembered = _open(f"I{number}", finding, now_ns)
            number += 1
            incidents[opened.id], memory[opened.id] = opened, remembered
    pending += [p for p in waiting.values() if now_ns - p.last_ns <= GAP_NS]
    _follow_all(incidents, memory, seen, rows, now_ns)
    changed = []
    for incident in list(incidents.values()):
        if before.get(incident.id) != incident:
            incidents[incident.id] = msgspec.structs.replace(incident, updated_ns=now_ns)
            changed.append(incidents[incident.id])
    _forget(incidents, memory, now_ns)
    return Book(number, tuple(incidents.values()), memory, tuple(pending), sides), tuple(changed)


def close(book: Book, command: CloseIncident, now_ns: int) -> tuple[Book, Incident | Words]:
    """A person ends an incident with a verdict and a reason; a refusal comes back as words."""
    found = [i for i in book.incidents if i.id == command.incident_id]
    if not found:
        return book, Words(
            f"There is no incident {command.incident_id}.",
            f"No existe el incidente {command.incident_id}.",
        )
    incident = found[0]
    if incident.state == "closed":
        return book, Words(
            f"{incident.id} is already closed.", f"El incidente {incident.id} ya está cerrado."
        )
    if not command.reason.strip():
        return book, Words(
            "A verdict needs a written reason.", "El dictamen requiere un motivo por escrito."
        )
    done = msgspec.structs.replace(
        incident,
        state=move(incident.state, "CloseIncident"),
        closed_ns=now_ns,
        updated_ns=now_ns,
        verdict=command.verdict,
        verdict_reason=command.reason,
    )
    incidents = tuple(done if i.id == done.id else i for i in book.incidents)
    return book._replace(incidents=incidents), done


def _open(incident_id: str, finding: Finding, now_ns: int) -> tuple[Incident, Memory]:
    """A new incident; its grade and exposure are worked out by following it in the same step."""
    tracks = () if finding.track_id is None else (finding.track_id,)
    incident = Incident(
        id=incident_id,
        rule=finding.rule,
        opened_ns=now_ns,
        state="open",
        grade=finding.grade,
        exposure="X0",
        hazard=finding.hazard,
        why=finding.why,
        track_ids=tracks,
        zone_id=finding.zone_id,
        updated_ns=now_ns,
    )
    causes = ((finding.rule, finding.about),)
    nowhere = (float("nan"), float("nan"))
    return incident, Memory(finding.family, causes, tracks, finding.said, now_ns, now_ns, nowhere)


def _same(
    finding: Finding,
    incidents: dict[str, Incident],
    memory: dict[str, Memory],
    seen: Seen,
    rows: dict[int, int],
    now_ns: int,
) -> str | None:
    """Id of the incident that a finding belongs to, closed ones included.

    First by track (or by the plan it speaks of), then by a lost object whose new track this may be.
    """
    family = [k for k in incidents if memory[k].family == finding.family]
    if finding.track_id is None:
        causes = [k for k in family if (finding.rule, finding.about) in memory[k].causes]
        return causes[-1] if causes else None
    mine = [k for k in family if finding.track_id in memory[k].track_ids]
    if mine:
        return mine[-1]
    row = rows[finding.track_id]
    nearest: tuple[float, str] | None = None
    for key in family:
        last = memory[key]
        lost_ns = now_ns - last.seen_ns
        if any(t in rows for t in last.track_ids) or lost_ns > REBORN_WITHIN_NS + GAP_NS:
            continue
        away = float(np.hypot(*(seen.plane_m[row] - np.array(last.plane_m))))
        reach = REBORN_MARGIN_M + REBORN_SPEED_M_S * lost_ns / NS_PER_S
        if away <= reach and (nearest is None or away < nearest[0]):
            nearest = (away, key)
    return None if nearest is None else nearest[1]


def _fed(
    incident: Incident, memory: Memory, finding: Finding, now_ns: int
) -> tuple[Incident, Memory]:
    """A known cause stands: a new track of the object joins, what it is called is kept up to date."""
    tracks = memory.track_ids
    if finding.track_id is not None and finding.track_id not in tracks:
        tracks = (*tracks, finding.track_id)
    fresh = memory._replace(track_ids=tracks, cause_ns=now_ns, said=finding.said)
    if incident.state == "closed":
        return incident, fresh
    state = move(incident.state, "cause back")
    hazard, why = incident.hazard, incident.why
    if state != incident.state or finding.said != memory.said:
        hazard, why = msgspec.structs.replace(hazard, words=finding.hazard.words), finding.why
    if tracks != incident.track_ids and finding.track_id is not None:
        hazard = msgspec.structs.replace(hazard, track_ids=tracks)
    changed = msgspec.structs.replace(
        incident, state=state, track_ids=tracks, hazard=hazard, why=why
    )
    return changed, fresh


def _joined(
    incident: Incident, memory: Memory, finding: Finding, now_ns: int
) -> tuple[Incident, Memory]:
    """A further cause for the same object: it is told in the same incident."""
    causes = (*memory.causes, (finding.rule, finding.about))
    incident, memory = _fed(incident, memory._replace(causes=causes), finding, now_ns)
    if incident.state == "closed":
        return incident, memory
    why = incident.why
    if finding.why.en not in why.en:
        why = Words(f"{why.en} {finding.why.en}", f"{why.es} {finding.why.es}")
    zone_id = incident.zone_id or finding.zone_id
    return msgspec.structs.replace(incident, why=why, zone_id=zone_id), memory


def _follow_all(
    incidents: dict[str, Incident],
    memory: dict[str, Memory],
    seen: Seen,
    rows: dict[int, int],
    now_ns: int,
) -> None:
    """Where every object is now; grade, exposure and state of what is not closed. In place."""
    at = {
        key: next((rows[t] for t in reversed(memory[key].track_ids) if t in rows), None)
        for key in incidents
    }
    live = [k for k, row in at.items() if row is not None and incidents[k].state != "closed"]
    exposed = dict(zip(live, of_tracks(seen, [at[k] or 0 for k in live]), strict=True))
    settled = explained(seen, now_ns) | drifts(seen, now_ns)
    for key, incident in incidents.items():
        last, row = memory[key], at[key]
        if row is not None:
            x, y = seen.plane_m[row].tolist()
            last = last._replace(seen_ns=now_ns, plane_m=(x, y))
        if incident.state != "closed":
            declared = incident.hazard.declared
            now_exposed = of_volume(seen, declared) if declared is not None else exposed.get(key)
            quiet = last.family == "drifter" or (row is not None and bool(settled[row]))
            incident, lower_ns = followed(
                incident, seen, row, now_exposed, quiet, last.lower_ns, now_ns
            )
            last = last._replace(lower_ns=lower_ns)
            if row is not None and incident != incidents[key]:
                words = what_words(seen, row)
                hazard = msgspec.structs.replace(incident.hazard, words=words)
                incident = msgspec.structs.replace(incident, hazard=hazard)
            if now_ns - last.cause_ns > GONE_AFTER_NS:
                state = move(incident.state, "cause gone")
                incident = msgspec.structs.replace(incident, state=state)
        incidents[key], memory[key] = incident, last


def _forget(incidents: dict[str, Incident], memory: dict[str, Memory], now_ns: int) -> None:
    """Drop the oldest closed incidents that are no longer needed to recognise anything. In place."""
    closed = [
        k
        for k, i in incidents.items()
        if i.state == "closed"
        and (
            memory[k].family in ("plan", "filed")
            or now_ns - memory[k].seen_ns > CLOSED_REMEMBERED_NS
        )
    ]
    for key in closed[: max(0, len(closed) - CLOSED_KEPT)]:
        del incidents[key], memory[key]
