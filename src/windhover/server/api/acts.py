"""What people do: commands, sightings, the telephone log, alerts, the relief of the watch."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Annotated, Any, Final, get_args

import msgspec

from windhover.identities.sightings import Sighted
from windhover.schema import commands as do
from windhover.schema.cases import LogEntry, Words
from windhover.schema.commands import Command
from windhover.schema.events import CommandRefused, Event
from windhover.schema.reports import Lights, Movement, Reports, Sighting, Sound
from windhover.server.core import Core
from windhover.server.route import Call, Refused, Route
from windhover.server.watch import Shown
from windhover.server.who import Role, Who

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Finite = Annotated[float, msgspec.Meta(ge=-360.0, le=360.0)]

ROLES: Final[dict[str, tuple[Role, ...]]] = {
    "FileFriend": ("operator", "partner"),
    "FileCountermeasure": ("operator", "partner"),
    "WithdrawCountermeasure": ("operator", "partner"),
    "RecordClaim": ("operator", "partner"),
    "RequestRestriction": ("approver",),
    "EnterAuthorityNumber": ("approver",),
    "RenewRestriction": ("approver",),
    "WithdrawRestriction": ("operator",),
    "RequestCancellation": ("approver",),
    "ConfirmCancelled": ("approver",),
    "WriteLog": ("operator",),
    "Acknowledge": ("operator", "partner"),
    "AskQuestion": ("operator", "partner"),
    "AnswerQuestion": ("operator",),
    "CloseIncident": ("operator",),
}
"""Who may give each command. One that is not named here may be given by an approver."""


class CommandAnswer(msgspec.Struct, frozen=True):
    """What became of it; when this comes, it is on the disk."""

    accepted: bool
    events: tuple[Event, ...]
    refusal: Words | None
    seq: int  # of the journal
    head: str


class PhoneCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    incident_id: Short = ""
    with_whom: Short = ""


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever has seen the alert, by name; empty = the account's own."""

    name: Short = ""


class Sight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person saw something, from somewhere, in some direction. Angles in rad, azimuth from north."""

    latitude_rad: Annotated[float, msgspec.Meta(ge=-1.5707963267948966, le=1.5707963267948966)]
    longitude_rad: Annotated[float, msgspec.Meta(ge=-3.141592653589793, le=3.141592653589793)]
    words: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    observer: Short = ""  # empty = the account's name
    azimuth_rad: Annotated[float, msgspec.Meta(ge=0, le=6.283185307179586)] | None = None
    elevation_rad: (
        Annotated[float, msgspec.Meta(ge=-1.5707963267948966, le=1.5707963267948966)] | None
    ) = None
    seconds_ago: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    duration_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    movement: Movement = ""
    lights: Lights = ""
    sound: Sound = ""
    landmarks: Annotated[str, msgspec.Meta(max_length=500)] = ""


class SightingsAnswer(msgspec.Struct, frozen=True):
    """What people saw, each with what stands there."""

    sightings: tuple[Sighted, ...]


class Relief(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who hands over to whom. Each of the two signs once, under the own account."""

    off: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    on: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    notes: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class ReliefAnswer(msgspec.Struct, frozen=True):
    """The relief under way or last made, and what is open, owed and unanswered."""

    off: str
    on: str
    signed: tuple[LogEntry, ...]
    complete: bool
    open_incidents: tuple[str, ...]
    restrictions_in_hand: tuple[str, ...]
    unanswered_questions: tuple[str, ...]
    unacknowledged_notices: tuple[str, ...]
    unacknowledged_alerts: tuple[str, ...]
    changed_since_last: tuple[str, ...]  # incidents and restrictions that moved since


def body_of(command: type[Any]) -> type[Any]:
    """The command's fields without `by`, which the account fills."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(command):
        if field.name == "by":
            continue
        if field.default is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, field.default))
        else:
            fields.append((field.name, field.type))
    fields.sort(key=len)
    return msgspec.defstruct(
        f"{command.__name__}Fields", fields, frozen=True, forbid_unknown_fields=True
    )


def _handler(command: type[Any]) -> Callable[[Call], Any]:
    async def give(call: Call) -> CommandAnswer:
        fields = {name: getattr(call.body, name) for name in call.body.__struct_fields__}
        made = command(by=call.by.name, **fields)
        _check_finite(made)
        _check_party(made, call.by, call.server.core)
        return answer(await call.server.core.command(made))

    give.__doc__ = command.__doc__
    return give


def answer(shown: Shown) -> CommandAnswer:
    """What the picture said to a command."""
    refusal = next((e.reason for e in shown.events if isinstance(e, CommandRefused)), None)
    return CommandAnswer(refusal is None, shown.events, refusal, shown.head.seq, shown.head.hex)


def _check_finite(command: Command) -> None:
    """JSON has no NaN, but 1e999 is infinity: no such number reaches the picture."""

    def bad(tree: object) -> bool:
        if isinstance(tree, float):
            return not isfinite(tree) or abs(tree) > 1e15
        if isinstance(tree, int):
            return abs(tree) >= 2**62
        if isinstance(tree, dict):
            return any(map(bad, tree.values()))
        return isinstance(tree, list | tuple) and any(map(bad, tree))

    if bad(msgspec.to_builtins(command)):
        raise Refused(422, "A number in it is not finite or out of all range.")
    if isinstance(command, do.FileFriend) and len(command.friend.polygon) < 3:
        raise Refused(422, "An area has three corners or more.", "friend.polygon")
    if isinstance(command, do.FileCountermeasure) and len(command.countermeasure.area.polygon) < 3:
        raise Refused(422, "An area has three corners or more.", "countermeasure.area.polygon")
    for point in _points(msgspec.to_builtins(command)):
        if abs(point["latitude_rad"]) > 1.5708 or abs(point["longitude_rad"]) > 3.1416:
            raise Refused(422, "A place is given in rad, within the globe.")


def _points(tree: object) -> list[dict[str, float]]:
    if isinstance(tree, dict):
        if "latitude_rad" in tree:
            return [tree]
        return [p for value in tree.values() for p in _points(value)]
    if isinstance(tree, list | tuple):
        return [p for value in tree for p in _points(value)]
    return []


def _check_party(command: Command, who: Who, core: Core) -> None:
    """A partner speaks for its own party alone. Raises `Refused` 403 or 404."""
    if who.may("operator"):
        return
    match command:
        case do.RecordClaim(party=party) | do.AskQuestion(party=party):
            own = party == who.party
        case do.FileFriend(friend=friend):
            own = friend.operator == who.party
        case do.FileCountermeasure(countermeasure=planned):
            own = planned.operator == who.party
        case do.WithdrawCountermeasure(countermeasure_id=about):
            own = any(c.id == about and c.operator == who.party for c in core.cold.countermeasures)
        case do.Acknowledge(notice_id=about):
            own = any(n.id == about and n.party == who.party for n in core.cold.notices)
        case _:
            own = False
    if not own:
        raise Refused(403, f"A partner's account speaks for {who.party} alone.")


async def report_sighting(call: Call) -> CommandAnswer:
    """A tower or a citizen officer saw something."""
    core, body = call.server.core, call.body
    now_ns = core.now_ns if core.is_paced else core.source.now_ns()
    sighting = Sighting(
        now_ns - round(body.seconds_ago * 1e9), now_ns, body.observer or call.by.name,
        body.latitude_rad, body.longitude_rad, body.azimuth_rad, body.elevation_rad, body.words,
        body.duration_s, body.movement, body.lights, body.sound, body.landmarks,
    )  # fmt: skip
    return answer(await core.command(Reports((sighting,))))


async def list_sightings(call: Call) -> SightingsAnswer:
    """What people saw and what explains it, the newest first."""
    kept = await call.server.core.ask(lambda watch: watch.keeper.picture.minds.sightings)
    return SightingsAnswer(kept[::-1])


async def log_phone(call: Call) -> CommandAnswer:
    """A telephone call, into the watch's log."""
    body = call.body
    return await _write(
        call, do.WriteLog("phone", body.text, call.by.name, body.with_whom, body.incident_id)
    )


async def acknowledge_alert(call: Call) -> CommandAnswer:
    """Somebody has seen the alert."""
    alert_id = call.path["alert_id"]
    alert = next((a for a in call.server.core.cold.alerts if a.id == alert_id), None)
    if alert is None:
        raise Refused(404, "There is no such alert.")
    if alert.acknowledged_by:
        raise Refused(409, f"{alert.acknowledged_by} has acknowledged it already.")
    text = alert.words.of(call.by.language)
    name = call.body.name.strip()
    by = call.by.name if name in ("", call.by.name) else f"{name} ({call.by.name})"
    return await _write(call, do.WriteLog("alert", text, by, about=alert.id))


async def _write(call: Call, entry: do.WriteLog) -> CommandAnswer:
    return answer(await call.server.core.command(entry))


async def read_relief(call: Call) -> ReliefAnswer:
    """One page of what is open, what changed, what is owed, what is unanswered."""
    return relief_of(call.server.core)


async def sign_relief(call: Call) -> ReliefAnswer:
    """One of the two signs; the relief is complete when both have."""
    body, core = call.body, call.server.core
    if body.off == body.on:
        raise Refused(422, "A watch is handed from one person to another.", "on")
    if call.by.name not in (body.off, body.on):
        raise Refused(403, "Only the two officers sign, each under the own account.")
    signed, complete = signatures(core.cold.log, body.off, body.on)
    if not complete and any(entry.by == call.by.name for entry in signed):
        raise Refused(409, "You have signed already; the other has not.")
    other = body.on if call.by.name == body.off else body.off
    text = body.notes.strip() or "–"
    await _write(
        call, do.WriteLog("relief", text, call.by.name, other, about=f"{body.off} → {body.on}")
    )
    return relief_of(core)


def signatures(
    log: tuple[LogEntry, ...], off: str = "", on: str = ""
) -> tuple[tuple[LogEntry, ...], bool]:
    """The signatures of the newest relief (between these two, where they are named), and whether both are there."""
    entries = [entry for entry in log if entry.kind == "relief"]
    if off and on:
        entries = [entry for entry in entries if entry.about == f"{off} → {on}"]
    if not entries:
        return (), False
    signed: list[LogEntry] = []
    for entry in entries:
        full = len({one.by for one in signed}) == 2
        if full or (signed and signed[-1].about != entry.about):
            signed = []
        signed.append(entry)
    return tuple(signed), len({entry.by for entry in signed}) == 2


def relief_of(core: Core) -> ReliefAnswer:
    """The page of the relief."""
    cold = core.cold
    signed, complete = signatures(cold.log)
    names = signed[-1].about.partition(" → ") if signed else ("", "", "")
    before = [e for e in cold.log if e.kind == "relief" and (complete or e not in signed)]
    since_ns = before[-1].time_ns if before else 0
    ended = ("cancelled", "lapsed", "withdrawn")
    return ReliefAnswer(
        off=names[0],
        on=names[2],
        signed=signed,
        complete=complete,
        open_incidents=tuple(i.id for i in cold.incidents if i.state != "closed"),
        restrictions_in_hand=tuple(r.id for r in cold.restrictions if r.state not in ended),
        unanswered_questions=tuple(q.id for q in cold.questions if not q.answer),
        unacknowledged_notices=tuple(n.id for n in cold.notices if n.state != "acknowledged"),
        unacknowledged_alerts=tuple(a.id for a in cold.alerts if not a.acknowledged_by),
        changed_since_last=(
            *(i.id for i in cold.incidents if i.updated_ns > since_ns),
            *(
                r.id
                for r in cold.restrictions
                if max(r.drafted_ns, r.issued_ns or 0, r.ended_ns or 0) > since_ns
            ),
        ),
    )


ROUTES: Final = (
    *(
        Route(
            "POST",
            f"/api/commands/{command.__name__}",
            ROLES.get(command.__name__, ("approver",)),
            (command.__doc__ or "").splitlines()[0],
            _handler(command),
            CommandAnswer,
            body_of(command),
        )
        for command in get_args(Command)
    ),
    Route(
        "GET", "/api/sightings", ("operator",), "Sightings and what explains them.",
        list_sightings, SightingsAnswer, personal=True,
    ),
    Route(
        "POST", "/api/sightings", ("operator", "partner"), "Report a sighting.",
        report_sighting, CommandAnswer, Sight,
    ),
    Route("POST", "/api/phone-log", ("operator",), "Log a call.", log_phone, CommandAnswer, PhoneCall),
    Route(
        "POST", "/api/alerts/{alert_id}/acknowledge", ("operator",), "Acknowledge an alert by name.",
        acknowledge_alert, CommandAnswer, Seen,
    ),
    Route("GET", "/api/relief", ("viewer",), "The relief of the watch.", read_relief, ReliefAnswer),
    Route(
        "POST", "/api/relief", ("operator",), "Sign the relief of the watch.",
        sign_relief, ReliefAnswer, Relief,
    ),
)  # fmt: skip
