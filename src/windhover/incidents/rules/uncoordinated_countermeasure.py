"""Somebody plans counter-drone activity whose aviation review is not finished, or not known to be."""

from __future__ import annotations

from windhover.air.laser import beam_words
from windhover.errors import BadInput
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
NO_BEAM = Words(
    "No beam was declared: how far it endangers eyes is not known.",
    "No se declaró el haz: se desconoce hasta dónde pone en peligro la vista.",
)
NO_LIMIT = Words(
    "No exposure limit is on record here for its wavelength: ask the operator for the hazard distance.",
    "No consta aquí un límite de exposición para su longitud de onda: solicite al operador la distancia de peligro.",
)


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """From a day before its start until its end; its hazard is the area as declared."""
    return tuple(
        _finding(plan)
        for plan in seen.countermeasures
        if plan.aviation_review != "finished" and plan.from_ns - LEAD_NS <= now_ns <= plan.to_ns
    )


def beam_of(plan: Countermeasure) -> Words | None:
    """What the declared beam means for eyes, or that none was declared; None for other means."""
    if plan.means != "laser":
        return None
    if plan.beam is None:
        return NO_BEAM
    try:
        return beam_words(plan.beam, plan.area)
    except BadInput:
        return NO_LIMIT


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
    if (beam := beam_of(plan)) is not None:
        why = Words(f"{why.en} {beam.en}", f"{why.es} {beam.es}")
    rule = "uncoordinated_countermeasure"
    return Finding(rule, "plan", plan.id, None, hazard, why, persist_s=0.0, grade="E4")
