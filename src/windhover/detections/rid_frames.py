"""Remote ID out of the air: Wi-Fi beacon and NAN frames, Bluetooth 4 and 5 advertisements.

| carrier | where the messages are | source |
|---|---|---|
| Wi-Fi beacon | vendor element 221, FA:0B:BC, type 0x0D, counter, pack | F3411-22a §5.4.9 |
| Wi-Fi NAN | public action, 50:6F:9A type 0x13, service descriptor with id 88 69 19 9D 92 09 | §5.4.8 |
| Bluetooth legacy | service data 0xFFFA, application 0x0D, counter, one message | §5.4.6 |
| Bluetooth long range | the same in an extended advertisement, a pack | §5.4.7 |

Captures with radiotap, plain 802.11, Nordic's sniffer, the Bluetooth link layer with or without its
pseudo header, or a host's own Bluetooth log (`hci`) are read. A frame whose checksum is there and wrong is refused; a sniffer's own word that it was
wrong counts as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple
from zlib import crc32

from windhover.detections import pcap
from windhover.detections.decoded import Decoded, count, nothing, time_fault
from windhover.detections.hci import HCI, advertisements
from windhover.detections.odid import Location, decode_any
from windhover.detections.remote_id import Heard, Said, hear, rows
from windhover.errors import BadInput
from windhover.schema.place import Sensor, Vertical

CARRIERS: Final = (
    pcap.RADIOTAP,
    pcap.IEEE802_11,
    pcap.NORDIC_BLE,
    pcap.BLE_LL_PHDR,
    pcap.BLE_LL,
    *HCI,
)
_BEACON_MARK: Final = b"\xfa\x0b\xbc\x0d"
_NAN_MARK: Final = b"\x50\x6f\x9a\x13"
_NAN_SERVICE: Final = b"\x88\x69\x19\x9d\x92\x09"
_BLE_ADVERTISING: Final = b"\xd6\xbe\x89\x8e"
MAX_TRANSMITTERS: Final = 10_000
"""More than this within one call is a flood of made-up addresses: the oldest are forgotten."""


class Broadcast(NamedTuple):
    """One transmission of Remote ID messages."""

    transmitter: str  # MAC address
    carrier: str  # "wifi beacon", "wifi nan", "bluetooth"
    messages: bytes  # one message or a pack


Transmitters = dict[str, Said]


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A whole pcap or pcapng → positions and claims. Each frame was received when it was captured.

    Never raises.
    """
    try:
        found, broken = pcap.packets(payload)
    except BadInput:
        return nothing("not a packet capture")
    decoded, _ = decode_packets(found, received_ns, sensor, sensor_info, vertical, {})
    rejected = Counter(decoded.rejected)
    count(rejected, "broken packet record", broken)
    return decoded._replace(rejected=dict(rejected))


def decode_packets(
    found: list[pcap.Packet],
    latest_ns: int,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
    transmitters: Transmitters,
) -> tuple[Decoded, Transmitters]:
    """Packets → rows and claims; and what each transmitter has said so far, for the next call."""
    del vertical  # only heights above the ellipsoid are taken
    rejected: Counter[str] = Counter()
    said = dict(transmitters)
    heard: list[Heard] = []
    for packet in found:
        fault = time_fault(packet.time_ns, latest_ns)
        if fault:
            count(rejected, fault)
            continue
        for broadcast in broadcasts(packet, rejected):
            messages, refused = decode_any(broadcast.messages)
            for reason in refused:
                count(rejected, reason)
            state = said.pop(broadcast.transmitter, Said())
            for message in messages:
                state = hear(state, message)
            said[broadcast.transmitter] = state
            if len(said) > MAX_TRANSMITTERS:
                del said[next(iter(said))]
            if any(isinstance(message, Location) for message in messages):
                heard.append(Heard(state, packet.time_ns))
    return rows(heard, sensor, sensor_info, rejected), said


def broadcasts(packet: pcap.Packet, rejected: Counter[str]) -> Iterator[Broadcast]:
    """The Remote ID transmissions in one packet; anything else in the air gives none and is no error."""
    data = packet.data
    if packet.link_type == pcap.RADIOTAP:
        frame = _radiotap(data, rejected)
        if frame:
            yield from _wifi(frame)
    elif packet.link_type == pcap.IEEE802_11:
        # Some cards leave the check sequence; a wrong one cannot be told from none at all.
        checked = len(data) > 28 and crc32(data[:-4]) == int.from_bytes(data[-4:], "little")
        yield from _wifi(data[:-4] if checked else data)
    elif packet.link_type in HCI:
        for address, advertised in advertisements(packet):
            yield from _service_data(address, advertised)
    elif packet.link_type == pcap.NORDIC_BLE:
        yield from _nordic(data, rejected)
    elif packet.link_type == pcap.BLE_LL_PHDR and len(data) > 14:
        flags = int.from_bytes(data[8:10], "little")
        if flags & 0x0400 and not flags & 0x0800:
            count(rejected, "bad checksum")
        else:
            yield from _bluetooth(data[10:], flags >> 14 == 2, rejected)
    elif packet.link_type == pcap.BLE_LL:
        yield from _bluetooth(data, False, rejected)


def _radiotap(data: bytes, rejected: Counter[str]) -> bytes:
    """The 802.11 frame without its frame check sequence; empty where it is broken."""
    if len(data) < 8 or data[0] != 0:
        count(rejected, "broken radiotap header")
        return b""
    length = int.from_bytes(data[2:4], "little")
    present = int.from_bytes(data[4:8], "little")
    at, more = 8, present
    while more & 0x8000_0000 and at + 4 <= len(data):
        more = int.from_bytes(data[at : at + 4], "little")
        at += 4
    flags = 0
    if present & 1:
        at = (at + 7) // 8 * 8 + 8
    if present & 2 and at < min(length, len(data)):
        flags = data[at]
    frame = data[length:]
    if length < 8 or len(frame) < 10:
        count(rejected, "broken radiotap header")
        return b""
    if flags & 0x40:
        count(rejected, "bad checksum")
        return b""
    if not flags & 0x10:
        return frame
    if crc32(frame[:-4]) != int.from_bytes(frame[-4:], "little"):
        count(rejected, "bad checksum")
        return b""
    return frame[:-4]


def _wifi(frame: bytes) -> Iterator[Broadcast]:
    if len(frame) < 26:
        return
    transmitter = frame[10:16].hex(":")
    if frame[1] & 0x80:  # an HT control field follows the header of a management frame
        frame = frame[:24] + frame[28:]
    if frame[0] == 0x80:
        for element in _elements(frame[36:]):
            if element[:4] == _BEACON_MARK and len(element) > 5:
                yield Broadcast(transmitter, "wifi beacon", element[5:])
    elif frame[0] == 0xD0 and frame[24:26] == b"\x04\x09" and frame[26:30] == _NAN_MARK:
        at = 30
        while at + 3 <= len(frame):
            length = int.from_bytes(frame[at + 1 : at + 3], "little")
            body = frame[at + 3 : at + 3 + length]
            if frame[at] == 3 and body[:6] == _NAN_SERVICE:
                info = _service_info(body)
                if len(info) > 1:
                    yield Broadcast(transmitter, "wifi nan", info[1:])
            at += 3 + length


def _elements(body: bytes) -> Iterator[bytes]:
    """Contents of the vendor elements of a management frame."""
    at = 0
    while at + 2 <= len(body):
        length = body[at + 1]
        if body[at] == 221:
            yield body[at + 2 : at + 2 + length]
        at += 2 + length


def _service_info(body: bytes) -> bytes:
    """The service information of a NAN service descriptor (Wi-Fi Aware 4.0, table 42)."""
    if len(body) < 10:
        return b""
    control, at = body[8], 9
    if control & 0x40:
        at += 2
    for present in (0x04, 0x08):
        if control & present and at < len(body):
            at += 1 + body[at]
    if not control & 0x10 or at >= len(body):
        return b""
    return body[at + 1 : at + 1 + body[at]]


def _nordic(data: bytes, rejected: Counter[str]) -> Iterator[Broadcast]:
    """Nordic's sniffer, protocol 2 and 3: 7 bytes of header, 10 of packet header, then the air."""
    if len(data) < 24 or data[6] not in (2, 6):
        return
    flags = data[8]
    if not flags & 1:
        count(rejected, "bad checksum")
        return
    yield from _bluetooth(data[17:], flags >> 4 & 7 == 2, rejected)


def _bluetooth(air: bytes, coded: bool, rejected: Counter[str]) -> Iterator[Broadcast]:
    """Access address, coding indicator if coded, PDU, CRC (Bluetooth Core 5.4, vol. 6 part B 2)."""
    if air[:4] != _BLE_ADVERTISING:
        return  # not an advertising channel packet
    pdu = air[5:] if coded else air[4:]
    if len(pdu) < 5 or len(pdu) < 2 + pdu[1] + 3:
        count(rejected, "broken Bluetooth packet")
        return
    body_end = 2 + pdu[1]
    if crc24(pdu[:body_end]) != int.from_bytes(pdu[body_end : body_end + 3], "little"):
        count(rejected, "bad checksum")
        return
    kind, body = pdu[0] & 15, pdu[2:body_end]
    if kind in (0, 2, 6):
        transmitter, advertised = body[:6][::-1].hex(":"), body[6:]
    elif kind == 7 and body:
        transmitter, advertised = _extended(body)
    else:
        return
    yield from _service_data(transmitter, advertised)


def _service_data(transmitter: str, advertised: bytes) -> Iterator[Broadcast]:
    """Remote ID among the structures of an advertisement."""
    at = 0
    while at + 1 < len(advertised) and advertised[at]:
        piece = advertised[at + 1 : at + 1 + advertised[at]]
        if piece[:4] == b"\x16\xfa\xff\x0d" and len(piece) > 5:
            yield Broadcast(transmitter, "bluetooth", piece[5:])
        at += 1 + advertised[at]


def _extended(body: bytes) -> tuple[str, bytes]:
    """Transmitter and advertised data of an extended advertisement; a missing address is ''."""
    length = body[0] & 0x3F
    header, advertised = body[1 : 1 + length], body[1 + length :]
    if header and header[0] & 1 and len(header) >= 7:
        return header[1:7][::-1].hex(":"), advertised
    return "", advertised


def _crc24_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            # x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1, bits reversed
            byte = byte >> 1 ^ (0xDA6000 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_CRC24: Final = _crc24_table()


def crc24(pdu: bytes) -> int:
    """CRC of a Bluetooth advertising PDU (start value 0x555555), as it stands in the air, little-endian."""
    crc = 0xAAAAAA
    for byte in pdu:
        crc = crc >> 8 ^ _CRC24[(crc ^ byte) & 0xFF]
    return crc
