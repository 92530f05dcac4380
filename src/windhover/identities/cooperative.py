"""What the object says of itself, bound to how it moves. A claim, never proof.

The tracker binds a claim to a track by position; here the claimed kind is held against the speed
that was measured, so that a transponder code on a hovering thing says little.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.identities.weigh import AIRCRAFT, BALLOON, DRONE
from windhover.schema.batches import CLASSES, F64
from windhover.schema.place import Sensor
from windhover.schema.reports import Cooperative

K: Final = len(CLASSES)
# ADS-B emitter category (RTCA DO-260B table 2-14 … 2-17) → class, log-likelihood of the others.
CATEGORY_CLASS: Final = {
    "A1": (AIRCRAFT, -6.0), "A2": (AIRCRAFT, -7.0), "A3": (AIRCRAFT, -7.0), "A4": (AIRCRAFT, -7.0),
    "A5": (AIRCRAFT, -7.0), "A6": (AIRCRAFT, -7.0), "A7": (AIRCRAFT, -6.0), "B1": (AIRCRAFT, -5.0),
    "B2": (BALLOON, -4.0), "B3": (AIRCRAFT, -4.0), "B4": (AIRCRAFT, -4.0), "B6": (DRONE, -6.0),
    "B7": (AIRCRAFT, -4.0), "UAS": (DRONE, -6.0),
}  # fmt: skip
# Fastest that the category plausibly flies, m/s over ground, and slowest.
CATEGORY_SPEED_M_S: Final = {
    "A1": (15.0, 200.0), "A2": (25.0, 330.0), "A3": (45.0, 340.0), "A4": (45.0, 340.0),
    "A5": (45.0, 340.0), "A6": (45.0, 700.0), "A7": (0.0, 110.0), "B1": (0.0, 110.0),
    "B2": (0.0, 90.0), "B4": (0.0, 70.0), "B6": (0.0, 90.0), "UAS": (0.0, 60.0),
}  # fmt: skip
INCONSISTENT_WEIGHT: Final = 0.15
WORDLESS: Final = -3.0


def kind_of(claim: Cooperative) -> tuple[int, float] | None:
    """(class row, log-likelihood of the other classes) of what is claimed; None = says nothing."""
    if claim.category in CATEGORY_CLASS:
        return CATEGORY_CLASS[claim.category]
    if claim.scheme in ("remote_id", "uas_registration"):
        return DRONE, -6.0
    if claim.scheme == "icao" and not claim.category.startswith(("C", "B")):
        return AIRCRAFT, -5.0
    return None


def is_consistent(claim: Cooperative, velocity_enu_m_s: F64, sigma_m_s: float) -> bool:
    """Whether the measured velocity (3,) can be that of the claimed kind, and is the one claimed."""
    speed = float(np.hypot(velocity_enu_m_s[0], velocity_enu_m_s[1]))
    slack = 3.0 * sigma_m_s + 3.0
    kind = claim.category or ("UAS" if claim.scheme == "remote_id" else "")
    if kind in CATEGORY_SPEED_M_S and not claim.on_ground:
        slowest, fastest = CATEGORY_SPEED_M_S[kind]
        if not slowest - slack <= speed <= fastest + slack:
            return False
    if claim.ground_speed_m_s is None:
        return True
    return abs(claim.ground_speed_m_s - speed) <= slack + 0.2 * speed


def log_likelihood(claim: Cooperative, weight: float, consistent: bool) -> F64:
    """(K,) of one claim, by the share of the track's plots that carry it."""
    out = np.zeros(K)
    said = kind_of(claim)
    if said is None or weight < 0.5:
        return out
    row, others = said
    out[:] = others * min(weight, 1.0) * (1.0 if consistent else INCONSISTENT_WEIGHT)
    out[row] = 0.0
    return out


def by_receiver(sensors: tuple[Sensor, ...], seen_by: int) -> F64:
    """(K,) of a claim whose words have not come yet: a transponder's position is mostly an aircraft's.

    seen_by has bit s set where sensor row s has held the track.
    """
    out = np.zeros(K)
    kinds = {s.kind for row, s in enumerate(sensors) if seen_by >> (row % 63) & 1}
    row = AIRCRAFT if "adsb" in kinds else DRONE if "remote_id" in kinds else None
    if row is not None:
        out[:] = WORDLESS
        out[row] = 0.0
    return out
