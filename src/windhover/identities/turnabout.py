"""Who drifted a moment ago is not said to be a drone at once: the track may have changed its object.

No class's model knows that a track can be fed by somebody else's plots for some seconds, and such a
stretch looks like motion against the wind. So the change must stand for a while before it is believed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.identities.weigh import BALLOON, DRONE, LIMIT_BY_WIND_ALONE, UNKNOWN
from windhover.schema.batches import F64, I64

DRIFTED_FROM: Final = 0.9
"""Who was a drifter with this probability …"""
STANDS_NS: Final = 60 * 10**9
"""… is for so long after it a drone no more surely than `LIMIT_BY_WIND_ALONE`."""


def doubt(log_probability: F64, drifted_ns: I64, now_ns: int) -> None:
    """Hold "drone" back in (N, K) rows that drifted a moment ago, and note in (N,) who drifts now.

    In place. What is taken from "drone" is "unknown".
    """
    probability = np.exp(log_probability)
    drifted_ns[probability[:, BALLOON] >= DRIFTED_FROM] = now_ns
    fresh = now_ns - drifted_ns < STANDS_NS
    excess = np.where(fresh, np.maximum(probability[:, DRONE] - LIMIT_BY_WIND_ALONE, 0.0), 0.0)
    bound = excess > 0.0
    probability[:, DRONE] -= excess
    probability[:, UNKNOWN] += excess
    log_probability[bound] = np.log(probability[bound])
