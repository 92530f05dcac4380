"""El Paso night: the built-in exercise. A simulation; wind and geography are taken from public facts.

A foil balloon floats level from Juárez over Fort Bliss. Round it: traffic of two airports, a hobby
drone with Remote ID, a dark drone that crosses the border northward at 120 m and returns, the border
agency's own drone (filed, radio-silent), a police and a medical helicopter, birds, a kite, and a laser
activity that a partner has filed although its aviation review is not finished. Each seed draws
another wind, other times, routes, delays and noise; what the real order's full reason was is not
public, so any comparison with it is limited.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from windhover import site as sites
from windhover.exercises.el_paso import people, sky
from windhover.exercises.night import Night
from windhover.geo.frames import sector_frame
from windhover.schema.place import Site
from windhover.score.simulate import adsb, radar, remote_id, wind_file
from windhover.score.simulate.world import Arrival, truth_of
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
    rows = {sensor.name: row for row, sensor in enumerate(place.sensors)}
    seconds = sky.DURATION_S

    def streams() -> tuple[Iterator[Arrival], ...]:
        # `spawn` remembers how often it was called; children are named outright so that every call
        # of `streams` gives the same bytes.
        seeds = [
            np.random.SeedSequence(sensor_seed.entropy, spawn_key=(*sensor_seed.spawn_key, k))
            for k in range(5)
        ]
        draws = [np.random.default_rng(one) for one in seeds]
        common = (heaven.things, start_ns, seconds)
        return (
            radar.arrivals(draws[0], place, frame, rows["central"], CENTRAL_RADAR, *common),
            radar.arrivals(draws[1], place, frame, rows["airport"], AIRPORT_RADAR, *common),
            adsb.arrivals(draws[2], place, frame, rows["adsb"], *common),
            remote_id.arrivals(draws[3], place, frame, rows["remote-id"], *common),
            wind_file.arrivals(
                draws[4], place, frame, heaven.air, heaven.known, sky.MAST_M, start_ns, seconds
            ),
        )

    delays = np.random.default_rng(people_seed)
    return Night(
        name="el-paso",
        seed=seed,
        site=place,
        start_ns=start_ns,
        end_ns=start_ns + round(seconds * NS_PER_S),
        truth=tuple(truth_of(place, frame, start_ns, thing) for thing in heaven.things),
        opening_commands=people.filed(place, frame, start_ns),
        people=people.cast(delays, start_ns + round(seconds * NS_PER_S)),
        streams=streams,
    )
