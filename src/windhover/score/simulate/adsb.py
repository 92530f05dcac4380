"""Aircraft that say who and where they are, as readsb's `aircraft.json` once a second.

Field names and units are readsb's (README-json.md): feet, knots, degrees, ft/min; `alt_geom` is above
the ellipsoid in steps of 25 ft, `alt_baro` is pressure altitude.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import pi
from typing import Any

import msgspec
import numpy as np

from windhover.geo.frames import Frame, frame_at, to_enu
from windhover.schema.place import Site
from windhover.score.simulate.world import Arrival, Thing, at, geodetic
from windhover.units import DEG_PER_RAD, M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, NS_PER_S

SIGMA_HORIZONTAL_M = 4.0
"""Of a WAAS receiver's slow error; NACp 9 promises 30 m at 95 %."""
ALTITUDE_STEP_FT = 25.0
_ERROR_TIME_S = 120.0


def arrivals(
    rng: np.random.Generator,
    site: Site,
    frame: Frame,
    row: int,
    things: tuple[Thing, ...],
    start_ns: int,
    duration_s: float,
) -> Iterator[Arrival]:
    """Snapshots of what the receiver heard in the last minute, in order."""
    sensor = site.sensors[row]
    speakers = tuple(thing for thing in things if thing.transponder is not None)
    clock_s = np.arange(1.0, duration_s, 1.0)
    shape = (len(clock_s), len(speakers))
    age_s = rng.uniform(0.05, 0.55, shape)
    heard = rng.random(shape) < sensor.detection_probability
    a = np.exp(-1.0 / _ERROR_TIME_S)
    error = np.zeros((*shape, 2))
    error[0] = rng.standard_normal((len(speakers), 2)) * SIGMA_HORIZONTAL_M
    shocks = rng.standard_normal((*shape, 2)) * SIGMA_HORIZONTAL_M * np.sqrt(1 - a * a)
    for k in range(1, len(clock_s)):
        error[k] = a * error[k - 1] + shocks[k]
    late_s = sensor.latency_s * rng.uniform(0.7, 1.3, len(clock_s))
    entries: list[dict[int, dict[str, Any]]] = [{} for _ in clock_s]
    for column, thing in enumerate(speakers):
        _entries(site, frame, row, thing, clock_s, age_s[:, column], heard[:, column],
                 error[:, column], rng, column, entries)  # fmt: skip
    kept: dict[int, tuple[float, float, dict[str, Any]]] = {}
    for k, now_s in enumerate(clock_s.tolist()):
        for column, entry in entries[k].items():
            kept[column] = (now_s - entry["seen_pos"], now_s - entry["seen"], entry)
        aircraft = []
        for _, (position_s, message_s, entry) in sorted(kept.items()):
            if now_s - message_s < 60.0:
                aircraft.append(
                    entry
                    | {
                        "seen": round(now_s - message_s, 1),
                        "seen_pos": round(now_s - position_s, 3),
                    }
                )
        body = {
            "now": round(start_ns / NS_PER_S + now_s, 3),
            "messages": 4 * k,
            "aircraft": aircraft,
        }
        yield Arrival(
            start_ns + round((now_s + late_s[k]) * NS_PER_S),
            "aircraft_json",
            row,
            msgspec.json.encode(body),
        )


def _entries(
    site: Site, frame: Frame, row: int, thing: Thing, clock_s: Any, age_s: Any, heard: Any,
    error: Any, rng: np.random.Generator, column: int, entries: list[dict[int, dict[str, Any]]],
) -> None:  # fmt: skip
    sensor, said = site.sensors[row], thing.transponder
    assert said is not None
    time_s = clock_s - np.round(age_s, 3)
    position, velocity = at(thing.motion, time_s)
    latitude, longitude, height = geodetic(site, frame, position)
    erroneous = position.copy()
    erroneous[:, :2] += error
    latitude_told, longitude_told, _ = geodetic(site, frame, erroneous)
    origin = np.array([sensor.position.latitude_rad, sensor.position.longitude_rad])
    undulation_m = site.sector.vertical.undulation_m or 0.0
    pressure_m = height - undulation_m - _qnh_above_standard_m(site.sector.vertical.qnh_hpa)
    own = to_enu_at(origin, sensor.height_ellipsoid_m, latitude, longitude, height)
    slant = np.linalg.norm(own, axis=1)
    # Radio horizon over a smooth earth of 4/3 radius, plus the site's own horizon.
    visible = np.arctan2(own[:, 2], np.hypot(own[:, 0], own[:, 1])) > sensor.horizon_elevation_rad
    on_ground = position[:, 2] < 4.0
    usable = (
        heard & ~np.isnan(slant) & (slant < sensor.range_max_m) & (visible | (slant < 15_000.0))
    )
    baro_bias_ft = float(rng.normal(0.0, 20.0))
    for k in np.flatnonzero(usable).tolist():
        speed = float(np.hypot(velocity[k, 0], velocity[k, 1]))
        entry: dict[str, Any] = {
            "hex": said.icao_hex,
            "type": "adsb_icao",
            "flight": f"{said.callsign:<8}",
            "alt_baro": "ground"
            if on_ground[k]
            else _step(pressure_m[k] / M_PER_FT + baro_bias_ft),
            "gs": round(speed / M_S_PER_KT, 1),
            "track": round(
                float(np.arctan2(velocity[k, 0], velocity[k, 1]) % (2 * pi)) * DEG_PER_RAD, 2
            ),
            "squawk": said.squawk,
            "category": said.category,
            "lat": round(float(latitude_told[k]) * DEG_PER_RAD, 6),
            "lon": round(float(longitude_told[k]) * DEG_PER_RAD, 6),
            "nic": 8,
            "rc": 186,
            "nac_p": 9,
            "nac_v": 1,
            "version": 2,
            "seen_pos": float(np.round(age_s[k], 3)),
            "seen": float(np.round(0.5 * age_s[k], 1)),
            "rssi": round(-8.0 - 20.0 * float(np.log10(max(slant[k], 500.0) / 5000.0)), 1),
        }
        if not on_ground[k]:
            entry["alt_geom"] = _step(height[k] / M_PER_FT)
            entry["geom_rate"] = round(float(velocity[k, 2]) / M_S_PER_FT_MIN / 64.0) * 64
        entries[k][column] = entry


def _step(altitude_ft: float) -> int:
    return int(round(altitude_ft / ALTITUDE_STEP_FT) * ALTITUDE_STEP_FT)


def _qnh_above_standard_m(qnh_hpa: float | None) -> float:
    """Altitude minus pressure altitude at this QNH (ICAO Doc 7488 troposphere); 0 at 1013.25 hPa."""
    if qnh_hpa is None:
        return 0.0
    return 288.15 / 0.0065 * (float((qnh_hpa / 1013.25) ** 0.190263) - 1.0)


def to_enu_at(origin: Any, height_m: float, latitude: Any, longitude: Any, height: Any) -> Any:
    """(N, 3) east, north, up in m about a place given by (latitude_rad, longitude_rad) and height."""
    return to_enu(
        frame_at(float(origin[0]), float(origin[1]), height_m), latitude, longitude, height
    )
