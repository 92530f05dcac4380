"""Remote ID messages and the frames that carry them."""

from __future__ import annotations

import struct
from collections import Counter
from math import degrees, isnan
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import odid, pcap, rid_frames
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

SENSOR = make_sensor("remote_id", "rid")

BASIC = bytes([0x02, 0x12]) + b"1ABC0000000000001".ljust(20, b"\0") + bytes(3)
LOCATION = struct.pack(
    "<BBBBbiiHHHBBHBx",
    0x12,
    0x20 | 0x02,  # airborne, E/W segment: direction + 180
    90,
    48,  # 12 m/s in steps of 0.25
    -3,
    317_000_000,
    -1_064_000_000,
    0,
    round((1290.0 + 1000) * 2),
    round((40.0 + 1000) * 2),
    5 << 4 | 10,
    4,
    18_090,  # 30 min 9 s after the hour
    2,
)
SYSTEM = struct.pack(
    "<BBiiHBHHBHIx", 0x42, 1, 317_100_000, -1_064_100_000, 1, 0, 0, 0, 0x12, 0, 1000
)
OPERATOR = bytes([0x52, 0]) + b"FIN87astrdge12k8".ljust(20, b"\0") + bytes(3)
SELF = bytes([0x32, 0]) + b"survey".ljust(23, b"\0")
AUTH_0 = bytes([0x22, 0x10, 1, 40]) + (7).to_bytes(4, "little") + bytes(range(17))
AUTH_1 = bytes([0x22, 0x11]) + bytes(range(23))
PACK = bytes([0xF2, 25, 5]) + BASIC + LOCATION + SYSTEM + OPERATOR + SELF


def beacon(pack: bytes) -> bytes:
    vendor = b"\xfa\x0b\xbc\x0d\x07" + pack
    header = b"\x80\0\0\0" + b"\xff" * 6 + bytes.fromhex("020000000001") * 2 + b"\0\0"
    frame = header + bytes(12) + bytes([0, 3]) + b"uas" + bytes([221, len(vendor)]) + vendor
    frame += crc32(frame).to_bytes(4, "little")
    return bytes.fromhex("0000 0900 02000000 10".replace(" ", "")) + frame


def nan_frame(pack: bytes) -> bytes:
    body = b"\x88\x69\x19\x9d\x92\x09\x01\x00\x10" + bytes([len(pack) + 1, 7]) + pack
    attribute = b"\x03" + len(body).to_bytes(2, "little") + body
    header = b"\xd0\0\0\0" + b"\xff" * 6 + bytes.fromhex("020000000002") * 2 + b"\0\0"
    return header + b"\x04\x09\x50\x6f\x9a\x13" + attribute


def bluetooth(message: bytes) -> bytes:
    data = b"\x16\xfa\xff\x0d\x07" + message
    body = bytes.fromhex("010000000003")[::-1] + bytes([len(data)]) + data
    pdu = bytes([0x42, len(body)]) + body
    return b"\xd6\xbe\x89\x8e" + pdu + rid_frames.crc24(pdu).to_bytes(3, "little")


def extended(pack: bytes) -> bytes:
    data = b"\x16\xfa\xff\x0d\x07" + pack
    body = b"\x09\x09" + bytes.fromhex("010000000004")[::-1] + b"\0\0" + bytes([len(data)]) + data
    pdu = bytes([0x07, len(body)]) + body
    return b"\xd6\xbe\x89\x8e" + pdu + rid_frames.crc24(pdu).to_bytes(3, "little")


def decode(*found: tuple[int, bytes]):  # type: ignore[no-untyped-def]
    packets = [pcap.Packet(RECEIVED_NS + i, link, data) for i, (link, data) in enumerate(found)]
    decoded, _ = rid_frames.decode_packets(packets, RECEIVED_NS, 3, SENSOR, Vertical(), {})
    return decoded


def test_each_message_says_what_was_written() -> None:
    assert odid.decode_message(BASIC) == odid.BasicId(1, 2, "1ABC0000000000001")
    place = odid.decode_message(LOCATION)
    assert isinstance(place, odid.Location)
    assert (place.status, place.direction_deg, place.speed_m_s) == (2, 270.0, 12.0)
    assert place.vertical_speed_m_s == -1.5
    assert place.latitude_deg == pytest.approx(31.7)
    assert isnan(place.altitude_baro_m)
    assert (place.height_ellipsoid_m, place.height_m) == (1290.0, 40.0)
    assert (place.horizontal_95_m, place.vertical_95_m) == (10.0, 3.0)
    assert place.after_hour_s == pytest.approx(1809.0)
    system = odid.decode_message(SYSTEM)
    assert isinstance(system, odid.System)
    assert (system.operator_location_type, system.category_eu, system.class_eu) == (1, 1, 2)
    assert system.operator_longitude_deg == pytest.approx(-106.41)
    assert system.time_s == 1_546_300_800 + 1000
    assert odid.decode_message(OPERATOR) == odid.OperatorId(0, "FIN87astrdge12k8")
    assert odid.decode_message(SELF) == odid.SelfId(0, "survey")
    page = odid.decode_message(AUTH_0)
    assert page == odid.AuthPage(1, 0, 1, 40, 1_546_300_807, bytes(range(17)))
    assert odid.decode_message(AUTH_1) == odid.AuthPage(1, 1, -1, 0, 0, bytes(range(23)))


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (pcap.RADIOTAP, beacon(PACK)),
        (pcap.IEEE802_11, nan_frame(PACK)),
        (pcap.BLE_LL, extended(PACK)),
    ],
)
def test_a_pack_over_every_carrier(link: int, data: bytes) -> None:
    decoded = decode((link, data))
    assert decoded.rejected == {}
    assert decoded.detections.n == 1
    assert decoded.detections.time_ns[0] == RECEIVED_NS - 10**9
    assert degrees(decoded.detections.value[0, 0]) == pytest.approx(31.7)
    report = decoded.reports[0]
    assert isinstance(report, Cooperative)
    assert report.identifier == "1ABC0000000000001"
    assert degrees(report.operator_latitude_rad or 0.0) == pytest.approx(31.71)


def test_legacy_bluetooth_puts_the_claim_together_from_single_messages() -> None:
    decoded = decode((pcap.BLE_LL, bluetooth(BASIC)), (pcap.BLE_LL, bluetooth(LOCATION)))
    assert decoded.detections.n == 1
    assert decoded.detections.claimed_id[0] != 0


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (pcap.RADIOTAP, beacon(PACK)),
        (pcap.BLE_LL, extended(PACK)),
        (pcap.BLE_LL, bluetooth(LOCATION)),
    ],
)
def test_one_flipped_bit_is_refused(link: int, data: bytes) -> None:
    flipped = bytearray(data)
    flipped[-20] ^= 4
    decoded = decode((link, bytes(flipped)))
    assert decoded.detections.n == 0
    assert decoded.rejected == {"bad checksum": 1}


def test_repeated_broadcasts_count_once() -> None:
    decoded = decode(*[(pcap.RADIOTAP, beacon(PACK))] * 5)
    assert decoded.detections.n == 1
    assert decoded.rejected == {"duplicate": 4}


@pytest.mark.shared
def test_real_captures(shared: Path) -> None:
    folder = shared / "data" / "rid"
    parrot, _ = pcap.packets((folder / "parrot_anafi4_real.pcapng").read_bytes())
    rejected: Counter[str] = Counter()
    said = [b for p in parrot for b in rid_frames.broadcasts(p, rejected)]
    kinds = Counter(type(m).__name__ for b in said for m in odid.decode_any(b.messages)[0])
    assert kinds["Location"] == 1140  # as the recording's own description counts them
    assert not rejected
    decoded = rid_frames.decode(
        (folder / "parrot_anafi4_real.pcapng").read_bytes(), 2**62, 0, SENSOR, Vertical()
    )
    assert np.ptp(np.degrees(decoded.detections.value[:, 0])) < 0.01
    own_delay_s = (decoded.detections.received_ns - decoded.detections.time_ns) / 1e9
    assert 0.0 < np.median(own_delay_s) < 2.0


@pytest.mark.shared
def test_our_checksum_agrees_with_the_sniffers(shared: Path) -> None:
    """Nordic's sniffer says for each packet whether the radio's checksum held."""
    found, _ = pcap.packets((shared / "data/rid/odid_bt5_lr_sample.pcapng").read_bytes())
    agree = Counter[bool]()
    for packet in found:
        pdu = packet.data[17 + 5 :]
        end = 2 + pdu[1]
        ours = rid_frames.crc24(pdu[:end]) == int.from_bytes(pdu[end : end + 3], "little")
        agree[ours == bool(packet.data[8] & 1)] += 1
    assert set(agree) == {True}
    assert agree[True] == 274
