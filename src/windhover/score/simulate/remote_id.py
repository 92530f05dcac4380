"""Drones that say who they are by Remote ID, as a DroneScout receiver passes it on by MQTT.

Each message is a JSON envelope around the base64 of opendroneid-core-c's `ODID_UAS_Data` as C lays it
out on a little-endian 64-bit machine (opendroneid.h 2.0), 920 bytes and one of padding:

| offset | what |
|---|---|
| 0, 32 | two BasicID: int32 UA type, int32 ID type, 21 characters |
| 64 | Location: int32 status; float32 direction °, speed, vertical speed m/s; float64 latitude, longitude °; float32 baro and geodetic altitude m; int32 height type; float32 height m; five int32 accuracies; float32 seconds after the hour |
| 136 | sixteen authentication pages of 40 bytes |
| 776 | SelfID: int32 type, 24 characters |
| 808 | System: two int32; float64 operator latitude, longitude °; uint16 count, radius; float32 ceiling, floor; two int32; float32 operator altitude; uint32 seconds since 2019 |
| 864 | OperatorID: int32 type, 21 characters |
| 892 | 22 validity bytes |

Written apart from the decoder in `detections/`, so that each is the other's test.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterator
from math import pi

import msgspec
import numpy as np

from windhover.geo.frames import Frame
from windhover.schema.place import Site
from windhover.score.simulate.adsb import to_enu_at
from windhover.score.simulate.world import Arrival, Thing, at, geodetic
from windhover.units import DEG_PER_RAD, NS_PER_S

SIGMA_HORIZONTAL_M = 1.5
SIGMA_HEIGHT_M = 3.0
EPOCH_2019_S = 1_546_300_800
UNKNOWN_ALTITUDE_M = -1000.0
_HORIZONTAL_10_M, _VERTICAL_10_M, _SPEED_1_M_S, _TIME_TENTH = 10, 4, 3, 1  # ASTM F3411 tables


def pack(
    *, serial: str, description: str, latitude_deg: float, longitude_deg: float,
    height_ellipsoid_m: float, height_ground_m: float, direction_deg: float, speed_m_s: float,
    climb_m_s: float, after_hour_s: float, operator_latitude_deg: float,
    operator_longitude_deg: float, operator_height_ellipsoid_m: float, time_s: float,
) -> bytes:  # fmt: skip
    """The 921 bytes of one drone's `ODID_UAS_Data`."""
    data = bytearray(921)
    struct.pack_into("<ii20s", data, 0, 2, 1, serial.encode("ascii"))
    airborne = 2
    struct.pack_into(
        "<ifffddffif5if", data, 64, airborne, direction_deg, speed_m_s, climb_m_s, latitude_deg,
        longitude_deg, UNKNOWN_ALTITUDE_M, height_ellipsoid_m, 0, height_ground_m,
        _HORIZONTAL_10_M, _VERTICAL_10_M, 0, _SPEED_1_M_S, _TIME_TENTH, after_hour_s,
    )  # fmt: skip
    struct.pack_into("<i23s", data, 776, 0, description.encode("ascii"))
    struct.pack_into(
        "<iiddHHffiifI", data, 808, 1, 0, operator_latitude_deg, operator_longitude_deg, 1, 0,
        UNKNOWN_ALTITUDE_M, UNKNOWN_ALTITUDE_M, 0, 0, operator_height_ellipsoid_m,
        max(0, int(time_s - EPOCH_2019_S)),
    )  # fmt: skip
    for valid in (892, 894, 911, 912):  # first BasicID, Location, SelfID, System
        data[valid] = 1
    return bytes(data)


def arrivals(
    rng: np.random.Generator,
    site: Site,
    frame: Frame,
    row: int,
    things: tuple[Thing, ...],
    start_ns: int,
    duration_s: float,
) -> Iterator[Arrival]:
    """One envelope per drone and second that the receiver hears, in order."""
    sensor = site.sensors[row]
    heard: list[Arrival] = []
    for number, thing in enumerate(things):
        if thing.broadcast is None:
            continue
        time_s = np.arange(1.0 + rng.random(), duration_s, 1.0)
        # Its clock, and so the told time, has a resolution of a tenth of a second.
        time_s = np.round(time_s, 1)
        position, velocity = at(thing.motion, time_s)
        latitude, longitude, height = geodetic(site, frame, position)
        own = to_enu_at(
            (sensor.position.latitude_rad, sensor.position.longitude_rad),
            sensor.height_ellipsoid_m, latitude, longitude, height,
        )  # fmt: skip
        slant = np.linalg.norm(own, axis=1)
        # Reception fades toward the rim of what the receiver can hear.
        chance = sensor.detection_probability / (
            1.0 + np.exp((slant / sensor.range_max_m - 0.95) / 0.04)
        )
        usable = (rng.random(len(time_s)) < np.nan_to_num(chance)) & (position[:, 2] > 0.5)
        told = position + rng.standard_normal(position.shape) * [
            SIGMA_HORIZONTAL_M, SIGMA_HORIZONTAL_M, SIGMA_HEIGHT_M,
        ]  # fmt: skip
        latitude, longitude, height = geodetic(site, frame, told)
        pilot = np.array([[*thing.broadcast.operator_m, 1.5]])
        pilot_latitude, pilot_longitude, pilot_height = geodetic(site, frame, pilot)
        late_s = sensor.latency_s * rng.uniform(0.7, 1.3, len(time_s))
        for k in np.flatnonzero(usable).tolist():
            posix_s = start_ns / NS_PER_S + float(time_s[k])
            data = pack(
                serial=thing.broadcast.serial,
                description=thing.broadcast.description,
                latitude_deg=round(float(latitude[k]) * DEG_PER_RAD, 7),
                longitude_deg=round(float(longitude[k]) * DEG_PER_RAD, 7),
                height_ellipsoid_m=round(float(height[k]) * 2) / 2,
                height_ground_m=round(float(told[k, 2]) * 2) / 2,
                direction_deg=round(
                    float(np.arctan2(velocity[k, 0], velocity[k, 1]) % (2 * pi)) * DEG_PER_RAD
                ),
                speed_m_s=round(float(np.hypot(*velocity[k, :2])) * 4) / 4,
                climb_m_s=round(float(velocity[k, 2]) * 2) / 2,
                after_hour_s=round(posix_s % 3600.0, 1),
                operator_latitude_deg=round(float(pilot_latitude[0]) * DEG_PER_RAD, 7),
                operator_longitude_deg=round(float(pilot_longitude[0]) * DEG_PER_RAD, 7),
                operator_height_ellipsoid_m=round(float(pilot_height[0]), 1),
                time_s=posix_s,
            )
            received_s = float(time_s[k] + late_s[k])
            envelope = {
                "protocol": 1.0,
                "data": {
                    "sensor ID": sensor.name,
                    "RSSI": round(-55.0 - 20.0 * float(np.log10(max(slant[k], 100.0) / 500.0))),
                    "channel": 6,
                    "timestamp": round(start_ns / 1e6 + received_s * 1e3),
                    "MAC address": f"02:00:00:00:00:{number:02X}",
                    "type": "WiFi beacon",
                    "UASdata": b64encode(data).decode("ascii"),
                },
            }
            heard.append(
                Arrival(
                    start_ns + round(received_s * NS_PER_S) + 1_000_000,
                    "dronescout",
                    row,
                    msgspec.json.encode(envelope),
                )
            )
    yield from sorted(heard, key=lambda one: one.received_ns)
