"""Which rung of proportionate response a grade of evidence and an exposure ask for (FACTS §4).

R0 watch · R1 advise, send eyes · R2 delay or reroute · R3 pause one runway or sector · R4 small
volume with exemptions · R5 aerodrome closure · R6 area or defence closure. The table never reaches
R5 or R6: those are for people who name an authority and a legal basis.
"""

from __future__ import annotations

from typing import Final

from windhover.schema.cases import Exposure, Grade, Incident
from windhover.schema.place import Policy, Rung

ORDER: Final = ("R0", "R1", "R2", "R3", "R4", "R5", "R6")

TABLE: Final[dict[Grade, dict[Exposure, str]]] = {
    "E0": {"X0": "R0", "X1": "R0", "X2": "R0", "X3": "R1"},
    "E1": {"X0": "R0", "X1": "R1", "X2": "R2", "X3": "R3"},
    "E2": {"X0": "R1", "X1": "R4", "X2": "R4", "X3": "R4"},
    "E3": {"X0": "R1", "X1": "R4", "X2": "R4", "X3": "R4"},
    "E4": {"X0": "R1", "X1": "R4", "X2": "R4", "X3": "R4"},
}
"""Never falls with more evidence or more exposure. From two observers on, a small volume with
exemptions is the milder measure: it binds less traffic than pausing a runway does."""

FLOOR: Final = {
    "uncoordinated_countermeasure": "R4",
    "traffic_conflict": "R1",
    "drifting_object": "R1",
}
"""By rule: a beam that its owner declares is a hazard whatever traffic is there now; crews are told
of a balloon where they fly."""
CEILING: Final = {"drifting_object": "R3"}
"""By rule: what only drifts asks for advice, at most for a pause while it passes."""
RUNWAY_PAUSE: Final = ("drifting_object",)


def wanted(incident: Incident) -> str:
    """The rung's name by the table, the rule's floor and ceiling; E1 never above R3."""
    rank = ORDER.index
    name = TABLE[incident.grade][incident.exposure]
    if incident.rule in RUNWAY_PAUSE and incident.exposure == "X3":
        name = "R3"
    if incident.grade != "E0" or incident.rule == "drifting_object":
        name = max(name, FLOOR.get(incident.rule, "R0"), key=rank)
    name = min(name, CEILING.get(incident.rule, "R6"), key=rank)
    if incident.grade == "E1":
        name = min(name, "R3", key=rank)
    return name


def choose(incident: Incident, policy: Policy) -> Rung | None:
    """The site's own rung of that name, or the next lower one that its table has; None = only watch."""
    limit = ORDER.index(wanted(incident))
    possible = [r for r in policy.ladder if 0 < ORDER.index(r.name) <= limit]
    return max(possible, key=lambda r: ORDER.index(r.name)) if possible else None


def rung_named(policy: Policy, name: str) -> Rung | None:
    """The site's rung of that name."""
    return next((r for r in policy.ladder if r.name == name), None)
