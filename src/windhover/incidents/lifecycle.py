"""What becomes of a finding: it must stand, becomes an incident, is watched, is closed by a person.

No incident ends by itself: when its cause is gone it is *watched*, and a person closes it with a
verdict and a reason.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from windhover.geo.context import Seen
from windhover.incidents import exposure as exposures
from windhover.incidents import grade as grades
from windhover.incidents.finding import Finding
from windhover.incidents.gate import explained
from windhover.incidents.rules import RULES
from windhover.incidents.rules.border_crossing import remember
from windhover.schema.cases import Exposure, Grade, Incident, IncidentState, Words
from windhover.schema.commands import CloseIncident
from windhover.units import NS_PER_S

Cause = Literal["cause gone", "cause back", "closed by a person"]
TRANSITIONS: Final[dict[tuple[IncidentState, Cause], IncidentState]] = {
    ("open", "cause gone"): "watched",
    ("watched", "cause back"): "open",
    ("open", "closed by a person"): "closed",
    ("watched", "closed by a person"): "closed",
}
"""(state, what happened) → state; every other pair leaves the incident as it is."""

GONE_AFTER_NS: Final = 60 * NS_PER_S
REBORN_WITHIN_NS: Final = 60 * NS_PER_S
REBORN_SPEED_M_S: Final = 30.0
"""A lost object's new track is looked for where it can have flown at this speed …"""
REBORN_MARGIN_M: Final = 300.0
"""… and this much farther."""
FALL_AFTER_NS: Final = 30 * NS_PER_S
"""A lower exposure must stand so long before it is believed; a higher one counts at once."""
GAP_NS: Final = 5 * NS_PER_S
"""A finding may miss so long and still be the same standing one."""
CLOSED_KEPT: Final = 200


class Pending(NamedTuple):
    """A finding that has not yet stood long enough."""

    rule: str
    about: str
    track_id: int | None
    first_ns: int
    last_ns: int


class Memory(NamedTuple):
    """What an incident needs to be followed by."""

    about: str
    cause_ns: int  # when its rule last found it
    seen_ns: int  # when one of its tracks was last held
    plane_m: tuple[float, float]  # where, in the sector's ground plane; NaN for an area
    lower_ns: int | None  # since when the exposure has been lower than it says


class Book(NamedTuple):
    """All incidents of one picture."""

    next_number: int
    incidents: tuple[
        Incident, ...
    ]  # in the order of their opening; closed ones at the end kept few
    memory: dict[str, Memory]  # by incident id, of those not closed
    pending: tuple[Pending, ...]
    sides: dict[int, int]  # track → last sure side of the border


def start() -> Book:
    """An empty book."""
    return Book(1, (), {}, (), {})


def move(state: IncidentState, cause: Cause) -> IncidentState:
    """One step by the table."""
    return TRANSITIONS.get((state, cause), state)


def advance(book: Book, seen: Seen, now_ns: int) -> tuple[Book, tuple[Incident, ...]]:
    """Ask every rule, open what has stood long enough, follow what is open.

    → the book and the incidents that changed, each once, in order of their opening.
    """
    sides = remember(seen, book.sides)
    findings = [f for rule in RULES.values() for f in rule(seen, sides, now_ns)]
    incidents = {i.id: i for i in book.incidents}
    before = dict(incidents)
    memory = dict(book.memory)
    pending: list[Pending] = []
    waiting = {(p.rule, p.about, p.track_id): p for p in book.pending}
    number = book.next_number
    for finding in findings:
        incident = _same(finding, incidents, memory, seen, now_ns)
        if incident is not None:
            if incident.state != "closed":
                incidents[incident.id], memory[incident.id] = _fed(
                    incident, memory[incident.id], finding, now_ns
                )
            continue
        key = (finding.rule, finding.about, finding.track_id)
        stood = waiting.pop(key, None) or Pending(*key, now_ns, now_ns)
        if now_ns - stood.first_ns < finding.persist_s * NS_PER_S:
            pending.append(stood._replace(last_ns=now_ns))
            continue
        opened = _open(f"I{number}", finding, now_ns)
        number += 1
        incidents[opened.id] = opened
        memory[opened.id] = Memory(finding.about, now_ns, now_ns, (np.nan, np.nan), None)
    pending += [p for p in waiting.values() if now_ns - p.last_ns <= GAP_NS]
    quiet = explained(seen, now_ns)
    for incident in list(incidents.values()):
        if incident.state != "closed":
            incidents[incident.id], memory[incident.id] = _followed(
                incident, memory[incident.id], seen, quiet, now_ns
            )
    changed = tuple(
        msgspec.structs.replace(i, updated_ns=now_ns)
        for i in incidents.values()
        if before.get(i.id) != i
    )
    for incident in changed:
        incidents[incident.id] = incident
    closed = [i.id for i in incidents.values() if i.state == "closed"]
    for old in closed[: max(0, len(closed) - CLOSED_KEPT)]:
        del incidents[old]
    return Book(number, tuple(incidents.values()), memory, tuple(pending), sides), changed


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
        state=move(incident.state, "closed by a person"),
        closed_ns=now_ns,
        updated_ns=now_ns,
        verdict=command.verdict,
        verdict_reason=command.reason,
    )
    memory = {key: value for key, value in book.memory.items() if key != done.id}
    incidents = tuple(done if i.id == done.id else i for i in book.incidents)
    return book._replace(incidents=incidents, memory=memory), done


def _open(incident_id: str, finding: Finding, now_ns: int) -> Incident:
    """A new incident; its grade and exposure are worked out by `_followed` in the same step."""
    return Incident(
        id=incident_id,
        rule=finding.rule,
        opened_ns=now_ns,
        state="open",
        grade="E4" if finding.hazard.declared is not None else "E1",
        exposure="X0",
        hazard=finding.hazard,
        why=finding.why,
        track_ids=() if finding.track_id is None else (finding.track_id,),
        zone_id=finding.zone_id,
        updated_ns=now_ns,
    )


def _same(
    finding: Finding,
    incidents: dict[str, Incident],
    memory: dict[str, Memory],
    seen: Seen,
    now_ns: int,
) -> Incident | None:
    """The incident that a finding belongs to, if there is one, closed ones included.

    First by track, then by a lost object whose new track this may be.
    """
    rows = [i for i in incidents.values() if i.rule == finding.rule]
    if finding.track_id is None:
        same = [i for i in rows if i.id in memory and memory[i.id].about == finding.about]
        # A closed one is recognised by its declared area, which never changes under its id.
        same += [i for i in rows if i.state == "closed" and i.hazard == finding.hazard]
        return same[-1] if same else None
    mine = [
        i
        for i in rows
        if finding.track_id in i.track_ids
        and (i.id not in memory or memory[i.id].about == finding.about)
        and (i.state != "closed" or i.zone_id == finding.zone_id)
    ]
    if mine:
        return mine[-1]
    row = seen.row_of(finding.track_id)
    if row is None:
        return None
    held = set(seen.tracks.track_id.tolist())
    for incident in rows:
        last = memory.get(incident.id)
        if last is None or last.about != finding.about or held.intersection(incident.track_ids):
            continue
        lost_ns = now_ns - last.seen_ns
        if lost_ns > REBORN_WITHIN_NS + GAP_NS:
            continue
        away = float(np.hypot(*(seen.plane_m[row] - np.array(last.plane_m))))
        if away <= REBORN_MARGIN_M + REBORN_SPEED_M_S * lost_ns / NS_PER_S:
            return incident
    return None


def _fed(
    incident: Incident, memory: Memory, finding: Finding, now_ns: int
) -> tuple[Incident, Memory]:
    """The cause stands (again); a new track of the same object joins the incident."""
    tracks = incident.track_ids
    hazard = incident.hazard
    if finding.track_id is not None and finding.track_id not in tracks:
        tracks = (*tracks, finding.track_id)
        hazard = msgspec.structs.replace(hazard, track_ids=tracks)
    state = move(incident.state, "cause back")
    why = finding.why if state != incident.state else incident.why
    changed = msgspec.structs.replace(
        incident, state=state, track_ids=tracks, hazard=hazard, why=why
    )
    return changed, memory._replace(cause_ns=now_ns)


def _followed(
    incident: Incident, memory: Memory, seen: Seen, quiet: np.ndarray, now_ns: int
) -> tuple[Incident, Memory]:
    """Grade, exposure and state of an incident at this instant."""
    row = next((r for t in reversed(incident.track_ids) if (r := seen.row_of(t)) is not None), None)
    claims = grades.claims_about(seen.claims, incident.track_ids, incident.id)
    rank: Grade = incident.grade
    now_exposed: Exposure | None = None
    if incident.hazard.declared is not None:
        now_exposed = exposures.of_volume(seen, incident.hazard.declared)
    elif row is not None:
        x, y = seen.plane_m[row].tolist()
        memory = memory._replace(seen_ns=now_ns, plane_m=(x, y))
        now_exposed = exposures.of_track(seen, row)
        if quiet[row] and incident.rule != "drifting_object":
            rank = "E0"
        else:
            found = grades.grade_of_track(seen, row, claims, incident.rule == "drifting_object")
            drifting = incident.rule == "drifting_object"
            rank = found if drifting else grades.higher(rank, found)
    shown = incident.exposure
    if now_exposed is not None:
        order = exposures.ORDER.index
        if order(now_exposed) >= order(shown):
            shown, memory = now_exposed, memory._replace(lower_ns=None)
        elif memory.lower_ns is None:
            memory = memory._replace(lower_ns=now_ns)
        elif now_ns - memory.lower_ns >= FALL_AFTER_NS:
            shown, memory = now_exposed, memory._replace(lower_ns=None)
    state = incident.state
    if now_ns - memory.cause_ns > GONE_AFTER_NS:
        state = move(state, "cause gone")
    if (rank, shown, state) == (incident.grade, incident.exposure, incident.state):
        return incident, memory
    return (
        msgspec.structs.replace(incident, grade=rank, exposure=shown, state=state),
        memory,
    )
