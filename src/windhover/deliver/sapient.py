"""Upward: our picture as a FUSION_NODE of somebody else's SAPIENT fusion. The socket around `upward`."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import Final

import msgspec

from windhover.deliver.airspace import AirFrame, AirObject
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.deliver.line import TlsSettings, tls_context
from windhover.detections.sapient import wire
from windhover.detections.sapient.compose import Shown, Thing, UpwardSettings, Warned
from windhover.detections.sapient.lineage import Lineage
from windhover.detections.sapient.outcome import Told
from windhover.detections.sapient.upward import Up, Upward
from windhover.errors import BadSite
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S
from windhover.feeds.sapient import SapientServer
from windhover.schema.place import Point
from windhover.units import NS_PER_S

TICK_S: Final = 0.1
OLD_NS: Final = 10 * NS_PER_S
WRITE_S: Final = 10.0
"""A parent that does not read for so long is taken for dead."""


class SapientUpward:
    """Connect, register, tell; lose the line, wait, begin again. `run()` ends only when cancelled."""

    def __init__(
        self,
        settings: UpwardSettings,
        host: str,
        port: int,
        purpose: str,
        shown: Callable[[], Shown | Sequence[Thing] | None],
        clock: Callable[[], int] = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        tls: ssl.SSLContext | None = None,
        tell: Callable[[Told], None] | None = None,
        health: OutputHealth | None = None,
        warned: Callable[[], Sequence[Warned] | None] = lambda: None,
    ) -> None:
        """`shown` is asked for the picture of now, `warned` for the incidents that are open. `purpose` is what the consumer states it wants the data
        for: without one nothing is sent.
        """
        self.settings, self.host, self.port, self.purpose = settings, host, port, purpose
        self.shown, self.warned, self.clock, self.tls = shown, warned, clock, tls
        self.back_off_s, self._tell = back_off_s, tell
        self.health = health or OutputHealth(settings.name, "sapient", purpose)
        self.told: deque[Told] = deque(maxlen=1_000)
        self._told: dict[str, Warned] = {}  # incidents that the parent has been told of

    async def run(self) -> None:
        """Never raises but on cancellation; then it says goodbye."""
        if not self.purpose.strip():
            self.health.words = "off: the consumer has stated no purpose"
            return
        await again.for_ever(
            self._connect,
            self.health,
            lambda: self.health.sent,
            self.back_off_s,
            silence="the parent does not read what we send",
        )

    async def _connect(self) -> str:
        self.health.state = "connecting"
        async with asyncio.timeout(10.0):
            reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        self.health.connections += 1
        line = Upward(self.settings, self._told)
        reading: asyncio.Task[bytes] | None = None
        try:
            await self._send(writer, line.start(self.clock()))
            while True:
                reading = reading or asyncio.ensure_future(reader.read(1 << 16))
                await asyncio.wait((reading,), timeout=TICK_S)
                done = Up()
                if reading.done():
                    payload, reading = reading.result(), None
                    if not payload:
                        return "the parent closed the line"
                    done = line.receive(payload, self.clock())
                    await self._send(writer, done)
                if line.registered:
                    self.health.state, self.health.words = "up", ""
                due = line.tick(self.clock(), self.shown() if line.registered else None)
                await self._send(writer, due)
                standing = self.warned()
                if standing is not None:
                    await self._send(writer, line.warn(standing, self.clock()))
                    self._told = line.warned
                if line.sent > 0 and due.send:
                    self.health.sent += line.sent
                    self.health.last_sent_ns, line.sent = self.clock(), 0
                if done.close or due.close:
                    return done.close or due.close
        finally:
            if reading is not None:
                reading.cancel()
            farewell = line.goodbye(self.clock()).send
            if farewell and not writer.is_closing():
                writer.write(farewell)
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, up: Up) -> None:
        for one in up.told:
            self.told.append(one)
            if self._tell is not None:
                self._tell(one)
        if up.send:
            writer.write(up.send)
            async with asyncio.timeout(WRITE_S):
                await writer.drain()


class SapientSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sapient", tag_field="kind"
):
    """One parent: somebody else's fusion or middleware."""

    name: str
    purpose: str  # what its consumer uses it for: journalled; without it nothing leaves
    host: str
    port: int
    node_id: str = ""  # ours towards it, a UUID of version 4; '' = made from the site's name
    tls: TlsSettings | None = None
    every_s: float = 1.0  # between two rounds of all objects
    status_s: float = 5.0  # between two status reports


class SapientOutput:
    """The picture to a parent, as one of a site's outputs: begins with the first instant it is given."""

    def __init__(
        self,
        settings: SapientSettings,
        clock: Callable[[], int] = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        """`clock` is the picture's, in an exercise the exercise's own. Messages carry `wall`: peers compare
        them with theirs, and strict ones allow 0.9 s.

        Raises `BadSite` without a purpose, without sapient-py, or with certificates that cannot be used."""
        purpose = stated_purpose(settings.name, settings.purpose)
        wire.message_type("SapientMessage")
        if settings.node_id and not wire.UUID4.fullmatch(settings.node_id):
            raise BadSite(
                f"Output {settings.name!r}: {settings.node_id!r} is no UUID of version 4.",
                "Write it in lower case.",
            )
        self.settings, self.clock, self.back_off_s, self.wall = settings, clock, back_off_s, wall
        self.tls = tls_context(settings.tls) if settings.tls else None
        self.health = OutputHealth(settings.name, "sapient", purpose)
        self.lineage: Lineage | None = None  # see `link`
        self._frame: AirFrame | None = None
        self._first = asyncio.Event()

    @property
    def address(self) -> str:
        """For the journal."""
        how = "tls" if self.tls else "tcp"
        return f"{how}://{self.settings.host}:{self.settings.port}"

    def send(self, frame: AirFrame) -> None:
        """The newest instant is the one that is told; an older one that was not yet told is not missed."""
        self._frame = frame
        self._first.set()

    async def run(self) -> None:
        """Until cancelled."""
        self.health.state, self.health.words = "waiting", "for the first picture"
        await self._first.wait()
        frame = self._frame
        if frame is None:
            return
        settings = self.settings
        here = frame.sensors[0] if frame.sensors else None
        us = UpwardSettings(
            settings.node_id or wire.node_uuid(f"windhover {frame.site}"),
            f"Windhover {frame.site}",
            Point(here.latitude_rad, here.longitude_rad) if here else None,
            here.height_ellipsoid_m if here else 0.0,
            settings.status_s,
            settings.every_s,
            frame.exercise,
        )
        line = SapientUpward(
            us,
            settings.host,
            settings.port,
            self.health.purpose,
            self._things,
            self.wall,
            self.back_off_s,
            self.tls,
            health=self.health,
            warned=self._warned,
        )
        await line.run()

    def _warned(self) -> tuple[Warned, ...] | None:
        if self._frame is None or self.clock() - self._frame.now_ns > OLD_NS:
            return None
        return tuple(
            Warned(one.id, one.opened_ns, one.exposure, one.words, one.tracks)
            for one in self._frame.incidents
        )

    def _things(self) -> tuple[Thing, ...] | None:
        if self._frame is None:
            return None
        if self.clock() - self._frame.now_ns > OLD_NS:
            return ()  # the picture stands still: what it last said is no longer told as if it were now
        told = tuple(thing_of(one) for one in self._frame.objects)
        if self.lineage is not None:
            told = self.lineage.nearest(told, self.clock())
        ahead_ns = self.wall() - self.clock()
        return tuple(one._replace(time_ns=one.time_ns + ahead_ns) for one in told)


def link(feeds: Iterable[object], outputs: Iterable[object]) -> None:
    """Let every SAPIENT output know which nodes' reports came in, so that it can say what its own are made of."""
    servers = [one for one in feeds if isinstance(one, SapientServer)]
    for output in outputs:
        if servers and isinstance(output, SapientOutput):
            # One lineage for all servers of a site: a track may come from nodes of several.
            output.lineage = servers[0].lineage or Lineage(servers[0].sensors)
            for server in servers:
                server.lineage = output.lineage


def thing_of(one: AirObject) -> Thing:
    """An object of the outputs' frame as SAPIENT is told of it."""
    east, north, up, _ = one.covariance_m2
    return Thing(
        one.track_id,
        one.born_ns,
        one.time_ns,
        one.latitude_rad,
        one.longitude_rad,
        one.height_ellipsoid_m,
        one.velocity_enu_m_s,
        (sqrt(max(east, 0.0)), sqrt(max(north, 0.0)), sqrt(max(up, 0.0))),
        None,
        one.existence,
        one.class_probability,
        one.motion_probability,
        one.callsign or one.identifier,
    )
