"""What is truly up there, and its one way out: the truth table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.geo.frames import Frame, from_enu, to_enu
from windhover.schema.batches import CLASSES, F64, I64
from windhover.schema.place import Site
from windhover.score.simulate.drift import STEP_S, Motion, clock
from windhover.units import NS_PER_S


class Transponder(NamedTuple):
    """What an aircraft says of itself on 1090 MHz."""

    icao_hex: str
    callsign: str
    category: str
    squawk: str


class Broadcast(NamedTuple):
    """What a drone says of itself by Remote ID."""

    serial: str
    operator_m: tuple[float, float]  # east, north of the pilot
    description: str


class Thing(NamedTuple):
    """One object of the world."""

    name: str
    of_class: str  # of schema.batches.CLASSES
    kind: str  # "drone, dark", "balloon, foil", "aircraft, airliner" …
    motion: Motion
    rcs_dbsm: float
    transponder: Transponder | None = None
    broadcast: Broadcast | None = None
    rotor: bool = False  # turning blades: a Doppler radar sees it even when it stands still


class Truth(NamedTuple):
    """One object's truth. Trajectories are in the sector's ENU frame."""

    name: str
    of_class: str
    kind: str
    time_ns: I64  # (T,) UTC, every quarter of a second while it exists
    position_enu_m: F64  # (T, 3)
    velocity_enu_m_s: F64  # (T, 3)
    height_ground_m: F64  # (T,)


class Arrival(NamedTuple):
    """Some bytes as they reached us."""

    received_ns: int
    feed: str  # a key of detections.DECODERS
    sensor: int  # row of the site's sensor table; −1 for wind files
    payload: bytes


def ground_height_ellipsoid_m(site: Site) -> float:
    """Of the flat ground; the world's heights stand on it. A world needs a site that knows both."""
    vertical = site.sector.vertical
    if vertical.ground_altitude_amsl_m is None or vertical.undulation_m is None:
        raise ValueError("a simulated world needs the site's ground altitude and undulation")
    return vertical.ground_altitude_amsl_m + vertical.undulation_m


def geodetic(site: Site, frame: Frame, position_m: F64) -> tuple[F64, F64, F64]:
    """(…, 3) east, north, height above ground → latitude_rad, longitude_rad, height_ellipsoid_m."""
    level = np.array(position_m, np.float64)
    # Down to the ellipsoid along the frame's up, by the sphere's curvature, so that the horizontal
    # place is that of the ground below (the error of the sphere shifts it by centimetres).
    level[..., 2] = -(level[..., 0] ** 2 + level[..., 1] ** 2) / (2 * 6_371_000.0)
    latitude, longitude, _ = from_enu(frame, level)
    return latitude, longitude, ground_height_ellipsoid_m(site) + position_m[..., 2]


def truth_of(site: Site, frame: Frame, start_ns: int, thing: Thing) -> Truth:
    """The truth row of a thing in a world that began at `start_ns`."""
    if thing.of_class not in CLASSES:
        raise ValueError(f"{thing.of_class!r} is no class")
    motion = thing.motion
    seconds = clock(motion.start_s, len(motion.position_m))
    tonight = seconds >= 0.0  # what was under way before the night began is nobody's to find
    seconds, position_m = seconds[tonight], motion.position_m[tonight]
    enu = to_enu(frame, *geodetic(site, frame, position_m))
    return Truth(
        thing.name,
        thing.of_class,
        thing.kind,
        start_ns + np.rint(seconds * NS_PER_S).astype(np.int64),
        enu,
        np.gradient(enu, STEP_S, axis=0),
        position_m[:, 2].copy(),
    )


def at(motion: Motion, t_s: F64) -> tuple[F64, F64]:
    """Position (N, 3) and velocity (N, 3) at seconds into the night; NaN while it does not exist."""
    seconds = clock(motion.start_s, len(motion.position_m))
    values = [
        np.interp(t_s, seconds, column, left=np.nan, right=np.nan)
        for column in (*motion.position_m.T, *motion.velocity_m_s.T)
    ]
    return np.column_stack(values[:3]), np.column_stack(values[3:])
