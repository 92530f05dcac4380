"""Live feeds: connect, decode, hand on; lose the line, wait, connect again. None takes another down.

A feed is a task that pushes `Decoded` into the `Hub`. The hub keeps one bounded queue per feed and empties
them in turn, so that a sensor at a hundred times its rate starves nobody: what does not fit is dropped
oldest first, counted, and shown in the feed's health.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded
from windhover.errors import BadSite
from windhover.feeds.streams import STREAMS, Stream
from windhover.schema.place import Sensor, Vertical

BACK_OFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Waits before the next attempt to connect; the last one for good."""
QUEUE_MAX: Final = 2_000
SILENT_S: Final = 60.0
"""A line that carried nothing for so long is taken for dead and connected anew."""
MAX_ANSWER: Final = 64 << 20

Transport = Literal["tcp", "udp", "http", "file"]


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One feed as a site declares it."""

    name: str
    form: str  # a key of `detections.DECODERS` or `streams.STREAMS`
    transport: Transport
    address: str  # host:port, group:port, URL, or path
    sensor: str  # name of its row in the site's sensor table
    every_s: float = 1.0  # how often http and file are asked
    captures_signalling: bool = False
    decodes_content: bool = False
    legal_basis: str = ""
    basis_recorded_by: str = ""  # the named person; without, a feed that captures stays off
    content_allowed_by: str = ""  # the second switch


def held_back(settings: FeedSettings) -> str:
    """Why a feed may not run, or ''. Law differs; the rule that a named person answers for it does not."""
    if settings.captures_signalling and not (settings.legal_basis and settings.basis_recorded_by):
        return "off: it captures signalling, and no named person has recorded the legal basis"
    if settings.decodes_content and not settings.content_allowed_by:
        return "off: it decodes content, and no named person has allowed that"
    return ""


class Health(msgspec.Struct):
    """How a feed does, for people; changed in place by its task."""

    name: str
    state: Literal["off", "connecting", "up", "waiting"] = "off"
    words: str = ""
    connections: int = 0
    messages: int = 0  # payloads decoded
    detections: int = 0
    dropped: int = 0  # decoded results that did not fit the queue
    last_seen_ns: int = 0
    latency_s: float = 0.0  # of the latest batch: reception − measurement, median
    rejected: dict[str, int] = {}


class Arrival(NamedTuple):
    feed: str
    received_ns: int
    decoded: Decoded


class Hub:
    """Fair queues of all feeds. One event loop; no locks."""

    def __init__(self, queue_max: int = QUEUE_MAX) -> None:
        self.queue_max = queue_max
        self.queues: dict[str, deque[Arrival]] = {}
        self.health: dict[str, Health] = {}
        self._some = asyncio.Event()

    def register(self, name: str) -> Health:
        self.queues.setdefault(name, deque())
        return self.health.setdefault(name, Health(name))

    def push(self, arrival: Arrival) -> None:
        """Queue what a feed decoded; the oldest of the same feed goes where there is no room."""
        health, queue = self.register(arrival.feed), self.queues[arrival.feed]
        decoded = arrival.decoded
        health.messages += 1
        health.last_seen_ns = arrival.received_ns
        health.detections += decoded.detections.n
        if decoded.detections.n:
            middle = decoded.detections.n // 2
            late_ns = sorted((arrival.received_ns - decoded.detections.time_ns).tolist())[middle]
            health.latency_s = late_ns / 1e9
        if decoded.rejected:
            total = Counter(health.rejected)
            total.update(decoded.rejected)
            health.rejected = dict(total)
        if len(queue) >= self.queue_max:
            queue.popleft()
            health.dropped += 1
        queue.append(arrival)
        self._some.set()

    def take(self, at_most: int = 1_000) -> list[Arrival]:
        """What waits, one of each feed in turn."""
        taken: list[Arrival] = []
        while len(taken) < at_most:
            before = len(taken)
            for queue in self.queues.values():
                if queue and len(taken) < at_most:
                    taken.append(queue.popleft())
            if len(taken) == before:
                break
        if not any(self.queues.values()):
            self._some.clear()
        return taken

    async def wait(self, timeout_s: float) -> bool:
        """Whether something waits now or came within the time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._some.wait()
        except TimeoutError:
            return False
        return True


Clock = Callable[[], int]


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

    def _stream(self) -> Stream:
        return STREAMS[self.settings.form](self.sensor, self.sensor_info, self.vertical)

    def _push(self, decoded: Decoded, received_ns: int) -> None:
        if decoded.detections.n or decoded.reports or decoded.wind or decoded.rejected:
            self.hub.push(Arrival(self.settings.name, received_ns, decoded))

    async def run(self) -> None:
        """Connect, read, reconnect with growing waits; the wait starts over once data has come."""
        why_not = held_back(self.settings)
        if why_not:
            self.health.state, self.health.words = "off", why_not
            return
        try:
            await self._for_ever()
        finally:
            self.health.state, self.health.words = "off", "stopped"

    async def _for_ever(self) -> None:
        attempt = 0
        while True:
            self.health.state = "connecting"
            seen_before = self.health.messages
            try:
                await self._connect()
                words = "the other side closed the line"
            except TimeoutError:
                words = "nothing came for a minute"
            except (OSError, ValueError, asyncio.IncompleteReadError) as fault:
                words = str(fault)[:200] or type(fault).__name__
            except Exception as fault:  # a fault of ours must not take the others down
                words = f"fault in the feed itself: {type(fault).__name__}: {fault}"[:200]
            attempt = 0 if self.health.messages > seen_before else attempt + 1
            wait_s = self.back_off_s[min(max(attempt - 1, 0), len(self.back_off_s) - 1)]
            self.health.state, self.health.words = "waiting", f"{words}; again in {wait_s:g} s"
            await asyncio.sleep(wait_s)

    def _up(self) -> None:
        self.health.state, self.health.words = "up", ""
        self.health.connections += 1

    async def _connect(self) -> None:
        connect: dict[str, Callable[[], Awaitable[None]]] = {
            "tcp": self._tcp,
            "udp": self._udp,
            "http": self._poll,
            "file": self._poll,
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
                received_ns = self.clock()
                self._push(stream.feed(payload, received_ns), received_ns)
        finally:
            writer.close()

    async def _udp(self) -> None:
        from windhover.feeds.udp import listen

        decoder = DECODERS[self.settings.form]

        def arrived(payload: bytes) -> None:
            received_ns = self.clock()
            self._push(
                decoder(payload, received_ns, self.sensor, self.sensor_info, self.vertical),
                received_ns,
            )

        host, port = split_address(self.settings.address)
        transport = await listen(host, port, arrived)
        self._up()
        try:
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            transport.close()

    async def _poll(self) -> None:
        """Ask again and again; the same content twice is decoded once."""
        decoder = DECODERS[self.settings.form]
        last = b""
        first = True
        while True:
            payload = await asyncio.to_thread(self._fetch)
            if first:
                self._up()
                first = False
            if payload != last:
                last = payload
                received_ns = self.clock()
                self._push(
                    decoder(payload, received_ns, self.sensor, self.sensor_info, self.vertical),
                    received_ns,
                )
            await asyncio.sleep(self.settings.every_s)

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
) -> tuple[Feed, ...]:
    """All feeds of a site. One that cannot be set up is shown in the hub's health, not raised."""
    row = {sensor.name: i for i, sensor in enumerate(sensors)}
    made: list[Feed] = []
    for one in settings:
        health = hub.register(one.name)
        if one.sensor not in row:
            health.words = f"off: the site has no sensor {one.sensor!r}"
            continue
        try:
            made.append(Feed(one, row[one.sensor], sensors[row[one.sensor]], vertical, hub, clock))
        except BadSite as fault:
            health.words = f"off: {fault}"
    return tuple(made)
