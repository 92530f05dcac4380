"""A host's own Bluetooth log: what its controller reported of advertisements.

LINKTYPE 187 (H4: a type octet, 4 = event), 201 (the same after four octets of direction), 254 (Linux monitor: adapter
and opcode, 3 = event). Events: LE Meta (0x3E) with Advertising Report (2) or Extended Advertising Report (0x0D),
Bluetooth Core 5.4, vol. 4 part E 7.7.65.2 and .13. The controller has checked the checksum. Long advertisements come
in several reports; each `advertisements` call gives only those that are whole, so that a caller without memory loses
nothing but the split ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from windhover.detections import pcap
from windhover.detections.pcap import Packet

HCI: Final = (pcap.BLUETOOTH_HCI, pcap.BLUETOOTH_HCI_PHDR, pcap.BLUETOOTH_MONITOR)
_EVENT: Final = 4
_MONITOR_EVENT: Final = 3
_LE_META: Final = 0x3E
_REPORT, _EXTENDED = 2, 0x0D


def advertisements(packet: Packet) -> Iterator[tuple[str, bytes]]:
    """Address and advertised data of each report in one packet."""
    event = _event(packet)
    if len(event) < 4 or event[0] != _LE_META:
        return
    body = event[2 : 2 + event[1]]
    if len(body) < 2:
        return
    kind, reports, at = body[0], body[1], 2
    for _ in range(reports):
        if kind == _REPORT and at + 9 <= len(body):
            address, length, start = body[at + 2 : at + 8], body[at + 8], at + 9
            whole = True
            at = start + length + 1  # signal strength
        elif kind == _EXTENDED and at + 24 <= len(body):
            address, length, start = body[at + 3 : at + 9], body[at + 23], at + 24
            whole = body[at] & 0x60 == 0
            at = start + length
        else:
            return
        if start + length > len(body):
            return
        if whole:
            yield address[::-1].hex(":"), body[start : start + length]


def _event(packet: Packet) -> bytes:
    """The event without what the capture puts before it; empty where it is another thing."""
    data = packet.data
    if packet.link_type == pcap.BLUETOOTH_MONITOR:
        return data[4:] if data[2:4] == _MONITOR_EVENT.to_bytes(2, "big") else b""
    if packet.link_type == pcap.BLUETOOTH_HCI_PHDR:
        data = data[4:]
    return data[1:] if data[:1] == bytes([_EVENT]) else b""
