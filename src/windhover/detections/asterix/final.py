"""Recordings in ASTERIX "final" frames: blocks with the time of their reception around them.

    length(2, with header and footer) board(1) line(1) day(1) time(3, 1/100 s after midnight) blocks … A5 A5 A5 A5

Big-endian; board, line and day are generally unused (Luciad, "ASTERIX Final format"; the recorders of IOSS write it).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from windhover.units import NS_PER_S

HEADER: Final = 8
FOOTER: Final = b"\xa5\xa5\xa5\xa5"
_TICK_NS: Final = NS_PER_S // 100


class Frame(NamedTuple):
    """What came at one instant."""

    of_day_ns: int  # after midnight
    blocks: bytes


def frames(payload: bytes) -> tuple[list[Frame], int]:
    """All frames, and how many places were none: after one the next footer is looked for."""
    found: list[Frame] = []
    at, end, broken = 0, len(payload), 0
    while at + HEADER + len(FOOTER) <= end:
        stop = at + int.from_bytes(payload[at : at + 2], "big")
        if stop < at + HEADER + len(FOOTER) or payload[stop - 4 : stop] != FOOTER:
            broken += 1
            following = payload.find(FOOTER, at)
            if following < 0:
                return found, broken
            at = following + len(FOOTER)
            continue
        of_day_ns = int.from_bytes(payload[at + 5 : at + 8], "big") * _TICK_NS
        found.append(Frame(of_day_ns, payload[at + HEADER : stop - len(FOOTER)]))
        at = stop
    return found, broken + int(at != end)


def is_final(payload: bytes) -> bool:
    """Whether the first frames follow one another as their lengths say."""
    found, broken = frames(payload[:4096])
    first = int.from_bytes(payload[:2], "big")
    whole = first <= len(payload) and payload[first - 4 : first] == FOOTER and first >= HEADER + 7
    return whole and len(found) > broken
