"""A stream that others connect to: GeoJSON text sequences over TCP, one collection an instant.

A client that reads too slowly misses whole instants, never parts of one; each is counted. Only as many
clients are served as the settings say, and only on the address that they name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from windhover.deliver import geojson
from windhover.deliver.airspace import AirFrame
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.deliver.line import shut
from windhover.units import NS_PER_S


class StreamSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stream", tag_field="kind"
):
    """A port that consumers read from."""

    name: str
    purpose: str
    port: int
    host: str = "127.0.0.1"
    every_s: float = 1.0
    clients_max: int = 16
    behind_max: int = 5  # instants that wait for one client before it misses some


class StreamOutput:
    """Sends every instant to every client."""

    def __init__(self, settings: StreamSettings, clock: Callable[[], int] = time.time_ns) -> None:
        """Raises `BadSite` without a purpose."""
        purpose = stated_purpose(settings.name, settings.purpose)
        self.settings, self.clock = settings, clock
        self.health = OutputHealth(settings.name, "geojson stream", purpose)
        self._clients: list[asyncio.Queue[bytes]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent_ns = -(1 << 62)

    @property
    def address(self) -> str:
        return f"tcp://{self.settings.host}:{self.settings.port} (they connect)"

    def send(self, frame: AirFrame) -> None:
        """Queue the instant for each client; a full queue misses this one."""
        if frame.now_ns - self._sent_ns < self.settings.every_s * NS_PER_S * 0.95:
            return
        self._sent_ns = frame.now_ns
        if not self._clients:
            return
        body = geojson.record(frame)
        for client in self._clients:
            if client.full():
                self.health.drop("a client read too slowly")
            else:
                client.put_nowait(body)

    async def run(self) -> None:
        """Until cancelled. A port that is taken is shown and tried again."""
        while True:
            try:
                server = await asyncio.start_server(
                    self._serve, self.settings.host, self.settings.port
                )
            except OSError as fault:
                self.health.state, self.health.last_error = "waiting", str(fault)[:200]
                await asyncio.sleep(10.0)
                continue
            self.health.state = "up"
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.health.state, self.health.words = "off", "stopped"
                server.close()
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader  # nothing is taken from those who look on
        if len(self._clients) >= self.settings.clients_max:
            self.health.drop("client refused: too many")
            await shut(writer)
            return
        queue: asyncio.Queue[bytes] = asyncio.Queue(self.settings.behind_max)
        self._clients.append(queue)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.health.connections += 1
        try:
            while True:
                writer.write(await queue.get())
                async with asyncio.timeout(30.0):
                    await writer.drain()
                self.health.sent += 1
                self.health.last_sent_ns = self.clock()
        except (OSError, TimeoutError) as fault:
            self.health.last_error = str(fault)[:200] or "a client read nothing for 30 s"
        finally:
            self._clients.remove(queue)
            self._tasks.discard(task)
            await shut(writer)
