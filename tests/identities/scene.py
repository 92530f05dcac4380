"""A small picture for tests: paths in, plots with radar noise and ideal tracks through `advance`."""

from __future__ import annotations

import numpy as np

from windhover import identities
from windhover.air import wind as air
from windhover.geo.frames import Frame, frame_at, from_enu
from windhover.identities.memory import IdentityState
from windhover.schema.batches import Detections, Identities, Tracks, Updates, Wind
from windhover.schema.cases import Friend
from windhover.schema.place import Point, Sensor, Vertical
from windhover.schema.reports import Report

FRAME: Frame = frame_at(0.55, -1.85, 1200.0)
VERTICAL = Vertical(undulation_m=-20.0, ground_altitude_amsl_m=1220.0)
HERE = Point(0.55, -1.85)
SENSORS = (
    Sensor("radar", "radar_3d", HERE, 1200.0, 100.0, 30_000.0, 1.0),
    Sensor("remote id", "remote_id", HERE, 1200.0, 0.0, 8_000.0, 1.0, hears=("remote_id", "control_link")),
    Sensor("adsb", "adsb", HERE, 1200.0, 0.0, 2e5, 1.0, hears=("adsb",)),
)  # fmt: skip
START_NS = 1_767_225_600 * 10**9
SIGMA = np.array([10.0, 10.0, 15.0])


def points(enu: list[tuple[float, float]]) -> tuple[Point, ...]:
    latitude, longitude, _ = from_enu(FRAME, np.array([[e, n, 0.0] for e, n in enu]))
    return tuple(Point(float(a), float(b)) for a, b in zip(latitude, longitude, strict=True))


def known_wind(east: float, north: float, sigma: float = 1.0, age_s: float = 0.0) -> air.WindField:
    """The same wind at ground, 300 m and 1 km, from a mast and lidar of that error."""
    latitude, longitude, height = from_enu(FRAME, np.array([[0.0, 0.0, z] for z in (20.0, 150.0, 300.0, 1000.0)]))  # fmt: skip
    n = len(latitude)
    samples = Wind(
        np.full(n, START_NS - round(age_s * 1e9)), latitude, longitude, height + 20.0,
        np.full(n, east), np.full(n, north), np.full(n, sigma), np.full(n, 7, np.int8),
    )  # fmt: skip
    return air.add(air.start(), samples, START_NS)


def run(
    paths: list[np.ndarray],
    field: air.WindField,
    seconds: int,
    *,
    rcs: list[float] | None = None,
    claims: list[int] | None = None,
    reports: dict[int, tuple[Report, ...]] | None = None,
    friends: tuple[Friend, ...] = (),
    seed: int = 0,
    sensors: tuple[Sensor, ...] = SENSORS,
    vertical: Vertical = VERTICAL,
    frame: Frame = FRAME,
    start_ns: int = START_NS,
    doppler: bool = False,
    stray_rates: float = 0.0,
) -> tuple[IdentityState, list[Identities]]:
    """One plot a second of each path (T, 3) m; the tracks are the truth with a usual covariance."""
    rng = np.random.default_rng(seed)
    state = identities.start(sensors, frame, vertical)
    n, out = len(paths), []
    claimed = np.array(claims or [0] * n, np.int64)
    echo = np.array(rcs or [np.nan] * n)
    for k in range(seconds):
        now = start_ns + (k + 1) * 10**9
        place = np.array([p[k] for p in paths])
        speed = place - np.array([p[k - 1] if k else 2.0 * p[0] - p[1] for p in paths])
        detections = Detections.empty(n)._replace(rcs_dbsm=echo + rng.normal(size=n) * 5.0)
        if doppler:  # the first sensor stands in the origin
            away = place / np.linalg.norm(place, axis=1, keepdims=True)
            detections.doppler_m_s[:] = np.sum(away * speed, axis=1) + rng.normal(size=n) * 0.5
            stray = rng.random(n) < stray_rates
            detections.doppler_m_s[stray] = rng.uniform(-30.0, 30.0, int(stray.sum()))
        tracks = Tracks(
            np.arange(1, n + 1), np.full(n, now), np.concatenate([place, speed], axis=1),
            np.tile(np.diag([9.0, 9.0, 16.0, 0.5, 0.5, 0.5]), (n, 1, 1)), np.ones(n),
            np.full((n, 3), 1 / 3), np.ones(n, np.int8), np.full(n, start_ns + 10**9),
            np.full(n, now), claimed, (claimed != 0) * 1.0, np.ones(n, np.int64),
        )  # fmt: skip
        rows = np.arange(n)
        fed = Updates(
            rows, rows, np.full(n, 0.95), np.full(n, now), place + rng.normal(size=(n, 3)) * SIGMA,
            np.tile(np.diag(SIGMA**2), (n, 1, 1)),
        )  # fmt: skip
        state, said = identities.advance(
            state, tracks, fed, detections, (reports or {}).get(k, ()), field, friends, now
        )
        out.append(said)
    return state, out


def line(velocity: tuple[float, float], height_m: float, seconds: int = 120, start: tuple[float, float] = (2000.0, 1500.0), climb: float = 0.0) -> np.ndarray:  # fmt: skip
    """(T, 3) straight on."""
    t = np.arange(seconds)
    return np.column_stack(
        [start[0] + velocity[0] * t, start[1] + velocity[1] * t, height_m + climb * t]
    )
