"""CAT062 as others read it: libasterix, tshark's dissector, our own decoder, a socket."""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
from collections import Counter
from collections.abc import Callable
from math import degrees, isnan
from pathlib import Path

import asterix.base as base
import asterix.generated as generated
import pytest

from tests.deliver.scene import NOW_NS, S, each_kind, frame, free_port, many, thing
from windhover.deliver.airspace import AirFrame
from windhover.deliver.asterix import AsterixOutput, AsterixSettings, Numbers, groups
from windhover.detections.asterix.encode import encode_block
from windhover.detections.asterix.rows import rows
from windhover.errors import BadSite
from windhover.schema.place import Vertical

SETTINGS = AsterixSettings("acc", "Shown to the centre's controllers as a test layer.", "127.0.0.1", 8600, 25, 9)  # fmt: skip


def blocks(shown: AirFrame) -> bytes:
    output = AsterixOutput(SETTINGS)
    made, full = output.records(shown)
    output.close()
    assert full == 0
    return b"".join(encode_block(62, group) for group in groups(made))


def read(payload: bytes) -> list[object]:
    found: list[object] = []
    for block in base.RawDatablock.parse(base.Bits.from_bytes(payload)):
        parsed = generated.Cat_062_1_20.cv_uap.parse(block.get_raw_records())
        assert not isinstance(parsed, ValueError), parsed
        found += parsed
    return found


def number(record: object, item: str, *inside: str) -> float:
    at = record.get_item(item)  # type: ignore[attr-defined]
    for name in inside:
        at = at.variation.get_item(name)
    content = getattr(at.variation, "content", None)
    if content is not None and hasattr(content, "as_quantity"):
        return float(content.as_quantity())
    return float(at.as_uint())


def test_libasterix_reads_what_we_know() -> None:
    things = each_kind()
    for record, one in zip(read(blocks(frame(*things))), things, strict=True):
        assert number(record, "010", "SAC") == 25 and number(record, "010", "SIC") == 9
        assert number(record, "040") == one.track_id
        assert number(record, "070") == pytest.approx(one.time_ns / 1e9 % 86_400, abs=1 / 128)
        assert number(record, "105", "LAT") == pytest.approx(degrees(one.latitude_rad), abs=6e-6)
        assert number(record, "105", "LON") == pytest.approx(degrees(one.longitude_rad), abs=6e-6)
        assert number(record, "185", "VX") == pytest.approx(one.velocity_enu_m_s[0], abs=0.13)
        assert number(record, "185", "VY") == pytest.approx(one.velocity_enu_m_s[1], abs=0.13)
        height = record.get_item("130")  # type: ignore[attr-defined]
        assert (height is None) == isnan(one.height_ellipsoid_m)
        if height is not None:
            told_m = number(record, "130") * 0.3048
            assert told_m == pytest.approx(one.height_ellipsoid_m, abs=1.0)
        assert number(record, "080", "SIM") == 0
        assert number(record, "080", "CST") == int(one.coasting)
        assert number(record, "080", "MRH") == 1
    aircraft = read(blocks(frame(things[2])))[0]
    assert number(aircraft, "060", "MODE3A") == 0o4321
    assert number(aircraft, "380", "ADR") == 0xA1B2C3
    chars = aircraft.get_item("245").variation.get_item("CHR").variation.content.as_string()  # type: ignore[attr-defined]
    assert chars == "MEDEVAC1"
    assert number(aircraft, "220") == pytest.approx(2.0 / 0.3048 * 60, abs=6.25)


def test_an_exercise_is_simulated_by_every_field_that_can_say_so() -> None:
    for record in read(blocks(frame(*each_kind(), exercise=True))):
        assert number(record, "080", "SIM") == 1
        chars = record.get_item("245").variation.get_item("CHR").variation.content.as_string()  # type: ignore[attr-defined]
        assert chars == "EXERCISE"
        assert record.get_item("380") is None and record.get_item("060") is None  # type: ignore[attr-defined]


def test_our_own_decoder_reads_it_back() -> None:
    things = many(500)
    rejected: Counter[str] = Counter()
    found = rows(blocks(frame(*things)), NOW_NS, Vertical(), rejected, {})
    assert set(rejected) <= {"height unused: none told"}
    assert [row.number for row in found] == [one.track_id for one in things]
    for row, one in zip(found, things, strict=True):
        assert row.value[0] == pytest.approx(one.latitude_rad, abs=1e-7)
        assert row.sigma_horizontal_m == pytest.approx(((100 + 64) / 2) ** 0.5, rel=0.06)


def test_a_track_that_ends_is_said_to_end() -> None:
    output = AsterixOutput(SETTINGS)
    output.records(frame(thing(1), thing(2)))
    made, _ = output.records(frame(thing(2), now_ns=NOW_NS + S))
    first, last = read(encode_block(62, made))
    assert number(first, "040") == 2
    assert number(last, "040") == 1 and number(last, "080", "TSE") == 1
    assert last.get_item("105") is None  # type: ignore[attr-defined]
    assert len(output.records(frame(thing(2), now_ns=NOW_NS + 2 * S))[0]) == 1
    output.close()


def test_numbers_are_used_again_only_when_long_gone() -> None:
    numbers = Numbers()
    assert [numbers.of(i + 10**12, 0) for i in range(65_535)] == list(range(1, 65_536))
    assert numbers.of(5, 299 * S) is None
    assert numbers.of(10**12, 300 * S) == 1  # still held
    assert numbers.of(6, 301 * S) == 2
    assert numbers.of(6, 302 * S) == 2


def test_datagrams_arrive_and_what_does_not_leave_is_counted() -> None:
    port = free_port(socket.SOCK_DGRAM)

    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", port))
            receiver.settimeout(5)
            output = AsterixOutput(
                AsterixSettings("acc", SETTINGS.purpose, "127.0.0.1", port, 25, 9)
            )
            task = asyncio.create_task(output.run())
            await asyncio.sleep(0)
            output.send(frame(*many(100)))
            output.send(frame(*many(100), now_ns=NOW_NS + S // 10))  # too soon: once a second
            received = 0
            while received < 100:
                data = receiver.recv(2000)
                assert len(data) <= 1400
                received += len(read(data))
            assert received == output.health.sent == 100
            assert output.health.dropped == {}
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            output.send(frame(*many(3), now_ns=NOW_NS + 2 * S))  # its socket is closed
            assert output.health.dropped == {"not sent": 100}  # 3 tracks and 97 that ended
            assert output.health.last_error

    asyncio.run(main())


@pytest.mark.parametrize(("change", "words"), [({"purpose": " "}, "states no purpose"), ({"sac": 300}, "SAC and SIC"), ({"host": "acc.example"}, "no IP address")])  # fmt: skip
def test_what_cannot_be_set_up_is_refused(change: dict[str, object], words: str) -> None:
    import msgspec

    with pytest.raises(BadSite, match=words):
        AsterixOutput(msgspec.structs.replace(SETTINGS, **change))


def capture(path: Path, datagrams: list[bytes], port: int = 8600) -> None:
    """A pcap of UDP datagrams (raw IPv4, link type 101)."""
    made = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101)
    for data in datagrams:
        udp = struct.pack(">HHHH", 40_000, port, 8 + len(data), 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")  # fmt: skip
        made += struct.pack("<IIII", NOW_NS // S, 0, len(ip + udp), len(ip + udp)) + ip + udp
    path.write_bytes(made)


def test_tsharks_dissector_reads_it(program: Callable[[str], str], tmp_path: Path) -> None:
    things = each_kind()
    output = AsterixOutput(SETTINGS)
    made, _ = output.records(frame(*things, exercise=True))
    output.close()
    capture(tmp_path / "out.pcap", [encode_block(62, [record]) for record in made])
    said = subprocess.run(
        [program("tshark"), "-r", str(tmp_path / "out.pcap"), "-d", "udp.port==8600,asterix",
         "-T", "fields", "-E", "separator=,", "-e", "asterix.category", "-e", "asterix.062_040_VALUE",
         "-e", "asterix.062_105_LAT", "-e", "asterix.062_105_LON", "-e", "asterix.062_080_SIM",
         "-e", "_ws.malformed", "-e", "_ws.expert"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    lines = said.stdout.strip().splitlines()
    assert len(lines) == len(things), said.stderr
    for line, one in zip(lines, things, strict=True):
        category, track, latitude, longitude, simulated, malformed, expert = line.split(",")
        assert (category, malformed, expert) == ("62", "", "")
        assert int(track, 0) == one.track_id
        assert float(latitude) == pytest.approx(degrees(one.latitude_rad), abs=1e-5)
        assert float(longitude) == pytest.approx(degrees(one.longitude_rad), abs=1e-5)
        assert simulated in ("1", "True")
