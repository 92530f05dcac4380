"""Who and what is in the sky of the El Paso night, and how it moves.

Places are east, north in m of the sector's origin, a little north of the border bridges. The border
runs from (−8.0, −0.1) km over (−4.0, −4.1), (−0.1, −2.7) and (4.0, −4.6) to (8.0, −8.9) km.
"""

from __future__ import annotations

from math import cos, radians, sin
from typing import NamedTuple

import numpy as np

from windhover.geo.frames import Frame, to_enu
from windhover.schema.place import Site
from windhover.score.simulate import air as airs
from windhover.score.simulate.drift import STEP_S, clock, drifter, floating_height, kite, samples
from windhover.score.simulate.paths import (
    approach,
    departure,
    follow,
    orbit,
    rounded,
)
from windhover.score.simulate.powered import Leg, flapping_bird, multirotor
from windhover.score.simulate.world import Broadcast, Thing, Transponder

DURATION_S = 2280.0
FRIEND_CORNERS_M = (
    (-0.6e3, -0.9e3),
    (3.8e3, -2.0e3),
    (3.8e3, -3.4e3),
    (2.4e3, -2.9e3),
    (-0.6e3, -1.9e3),
)
"""The area that the border agency files for its own drone: its own side of the border."""
FRIEND_TOP_M = 160.0
LASER_CENTRE_M = (-1.0e3, 4.5e3)
LASER_RADIUS_M = 2400.0
HOSPITAL_M = (-5160.0, -1610.0)
MAST_M = (6400.0, 2100.0)


class Sky(NamedTuple):
    """The world of one seed."""

    air: airs.Air
    known: airs.Known
    things: tuple[Thing, ...]


def make(rng: np.random.Generator, site: Site, frame: Frame) -> Sky:
    """Draws wind, times, routes and delays; the physics does the rest."""
    air = airs.make(
        rng,
        DURATION_S,
        speed_m_s=float(rng.uniform(5.6, 8.2)),
        toward_rad=radians(float(rng.uniform(10.0, 35.0))),
        shear_exponent=float(rng.uniform(0.15, 0.25)),
        veer_rad_per_m=radians(float(rng.uniform(0.005, 0.03))),
        drift_sigma_m_s=0.4,
    )
    levels = np.array([20.0, 80.0, 150.0, 250.0, 400.0, 700.0, 1200.0, 2000.0])
    known = airs.forecast(rng, levels, sigma_m_s=2.0, error_m_s=1.6)
    things = (
        _foil_balloon(rng, air),
        _dark_drone(rng),
        _friend_drone(rng),
        _hobby_drone(rng),
        _kite(rng, air),
        *_helicopters(rng),
        *_airliners(rng, site, frame),
        *_birds(rng, air),
    )
    return Sky(air, known, things)


def _foil_balloon(rng: np.random.Generator, air: airs.Air) -> Thing:
    """Lost at a feast in Juárez, it finds its level and floats over the river and Fort Bliss."""
    start_s = float(rng.uniform(40.0, 120.0))
    n = samples(DURATION_S - start_s)
    height = floating_height(
        rng,
        n,
        release_m=3.0,
        float_m=float(rng.uniform(160.0, 250.0)),
        lift_m_s=float(rng.uniform(0.7, 1.0)),
    )
    over_m = (float(rng.uniform(1800.0, 3200.0)), float(rng.uniform(2600.0, 3600.0)))
    # It must have come from south of the border: some 8 to 10 km of northward drift lie behind it.
    seconds = clock(start_s, n)
    northward = airs.mean_wind(air, seconds, height)[:, 1].cumsum() * STEP_S
    row = int(np.searchsorted(northward, over_m[1] + float(rng.uniform(5400.0, 6400.0))))
    motion = drifter(
        rng,
        air,
        start_s=start_s,
        height_ground_m=height,
        response_s=float(rng.uniform(0.4, 1.5)),
        through_m=over_m,
        through_row=min(row, n - 1),
    )
    return Thing(
        "foil balloon", "balloon", "balloon, foil", motion, float(rng.uniform(-15.0, -11.0))
    )


def _dark_drone(rng: np.random.Generator) -> Thing:
    """Without lights, radio or Remote ID: north over the river at 120 m, a look around, and back."""
    lane_m = float(rng.uniform(4800.0, 5400.0))
    home_m = -5.0e3 - 0.9 * (lane_m - 4.6e3) - float(rng.uniform(1500.0, 2100.0))
    far_m = float(rng.uniform(-1500.0, -700.0))
    speed = float(rng.uniform(12.0, 15.5))
    bend_m = float(rng.uniform(-250.0, 250.0))
    legs = [
        Leg(lane_m, home_m, 118.0, 5.0, 3.0),
        Leg(lane_m + bend_m, 0.5 * (home_m + far_m), 120.0, speed),
        Leg(lane_m, far_m, 120.0, speed, float(rng.uniform(70.0, 130.0))),
        Leg(lane_m - 300.0, far_m + 250.0, 120.0, 8.0, float(rng.uniform(25.0, 60.0))),
        Leg(lane_m - bend_m, 0.5 * (home_m + far_m), 120.0, speed),
        Leg(lane_m, home_m, 118.0, speed, 2.0),
        Leg(lane_m, home_m, 0.0, 2.0, 4.0),
    ]
    start_s = float(rng.uniform(420.0, 620.0))
    motion = multirotor(rng, start_s=start_s, legs=legs, limit_s=DURATION_S - start_s)
    return Thing(
        "dark drone", "drone", "drone, dark", motion, float(rng.uniform(-16.0, -13.0)), rotor=True
    )


def _friend_drone(rng: np.random.Generator) -> Thing:
    """The border agency's own: filed as friendly, radio-silent, back and forth along its stretch."""
    height = float(rng.uniform(80.0, 110.0))
    speed = float(rng.uniform(8.0, 11.0))
    beat = [(0.2e3, -1.45e3), (1.8e3, -2.0e3), (3.4e3, -2.75e3), (1.9e3, -2.35e3)]
    shift = float(rng.uniform(-120.0, 120.0))
    legs = [Leg(0.0, -1.3e3, height, 4.0, 3.0)]
    for _ in range(3):
        legs += [Leg(e + shift, n, height, speed, float(rng.uniform(5.0, 35.0))) for e, n in beat]
    legs += [Leg(0.0, -1.3e3, height, speed, 2.0), Leg(0.0, -1.3e3, 0.0, 2.0, 3.0)]
    start_s = float(rng.uniform(150.0, 260.0))
    motion = multirotor(rng, start_s=start_s, legs=legs, limit_s=1900.0 - start_s)
    return Thing(
        "agency drone",
        "drone",
        "drone, friend",
        motion,
        float(rng.uniform(-15.0, -12.0)),
        rotor=True,
    )


def _hobby_drone(rng: np.random.Generator) -> Thing:
    """Somebody films the town: Remote ID on, hovering and turning below 60 m."""
    east, north = float(rng.uniform(-3300.0, -2500.0)), float(rng.uniform(1200.0, 1900.0))
    height = float(rng.uniform(45.0, 75.0))
    legs = [Leg(east, north, height, 4.0, 30.0)]
    for k in range(int(rng.integers(14, 20))):
        angle = k * radians(75.0) + float(rng.uniform(-0.4, 0.4))
        reach = float(rng.uniform(60.0, 180.0))
        legs.append(
            Leg(
                east + reach * sin(angle),
                north + reach * cos(angle),
                height + float(rng.uniform(-8.0, 8.0)),
                float(rng.uniform(3.0, 9.0)),
                float(rng.uniform(5.0, 40.0)),
            )
        )
    legs += [Leg(east, north, height, 6.0, 5.0), Leg(east, north, 0.0, 2.0, 3.0)]
    start_s = float(rng.uniform(200.0, 600.0))
    motion = multirotor(rng, start_s=start_s, legs=legs, limit_s=1200.0)
    said = Broadcast("EXERCISE0HOBBY01", (east + 25.0, north - 40.0), "EXERCISE filming")
    return Thing(
        "hobby drone", "drone", "drone, Remote ID", motion, -17.0, broadcast=said, rotor=True
    )


def _kite(rng: np.random.Generator, air: airs.Air) -> Thing:
    """A lit kite over a park."""
    start_s = float(rng.uniform(250.0, 500.0))
    motion = kite(
        rng,
        air,
        start_s=start_s,
        duration_s=float(rng.uniform(1100.0, 1500.0)),
        anchor_m=(float(rng.uniform(-2300.0, -1700.0)), float(rng.uniform(-1500.0, -900.0))),
        line_m=float(rng.uniform(80.0, 110.0)),
    )
    return Thing("kite", "tethered", "tethered, kite", motion, float(rng.uniform(-17.0, -14.0)))


def _helicopters(rng: np.random.Generator) -> tuple[Thing, Thing]:
    """Police over the centre, and a medical flight down the valley to the hospital."""
    centre = (float(rng.uniform(-3300.0, -2300.0)), float(rng.uniform(-900.0, -300.0)))
    path = orbit(
        (9.0e3, 4.0e3),
        centre,
        float(rng.uniform(600.0, 900.0)),
        float(rng.integers(4, 8)),
        (8.5e3, 3.0e3),
    )
    police = follow(
        float(rng.uniform(60.0, 500.0)),
        path,
        [(0.0, 52.0), (8000.0, 45.0), (11000.0, 30.0), (-11000.0, 30.0), (-1.0, 50.0)],
        [(0.0, 260.0), (9000.0, 200.0), (-9000.0, 200.0), (-1.0, 260.0)],
    )
    valley = rounded([(-19.0e3, 23.0e3), (-13.0e3, 9.0e3), (-7.5e3, 1.5e3), HOSPITAL_M], 1200.0)
    medical = follow(
        float(rng.uniform(700.0, 1100.0)),
        valley,
        [(0.0, 66.0), (-4000.0, 60.0), (-700.0, 22.0), (-80.0, 7.0), (-1.0, 2.0)],
        [(0.0, 420.0), (-5000.0, 260.0), (-1200.0, 150.0), (-150.0, 35.0), (-1.0, 0.0)],
    )
    return (
        Thing("police helicopter", "aircraft", "aircraft, police helicopter", police, 6.0,
              Transponder("adf0e1", "EXRPD1", "A7", "0401"), rotor=True),
        Thing("medevac helicopter", "aircraft", "aircraft, medevac helicopter", medical, 6.0,
              Transponder("adf0e2", "EXRMED7", "A7", "0402"), rotor=True),
    )  # fmt: skip


def _airliners(rng: np.random.Generator, site: Site, frame: Frame) -> tuple[Thing, ...]:
    """Evening traffic of both airports; the wind is from the south-west, so 22 and 21 are in use."""
    elp, cjs = (_thresholds(site, frame, icao) for icao in ("KELP", "MMCS"))
    base = float(rng.uniform(0.0, 150.0))
    motions = [
        ("EXR101", "adf101", "arrival KELP", approach(base + 10.0, elp[1], elp[0], final_m=14000.0, entry=(19.0e3, 31.0e3))),
        ("EXR102", "adf102", "departure KELP", departure(base + 330.0, elp[1], elp[0], leave=(-30.0e3, 14.0e3), ahead_m=5200.0)),
        ("EXR103", "adf103", "arrival KELP", approach(base + 640.0, elp[1], elp[0], final_m=16000.0, entry=(31.0e3, 17.0e3))),
        ("EXR104", "adf104", "arrival KELP", approach(base + 1290.0, elp[1], elp[0], final_m=13000.0, entry=(17.0e3, 33.0e3))),
        ("EXR105", "adf105", "departure KELP", departure(base + 1180.0, elp[1], elp[0], leave=(-30.0e3, 18.0e3), ahead_m=5200.0)),
        ("EXR201", "0df201", "arrival MMCS", approach(base + 180.0, cjs[1], cjs[0], final_m=11000.0, entry=(28.0e3, -13.0e3))),
        ("EXR202", "0df202", "departure MMCS", departure(base + 800.0, cjs[1], cjs[0], leave=(-12.0e3, -38.0e3))),
        ("EXR203", "0df203", "arrival MMCS", approach(base + 1330.0, cjs[1], cjs[0], final_m=12000.0, entry=(30.0e3, -9.0e3))),
    ]  # fmt: skip
    return tuple(
        Thing(callsign, "aircraft", "aircraft, airliner", motion, float(rng.uniform(14.0, 20.0)),
              Transponder(hexadecimal, callsign, "A3", f"{2100 + k:04d}"))
        for k, (callsign, hexadecimal, _, motion) in enumerate(motions)
    )  # fmt: skip


def _thresholds(
    site: Site, frame: Frame, icao: str
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of an aerodrome's first runway, east and north in m."""
    runway = next(one for one in site.aerodromes if one.icao == icao).runways[0]
    ends = [
        to_enu(frame, end.latitude_rad, end.longitude_rad, site.sector.origin_height_ellipsoid_m)
        for end in (runway.threshold, runway.opposite)
    ]
    return (float(ends[0][0]), float(ends[0][1])), (float(ends[1][0]), float(ends[1][1]))


def _birds(rng: np.random.Generator, air: airs.Air) -> tuple[Thing, ...]:
    """Geese on their way, a heron along the river, two that feed over the park's lights."""
    made = []
    plans = (
        ("goose skein", (-4.0e3, -7.0e3), 0.15, (13.0, 16.0), (120.0, 220.0), 0.12, 700.0, -9.0),
        ("goose", (3.0e3, 8.0e3), 3.6, (12.0, 15.0), (90.0, 180.0), 0.15, 800.0, -14.0),
        ("heron", (-6.0e3, -1.0e3), 2.0, (8.5, 10.5), (25.0, 50.0), 0.3, 900.0, -18.0),
        ("gull", (1.0e3, 1.0e3), 0.0, (7.0, 9.5), (30.0, 70.0), 1.8, 800.0, -21.0),
        ("nightjar", (2.2e3, 0.2e3), 4.0, (6.0, 8.0), (25.0, 50.0), 2.0, 700.0, -23.0),
    )
    for name, place, heading, speeds, heights, wander, seconds, rcs in plans:
        start_s = float(rng.uniform(30.0, DURATION_S - seconds - 100.0))
        motion = flapping_bird(
            rng,
            air,
            start_s=start_s,
            duration_s=seconds * float(rng.uniform(0.9, 1.1)),
            from_m=(
                place[0] + float(rng.uniform(-700, 700)),
                place[1] + float(rng.uniform(-700, 700)),
            ),
            heading_rad=heading + float(rng.uniform(-0.25, 0.25)),
            airspeed_m_s=float(rng.uniform(*speeds)),
            height_ground_m=float(rng.uniform(*heights)),
            wander_rad=wander,
        )
        made.append(
            Thing(name, "bird", "bird, flapping", motion, rcs + float(rng.uniform(-1.5, 1.5)))
        )
    return tuple(made)
