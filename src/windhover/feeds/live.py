"""Live feeds: connect, decode, hand on; lose the line, wait, connect again. None takes another down.

A feed is a task that pushes `Decoded` into the `Hub` (`hub.py`), whose queues are bounded and fair.

A source's clock may be wrong by hours. It is told from the feed itself, shown in the feed's health, and
taken off once a person has written `clock_ahead_s` into the settings: the decoder is then handed the
reception in the source's own time, and its results are brought back to ours.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec
from msgspec.structs import replace

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded
from windhover.detections.sapient import STRICT, Tolerances, wire
from windhover.errors import BadSite
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S
from windhover.feeds.hub import Arrival, Clock, Health, Hub
from windhover.feeds.sapient_settings import SapientNode
from windhover.feeds.shift import into_our_time, times_told_ns
from windhover.feeds.streams import STREAMS, Stream
from windhover.schema.place import Sensor, Vertical
from windhover.units import NS_PER_S

__all__ = ["Arrival", "Clock", "Feed", "FeedSettings", "Health", "Hub", "feeds_of", "held_back"]

"""Waits before the next attempt to connect; the last one for good."""
SILENT_S: Final = 60.0
"""A line that carried nothing for so long is taken for dead and connected anew."""
MAX_ANSWER: Final = 64 << 20
PROBE_NS: Final = 2 * NS_PER_S
"""How often a payload whose times lie ahead is looked at twice, to learn by how much."""

Transport = Literal["tcp", "udp", "http", "file", "mqtt", "listen", "interface"]
CAPTURING: Final = ("remote_id_pcap",)
"""Forms that are read off the air by a receiver of the site's own, whatever its settings say."""


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One feed as a site declares it."""

    name: str
    form: str  # a key of `detections.DECODERS` or `streams.STREAMS`
    transport: Transport
    address: str  # host:port, group:port, URL, path, mqtt://host:port/topic, or an interface's name
    sensor: str  # name of its row in the site's sensor table
    every_s: float = 1.0  # how often http and file are asked
    captures_signalling: bool = False
    decodes_content: bool = False
    legal_basis: str = ""
    basis_recorded_by: str = ""  # the named person; without, a feed that captures stays off
    content_allowed_by: str = ""  # the second switch
    clock_ahead_s: float = 0.0  # of the source, as a person has found: taken off its times
    node_id: str = ""  # form "sapient": our own, a UUID of version 4
    nodes: tuple[SapientNode, ...] = ()  # form "sapient": who may connect
    middleware: bool = False  # form "sapient": one line carries many nodes
    strict: bool = False  # form "sapient": the tolerances of the strictest known peers
    password_file: str = ""  # of the user that an mqtt address names
    authority: str = ""  # certificate of the broker's authority, where it is not a public one


class Runner(Protocol):
    """A feed at work: `run()` never returns and never raises but on cancellation."""

    health: Health

    async def run(self) -> None: ...


def captures(settings: FeedSettings) -> bool:
    """Whether a feed takes signalling off the air: by its settings, its form, or its site's word."""
    return settings.captures_signalling or settings.form in CAPTURING


def held_back(settings: FeedSettings) -> str:
    """Why a feed may not run, or ''. Law differs; the rule that a named person answers for it does not."""
    if captures(settings) and not (settings.legal_basis and settings.basis_recorded_by):
        return "off: it captures signalling, and no named person has recorded the legal basis"
    if settings.decodes_content and not settings.content_allowed_by:
        return "off: it decodes content, and no named person has allowed that"
    return ""


class Feed:
    """One feed at work: `run()` never returns and never raises but on cancellation."""

    def __init__(
        self,
        settings: FeedSettings,
        sensor: int,
        sensor_info: Sensor,
        vertical: Vertical,
        hub: Hub,
        clock: Clock = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        if settings.form not in DECODERS and settings.form not in STREAMS:
            raise BadSite(f"Feed {settings.name!r}: there is no form {settings.form!r}.")
        self.settings, self.hub, self.clock = settings, hub, clock
        self.sensor, self.sensor_info, self.vertical = sensor, sensor_info, vertical
        self.back_off_s = back_off_s
        self.health = hub.register(settings.name)
        self._probed_ns = 0

    def _stream(self) -> Stream:
        return STREAMS[self.settings.form](self.sensor, self.sensor_info, self.vertical)

    def _push(self, decoded: Decoded, received_ns: int) -> None:
        decoded = into_our_time(decoded, self._ahead_ns, received_ns)
        if decoded.detections.n or decoded.reports or decoded.wind or decoded.rejected:
            self.hub.push(Arrival(self.settings.name, received_ns, decoded))

    @property
    def _ahead_ns(self) -> int:
        return round(self.settings.clock_ahead_s * NS_PER_S)

    def correct_clock(self, ahead_s: float) -> None:
        """From now on the source's clock is taken to be so far ahead. Journal it with `basis.declare`."""
        self.settings = replace(self.settings, clock_ahead_s=ahead_s)
        self.hub.forget_clock(self.settings.name)

    def _work(self, payload: bytes, decode: Callable[[bytes, int], Decoded]) -> None:
        """Decode what came and hand it on; or let it go, where this feed has had its share of the time."""
        name, received_ns = self.settings.name, self.clock()
        if self.hub.thin(name, received_ns):
            return
        began_ns = self.hub.work.clock()
        decoded = decode(payload, received_ns + self._ahead_ns)
        self._push(decoded, received_ns)
        if "time in the future" in decoded.rejected and received_ns >= self._probed_ns:
            # Such rows are refused, so that nobody would learn how far ahead the clock is.
            self._probed_ns = received_ns + PROBE_NS
            decoder = DECODERS.get(self.settings.form)
            if decoder is not None:
                for told_ns in times_told_ns(
                    lambda at_ns: decoder(
                        payload, at_ns, self.sensor, self.sensor_info, self.vertical
                    ),
                    received_ns,
                ):
                    self.hub.clock_told(name, told_ns - self._ahead_ns, received_ns)
        self.hub.work.spent(name, began_ns)

    async def run(self) -> None:
        """Connect, read, reconnect with growing waits; the wait starts over once data has come."""
        why_not = held_back(self.settings)
        if why_not:
            self.health.state, self.health.words = "off", why_not
            return
        await again.for_ever(
            self._connect,
            self.health,
            lambda: self.health.messages,
            self.back_off_s,
            silence="nothing came for a minute",
        )

    def _up(self) -> None:
        self.health.state, self.health.words = "up", ""
        self.health.connections += 1

    async def _connect(self) -> None:
        connect: dict[str, Callable[[], Awaitable[None]]] = {
            "tcp": self._tcp,
            "udp": self._udp,
            "http": self._poll,
            "file": self._poll,
            "mqtt": self._mqtt,
            "interface": self._interface,
        }
        await connect[self.settings.transport]()

    async def _tcp(self) -> None:
        host, port = split_address(self.settings.address)
        # Not wait_for: before Python 3.12 it can swallow a cancellation that comes with the data.
        async with asyncio.timeout(10.0):
            reader, writer = await asyncio.open_connection(host, port)
        self._up()
        stream = self._stream()
        try:
            while True:
                async with asyncio.timeout(SILENT_S):
                    payload = await reader.read(1 << 16)
                if not payload:
                    return
                self._work(payload, stream.feed)
        finally:
            writer.close()

    async def _udp(self) -> None:
        from windhover.feeds.udp import listen

        def arrived(payload: bytes) -> None:
            self._work(payload, self._decode)

        host, port = split_address(self.settings.address)
        transport = await listen(host, port, arrived)
        self._up()
        try:
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            transport.close()

    async def _interface(self) -> None:
        """A monitor interface, read as the capture that it would be."""
        from windhover.feeds import captured, monitor

        if self.settings.form != "remote_id_pcap":
            raise ValueError("an interface is read as remote_id_pcap alone")
        sock, link = monitor.open_interface(self.settings.address)
        self._up()
        stream = self._stream()
        stream.feed(captured.header(link), self.clock())
        with sock:
            async for heard in monitor.frames(sock):
                at_ns = self.clock()
                self._work(b"".join(captured.record(one, at_ns) for one in heard), stream.feed)

    async def _mqtt(self) -> None:
        from windhover.feeds import mqtt

        await mqtt.listen(
            mqtt.parse(self.settings.address),
            lambda payload: self._work(payload, self._decode),
            self._up,
            self._lost,
            password_file=self.settings.password_file,
            authority=self.settings.authority,
        )

    def _lost(self, n: int) -> None:
        """Messages that never came to be decoded."""
        self.health.dropped += n
        self.health.lost_ns = self.clock()

    async def _poll(self) -> None:
        """Ask again and again; the same content twice is decoded once."""
        last = b""
        first = True
        while True:
            payload = await asyncio.to_thread(self._fetch)
            if first:
                self._up()
                first = False
            if payload != last:
                last = payload
                self._work(payload, self._decode)
            await asyncio.sleep(self.settings.every_s)

    def _decode(self, payload: bytes, received_ns: int) -> Decoded:
        decoder = DECODERS[self.settings.form]
        return decoder(payload, received_ns, self.sensor, self.sensor_info, self.vertical)

    def _fetch(self) -> bytes:
        if self.settings.transport == "file":
            return Path(self.settings.address).read_bytes()
        address = self.settings.address
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no http address")
        with urllib.request.urlopen(address, timeout=10.0) as answer:
            payload: bytes = answer.read(MAX_ANSWER + 1)
        if len(payload) > MAX_ANSWER:
            raise ValueError("the answer is larger than 64 MiB")
        return payload


def split_address(address: str) -> tuple[str, int]:
    """'host:port' → its parts. Raises `BadSite`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise BadSite(f"{address!r} is no address.", "Write it as host:port.")
    return host.strip("[]"), int(port)


def feeds_of(
    settings: tuple[FeedSettings, ...],
    sensors: tuple[Sensor, ...],
    vertical: Vertical,
    hub: Hub,
    clock: Clock = time.time_ns,
) -> tuple[Runner, ...]:
    """All feeds of a site. One that cannot be set up is shown in the hub's health, not raised."""
    row = {sensor.name: i for i, sensor in enumerate(sensors)}
    made: list[Runner] = []
    for one in settings:
        health = hub.register(one.name)
        if one.form == "sapient":
            _add_sapient(one, sensors, vertical, hub, clock, made)
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
    from windhover.feeds.sapient import SapientServer
    from windhover.feeds.sapient_settings import SapientSettings

    why_not = ""
    if one.transport not in ("listen", "tcp"):
        why_not = "off: its transport is 'listen', or 'tcp' to a middleware"
    tolerances = STRICT if one.strict else Tolerances()
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
