"""A free balloon drifts where aircraft fly: nobody directs it, and crews should know of it."""

from __future__ import annotations

import numpy as np

from windhover.geo.context import Seen
from windhover.geo.volumes import contains, plane_of
from windhover.incidents.finding import Finding
from windhover.incidents.gate import drifts
from windhover.incidents.phrases import bearing_words, what_words
from windhover.schema.batches import BOOL
from windhover.schema.cases import Hazard, Words
from windhover.units import M_PER_NM

CONTROLLED_WITHIN_M = 10.0 * M_PER_NM
PERSIST_S = 30.0


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """A balloon within 10 NM of an aerodrome, or over a zone that matters."""
    rows = np.flatnonzero(drifts(seen, now_ns) & _controlled(seen))
    found = []
    for row in rows.tolist():
        what = what_words(seen, row)
        speed = float(np.hypot(*seen.velocity_m_s[row, :2]))
        heading = bearing_words(seen.velocity_m_s[row])
        track_id = int(seen.tracks.track_id[row])
        found.append(
            Finding(
                "drifting_object",
                "drifter",
                "",
                track_id,
                Hazard(kind="object", words=what, track_ids=(track_id,)),
                Words(
                    f"{what.en} drifts with the wind toward the {heading.en} at {speed:.0f} m/s.",
                    f"{what.es} va a la deriva con el viento hacia el {heading.es} a {speed:.0f} m/s.",
                ),
                PERSIST_S,
                said=int(seen.said[row]),
            )
        )
    return tuple(found)


def _controlled(seen: Seen) -> BOOL:
    inside = np.zeros(seen.tracks.n, np.bool_)
    for aerodrome in seen.site.aerodromes:
        at = plane_of(
            seen.ground.frame, aerodrome.reference.latitude_rad, aerodrome.reference.longitude_rad
        )
        inside |= np.hypot(*(seen.plane_m - at).T) < CONTROLLED_WITHIN_M
    for zone in seen.site.zones:
        if zone.kind in ("critical", "aerodrome", "restricted"):
            inside |= contains(zone.polygon, seen.latitude_rad, seen.longitude_rad)
    return inside
