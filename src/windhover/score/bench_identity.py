"""Identification judged on the written population, through the real tracker.

Objects stand on a wide grid in one radar's picture, forty at a time; each has its own wind and its
own claim of it. What Windhover says of each is taken second by second from the track nearest to
the truth. Plots that belong to nothing, misses and swapped plots are the tracker's to sort out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windhover import tracks
from windhover.geo.frames import from_enu, sector_frame
from windhover.identities import state as identify
from windhover.identities.weigh import SOURCES
from windhover.schema.batches import CLASSES, F64, I8, I64, MOTIONS, Detections, Kind, Tracks
from windhover.schema.place import Point, Sector, Sensor, Vertical
from windhover.score.bench_identity_paths import STEP_S, Case, case
from windhover.score.population import (
    AIR,
    CLAIMS,
    DURATION_S,
    FITTED_ON_AIR,
    FITTED_ON_SHARE,
    FITTED_ON_WIDER,
    RADAR,
    SORTS,
)
from windhover.units import NS_PER_S

PER_SCENE = 36
GRID = 6
SPACING_M = 2_600.0
EPOCH_NS = 1_767_225_600 * NS_PER_S
FOUND_WITHIN_M = 80.0
UNKNOWN_WIND_SIGMA_M_S = 7.0
SECTOR = Sector(
    "identity bench",
    Point(0.55, -1.85),
    1200.0,
    30_000.0,
    Vertical(undulation_m=0.0, ground_altitude_amsl_m=1200.0),
)
SENSOR = Sensor(
    "radar",
    "radar_3d",
    SECTOR.origin,
    1200.0,
    0.0,
    20_000.0,
    RADAR.period_s,
    sigma_position_m=RADAR.sigma_horizontal_m,
    sigma_height_m=RADAR.sigma_vertical_m,
    detection_probability=RADAR.detection_probability,
    clutter_per_scan=RADAR.clutter_per_scan,
    horizon_elevation_rad=-1.0,
)


class Result(NamedTuple):
    """What was said of each object, second by second."""

    sort: I64  # (O,) row of SORTS
    truth: I8  # (O,) row of CLASSES
    wind_m_s: F64  # (O,) true wind speed
    claimed_sigma_m_s: F64  # (O,)
    log_likelihood: F64  # (O, T, S, K) float32: by source, before weighing
    probability: F64  # (O, T, K) float32
    motion: F64  # (O, T, 4) float32
    said: I8  # (O, T)
    said_motion: I8  # (O, T)
    track: I64  # (O, T) id, −1 = not tracked
    wind_sigma_m_s: F64  # (O, T) float32
    plots: I64  # (O, T) that fed the track so far


def draw(seed: int, count: int, claim: str, fitted_on: bool = False) -> list[Case]:
    """`count` objects of the test population, or of the one that was fitted on."""
    rng = np.random.default_rng([seed, 7 if fitted_on else 3, sorted(CLAIMS).index(claim)])
    share = np.array([s.share for s in SORTS])
    if fitted_on:
        alike = {name: sum(s.of == name for s in SORTS) for name in FITTED_ON_SHARE}
        share = np.array([FITTED_ON_SHARE[s.of] / alike[s.of] for s in SORTS])
    picked = rng.choice(len(SORTS), size=count, p=share / share.sum())
    air, wider = (FITTED_ON_AIR, FITTED_ON_WIDER) if fitted_on else (AIR, 1.0)
    return [case(rng, SORTS[k], air, CLAIMS[claim], wider) for k in picked]


def run(
    cases: list[Case],
    seed: int,
    seconds: int = DURATION_S,
    sorts: Mapping[str, int] | None = None,
    one_air: bool = False,
    sigma_rate_m_s: float | None = None,
) -> Result:
    """All cases, a scene at a time.

    `one_air`: those of a scene share one wind and one error of it. `sigma_rate_m_s`: the radar tells
    range rates with this error.
    """
    rows = sorts or {s.name: k for k, s in enumerate(SORTS)}
    scenes = [
        _scene(
            cases[i : i + PER_SCENE],
            np.random.default_rng([seed, 11, i]),
            seconds,
            one_air,
            sigma_rate_m_s,
        )
        for i in range(0, len(cases), PER_SCENE)
    ]
    joined = [np.concatenate(column) for column in zip(*scenes, strict=True)]
    return Result(
        np.array([rows[c.sort.name] for c in cases], np.int64),
        np.array([CLASSES.index(c.sort.of) for c in cases], np.int8),
        np.array([float(np.hypot(*c.wind_m_s)) for c in cases]),
        np.array([c.claimed_sigma_m_s for c in cases]),
        *joined,
    )


def _places(cases: list[Case], rng: np.random.Generator) -> F64:
    """(O, 3) where each starts: grid cells at random, moved back by half of a fast one's way."""
    cells = rng.permutation(GRID * GRID)[: len(cases)]
    half = 0.5 * (GRID - 1)
    east = (cells % GRID - half) * SPACING_M + rng.uniform(-200, 200, len(cases))
    north = (cells // GRID - half) * SPACING_M + rng.uniform(-200, 200, len(cases))
    return np.stack([east, north, np.zeros(len(cases))], axis=1)


def _scene(
    cases: list[Case],
    rng: np.random.Generator,
    seconds: int,
    one_air: bool,
    sigma_rate_m_s: float | None,
) -> tuple[NDArray[Any], ...]:
    frame = sector_frame(SECTOR)
    count = len(cases)
    start = _places(cases, rng)
    phase = rng.uniform(0.0, 0.9, count)
    at = np.arange(seconds)[None, :] + phase[:, None]  # (O, T) seconds
    truth = np.empty((count, seconds, 3))
    grid = np.arange(len(next((c.path_m for c in cases if c.path_m is not None), at[0]))) * STEP_S
    for row, one in enumerate(cases):
        if one.path_m is None:
            truth[row] = rng.normal(size=(seconds, 3)) * [60.0, 60.0, 20.0] + [0.0, 0.0, 60.0]
        else:
            truth[row] = np.stack([np.interp(at[row], grid, c) for c in one.path_m.T], axis=1)
            truth[row, :, :2] -= 0.5 * (truth[row, -1, :2] - truth[row, 0, :2])
        truth[row, :, :2] += start[row, :2]
    rates = None
    if sigma_rate_m_s is not None:
        rates = _range_rates(cases, truth, at)
        rates += rng.normal(size=rates.shape) * sigma_rate_m_s
    tracker = tracks.start(SECTOR, (SENSOR,))
    state = identify.start((SENSOR,), frame, SECTOR.vertical)
    wind = np.array([c.claimed_m_s for c in cases])
    sigma = np.array([c.claimed_sigma_m_s for c in cases])
    wind[~np.isfinite(sigma)] = 0.0
    sigma[~np.isfinite(sigma)] = UNKNOWN_WIND_SIGMA_M_S
    shear = np.array([c.shear_per_m for c in cases])
    level = truth[:, 0, 2]
    out = (
        np.zeros((count, seconds, len(SOURCES), len(CLASSES)), np.float32),
        np.full((count, seconds, len(CLASSES)), np.nan, np.float32),
        np.full((count, seconds, len(MOTIONS)), np.nan, np.float32),
        np.full((count, seconds), len(CLASSES) - 1, np.int8),
        np.full((count, seconds), 3, np.int8),
        np.full((count, seconds), -1, np.int64),
        np.zeros((count, seconds), np.float32),
        np.zeros((count, seconds), np.int64),
    )
    for k in range(seconds):
        now_ns = EPOCH_NS + (k + 1) * NS_PER_S
        plots = _plots(truth[:, k], at[:, k], k, rng, None if rates is None else rates[:, k])
        tracker, held, fed = tracks.advance(tracker, plots, now_ns)
        air, nearest, near = _air(held, truth[:, k], wind, sigma, shear, level)
        state, _ = identify.advance_in(state, held, fed, plots, (), air, (), now_ns, one_air)
        seen = np.flatnonzero(near)
        ids = held.track_id[nearest[seen]]
        held_row = np.searchsorted(state.track_id, ids)
        out[0][seen, k] = state.log_likelihood[held_row]
        out[1][seen, k] = np.exp(state.log_probability[held_row])
        out[2][seen, k] = np.exp(state.motion_log_probability[held_row])
        out[3][seen, k] = state.said[held_row]
        out[4][seen, k] = state.said_motion[held_row]
        out[5][seen, k] = ids
        out[6][seen, k] = np.sqrt(
            0.5 * (state.motion.wind_cov[held_row, 0] + state.motion.wind_cov[held_row, 2])
        )
        out[7][seen, k] = state.motion.plots[held_row]
    return out


def _range_rates(cases: list[Case], truth: F64, at_s: F64) -> F64:
    """(O, T) m/s away from the radar, which stands in the origin; scattered clutter has any rate."""
    away = truth / np.linalg.norm(truth, axis=2, keepdims=True)
    out = np.zeros(truth.shape[:2])
    for row, one in enumerate(cases):
        if one.path_m is None:
            out[row] = 3.0 * np.sin(1.0 + 7.0 * np.arange(truth.shape[1]))
            continue
        grid = np.arange(len(one.path_m)) * STEP_S
        velocity = np.gradient(one.path_m, STEP_S, axis=0)
        now = np.stack([np.interp(at_s[row], grid, v) for v in velocity.T], axis=1)
        out[row] = np.sum(away[row] * now, axis=1)
    return out


def _plots(
    place: F64, at_s: F64, scan: int, rng: np.random.Generator, rate_m_s: F64 | None
) -> Detections:
    """One turn of the radar: what it sees of the objects, and what is not there."""
    seen = rng.random(len(place)) < RADAR.detection_probability
    noise = [RADAR.sigma_horizontal_m, RADAR.sigma_horizontal_m, RADAR.sigma_vertical_m]
    real = (place + rng.normal(size=place.shape) * noise)[seen]
    false = rng.uniform(-1.0, 1.0, (rng.poisson(RADAR.clutter_per_scan), 3))
    false *= [RADAR.half_width_m, RADAR.half_width_m, 500.0]
    false[:, 2] += 500.0
    enu = np.concatenate([real, false])
    time_s = np.concatenate([at_s[seen], scan + rng.uniform(0.0, 0.9, len(false))])
    frame = sector_frame(SECTOR)
    latitude, longitude, height = from_enu(frame, enu)
    plots = Detections.empty(len(enu))
    order = np.argsort(time_s, kind="stable")
    plots.time_ns[:] = EPOCH_NS + np.round(time_s * NS_PER_S).astype(np.int64)
    plots.received_ns[:] = plots.time_ns
    plots.kind[:] = Kind.POSITION
    plots.value[:] = np.stack([latitude, longitude, height], axis=1)
    plots.covariance[:] = np.diag(np.square(noise))
    if rate_m_s is not None:
        any_rate = rng.uniform(-25.0, 25.0, len(false))
        plots.doppler_m_s[:] = np.concatenate([rate_m_s[seen], any_rate])
    return plots.take(order)


def _air(
    held: Tracks, place: F64, wind: F64, sigma: F64, shear: F64, level: F64
) -> tuple[identify.LocalWind, I64, F64]:
    """Each track's own wind, and for each object its nearest track and whether it is one."""
    mean = np.zeros((held.n, 2))
    spread = np.full(held.n, UNKNOWN_WIND_SIGMA_M_S)
    if held.n == 0:
        none = np.zeros(len(place), np.int64)
        return (
            identify.LocalWind(mean, np.zeros((0, 2, 2)), mean.copy()),
            none,
            np.zeros(len(place), bool),
        )
    apart = np.hypot(
        held.state_enu[:, None, 0] - place[:, 0], held.state_enu[:, None, 1] - place[:, 1]
    )  # (N, O)
    owner = apart.argmin(axis=1)
    scale = np.maximum(1.0 + shear[owner] * (held.state_enu[:, 2] - level[owner]), 0.2)
    mean = wind[owner] * scale[:, None]
    spread = sigma[owner]
    air = identify.LocalWind(
        np.ascontiguousarray(mean),
        np.eye(2) * (spread**2)[:, None, None],
        np.zeros_like(mean),
    )
    full = np.hypot(apart, held.state_enu[:, None, 2] - place[:, 2])
    return air, full.argmin(axis=0), full.min(axis=0) < FOUND_WITHIN_M
