"""The states of a restriction as a table. It tracks what people and the authority did; it decides nothing.

No timer issues or lifts anything: a proposal may lapse, and an issued restriction comes into force
at the time its authority wrote. Past its written end it stays in force here until a person enters
that the authority has cancelled it or let it end.
"""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.restrictions.ladder import rung_named
from windhover.restrictions.plan import lapse_ns
from windhover.schema.cases import Restriction, RestrictionState, Words
from windhover.schema.commands import (
    ConfirmCancelled,
    EnterAuthorityNumber,
    RenewRestriction,
    RequestCancellation,
    RequestRestriction,
    WithdrawRestriction,
)
from windhover.schema.place import Policy
from windhover.units import NS_PER_MIN, NS_PER_S

RestrictionCommand = (
    RequestRestriction
    | EnterAuthorityNumber
    | RenewRestriction
    | WithdrawRestriction
    | RequestCancellation
    | ConfirmCancelled
)
Refusal = Words

TRANSITIONS: Final[dict[tuple[RestrictionState, str], RestrictionState]] = {
    ("drafted", "RequestRestriction"): "requested",
    ("drafted", "RenewRestriction"): "drafted",
    ("drafted", "WithdrawRestriction"): "withdrawn",
    ("drafted", "lapses"): "lapsed",
    ("requested", "EnterAuthorityNumber"): "issued",
    ("requested", "RenewRestriction"): "requested",
    ("requested", "WithdrawRestriction"): "withdrawn",
    ("requested", "lapses"): "lapsed",
    # The authority's act is a fact, also when it comes after the proposal was dropped here.
    ("lapsed", "EnterAuthorityNumber"): "issued",
    ("withdrawn", "EnterAuthorityNumber"): "issued",
    # It may replace its own act by another with other times; nobody else moves an end.
    ("issued", "EnterAuthorityNumber"): "issued",
    ("in force", "EnterAuthorityNumber"): "issued",
    ("cancellation requested", "EnterAuthorityNumber"): "issued",
    ("issued", "begins"): "in force",
    ("issued", "RenewRestriction"): "issued",
    ("issued", "RequestCancellation"): "cancellation requested",
    ("issued", "ConfirmCancelled"): "cancelled",
    ("in force", "RenewRestriction"): "in force",
    ("in force", "RequestCancellation"): "cancellation requested",
    ("in force", "ConfirmCancelled"): "cancelled",
    ("cancellation requested", "ConfirmCancelled"): "cancelled",
}
"""(state, command's name or "lapses" or "begins") → state; every other command is refused."""

ADVICE: Final = ("R0", "R1")
"""Rungs that tell and restrict nothing: they end with their incident, nobody issues them."""

ENDED: Final[tuple[RestrictionState, ...]] = ("cancelled", "lapsed", "withdrawn")

INSTEAD: Final[dict[RestrictionState, Words]] = {
    "drafted": Words(
        "it is a draft: request it from the authority, renew it or withdraw it",
        "es un borrador: solicítela a la autoridad, renuévela o retírela",
    ),
    "requested": Words(
        "it has been requested: enter the authority's number, renew the request or withdraw it",
        "ya fue solicitada: registre el número de la autoridad, renueve la solicitud o retírela",
    ),
    "issued": Words(
        "the authority has issued it: ask the authority to cancel it",
        "la autoridad ya la emitió: solicite a la autoridad que la cancele",
    ),
    "in force": Words(
        "it is in force: ask the authority to cancel it",
        "está en vigor: solicite a la autoridad que la cancele",
    ),
    "cancellation requested": Words(
        "its cancellation has been requested: confirm it once the authority has cancelled",
        "su cancelación ya fue solicitada: confírmela cuando la autoridad la haya cancelado",
    ),
    "cancelled": Words("it is cancelled", "está cancelada"),
    "lapsed": Words(
        "the proposal has lapsed: a new draft is needed",
        "la propuesta ha caducado: se requiere un nuevo borrador",
    ),
    "withdrawn": Words("the proposal was withdrawn", "la propuesta fue retirada"),
}


def apply(
    restriction: Restriction, command: RestrictionCommand, policy: Policy, now_ns: int
) -> Restriction | Refusal:
    """The restriction after a person's command, or why not, as words."""
    name = type(command).__name__
    if isinstance(command, RequestRestriction) and restriction.rung in ADVICE:
        return Words(
            f"{restriction.id} is advice: it restricts nobody and is not requested from anyone.",
            f"{restriction.id} es un aviso: no restringe a nadie y no se solicita a nadie.",
        )
    state = TRANSITIONS.get((restriction.state, name))
    if state is None:
        return Words(
            f"{restriction.id} cannot take this: {INSTEAD[restriction.state].en}.",
            f"{restriction.id} no lo admite: {INSTEAD[restriction.state].es}.",
        )
    if isinstance(command, RequestRestriction):
        return _request(restriction, command, policy, state, now_ns)
    if isinstance(command, EnterAuthorityNumber):
        return _issue(restriction, command, state, now_ns)
    if isinstance(command, RenewRestriction):
        return _renew(restriction, command, policy, state, now_ns)
    if isinstance(command, ConfirmCancelled):
        return msgspec.structs.replace(restriction, state=state, ended_ns=now_ns)
    if not command.reason.strip():
        return Words("Write the reason.", "Escriba el motivo.")
    if isinstance(command, WithdrawRestriction):
        return msgspec.structs.replace(
            restriction, state=state, ended_ns=now_ns, reason=command.reason
        )
    return msgspec.structs.replace(restriction, state=state, reason=command.reason)


def _request(
    restriction: Restriction,
    command: RequestRestriction,
    policy: Policy,
    state: RestrictionState,
    now_ns: int,
) -> Restriction | Refusal:
    """As many different people as the rung asks for; until then it stays a draft."""
    if command.by in restriction.requested_by:
        return Words(
            f"{command.by} has already agreed; another person must agree.",
            f"{command.by} ya dio su conformidad; debe darla otra persona.",
        )
    rung = rung_named(policy, restriction.rung)
    people = (*restriction.requested_by, command.by)
    if rung is not None and len(people) < rung.people:
        return msgspec.structs.replace(restriction, requested_by=people)
    return msgspec.structs.replace(
        restriction, state=state, requested_by=people, requested_ns=now_ns
    )


def _issue(
    restriction: Restriction, command: EnterAuthorityNumber, state: RestrictionState, now_ns: int
) -> Restriction | Refusal:
    """The authority's number and times turn a request into an issued restriction, or replace one."""
    number = command.authority_number.strip()
    if not number:
        return Words(
            "Enter the number that the authority gave.",
            "Registre el número asignado por la autoridad.",
        )
    replaces = restriction.issued_ns is not None and restriction.ended_ns is None
    if replaces and command.to_ns is None:
        return Words(
            f"{restriction.id} is issued already: enter the end that the authority's new act has.",
            f"{restriction.id} ya está emitida: registre el término del nuevo acto de la autoridad.",
        )
    if replaces:
        from_ns = restriction.from_ns if command.from_ns is None else command.from_ns
    else:
        from_ns = max(restriction.from_ns, now_ns) if command.from_ns is None else command.from_ns
    ordered_ns = restriction.to_ns - restriction.from_ns
    to_ns = restriction.to_ns if restriction.to_ns > from_ns else from_ns + ordered_ns
    to_ns = to_ns if command.to_ns is None else command.to_ns
    if to_ns <= from_ns:
        return Words(
            "The end must be after the beginning.", "El término debe ser posterior al inicio."
        )
    return msgspec.structs.replace(
        restriction,
        state=state,
        authority_number=number,
        issued_ns=now_ns,
        from_ns=from_ns,
        to_ns=to_ns,
        proposal_lapses_ns=None,
        ended_ns=None,
    )


def _renew(
    restriction: Restriction,
    command: RenewRestriction,
    policy: Policy,
    state: RestrictionState,
    now_ns: int,
) -> Restriction | Refusal:
    """New evidence, written out; past the second person's time somebody who has not yet agreed."""
    if not command.evidence.strip():
        return Words("Write the new evidence.", "Escriba la nueva evidencia.")
    if needs_second_person(restriction, policy, now_ns) and command.by in restriction.requested_by:
        minutes = policy.second_person_after_s / 60.0
        return Words(
            f"Past {minutes:.0f} min a second person must renew it, not {command.by}.",
            f"Transcurridos {minutes:.0f} min debe renovarla otra persona, no {command.by}.",
        )
    people = restriction.requested_by
    if restriction.requested_ns is not None and command.by not in people:
        people = (*people, command.by)
    renewed = msgspec.structs.replace(
        restriction, state=state, renewals=restriction.renewals + 1, requested_by=people
    )
    if restriction.state in ("issued", "in force"):
        return renewed  # its times are the authority's
    rung = rung_named(policy, restriction.rung)
    lapses = None if rung is None else lapse_ns(rung, now_ns)
    if restriction.hazard.declared is not None:
        return msgspec.structs.replace(renewed, proposal_lapses_ns=lapses)
    ordered_ns = restriction.to_ns - restriction.from_ns
    return msgspec.structs.replace(
        renewed, proposal_lapses_ns=lapses, from_ns=now_ns, to_ns=now_ns + ordered_ns
    )


def lapse(restriction: Restriction, now_ns: int) -> Restriction:
    """A proposal that nobody renewed lapses; everything else comes back as it was."""
    due = restriction.proposal_lapses_ns
    state = TRANSITIONS.get((restriction.state, "lapses"))
    if state is None or due is None or now_ns < due:
        return restriction
    return msgspec.structs.replace(restriction, state=state, ended_ns=now_ns)


def begin(restriction: Restriction, now_ns: int) -> Restriction:
    """What the authority has issued is in force from the time that was written in it."""
    state = TRANSITIONS.get((restriction.state, "begins"))
    if state is None or now_ns < restriction.from_ns:
        return restriction
    return msgspec.structs.replace(restriction, state=state)


def needs_second_person(restriction: Restriction, policy: Policy, now_ns: int) -> bool:
    """Whether continuing needs somebody besides the one who asked."""
    if restriction.requested_ns is None or len(restriction.requested_by) > 1:
        return False
    return now_ns - restriction.requested_ns > policy.second_person_after_s * NS_PER_S


def reminders(
    restriction: Restriction, policy: Policy, before_ns: int, now_ns: int
) -> tuple[Words, ...]:
    """What falls due from a person after `before_ns`, the last tick, up to and with `now_ns`."""
    found = []
    ahead_ns = round(policy.renew_reminder_s * NS_PER_S)

    def falls(at_ns: int) -> bool:
        return before_ns < at_ns <= now_ns

    name, minutes = restriction.id, ahead_ns / NS_PER_MIN
    lapses = restriction.proposal_lapses_ns
    proposed = restriction.state in ("drafted", "requested")
    if proposed and lapses is not None and falls(lapses - ahead_ns):
        found.append(
            Words(
                f"The proposal {name} lapses in {minutes:.0f} min: renew it with new evidence or withdraw it.",
                f"La propuesta {name} caduca en {minutes:.0f} min: renuévela con nueva evidencia o retírela.",
            )
        )
    in_hand = restriction.state in ("issued", "in force")
    if in_hand and falls(restriction.to_ns - ahead_ns):
        found.append(
            Words(
                f"{name} ends as written in {minutes:.0f} min: ask the authority to cancel it, or to extend it with new evidence.",
                f"{name} concluye según lo escrito en {minutes:.0f} min: solicite a la autoridad cancelarla, o ampliarla con nueva evidencia.",
            )
        )
    if (in_hand or restriction.state == "cancellation requested") and falls(restriction.to_ns):
        found.append(
            Words(
                f"The end written in {name} has passed: enter whether the authority has ended it.",
                f"Ha pasado el término escrito de {name}: registre si la autoridad la dio por concluida.",
            )
        )
    asked = restriction.requested_ns
    if asked is not None and (in_hand or restriction.state == "requested"):
        second_ns = asked + round(policy.second_person_after_s * NS_PER_S)
        if len(restriction.requested_by) < 2 and falls(second_ns):
            found.append(
                Words(
                    f"Continuing {name} needs a second person's renewal now.",
                    f"Para continuar {name} se requiere ahora la renovación de una segunda persona.",
                )
            )
    return tuple(found)
