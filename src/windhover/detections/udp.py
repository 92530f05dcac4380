"""Packets → UDP datagrams: Ethernet with any VLAN tags, loopback, Linux cooked (both forms), bare IPv4 and IPv6.

Fragments are put together again (RFC 791, RFC 8200 4.5) where all of them were captured; IPv6 extension headers
are stepped over. What is no UDP, or was cut off by the capture, is counted as something else.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Final, NamedTuple

from windhover.detections import pcap
from windhover.detections.pcap import Packet

UDP: Final = 17
_VLAN: Final = (0x8100, 0x88A8, 0x9100, 0x9200)
_EXTENSIONS: Final = (0, 43, 60, 135)  # hop by hop, routing, destination, mobility
_FRAGMENT: Final = 44
LINKS: Final = (
    pcap.NULL, pcap.ETHERNET, 12, 14, pcap.RAW_IP, pcap.LOOP, pcap.LINUX_SLL, pcap.IPV4, pcap.IPV6,
    pcap.LINUX_SLL2,
)  # fmt: skip
"""Link types that carry IP here; 12 and 14 are what some systems write for raw IP."""
WAITING_MOST: Final = 1_000
"""Datagrams of which fragments are awaited; the oldest are given up."""
DATAGRAM_MOST: Final = 65_535


class Datagram(NamedTuple):
    """The payload of one UDP datagram."""

    time_ns: int
    source: str
    destination: str
    port: int  # destination port
    data: bytes


class _Piece(NamedTuple):
    """What one IP packet carries."""

    source: str
    destination: str
    identification: tuple[str, str, int]
    at: int  # of this piece in the datagram, octets
    more: bool
    data: bytes


def datagrams(found: list[Packet]) -> tuple[list[Datagram], int]:
    """UDP payloads in the order in which they were complete; and how many packets were something else."""
    out: list[Datagram] = []
    other = 0
    waiting: dict[tuple[str, str, int], dict[int, _Piece]] = {}
    for packet in found:
        piece = _piece(packet)
        if piece is None:
            other += 1
            continue
        whole: bytes | None = piece.data
        if piece.at or piece.more:
            pieces = waiting.setdefault(piece.identification, {})
            pieces[piece.at] = piece
            whole = _whole(pieces)
            if whole is None:
                if len(waiting) > WAITING_MOST:
                    other += len(waiting.pop(next(iter(waiting))))
                continue
            del waiting[piece.identification]
        datagram = _udp(packet.time_ns, piece, whole or b"")
        if datagram is None:
            other += 1
        else:
            out.append(datagram)
    return out, other + sum(len(pieces) for pieces in waiting.values())


def _whole(pieces: dict[int, _Piece]) -> bytes | None:
    """All pieces in order; None while one is missing. Overlapping ones do not fit and are never whole."""
    parts, at = [], 0
    while at in pieces and at <= DATAGRAM_MOST:
        piece = pieces[at]
        if not piece.data:
            return None
        parts.append(piece.data)
        at += len(piece.data)
        if not piece.more:
            return b"".join(parts)
    return None


def _udp(time_ns: int, piece: _Piece, data: bytes) -> Datagram | None:
    if len(data) < 8:
        return None
    port, length = unpack_from(">HH", data, 2)
    if length < 8 or length > len(data):
        return None
    return Datagram(time_ns, piece.source, piece.destination, port, data[8:length])


def _piece(packet: Packet) -> _Piece | None:
    data, at = packet.data, _ip_at(packet)
    if at < 0 or len(data) < at + 20:
        return None
    version = data[at] >> 4
    if version == 4:
        return _version_4(data, at)
    return _version_6(data, at) if version == 6 and len(data) >= at + 40 else None


def _ip_at(packet: Packet) -> int:
    """Where the IP header stands; −1 where there is none."""
    data, link = packet.data, packet.link_type
    if link == pcap.ETHERNET:
        return _after_tags(data, 12)
    if link == pcap.LINUX_SLL:
        return _after_tags(data, 14)
    if link == pcap.LINUX_SLL2:
        return 20 if data[:2] in (b"\x08\x00", b"\x86\xdd") else -1
    if link in (pcap.NULL, pcap.LOOP):
        return 4
    return 0 if link in LINKS else -1


def _after_tags(data: bytes, at: int) -> int:
    """Behind the EtherType at `at` and any VLAN tags; −1 where it is not IP."""
    kind = int.from_bytes(data[at : at + 2], "big")
    while kind in _VLAN and at + 6 <= len(data):
        at += 4
        kind = int.from_bytes(data[at : at + 2], "big")
    return at + 2 if kind in (0x0800, 0x86DD) else -1


def _version_4(data: bytes, at: int) -> _Piece | None:
    header = (data[at] & 15) * 4
    total, identification, fragment = unpack_from(">HHH", data, at + 2)
    if header < 20 or data[at + 9] != UDP or (total and total < header):
        return None
    # Zero where the network card was to fill it in.
    end = at + total if total else len(data)
    if end > len(data):
        return None
    source, destination = (".".join(map(str, data[at + i : at + i + 4])) for i in (12, 16))
    return _Piece(
        source, destination, (source, destination, identification), (fragment & 0x1FFF) * 8,
        bool(fragment & 0x2000), data[at + header : end],
    )  # fmt: skip


def _version_6(data: bytes, at: int) -> _Piece | None:
    payload = int.from_bytes(data[at + 4 : at + 6], "big")
    end = at + 40 + payload if payload else len(data)
    if end > len(data):
        return None
    source, destination = (data[at + i : at + i + 16].hex() for i in (8, 24))
    following, here, identification, offset, more = data[at + 6], at + 40, 0, 0, False
    while following in _EXTENSIONS and here + 8 <= end:
        following, here = data[here], here + (data[here + 1] + 1) * 8
    if following == _FRAGMENT and here + 8 <= end:
        following = data[here]
        word, identification = unpack_from(">HI", data, here + 2)
        offset, more, here = word & 0xFFF8, bool(word & 1), here + 8
    if following != UDP or here > end:
        return None
    key = (source, destination, identification)
    return _Piece(source, destination, key, offset, more, data[here:end])
