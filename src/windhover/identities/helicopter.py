"""An aircraft may be a helicopter: it hovers, orbits and turns as a drone does.

Only its size and its words tell the two apart. So however long a thing circles, its motion counts
against "aircraft" no more than helicopters are rare among aircraft.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.identities.weigh import AIRCRAFT, DRONE
from windhover.schema.batches import F64

SHARE: Final = 0.03
"""Of the aircraft that a sector holds: a round figure on the low side, no source gives one."""


def moves(motion_score: F64) -> F64:
    """(N, K) scores of the motion, with "aircraft" as a mixture of aeroplanes and helicopters."""
    out = motion_score.copy()
    out[:, AIRCRAFT] = np.logaddexp(out[:, AIRCRAFT], out[:, DRONE] + np.log(SHARE))
    return out


def climbs(climb_score: F64) -> F64:
    """(N, K) scores of the climb: a helicopter's is a drone's; its rarity is charged to the motion."""
    out = climb_score.copy()
    out[:, AIRCRAFT] = np.maximum(out[:, AIRCRAFT], out[:, DRONE])
    return out
