"""A made-up place for tests of decisions: figures chosen round, none of them measured anywhere."""

from __future__ import annotations

from math import radians
from typing import NamedTuple

import numpy as np

from windhover.geo.context import Ground, Seen, ground_of, see
from windhover.geo.frames import to_enu
from windhover.geo.volumes import circle
from windhover.schema.batches import CLASSES, MOTIONS, Identities, Tracks
from windhover.schema.cases import Claim, Countermeasure, Friend
from windhover.schema.place import (
    Aerodrome,
    Border,
    Party,
    Point,
    Policy,
    Rung,
    Runway,
    Sector,
    Sensor,
    Site,
    Vertical,
    Zone,
)

LATITUDE_DEG, LONGITUDE_DEG = 31.80, -106.40
GROUND_AMSL_M, UNDULATION_M = 1200.0, -25.0
BORDER_LATITUDE_DEG = 31.70
NOW_NS = 1_770_000_000_000_000_000
SECOND = 1_000_000_000
EASTWARD = np.array([0.0, 10.0])


def at(latitude_deg: float, longitude_deg: float) -> Point:
    return Point(radians(latitude_deg), radians(longitude_deg))


def party(name: str, kinds: tuple[str, ...], country: str = "US", **more: object) -> Party:
    language = "es" if country == "MX" else "en"
    zone = "America/Ciudad_Juarez" if country == "MX" else "America/Denver"
    return Party(
        id=name,
        name=f"The {name}",
        country=country,
        language=language,
        kinds=kinds,
        address=f"{name}@party.example",
        local_timezone=zone,
        **more,  # type: ignore[arg-type]
    )


PARTIES = (
    party("city", ("city",)),
    party("hospital", ("hospital",)),
    party("afac", ("neighbour",), "MX", told_before_publication=True),
    party("faa", ("authority",)),
    party("tower", ("atc",)),
    party("cell", ("border",)),
)
LADDER = tuple(
    Rung(name, {"en": en, "es": es}, limit_s, "faa", people)
    for name, en, es, limit_s, people in (
        ("R0", "watch", "observar", None, 1),
        ("R1", "advise", "avisar", None, 1),
        ("R2", "delay or reroute", "demorar o desviar", 600.0, 1),
        ("R3", "pause one runway", "pausar una pista", 900.0, 1),
        ("R4", "small volume", "volumen pequeño", 1800.0, 1),
        ("R5", "close the aerodrome", "cerrar el aeródromo", 1800.0, 2),
    )
)
SENSORS = tuple(
    Sensor(name, kind, at(LATITUDE_DEG, LONGITUDE_DEG), 1175.0, 0.0, 40_000.0, 1.0)  # type: ignore[arg-type]
    for name, kind in (
        ("radar", "radar_3d"),
        ("second radar", "radar_2d"),
        ("camera", "camera"),
        ("receiver", "adsb"),
    )
)


def site(**changes: object) -> Site:
    """Border along a parallel, south is the neighbour's; one aerodrome; one critical zone."""
    longitudes = np.linspace(-107.6, -105.2, 400)
    line = tuple(at(BORDER_LATITUDE_DEG, float(lon)) for lon in longitudes)
    runway = Runway("04/22", at(31.790, -106.390), at(31.812, -106.365))
    values: dict[str, object] = {
        "name": "Test Pass",
        "country": "US",
        "fir": "KZAB",
        "sector": Sector(
            "T",
            at(LATITUDE_DEG, LONGITUDE_DEG),
            GROUND_AMSL_M + UNDULATION_M,
            60_000.0,
            Vertical(UNDULATION_M, GROUND_AMSL_M),
        ),
        "sensors": SENSORS,
        "zones": (
            Zone("base", "Fort Test", "critical", circle(at(31.90, -106.45), 4000.0), 1000.0),
            Zone("town", "Testville", "populated", circle(at(31.75, -106.48), 3000.0), 500.0),
        ),
        "aerodromes": (
            Aerodrome("KTST", "Test Field", at(31.801, -106.378), 1205.0, (runway,), "US"),
        ),
        "parties": PARTIES,
        "policy": Policy(LADDER),
        "border": Border((line,), "made up", True, 5.0, at(LATITUDE_DEG, LONGITUDE_DEG), "MX"),
        "local_timezone": "America/Denver",
        "exercise": True,
    }
    return Site(**(values | changes))  # type: ignore[arg-type]


class Thing(NamedTuple):
    """One track as a test tells it."""

    latitude_deg: float
    longitude_deg: float
    said: str = "drone"
    probability: float = 0.95
    height_ground_m: float = 120.0
    velocity: tuple[float, float, float] = (0.0, 10.0, 0.0)
    track_id: int = 1
    motion: str = "through the air"
    sensors: int = 1
    attributes: tuple[int, int, int, int] = (-1, -1, -1, -1)
    sigma_up_m: float = 20.0
    existence: float = 0.99
    status: int = 1
    claimed_id: int = 0


def look(
    place: Site,
    *things: Thing,
    ground: Ground | None = None,
    friends: tuple[Friend, ...] = (),
    countermeasures: tuple[Countermeasure, ...] = (),
    claims: tuple[Claim, ...] = (),
    now_ns: int = NOW_NS,
) -> Seen:
    """An instant with those things in it."""
    ground = ground or ground_of(place)
    n = len(things)
    vertical = place.sector.vertical
    base = (vertical.ground_altitude_amsl_m or GROUND_AMSL_M) + (
        UNDULATION_M if vertical.undulation_m is None else vertical.undulation_m
    )
    positions = np.array(
        [
            to_enu(
                ground.frame,
                radians(t.latitude_deg),
                radians(t.longitude_deg),
                base + t.height_ground_m,
            )
            for t in things
        ]
    ).reshape(n, 3)
    state = np.concatenate(
        [positions, np.array([t.velocity for t in things]).reshape(n, 3)], axis=1
    )
    covariance = np.zeros((n, 6, 6))
    for row, thing in enumerate(things):
        covariance[row] = np.diag([15.0**2, 15.0**2, thing.sigma_up_m**2, 1.0, 1.0, 1.0])
    ids = np.array([t.track_id for t in things], np.int64)
    full = np.full(n, now_ns, np.int64)
    held = Tracks(
        track_id=ids,
        time_ns=full,
        state_enu=state,
        covariance_enu=covariance,
        existence=np.array([t.existence for t in things]),
        mode_probability=np.full((n, 3), 1.0 / 3.0),
        status=np.array([t.status for t in things], np.int8),
        born_ns=full,
        hit_ns=full,
        claimed_id=np.array([t.claimed_id for t in things], np.int64),
        claim_weight=np.array([float(t.claimed_id != 0) for t in things]),
        sensors=np.array([t.sensors for t in things], np.int64),
    )
    log_probability = np.zeros((n, len(CLASSES)))
    for row, thing in enumerate(things):
        rest = (1.0 - thing.probability) / (len(CLASSES) - 1)
        p = np.full(len(CLASSES), rest)
        p[CLASSES.index(thing.said)] = thing.probability
        log_probability[row] = np.log(p)
    known = Identities(
        track_id=ids,
        time_ns=full,
        motion_log_probability=np.zeros((n, len(MOTIONS))),
        log_probability=log_probability,
        attributes=np.array([t.attributes for t in things], np.int8).reshape(n, 4),
        said=np.array([CLASSES.index(t.said) for t in things], np.int8),
        said_motion=np.array([MOTIONS.index(t.motion) for t in things], np.int8),
        decided_ns=full,
    )
    return see(place, ground, held, known, friends, countermeasures, claims)
