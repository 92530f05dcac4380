"""Things that the air carries or holds: balloons, kites.

A drifter's velocity follows the air with a response time (0.3–2 s for party balloons); its vertical
speed is its own. Positions are (T, 3): east and north in m of the sector, height above ground in m.
"""

from __future__ import annotations

from math import exp, radians
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from windhover.schema.batches import F64
from windhover.score.simulate.air import Air, mean_wind, ornstein_uhlenbeck, turbulence

STEP_S = 0.25
"""Of every simulated trajectory; sensors interpolate."""


class Motion(NamedTuple):
    """Where something is, every STEP_S from `start_s` into the night."""

    start_s: float
    position_m: F64  # (T, 3) east, north, height above ground
    velocity_m_s: F64  # (T, 3)


def samples(duration_s: float) -> int:
    return max(2, int(duration_s / STEP_S) + 1)


def clock(start_s: float, n: int) -> F64:
    """(n,) seconds into the night of a trajectory's samples."""
    return start_s + STEP_S * np.arange(n, dtype=np.float64)


def floating_height(
    rng: np.random.Generator, n: int, *, release_m: float, float_m: float, lift_m_s: float
) -> F64:
    """(n,) height of a foil balloon: its lift dies out toward the float level, then it wanders there.

    A foil envelope does not stretch, so its lift falls with air density and it finds a level; slow
    vertical gusts move it about that level by some metres.
    """
    rise = float_m - release_m
    height = release_m + rise * (1.0 - np.exp(-clock(0.0, n) * lift_m_s / rise))
    wander = ornstein_uhlenbeck(rng, n, STEP_S, 120.0, 6.0)
    smooth = 1.0 - exp(-STEP_S / 15.0)
    about: F64 = lfilter([smooth], [1.0, smooth - 1.0], wander - wander[0])
    return height + about


def climbing_height(rng: np.random.Generator, n: int, *, release_m: float, climb_m_s: float) -> F64:
    """(n,) height of a latex balloon or radiosonde: a steady climb with vertical gusts."""
    rate = climb_m_s + ornstein_uhlenbeck(rng, n, STEP_S, 20.0, 0.25)
    return release_m + np.concatenate([[0.0], np.cumsum(rate[:-1]) * STEP_S])


def drifter(
    rng: np.random.Generator,
    air: Air,
    *,
    start_s: float,
    height_ground_m: F64,
    response_s: float,
    through_m: tuple[float, float],
    through_row: int,
) -> Motion:
    """A free balloon on a given height profile, released so that it is at `through_m` at that row.

    The wind depends on height and time alone, so shifting a drift path does not bend it.
    """
    n = len(height_ground_m)
    wind = mean_wind(air, clock(start_s, n), height_ground_m)
    wind = wind + turbulence(rng, n, STEP_S, float(np.hypot(*wind.mean(0))))[:, :2]
    share = 1.0 - exp(-STEP_S / response_s)
    velocity = np.column_stack(
        [
            lfilter([share], [1.0, share - 1.0], wind[:, axis], zi=[(1.0 - share) * wind[0, axis]])[
                0
            ]
            for axis in range(2)
        ]
    )
    path = np.vstack([np.zeros(2), np.cumsum(velocity[:-1] * STEP_S, axis=0)])
    path += np.array(through_m) - path[through_row]
    return motion_of(start_s, np.column_stack([path, height_ground_m]))


def kite(
    rng: np.random.Generator,
    air: Air,
    *,
    start_s: float,
    duration_s: float,
    anchor_m: tuple[float, float],
    line_m: float,
) -> Motion:
    """A kite on a taut line: downwind of its anchor at some 50°, swaying as the gusts do."""
    n = samples(duration_s)
    t = clock(start_s, n)
    wind = mean_wind(air, t, np.full(n, 0.7 * line_m))
    downwind = np.arctan2(wind[:, 0], wind[:, 1])
    sway = _smooth(ornstein_uhlenbeck(rng, n, STEP_S, 9.0, radians(7.0)), 2.0)
    lift = radians(52.0) + _smooth(ornstein_uhlenbeck(rng, n, STEP_S, 20.0, radians(5.0)), 2.0)
    azimuth = downwind + sway
    position = np.column_stack(
        [
            anchor_m[0] + line_m * np.cos(lift) * np.sin(azimuth),
            anchor_m[1] + line_m * np.cos(lift) * np.cos(azimuth),
            line_m * np.sin(lift),
        ]
    )
    return motion_of(start_s, position)


def _smooth(values: F64, time_s: float) -> F64:
    """Two first-order lags in a row: no mass jumps."""
    share = 1.0 - exp(-STEP_S / time_s)
    for _ in range(2):
        values = lfilter([share], [1.0, share - 1.0], values, zi=[(1.0 - share) * values[0]])[0]
    return values


def motion_of(start_s: float, position_m: F64) -> Motion:
    """The motion along (T, 3) positions; velocities by central differences."""
    return Motion(start_s, position_m, np.gradient(position_m, STEP_S, axis=0))
