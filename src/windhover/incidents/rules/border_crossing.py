"""A drone, or an unknown that flies as one may, crosses the border or is about to."""

from __future__ import annotations

import numpy as np

from windhover.geo.borders import HOME, NEIGHBOUR, signed_distance_m
from windhover.geo.context import Seen
from windhover.incidents.finding import Finding
from windhover.incidents.gate import DRONE, may_intrude
from windhover.incidents.phrases import bearing_words, what_words
from windhover.schema.batches import BOOL
from windhover.schema.cases import Hazard, Words
from windhover.schema.countries import country_words

LOOK_AHEAD_S = 120.0
LOOK_AHEAD_M = 3000.0
DRONE_PERSIST_S = 4.0
UNKNOWN_PERSIST_S = 10.0


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """In the home half of the border strip, past the line, or two minutes from it.

    `memory` holds the last side on which each track surely was: a track that began at home and never
    was at the neighbour's is only of interest inside the strip.
    """
    if seen.ground.border is None:
        return ()
    metres = seen.border_m
    strip_m = seen.site.policy.border_strip_m
    may = may_intrude(seen, now_ns)
    coming = may & (metres < 0.0) & (metres > -LOOK_AHEAD_M)
    coming[coming] = _reaches_home(seen, coming)
    inside = (metres >= 0.0) & (metres <= strip_m)
    came_over = np.array([memory.get(int(t)) == NEIGHBOUR for t in seen.tracks.track_id], np.bool_)
    deeper = (metres > strip_m) & came_over
    rows = np.flatnonzero(coming | (may & (inside | deeper)))
    return tuple(_finding(seen, int(row), bool(came_over[row])) for row in rows)


def remember(seen: Seen, memory: dict[int, int]) -> dict[int, int]:
    """The last sure side of every track held now: a crossing is told once the track is deep at home.

    A track that came over stays one that came over until it is surely back.
    """
    if seen.ground.border is None:
        return memory
    sure_m = np.maximum(2.0 * seen.ground.border.sigma_m, 30.0)
    kept: dict[int, int] = {}
    for track_id, metres in zip(seen.tracks.track_id.tolist(), seen.border_m.tolist(), strict=True):
        before = memory.get(track_id)
        if metres < -sure_m:
            kept[track_id] = NEIGHBOUR
        elif before is not None:
            kept[track_id] = before
        elif metres > sure_m:
            kept[track_id] = HOME
    return kept


def _reaches_home(seen: Seen, rows: BOOL) -> BOOL:
    """Which of those rows are at home after the look-ahead, if they go on coming nearer as now.

    The rate of approach is measured by a step of one second along the track.
    """
    border = seen.ground.border
    if border is None or not rows.any():
        return np.zeros(int(rows.sum()), np.bool_)
    step = seen.plane_m[rows] + seen.velocity_m_s[rows, :2]
    rate = signed_distance_m(border, step) - seen.border_m[rows]
    return np.asarray(seen.border_m[rows] + LOOK_AHEAD_S * rate > 0.0, np.bool_)


def _finding(seen: Seen, row: int, came_over: bool) -> Finding:
    track_id = int(seen.tracks.track_id[row])
    metres = abs(float(seen.border_m[row]))
    what = what_words(seen, row)
    neighbour = country_words(seen.site.border.neighbour if seen.site.border else "")
    heading = bearing_words(seen.velocity_m_s[row])
    if came_over and seen.border_m[row] > 0:
        why = Words(
            f"{what.en} crossed the border from {neighbour.en}, flying {heading.en}; it is {metres:.0f} m inside.",
            f"{what.es} cruzó la frontera desde {neighbour.es}, con rumbo {heading.es}; se encuentra {metres:.0f} m adentro.",
        )
    elif seen.border_m[row] > 0:
        why = Words(
            f"{what.en} flies {metres:.0f} m from the border, inside the strip, heading {heading.en}.",
            f"{what.es} vuela a {metres:.0f} m de la frontera, dentro de la franja, con rumbo {heading.es}.",
        )
    else:
        why = Words(
            f"{what.en} flies toward the border from {neighbour.en}, {metres:.0f} m before it.",
            f"{what.es} vuela hacia la frontera desde {neighbour.es}, a {metres:.0f} m de ella.",
        )
    drone = int(seen.said[row]) == DRONE
    hazard = Hazard(kind="object", words=what, track_ids=(track_id,))
    persist_s = DRONE_PERSIST_S if drone else UNKNOWN_PERSIST_S
    return Finding(
        "border_crossing",
        "intruder",
        "",
        track_id,
        hazard,
        why,
        persist_s,
        said=int(seen.said[row]),
    )
