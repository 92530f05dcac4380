"""Messages of every form for `windhover bench feeds`, written from the standards: no recording is needed.

As many objects as a busy site has (a hundred), each moving, so that no two messages are the same.
"""

from __future__ import annotations

import struct
from math import acos, cos, floor, nan, pi, radians
from typing import Final
from zlib import crc32

from windhover.deliver.airspace import AirFrame, AirObject
from windhover.detections import beast, dronescout, odid
from windhover.detections.asterix.encode import encode_block, encode_record
from windhover.detections.cot_event import CotEvent
from windhover.detections.remote_id import Said
from windhover.units import NS_PER_S

NOW_NS: Final = 1_770_791_410 * NS_PER_S
OBJECTS: Final = 100
_GENERATOR: Final = 0b1111111111111010000001001  # Mode S parity, DO-260B 2.2.3.2.3.1


def _zones(latitude_deg: float) -> int:
    """NL of DO-260B A.1.7.2 d."""
    inside = 1 - (1 - cos(pi / 30)) / cos(radians(latitude_deg)) ** 2
    return floor(2 * pi / acos(inside))


def mode_s(n: int) -> list[str]:
    """n DF 17 frames with airborne positions (CPR of DO-260B A.1.7.3), even and odd in turn."""
    made = []
    for i in range(n):
        which, step = i % OBJECTS, i // OBJECTS
        latitude, longitude = 31.2 + 0.01 * which + 0.0005 * step, -106.9 + 0.008 * which
        odd = step % 2
        d_lat = 360.0 / (60 - odd)
        yz = floor(2**17 * (latitude % d_lat) / d_lat + 0.5)
        d_lon = 360.0 / max(_zones(d_lat * (yz / 2**17 + floor(latitude / d_lat))) - odd, 1)
        xz = floor(2**17 * (longitude % d_lon) / d_lon + 0.5)
        steps = (9000 + 25 * (which % 40) + 1000) // 25
        altitude = (steps >> 4) << 5 | 1 << 4 | steps & 15
        me = 11 << 51 | altitude << 36 | odd << 34 | yz % 2**17 << 17 | xz % 2**17
        frame = 0x8D << 104 | (0xA00001 + which) << 80 | me << 24
        rest = frame
        for bit in range(88):
            if rest >> (111 - bit) & 1:
                rest ^= _GENERATOR << (87 - bit)
        made.append(f"{frame | rest & 0xFFFFFF:028x}")
    return made


def mode_s_times(n: int) -> list[int]:
    """Receptions of the same: each aircraft twice a second."""
    return [NOW_NS - (n - i) * NS_PER_S // (2 * OBJECTS) for i in range(n)]


def beast_stream(frames: list[str]) -> bytes:
    """The same as Beast with a 12 MHz clock."""
    step = 12_000_000 // (2 * OBJECTS)
    return beast.encode(
        [beast.Frame(i * step, 100, bytes.fromhex(frame)) for i, frame in enumerate(frames)]
    )


def sbs(n: int) -> bytes:
    """BaseStation lines with positions."""
    return b"".join(
        b"MSG,3,1,1,%06X,1,,,,,,5000,,,%.5f,-106.40,,,0,0,0,0\n"
        % (0xA00001 + i % OBJECTS, 31.8 + i * 1e-5)
        for i in range(n)
    )


def remote_id_pcap(n: int) -> bytes:
    """n Wi-Fi beacons (radiotap, with frame check sequence), each a pack of five messages: ASTM F3411-22a."""
    made = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 127)]
    fixed = (
        struct.pack("<BBiiHBHHBHIx", 0x42, 1, 317_100_000, -1_064_100_000, 1, 0, 0, 0, 0x12, 0, 9)
        + bytes([0x52, 0])
        + b"FIN87astrdge12k8".ljust(23, b"\0")
        + bytes([0x32, 0])
        + b"survey".ljust(23, b"\0")
    )
    for i in range(n):
        at_ns = NOW_NS - (n - i) * NS_PER_S // OBJECTS
        who = bytes([0x02, 0x12]) + b"1ABC%013d" % (i % OBJECTS) + bytes(6)
        tenths = at_ns // (NS_PER_S // 10) % 36_000
        place = struct.pack(
            "<BBBBbiiHHHBBHBx", 0x12, 0x20, 90, 48, -3, 317_000_000 + 50 * i, -1_064_000_000, 0,
            4580, 2080, 0x5A, 4, tenths, 2,
        )  # fmt: skip
        pack = bytes([0xF2, 25, 5]) + who + place + fixed
        vendor = b"\xfa\x0b\xbc\x0d" + bytes([i % 256]) + pack
        frame = (
            b"\x80\0\0\0" + b"\xff" * 6 + (0x0200_0000_0000 + i % OBJECTS).to_bytes(6, "big") * 2
        )
        frame += b"\0\0" + bytes(12) + bytes([0, 3]) + b"uas" + bytes([221, len(vendor)]) + vendor
        frame += crc32(frame).to_bytes(4, "little")
        packet = bytes.fromhex("000009000200000010") + frame
        micro = at_ns % NS_PER_S // 1000
        made.append(struct.pack("<IIII", at_ns // NS_PER_S, micro, len(packet), len(packet)))
        made.append(packet)
    return b"".join(made)


def scout_lines(n: int) -> bytes:
    """n messages of a DroneScout receiver."""
    lines = []
    for i in range(n):
        place = odid.Location(
            2, 90.0, 12.0, 0.0, 31.7 + 1e-5 * i, -106.4, nan, 1290.0, 0, 40.0, 10.0, 3.0, nan, nan
        )
        said = Said(odid.BasicId(1, 2, f"1ABC{i % OBJECTS}"), None, place)
        lines.append(dronescout.encode(said, NOW_NS - (n - i) * 1_000_000, "roof", "mac"))
    return b"\n".join(lines)


def asterix_plots(n: int) -> list[bytes]:
    """n CAT048 plots in datagrams of twenty, with the items that a Mode S radar sends."""
    records = []
    for i in range(n):
        of_day = (23_400 * 128 + i) % (86_400 * 128)
        items = {
            "010": b"\x19\x09",
            "140": of_day.to_bytes(3, "big"),
            "020": b"\xa0",
            "040": (5000 + i % 20_000).to_bytes(2, "big") + (i * 37 % 65_536).to_bytes(2, "big"),
            "070": b"\x02\x58",
            "090": (400 + i % 900).to_bytes(2, "big"),
            "220": (0xA00001 + i % OBJECTS).to_bytes(3, "big"),
            "240": bytes.fromhex("04d2c31c7de0"),
            "161": (1 + i % OBJECTS).to_bytes(2, "big"),
            "200": b"\x01\x00\x40\x00",
            "170": b"\x40",
        }
        records.append(encode_record(48, items))
    return [encode_block(48, records[i : i + 20]) for i in range(0, n, 20)]


def objects(n: int) -> AirFrame:
    """An instant of n tracks, as outputs take it."""
    said = ("drone", "aircraft", "balloon", "bird")
    made = tuple(
        AirObject(
            track_id=i + 1, time_ns=NOW_NS - 200_000_000, born_ns=NOW_NS - 60 * NS_PER_S,
            hit_ns=NOW_NS - NS_PER_S, latitude_rad=radians(31.8 + 1e-4 * i),
            longitude_rad=radians(-106.4), height_ellipsoid_m=1300.0 + i % 500,
            velocity_enu_m_s=(3.0, 4.0, -0.5), covariance_m2=(100.0, 64.0, 225.0, 12.0),
            said=said[i % 4], probability=0.93, motion="through the air",
            words=f"Very likely {said[i % 4]}; moves through the air",
            scheme="icao" if i % 4 == 1 else "", identifier=f"{i + 1:06x}" if i % 4 == 1 else "",
            callsign="EXR101" if i % 4 == 1 else "", cooperative=i % 4 == 1,
        )
        for i in range(n)
    )  # fmt: skip
    return AirFrame("bench", False, NOW_NS, made)


def own_forces(n: int) -> list[CotEvent]:
    """n position reports of own aircraft."""
    return [
        CotEvent(
            f"eagle-{i % OBJECTS}", "a-f-A-M-H", "m-g", NOW_NS, NOW_NS - i % 1000, NOW_NS + 60 * NS_PER_S,
            31.8 + 1e-5 * i, -106.4, 1500.0, 10.0, 15.0,
            callsign=f"EAGLE {i % OBJECTS}", course_deg=90.0, speed_m_s=55.0, remarks="on patrol",
        )
        for i in range(n)
    ]  # fmt: skip


def aircraft_json(n: int) -> bytes:
    """One `aircraft.json` of n aircraft."""
    fleet = ",".join(
        f'{{"hex":"{i:06x}","lat":31.8,"lon":-106.{i:05d},"alt_geom":5200,"gs":200,"track":90,'
        f'"seen":0.1,"seen_pos":0.1,"nac_p":9,"flight":"A{i}"}}'
        for i in range(1, n + 1)
    )
    return f'{{"now":{NOW_NS / 1e9},"aircraft":[{fleet}]}}'.encode()
