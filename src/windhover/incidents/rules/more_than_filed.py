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
    """One finding per filed flight; it names all the tracks and accuses none of them."""
    drone = is_drone(seen)
    found = []
    for friend in seen.friends:
        rows = _apart(seen, np.flatnonzero(drone & within_plan(seen, friend, now_ns)).tolist())
        if len(rows) > max(friend.aircraft, 1):
            found.append(_finding(seen, friend, rows))
    return tuple(found)


def _apart(seen: Seen, rows: list[int]) -> list[int]:
    """Of rows that stand close together, the first."""
    kept: list[int] = []
    for row in rows:
        away = np.hypot(*(seen.plane_m[kept] - seen.plane_m[row]).T)
        if (away > APART_M).all():
            kept.append(row)
    return kept


def _finding(seen: Seen, friend: Friend, rows: list[int]) -> Finding:
    tracks = tuple(int(seen.tracks.track_id[row]) for row in rows)
    named = ", ".join(map(str, tracks))
    filed = max(friend.aircraft, 1)
    words = Words(
        f"{len(rows)} drones where {friend.operator} filed {filed}",
        f"{len(rows)} drones donde {friend.operator} notificó {filed}",
    )
    why = Words(
        f"{len(rows)} drones (tracks {named}) fly in the area of {friend.id}, where {friend.operator} "
        f"filed {filed}. Which of them is its own cannot be told from here: ask the operator.",
        f"{len(rows)} drones (trazas {named}) vuelan en el área de {friend.id}, donde {friend.operator} "
        f"notificó {filed}. Desde aquí no es posible distinguir cuál es el suyo: consulte al operador.",
    )
    hazard = Hazard(kind="object", words=words, track_ids=tracks)
    return Finding("more_than_filed", "filed", friend.id, None, hazard, why, PERSIST_S, grade="E2")
