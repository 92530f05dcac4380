"""What follows when time passes and incidents move: advise, draft, redraw, remind, escalate."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from windhover import notices, restrictions
from windhover.desk.register import (
    Desk,
    Said,
    count,
    next_number,
    post,
    put_notice,
    put_question,
    put_restriction,
    tell,
)
from windhover.desk.shorten import shorten
from windhover.geo.context import Seen
from windhover.geo.frames import from_enu
from windhover.notices import questions
from windhover.restrictions import lifecycle, plan
from windhover.schema import commands as do
from windhover.schema.cases import (
    Incident,
    Notice,
)
from windhover.schema.events import (
    Event,
    NoticeChanged,
    QuestionChanged,
    Reminder,
    RestrictionChanged,
)
from windhover.schema.place import Point, Site
from windhover.schema.reports import Delivery, Report


def advance(
    desk: Desk,
    changed: tuple[Incident, ...],
    incidents: tuple[Incident, ...],
    seen: Seen,
    now_ns: int,
) -> Said:
    """Time passed and incidents moved: advise, draft, redraw, remind, escalate."""
    steps: tuple[Callable[[Desk], Said], ...] = (
        lambda d: shorten(d, now_ns),
        lambda d: _advise(d, changed, seen, now_ns),
        lambda d: _drop_drafts(d, changed, now_ns),
        lambda d: _draft(d, incidents, seen, now_ns),
        lambda d: _pass_time(d, incidents, seen, now_ns),
        lambda d: _chase(d, seen.site, now_ns),
    )
    events: tuple[Event, ...] = ()
    for step in steps:
        desk, said = step(desk)
        events += said
    return desk._replace(ticked_ns=now_ns), events


def delivered(desk: Desk, reports: tuple[Report, ...], site: Site, now_ns: int) -> Said:
    """What channels said became of notices; the head that a message carried stays with it."""
    events: tuple[Event, ...] = ()
    for report in reports:
        if not isinstance(report, Delivery):
            continue
        notice = next((n for n in desk.notices if n.id == report.notice_id), None)
        if notice is None:
            continue
        moved = notices.apply(notice, report, now_ns)
        if isinstance(moved, Notice) and moved != notice:
            moved = msgspec.structs.replace(moved, journal_head=report.journal_head)
            desk = put_notice(desk, moved)
            events += (NoticeChanged(now_ns, moved),)
    return desk, events


def _advise(desk: Desk, changed: tuple[Incident, ...], seen: Seen, now_ns: int) -> Said:
    """A new incident is told to air traffic control and the aerodromes at once."""
    events: tuple[Event, ...] = ()
    for incident in changed:
        if incident.opened_ns != now_ns or incident.state == "closed":
            continue
        desk, said = tell(desk, seen.site, incident, "advice", now_ns, _place(incident, seen))
        events += said
    return desk, events


def _drop_drafts(desk: Desk, changed: tuple[Incident, ...], now_ns: int) -> Said:
    """The drafts of a closed incident that nobody issued end with it."""
    closed = {i.id: i for i in changed if i.state == "closed"}
    events: tuple[Event, ...] = ()
    for restriction in desk.restrictions:
        incident = closed.get(restriction.incident_id)
        if incident is None or restriction.state not in ("drafted", "requested"):
            continue
        command = do.WithdrawRestriction(restriction.id, "windhover", incident.verdict_reason)
        moved = msgspec.structs.replace(
            restriction,
            state=lifecycle.TRANSITIONS[restriction.state, "WithdrawRestriction"],
            ended_ns=now_ns,
            reason=f"incident closed: {command.reason}",
        )
        desk = put_restriction(desk, moved)
        events += (RestrictionChanged(now_ns, moved, "CloseIncident"),)
    return desk, events


def _draft(desk: Desk, incidents: tuple[Incident, ...], seen: Seen, now_ns: int) -> Said:
    """One live proposal per open incident; after one ended, a new one only for worse evidence."""
    live = {r.incident_id for r in desk.restrictions if r.state not in lifecycle.ENDED}
    events: tuple[Event, ...] = ()
    for incident in incidents:
        if incident.state != "open" or incident.id in live:
            continue
        before = desk.drafted_for.get(incident.id)
        now = (incident.grade, incident.exposure)
        if before is not None and not (now[0] > before[0] or now[1] > before[1]):
            continue
        drafted = restrictions.draft(incident, seen, now_ns, next_number(desk, "R"))
        if drafted is None:
            continue
        desk = count(desk, "R", 1)._replace(
            restrictions=(*desk.restrictions, drafted),
            drafted_for={**desk.drafted_for, incident.id: now},
        )
        events += (RestrictionChanged(now_ns, drafted, "drafted"),)
    return desk, events


def _pass_time(desk: Desk, incidents: tuple[Incident, ...], seen: Seen, now_ns: int) -> Said:
    """Drafts follow their object, proposals lapse, what was issued begins, people are reminded."""
    known = {i.id: i for i in incidents}
    events: tuple[Event, ...] = ()
    for restriction in desk.restrictions:
        if restriction.state in lifecycle.ENDED:
            continue
        moved, did = restriction, ""
        incident = known.get(restriction.incident_id)
        if incident is not None and (new := plan.redraw(restriction, incident, seen, now_ns)):
            moved, did = new, "redrawn"
        if (lapsed := lifecycle.lapse(moved, now_ns)) != moved:
            moved, did = lapsed, "lapsed"
        if (begun := lifecycle.begin(moved, now_ns)) != moved:
            moved, did = begun, "begins"
        if moved != restriction:
            desk = put_restriction(desk, moved)
            events += (RestrictionChanged(now_ns, moved, did),)
        for words in lifecycle.reminders(moved, seen.site.policy, desk.ticked_ns, now_ns):
            events += (Reminder(now_ns, moved.id, words),)
    return desk, events


def _chase(desk: Desk, site: Site, now_ns: int) -> Said:
    """Notices nobody acknowledged and questions nobody answered are escalated to a person."""
    events: tuple[Event, ...] = ()
    for notice in desk.notices:
        if not notices.due(notice, now_ns):
            continue
        done, calls = notices.escalate(notice, site, next_number(desk, "N"), now_ns)
        desk = put_notice(desk, done)
        desk, said = post(desk, calls, now_ns)
        events += (NoticeChanged(now_ns, done), *said)
    for question in desk.questions:
        if not questions.overdue(question, now_ns):
            continue
        asked, calls = questions.escalate(site, question, next_number(desk, "N"), now_ns)
        desk = put_question(desk, asked)
        desk, said = post(desk, calls, now_ns)
        events += (QuestionChanged(now_ns, asked), *said)
    return desk, events


def _place(incident: Incident, seen: Seen) -> Point | None:
    """Where the newest of an incident's tracks is now."""
    for track_id in reversed(incident.track_ids):
        if (row := seen.row_of(track_id)) is not None:
            latitude, longitude, _ = from_enu(seen.ground.frame, seen.tracks.state_enu[row, :3])
            return Point(float(latitude), float(longitude))
    return None
