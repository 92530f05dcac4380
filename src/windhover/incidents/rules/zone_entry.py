"""A drone, or an unknown that flies as one may, is in a zone that matters, below its height."""

from __future__ import annotations

import numpy as np

from windhover.geo.context import Seen
from windhover.geo.volumes import contains
from windhover.incidents.finding import Finding
from windhover.incidents.gate import DRONE, may_intrude
from windhover.incidents.phrases import what_words
from windhover.schema.cases import Hazard, Words

KINDS = ("critical", "aerodrome", "restricted")
DRONE_PERSIST_S = 3.0
UNKNOWN_PERSIST_S = 15.0


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """One finding per track and zone. A height that is not known counts as below the zone's top."""
    may = may_intrude(seen, now_ns)
    if not may.any():
        return ()
    found = []
    for zone in seen.site.zones:
        if zone.kind not in KINDS:
            continue
        inside = contains(zone.polygon, seen.latitude_rad, seen.longitude_rad)
        above = seen.height_ground_m > zone.upper_height_ground_m
        for row in np.flatnonzero(may & inside & ~above).tolist():
            what = what_words(seen, row)
            drone = int(seen.said[row]) == DRONE
            track_id = int(seen.tracks.track_id[row])
            found.append(
                Finding(
                    "zone_entry",
                    "intruder",
                    zone.id,
                    track_id,
                    Hazard(kind="object", words=what, track_ids=(track_id,)),
                    Words(
                        f"{what.en} is inside {zone.name}.",
                        f"{what.es} se encuentra dentro de {zone.name}.",
                    ),
                    DRONE_PERSIST_S if drone else UNKNOWN_PERSIST_S,
                    zone.id,
                    int(seen.said[row]),
                )
            )
    return tuple(found)
