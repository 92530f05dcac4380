"""MQTT: subscribe to a broker's topic; each message is one payload (DroneScout receivers send so).

paho-mqtt's network loop runs in a thread of its own. Between it and ours stands a bounded queue: what a
flood brings beyond it goes oldest first and is counted. A broker that is lost is an error like any lost
line, and the feed connects anew; a broker that is merely quiet is kept by MQTT's own keep-alive.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from windhover.errors import BadSite

KEEP_ALIVE_S: Final = 20
CONNECT_S: Final = 10.0
QUEUE_MAX: Final = 5_000
MAX_MESSAGE: Final = 1 << 20


class Address(NamedTuple):
    """Where the broker is and what is wanted of it."""

    host: str
    port: int
    topic: str
    tls: bool
    user: str


def parse(address: str) -> Address:
    """`mqtt://[user@]host[:port]/topic`, `mqtts` for TLS; + and # in the topic as MQTT has them.

    >>> parse("mqtts://watch@broker.example/rid/+")
    Address(host='broker.example', port=8883, topic='rid/+', tls=True, user='watch')

    Raises `BadSite`.
    """
    scheme, _, rest = address.partition("://")
    place, _, topic = rest.partition("/")
    user, _, place = place.rpartition("@")
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    tls = scheme == "mqtts"
    number = port or ("8883" if tls else "1883")
    if scheme not in ("mqtt", "mqtts") or not host or not topic or not number.isdigit():
        raise BadSite(f"{address!r} is no MQTT address.", "Write it as mqtt://host:port/topic.")
    if ":" in user:
        raise BadSite("A password does not belong into an address.", "Name a password_file.")
    return Address(host, int(number), topic, tls, user)


class _Mailbox:
    """What the network thread puts down and the event loop takes up."""

    def __init__(self, loop: asyncio.AbstractEventLoop, queue_max: int) -> None:
        self.loop, self.queue_max = loop, queue_max
        self.messages: deque[bytes] = deque()
        self.lost = 0
        self.subscribed = False
        self.fault = ""
        self.lock = threading.Lock()
        self.some = asyncio.Event()

    def put(self, payload: bytes) -> None:
        with self.lock:
            if len(payload) > MAX_MESSAGE:
                self.lost += 1
            else:
                if len(self.messages) >= self.queue_max:
                    self.messages.popleft()
                    self.lost += 1
                self.messages.append(payload)
        self.wake()

    def wake(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.some.set)

    def take(self) -> tuple[list[bytes], int]:
        with self.lock:
            taken, lost = list(self.messages), self.lost
            self.messages.clear()
            self.lost = 0
        self.some.clear()
        return taken, lost


async def listen(
    address: Address,
    arrived: Callable[[bytes], None],
    up: Callable[[], None],
    lost: Callable[[int], None],
    *,
    password_file: str = "",
    authority: str = "",
    queue_max: int = QUEUE_MAX,
) -> None:
    """Call `arrived` with every message until cancelled. Raises `OSError` when the broker is lost."""
    box = _Mailbox(asyncio.get_running_loop(), queue_max)
    client = _client(address, box, password_file, authority)
    try:
        await asyncio.to_thread(client.connect, address.host, address.port, KEEP_ALIVE_S)
        client.loop_start()
        async with asyncio.timeout(CONNECT_S):
            while not box.subscribed and not box.fault:
                await box.some.wait()
                box.some.clear()
        if not box.fault:
            up()
        while not box.fault:
            await box.some.wait()
            taken, missed = box.take()
            if missed:
                lost(missed)
            for count, payload in enumerate(taken):
                arrived(payload)
                if count % 64 == 63:
                    await asyncio.sleep(0)  # other feeds have their turn
        raise ConnectionError(box.fault)
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


def _client(address: Address, box: _Mailbox, password_file: str, authority: str) -> Any:
    try:
        from paho.mqtt import client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise ConnectionError("MQTT needs paho-mqtt: install windhover[feeds]") from None

    def connected(client: Any, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            box.fault = f"the broker refused: {reason}"
            box.wake()
        else:
            client.subscribe(address.topic, qos=1)

    def subscribed(_: Any, __: Any, ___: Any, reasons: Any, ____: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            box.fault = f"the broker refuses {address.topic!r}"
        box.subscribed = True
        box.wake()

    def disconnected(_: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        box.fault = box.fault or f"the broker was lost: {reason}"
        box.wake()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.on_connect, client.on_subscribe = connected, subscribed
    client.on_disconnect = disconnected
    client.on_message = lambda _, __, message: box.put(bytes(message.payload))
    if address.user:
        secret = Path(password_file).read_text("utf-8").strip() if password_file else None
        client.username_pw_set(address.user, secret)
    if address.tls:
        client.tls_set(ca_certs=authority or None)
    return client
