"""Things that fly through the air under their own power: multirotors and birds."""

from __future__ import annotations

from math import hypot, pi, radians, sqrt
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from windhover.schema.batches import F64
from windhover.score.simulate.air import Air, mean_wind, ornstein_uhlenbeck, turbulence
from windhover.score.simulate.drift import STEP_S, Motion, clock, motion_of, samples

MULTIROTOR_ACCELERATION_M_S2 = 3.0
"""Of camera drones in their ordinary mode: about 17° of tilt."""
MULTIROTOR_CLIMB_M_S = 4.0


class Leg(NamedTuple):
    """Fly there, then stay."""

    east_m: float
    north_m: float
    height_ground_m: float
    speed_m_s: float
    hold_s: float = 0.0


def multirotor(
    rng: np.random.Generator, *, start_s: float, legs: list[Leg], limit_s: float
) -> Motion:
    """A position-controlled multirotor over waypoints, from the ground under the first leg and back.

    Its velocity command points at the waypoint at no more than the speed from which it can still
    brake; the command is followed within an acceleration limit, and gusts push it about by decimetres
    per second before the controller answers.
    """
    n = samples(limit_s)
    gust = np.column_stack(
        [ornstein_uhlenbeck(rng, n, STEP_S, 2.5, sigma) for sigma in (0.25, 0.25, 0.12)]
    ).tolist()
    x, y, z = legs[0].east_m, legs[0].north_m, 0.0
    vx = vy = vz = 0.0
    path = [(x, y, z)]
    leg, held_s = 0, 0.0
    most = MULTIROTOR_ACCELERATION_M_S2 * STEP_S
    for k in range(1, n):
        aim = legs[leg]
        dx, dy, dz = aim.east_m - x, aim.north_m - y, aim.height_ground_m - z
        away = hypot(dx, dy)
        wanted = min(aim.speed_m_s, sqrt(2.0 * 0.6 * MULTIROTOR_ACCELERATION_M_S2 * away), away)
        cx, cy = (dx / away * wanted, dy / away * wanted) if away > 0.01 else (0.0, 0.0)
        cz = max(-MULTIROTOR_CLIMB_M_S, min(MULTIROTOR_CLIMB_M_S, 0.5 * dz))
        ax, ay, az = cx - vx, cy - vy, cz - vz
        pull = sqrt(ax * ax + ay * ay + az * az)
        if pull > most:
            ax, ay, az = ax * most / pull, ay * most / pull, az * most / pull
        vx, vy, vz = vx + ax, vy + ay, vz + az
        gx, gy, gz = gust[k]
        x, y, z = x + (vx + gx) * STEP_S, y + (vy + gy) * STEP_S, max(0.0, z + (vz + gz) * STEP_S)
        path.append((x, y, z))
        if away < 8.0 and abs(dz) < 5.0:
            held_s += STEP_S
            if held_s > aim.hold_s:
                leg, held_s = leg + 1, 0.0
                if leg == len(legs):
                    break
    return motion_of(start_s, np.array(path))


def flapping_bird(
    rng: np.random.Generator,
    air: Air,
    *,
    start_s: float,
    duration_s: float,
    from_m: tuple[float, float],
    heading_rad: float,
    airspeed_m_s: float,
    height_ground_m: float,
    wander_rad: float,
) -> Motion:
    """A bird in flapping flight: near-constant airspeed, a heading that wanders, carried by the wind.

    `wander_rad` is the σ of the heading about its goal (0.15 for a goose on its way, over 1 for a bird
    that feeds). Flap-bounding waves the height by a metre or so.
    """
    n = samples(duration_s)
    t = clock(start_s, n)
    heading = heading_rad + _slow(rng, n, 25.0, wander_rad)
    speed = airspeed_m_s + _slow(rng, n, 15.0, 0.08 * airspeed_m_s)
    wave_hz = rng.uniform(0.08, 0.25)
    height = (
        height_ground_m
        + _slow(rng, n, 60.0, min(8.0, 0.2 * height_ground_m))
        + 0.5 * np.sin(2 * pi * wave_hz * t + rng.uniform(0, 2 * pi))
    )
    height = np.maximum(height, 3.0)
    wind = _felt(rng, air, t, height)
    velocity = wind + speed[:, None] * np.column_stack([np.sin(heading), np.cos(heading)])
    return _integrated(start_s, from_m, velocity, height)


def soaring(
    rng: np.random.Generator,
    air: Air,
    *,
    start_s: float,
    duration_s: float,
    from_m: tuple[float, float],
    height_ground_m: float,
    airspeed_m_s: float,
    bank_rad: float = radians(25.0),
) -> Motion:
    """A soaring bird or glider: circles in lift and drifts with the wind, then glides on, again and again.

    Circles of radius v²/(g·tan bank); climbs at about 1.2 m/s, glides at 0.8 m/s down.
    """
    n = samples(duration_s)
    t = clock(start_s, n)
    turn_rad_s = 9.81 * np.tan(bank_rad) / airspeed_m_s
    rate, climb = np.zeros(n), np.zeros(n)
    row = 0
    while row < n:
        for circling, seconds in ((True, rng.uniform(60, 150)), (False, rng.uniform(30, 80))):
            stop = min(n, row + int(seconds / STEP_S))
            rate[row:stop] = float(rng.choice([-1.0, 1.0])) * turn_rad_s if circling else 0.0
            climb[row:stop] = 1.2 if circling else -0.8
            row = stop
    roll = int(3.0 / STEP_S)  # a bank is rolled into over three seconds
    rate = np.convolve(np.pad(rate, roll, "edge"), np.ones(roll) / roll, mode="same")[roll:-roll]
    climb = np.convolve(np.pad(climb, roll, "edge"), np.ones(roll) / roll, mode="same")[roll:-roll]
    heading = rng.uniform(0, 2 * pi) + np.cumsum(rate) * STEP_S
    height = height_ground_m + np.cumsum(climb + _slow(rng, n, 10.0, 0.3)) * STEP_S
    height = np.maximum(height, 10.0)
    wind = _felt(rng, air, t, height)
    velocity = wind + airspeed_m_s * np.column_stack([np.sin(heading), np.cos(heading)])
    return _integrated(start_s, from_m, velocity, height)


def _felt(rng: np.random.Generator, air: Air, t_s: F64, height_ground_m: F64) -> F64:
    """(n, 2) the wind that carries a winged body: its mean and its gusts, after a lag of a second."""
    gusts = turbulence(rng, len(t_s), STEP_S, air.speed_m_s)[:, :2]
    lagged: F64 = lfilter([0.22], [1.0, -0.78], gusts, axis=0)
    return mean_wind(air, t_s, height_ground_m) + lagged


def _slow(rng: np.random.Generator, n: int, time_s: float, sigma: float) -> F64:
    """A wander without jerks: an Ornstein–Uhlenbeck process seen through a moving mean of 10 s."""
    width = int(10.0 / STEP_S)
    rough = ornstein_uhlenbeck(rng, n + width, STEP_S, time_s, sigma)
    return np.convolve(rough, np.ones(width) / width, mode="valid")[:n]


def _integrated(start_s: float, from_m: tuple[float, float], velocity: F64, height: F64) -> Motion:
    path = np.array(from_m) + np.vstack([np.zeros(2), np.cumsum(velocity[:-1] * STEP_S, axis=0)])
    return motion_of(start_s, np.column_stack([path, height]))
