"""Sets a scenario up: things and weather in, a `Night` with every sensor's bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from windhover.exercises.night import Night, Person
from windhover.geo.frames import sector_frame
from windhover.schema.commands import Command
from windhover.schema.place import Site
from windhover.score.simulate import adsb, radar, remote_id, wind_file
from windhover.score.simulate.air import Air, Known
from windhover.score.simulate.world import Arrival, Thing, truth_of
from windhover.units import NS_PER_S


class Weather(NamedTuple):
    """The true air, what is known of it, and where the mast stands."""

    air: Air
    known: Known
    mast_m: tuple[float, float]


def stage(
    *,
    name: str,
    title: str,
    seed: int,
    site: Site,
    start_ns: int,
    duration_s: float,
    things: tuple[Thing, ...],
    weather: Weather,
    radars: dict[str, radar.Physics],
    sensor_seed: np.random.SeedSequence,
    opening_commands: tuple[tuple[int, Command], ...],
    people: tuple[Person, ...],
) -> Night:
    """One stream for each radar, ADS-B and Remote ID sensor of the site, and one for the wind.

    `radars` says for each radar by name what the site does not. Every stream draws from a child of
    `sensor_seed` of its own, so that a sensor more or less leaves the others' noise as it was.
    """
    frame = sector_frame(site.sector)

    def draw(number: int) -> np.random.Generator:
        # Named outright: `SeedSequence.spawn` remembers its calls, and `arrivals()` may be called twice.
        key = (*sensor_seed.spawn_key, number)
        return np.random.default_rng(np.random.SeedSequence(sensor_seed.entropy, spawn_key=key))

    def streams() -> tuple[Iterator[Arrival], ...]:
        made: list[Iterator[Arrival]] = []
        for row, sensor in enumerate(site.sensors):
            common = (things, start_ns, duration_s)
            if sensor.kind in ("radar_2d", "radar_3d"):
                physics = radars[sensor.name]
                made.append(radar.arrivals(draw(row), site, frame, row, physics, *common))
            elif sensor.kind == "adsb":
                made.append(adsb.arrivals(draw(row), site, frame, row, *common))
            elif sensor.kind == "remote_id":
                made.append(remote_id.arrivals(draw(row), site, frame, row, *common))
        made.append(
            wind_file.arrivals(
                draw(len(site.sensors)), site, frame, weather.air, weather.known, weather.mast_m,
                start_ns, duration_s,
            )
        )  # fmt: skip
        return tuple(made)

    return Night(
        name=name,
        title=title,
        seed=seed,
        site=site,
        start_ns=start_ns,
        end_ns=start_ns + round(duration_s * NS_PER_S),
        truth=tuple(truth_of(site, frame, start_ns, thing) for thing in things),
        opening_commands=opening_commands,
        people=people,
        streams=streams,
    )
