"""The one set of numbers that describes targets: how they move, come and go.

Fitted once on simulated seeds that are not reported (design/tracker/README.md), used for everything.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.schema.batches import F64

# Three modes: near-still, constant velocity, manoeuvre.
# Velocity is an Ornstein–Uhlenbeck process: it forgets at `decay` and is stirred by white
# acceleration of spectral density `stir`; decay 0 is the constant-velocity model (Bar-Shalom, Li and
# Kirubarajan 2001, §6.2.2).
DECAY_PER_S: Final = (0.015, 0.0, 0.0)
STIR_M2_S3: Final = (3.5, 0.1, 120.0)
# A turn goes on: between plots far apart acceleration is constant rather than white (discrete white
# noise acceleration, ibid. §6.3.2), which white noise alone would call impossible.
TURN_M_S2: Final = (0.0, 0.0, 4.0)
TURN_LONGEST_S: Final = 12.0
START_SIGMA_M_S: Final = (9.0, 100.0, 100.0)  # per axis, of a track with one plot
START_MODE: Final = (0.75, 0.20, 0.05)
STAY_S: Final = (80.0, 45.0, 80.0)  # mean time in a mode
# Where a mode goes when it is left.
LEAVE: Final = ((0.0, 0.8, 0.2), (0.05, 0.0, 0.95), (0.45, 0.55, 0.0))

VERTICAL_STIR_M2_S3: Final = 3.0
VERTICAL_DECAY_PER_S: Final = 0.02
VERTICAL_TURN_M_S2: Final = 0.7
START_HEIGHT_M: Final = 1500.0  # above the sector's origin, where no sensor gave one
START_HEIGHT_SIGMA_M: Final = 2500.0
START_CLIMB_SIGMA_M_S: Final = 15.0

LIFE_S: Final = 600.0  # mean time a target stays
BIRTHS_PER_S: Final = 0.05  # expected in the whole sector before the data say otherwise
BIRTHS_SPAN_S: Final = 20.0  # weight of that expectation, at most …
BIRTHS_WORTH: Final = 30.0  # … and at most so many births
BIRTH_DELAY_S: Final = (
    8.0  # from a target's first plot until it is certain, before the data say otherwise
)
FORGET_S: Final = 120.0  # births and clutter older than this no longer count


def table() -> F64:
    """(3, 9) rows of modes: decay, stir, start σ, start probability, stay, leave ×3, turn."""
    return np.array(
        [
            [
                DECAY_PER_S[m],
                STIR_M2_S3[m],
                START_SIGMA_M_S[m],
                START_MODE[m],
                STAY_S[m],
                *LEAVE[m],
                TURN_M_S2[m],
            ]
            for m in range(3)
        ]
    )
