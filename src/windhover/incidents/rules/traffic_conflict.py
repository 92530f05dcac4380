"""A drone, an unknown that flies as one may, or a balloon comes within two minutes of an aircraft."""

from __future__ import annotations

import numpy as np

from windhover.geo.context import Seen
from windhover.incidents.exposure import to_aircraft
from windhover.incidents.finding import Finding
from windhover.incidents.gate import BALLOON, drifts, may_intrude
from windhover.incidents.phrases import what_words
from windhover.schema.cases import Hazard, Words
from windhover.timescale import to_datetime
from windhover.units import NS_PER_S

PERSIST_S = 4.0


def find(seen: Seen, memory: dict[int, int], now_ns: int) -> tuple[Finding, ...]:
    """One finding per object: the aircraft it meets first."""
    found = []
    for row in np.flatnonzero(may_intrude(seen, now_ns) | drifts(seen, now_ns)).tolist():
        exposure, _, seconds = to_aircraft(seen, row)
        if exposure != "X3":
            continue
        what = what_words(seen, row)
        # The instant too: the sentence is read again minutes later.
        closest = f"{to_datetime(now_ns + round(seconds * NS_PER_S)):%H:%M:%S} UTC"
        track_id = int(seen.tracks.track_id[row])
        found.append(
            Finding(
                "traffic_conflict",
                "drifter" if int(seen.said[row]) == BALLOON else "intruder",
                "",
                track_id,
                Hazard(kind="object", words=what, track_ids=(track_id,)),
                Words(
                    f"{what.en} and an aircraft come close to each other in {seconds:.0f} s, at {closest}, if neither turns.",
                    f"{what.es} y una aeronave se aproximan en {seconds:.0f} s, a las {closest}, si ninguna cambia de rumbo.",
                ),
                PERSIST_S,
                said=int(seen.said[row]),
            )
        )
    return tuple(found)
