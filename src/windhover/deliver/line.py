"""A line to somebody's server: TCP or TLS, reconnecting, with a bounded queue that counts what it drops.

TCP says what the other machine has acknowledged, and nothing of what the program there has read. What was not
acknowledged when a line broke, and what was written in the last seconds before, is therefore sent again on the
next one: right for messages that carry their own name and time, where a repetition changes nothing. At any time
every message ever offered is counted once: `sent` (written, and not put back since), `queued`, or `dropped`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import ssl
import sys
import termios
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from windhover.deliver.consumer import OutputHealth
from windhover.errors import BadSite
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S

QUEUE_MAX: Final = 20_000
IN_DOUBT_S: Final = 2.0
STALLED_S: Final = 10.0
_AT_ONCE: Final = 64
_LOOK_S: Final = 1.0

Message = TypeVar("Message")


class TlsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom we believe, and who we are. PEM files; a PKCS#12 bundle is turned into them by `openssl pkcs12`."""

    authority: str  # certificate of the server's authority
    certificate: str = ""  # ours, with its chain; '' = we show none
    key: str = ""
    password_file: str = ""  # of the key
    server_name: str = ""  # in the server's certificate, where it is not its address


def tls_context(settings: TlsSettings) -> ssl.SSLContext:
    """A context that always verifies the server. Raises `BadSite` where a file cannot be used."""
    for path in filter(None, msgspec.structs.astuple(settings)[:4]):
        if not Path(path).is_file():
            raise BadSite(f"There is no certificate file {path}.")
    try:
        context = ssl.create_default_context(cafile=settings.authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.certificate:
            secret = (
                Path(settings.password_file).read_text("utf-8").strip()
                if settings.password_file
                else ""  # None would ask at the keyboard
            )
            context.load_cert_chain(settings.certificate, settings.key or None, secret)
    except (ssl.SSLError, OSError) as fault:
        raise BadSite(f"The certificates cannot be used: {fault}.") from None
    return context


class Waiting(NamedTuple, Generic[Message]):
    """A message and until when it is worth sending."""

    message: Message
    stale_ns: int


class InDoubt(NamedTuple, Generic[Message]):
    """A message that was written: when (monotonic clock), and where in the line's octets it ends."""

    at_s: float
    end: int
    waiting: Waiting[Message]


class Line(Generic[Message]):
    """Queue and connection. `encode` is asked when a message leaves; `heard` gets what comes back."""

    def __init__(
        self,
        host: str,
        port: int,
        health: OutputHealth,
        encode: Callable[[Message], bytes],
        *,
        tls: TlsSettings | None = None,
        heard: Callable[[bytes], bytes] | None = None,
        connected: Callable[[], None] | None = None,
        clock: Callable[[], int] = time.time_ns,
        queue_max: int = QUEUE_MAX,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        self.host, self.port, self.health, self.encode = host, port, health, encode
        self.heard, self.connected, self.clock = heard, connected, clock
        self.queue_max, self.back_off_s = queue_max, back_off_s
        self.context = tls_context(tls) if tls else None
        self.server_name = (tls.server_name or host) if tls else None
        self._queue: deque[Waiting[Message]] = deque()
        self._in_doubt: deque[InDoubt[Message]] = deque()
        self._writing: list[Waiting[Message]] = []  # the group that is being written
        self._written = 0  # octets on this line
        self._some, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()

    def offer(self, message: Message, stale_ns: int) -> None:
        """Queue a message; the oldest goes where there is no room, and is counted."""
        if len(self._queue) >= self.queue_max:
            self._queue.popleft()
            self.health.drop("queue full")
        self._queue.append(Waiting(message, stale_ns))
        self._count()
        self._some.set()
        self._empty.clear()

    def _count(self) -> None:
        self.health.queued = len(self._queue) + len(self._writing)

    async def emptied(self, timeout_s: float) -> bool:
        """Whether everything queued was written within the time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Connect, write, reconnect with growing waits; ends only when cancelled."""
        try:
            await again.for_ever(
                self._connect,
                self.health,
                lambda: self.health.sent,
                self.back_off_s,
                silence="the other side does not take anything",
                lost=self._lost,
            )
        finally:
            self.health.drop("stopped", len(self._queue) + len(self._writing))
            self._queue.clear()
            self._writing = []
            self._count()

    def _lost(self, words: str) -> None:
        self.health.last_error = words
        self._put_back()

    async def _connect(self) -> None:
        async with asyncio.timeout(STALLED_S):
            reader, writer = await asyncio.open_connection(
                self.host,
                self.port,
                ssl=self.context,
                server_hostname=self.server_name if self.context else None,
            )
        self.health.state, self.health.words = "up", ""
        self.health.connections += 1
        if self.connected:
            self.connected()
        listening = asyncio.create_task(self._listen(reader, writer))
        writing = asyncio.create_task(self._write(writer))
        try:
            done, _ = await asyncio.wait((listening, writing), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (listening, writing):
                task.cancel()
            await asyncio.gather(listening, writing, return_exceptions=True)
            await shut(writer)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What others say is read, so that a server never waits for us; most of it is not ours."""
        while payload := await reader.read(1 << 16):
            answer = self.heard(payload) if self.heard else b""
            if answer:
                writer.write(answer)

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        self._written = 0
        while True:
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._some.wait()
            except TimeoutError:
                self._arrived(unacknowledged(writer))
                continue
            now_ns = self.clock()
            group = self._writing = self._next_group(now_ns)
            self._count()
            written = self._put_down(group, writer)
            if written:
                async with asyncio.timeout(STALLED_S):
                    await writer.drain()
                self.health.sent += len(written)
                self.health.last_sent_ns = now_ns
                self._in_doubt.extend(written)
                self._arrived(unacknowledged(writer))
            self._writing = []
            self._count()
            if not self._queue:
                self._some.clear()
                self._empty.set()

    def _put_down(
        self, group: list[Waiting[Message]], writer: asyncio.StreamWriter
    ) -> list[InDoubt[Message]]:
        """Write each by itself: servers that read a TLS record in part leave its rest lying."""
        written: list[InDoubt[Message]] = []
        now_s = time.monotonic()
        for waiting in list(group):
            try:
                octets = self.encode(waiting.message)
            except Exception as fault:  # else one bad message would come back for ever
                group.remove(waiting)
                self.health.drop("cannot be written")
                self.health.last_error = f"{type(fault).__name__}: {fault}"[:200]
                continue
            writer.write(octets)
            self._written += len(octets)
            written.append(InDoubt(now_s, self._written, waiting))
        return written

    def _next_group(self, now_ns: int) -> list[Waiting[Message]]:
        """The next messages that are still worth sending; the others are counted."""
        group: list[Waiting[Message]] = []
        while self._queue and len(group) < _AT_ONCE:
            waiting = self._queue.popleft()
            if waiting.stale_ns < now_ns:
                self.health.drop("stale before it could be sent")
            else:
                group.append(waiting)
        return group

    def _arrived(self, unacknowledged_octets: int) -> None:
        """Let go of what the other machine has had for a while."""
        old_s, acknowledged = time.monotonic() - IN_DOUBT_S, self._written - unacknowledged_octets
        doubt = self._in_doubt
        while doubt and doubt[0].at_s < old_s and doubt[0].end <= acknowledged:
            doubt.popleft()

    def _put_back(self) -> None:
        """What may not have arrived goes first on the next line, as far as there is room."""
        doubtful = [one.waiting for one in self._in_doubt] + self._writing
        self.health.sent -= len(self._in_doubt)
        self._in_doubt.clear()
        self._writing = []
        room = self.queue_max - len(self._queue)
        back = doubtful[max(len(doubtful) - room, 0) :]
        self.health.drop("in doubt when the line broke", len(doubtful) - len(back))
        self._queue.extendleft(reversed(back))
        self.health.resent += len(back)
        self._count()
        if self._queue:
            self._some.set()
            self._empty.clear()


def unacknowledged(writer: asyncio.StreamWriter) -> int:
    """Octets that were written and that the other machine has not acknowledged yet (Linux, tcp(7) SIOCOUTQ).

    Over TLS these are octets of the cipher text, a little more than ours: nothing is let go too early.
    """
    waiting = writer.transport.get_write_buffer_size()
    line = writer.get_extra_info("socket")
    try:
        answer = fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError, AttributeError):
        return waiting
    return waiting + int.from_bytes(answer, sys.byteorder)


async def shut(writer: asyncio.StreamWriter) -> None:
    """Close a connection, by force where the other side does not answer."""
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    writer.transport.abort()
