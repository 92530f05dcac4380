"""The states of a notice as a table: composed, sent, acknowledged; or escalated; or failed."""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.notices.compose import framed, marked
from windhover.notices.parties import by_id, duty
from windhover.schema.cases import Notice, NoticeState, Words
from windhover.schema.commands import Acknowledge
from windhover.schema.place import Site
from windhover.schema.reports import Delivery

TRANSITIONS: Final[dict[tuple[NoticeState, str], NoticeState]] = {
    ("composed", "delivered"): "sent",
    ("composed", "not delivered"): "failed",
    ("composed", "Acknowledge"): "acknowledged",
    ("composed", "overdue"): "escalated",
    ("sent", "Acknowledge"): "acknowledged",
    ("sent", "overdue"): "escalated",
    ("failed", "delivered"): "sent",
    ("failed", "Acknowledge"): "acknowledged",
    ("failed", "overdue"): "escalated",
    ("escalated", "Acknowledge"): "acknowledged",
}
"""(state, what happened) → state; every other pair leaves the notice as it is."""


def apply(notice: Notice, happened: Delivery | Acknowledge, now_ns: int) -> Notice | Words:
    """The notice after a delivery report or an acknowledgement, or why it cannot be."""
    if isinstance(happened, Delivery):
        state = TRANSITIONS.get(
            (notice.state, "delivered" if happened.delivered else "not delivered"), notice.state
        )
        if happened.delivered and notice.sent_ns is None:
            return msgspec.structs.replace(notice, state=state, sent_ns=happened.time_ns)
        return msgspec.structs.replace(notice, state=state)
    new = TRANSITIONS.get((notice.state, "Acknowledge"))
    if new is None:
        return Words(
            f"{notice.id} was already acknowledged by {notice.acknowledged_by}.",
            f"{notice.acknowledged_by} ya acusó recibo de {notice.id}.",
        )
    return msgspec.structs.replace(
        notice, state=new, acknowledged_ns=now_ns, acknowledged_by=happened.by
    )


def due(notice: Notice, now_ns: int) -> bool:
    """Whether nobody has acknowledged it in time, so that a person must pick up the telephone."""
    if (notice.state, "overdue") not in TRANSITIONS or notice.due_ns is None:
        return False
    return now_ns >= notice.due_ns


def escalate(
    notice: Notice, site: Site, number: int, now_ns: int
) -> tuple[Notice, tuple[Notice, ...]]:
    """The overdue notice as escalated, and the notice "N{number}" that asks the duty officer to call.

    Escalations themselves have no clock: they end with a person here.
    """
    done = msgspec.structs.replace(
        notice,
        state=TRANSITIONS.get((notice.state, "overdue"), notice.state),
        escalations=notice.escalations + 1,
        due_ns=None,
    )
    officer, party = duty(site), by_id(site, notice.party)
    if officer is None or notice.kind == "escalation":
        return done, ()
    name, address = (party.name, party.address) if party is not None else (notice.party, "")
    why = (
        Words("could not be handed over", "no pudo entregarse")
        if notice.sent_ns is None
        else (Words("was sent and not acknowledged", "fue enviado sin acuse de recibo"))
    )
    words = Words(
        f"Notice {notice.id} to {name} {why.en}. Call them now: {address}.",
        f"El aviso {notice.id} a {name} {why.es}. Llame ahora: {address}.",
    )
    call = Notice(
        id=f"N{number}",
        party=officer.id,
        language=officer.language,
        kind="escalation",
        subject=marked(site, words.of(officer.language)),
        text=framed(site, f"{words.of(officer.language)}\n{notice.subject}"),
        composed_ns=now_ns,
        state="composed",
        incident_id=notice.incident_id,
        restriction_id=notice.restriction_id,
        in_reply_to=notice.id,
    )
    return done, (call,)
