"""A capture as it is made: pcap or pcapng over a line, frame by frame, with what each transmitter has said so far.

`tcpdump -i mon0 -U -w -` or `dumpcap -w -` on a receiver, sent over TCP; or a monitor interface of this machine
(`monitor`), which is read as the same stream.
"""

from __future__ import annotations

from collections import Counter
from struct import pack, unpack_from
from typing import Final

from windhover.detections import pcap, rid_frames
from windhover.detections.decoded import Decoded, count, nothing
from windhover.errors import BadInput
from windhover.schema.place import Sensor, Vertical

SECTION: Final = b"\x0a\x0d\x0d\x0a"
BLOCK_MOST: Final = pcap.MAX_PACKET + 4_096
INTERFACES_MOST: Final = 1_000


class CaptureStream:
    """Remote ID out of a capture that goes on for ever. Never raises: what cannot be followed is counted."""

    def __init__(self, sensor: int, sensor_info: Sensor, vertical: Vertical) -> None:
        self.sensor, self.sensor_info, self.vertical = sensor, sensor_info, vertical
        self.rest = b""
        self.head = b""  # what must stand before the records to come: the headers so far
        self.said: rid_frames.Transmitters = {}
        self.lost = False

    def feed(self, payload: bytes, received_ns: int) -> Decoded:
        """Whatever came on the line."""
        if self.lost:
            return nothing("capture that cannot be followed")
        self.rest += payload
        if not self.head and len(self.rest) < 24:
            return nothing()
        whole = self._next_generation() if self._is_blocks() else self._classic()
        if whole is None:
            self.lost, self.rest, self.head = True, b"", b""
            return nothing("capture that cannot be followed")
        if not whole:
            return nothing()
        try:
            found, broken = pcap.packets(whole)
        except BadInput:
            return nothing("capture that cannot be followed")
        decoded, self.said = rid_frames.decode_packets(
            found, received_ns, self.sensor, self.sensor_info, self.vertical, self.said
        )
        rejected = Counter(decoded.rejected)
        count(rejected, "broken packet record", broken)
        return decoded._replace(rejected=dict(rejected))

    def _is_blocks(self) -> bool:
        return (self.head or self.rest)[:4] == SECTION

    def _classic(self) -> bytes | None:
        """The header and the records that are whole by now; None where there is no following it."""
        at = 0
        if not self.head:
            if self.rest[:4] not in pcap.CLASSIC:
                return None
            self.head, at = self.rest[:24], 24
        order, _ = pcap.CLASSIC[self.head[:4]]
        first = at
        while at + 16 <= len(self.rest):
            captured = unpack_from(order + "I", self.rest, at + 8)[0]
            if captured > pcap.MAX_PACKET:
                return None
            if at + 16 + captured > len(self.rest):
                break
            at += 16 + captured
        whole, self.rest = self.rest[first:at], self.rest[at:]
        return self.head + whole if whole else b""

    def _next_generation(self) -> bytes | None:
        """Section, interfaces, and the packet blocks that are whole by now; None as above."""
        at, out = 0, self.head
        packets = False
        while at + 12 <= len(self.rest):
            kind = self.rest[at : at + 4]
            if kind == SECTION:
                order = "<" if self.rest[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            else:
                order = "<" if self.head[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
            length = unpack_from(order + "I", self.rest, at + 4)[0]
            if length < 12 or length % 4 or length > BLOCK_MOST:
                return None
            if at + length > len(self.rest):
                break
            block = self.rest[at : at + length]
            at += length
            out += block
            if kind == SECTION:
                self.head = block
            elif unpack_from(order + "I", kind)[0] == 1:
                self.head += block
            else:
                packets = True
            if len(self.head) > INTERFACES_MOST * 64:
                return None
        self.rest = self.rest[at:]
        return out if packets else b""


def header(link_type: int) -> bytes:
    """The beginning of a classic capture with nanoseconds."""
    return pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, pcap.MAX_PACKET, link_type)


def record(data: bytes, at_ns: int) -> bytes:
    """One frame in it."""
    seconds, fraction = divmod(at_ns, 10**9)
    return pack("<IIII", seconds, fraction, len(data), len(data)) + data
