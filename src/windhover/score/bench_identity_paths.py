"""True paths of the population's objects at 4 Hz, each from its own random stream."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from windhover.schema.batches import F64
from windhover.score.population import DURATION_S, Air, Claim, Sort

STEP_S = 0.25
N = int(DURATION_S / STEP_S) + 1
T: F64 = STEP_S * np.arange(N, dtype=np.float64)


class Case(NamedTuple):
    """One object: where it goes, in what wind, and what is claimed of that wind."""

    sort: Sort
    path_m: F64 | None  # (N, 3) east, north, up from its start; None = scattered clutter
    wind_m_s: F64  # (2,) mean wind at its start
    claimed_m_s: F64  # (2,) what is said of it
    claimed_sigma_m_s: float  # inf = nothing is said
    shear_per_m: float  # relative; the claim has the same shear


def _ou(rng: np.random.Generator, sigma: float, time_s: float, columns: int = 1) -> F64:
    """(N, columns) stationary AR(1)."""
    keep = float(np.exp(-STEP_S / time_s))
    noise = rng.normal(size=(N, columns)) * sigma * np.sqrt(1.0 - keep**2)
    noise[0] = rng.normal(size=columns) * sigma
    out: F64 = lfilter([1.0], [1.0, -keep], noise, axis=0)
    return out


def _between(rng: np.random.Generator, pair: tuple[float, float], wider: float = 1.0) -> float:
    middle, half = 0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]) * wider
    value = float(rng.uniform(middle - half, middle + half))
    return max(value, 0.5 * pair[0]) if pair[0] > 0 else value


def _turned(speed: F64 | float, heading: F64) -> F64:
    """(N, 2) velocity of a speed and a heading, both along time."""
    return np.stack([speed * np.sin(heading), speed * np.cos(heading)], axis=1)


def case(
    rng: np.random.Generator,
    sort: Sort,
    air: Air,
    claim: Claim,
    wider: float = 1.0,
    beside: Case | None = None,
) -> Case:
    """One object of a sort in an air of its own, or in that of another object `beside` it."""
    wind_speed = min(float(rng.rayleigh(air.mean_speed_m_s / 1.2533)), air.greatest_speed_m_s)
    toward = float(rng.uniform(0.0, 2.0 * np.pi))
    wind = wind_speed * np.array([np.sin(toward), np.cos(toward)])
    claimed_sigma = float(rng.choice(claim.claimed_m_s))
    true_sigma = claim.true_m_s if claim.true_m_s is not None else claim.true_share * claimed_sigma
    error = np.zeros(2) if not np.isfinite(true_sigma) else rng.normal(size=2) * true_sigma
    if beside is not None:
        wind, error = beside.wind_m_s, beside.claimed_m_s - beside.wind_m_s
        wind_speed, claimed_sigma = float(np.hypot(*wind)), beside.claimed_sigma_m_s
    sigma = air.turbulence_floor_m_s + _between(rng, air.turbulence_share) * wind_speed
    gust = _ou(rng, sigma, _between(rng, air.turbulence_time_s), 2)
    shear = air.shear_per_100_m / 100.0
    height = _between(rng, sort.height_m)
    climb = _between(rng, sort.climb_m_s, wider)
    speed = _between(rng, sort.speed_m_s, wider)
    path = _path(rng, sort, wind, gust, shear, height, climb, speed)
    return Case(sort, path, wind, wind + error, claimed_sigma, shear)


def _path(
    rng: np.random.Generator,
    sort: Sort,
    wind: F64,
    gust: F64,
    shear_per_m: float,
    height_m: float,
    climb_m_s: float,
    speed_m_s: float,
) -> F64 | None:
    up_rate = np.full(N, climb_m_s)
    heading = np.full(N, float(rng.uniform(0.0, 2.0 * np.pi)))
    if sort.name == "ground clutter":
        if rng.random() < 0.5:
            return None
        return np.tile([0.0, 0.0, height_m], (N, 1)) + _ou(rng, 1.0, 3.0, 3)
    if sort.of == "balloon":
        up_rate = up_rate + _ou(rng, 0.25 + 0.3 * float(np.abs(gust).mean()), 12.0)[:, 0]
        up = height_m + np.cumsum(up_rate) * STEP_S
        carried = wind * (1.0 + shear_per_m * (up - height_m))[:, None] + gust
        return np.column_stack([np.cumsum(carried, axis=0) * STEP_S, up])
    if sort.name == "drone hovering":
        held = _ou(rng, float(rng.uniform(0.3, 1.5)), 12.0, 2) + _ou(rng, 0.15, 2.0, 2)
        return np.column_stack([held, height_m + _ou(rng, 0.4, 10.0)])
    if sort.name == "kite or tethered balloon":
        return _tethered(rng, wind, gust, height_m)
    if sort.of == "drone":
        return _drone(rng, sort, height_m, climb_m_s, speed_m_s, gust)
    if sort.name == "bird soaring":
        turn = float(rng.choice([-1.0, 1.0])) * 2.0 * np.pi / float(rng.uniform(13.0, 28.0))
        circling = (_ou(rng, 1.0, 25.0)[:, 0] > -0.5).astype(float)  # now and then a straight glide
        heading = heading + np.cumsum(turn * circling) * STEP_S + _ou(rng, 0.15, 5.0)[:, 0]
        up_rate = np.where(circling > 0, climb_m_s, -1.0) + _ou(rng, 0.6, 8.0)[:, 0]
        through = _turned(speed_m_s + _ou(rng, 0.8, 6.0)[:, 0], heading)
    elif sort.name == "bird flapping about":
        heading = heading + np.cumsum(_ou(rng, 0.35, 4.0)[:, 0]) * STEP_S
        up_rate = up_rate + _ou(rng, 0.8, 5.0)[:, 0]
        through = _turned(speed_m_s + _ou(rng, 1.3, 4.0)[:, 0], heading)
    elif sort.of == "bird":
        heading = (
            heading + _ou(rng, 0.12, 15.0)[:, 0] + np.cumsum(_ou(rng, 0.01, 30.0)[:, 0]) * STEP_S
        )
        up_rate = up_rate + _ou(rng, 0.5, 5.0)[:, 0]
        through = _turned(speed_m_s + _ou(rng, 0.8, 6.0)[:, 0], heading)
    else:  # aircraft: along the ground's track, gusts mostly flown out
        rate = 0.0
        if rng.random() < 0.35:
            rate = float(rng.uniform(-0.05, 0.05))
        turning = np.cumsum((_ou(rng, 1.0, 30.0)[:, 0] > 0.3) * rate) * STEP_S
        through = _turned(speed_m_s + _ou(rng, 0.8, 20.0)[:, 0], heading + turning) - wind
        up_rate = up_rate + _ou(rng, 0.5, 8.0)[:, 0]
    up = np.maximum(height_m + np.cumsum(up_rate) * STEP_S, 3.0)
    carried = through + wind + 0.7 * gust
    return np.column_stack([np.cumsum(carried, axis=0) * STEP_S, up])


def _drone(
    rng: np.random.Generator,
    sort: Sort,
    height_m: float,
    climb_m_s: float,
    speed_m_s: float,
    gust: F64,
) -> F64:
    """A small multirotor flown over the ground; gusts come through by a tenth."""
    heading = np.full(N, float(rng.uniform(0.0, 2.0 * np.pi)))
    speed = np.full(N, speed_m_s)
    up = height_m + _ou(rng, 0.4, 10.0)[:, 0]
    if sort.name == "drone on waypoints":
        at = float(rng.uniform(-0.5, 1.0)) * 15.0
        while at < DURATION_S:
            leg = float(rng.uniform(60.0, 300.0)) / speed_m_s
            stop = float(rng.uniform(0.0, 6.0)) if rng.random() < 0.4 else 0.0
            late = at + leg
            speed[(late <= T) & (late + stop > T)] = 0.0
            heading[late + stop / 2.0 <= T] += float(rng.uniform(0.5, 2.6)) * float(
                rng.choice([-1, 1])
            )
            at = late + stop
    elif sort.name == "drone by hand":
        velocity = _ou(rng, speed_m_s / 1.41, float(rng.uniform(4.0, 10.0)), 2)
        up = np.maximum(
            height_m + np.cumsum(_ou(rng, abs(climb_m_s) + 0.2, 6.0)[:, 0]) * STEP_S, 3.0
        )
        return np.column_stack([np.cumsum(velocity + 0.1 * gust, axis=0) * STEP_S, up])
    elif sort.name == "drone orbiting":
        radius = float(rng.uniform(20.0, 80.0))
        heading = heading + float(rng.choice([-1, 1])) * speed_m_s / radius * T
    velocity = _turned(speed, heading)
    # A multirotor changes its velocity over a second or two.
    keep = float(np.exp(-STEP_S / 0.8))
    start = velocity[0] * keep
    velocity = lfilter([1.0 - keep], [1.0, -keep], velocity, axis=0, zi=start[None])[0]
    velocity = velocity + 0.1 * gust + _ou(rng, 0.15, 3.0, 2)
    return np.column_stack([np.cumsum(velocity, axis=0) * STEP_S, up])


def _tethered(rng: np.random.Generator, wind: F64, gust: F64, height_m: float) -> F64:
    """Downwind of its anchor on a line, swinging like the pendulum it is."""
    line = height_m * float(rng.uniform(1.1, 1.6))
    speed = float(np.hypot(*wind)) + 0.1
    along = wind / speed
    across = np.array([-along[1], along[0]])
    swing = _ou(rng, 0.04 + 0.02 * float(rng.random()), float(rng.uniform(4.0, 12.0)), 1)[:, 0]
    push = gust @ along / speed * 0.15
    lean = np.arccos(min(height_m / line, 1.0)) + lfilter([0.08], [1.0, -0.92], push)
    out = line * np.sin(lean)[:, None] * (along + swing[:, None] * 3.0 * across)
    return np.column_stack([out, line * np.cos(lean) + _ou(rng, 1.0, 6.0)[:, 0]])
