"""Gatwick, after December 2018: one short flight, many reports, and drones of one's own.

A drone without Remote ID crosses the airfield for some minutes. Afterwards people go on reporting drones,
and what flies then is the police: two drones filed as friends, and a helicopter with lights. Thirty
simulated minutes; what really flew in 2018 was never established, so nothing here claims to show it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from math import radians

import numpy as np

from windhover import site as sites
from windhover.exercises.night import Night, Person
from windhover.exercises.officer import WatchOfficer
from windhover.exercises.roles import Authority, Reader, delays
from windhover.exercises.stage import Weather, stage
from windhover.geo.frames import Frame, from_enu, sector_frame, to_enu
from windhover.schema.cases import Friend
from windhover.schema.commands import Command, FileFriend, RecordClaim
from windhover.schema.place import Point, Site
from windhover.score.simulate import air as airs
from windhover.score.simulate import radar
from windhover.score.simulate.paths import approach, departure, follow, orbit
from windhover.score.simulate.powered import Leg, flapping_bird, multirotor
from windhover.score.simulate.world import Broadcast, Thing, Transponder
from windhover.timescale import from_iso
from windhover.units import NS_PER_MIN, NS_PER_S

EVENING = from_iso("2026-12-16T20:50:00Z")
DURATION_S = 1800.0
PERIMETER_RADAR = radar.Physics(snr_1m2_10km_db=40.0, phase=0.2)
POLICE_AREA_M = ((-2200.0, -1500.0), (2200.0, -1500.0), (2200.0, 1700.0), (-2200.0, 1700.0))


@cache
def site() -> Site:
    """The exercise's site folder, read once."""
    with as_file(files("windhover.exercises.gatwick") / "site") as folder:
        return sites.load(folder)


def night(seed: int) -> Night:
    """One playing of the exercise, 30 min long."""
    place = site()
    frame = sector_frame(place.sector)
    world_seed, sensor_seed, people_seed = np.random.SeedSequence([seed, 20181219]).spawn(3)
    rng = np.random.default_rng(world_seed)
    start_ns = EVENING + int(rng.integers(0, 20)) * NS_PER_MIN
    air = airs.make(
        rng,
        DURATION_S,
        speed_m_s=float(rng.uniform(6.0, 11.0)),
        toward_rad=radians(float(rng.uniform(40.0, 90.0))),
    )
    known = airs.forecast(rng, np.array([20.0, 100.0, 250.0, 600.0, 1500.0]), 2.0, 1.6)
    police_from_s = float(rng.uniform(700.0, 850.0))
    return stage(
        name="gatwick",
        title="Gatwick: nine reports",
        seed=seed,
        site=place,
        start_ns=start_ns,
        duration_s=DURATION_S,
        things=_things(rng, air, place, frame, police_from_s),
        weather=Weather(air, known, (300.0, -200.0)),
        radars={"perimeter": PERIMETER_RADAR},
        sensor_seed=sensor_seed,
        opening_commands=_commands(rng, frame, start_ns, police_from_s),
        people=_cast(np.random.default_rng(people_seed), start_ns),
    )


def _things(
    rng: np.random.Generator, air: airs.Air, place: Site, frame: Frame, police_from_s: float
) -> tuple[Thing, ...]:
    runway = place.aerodromes[0].runways[0]
    west, east = (
        tuple(
            to_enu(
                frame, end.latitude_rad, end.longitude_rad, place.sector.origin_height_ellipsoid_m
            )[:2].tolist()
        )
        for end in (runway.threshold, runway.opposite)
    )
    speed = float(rng.uniform(11.0, 15.0))
    south_m = float(rng.uniform(-2600.0, -2100.0))
    intruder = multirotor(
        rng,
        start_s=float(rng.uniform(150.0, 260.0)),
        legs=[
            Leg(900.0, south_m, 70.0, 4.0, 2.0),
            Leg(500.0, 300.0, 80.0, speed, float(rng.uniform(20.0, 60.0))),
            Leg(-900.0, 500.0, 80.0, speed, float(rng.uniform(10.0, 40.0))),
            Leg(900.0, south_m, 70.0, speed, 2.0),
            Leg(900.0, south_m, 0.0, 2.0, 3.0),
        ],
        limit_s=800.0,
    )
    things = [
        Thing("intruder", "drone", "drone, dark", intruder, -15.0, rotor=True),
        Thing(
            "police helicopter",
            "aircraft",
            "aircraft, police helicopter",
            follow(
                float(rng.uniform(500.0, 700.0)),
                orbit((-9e3, 12e3), (0.0, -2800.0), 900.0, 3.0, (-9e3, 11e3)),
                [(0.0, 55.0), (9000.0, 50.0), (13000.0, 30.0), (-13000.0, 30.0), (-1.0, 50.0)],
                [(0.0, 320.0), (-1.0, 320.0)],
            ),
            6.0,
            Transponder("adf1e1", "EXRNPAS", "A7", "0030"),
            rotor=True,
        ),
    ]
    for number in range(2):
        beat = [(-1500.0, -1000.0), (1500.0, -700.0), (1400.0, 1200.0), (-1600.0, 900.0)]
        turn = beat[2 * number :] + beat[: 2 * number]
        height = 70.0 + 25.0 * number
        legs = [Leg(*turn[0], height, 4.0, 3.0)]
        legs += [Leg(*corner, height, 9.0, float(rng.uniform(5.0, 40.0))) for corner in turn * 2]
        legs += [Leg(*turn[0], height, 9.0, 2.0), Leg(*turn[0], 0.0, 2.0, 2.0)]
        motion = multirotor(
            rng,
            start_s=police_from_s + 90.0 * number,
            legs=legs,
            limit_s=DURATION_S - police_from_s - 120.0,
        )
        things.append(
            Thing(
                f"police drone {number + 1}", "drone", "drone, friend", motion, -14.0,
                broadcast=Broadcast(f"EXERCISE0POLICE{number + 1}", (-1500.0, -1000.0), "EXERCISE police"),
                rotor=True,
            )
        )  # fmt: skip
    base = float(rng.uniform(0.0, 60.0))
    for number, begin_s in enumerate((0.0, 170.0, 1250.0, 1400.0)):
        callsign = f"EXR{301 + number}"
        motion = (
            approach(base + begin_s, east, west, final_m=15000.0, entry=(30e3, 14e3))
            if number % 2 == 0
            else departure(base + begin_s, east, west, leave=(-25e3, -20e3))
        )
        things.append(
            Thing(callsign, "aircraft", "aircraft, airliner", motion, float(rng.uniform(14.0, 19.0)),
                  Transponder(f"adf3{number:02d}", callsign, "A3", f"{4420 + number}"))
        )  # fmt: skip
    for number in range(3):
        motion = flapping_bird(
            rng, air, start_s=float(rng.uniform(30.0, 900.0)), duration_s=600.0,
            from_m=(float(rng.uniform(-2000, 2000)), float(rng.uniform(-2000, 2000))),
            heading_rad=float(rng.uniform(0.0, 6.28)), airspeed_m_s=float(rng.uniform(9.0, 13.0)),
            height_ground_m=float(rng.uniform(30.0, 90.0)), wander_rad=float(rng.uniform(0.2, 1.5)),
        )  # fmt: skip
        things.append(Thing(f"gull {number + 1}", "bird", "bird, flapping", motion, -20.0))
    return tuple(things)


def _commands(
    rng: np.random.Generator, frame: Frame, start_ns: int, police_from_s: float
) -> tuple[tuple[int, Command], ...]:
    latitude, longitude, _ = from_enu(frame, np.array([[*corner, 0.0] for corner in POLICE_AREA_M]))
    area = tuple(Point(float(a), float(b)) for a, b in zip(latitude, longitude, strict=True))
    police_ns = start_ns + round(police_from_s) * NS_PER_S
    friend = Friend(
        id="", operator="police", what="drone", polygon=area, upper_height_ground_m=150.0,
        from_ns=police_ns - NS_PER_MIN, to_ns=start_ns + round(DURATION_S) * NS_PER_S,
        words="EXERCISE: two police drones search the perimeter",
    )  # fmt: skip
    commands: list[tuple[int, Command]] = [
        (police_ns - 2 * NS_PER_MIN, FileFriend(friend, by="police control room"))
    ]
    for number, at_s in enumerate(sorted(rng.uniform(240.0, DURATION_S - 200.0, 9).tolist())):
        claim = RecordClaim(
            party="police",
            says="A drone with lights near the runway.",
            on_evidence=f"Eyewitness {number + 1}, naked eye, at night.",
            by="police control room",
        )
        commands.append((start_ns + round(at_s) * NS_PER_S, claim))
    return tuple(sorted(commands, key=lambda one: one[0]))


def _cast(rng: np.random.Generator, start_ns: int) -> tuple[Person, ...]:
    delay = delays(rng)
    end_ns = start_ns + round(DURATION_S) * NS_PER_S
    answer = "The record of what the sensors saw is being compared with the reports."
    readers = ("authority", "tower", "airport", "police")
    return (
        WatchOfficer(delay(20, 50), delay(20, 50), delay(60, 120), end_ns, answer),
        Authority(delay(40, 90), delay(30, 60)),
        *(Reader(party, delay(15, 110), None) for party in readers),
    )
