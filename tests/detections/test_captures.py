"""Captures as programs really write them: links, tags, fragments, clocks, cuts; against Scapy's or the RFCs' own layouts."""

from __future__ import annotations

import struct
from collections import Counter
from math import degrees

import asterix.base as base
import asterix.generated as generated
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS
from tests.detections.naive import plot_block
from tests.detections.test_remote_id import BASIC, LOCATION, PACK, beacon, decode
from windhover.detections import pcap, rid_frames, udp
from windhover.detections.asterix import final
from windhover.detections.asterix.records import records
from windhover.detections.asterix.rows import rows
from windhover.detections.pcap import Packet
from windhover.errors import BadInput
from windhover.feeds.files import read_payload
from windhover.schema.place import Vertical

BODY = b"ninety-nine octets of something" * 3


def udp_of(body: bytes, port: int = 8600) -> bytes:
    return struct.pack(">HHHH", 5000, port, 8 + len(body), 0) + body


def ip4(
    payload: bytes, offset: int = 0, more: bool = False, name: int = 7, total: int = -1
) -> bytes:
    length = 20 + len(payload) if total < 0 else total
    word = int(more) << 13 | offset // 8
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, length, name, word, 64, 17, 0)
        + bytes([10, 0, 0, 1, 239, 2, 3, 1])
        + payload
    )


def ip6(payload: bytes, following: int = 17) -> bytes:
    return (
        struct.pack(">IHBB", 6 << 28, len(payload), following, 64)
        + bytes(15)
        + b"\x01"
        + bytes(15)
        + b"\x02"
        + payload
    )


MAC = bytes(12)
WRAPPED = {
    "Ethernet": (1, MAC + b"\x08\x00", b""),
    "padded Ethernet": (1, MAC + b"\x08\x00", bytes(18)),
    "VLAN": (1, MAC + b"\x81\x00\x00\x05\x08\x00", b""),
    "two VLANs": (1, MAC + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00", b""),
    "old two VLANs": (1, MAC + b"\x91\x00\x00\x05\x81\x00\x00\x06\x08\x00", b""),
    "raw": (101, b"", b""),
    "raw of BSD": (12, b"", b""),
    "IPv4": (228, b"", b""),
    "loopback": (0, b"\x02\x00\x00\x00", b""),
    "loopback, big-endian": (0, b"\x00\x00\x00\x02", b""),
    "OpenBSD loopback": (108, b"\x00\x00\x00\x02", b""),
    "cooked": (113, bytes(14) + b"\x08\x00", b""),
    "cooked VLAN": (113, bytes(14) + b"\x81\x00\x00\x05\x08\x00", b""),
    "cooked 2": (276, b"\x08\x00" + bytes(18), b""),
}


@pytest.mark.parametrize(("link", "before", "after"), WRAPPED.values(), ids=WRAPPED)
def test_every_link_gives_the_datagram(link: int, before: bytes, after: bytes) -> None:
    packet = Packet(5, link, before + ip4(udp_of(BODY)) + after)
    (found,), other = udp.datagrams([packet])
    assert (found.data, found.port, found.source, other) == (BODY, 8600, "10.0.0.1", 0)
    assert udp.datagrams([packet._replace(data=packet.data[: len(before) + 40])]) == ([], 1)


@pytest.mark.parametrize("total", [0, 28 + len(BODY)])
def test_a_length_that_the_card_was_to_fill_in(total: int) -> None:
    (found,), _ = udp.datagrams([Packet(0, 101, ip4(udp_of(BODY), total=total))])
    assert found.data == BODY


def test_ipv6_with_its_extensions() -> None:
    hop = bytes([60, 0]) + bytes(6)
    destination = bytes([17, 1]) + bytes(14)
    for data in (
        ip6(udp_of(BODY)),
        ip6(hop + destination + udp_of(BODY), following=0),
        ip6(bytes([17, 0, 0, 0]) + bytes(4) + udp_of(BODY), following=44),
    ):
        (found,), other = udp.datagrams([Packet(0, 101, data), Packet(0, 229, data)][:1])
        assert (found.data, other) == (BODY, 0)
    assert udp.datagrams([Packet(0, 101, ip6(hop * 40, following=0))]) == ([], 1)


@given(
    st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=3), st.booleans(), st.booleans()
)
def test_fragments_in_any_order_and_repeated(
    order: list[int], again: list[int], sixth: bool, other_too: bool
) -> None:
    whole = udp_of(bytes(range(256)) * 2)
    cuts = [0, 128, 256, 384, len(whole)]

    def piece(k: int) -> Packet:
        part, last = whole[cuts[k] : cuts[k + 1]], k == 3
        if not sixth:
            return Packet(k, 101, ip4(part, cuts[k], not last))
        head = struct.pack(">BBHI", 17, 0, cuts[k] | int(not last), 99)
        return Packet(k, 101, ip6(head + part, following=44))

    pieces = [piece(k) for k in order]
    stray = [Packet(9, 101, ip4(whole[:128], 0, True, name=8))] if other_too else []
    found, other = udp.datagrams([*stray, *[pieces[k] for k in again], *pieces])
    assert [one.data for one in found] == [bytes(range(256)) * 2]
    assert other == len(stray) + 0 * len(again) or other <= len(stray) + len(set(again))


def test_a_flood_of_first_fragments_does_not_grow() -> None:
    packets = [Packet(0, 101, ip4(bytes(64), 0, True, name=k)) for k in range(5_000)]
    assert udp.datagrams(packets) == ([], 5_000)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_several_interfaces_each_with_its_own_clock(order: str) -> None:
    """Microseconds, nanoseconds with an offset, powers of two; enhanced, obsolete and simple packet blocks."""
    section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    clocks = (
        (1, 0, b""),
        (127, 0, option(order, 9, b"\x09") + option(order, 14, struct.pack(order + "q", 1_000))),
        (251, 0, option(order, 2, b"radio") + option(order, 9, b"\x94") + option(order, 0, b"")),
    )
    at = {0: 1_500_000, 1: 2_000_000_001, 2: 3 << 20}
    payload = block(order, 0x0A0D0D0A, section)
    for link, snap, options in clocks:
        payload += block(order, 1, struct.pack(order + "HHI", link, 0, snap) + options)
    for k, units in at.items():
        head = struct.pack(order + "IIIII", k, units >> 32, units & 0xFFFFFFFF, 5, 5)
        payload += block(order, 6, head + b"hello")
    head = struct.pack(order + "HHIIII", 0, 65535, 0, 1_500_000, 5, 5)
    payload += block(order, 2, head + b"older")
    payload += block(order, 0xBAD, b"custom") + block(
        order, 3, struct.pack(order + "I", 6) + b"simple"
    )
    found, broken = pcap.packets(payload)
    assert broken == 0
    assert [(p.time_ns, p.link_type, p.data) for p in found] == [
        (1_500_000_000, 1, b"hello"),
        (1_002_000_000_001, 127, b"hello"),
        (3_000_000_000, 251, b"hello"),
        (1_500_000_000, 1, b"older"),
        (0, 1, b"simple"),
    ]
    # A second section of the other byte order numbers its interfaces anew.
    other = ">" if order == "<" else "<"
    second = block(other, 0x0A0D0D0A, struct.pack(other + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    second += block(other, 1, struct.pack(other + "HHI", 101, 0, 0))
    second += block(other, 6, struct.pack(other + "IIIII", 0, 0, 7, 2, 2) + b"hi")
    assert pcap.packets(payload + second)[0][-1] == Packet(7_000, 101, b"hi")
    for cut in range(len(payload) - 1, len(payload) - 30, -7):
        found, broken = pcap.packets(payload[:cut])
        assert len(found) == 4
        assert broken == 1


@pytest.mark.parametrize(
    ("magic", "order", "scale"),
    [(0xA1B2C3D4, "<", 1000), (0xA1B2C3D4, ">", 1000), (0xA1B23C4D, "<", 1), (0xA1B23C4D, ">", 1)],
)
def test_classic_captures_to_the_cut(magic: int, order: str, scale: int) -> None:
    payload = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 0x1000_0069)
    payload += struct.pack(order + "IIII", 3, 7, 4, 4) + b"full"
    payload += struct.pack(order + "IIII", 3, 8, 9, 900) + b"nine octe"  # cut by the snap length
    found, broken = pcap.packets(payload)
    assert [(p.time_ns, p.link_type, p.data) for p in found] == [
        (3 * 10**9 + 7 * scale, 105, b"full"),
        (3 * 10**9 + 8 * scale, 105, b"nine octe"),
    ]
    assert broken == 0
    assert (len(pcap.packets(payload[:-1])[0]), pcap.packets(payload[:-1])[1]) == (1, 1)


def hci_report(data: bytes, extended: bool, more: bool = False) -> bytes:
    address = bytes.fromhex("010000000002")  # little-endian
    if extended:
        kind = 0x0020 if more else 0
        report = struct.pack("<HB", kind, 1) + address + bytes([3, 3, 1, 127, 200]) + bytes(2 + 7)
        report += bytes([len(data)]) + data
    else:
        report = bytes([3, 1]) + address + bytes([len(data)]) + data + b"\xc8"
    body = bytes([0x0D if extended else 2, 1]) + report
    return bytes([0x3E, len(body)]) + body


def service(messages: bytes) -> bytes:
    return bytes([len(messages) + 5, 0x16, 0xFA, 0xFF, 0x0D, 9]) + messages


@pytest.mark.parametrize(
    ("link", "before"),
    [
        (pcap.BLUETOOTH_HCI, b"\x04"),
        (pcap.BLUETOOTH_HCI_PHDR, b"\0\0\0\x01\x04"),
        (pcap.BLUETOOTH_MONITOR, b"\0\0\0\x03"),
    ],
)
def test_a_hosts_own_log(link: int, before: bytes) -> None:
    packed = decode((link, before + hci_report(service(PACK), extended=True)))
    assert packed.detections.n == 1
    assert packed.rejected == {}
    single = decode(
        (link, before + hci_report(b"\x02\x01\x06" + service(BASIC), extended=False)),
        (link, before + hci_report(service(LOCATION), extended=False)),
    )
    assert single.detections.n == 1
    assert single.detections.claimed_id[0] != 0
    for broken in (
        hci_report(service(PACK), extended=True, more=True),
        hci_report(service(PACK), extended=True)[:-30],
        b"\x3e\x00",
        b"\x3e\x00\x02\x01",
        b"\x3e\x01\x0d\x01",
        b"\x0e\x04\x01\x03\x0c\x00",
    ):
        assert decode((link, before + broken)).detections.n == 0
    assert decode((link, b"\x02" * 4 + hci_report(service(PACK), extended=True))).detections.n == 0


def test_what_cards_add_to_wifi_frames() -> None:
    frame = beacon(PACK)[9:]
    assert decode((pcap.IEEE802_11, frame)).detections.n == 1  # with its check sequence
    assert decode((pcap.IEEE802_11, frame[:-4])).detections.n == 1
    ordered = frame[:1] + b"\x80" + frame[2:24] + bytes(4) + frame[24:-4]
    assert decode((pcap.IEEE802_11, ordered)).detections.n == 1
    # Radiotap with time, two words of fields and flags that say: no check sequence here.
    present = struct.pack("<II", 0x8000_0003, 0)
    fields = bytes(8) + b"\x00"
    tap = (
        struct.pack("<BBH", 0, 0, 4 + len(present) + 4 + len(fields)) + present + bytes(4) + fields
    )
    assert decode((pcap.RADIOTAP, tap + frame[:-4])).detections.n == 1
    assert decode((pcap.RADIOTAP, tap[:-1] + b"\x40" + frame)).rejected == {"bad checksum": 1}


def test_a_capture_of_radio_and_wire_is_read_as_what_holds_something() -> None:
    def made(*packets: Packet) -> bytes:
        order = "<"
        out = block(order, 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        links = sorted({p.link_type for p in packets})
        for link in links:
            out += block(order, 1, struct.pack("<HHI", link, 0, 0))
        for p in packets:
            units = p.time_ns // 1000
            head = struct.pack(
                "<IIIII",
                links.index(p.link_type),
                units >> 32,
                units & 0xFFFFFFFF,
                len(p.data),
                len(p.data),
            )
            out += block(order, 6, head + p.data)
        return out

    talk = [Packet(RECEIVED_NS, 1, MAC + b"\x08\x06" + bytes(28))] * 5
    recording = read_payload(made(*talk, Packet(RECEIVED_NS, 127, beacon(PACK))), "both.pcapng")
    assert recording.n == 1
    assert recording.names == ("1ABC0000000000001",)
    with pytest.raises(BadInput):
        read_payload(made(*talk), "wire.pcapng")


def ended(blocks: bytes, hundredths: int) -> bytes:
    length = 8 + len(blocks) + 4
    return (
        length.to_bytes(2, "big")
        + bytes([1, 2, 30])
        + hundredths.to_bytes(3, "big")
        + blocks
        + final.FOOTER
    )


def test_final_frames() -> None:
    of_day_s = 8_639_000 / 100
    plot = plot_block(9, 40_000.0, 1.0, of_day_s - 0.5, "a1b2c3")
    late = plot_block(9, 41_000.0, 1.0, 0.5, "a1b2c3")
    payload = ended(plot, 8_639_000) + ended(late, 100)
    found, broken = final.frames(payload)
    assert [(f.of_day_ns, f.blocks) for f in found] == [(86_390 * 10**9, plot), (10**9, late)]
    assert broken == 0
    assert final.is_final(payload)
    assert not final.is_final(plot)
    # A broken frame costs itself.
    hurt = ended(plot, 8_639_000) + b"\x00\x03" + ended(late, 100)[2:] + ended(plot, 200)
    assert [len(final.frames(hurt)[0]), final.frames(hurt)[1]] == [2, 1]
    assert len(final.frames(payload[:-3])[0]) == 1
    recording = read_payload(payload, "plots.ff")
    assert "A5 A5 A5 A5" in recording.reason
    times = sorted(int(t) for batch in recording.batches for t in batch.detections.time_ns)
    assert times[1] - times[0] == 11 * 10**9  # over midnight


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"\x10", "simulated target"),
        (b"\xb0", "simulated target"),
        (b"\x02", "fixed transponder (field monitor)"),
        (b"\x01\x80", "test target"),
        (b"\xe1\x7e", ""),
        (b"\xe8", ""),
    ],
)
def test_what_is_of_no_object_is_refused(octets: bytes, why: str) -> None:
    """048/020: TYP SIM RDP SPI RAB FX, then TST ERR XPP ME MI FOE FX."""
    items = b"\xb0" + bytes([1, 9]) + octets + struct.pack(">HH", 5_000, 9_000)
    payload = b"\x30" + (3 + len(items)).to_bytes(2, "big") + items
    rejected: Counter[str] = Counter()
    assert len(records(payload, Counter())) == 1
    found = rows(payload, RECEIVED_NS, Vertical(), rejected, {})
    assert len(found) == (not why)
    assert dict(rejected) == ({why: 1} if why else {})


def test_no_day_has_twenty_five_hours() -> None:
    good = plot_block(9, 40_000.0, 1.0, 100.0)
    bad = plot_block(9, 40_000.0, 1.0, 90_000.0)
    for payload, reasons in ((good, {}), (bad, {"absurd time": 1})):
        rejected: Counter[str] = Counter()
        rows(payload, RECEIVED_NS, Vertical(), rejected, {})
        assert dict(rejected) == reasons


def test_hci_links_are_carriers() -> None:
    assert {187, 201, 254} <= set(rid_frames.CARRIERS)


def old_report(edition: str, flags: int = 0) -> bytes:
    """CAT021 before edition 1.0: source, descriptor, time, position, address, height, level, callsign."""
    scale, octets = (2**25, 4) if edition == "0.26" else (2**23, 3)
    place = b"".join(
        round(x / 180 * scale).to_bytes(octets, "big", signed=True) for x in (31.8, -106.4)
    )
    second = round((RECEIVED_NS / 1e9 % 86_400 - 1.0) * 128).to_bytes(3, "big")
    name = sum((ord(c) - 64) << (42 - 6 * i) for i, c in enumerate("EAGLE"))
    name |= sum(0x20 << (42 - 6 * i) for i in range(5, 8))
    # FRN 1–6, FX; 10, FX; 18, end.
    return (
        bytes([0b1111_1101, 0b0010_0001, 0b0001_0000])
        + bytes([25, 9, flags, 0])
        + second
        + place
        + bytes.fromhex("a1b2c3")
        + round(1290.0 / (6.25 * 0.3048)).to_bytes(2, "big")
        + (170).to_bytes(2, "big")
        + name.to_bytes(6, "big")
    )


@pytest.mark.parametrize("edition", ["0.23", "0.26"])
def test_adsb_reports_of_the_first_editions(edition: str) -> None:
    """Other profile, other scale; what libasterix reads in them is what we read."""
    records_of = [old_report(edition), old_report(edition, flags=0x20)]
    body = b"".join(records_of)
    payload = b"\x15" + (3 + len(body)).to_bytes(2, "big") + body
    (raw,) = base.RawDatablock.parse(base.Bits.from_bytes(payload))
    kind = getattr(generated, f"Cat_021_{edition.replace('.', '_')}")
    parsed = kind.cv_uap.parse(raw.get_raw_records())
    assert not isinstance(parsed, ValueError), parsed
    for item in ("010", "040", "030", "130", "080", "140", "145", "170"):
        assert parsed[0].get_item(item) is not None
    rejected: Counter[str] = Counter()
    (row,) = rows(payload, RECEIVED_NS, Vertical(), rejected, {})
    assert [degrees(x) for x in row.value[:2]] == pytest.approx([31.8, -106.4], abs=3e-5)
    assert row.value[2] == pytest.approx(1290.0, abs=1.0)
    assert (row.address, row.callsign) == ("a1b2c3", "EAGLE")
    assert abs(row.time_ns - (RECEIVED_NS - 10**9)) < 10**7
    assert dict(rejected) == {"simulated target": 1}
