"""The true wind, its turbulence, and what is known of it, which is not the same.

The mean wind has a power-law speed profile and a veering direction (Stull 1988, ch. 9: α ≈ 0.1–0.3,
larger at night) and drifts slowly. Turbulence along a path is a first-order autoregressive process
(Ornstein–Uhlenbeck), σ ≈ 0.12·|w| + 0.2 m/s and a Lagrangian time of about 30 s (FACTS §5). What
stations and forecasts report differs from it by an error that is smooth in height and time.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from windhover.schema.batches import F64

REFERENCE_HEIGHT_M = 200.0
LAGRANGIAN_TIME_S = 30.0
_DRIFT_STEP_S = 10.0


class Air(NamedTuple):
    """One night's true mean wind over flat ground."""

    speed_m_s: float  # at REFERENCE_HEIGHT_M above the ground
    toward_rad: float  # where it blows to there, clockwise from north
    shear_exponent: float
    veer_rad_per_m: float  # turning of that direction with height
    drift_m_s: F64  # (K, 2) slow change east, north, one row every 10 s from second 0


def ornstein_uhlenbeck(
    rng: np.random.Generator, n: int, step_s: float, time_s: float, sigma: float
) -> F64:
    """n samples of a stationary process of that σ and correlation time, exact at any step.

    x[k+1] = a·x[k] + σ·√(1−a²)·N(0,1) with a = exp(−step/time) (Gillespie 1996, eq. 3.3).
    """
    a = exp(-step_s / time_s)
    shocks = rng.standard_normal(n) * sigma * sqrt(1.0 - a * a)
    if n:
        shocks[0] = rng.standard_normal() * sigma
    filtered: F64 = lfilter([1.0], [1.0, -a], shocks)
    return filtered


def make(
    rng: np.random.Generator,
    duration_s: float,
    *,
    speed_m_s: float,
    toward_rad: float,
    shear_exponent: float = 0.2,
    veer_rad_per_m: float = 0.0003,
    drift_sigma_m_s: float = 0.5,
) -> Air:
    """A night's wind; the drift has a time of 20 min."""
    steps = int(duration_s / _DRIFT_STEP_S) + 2
    drift = np.column_stack(
        [ornstein_uhlenbeck(rng, steps, _DRIFT_STEP_S, 1200.0, drift_sigma_m_s) for _ in range(2)]
    )
    return Air(speed_m_s, toward_rad, shear_exponent, veer_rad_per_m, drift)


def mean_wind(air: Air, t_s: F64, height_ground_m: F64) -> F64:
    """True mean wind (…, 2) east, north in m/s at seconds into the night and heights above ground."""
    # Below 2 m and above 1,500 m the power law means nothing; there the wind is taken as constant.
    height = np.clip(height_ground_m, 2.0, 1500.0)
    speed = air.speed_m_s * (height / REFERENCE_HEIGHT_M) ** air.shear_exponent
    toward = air.toward_rad + air.veer_rad_per_m * (height - REFERENCE_HEIGHT_M)
    at = np.arange(len(air.drift_m_s)) * _DRIFT_STEP_S
    # Slow changes fade toward the ground as the mean does.
    fade = (height / REFERENCE_HEIGHT_M) ** air.shear_exponent
    east = speed * np.sin(toward) + fade * np.interp(t_s, at, air.drift_m_s[:, 0])
    north = speed * np.cos(toward) + fade * np.interp(t_s, at, air.drift_m_s[:, 1])
    return np.stack([east, north], axis=-1)


def turbulence(
    rng: np.random.Generator,
    n: int,
    step_s: float,
    speed_m_s: float,
    time_s: float = LAGRANGIAN_TIME_S,
) -> F64:
    """(n, 3) gusts east, north, up in m/s along one path; the vertical has half the σ."""
    sigma = 0.12 * speed_m_s + 0.2
    return np.column_stack(
        [ornstein_uhlenbeck(rng, n, step_s, time_s, sigma * share) for share in (1.0, 1.0, 0.5)]
    )


class Known(NamedTuple):
    """What a forecast for the place says of the wind, with its error."""

    heights_m: F64  # (L,) above ground
    error_m_s: F64  # (L, 2) added to the truth at each level, east and north
    sigma_m_s: float  # the standard error that the source states


def forecast(rng: np.random.Generator, heights_m: F64, sigma_m_s: float, error_m_s: float) -> Known:
    """A forecast whose true error has `error_m_s` per component, correlated over 300 m of height."""
    apart = np.abs(heights_m[:, None] - heights_m[None, :])
    root = np.linalg.cholesky(np.exp(-apart / 300.0) + 1e-9 * np.eye(len(heights_m)))
    return Known(heights_m, root @ rng.standard_normal((len(heights_m), 2)) * error_m_s, sigma_m_s)
