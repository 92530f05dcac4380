"""pcap and pcapng captures → packets. Bytes in, no file touched; `udp` takes datagrams out of them.

Sources: draft-ietf-opsawg-pcap (microsecond and nanosecond forms, both byte orders),
draft-ietf-opsawg-pcapng (section header, interface description, enhanced, simple and obsolete packet blocks;
resolution and offset of an interface's clock). A capture that was cut off gives the packets before the
cut; what is broken is counted.
"""

from __future__ import annotations

from struct import Struct, unpack_from
from typing import Final, NamedTuple

from windhover.errors import BadInput
from windhover.units import NS_PER_S

NULL: Final = 0
ETHERNET: Final = 1
RAW_IP: Final = 101
IEEE802_11: Final = 105
LOOP: Final = 108
LINUX_SLL: Final = 113
RADIOTAP: Final = 127
BLUETOOTH_HCI: Final = 187
BLUETOOTH_HCI_PHDR: Final = 201
IPV4: Final = 228
IPV6: Final = 229
BLE_LL: Final = 251
BLUETOOTH_MONITOR: Final = 254
BLE_LL_PHDR: Final = 256
NORDIC_BLE: Final = 272
LINUX_SLL2: Final = 276

MAX_PACKET: Final = 262_144
CLASSIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


class Packet(NamedTuple):
    time_ns: int  # 0 where the capture tells none
    link_type: int
    data: bytes


class _Interface(NamedTuple):
    """What an interface description says."""

    link_type: int
    snap_length: int  # 0 = none
    units_per_s: int  # of the clock
    offset_ns: int  # to be added to every time


def packets(payload: bytes) -> tuple[list[Packet], int]:
    """All packets in the order of the file, and how many records were broken. Raises `BadInput`."""
    if payload[:4] in CLASSIC:
        return _classic(payload)
    if payload[:4] == b"\x0a\x0d\x0d\x0a":
        return _next_generation(payload)
    raise BadInput("It is no packet capture.")


def _classic(payload: bytes) -> tuple[list[Packet], int]:
    order, ns_per_unit = CLASSIC[payload[:4]]
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
    interfaces: list[_Interface] = []
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
        elif kind in (2, 6) and len(body) >= 20:
            # The obsolete block has 16 bits of interface and 16 of drops where the enhanced one has 32.
            layout = "IIIII" if kind == 6 else "HxxIIII"
            number, high, low, captured, _ = unpack_from(order + layout, body)
            if number >= len(interfaces) or captured > len(body) - 20:
                broken += 1
                continue
            one = interfaces[number]
            time_ns = (high << 32 | low) * NS_PER_S // one.units_per_s + one.offset_ns
            found.append(Packet(time_ns, one.link_type, body[20 : 20 + captured]))
        elif kind == 3 and len(body) >= 4 and interfaces:
            captured = min(unpack_from(order + "I", body)[0], len(body) - 4)
            if interfaces[0].snap_length:
                captured = min(captured, interfaces[0].snap_length)
            found.append(Packet(0, interfaces[0].link_type, body[4 : 4 + captured]))
    return found, broken + int(at != end)


def _interface(order: str, body: bytes) -> _Interface:
    link_type = unpack_from(order + "H", body)[0]
    found = _Interface(link_type, unpack_from(order + "I", body, 4)[0], 1_000_000, 0)
    at = 8
    while at + 4 <= len(body):
        code, length = unpack_from(order + "HH", body, at)
        if code == 0 or at + 4 + length > len(body):
            break
        if code == 9 and length == 1:
            resolution = body[at + 4]
            exponent = resolution & 0x7F
            units = 1 << exponent if resolution & 0x80 else 10 ** min(exponent, 18)
            found = found._replace(units_per_s=units)
        elif code == 14 and length == 8:
            seconds = unpack_from(order + "q", body, at + 4)[0]
            found = found._replace(offset_ns=seconds * NS_PER_S)
        at += 4 + (length + 3) // 4 * 4
    return found
