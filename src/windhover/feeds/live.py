"""Live feeds: connect, decode, hand on; lose the line, wait, connect again. None takes another down.

A feed is a task that pushes `Decoded` into the `Hub` (`hub.py`), whose queues are bounded and fair.

A source's clock may be wrong by hours. It is told from the feed itself, shown in the feed's health, and
taken off once a person has written `clock_ahead_s` into the settings: the decoder is then handed the
reception in the source's own time, and its results are brought back to ours.
"""

from __future__ import annotations

import asyncio
import difflib
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded
from windhover.errors import BadSite
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S
from windhover.feeds.fetched import fetch
from windhover.feeds.hub import Arrival, Clock, Hub
from windhover.feeds.room import let_go
from windhover.feeds.settings import FeedSettings, held_back, split_address
from windhover.feeds.shift import into_our_time, times_told_ns
from windhover.feeds.streams import STREAMS, Stream
from windhover.schema.place import Sensor, Vertical
from windhover.units import NS_PER_S

SILENT_S: Final = 75.0
"""A line that carried nothing for so long is taken for dead and connected anew. dump1090 and readsb, which hear
nothing at night, say after 60 s that they are there."""
ROOM_ASKED_S: Final = 0.5
"""How often the kernel is asked what it had no room for."""
PROBE_NS: Final = 2 * NS_PER_S
"""How often a payload whose times lie ahead is looked at twice, to learn by how much."""


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
        """Raises `BadSite` where there is no such form, or it does not come by this way."""
        why_not = _unfit(settings)
        if why_not:
            raise BadSite(f"Feed {settings.name!r}: {why_not}.")
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
        self.follow(replace(self.settings, clock_ahead_s=ahead_s))

    def follow(self, settings: FeedSettings) -> None:
        """From now on these hold, as the journal allows them; whether it may run is asked when it is run."""
        corrected = settings.clock_ahead_s != self.settings.clock_ahead_s
        self.settings = settings
        if corrected:
            self.hub.forget_clock(settings.name)

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
        await again.for_ever(
            self._connect,
            self.health,
            lambda: self.health.messages,
            self.back_off_s,
            silence=f"nothing came for {SILENT_S:g} s",
            may_not=lambda: held_back(self.settings),
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
        from windhover.feeds.udp import listen, stay_joined

        def arrived(payload: bytes) -> None:
            self._work(payload, self._decode)

        host, port = split_address(self.settings.address)
        transport = await listen(host, port, arrived)
        self._up()
        sock = transport.get_extra_info("socket")
        joining = asyncio.create_task(stay_joined(sock))
        try:
            await self._watch_room(sock)
        finally:
            joining.cancel()
            transport.close()

    async def _interface(self) -> None:
        """A monitor interface, read as the capture that it would be."""
        from windhover.feeds import captured, monitor

        sock, link = monitor.open_interface(self.settings.address)
        self._up()
        stream = self._stream()
        stream.feed(captured.header(link), self.clock())
        watching = asyncio.create_task(self._watch_room(sock))
        try:
            async for heard in monitor.frames(sock):
                at_ns = self.clock()
                self._work(b"".join(captured.record(one, at_ns) for one in heard), stream.feed)
        finally:
            watching.cancel()
            sock.close()

    async def _watch_room(self, sock: socket.socket) -> None:
        """Say what the kernel had no room for; never returns."""
        known = 0
        while True:
            await asyncio.sleep(ROOM_ASKED_S)
            now = let_go(sock)
            if now > known:
                self._lost(now - known)
            known = max(known, now)

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
        self.hub.never_decoded(self.settings.name, n, self.clock())

    async def _poll(self) -> None:
        """Ask again and again; the same content twice is decoded once, and for long is said.

        A web server still hands out the last file of a decoder that has died.
        """
        last, first = b"", True
        loop = asyncio.get_running_loop()
        changed_s = loop.time()
        while True:
            payload = await asyncio.to_thread(fetch, self.settings)
            if first:
                self._up()
                first = False
            if payload != last:
                last, changed_s, self.health.words = payload, loop.time(), ""
                self.health.state = "up"
                self._work(payload, self._decode)
            elif loop.time() - changed_s > SILENT_S:
                self.health.state = "waiting"
                self.health.words = (
                    f"the same for {loop.time() - changed_s:.0f} s: has its writer stopped?"
                )
            await asyncio.sleep(self.settings.every_s)

    def _decode(self, payload: bytes, received_ns: int) -> Decoded:
        decoder = DECODERS[self.settings.form]
        return decoder(payload, received_ns, self.sensor, self.sensor_info, self.vertical)


def _unfit(settings: FeedSettings) -> str:
    """Why nothing can come of a form and a way of coming, in words, or ''."""
    form, way = settings.form, settings.transport
    known = sorted({*DECODERS, *STREAMS, "sapient", "weather"})
    if form not in DECODERS and form not in STREAMS:
        near = difflib.get_close_matches(form, known, n=1)
        words = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        return f"there is no form {form!r}: {words}".rstrip("?")
    if way == "interface":
        return "" if form == "remote_id_pcap" else "an interface is read as remote_id_pcap alone"
    if way == "listen":
        return "form 'sapient' alone is listened for"
    if form not in (STREAMS if way == "tcp" else DECODERS):
        return f"form {form!r} does not come over {way}"
    return ""
