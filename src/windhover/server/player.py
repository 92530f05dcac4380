"""Plays a recorded stretch as frames: the same bytes as live, marked as a replay.

Controls are JSON texts: `{"pause": true}`, `{"speed": 8}`, `{"seek": "2026-02-18T03:40:00Z"}`.
While paused, and at the record's end, the last frame is sent again each second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from windhover.errors import BadInput
from windhover.schema.events import IncidentChanged
from windhover.server import chronicle, frames, past
from windhover.timescale import from_iso
from windhover.units import NS_PER_S

if TYPE_CHECKING:
    from windhover.server.core import Core

SPEEDS: Final = (1.0, 60.0)
CHUNK_NS: Final = 60 * NS_PER_S
FRAME_EVERY_S: Final = 0.1


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text from the client."""

    pause: bool | None = None
    speed: float | None = None
    seek: str | None = None


class Shot(NamedTuple):
    """A frame that is due at its instant."""

    now_ns: int
    frame: bytes
    revision: int


class Player:
    """One replay. Raises `BadInput` for a stretch that the record does not hold."""

    def __init__(self, core: Core, asked: Mapping[str, str]) -> None:
        self.core = core
        self.speed = _speed(asked.get("speed", "1"))
        self.at_ns = from_iso(asked.get("from", ""))
        self.to_ns = from_iso(asked["to"]) if asked.get("to") else None
        self.paused = asked.get("paused", "") in ("1", "true")
        self._sequence = 0
        self._changed = asyncio.Event()

    def control(self, text: str) -> None:
        """What the client asks for; what cannot be understood is passed over."""
        try:
            wanted = msgspec.json.decode(text, type=Control)
            if wanted.speed is not None:
                self.speed = _speed(str(wanted.speed))
            if wanted.seek is not None:
                self.at_ns = from_iso(wanted.seek)
                self._changed.set()
            if wanted.pause is not None:
                self.paused = wanted.pause
        except (msgspec.MsgspecError, BadInput):
            return

    async def play(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send frames for as long as the client stays."""
        last: Shot | None = None
        while True:
            self._changed.clear()
            from_ns = self.at_ns
            if last is None or self._changed.is_set():
                last = await asyncio.to_thread(self._at, from_ns)
                await self._send(send, last)
            shots = await asyncio.to_thread(self._chunk, from_ns + 1, from_ns + CHUNK_NS)
            edge_ns = min(from_ns + CHUNK_NS, max(self.core.now_ns, from_ns))
            if self.to_ns is not None:
                edge_ns = min(edge_ns, max(self.to_ns, from_ns))
            last = await self._pace(send, [s for s in shots if s.now_ns <= edge_ns], edge_ns, last)
            if self._changed.is_set():
                last = None
            elif edge_ns <= from_ns:  # the end of what there is
                await self._wait(1.0)
                await self._send(send, last)

    async def _pace(
        self,
        send: Callable[[bytes], Awaitable[None]],
        shots: list[Shot],
        edge_ns: int,
        last: Shot | None,
    ) -> Shot | None:
        """Let the stretch pass at its speed; stops early where the client seeks."""
        place, wall_s = 0, time.monotonic()
        while self.at_ns < edge_ns and not self._changed.is_set():
            await self._wait(FRAME_EVERY_S if not self.paused else 1.0)
            now_s = time.monotonic()
            passed_s, wall_s = now_s - wall_s, now_s
            if self._changed.is_set():
                return last
            if self.paused:
                await self._send(send, last)
                continue
            self.at_ns = min(self.at_ns + round(passed_s * self.speed * NS_PER_S), edge_ns)
            newest = None
            while place < len(shots) and shots[place].now_ns <= self.at_ns:
                newest, place = shots[place], place + 1
            if newest is not None:
                last = newest
                await self._send(send, last)
        return last

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _send(self, send: Callable[[bytes], Awaitable[None]], shot: Shot | None) -> None:
        if shot is None:
            return
        self._sequence += 1
        flags = frames.REPLAY | (frames.EXERCISE if self.core.site.exercise else 0)
        await send(
            frames.reflagged(
                shot.frame, sequence=self._sequence, flags=flags, cold_revision=shot.revision
            )
        )

    def _at(self, at_ns: int) -> Shot:
        """The newest instant not after it, or an empty one."""
        shots = self._chunk(at_ns - 15 * NS_PER_S, at_ns)
        if shots:
            return shots[-1]
        empty = frames.pack(
            frames.nothing(), np.zeros(0, np.uint32),
            sequence=0, now_ns=at_ns, flags=0, cold_revision=0,
        )  # fmt: skip
        return Shot(at_ns, empty, self.core.colds.at(at_ns, self.core.now_ns).seq)

    def _chunk(self, from_ns: int, to_ns: int) -> list[Shot]:
        return shots(self.core, from_ns, to_ns)


def shots(core: Core, from_ns: int, to_ns: int) -> list[Shot]:
    """The frames of [from_ns, to_ns] from memory, else from the archive, else played again."""
    to_ns = min(to_ns, core.now_ns)
    if to_ns < from_ns:
        return []
    told = chronicle.cold_events(core.folder, from_ns, to_ns)
    before = core.colds.at(from_ns - 1, core.now_ns)
    revision = before.seq
    incidents = {incident.id: incident for incident in before.cold.incidents}
    found: list[Shot] = []
    place = 0
    memory_ns = core.memory.from_ns
    if memory_ns is not None and memory_ns <= from_ns:
        for kept in core.memory.between(from_ns, to_ns):
            while place < len(told) and told[place][1].time_ns <= kept.now_ns:
                revision, place = told[place][0], place + 1
            found.append(Shot(kept.now_ns, kept.frame, revision))
        return found
    for instant in past.ticks(core.folder, core.site, from_ns, to_ns):
        while place < len(told) and told[place][1].time_ns <= instant.now_ns:
            revision, event = told[place]
            place += 1
            if isinstance(event, IncidentChanged):
                incidents[event.incident.id] = event.incident
        rows = past.with_incidents(instant.rows, tuple(incidents.values()))
        frame = frames.pack(
            rows, np.zeros(0, np.uint32),
            sequence=0, now_ns=instant.now_ns, flags=0, cold_revision=0,
        )  # fmt: skip
        found.append(Shot(instant.now_ns, frame, revision))
    return found


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise BadInput(f"{text!r} is no speed.", "Give one from 1 to 60.") from None
    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise BadInput("A replay's speed is from 1 to 60.")
    return speed
