"""A small site for tests: sensors, and plots of targets that fly straight."""

from __future__ import annotations

import numpy as np

from windhover.geo.frames import from_enu, sector_frame
from windhover.schema.batches import Detections, Kind
from windhover.schema.place import Point, Sector, Sensor
from windhover.units import NS_PER_S

PLACE = Point(0.5544, -1.8587)
SECTOR = Sector("test", PLACE, 1200.0, 40_000.0)
FRAME = sector_frame(SECTOR)
T0 = 1_770_791_400 * NS_PER_S


def radar(name: str = "radar", kind: str = "radar_3d", **changes: object) -> Sensor:
    parts: dict[str, object] = {
        "name": name,
        "kind": kind,
        "position": PLACE,
        "height_ellipsoid_m": 1200.0,
        "range_min_m": 50.0,
        "range_max_m": 20_000.0,
        "period_s": 1.0,
        "sigma_range_m": 10.0,
        "sigma_azimuth_rad": np.radians(0.3),
        "sigma_elevation_rad": np.radians(0.5),
        "detection_probability": 0.9,
        "clutter_per_scan": 20.0,
    }
    return Sensor(**{**parts, **changes})  # type: ignore[arg-type]


def reports(name: str = "adsb", kind: str = "adsb", **changes: object) -> Sensor:
    return radar(
        name,
        kind,
        **{
            "range_min_m": 0.0,
            "range_max_m": 60_000.0,
            "sigma_position_m": 10.0,
            "sigma_height_m": 15.0,
            "clutter_per_scan": 0.0,
            **changes,
        },
    )


def seen_by_radar(
    enu: np.ndarray, time_ns: int, rng: np.random.Generator, row: int = 0, pd: float = 0.9,
    clutter: float = 20.0, kind: Kind = Kind.RANGE_AZIMUTH_ELEVATION, reach_m: float = 20_000.0,
) -> Detections:  # fmt: skip
    """One scan of a radar at the origin: noisy plots of the targets and false ones."""
    enu = enu[rng.random(len(enu)) < pd]
    false = rng.poisson(clutter)
    out = Detections.empty(len(enu) + false)
    n = len(enu)
    ground = np.hypot(enu[:, 0], enu[:, 1])
    slant = np.linalg.norm(enu, axis=1)
    r = ground if kind == Kind.GROUND_RANGE_AZIMUTH else slant
    out.value[:n, 0] = np.abs(r + rng.normal(0, 10, n)) + 1e-3
    out.value[:n, 1] = np.arctan2(enu[:, 0], enu[:, 1]) + rng.normal(0, np.radians(0.3), n)
    out.value[n:, 0] = rng.uniform(50, reach_m, false)
    out.value[n:, 1] = rng.uniform(-np.pi, np.pi, false)
    out.covariance[:, 0, 0] = 100.0
    out.covariance[:, 1, 1] = np.radians(0.3) ** 2
    if kind == Kind.RANGE_AZIMUTH_ELEVATION:
        out.value[:n, 2] = np.arctan2(enu[:, 2], ground) + rng.normal(0, np.radians(0.5), n)
        out.value[:n, 2] = np.clip(out.value[:n, 2], -1.57, 1.57)
        out.value[n:, 2] = rng.uniform(0, 0.5, false)
        out.covariance[:, 2, 2] = np.radians(0.5) ** 2
    out.kind[:] = kind
    out.sensor[:] = row
    out.time_ns[:] = out.received_ns[:] = time_ns
    return out


def reported(
    enu: np.ndarray, time_ns: int, rng: np.random.Generator, row: int = 0, claims: bool = False,
    height: bool = True, sigma_m: float = 10.0,
) -> Detections:  # fmt: skip
    """Position reports of the targets."""
    noisy = enu + rng.normal(0, sigma_m, enu.shape)
    latitude, longitude, up = from_enu(FRAME, noisy)
    out = Detections.empty(len(enu))
    out.value[:] = np.stack([latitude, longitude, up if height else np.full(len(enu), np.nan)], 1)
    out.kind[:] = Kind.POSITION
    out.sensor[:] = row
    out.time_ns[:] = out.received_ns[:] = time_ns
    if claims:
        out.claimed_id[:] = np.arange(len(enu)) + 1000
    return out


def fleet(
    n: int, rng: np.random.Generator, reach_m: float = 8000.0
) -> tuple[np.ndarray, np.ndarray]:
    """Places and velocities of n targets that fly straight."""
    place = np.c_[rng.uniform(-reach_m, reach_m, (n, 2)), rng.uniform(100, 900, n)]
    heading, speed = rng.uniform(0, 2 * np.pi, n), rng.uniform(3, 60, n)
    return place, np.c_[speed * np.sin(heading), speed * np.cos(heading), np.zeros(n)]
