"""The one-screen decision: every rung with its cost, who is competent, who will be told."""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.notices.parties import recipients
from windhover.picture import look
from windhover.restrictions import plan
from windhover.restrictions.ladder import ORDER, choose
from windhover.schema.cases import Incident, Restriction, Words
from windhover.schema.place import Rung
from windhover.server.route import LOOKING, Call, Refused, Route
from windhover.server.watch import Watch
from windhover.units import NS_PER_MIN

ENDED: Final = ("cancelled", "lapsed", "withdrawn")


class RungAnswer(msgspec.Struct, frozen=True):
    """One step of the ladder for this incident, now."""

    rung: str
    words: Words
    competent: str  # id of the party that alone decides and acts
    competent_name: str
    people: int  # how many must agree
    limit_s: float | None
    today: bool  # what evidence and exposure ask for now
    allowed: bool  # not beyond what evidence and exposure bear
    restriction: Restriction | None  # the one in hand, else a drawing with id "R0"
    in_hand: bool
    area_m2: float | None
    minutes: float | None
    impact: Words | None
    exemptions: tuple[str, ...]
    told: tuple[str, ...]  # ids of parties, in their order


class DecisionAnswer(msgspec.Struct, frozen=True):
    """The whole ladder."""

    incident: Incident
    now_ns: int
    ladder: tuple[RungAnswer, ...]


async def read_decision(call: Call) -> DecisionAnswer:
    """Today's rung and the alternatives with their costs."""
    incident_id = call.path["incident_id"]
    return await call.server.core.ask(lambda watch: decision(watch, incident_id))


def decision(watch: Watch, incident_id: str) -> DecisionAnswer:
    """The ladder of an incident. Raises `Refused` 404."""
    picture = watch.keeper.picture
    incident = next((i for i in picture.incidents.incidents if i.id == incident_id), None)
    if incident is None:
        raise Refused(404, "There is no such incident.")
    seen, now_ns, site = look(picture), picture.now_ns, picture.site
    policy = site.policy
    today = choose(incident, policy)
    names = {party.id: party.name for party in site.parties}
    rungs = []
    for rung in policy.ladder:
        in_hand = next(
            (
                r
                for r in reversed(picture.desk.restrictions)
                if r.incident_id == incident.id and r.rung == rung.name and r.state not in ENDED
            ),
            None,
        )
        only = msgspec.structs.replace(policy, ladder=(rung,))
        alone = seen._replace(site=msgspec.structs.replace(site, policy=only))
        drawn = in_hand or (
            plan.draft(incident, alone, now_ns, 0) if incident.state != "closed" else None
        )
        rungs.append(_rung(rung, today, drawn, in_hand, names, watch))
    return DecisionAnswer(incident, now_ns, tuple(rungs))


def _rung(
    rung: Rung,
    today: Rung | None,
    drawn: Restriction | None,
    in_hand: Restriction | None,
    names: dict[str, str],
    watch: Watch,
) -> RungAnswer:
    site = watch.keeper.picture.site
    en = rung.action.get("en", rung.name)
    limit = ORDER.index(today.name) if today is not None else 0
    told = recipients(site, "request", competent=rung.competent)
    return RungAnswer(
        rung.name,
        Words(en, rung.action.get("es", en)),
        rung.competent,
        names.get(rung.competent, rung.competent),
        rung.people,
        rung.limit_s,
        rung == today or (today is None and rung.name == "R0"),
        ORDER.index(rung.name) <= limit,
        drawn,
        in_hand is not None,
        drawn.volume.area_m2 if drawn is not None else None,
        (drawn.to_ns - drawn.from_ns) / NS_PER_MIN if drawn is not None else None,
        drawn.impact if drawn is not None else None,
        drawn.exemptions if drawn is not None else site.policy.default_exemptions,
        tuple(party.id for party in told),
    )


ROUTES: Final = (
    Route(
        "GET", "/api/incidents/{incident_id}/decision", LOOKING,
        "Today's rung and the alternatives with their costs.", read_decision, DecisionAnswer,
    ),
)  # fmt: skip
