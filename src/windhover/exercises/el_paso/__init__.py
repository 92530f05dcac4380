"""El Paso night: the built-in exercise. A simulation; wind and geography are taken from public facts.

A foil balloon floats level from Juárez over Fort Bliss. Round it: traffic of two airports, a hobby
drone with Remote ID, a dark drone that crosses the border northward at 120 m and returns, the border
agency's own drone (filed, radio-silent), a police and a medical helicopter, birds, a kite, and a laser
activity that a partner has filed although its aviation review is not finished. Each seed draws
another wind, other times, routes, delays and noise; what the real order's full reason was is not
public, so any comparison with it is limited.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np

from windhover import site as sites
from windhover.exercises.el_paso import people, sky
from windhover.exercises.night import Night
from windhover.exercises.stage import Weather, stage
from windhover.geo.frames import sector_frame
from windhover.schema.place import Site
from windhover.score.simulate import radar
from windhover.timescale import from_iso
from windhover.units import NS_PER_MIN, NS_PER_S

EVENING = from_iso("2026-02-18T03:20:00Z")
"""20:20 local time: an invented evening, on purpose none of the real closures'."""

CENTRAL_RADAR = radar.Physics(snr_1m2_10km_db=42.0, phase=0.4)
AIRPORT_RADAR = radar.Physics(
    snr_1m2_10km_db=52.0,
    stc_range_m=60_000.0,
    blind_speed_m_s=8.0,
    doppler=False,
    clutter_top_m=1500.0,
    phase=0.7,
)


@cache
def site() -> Site:
    """The exercise's site folder, read once."""
    with as_file(files("windhover.exercises.el_paso") / "site") as folder:
        return sites.load(folder)


def night(seed: int) -> Night:
    """One playing of the exercise, 38 min long. The same seed gives the same bytes."""
    place = site()
    frame = sector_frame(place.sector)
    world_seed, sensor_seed, people_seed = np.random.SeedSequence([seed, 20260218]).spawn(3)
    rng = np.random.default_rng(world_seed)
    start_ns = EVENING + int(rng.integers(0, 40)) * NS_PER_MIN
    heaven = sky.make(rng, place, frame)
    return stage(
        name="el-paso",
        title="El Paso night",
        seed=seed,
        site=place,
        start_ns=start_ns,
        duration_s=sky.DURATION_S,
        things=heaven.things,
        weather=Weather(heaven.air, heaven.known, sky.MAST_M),
        radars={"central": CENTRAL_RADAR, "airport": AIRPORT_RADAR},
        sensor_seed=sensor_seed,
        opening_commands=people.filed(place, frame, start_ns),
        people=people.cast(
            np.random.default_rng(people_seed), start_ns + round(sky.DURATION_S * NS_PER_S)
        ),
    )
