"""The weather as it comes: any file of winds that `files` reads, asked for again and again.

    [[feed]]
    name = "aerodrome"
    form = "weather"
    transport = "http"
    address = "https://tgftp.nws.noaa.gov/data/observations/metar/stations/KELP.TXT"

A METAR, a sounding, a forecast, an instrument's own file: the kind is told from the content, as of any
recording. Reading is done beside the event loop: a forecast takes seconds.
"""

from __future__ import annotations

import asyncio
import time
from math import degrees
from pathlib import PurePosixPath
from typing import Final

from windhover.air.wind import around
from windhover.detections.decoded import Decoded, join_wind, nothing
from windhover.errors import BadInput
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S
from windhover.feeds.fetched import fetch
from windhover.feeds.files import read_payload
from windhover.feeds.hub import Arrival, Clock, Hub
from windhover.feeds.settings import FeedSettings, held_back
from windhover.schema.batches import Detections
from windhover.schema.place import Point
from windhover.timescale import to_iso

EVERY_S: Final = {"http": 60.0, "file": 1.0}
"""A service of the weather is not asked more often than this, whatever the settings say."""


class WeatherFeed:
    """One source of winds at work; has no sensor, and only winds are taken of what it says."""

    def __init__(
        self,
        settings: FeedSettings,
        near: Point | None,
        hub: Hub,
        clock: Clock = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        """`near`: of a forecast that covers a continent, only what lies around is read and kept."""
        self.settings, self.near, self.hub, self.clock = settings, near, hub, clock
        self.back_off_s = back_off_s
        self.health = hub.register(settings.name)

    async def run(self) -> None:
        """For ever: what cannot be fetched is said and asked for again with growing waits."""
        await again.for_ever(
            self._ask,
            self.health,
            lambda: self.health.messages,
            self.back_off_s,
            may_not=lambda: held_back(self.settings),
        )

    def follow(self, settings: FeedSettings) -> None:
        """From now on these hold."""
        self.settings = settings

    async def _ask(self) -> None:
        last = b""
        while True:
            payload = await asyncio.to_thread(fetch, self.settings)
            if self.health.state != "up":
                self.health.state, self.health.connections = "up", self.health.connections + 1
            if payload != last:
                last, now_ns = payload, self.clock()
                decoded, words = await asyncio.to_thread(
                    winds, payload, self.settings, self.near, now_ns
                )
                self.hub.push(Arrival(self.settings.name, now_ns, decoded))
                self.health.words = words
            least_s = EVERY_S.get(self.settings.transport, 1.0)
            await asyncio.sleep(max(self.settings.every_s, least_s))


def winds(
    payload: bytes, settings: FeedSettings, near: Point | None, now_ns: int
) -> tuple[Decoded, str]:
    """The winds of a file, and a line for people about them. Never raises."""
    name = PurePosixPath(settings.address).name or settings.name
    around_deg = (degrees(near.latitude_rad), degrees(near.longitude_rad)) if near else None
    try:
        recording = read_payload(
            payload, name, place=settings.place, near=around_deg, received_ns=now_ns
        )
    except BadInput as fault:
        return nothing("no file of winds"), str(fault)
    wind = join_wind([*(batch.wind for batch in recording.batches), recording.own_wind])
    if wind is None or not wind.n:
        return nothing("no file of winds"), f"{name}: holds no wind (read as {recording.kind})"
    if near is not None:
        wind = around(wind, near, now_ns)
    latest = to_iso(int(wind.time_ns.max()))[:16].replace("T", " ")
    told = f"winds: {wind.n} ({recording.kind}), the latest of {latest} UTC"
    return Decoded(Detections.empty(), (), wind, dict(recording.rejected)), told
