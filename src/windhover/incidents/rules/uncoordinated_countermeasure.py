"""Somebody plans counter-drone activity whose aviation review is not finished, or not known to be."""

from __future__ import annotations

from windhover.geo.context import Seen
from windhover.incidents.finding import Finding
from windhover.schema.cases import Countermeasure, Hazard, Words
from windhover.units import NS_PER_H

LEAD_NS = 24 * NS_PER_H
"""How long before its start a planned activity is worth an incident."""

MEANS = {
    "laser": Words("laser", "láser"),
    "jamming": Words("radio jamming", "interferencia de radio"),
    "net": Words("net capture", "captura con red"),
    "other": Words("counter-drone", "contra drones"),
}
REVIEW = {
    "finished": Words("is finished", "está concluida"),
    "not finished": Words("is not finished", "no está concluida"),
    "unknown": Words("is not known to be finished", "no consta que esté concluida"),
}


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """From a day before its start until its end; its hazard is the area as declared."""
    return tuple(
        _finding(plan)
        for plan in seen.countermeasures
        if plan.aviation_review != "finished" and plan.from_ns - LEAD_NS <= now_ns <= plan.to_ns
    )


def _finding(plan: Countermeasure) -> Finding:
    means, review = MEANS[plan.means], REVIEW[plan.aviation_review]
    hazard = Hazard(
        kind="laser area",
        words=Words(
            f"{means.en} activity declared by {plan.operator}",
            f"actividad de {means.es} declarada por {plan.operator}",
        ),
        declared=plan.area,
        from_ns=plan.from_ns,
        to_ns=plan.to_ns,
    )
    why = Words(
        f"{plan.operator} has declared {means.en} activity ({plan.id}); its aviation safety review {review.en}.",
        f"{plan.operator} declaró actividad de {means.es} ({plan.id}); su revisión de seguridad operacional aérea {review.es}.",
    )
    rule = "uncoordinated_countermeasure"
    return Finding(rule, "plan", plan.id, None, hazard, why, persist_s=0.0, grade="E4")
