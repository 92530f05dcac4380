"""An instant with one object of each kind, written by hand, and small helpers for sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from math import nan, radians
from typing import Any

import msgspec

from windhover.deliver.airspace import AirFrame, AirObject, AirSensor

NOW_NS = 1_770_791_410 * 10**9
S = 10**9


def thing(track_id: int, said: str = "drone", **fields: Any) -> AirObject:
    plain: dict[str, Any] = {
        "track_id": track_id,
        "time_ns": NOW_NS - S // 5,
        "born_ns": NOW_NS - 60 * S,
        "hit_ns": NOW_NS - S,
        "latitude_rad": radians(31.80 + 0.001 * (track_id % 500)),
        "longitude_rad": radians(-106.40 - 0.001 * (track_id % 300)),
        "height_ellipsoid_m": 1300.0 + track_id % 100,
        "velocity_enu_m_s": (3.0, 4.0, -0.5),
        "covariance_m2": (100.0, 64.0, 225.0, 12.0),
        "said": said,
        "probability": 0.93,
        "motion": "through the air",
        "words": f"Very likely {said}; moves through the air",
    }
    return AirObject(**(plain | fields))


def frame(*objects: AirObject, exercise: bool = False, now_ns: int = NOW_NS) -> AirFrame:
    sensors = (
        AirSensor("north radar", "radar_3d", radians(31.81), radians(-106.41), 1180.0),
        AirSensor("roof", "remote_id", radians(31.82), radians(-106.42), 1190.0),
    )
    return AirFrame(
        "El Paso",
        exercise,
        now_ns,
        objects,
        sensors,
        undulation_m=-24.0,
        origin=(radians(31.8), radians(-106.4), 1180.0),
    )


def each_kind() -> tuple[AirObject, ...]:
    return (
        thing(1, "drone", stands=True),
        thing(2, "drone", velocity_enu_m_s=(40.0, 10.0, nan)),
        thing(
            3, "aircraft", cooperative=True, scheme="icao", identifier="a1b2c3",
            callsign="MEDEVAC1", category="A1", squawk="4321", velocity_enu_m_s=(-60.0, 20.0, 2.0),
        ),
        thing(
            4, "balloon", motion="with the air", height_ellipsoid_m=nan, velocity_enu_m_s=(2, 1, nan)
        ),
        thing(5, "bird"),
        thing(6, "unknown", motion="undetermined"),
        thing(
            7, "drone", cooperative=True, scheme="remote_id", identifier="1ABC", category="UAS",
            operator=(radians(31.7), radians(-106.3)),
        ),
        thing(8, "drone", friend=True),
        thing(9, "tethered"),
        thing(10, "aircraft", coasting=True),
        thing(11, "aircraft", cooperative=True, scheme="icao", identifier="a00001", category="A7"),
    )  # fmt: skip


def many(n: int, **fields: Any) -> tuple[AirObject, ...]:
    kinds = each_kind()
    made = []
    for i in range(n):
        one = msgspec.structs.replace(kinds[i % len(kinds)], track_id=i + 1, **fields)
        own = {"identifier": f"{i + 1:06x}"} if one.scheme == "icao" else {}
        made.append(msgspec.structs.replace(one, **own))
    return tuple(made)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def until(what: Callable[[], object], limit_s: float = 10.0) -> None:
    async with asyncio.timeout(limit_s):
        while not what():
            await asyncio.sleep(0.005)
