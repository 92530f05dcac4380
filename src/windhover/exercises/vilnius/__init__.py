"""Vilnius, after October 2025: smuggling balloons come over the border with the wind, one after another.

Large latex balloons, released beyond the border before the night begins, drift toward the airport at one
to three kilometres while airliners come and go. Forty simulated minutes with nine of them; in the real
night some 25 came in six and a half hours.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from math import cos, radians, sin

import numpy as np

from windhover import site as sites
from windhover.exercises.night import Night, Person
from windhover.exercises.officer import WatchOfficer
from windhover.exercises.roles import Authority, Reader, delays
from windhover.exercises.stage import Weather, stage
from windhover.geo.frames import Frame, sector_frame, to_enu
from windhover.schema.place import Site
from windhover.score.simulate import air as airs
from windhover.score.simulate import radar
from windhover.score.simulate.drift import STEP_S, drifter, floating_height, samples
from windhover.score.simulate.paths import approach, departure
from windhover.score.simulate.world import Thing, Transponder
from windhover.timescale import from_iso
from windhover.units import NS_PER_MIN, NS_PER_S

EVENING = from_iso("2026-10-07T19:30:00Z")
DURATION_S = 2400.0
BALLOONS = 9
SURVEILLANCE_RADAR = radar.Physics(
    snr_1m2_10km_db=62.0, stc_range_m=12_000.0, doppler=False, clutter_top_m=4000.0, phase=0.6
)


@cache
def site() -> Site:
    """The exercise's site folder, read once."""
    with as_file(files("windhover.exercises.vilnius") / "site") as folder:
        return sites.load(folder)


def night(seed: int) -> Night:
    """One playing of the exercise, 40 min long."""
    place = site()
    frame = sector_frame(place.sector)
    world_seed, sensor_seed, people_seed = np.random.SeedSequence([seed, 20251004]).spawn(3)
    rng = np.random.default_rng(world_seed)
    start_ns = EVENING + int(rng.integers(0, 60)) * NS_PER_MIN
    toward_rad = radians(float(rng.uniform(290.0, 320.0)))
    air = airs.make(
        rng,
        DURATION_S,
        speed_m_s=float(rng.uniform(7.0, 9.5)),
        toward_rad=toward_rad,
        shear_exponent=0.15,
        veer_rad_per_m=radians(0.004),
    )
    known = airs.forecast(rng, np.array([20.0, 200.0, 600.0, 1200.0, 2000.0, 3000.0]), 2.0, 1.6)
    end_ns = start_ns + round(DURATION_S) * NS_PER_S
    return stage(
        name="vilnius",
        title="Vilnius: nine balloons",
        seed=seed,
        site=place,
        start_ns=start_ns,
        duration_s=DURATION_S,
        things=(*_balloons(rng, air), *_airliners(rng, place, frame)),
        weather=Weather(air, known, (0.0, 600.0)),
        radars={"surveillance": SURVEILLANCE_RADAR},
        sensor_seed=sensor_seed,
        opening_commands=(),
        people=_cast(np.random.default_rng(people_seed), end_ns),
    )


def _balloons(rng: np.random.Generator, air: airs.Air) -> tuple[Thing, ...]:
    made = []
    for number in range(BALLOONS):
        start_s = float(rng.uniform(-3300.0, -600.0))
        n = samples(DURATION_S - start_s)
        height = floating_height(
            rng, n, release_m=2.0, float_m=float(rng.uniform(900.0, 2800.0)), lift_m_s=3.0
        )
        # Each passes within ten kilometres of the airport at some time of the night.
        meets_s = float(rng.uniform(1300.0, DURATION_S))
        aside = float(rng.uniform(-10e3, 10e3))
        course = air.toward_rad
        motion = drifter(
            rng,
            air,
            start_s=start_s,
            height_ground_m=height,
            response_s=float(rng.uniform(1.0, 2.0)),
            through_m=(aside * cos(course), -aside * sin(course)),
            through_row=int((meets_s - start_s) / STEP_S) - 1,
        )
        name = f"balloon {number + 1}"
        made.append(
            Thing(name, "balloon", "balloon, smuggling", motion, float(rng.uniform(-9.0, -4.0)))
        )
    return tuple(made)


def _airliners(rng: np.random.Generator, place: Site, frame: Frame) -> tuple[Thing, ...]:
    runway = place.aerodromes[0].runways[0]
    south, north = (
        tuple(
            to_enu(
                frame, end.latitude_rad, end.longitude_rad, place.sector.origin_height_ellipsoid_m
            )[:2].tolist()
        )
        for end in (runway.threshold, runway.opposite)
    )
    made = []
    base = float(rng.uniform(0.0, 120.0))
    for number, begin_s in enumerate((0.0, 420.0, 800.0, 1200.0, 1700.0)):
        callsign = f"EXR{501 + number}"
        motion = (
            approach(base + begin_s, north, south, final_m=16000.0, entry=(-24e3, 24e3))
            if number % 2 == 0
            else departure(base + begin_s, north, south, leave=(-40e3, -15e3))
        )
        made.append(
            Thing(callsign, "aircraft", "aircraft, airliner", motion, float(rng.uniform(14.0, 19.0)),
                  Transponder(f"adf5{number:02d}", callsign, "A3", f"{5520 + number}"))
        )  # fmt: skip
    return tuple(made)


def _cast(rng: np.random.Generator, end_ns: int) -> tuple[Person, ...]:
    delay = delays(rng)
    answer = "The balloons drift with the wind; the next hour's sectors are in the last notice."
    readers = ("authority", "centre", "airport", "border-guard")
    return (
        WatchOfficer(delay(30, 70), delay(25, 60), delay(60, 120), end_ns, answer),
        Authority(delay(40, 110), delay(30, 70)),
        *(Reader(party, delay(20, 120), None) for party in readers),
    )
