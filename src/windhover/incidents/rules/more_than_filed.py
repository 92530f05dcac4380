"""More drones fly in the area of a filed flight than were filed: one of them is somebody else's."""

from __future__ import annotations

import numpy as np

from windhover.geo.context import Seen
from windhover.incidents.finding import Finding
from windhover.incidents.gate import is_drone, within_plan
from windhover.schema.cases import Friend, Hazard, Words

PERSIST_S = 20.0
"""A drone whose track broke is held twice for some seconds."""
APART_M = 100.0
"""Two tracks nearer than this may be one drone."""


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """One finding per group of overlapping plans; it names all its tracks and accuses none of them."""
    drone = is_drone(seen)
    groups: list[tuple[list[Friend], list[int]]] = []
    for friend in seen.friends:
        rows = _apart(seen, np.flatnonzero(drone & within_plan(seen, friend, now_ns)).tolist())
        if not rows:
            continue
        shared = [group for group in groups if set(group[1]) & set(rows)]
        groups = [group for group in groups if group not in shared]
        plans = [plan for group in shared for plan in group[0]]
        held = sorted({row for group in shared for row in group[1]} | set(rows))
        groups.append(([*plans, friend], held))
    return tuple(
        _finding(seen, plans, rows)
        for plans, rows in groups
        if len(rows) > sum(max(plan.aircraft, 1) for plan in plans)
    )


def _apart(seen: Seen, rows: list[int]) -> list[int]:
    """Of rows that stand close together, the first."""
    kept: list[int] = []
    for row in rows:
        away = np.hypot(*(seen.plane_m[kept] - seen.plane_m[row]).T)
        if (away > APART_M).all():
            kept.append(row)
    return kept


def _finding(seen: Seen, plans: list[Friend], rows: list[int]) -> Finding:
    tracks = tuple(int(seen.tracks.track_id[row]) for row in rows)
    named = ", ".join(map(str, tracks))
    filed = sum(max(plan.aircraft, 1) for plan in plans)
    who = ", ".join(dict.fromkeys(plan.operator for plan in plans))
    where = ", ".join(plan.id for plan in plans)
    words = Words(
        f"{len(rows)} drones where {who} filed {filed}",
        f"{len(rows)} drones donde {who} notificó {filed}",
    )
    why = Words(
        f"{len(rows)} drones (tracks {named}) fly in the area of {where}, where {who} filed {filed}. "
        "Which of them are its own cannot be told from here: ask the operator.",
        f"{len(rows)} drones (trazas {named}) vuelan en el área de {where}, donde {who} notificó {filed}. "
        "Desde aquí no es posible distinguir cuáles son los suyos: consulte al operador.",
    )
    hazard = Hazard(kind="object", words=words, track_ids=tracks)
    return Finding("more_than_filed", "filed", where, None, hazard, why, PERSIST_S, grade="E2")
