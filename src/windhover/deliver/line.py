"""A line to somebody's server: TCP or TLS, reconnecting, with a bounded queue that counts what it drops.

TCP says nothing of what the other side has read. What was written in the last seconds before a line broke
is therefore sent again on the next one: right for messages that carry their own name and time, where a
repetition changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from windhover.deliver.consumer import OutputHealth
from windhover.errors import BadSite

BACK_OFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
QUEUE_MAX: Final = 20_000
IN_DOUBT_S: Final = 2.0
STALLED_S: Final = 10.0
_AT_ONCE: Final = 64

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
                else None
            )
            context.load_cert_chain(settings.certificate, settings.key or None, secret)
    except (ssl.SSLError, OSError) as fault:
        raise BadSite(f"The certificates cannot be used: {fault}.") from None
    return context


class Waiting(NamedTuple, Generic[Message]):
    """A message and until when it is worth sending."""

    message: Message
    stale_ns: int


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
        self._in_doubt: deque[tuple[float, Waiting[Message]]] = deque()
        self._some, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()

    def offer(self, message: Message, stale_ns: int) -> None:
        """Queue a message; the oldest goes where there is no room, and is counted."""
        if len(self._queue) >= self.queue_max:
            self._queue.popleft()
            self.health.drop("queue full")
        self._queue.append(Waiting(message, stale_ns))
        self.health.queued = len(self._queue)
        self._some.set()
        self._empty.clear()

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
            await self._for_ever()
        finally:
            self.health.state, self.health.words = "off", "stopped"
            self.health.drop("stopped", len(self._queue))
            self._queue.clear()
            self.health.queued = 0

    async def _for_ever(self) -> None:
        attempt = 0
        while True:
            self.health.state = "connecting"
            before = self.health.sent
            try:
                await self._connect()
                words = "the other side closed the line"
            except TimeoutError:
                words = "the other side does not take anything"
            except (OSError, ssl.SSLError, ValueError) as fault:
                words = str(fault)[:200] or type(fault).__name__
            except Exception as fault:  # a fault of ours must not take the others down
                words = f"fault in the output itself: {type(fault).__name__}: {fault}"[:200]
            self._put_back()
            attempt = 0 if self.health.sent > before else attempt + 1
            wait_s = self.back_off_s[min(max(attempt - 1, 0), len(self.back_off_s) - 1)]
            self.health.state, self.health.last_error = "waiting", words
            self.health.words = f"{words}; again in {wait_s:g} s"
            await asyncio.sleep(wait_s)

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
        while True:
            await self._some.wait()
            now_ns = self.clock()
            group: list[Waiting[Message]] = []
            while self._queue and len(group) < _AT_ONCE:
                waiting = self._queue.popleft()
                if waiting.stale_ns < now_ns:
                    self.health.drop("stale before it could be sent")
                else:
                    group.append(waiting)
            self._note_in_doubt(group)
            if group:
                # Each by itself: servers that read a TLS record in part leave its rest lying.
                for waiting in group:
                    writer.write(self.encode(waiting.message))
                async with asyncio.timeout(STALLED_S):
                    await writer.drain()
                self.health.sent += len(group)
                self.health.last_sent_ns = now_ns
            self.health.queued = len(self._queue)
            if not self._queue:
                self._some.clear()
                self._empty.set()

    def _note_in_doubt(self, group: list[Waiting[Message]]) -> None:
        now_s = time.monotonic()
        while self._in_doubt and self._in_doubt[0][0] < now_s - IN_DOUBT_S:
            self._in_doubt.popleft()
        self._in_doubt.extend((now_s, waiting) for waiting in group)

    def _put_back(self) -> None:
        """What may not have arrived goes first on the next line, as far as there is room."""
        room = self.queue_max - len(self._queue)
        doubtful = [waiting for _, waiting in self._in_doubt]
        self._in_doubt.clear()
        back = doubtful[max(len(doubtful) - room, 0) :]
        self.health.drop("in doubt when the line broke", len(doubtful) - len(back))
        self._queue.extendleft(reversed(back))
        self.health.resent += len(back)
        self.health.queued = len(self._queue)
        if self._queue:
            self._some.set()
            self._empty.clear()


async def shut(writer: asyncio.StreamWriter) -> None:
    """Close a connection, by force where the other side does not answer."""
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    writer.transport.abort()
