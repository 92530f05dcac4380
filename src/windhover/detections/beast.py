"""Beast binary framing of Mode S frames, as dump1090, readsb and the Mode-S Beast write it.

    0x1A type timestamp(6, big-endian) signal(1) frame      type '1' 2 bytes Mode A/C, '2' 7, '3' 14

Every 0x1A inside is doubled. The timestamp counts a 12 MHz clock (Radarcape: seconds of the day and
nanoseconds, told by its own status frame, which is not used here). Sans-I/O: bytes in, frames and the
unfinished rest out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from windhover.units import NS_PER_S

TICKS_PER_S: Final = 12_000_000
MULTILATERATION: Final = 0xFF00_4D4C_4154
"""In the clock's place ("MLAT"): the frame was made up from a network's result; no aircraft sent it."""
_NO_CLOCK: Final = (0, MULTILATERATION, 0xFFFF_FFFF_FFFF)
_LENGTH: Final = {0x31: 2, 0x32: 7, 0x33: 14, 0x34: 14, 0x35: 14}
_MODE_S: Final = (0x32, 0x33)
MAX_REST: Final = 64
"""No frame is longer, even with every byte doubled."""


class Frame(NamedTuple):
    """One Mode S frame."""

    ticks: int  # of the receiver's 12 MHz clock; 48 bits
    signal: int  # 0…255, of full scale
    data: bytes  # 7 or 14 bytes


def parse(buffer: bytes) -> tuple[list[Frame], bytes, int]:
    """All whole frames in the buffer, the bytes of the last unfinished one, and how many were broken."""
    frames: list[Frame] = []
    broken = 0
    at, end = 0, len(buffer)
    while True:
        start = buffer.find(0x1A, at)
        if start < 0:
            return frames, b"", broken + (1 if end > at else 0)
        if start > at:
            broken += 1  # bytes between frames belong to nothing
        if start + 2 > end:
            return frames, buffer[start:], broken
        length = _LENGTH.get(buffer[start + 1])
        if length is None:
            broken += 1
            at = start + (2 if buffer[start + 1] == 0x1A else 1)
            continue
        body, after, whole = _unescape(buffer, start + 2, 7 + length)
        if not whole:
            if after >= end:
                return frames, buffer[start:][:MAX_REST], broken
            broken += 1  # a new frame began inside this one
            at = after
            continue
        if buffer[start + 1] in _MODE_S:
            frames.append(Frame(int.from_bytes(body[:6], "big"), body[6], body[7:]))
        at = after


def _unescape(buffer: bytes, start: int, length: int) -> tuple[bytes, int, bool]:
    """`length` bytes from `start` with doubled 0x1A made single; where it ended; whether it is whole."""
    if buffer.find(0x1A, start, start + length) < 0:
        piece = buffer[start : start + length]
        return piece, start + len(piece), len(piece) == length
    body = bytearray()
    at = start
    while len(body) < length:
        if at >= len(buffer):
            return bytes(body), len(buffer), False
        byte = buffer[at]
        if byte == 0x1A:
            if at + 1 >= len(buffer):
                return bytes(body), len(buffer), False
            if buffer[at + 1] != 0x1A:
                return bytes(body), at, False
            at += 1
        body.append(byte)
        at += 1
    return bytes(body), at, True


def times_ns(frames: list[Frame], received_ns: int) -> list[int]:
    """When each frame was heard, the last one with a clock being taken as heard at `received_ns`.

    Frames that carry no usable clock (zero, all ones, or the mark of multilateration results) and jumps of
    more than a minute are placed at the reception.
    """
    last = next((f.ticks for f in reversed(frames) if f.ticks not in _NO_CLOCK), 0)
    times: list[int] = []
    for frame in frames:
        behind = (last - frame.ticks) & 0xFFFF_FFFF_FFFF
        usable = behind < 60 * TICKS_PER_S and frame.ticks not in _NO_CLOCK
        times.append(received_ns - behind * NS_PER_S // TICKS_PER_S if usable else received_ns)
    return times


def passed_ns(frames: list[Frame]) -> list[int]:
    """How long after the first frame each was heard, in a recording; a pause counts at most a minute.

    A frame without a usable clock was heard when the one before it was.
    """
    passed: list[int] = []
    at, last = 0, None
    for frame in frames:
        if frame.ticks not in _NO_CLOCK:
            if last is not None:
                at += min(max(frame.ticks - last, 0), 60 * TICKS_PER_S)
            last = frame.ticks
        passed.append(at * NS_PER_S // TICKS_PER_S)
    return passed


def multilaterated(frames: list[Frame]) -> frozenset[str]:
    """The frames, in hexadecimal, that carry the mark of multilateration."""
    return frozenset(frame.data.hex() for frame in frames if frame.ticks == MULTILATERATION)


def encode(frames: list[Frame]) -> bytes:
    """The same framing, for tests and simulated receivers."""
    out = bytearray()
    for frame in frames:
        kind = 0x33 if len(frame.data) == 14 else 0x32
        body = frame.ticks.to_bytes(6, "big") + bytes([frame.signal]) + frame.data
        out += bytes([0x1A, kind]) + body.replace(b"\x1a", b"\x1a\x1a")
    return bytes(out)
