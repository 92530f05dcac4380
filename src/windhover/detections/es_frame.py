"""What one Mode S frame says of itself, before any library has read it.

Sources: ICAO Annex 10 vol. IV (formats), RTCA DO-260B 2.2.3 (extended squitter), 2.2.17 (TIS-B).
"""

from __future__ import annotations

from math import nan
from typing import Final

# DO-260 table 2-11, type codes 9…18 (airborne) and 5…8 (surface): 95 % bound on the position in m.
_EPU_BY_TYPE: Final = {
    5: 3.0,
    6: 10.0,
    7: 92.6,
    8: 185.2,
    9: 3.0,
    10: 10.0,
    11: 92.6,
    12: 185.2,
    13: 463.0,
} | {14: 926.0, 15: 1852.0, 16: 9260.0, 17: 18520.0, 20: 4.0, 21: 15.0}


def is_frame(text: str) -> bool:
    """7 or 14 bytes as hexadecimal figures: rs1090 panics on anything else."""
    return len(text) in (14, 28) and all(c in "0123456789abcdefABCDEF" for c in text)


def parity(frame: bytes) -> int:
    """Remainder of a whole frame by the generator of Mode S (Annex 10 vol. IV, 3.1.2.3.3.1.2); 0 where it is whole.

    >>> parity(bytes.fromhex("8D40621D58C382D690C8AC2863A7"))
    0
    """
    left = 0
    for byte in frame[:-3]:
        left = (left << 8 & 0xFFFFFF) ^ _PARITY[left >> 16 ^ byte]
    return left ^ int.from_bytes(frame[-3:], "big")


def _parity_of_byte(byte: int) -> int:
    left = byte << 16
    for _ in range(8):
        left = left << 1 ^ (_GENERATOR if left & 0x800000 else 0)
    return left & 0xFFFFFF


_GENERATOR: Final = 0x1FFF409
_PARITY: Final = tuple(map(_parity_of_byte, range(256)))


def epu_m(frame: bytes) -> float:
    """95 % bound on the position by the type code of a 14-byte frame; NaN where it promises none."""
    return _EPU_BY_TYPE.get(frame[4] >> 3, nan)


def is_tisb(frame: bytes) -> bool:
    """Whether a station on the ground says where somebody is: DF 18 with control field 2, 3 or 5."""
    return frame[0] >> 3 == 18 and frame[0] & 7 in (2, 3, 5)


def names_itself(frame: bytes) -> bool:
    """Of a position frame: whether the address is the aircraft's own and it, or ADS-R for it, speaks.

    DF 17; DF 18 with control field 0, or 6 where the address is an ICAO one.
    """
    control = frame[0] & 7
    return frame[0] >> 3 == 17 or control == 0 or (control == 6 and not _imf(frame))


def names_its_transponder(frame: bytes) -> bool:
    """The same of a frame that stands for a multilateration result: control field 2 is usual there."""
    return names_itself(frame) or (frame[0] & 7 == 2 and not _imf(frame))


def _imf(frame: bytes) -> bool:
    """ICAO Mode A flag of a position frame: the address is not an ICAO one. ME bit 8, on the surface 21."""
    return bool(frame[6] & 0x08 if 5 <= frame[4] >> 3 <= 8 else frame[4] & 0x01)


def vertical_rate_is_barometric(frame: bytes) -> bool:
    """Source of the vertical rate of a 14-byte velocity frame (type code 19): ME bit 36.

    >>> vertical_rate_is_barometric(bytes.fromhex("8D485020994409940838175B284F"))
    False
    """
    return bool(frame[8] & 0x10)
