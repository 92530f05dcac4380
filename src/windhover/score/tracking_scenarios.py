"""Tracking scenarios with known truth: make fresh ones, read the bench's format, feed the tracker.

The format is the bench's: a NumPy archive with `det` (plots in order of arrival), `sens`, `truth` (one
row per live target and scoring instant) and `scan_t`. `det["truth"]` is for scoring only: nothing in
this module passes it on except `Scenario.truth_of`, which the oracle alone may ask.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windhover.errors import BadInput
from windhover.geo.frames import Frame, from_enu, sector_frame
from windhover.schema.batches import F64, I32, Detections, Kind
from windhover.schema.place import Point, Sector, Sensor
from windhover.units import NS_PER_S

Rows = NDArray[np.void]

PLOT: Final = np.dtype(
    [
        ("t", "f8"),
        ("t_arr", "f8"),
        ("scan", "i4"),
        ("sensor", "i4"),
        ("kind", "i1"),
        ("z", "f8", 4),
        ("truth", "i4"),
    ]
)
TRUTH: Final = np.dtype(
    [
        ("t", "f8"),
        ("scan", "i4"),
        ("id", "i4"),
        ("x", "f8"),
        ("y", "f8"),
        ("z", "f8"),
        ("vx", "f8"),
        ("vy", "f8"),
        ("vz", "f8"),
        ("cls", "i1"),
    ]
)
SENSOR: Final = np.dtype(
    [
        ("id", "i4"),
        ("kind", "i1"),
        ("x", "f8"),
        ("y", "f8"),
        ("z", "f8"),
        ("sig_r", "f8"),
        ("sig_az", "f8"),
        ("sig_xy", "f8"),
        ("pd", "f8"),
        ("rmax", "f8"),
        ("lam", "f8"),
        ("period", "f8"),
        ("latency", "f8"),
    ]
)
RADAR_2D, BEARING, POSITION = 0, 2, 3

HALF_SIDE_M: Final = 20_000.0
RANGE_MIN_M: Final = 200.0
RANGE_MAX_M: Final = 28_284.0
EPOCH_NS: Final = 1_767_225_600 * NS_PER_S
ORIGIN: Final = Sector("bench", Point(0.0, 0.0), 0.0, 40_000.0)

# name: (targets, mean clutter per scan, scans, the bench's own seed)
KINDS: Final = {
    "s10": (10, 100.0, 100, 1),
    "s100": (100, 100.0, 100, 2),
    "s1000": (1000, 1000.0, 60, 3),
    "s100d": (100, 1000.0, 100, 4),
    "s1000d": (1000, 4000.0, 60, 5),
    "s10000": (10000, 10000.0, 30, 6),
    "mixed100": (100, 50.0, 100, 7),
}


class Scenario(NamedTuple):
    """Plots, sensors and truth of one run, in the bench's own arrays."""

    name: str
    plots: Rows
    sensors: Rows
    truth: Rows
    scan_t: F64

    def truth_of(self) -> I32:
        """Which target made each plot (−1 clutter). For the oracle and for scoring only."""
        return np.ascontiguousarray(self.plots["truth"], dtype=np.int32)


def read(path: Path) -> Scenario:
    """A scenario file. Raises `BadInput` where it is not one."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = {"det", "sens", "truth", "scan_t"} - set(archive.files)
            if missing:
                raise BadInput(
                    f"{path} has no {', '.join(sorted(missing))}.", "Make one with --seed."
                )
            parts = {name: archive[name] for name in ("det", "sens", "truth", "scan_t")}
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"{path} is not a scenario file ({error}).") from None
    for name, need in (("det", PLOT), ("sens", SENSOR), ("truth", TRUTH)):
        have = parts[name].dtype.names or ()
        if set(need.names or ()) - set(have):
            raise BadInput(f"{path}: {name} lacks columns of a scenario.")
    return Scenario(
        Path(path).stem.removeprefix("scen_"),
        parts["det"],
        parts["sens"],
        parts["truth"],
        np.ascontiguousarray(parts["scan_t"], dtype=np.float64),
    )


def write(scenario: Scenario, path: Path) -> None:
    """The scenario as a file of the bench's format."""
    np.savez_compressed(
        path,
        det=scenario.plots,
        sens=scenario.sensors,
        truth=scenario.truth,
        scan_t=scenario.scan_t,
    )


class _Motion(NamedTuple):
    state: F64  # (T, n, 6) x y z vx vy vz
    cls: NDArray[np.int64]
    birth_s: F64
    death_s: F64


def _motion(n: int, steps: int, dt: float, rng: np.random.Generator) -> _Motion:
    """Aircraft, drones, birds and balloons in a square: straight legs, turns, stops, drift."""
    cls = rng.choice(4, n, p=[0.25, 0.35, 0.25, 0.15])
    aircraft, drone, bird, balloon = (cls == k for k in range(4))
    place = rng.uniform(-HALF_SIDE_M, HALF_SIDE_M, (2, n))
    z = np.where(aircraft, rng.uniform(300, 9000, n), rng.uniform(30, 400, n))
    z = np.where(balloon, rng.uniform(300, 6000, n), z)
    speed = np.select(
        [aircraft, drone, bird],
        [rng.uniform(60, 220, n), rng.uniform(3, 25, n), rng.uniform(8, 18, n)],
        0.0,
    )
    heading = rng.uniform(0, 2 * np.pi, n)
    climb = np.where(balloon, rng.uniform(0, 4, n), 0.0)
    begin_rate = np.select([aircraft, drone, bird], [0.01, 0.05, 0.08], 0.0)
    end_rate = np.select([aircraft, drone, bird], [0.03, 0.2, 0.3], 0.0)
    rate = np.deg2rad(np.select([aircraft, drone, bird], [3.0, 20.0, 15.0], 0.0))
    turn = np.zeros(n)
    gust = np.zeros((2, n))
    velocity = np.stack([speed * np.sin(heading), speed * np.cos(heading)])
    out = np.zeros((steps, n, 6))
    for k in range(steps):
        begins = rng.random(n) < dt * begin_rate
        ends = rng.random(n) < dt * end_rate
        new = rate * rng.choice([-1, 1], n) * rng.uniform(0.5, 1, n)
        turn = np.where(begins, new, np.where(ends, 0.0, turn))
        other = drone & (rng.random(n) < 0.01 * dt)
        speed = np.where(other, rng.uniform(0, 25, n), speed)
        heading = heading + turn * dt
        now = np.hypot(*velocity)
        step = now + np.clip(speed - now, -4 * dt, 4 * dt)
        along = np.where(drone, step, speed)
        gust = gust * np.exp(-dt / 20) + rng.normal(0, 0.3 * np.sqrt(dt), (2, n))
        velocity = np.stack(
            [
                np.where(balloon, 6.0 + gust[0], along * np.sin(heading)),
                np.where(balloon, -3.0 + gust[1], along * np.cos(heading)),
            ]
        )
        place = place + velocity * dt
        z = z + climb * dt
        out_east, out_north = np.abs(place) > HALF_SIDE_M
        away = ~balloon & (place * velocity > 0)
        heading = np.where(out_east & away[0], -heading, heading)
        heading = np.where(out_north & away[1], np.pi - heading, heading)
        out[k] = np.stack([*place, z, *velocity, climb], 1)
    span = steps * dt
    birth = np.where(rng.random(n) < 0.15, rng.uniform(0, span * 0.6, n), 0.0)
    death = np.where(rng.random(n) < 0.15, rng.uniform(span * 0.5, span, n), 1e9)
    return _Motion(out, cls, birth, death)


def make(name: str, seed: int) -> Scenario:
    """A fresh scenario of one of `KINDS`; the same seed makes the same one."""
    if name not in KINDS:
        raise BadInput(f"There is no scenario {name!r}.", f"Choose of {', '.join(KINDS)}.")
    targets, clutter, scans, _ = KINDS[name]
    if name == "mixed100":
        return _mixed(name, targets, scans, np.random.default_rng(seed))
    return one_radar(name, targets, clutter, scans, np.random.default_rng(seed))


def _alive(motion: _Motion, at: int, t: float) -> NDArray[np.bool_]:
    inside = (np.abs(motion.state[at, :, :2]) <= HALF_SIDE_M * 1.01).all(1)
    return (motion.birth_s <= t) & (t < motion.death_s) & inside


def _truth_rows(motion: _Motion, at: int, k: int) -> Rows:
    ids = np.flatnonzero(_alive(motion, at, float(k)))
    rows = np.zeros(len(ids), TRUTH)
    rows["t"], rows["scan"], rows["id"], rows["cls"] = k, k, ids, motion.cls[ids]
    for c, column in enumerate(("x", "y", "z", "vx", "vy", "vz")):
        rows[column] = motion.state[at, ids, c]
    return rows


def one_radar(
    name: str, targets: int, clutter: float, scans: int, rng: np.random.Generator
) -> Scenario:
    """One 2-D radar over `targets` targets with `clutter` false plots a scan."""
    sigma_r, sigma_az, pd = 10.0, math.radians(0.3), 0.9
    motion = _motion(targets, scans, 1.0, rng)
    plots, truth = [], []
    for k in range(scans):
        rows = _truth_rows(motion, k, k)
        truth.append(rows)
        r, az = np.hypot(rows["x"], rows["y"]), np.arctan2(rows["x"], rows["y"])
        hit = (rng.random(len(rows)) < pd) & (r > RANGE_MIN_M) & (r < RANGE_MAX_M)
        false = rng.poisson(clutter)
        scan = np.zeros(int(hit.sum()) + false, PLOT)
        scan["t"], scan["t_arr"], scan["scan"] = k, k, k
        scan["z"][:, 0] = np.r_[
            r[hit] + rng.normal(0, sigma_r, hit.sum()), rng.uniform(RANGE_MIN_M, RANGE_MAX_M, false)
        ]
        az = np.r_[az[hit] + rng.normal(0, sigma_az, hit.sum()), rng.uniform(-np.pi, np.pi, false)]
        scan["z"][:, 1] = (az + np.pi) % (2 * np.pi) - np.pi
        scan["truth"] = np.r_[rows["id"][hit], np.full(false, -1)]
        plots.append(scan[rng.permutation(len(scan))])
    sensors = np.array(
        [(0, RADAR_2D, 0, 0, 0, sigma_r, sigma_az, 0, pd, RANGE_MAX_M, clutter, 1.0, 0.0)], SENSOR
    )
    return Scenario(
        name, np.concatenate(plots), sensors, np.concatenate(truth), np.arange(scans, dtype=float)
    )


def _mixed(name: str, n: int, scans: int, rng: np.random.Generator) -> Scenario:
    """Two rotating radars, three bearing-only receivers, cooperative reports, all late at random."""
    dt = 0.1
    steps = round(scans / dt)
    motion = _motion(n, steps, dt, rng)
    emits = (motion.cls == 1) & (rng.random(n) < 0.6)
    talks = (motion.cls == 0) & (rng.random(n) < 0.9) | (motion.cls == 1) & (rng.random(n) < 0.5)
    fine, fair, rough = math.radians(0.15), math.radians(0.3), math.radians(2.0)
    sensors = np.array(
        [
            (0, 0, 0, 0, 0, 10.0, fair, 0, 0.9, RANGE_MAX_M, n * 0.5, 1.0, 0.05),
            (1, 0, 12000, -9000, 0, 30.0, fine, 0, 0.85, 40000, n * 0.3, 4.0, 0.6),
            (2, 2, -8000, 3000, 0, 0, rough, 0, 0.6, 12000, 3, 1.0, 0.2),
            (3, 2, 6000, 9000, 0, 0, rough, 0, 0.6, 12000, 3, 1.0, 0.2),
            (4, 2, 1000, -11000, 0, 0, rough, 0, 0.6, 12000, 3, 1.0, 1.5),
            (5, 3, 0, 0, 0, 0, 0, 8.0, 0.9, 60000, 0, 1.0, 0.8),
        ],
        SENSOR,
    )
    ids = np.arange(n)
    parts = []
    for s in sensors:
        period = float(s["period"])
        for turn in range(round(scans / period)):
            if s["kind"] == RADAR_2D:
                at = motion.state[int(turn * period / dt)]
                phase = (np.arctan2(at[:, 0] - s["x"], at[:, 1] - s["y"]) + np.pi) / (2 * np.pi)
            else:
                phase = rng.random(n)
            t = (turn + phase) * period
            step = np.minimum((t / dt).astype(int), steps - 1)
            at = motion.state[step, ids]
            x = at[:, 0] + at[:, 3] * (t - step * dt)
            y = at[:, 1] + at[:, 4] * (t - step * dt)
            r = np.hypot(x - s["x"], y - s["y"])
            seen = (motion.birth_s <= t) & (t < motion.death_s) & (rng.random(n) < s["pd"])
            seen &= (np.abs(at[:, :2]) <= HALF_SIDE_M * 1.01).all(1) & (r <= s["rmax"]) & (r >= 100)
            if s["kind"] == BEARING:
                seen &= emits
            elif s["kind"] == POSITION:
                seen &= talks
            k = int(seen.sum())
            rows = np.zeros(k, PLOT)
            rows["t"], rows["truth"] = t[seen], ids[seen]
            az = np.arctan2(x - s["x"], y - s["y"])[seen] + rng.normal(0, 1, k) * s["sig_az"]
            rows["z"][:, 1] = az
            if s["kind"] == RADAR_2D:
                rows["z"][:, 0] = r[seen] + rng.normal(0, s["sig_r"], k)
            elif s["kind"] == POSITION:
                rows["z"][:, 0] = x[seen] + rng.normal(0, s["sig_xy"], k)
                rows["z"][:, 1] = y[seen] + rng.normal(0, s["sig_xy"], k)
                rows["z"][:, 2] = at[seen, 2]
            count = int(rng.poisson(s["lam"]))
            false = np.zeros(count, PLOT)
            az = rng.uniform(-np.pi, np.pi, count)
            radar = s["kind"] == RADAR_2D
            when = (az + np.pi) / (2 * np.pi) if radar else rng.random(count)
            false["t"], false["truth"] = (turn + when) * period, -1
            false["z"][:, 0] = rng.uniform(200, s["rmax"], count) if radar else 0.0
            false["z"][:, 1] = az
            both = np.concatenate([rows, false])
            both["sensor"], both["kind"] = s["id"], s["kind"]
            both["t_arr"] = both["t"] + s["latency"] * rng.exponential(1.0, len(both))
            both["scan"] = both["t"].astype(int)
            parts.append(both)
    plots = np.concatenate(parts)
    plots = plots[np.argsort(plots["t_arr"], kind="stable")]
    truth = np.concatenate([_truth_rows(motion, int(k / dt), k) for k in range(scans)])
    return Scenario(name, plots, sensors, truth, np.arange(scans, dtype=float))


def sensors_of(scenario: Scenario) -> tuple[Sensor, ...]:
    """The file's sensor table in the site's words."""
    frame = sector_frame(ORIGIN)
    kinds: dict[int, Any] = {RADAR_2D: "radar_2d", BEARING: "rf", POSITION: "points"}
    out = []
    for s in scenario.sensors:
        latitude, longitude, height = from_enu(
            frame, np.array([float(s["x"]), float(s["y"]), float(s["z"])])
        )
        kind = int(s["kind"])
        if kind not in kinds:
            raise BadInput(f"Sensor {s['id']} is of unknown kind {kind}.")
        out.append(
            Sensor(
                name=f"sensor {s['id']}",
                kind=kinds[kind],
                position=Point(float(latitude), float(longitude)),
                height_ellipsoid_m=float(height),
                range_min_m=RANGE_MIN_M if kind == RADAR_2D else 0.0,
                range_max_m=float(s["rmax"]),
                period_s=float(s["period"]),
                sigma_range_m=float(s["sig_r"]),
                sigma_azimuth_rad=float(s["sig_az"]),
                sigma_position_m=float(s["sig_xy"]),
                sigma_height_m=float(s["sig_xy"]),
                detection_probability=float(s["pd"]),
                clutter_per_scan=float(s["lam"]),
                latency_s=float(s["latency"]),
            )
        )
    return tuple(out)


def detections_of(scenario: Scenario, frame: Frame | None = None) -> Detections:
    """All plots as the tracker takes them, in the file's order (of arrival)."""
    frame = frame or sector_frame(ORIGIN)
    rows = scenario.plots
    out = Detections.empty(len(rows))
    out.time_ns[:] = EPOCH_NS + np.rint(rows["t"] * 1e9).astype(np.int64)
    out.received_ns[:] = EPOCH_NS + np.rint(rows["t_arr"] * 1e9).astype(np.int64)
    out.sensor[:] = rows["sensor"]
    z = rows["z"]
    sigma = scenario.sensors[rows["sensor"]]
    radar, bearing, place = (rows["kind"] == k for k in (RADAR_2D, BEARING, POSITION))
    out.kind[radar] = Kind.GROUND_RANGE_AZIMUTH
    out.value[radar, :2] = z[radar, :2]
    out.covariance[radar, 0, 0] = sigma["sig_r"][radar] ** 2
    out.covariance[radar, 1, 1] = sigma["sig_az"][radar] ** 2
    out.kind[bearing] = Kind.AZIMUTH
    out.value[bearing, 0] = z[bearing, 1]
    out.covariance[bearing, 0, 0] = sigma["sig_az"][bearing] ** 2
    if place.any():
        latitude, longitude, height = from_enu(frame, np.ascontiguousarray(z[place, :3]))
        out.kind[place] = Kind.POSITION
        out.value[place] = np.stack([latitude, longitude, height], 1)
        for c in range(3):
            out.covariance[place, c, c] = sigma["sig_xy"][place] ** 2
    return out
