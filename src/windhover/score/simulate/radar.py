"""A rotating radar: what it sees of the world, as plot lines.

Detection follows the radar equation with a fluctuating target (Swerling 1: a new cross-section each
scan): P_D = P_FA^(1/(1+S)) with the mean signal-to-noise ratio S ∝ σ/R⁴ (Skolnik 2008, §2.7). Near in,
sensitivity time control holds S where it was at `stc_range_m`, which is how an airport radar does
not see birds. Without turning blades an object whose range rate is below the blind speed is lost with
the ground. False plots are uniform over the covered area.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import pi, radians
from typing import Any, NamedTuple

import msgspec
import numpy as np

from windhover.geo.frames import Frame, frame_at, rotation_between, to_enu
from windhover.schema.batches import F64
from windhover.schema.place import Sensor, Site
from windhover.score.simulate.world import Arrival, Thing, at, geodetic, ground_height_ellipsoid_m
from windhover.units import DEG_PER_RAD, NS_PER_S


class Physics(NamedTuple):
    """What the site's sensor table does not say of a radar."""

    snr_1m2_10km_db: float = 42.0
    false_alarm: float = 1e-6
    stc_range_m: float = 500.0
    blind_speed_m_s: float = 0.0
    beam_top_rad: float = radians(40.0)
    sigma_doppler_m_s: float = 0.5
    doppler: bool = True
    clutter_top_m: float = 400.0
    phase: float = 0.0  # of its revolution when the night begins


class Scene(NamedTuple):
    """All things as one radar meets them, scan by scan: S scans, O things."""

    time_s: F64  # (S, O) when the beam met it
    range_m: F64  # (S, O) slant; NaN while it does not exist
    azimuth_rad: F64
    elevation_rad: F64
    range_rate_m_s: F64
    detection_probability: F64  # 0 outside coverage


def local_frame(sensor: Sensor) -> Frame:
    """East, north, up at the radar."""
    return frame_at(
        sensor.position.latitude_rad, sensor.position.longitude_rad, sensor.height_ellipsoid_m
    )


def scene(
    site: Site,
    frame: Frame,
    sensor: Sensor,
    physics: Physics,
    things: tuple[Thing, ...],
    scans: F64,
) -> Scene:
    """Exact geometry of every thing at the instant the beam points at it. `scans` (S,) start times."""
    own = local_frame(sensor)
    turn = rotation_between(frame, own)
    columns: list[tuple[F64, ...]] = []
    for thing in things:
        time_s = scans + 0.5 * sensor.period_s
        for _ in range(2):
            enu, velocity = _seen_from(site, frame, own, turn, thing, time_s)
            azimuth = np.arctan2(enu[:, 0], enu[:, 1]) % (2 * pi)
            time_s = scans + np.nan_to_num(azimuth / (2 * pi), nan=0.5) * sensor.period_s
        enu, velocity = _seen_from(site, frame, own, turn, thing, time_s)
        slant = np.linalg.norm(enu, axis=1)
        rate = (enu * velocity).sum(1) / slant
        elevation = np.arcsin(enu[:, 2] / slant)
        azimuth = np.arctan2(enu[:, 0], enu[:, 1]) % (2 * pi)
        chance = probability(sensor, physics, thing, slant, elevation, rate)
        height, _ = at(thing.motion, time_s)
        chance = np.where(height[:, 2] > 4.0, chance, 0.0)  # on the ground it is lost in clutter
        columns.append((time_s, slant, azimuth, elevation, rate, chance))
    return Scene(*(np.column_stack(column) for column in zip(*columns, strict=True)))


def _seen_from(
    site: Site, frame: Frame, own: Frame, turn: F64, thing: Thing, time_s: F64
) -> tuple[F64, F64]:
    position, velocity = at(thing.motion, time_s)
    return to_enu(own, *geodetic(site, frame, position)), velocity @ turn.T


def probability(
    sensor: Sensor, physics: Physics, thing: Thing, slant_m: F64, elevation_rad: F64, rate_m_s: F64
) -> F64:
    """(S,) chance of a plot; 0 outside coverage and while the thing does not exist."""
    felt_m = np.maximum(slant_m, physics.stc_range_m)
    snr = 10.0 ** (
        (physics.snr_1m2_10km_db + thing.rcs_dbsm - 40.0 * np.log10(felt_m / 10_000.0)) / 10.0
    )
    chance = sensor.detection_probability * physics.false_alarm ** (1.0 / (1.0 + snr))
    covered = (
        (slant_m >= sensor.range_min_m)
        & (slant_m <= sensor.range_max_m)
        & (elevation_rad >= sensor.horizon_elevation_rad)
        & (elevation_rad <= physics.beam_top_rad)
    )
    if not thing.rotor:
        covered &= np.abs(rate_m_s) >= physics.blind_speed_m_s
    return np.where(covered, chance, 0.0)


def arrivals(
    rng: np.random.Generator,
    site: Site,
    frame: Frame,
    row: int,
    physics: Physics,
    things: tuple[Thing, ...],
    start_ns: int,
    duration_s: float,
) -> Iterator[Arrival]:
    """One line per revolution, in order; the plots inside are in the order of the beam."""
    sensor = site.sensors[row]
    scans = np.arange(
        -physics.phase * sensor.period_s, duration_s - sensor.period_s, sensor.period_s
    )
    seen = scene(site, frame, sensor, physics, things, scans)
    shape = seen.range_m.shape
    hit = rng.random(shape) < seen.detection_probability
    noise = rng.standard_normal((4, *shape))
    measured = np.stack(
        [
            seen.time_s,
            seen.range_m + sensor.sigma_range_m * noise[0],
            (seen.azimuth_rad + sensor.sigma_azimuth_rad * noise[1]) % (2 * pi),
            seen.elevation_rad + sensor.sigma_elevation_rad * noise[2],
            seen.range_rate_m_s + physics.sigma_doppler_m_s * noise[3],
            np.array([thing.rcs_dbsm for thing in things])
            + 10.0 * np.log10(np.maximum(rng.exponential(size=shape), 0.05)),
        ],
        axis=-1,
    )
    for k, start_s in enumerate(scans):
        plots = np.vstack(
            [measured[k][hit[k]], _clutter(rng, site, sensor, physics, float(start_s))]
        )
        plots = plots[np.argsort(plots[:, 0], kind="stable")]
        end_s = float(start_s) + sensor.period_s
        line = {
            "radar": sensor.name,
            "scan_end": round(start_ns / NS_PER_S + end_s, 6),
            "plots": [_plot(plot, sensor, physics, start_ns) for plot in plots.tolist()],
        }
        late_s = sensor.latency_s * rng.uniform(0.7, 1.3)
        yield Arrival(
            start_ns + round((end_s + late_s) * NS_PER_S), "plots", row, msgspec.json.encode(line)
        )


def _clutter(
    rng: np.random.Generator, site: Site, sensor: Sensor, physics: Physics, start_s: float
) -> F64:
    """False plots, uniform over the ground covered and over heights up to `clutter_top_m`."""
    n = int(rng.poisson(sensor.clutter_per_scan))
    azimuth = rng.random(n) * 2 * pi
    ground_m = np.sqrt(rng.uniform(sensor.range_min_m**2, sensor.range_max_m**2, n))
    foot_m = (
        ground_height_ellipsoid_m(site) - sensor.height_ellipsoid_m - ground_m**2 / 12_742_000.0
    )
    up_m = foot_m + rng.uniform(5.0, physics.clutter_top_m, n)
    return np.column_stack(
        [
            start_s + azimuth / (2 * pi) * sensor.period_s,
            np.hypot(ground_m, up_m),
            azimuth,
            np.arctan2(up_m, ground_m),
            rng.normal(0.0, 6.0, n),
            rng.normal(-18.0, 6.0, n),
        ]
    )


def _plot(plot: list[float], sensor: Sensor, physics: Physics, start_ns: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "t": round(start_ns / NS_PER_S + plot[0], 6),
        "range_m": round(plot[1], 2),
        "azimuth_deg": round(plot[2] * DEG_PER_RAD, 4),
    }
    if sensor.kind == "radar_3d":
        told["elevation_deg"] = round(plot[3] * DEG_PER_RAD, 4)
    if physics.doppler:
        told["doppler_m_s"] = round(plot[4], 2)
        told["rcs_dbsm"] = round(plot[5], 1)
    return told
