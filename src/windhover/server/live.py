"""Live clients: each tick is packed once, and every client gets the newest it can take.

A client's queue is one frame: while one is under way to it, newer ones replace each other, and what
it missed is counted. So a slow client costs nobody else anything, and the memory for it is bounded.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import numpy as np

from windhover.server import frames
from windhover.server.frames import Rows

DELTA_WORTH = 0.9
"""A delta is sent where it is smaller than this share of the full frame."""


class Tick(NamedTuple):
    """One published instant."""

    sequence: int
    now_ns: int
    full: bytes
    delta: bytes | None  # from the tick before; None where it would not be smaller


class Client:
    """One live connection and what it has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = -1  # sequence of the last frame that it was given
        self.missed = 0


class LiveHub:
    """Packs, keeps the newest, wakes the clients. One event loop; no locks."""

    def __init__(self, exercise: bool) -> None:
        self.exercise = exercise
        self.clients: set[Client] = set()
        self.tick: Tick | None = None
        self.dropped = 0
        self.bytes_sent = 0
        self.frames_sent: Counter[str] = Counter()
        self._rows = frames.nothing()
        self._sequence = 0
        self._news: asyncio.Future[None] | None = None

    def publish(self, rows: Rows, now_ns: int, cold_revision: int) -> Tick:
        """Pack this instant and wake everybody."""
        self._sequence += 1
        flags = frames.EXERCISE if self.exercise else 0
        common = {"sequence": self._sequence, "now_ns": now_ns, "cold_revision": cold_revision}
        full = frames.pack(rows, np.zeros(0, np.uint32), flags=flags, **common)
        delta = None
        if self.tick is not None:
            changed, removed = frames.difference(self._rows, rows)
            size = frames.HEADER.size + changed.n * frames.ROW_BYTES + 4 * len(removed)
            if size < DELTA_WORTH * len(full):
                delta = frames.pack(changed, removed, flags=flags | frames.DELTA, **common)
        self._rows = rows
        self.tick = Tick(self._sequence, now_ns, full, delta)
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)
        return self.tick

    async def wait(self, after: int) -> Tick:
        """The newest tick once there is one after `after`."""
        while self.tick is None or self.tick.sequence <= after:
            if self._news is None:
                self._news = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._news)
        return self.tick

    async def serve(self, client: Client, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send for as long as the client stays; `send` returns when there is room for another."""
        self.clients.add(client)
        try:
            while True:
                tick = await self.wait(client.sent)
                behind = tick.sequence - client.sent - 1 if client.sent >= 0 else 0
                use_delta = tick.delta is not None and client.sent >= 0 and behind == 0
                frame = tick.delta if use_delta and tick.delta is not None else tick.full
                client.missed += behind
                self.dropped += behind
                client.sent = tick.sequence
                self.bytes_sent += len(frame)
                self.frames_sent["delta" if use_delta else "full"] += 1
                await send(frame)
        finally:
            self.clients.discard(client)
