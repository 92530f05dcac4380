"""Upward: our picture as a FUSION_NODE of somebody else's SAPIENT fusion. The socket around `upward`."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from windhover.detections.sapient.compose import Shown, UpwardSettings
from windhover.detections.sapient.outcome import Told
from windhover.detections.sapient.upward import Up, Upward

BACK_OFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
TICK_S: Final = 0.1
WRITE_S: Final = 10.0
"""A parent that does not read for so long is taken for dead."""


class Line(msgspec.Struct):
    """How the line upward does, for people; changed in place."""

    state: str = "off"
    words: str = ""
    connections: int = 0
    sent: int = 0  # detection reports
    last_sent_ns: int = 0


class SapientUpward:
    """Connect, register, tell; lose the line, wait, begin again. `run()` ends only when cancelled."""

    def __init__(
        self,
        settings: UpwardSettings,
        host: str,
        port: int,
        purpose: str,
        shown: Callable[[], Shown | None],
        clock: Callable[[], int] = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        tls: ssl.SSLContext | None = None,
        tell: Callable[[Told], None] | None = None,
    ) -> None:
        """`shown` is asked for the picture of now. `purpose` is what the consumer states it wants the data
        for: without one nothing is sent.
        """
        self.settings, self.host, self.port, self.purpose = settings, host, port, purpose
        self.shown, self.clock, self.tls = shown, clock, tls
        self.back_off_s, self._tell = back_off_s, tell
        self.health = Line()
        self.told: deque[Told] = deque(maxlen=1_000)

    async def run(self) -> None:
        """Never raises but on cancellation; then it says goodbye."""
        if not self.purpose.strip():
            self.health.words = "off: the consumer has stated no purpose"
            return
        attempt = 0
        try:
            while True:
                before = self.health.sent
                try:
                    words = await self._connect()
                except (OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
                    words = str(fault)[:160] or type(fault).__name__
                except Exception as fault:  # a fault of ours must not take the rest down
                    words = f"fault in the feed itself: {type(fault).__name__}: {fault}"[:200]
                attempt = 0 if self.health.sent > before else attempt + 1
                wait_s = self.back_off_s[min(max(attempt - 1, 0), len(self.back_off_s) - 1)]
                self.health.state, self.health.words = "waiting", f"{words}; again in {wait_s:g} s"
                await asyncio.sleep(wait_s)
        finally:
            self.health.state, self.health.words = "off", "stopped"

    async def _connect(self) -> str:
        self.health.state = "connecting"
        async with asyncio.timeout(10.0):
            reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        self.health.connections += 1
        line = Upward(self.settings)
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
