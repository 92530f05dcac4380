"""What people and partners say: each command moves one row along its table or is refused in words."""

from __future__ import annotations

from typing import Final

import msgspec

from windhover import notices, restrictions
from windhover.desk.register import (
    Desk,
    Said,
    count,
    missing,
    next_number,
    post,
    put_notice,
    put_question,
    put_restriction,
    tell,
)
from windhover.geo.context import Seen
from windhover.notices import questions
from windhover.restrictions import lifecycle
from windhover.schema import commands as do
from windhover.schema.cases import (
    Claim,
    Incident,
    LogEntry,
    NoticeKind,
    Words,
)
from windhover.schema.events import (
    ClaimRecorded,
    CommandRefused,
    CountermeasureFiled,
    Event,
    FriendFiled,
    LogWritten,
    NoticeChanged,
    QuestionChanged,
    RestrictionChanged,
)
from windhover.schema.place import Site


def obey(
    desk: Desk, command: do.Command, seen: Seen, incidents: tuple[Incident, ...], now_ns: int
) -> Said:
    """A person's or partner's command, or a refusal that says what to do instead."""
    match command:
        case do.FileFriend():
            filed = msgspec.structs.replace(command.friend, id=f"F{next_number(desk, 'F')}")
            desk = count(desk, "F", 1)._replace(friends=(*desk.friends, filed))
            return desk, (FriendFiled(now_ns, filed),)
        case do.FileCountermeasure():
            return _file_countermeasure(desk, command, now_ns)
        case do.WithdrawCountermeasure():
            return _withdraw_countermeasure(desk, command, now_ns)
        case do.RecordClaim():
            return _record_claim(desk, command, now_ns)
        case do.Acknowledge():
            return _acknowledge(desk, command, now_ns)
        case do.AskQuestion():
            return _ask(desk, command, seen.site, now_ns)
        case do.AnswerQuestion():
            return _answer(desk, command, seen.site, now_ns)
        case do.WriteLog():
            return _write_log(desk, command, now_ns)
        case do.CloseIncident():
            # The picture asks `incidents` first; only what is left of it comes here.
            return desk, ()
        case _:
            return _move(desk, command, incidents, seen, now_ns)


# After these, everyone whom it concerns is told; the stage's table says who that is.
_TELLS: Final[dict[str, NoticeKind]] = {
    "RequestRestriction": "request",
    "EnterAuthorityNumber": "issued",
    "RequestCancellation": "request",
    "ConfirmCancelled": "lifted",
}


def _move(
    desk: Desk,
    command: lifecycle.RestrictionCommand,
    incidents: tuple[Incident, ...],
    seen: Seen,
    now_ns: int,
) -> Said:
    """A person moves a restriction along its table."""
    name = type(command).__name__
    restriction = next((r for r in desk.restrictions if r.id == command.restriction_id), None)
    if restriction is None:
        return desk, (
            missing(
                command,
                f"restriction {command.restriction_id}",
                f"la restricción {command.restriction_id}",
                now_ns,
            ),
        )
    moved = restrictions.apply(restriction, command, seen.site.policy, now_ns)
    if isinstance(moved, Words):
        return desk, (CommandRefused(now_ns, name, command.by, moved),)
    desk = put_restriction(desk, moved)
    events: tuple[Event, ...] = (RestrictionChanged(now_ns, moved, name),)
    again = isinstance(command, do.EnterAuthorityNumber)  # an act replaced by its authority
    if (moved.state != restriction.state or again) and name in _TELLS:
        desk, said = tell(desk, seen.site, moved, _TELLS[name], now_ns)
        events += said
    return desk, events


def _file_countermeasure(desk: Desk, command: do.FileCountermeasure, now_ns: int) -> Said:
    """On file as declared; a beam whose figures cannot be is sent back."""
    planned = msgspec.structs.replace(command.countermeasure, id=f"C{next_number(desk, 'C')}")
    beam = planned.beam
    if beam is not None and not (
        min(beam.power_w, beam.divergence_rad, beam.wavelength_m) > 0.0 and beam.aperture_m >= 0.0
    ):
        why = Words(
            "A beam needs a power, a divergence and a wavelength above zero.",
            "Un haz requiere potencia, divergencia y longitud de onda mayores que cero.",
        )
        return desk, (CommandRefused(now_ns, "FileCountermeasure", command.by, why),)
    desk = count(desk, "C", 1)._replace(countermeasures=(*desk.countermeasures, planned))
    return desk, (CountermeasureFiled(now_ns, planned),)


def _withdraw_countermeasure(desk: Desk, command: do.WithdrawCountermeasure, now_ns: int) -> Said:
    """It stays on file, ended now, so that nobody can say it was never planned."""
    planned = next((c for c in desk.countermeasures if c.id == command.countermeasure_id), None)
    if planned is None:
        return desk, (
            missing(
                command,
                f"countermeasure {command.countermeasure_id}",
                f"la contramedida {command.countermeasure_id}",
                now_ns,
            ),
        )
    ended = msgspec.structs.replace(planned, to_ns=min(planned.to_ns, now_ns))
    kept = tuple(ended if c.id == ended.id else c for c in desk.countermeasures)
    return desk._replace(countermeasures=kept), (
        CountermeasureFiled(now_ns, ended, withdrawn=True),
    )


def _record_claim(desk: Desk, command: do.RecordClaim, now_ns: int) -> Said:
    """Beside the sensors' record, and beside what others said of the same thing."""

    def same(claim: Claim) -> bool:
        by_track = command.track_id is not None and claim.track_id == command.track_id
        return by_track or (bool(command.incident_id) and claim.incident_id == command.incident_id)

    others = [c for c in desk.claims if same(c) and c.says.casefold() != command.says.casefold()]
    claim = Claim(
        f"S{next_number(desk, 'S')}", command.party, command.says, command.on_evidence, now_ns,
        command.track_id, command.incident_id, ", ".join(c.id for c in others),
    )  # fmt: skip
    desk = count(desk, "S", 1)._replace(claims=(*desk.claims, claim))
    return desk, (ClaimRecorded(now_ns, claim),)


def _write_log(desk: Desk, command: do.WriteLog, now_ns: int) -> Said:
    """Nothing moves by it; the record keeps it."""
    if not command.text.strip():
        why = Words("Write what was said.", "Escriba lo que se dijo.")
        return desk, (CommandRefused(now_ns, "WriteLog", command.by, why),)
    entry = LogEntry(
        command.kind, command.text, command.by, now_ns,
        command.with_whom, command.incident_id, command.about,
    )  # fmt: skip
    return desk, (LogWritten(now_ns, entry),)


def _acknowledge(desk: Desk, command: do.Acknowledge, now_ns: int) -> Said:
    notice = next((n for n in desk.notices if n.id == command.notice_id), None)
    if notice is None:
        return desk, (
            missing(
                command, f"notice {command.notice_id}", f"el aviso {command.notice_id}", now_ns
            ),
        )
    moved = notices.apply(notice, command, now_ns)
    if isinstance(moved, Words):
        return desk, (CommandRefused(now_ns, "Acknowledge", command.by, moved),)
    return put_notice(desk, moved), (NoticeChanged(now_ns, moved),)


def _ask(desk: Desk, command: do.AskQuestion, site: Site, now_ns: int) -> Said:
    asked = questions.ask(site, command, next_number(desk, "Q"), next_number(desk, "N"), now_ns)
    if isinstance(asked, Words):
        return desk, (CommandRefused(now_ns, "AskQuestion", command.by, asked),)
    question, brought = asked
    desk = count(desk, "Q", 1)._replace(questions=(*desk.questions, question))
    desk, said = post(desk, brought, now_ns)
    return desk, (QuestionChanged(now_ns, question), *said)


def _answer(desk: Desk, command: do.AnswerQuestion, site: Site, now_ns: int) -> Said:
    question = next((q for q in desk.questions if q.id == command.question_id), None)
    if question is None:
        return desk, (
            missing(
                command,
                f"question {command.question_id}",
                f"la pregunta {command.question_id}",
                now_ns,
            ),
        )
    answered = questions.answer(site, question, command, next_number(desk, "N"), now_ns)
    if isinstance(answered, Words):
        return desk, (CommandRefused(now_ns, "AnswerQuestion", command.by, answered),)
    done, carried = answered
    desk, said = post(put_question(desk, done), carried, now_ns)
    return desk, (QuestionChanged(now_ns, done), *said)
