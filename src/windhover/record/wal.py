"""A journal that was stopped hard lies partly in its write-ahead log: is that log whole?

SQLite reads the log up to the first frame whose checksum does not fit and takes the rest for the
torn end of an unfinished write. Where a finished transaction *follows* such a frame, it was no torn
end: something changed the log, and acknowledged entries are hidden by it.

Layout: SQLite "Write-Ahead Log Format" (file format document, section 4): a header of 32 bytes, then
frames of 24 bytes and one page; checksums run through header and frames.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

_HEADER: Final = 32
_FRAME: Final = 24
_MASK: Final = 0xFFFFFFFF
_BIG: Final = 0x377F0683  # checksums over big-endian words; …82 = little-endian


def hides_something(journal: Path) -> bool:
    """Whether the log beside `journal` holds finished transactions behind damage.

    A changed byte in the very last frame cannot be told from a torn end, and is not found.
    """
    path = journal.with_name(journal.name + "-wal")
    data = path.read_bytes() if path.is_file() else b""
    if len(data) < _HEADER + _FRAME:
        return False
    magic, _, size, *_ = struct.unpack(">8I", data[:_HEADER])
    order = ">" if magic == _BIG else "<"
    sums = checksum(data[:24], (0, 0), order)
    if magic not in (_BIG, _BIG - 1) or sums != struct.unpack(">2I", data[24:_HEADER]):
        return True  # the header is written in one piece, before any frame
    salt, damaged = data[16:24], False
    for at in range(_HEADER, len(data) - size - _FRAME + 1, _FRAME + size):
        # Frames with another salt are left over from before the last checkpoint.
        ours = data[at + 8 : at + 16] == salt
        if damaged:
            if ours and data[at + 4 : at + 8] != bytes(4):  # it ends a transaction
                return True
            continue
        sums = checksum(data[at : at + 8], sums, order)
        sums = checksum(data[at + _FRAME : at + _FRAME + size], sums, order)
        damaged = not ours or sums != struct.unpack(">2I", data[at + 16 : at + _FRAME])
    return False


def checksum(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    """SQLite's checksum over a multiple of 8 bytes, going on from `start`."""
    one, two = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & _MASK
        two = (two + odd + one) & _MASK
    return one, two
