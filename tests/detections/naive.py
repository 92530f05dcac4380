"""Slow, obvious writers of what the decoders read, straight from the standards."""

from __future__ import annotations

from math import acos, cos, floor, pi, radians

# DO-260B 2.2.3.2.3.1: generator of the Mode S parity, 25 bits.
GENERATOR = 0b1111111111111010000001001


def mode_s_parity(frame: int, bits: int) -> int:
    """Remainder of the first bits−24 bits of a frame."""
    for i in range(bits - 24):
        if frame >> (bits - 1 - i) & 1:
            frame ^= GENERATOR << (bits - 25 - i)
    return frame & 0xFFFFFF


def zones(latitude_deg: float) -> int:
    """NL of DO-260B A.1.7.2 d."""
    if abs(latitude_deg) >= 87.0:
        return 2 if abs(latitude_deg) == 87.0 else 1
    inside = 1 - (1 - cos(pi / 30)) / cos(radians(latitude_deg)) ** 2
    return floor(2 * pi / acos(inside))


def compact_position(latitude_deg: float, longitude_deg: float, odd: bool) -> tuple[int, int]:
    """Airborne CPR (17 bits each) of DO-260B A.1.7.3."""
    d_lat = 360.0 / (59 if odd else 60)
    yz = floor(2**17 * (latitude_deg % d_lat) / d_lat + 0.5)
    r_lat = d_lat * (yz / 2**17 + floor(latitude_deg / d_lat))
    d_lon = 360.0 / max(zones(r_lat) - (1 if odd else 0), 1)
    xz = floor(2**17 * (longitude_deg % d_lon) / d_lon + 0.5)
    return yz % 2**17, xz % 2**17


def airborne_position(
    address: str, latitude_deg: float, longitude_deg: float, altitude_ft: int, odd: bool
) -> str:
    """DF 17, type code 11, altitude in steps of 25 ft (Q bit set)."""
    steps = (altitude_ft + 1000) // 25
    altitude = (steps >> 4) << 5 | 1 << 4 | steps & 15
    yz, xz = compact_position(latitude_deg, longitude_deg, odd)
    me = 11 << 51 | altitude << 36 | int(odd) << 34 | yz << 17 | xz
    frame = (0x8D << 104) | int(address, 16) << 80 | me << 24
    return f"{frame | mode_s_parity(frame, 112):028x}"


def plot_block(
    sic: int, range_m: float, azimuth_rad: float, of_day_s: float, address: str = ""
) -> bytes:
    """A CAT048 block of one record: 010, 140, 020, 040 and, with an address, 220."""
    specification = 0b1111_0000 if not address else 0b1111_0001
    record = bytes([specification] + ([0b1000_0000] if address else []))
    record += bytes([25, sic]) + round(of_day_s * 128).to_bytes(3, "big") + b"\x20"
    record += round(range_m / 1852 * 256).to_bytes(2, "big")
    record += (round(azimuth_rad / (2 * pi) * 65_536) % 65_536).to_bytes(2, "big")
    if address:
        record += bytes.fromhex(address)
    return bytes([48]) + (len(record) + 3).to_bytes(2, "big") + record


def radar_block(sic: int, latitude_deg: float, longitude_deg: float, height_m: int) -> bytes:
    """A CAT034 block: 010, 000, and 120, which stands at field reference number 11."""
    record = bytes([0b1100_0001, 0b0001_0000, 25, sic, 1]) + height_m.to_bytes(
        2, "big", signed=True
    )
    for angle in (latitude_deg, longitude_deg):
        record += round(angle * 2**23 / 180).to_bytes(3, "big", signed=True)
    return bytes([34]) + (len(record) + 3).to_bytes(2, "big") + record


def extended_squitter(address: str, me: int) -> str:
    """DF 17 around the 56 bits of a message."""
    frame = (0x8D << 104) | int(address, 16) << 80 | me << 24
    return f"{frame | mode_s_parity(frame, 112):028x}"


def identification(address: str, callsign: str, category: str) -> str:
    """Type codes 4…1 are the emitter categories' sets A…D (DO-260B 2.2.3.2.5); six bits a letter."""
    letters = "?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789"
    me = 0
    for letter in f"{callsign:8}":
        me = me << 6 | letters.index(letter)
    type_code = 4 - "ABCD".index(category[0])
    return extended_squitter(address, type_code << 51 | int(category[1]) << 48 | me)


def velocity(address: str, east_kt: int, north_kt: int, rate_ft_min: int) -> str:
    """Type code 19, subtype 1 (over ground, subsonic), barometric rate; no geometric difference told."""
    me = 19 << 51 | 1 << 48
    for speed, at in ((east_kt, 32), (north_kt, 21)):
        me |= (speed < 0) << (at + 10) | (abs(speed) + 1) << at
    me |= 1 << 20 | (rate_ft_min < 0) << 19 | (abs(rate_ft_min) // 64 + 1) << 10
    return extended_squitter(address, me)
