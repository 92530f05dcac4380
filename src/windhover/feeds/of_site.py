"""From what a site states to its feeds at work."""

from __future__ import annotations

import time
from typing import Protocol

from windhover.detections.sapient import STRICT, Tolerances, wire
from windhover.errors import BadSite
from windhover.feeds.hub import Clock, Health, Hub
from windhover.feeds.live import Feed
from windhover.feeds.sapient import SapientServer
from windhover.feeds.settings import FeedSettings, SapientSettings
from windhover.feeds.weather import WeatherFeed
from windhover.schema.place import Point, Sensor, Vertical


class Runner(Protocol):
    """A feed at work: `run()` never raises but on cancellation, and returns where it may not run."""

    health: Health

    async def run(self) -> None: ...

    def follow(self, settings: FeedSettings) -> None:
        """From now on these settings hold."""
        ...


def feeds_of(
    settings: tuple[FeedSettings, ...],
    sensors: tuple[Sensor, ...],
    vertical: Vertical,
    hub: Hub,
    clock: Clock = time.time_ns,
    near: Point | None = None,
) -> tuple[Runner, ...]:
    """All feeds of a site, which lies near that point. One that cannot be set up is shown in the hub's
    health, not raised."""
    row = {sensor.name: i for i, sensor in enumerate(sensors)}
    made: list[Runner] = []
    for one in settings:
        health = hub.register(one.name)
        if one.form == "sapient":
            _add_sapient(one, sensors, vertical, hub, clock, made)
            continue
        if one.form == "weather":
            if one.transport in ("http", "file"):
                made.append(WeatherFeed(one, near, hub, clock))
            else:
                health.words = "off: the weather is asked for: its transport is 'http' or 'file'"
            continue
        if one.sensor not in row:
            health.words = f"off: the site has no sensor {one.sensor!r}"
            continue
        try:
            made.append(Feed(one, row[one.sensor], sensors[row[one.sensor]], vertical, hub, clock))
        except BadSite as fault:
            health.words = f"off: {fault}"
    return tuple(made)


def _add_sapient(
    one: FeedSettings,
    sensors: tuple[Sensor, ...],
    vertical: Vertical,
    hub: Hub,
    clock: Clock,
    made: list[Runner],
) -> None:
    """A server for sensor nodes; its settings name the sensors node by node."""
    why_not = ""
    if one.transport not in ("listen", "tcp"):
        why_not = "off: its transport is 'listen', or 'tcp' to a middleware"
    if one.strict and one.tolerances is not None:
        why_not = "off: it states tolerances of its own, and strict beside them"
    tolerances = one.tolerances or (STRICT if one.strict else Tolerances())
    try:
        wire.message_type("SapientMessage")
        server = SapientServer(
            SapientSettings(
                one.name,
                one.address,
                one.node_id,
                one.nodes,
                tolerances,
                one.sensor,
                one.transport == "tcp",
                one.middleware,
            ),
            sensors,
            vertical,
            hub,
            clock,
        )
    except BadSite as fault:
        why_not = why_not or f"off: {fault}"
    else:
        server.declared = one
        if not why_not:
            made.append(server)
    hub.register(one.name).words = why_not
