"""pcap and pcapng captures → packets, and UDP payloads out of them. Bytes in, no file touched.

Sources: draft-ietf-opsawg-pcap (microsecond and nanosecond forms, both byte orders),
draft-ietf-opsawg-pcapng (section header, interface description, enhanced and simple packet blocks).
A capture that was cut off gives the packets before the cut; what is broken is counted.
"""

from __future__ import annotations

from struct import Struct, unpack_from
from typing import Final, NamedTuple

from windhover.errors import BadInput
from windhover.units import NS_PER_S

ETHERNET: Final = 1
RAW_IP: Final = 101
IEEE802_11: Final = 105
LINUX_SLL: Final = 113
RADIOTAP: Final = 127
BLE_LL: Final = 251
BLE_LL_PHDR: Final = 256
NORDIC_BLE: Final = 272

MAX_PACKET: Final = 262_144
_CLASSIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


class Packet(NamedTuple):
    time_ns: int  # 0 where the capture tells none
    link_type: int
    data: bytes


class Datagram(NamedTuple):
    """The payload of one UDP datagram."""

    time_ns: int
    source: str
    destination: str
    port: int  # destination port
    data: bytes


def packets(payload: bytes) -> tuple[list[Packet], int]:
    """All packets in the order of the file, and how many records were broken. Raises `BadInput`."""
    if payload[:4] in _CLASSIC:
        return _classic(payload)
    if payload[:4] == b"\x0a\x0d\x0d\x0a":
        return _next_generation(payload)
    raise BadInput("It is no packet capture.")


def _classic(payload: bytes) -> tuple[list[Packet], int]:
    order, ns_per_unit = _CLASSIC[payload[:4]]
    if len(payload) < 24:
        raise BadInput("The packet capture is cut off in its header.")
    link_type = unpack_from(order + "I", payload, 20)[0] & 0xFFFF
    head = Struct(order + "IIII")
    found: list[Packet] = []
    at, end = 24, len(payload)
    while at + 16 <= end:
        seconds, fraction, captured, _ = head.unpack_from(payload, at)
        at += 16
        if captured > MAX_PACKET or at + captured > end:
            return found, 1
        found.append(
            Packet(
                seconds * NS_PER_S + fraction * ns_per_unit, link_type, payload[at : at + captured]
            )
        )
        at += captured
    return found, int(at != end)


def _next_generation(payload: bytes) -> tuple[list[Packet], int]:
    found: list[Packet] = []
    interfaces: list[tuple[int, int, int]] = []  # link type, ns numerator and denominator per unit
    order, at, end = "<", 0, len(payload)
    broken = 0
    while at + 12 <= end:
        if payload[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if payload[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = unpack_from(order + "II", payload, at)
        if length < 12 or length % 4 or at + length > end:
            return found, broken + 1
        body = payload[at + 8 : at + length - 4]
        at += length
        if kind == 1 and len(body) >= 8:
            interfaces.append(_interface(order, body))
        elif kind == 6 and len(body) >= 20:
            number, high, low, captured, _ = unpack_from(order + "IIIII", body)
            if number >= len(interfaces) or captured > len(body) - 20:
                broken += 1
                continue
            link_type, numerator, denominator = interfaces[number]
            time_ns = (high << 32 | low) * numerator // denominator
            found.append(Packet(time_ns, link_type, body[20 : 20 + captured]))
        elif kind == 3 and len(body) >= 4 and interfaces:
            captured = min(unpack_from(order + "I", body)[0], len(body) - 4)
            found.append(Packet(0, interfaces[0][0], body[4 : 4 + captured]))
    return found, broken + int(at != end)


def _interface(order: str, body: bytes) -> tuple[int, int, int]:
    link_type = unpack_from(order + "H", body)[0]
    at, numerator, denominator = 8, 1000, 1  # microseconds unless an option says otherwise
    while at + 4 <= len(body):
        code, length = unpack_from(order + "HH", body, at)
        if code == 0:
            break
        if code == 9 and length == 1 and at + 4 < len(body):
            resolution = body[at + 4]
            if resolution & 0x80:
                numerator, denominator = NS_PER_S, 1 << (resolution & 0x7F)
            else:
                numerator, denominator = NS_PER_S, 10 ** min(resolution, 18)
        at += 4 + (length + 3) // 4 * 4
    return link_type, numerator, denominator


def datagrams(found: list[Packet]) -> tuple[list[Datagram], int]:
    """UDP payloads of Ethernet, raw IP and Linux cooked packets; and how many packets were something else.

    Fragments after the first are not reassembled: they count as something else.
    """
    out: list[Datagram] = []
    other = 0
    for packet in found:
        datagram = _datagram(packet)
        if datagram is None:
            other += 1
        else:
            out.append(datagram)
    return out, other


def _datagram(packet: Packet) -> Datagram | None:
    data = packet.data
    if packet.link_type == ETHERNET:
        kind, at = int.from_bytes(data[12:14], "big"), 14
        while kind in (0x8100, 0x88A8) and at + 4 <= len(data):
            kind, at = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        if kind not in (0x0800, 0x86DD):
            return None
    elif packet.link_type == LINUX_SLL:
        at = 16
    elif packet.link_type == RAW_IP:
        at = 0
    else:
        return None
    if len(data) < at + 20:
        return None
    if data[at] >> 4 == 4:
        header = (data[at] & 15) * 4
        total = int.from_bytes(data[at + 2 : at + 4], "big")
        fragment = int.from_bytes(data[at + 6 : at + 8], "big") & 0x3FFF
        if header < 20 or data[at + 9] != 17 or fragment:
            return None
        source, destination = (".".join(map(str, data[at + i : at + i + 4])) for i in (12, 16))
        udp, end = at + header, min(len(data), at + total)
    elif data[at] >> 4 == 6 and len(data) >= at + 48 and data[at + 6] == 17:
        source, destination = (data[at + i : at + i + 16].hex() for i in (8, 24))
        udp, end = at + 40, len(data)
    else:
        return None
    if end < udp + 8:
        return None
    port = int.from_bytes(data[udp + 2 : udp + 4], "big")
    length = int.from_bytes(data[udp + 4 : udp + 6], "big")
    if length < 8 or udp + length > end:
        return None
    return Datagram(packet.time_ns, source, destination, port, data[udp + 8 : udp + length])
