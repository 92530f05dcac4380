"""Cursor on Target to a TAK server (TCP or TLS with client certificates) or to a mesh network (UDP).

A TAK server's stream begins in XML. Where protobuf is wanted, a server that offers it is asked for it, and
the line changes over when the server says yes (TAK protocol version 1: `t-x-takp-v`, `-q`, `-r`); one that
never offers goes on in XML, and the health says so.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from windhover.deliver.airspace import AirFrame
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.deliver.cot_events import events_of, to_datagram, to_stream, to_xml
from windhover.deliver.line import QUEUE_MAX, Line, TlsSettings
from windhover.deliver.udp import udp_socket
from windhover.detections.cot_event import CotEvent, message_type, split
from windhover.errors import BadSite
from windhover.feeds.again import BACK_OFF_S
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

MESH_TTL: Final = 1


class CotSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cot", tag_field="kind"
):
    """One TAK server or mesh network."""

    name: str
    purpose: str  # what its consumer uses it for: journalled; without it nothing leaves
    host: str
    port: int
    transport: Literal["stream", "mesh"] = "stream"
    encoding: Literal["xml", "protobuf"] = "xml"
    tls: TlsSettings | None = None
    every_s: float = 1.0  # at most one event per object in so long
    stale_s: float = 15.0  # an object that is not refreshed in so long goes stale
    sensors_every_s: float = 30.0  # 0 = sensors are not told
    operators: bool = False  # personal data: where drones say that their operators stand
    queue_max: int = QUEUE_MAX


class CotOutput:
    """Refreshes every object's symbol; a dropped event is counted, and the next one replaces it."""

    def __init__(
        self,
        settings: CotSettings,
        clock: Callable[[], int] = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        """Raises `BadSite` without a purpose, with certificates that cannot be used, or without takproto."""
        purpose = stated_purpose(settings.name, settings.purpose)
        if settings.stale_s <= settings.every_s:
            raise BadSite(f"Output {settings.name!r}: objects would go stale between two events.")
        if settings.encoding == "protobuf" and message_type() is None:
            raise BadSite("TAK protobuf needs takproto.", "Install windhover[feeds].")
        self.settings, self.clock = settings, clock
        self.health = OutputHealth(settings.name, "cot", purpose)
        self.protobuf = False  # what the present connection speaks
        self._rest = b""
        self._told: dict[str, int] = {}  # object, or "sensors" → when it was last told
        self.line: Line[CotEvent] | None = None
        if settings.transport == "stream":
            self.line = Line(
                settings.host, settings.port, self.health, self._encode,
                tls=settings.tls, heard=self._heard, connected=self._connected, clock=clock,
                queue_max=settings.queue_max, back_off_s=back_off_s,
            )  # fmt: skip
        else:
            self._socket = udp_socket(settings.host, MESH_TTL)

    @property
    def address(self) -> str:
        """For the journal."""
        how = "tls" if self.settings.tls else "udp" if self.line is None else "tcp"
        return f"{how}://{self.settings.host}:{self.settings.port}"

    def send(self, frame: AirFrame) -> None:
        """Queue an event for each object that is due; neither blocks nor raises."""
        every_ns = round(self.settings.every_s * NS_PER_S)
        sensors_ns = round(self.settings.sensors_every_s * NS_PER_S)
        due = tuple(t for t in frame.objects if self._due(f"T{t.track_id}", frame.now_ns, every_ns))
        with_sensors = sensors_ns > 0 and self._due("sensors", frame.now_ns, sensors_ns)
        if due or with_sensors:
            now = msgspec.structs.replace(frame, objects=due)
            for event in events_of(
                now,
                self.settings.stale_s,
                with_sensors,
                self.settings.operators,
                2.5 * sensors_ns / NS_PER_S,
            ):
                self.offer(event)
        if len(self._told) > 4 * len(frame.objects) + 1000:
            old_ns = frame.now_ns - 600 * NS_PER_S
            self._told = {uid: at for uid, at in self._told.items() if at > old_ns}

    def _due(self, what: str, now_ns: int, every_ns: int) -> bool:
        """Whether it is to be told again, and if so, that it is now."""
        # A frame that comes a little early is not a reason to skip every other one.
        if now_ns - self._told.get(what, -(1 << 62)) < every_ns * 19 // 20:
            return False
        self._told[what] = now_ns
        return True

    def offer(self, event: CotEvent) -> None:
        """Queue one event (a plugin's, a test's)."""
        if self.line is not None:
            self.line.offer(event, event.stale_ns)
            return
        encode = to_datagram if self.settings.encoding == "protobuf" else to_xml
        try:
            self._socket.sendto(encode(event), (self.settings.host, self.settings.port))
        except OSError as fault:
            self.health.drop("not sent")
            self.health.last_error = str(fault)[:200]
        else:
            self.health.sent += 1
            self.health.last_sent_ns = self.clock()

    async def run(self) -> None:
        """Until cancelled."""
        if self.line is not None:
            await self.line.run()
            return
        self.health.state = "up"
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.health.state, self.health.words = "off", "stopped"
            self._socket.close()

    def _encode(self, event: CotEvent) -> bytes:
        return to_stream(event) if self.protobuf else to_xml(event)

    def _connected(self) -> None:
        self.protobuf, self._rest = False, b""
        if self.settings.encoding == "protobuf":
            self.health.words = "XML, until the server offers protobuf"

    def _heard(self, payload: bytes) -> bytes:
        """The server's words on the protocol; everything else that it relays is left."""
        if self.settings.encoding != "protobuf" or self.protobuf:
            return b""
        events, self._rest = split(self._rest + payload, Counter())
        for event in events:
            if event.type == "t-x-takp-v":
                return _request(self.clock())
            if event.type == "t-x-takp-r":
                said = event.detail.get("TakControl/TakResponse", {}).get("status", "")
                self.protobuf = said == "true"
                self.health.words = "TAK protobuf" if self.protobuf else "XML: the server refused"
        return b""


def _request(now_ns: int) -> bytes:
    """The event that asks for protocol version 1."""
    at, stale = to_iso(now_ns), to_iso(now_ns + 60 * NS_PER_S)
    return (
        f'<event version="2.0" uid="windhover.protocol" type="t-x-takp-q" how="m-g" time="{at}" start="{at}"'
        f' stale="{stale}"><point lat="0" lon="0" hae="0" ce="999999" le="999999"/><detail><TakControl>'
        '<TakRequest version="1"/></TakControl></detail></event>'
    ).encode()
