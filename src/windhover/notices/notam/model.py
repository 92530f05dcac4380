"""What a notice says, as read: every reading beside the words it came from.

Offsets: `spans` of a `Notam` index its `raw`; the span of an `Area` or of a `Limit` read in the
free text indexes `item_e`. Angles are radians, times UTC nanoseconds, heights metres. The structs
hold no cycles, so the garbage collector need not follow them (`gc=False`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from windhover.schema.place import Point

Kind = Literal["N", "R", "C", "FDC", "DOM", "XML", ""]


class Span(NamedTuple):
    """Half-open range of characters."""

    start: int
    end: int


new_span: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)
"""A span of (start, end) by one call in C: a text has ten of them."""


class Limit(msgspec.Struct, frozen=True, gc=False):
    """One vertical limit, as written and in metres of its own datum."""

    text: str
    datum: Literal["SFC", "AMSL", "AGL", "STD", "UNL", ""]  # "" = the words do not tell
    metres: float | None  # above the datum; None for SFC (0 above ground) and UNL


class QLine(msgspec.Struct, frozen=True, gc=False):
    """Item Q decoded. What the line leaves out is None or empty, and a warning says so."""

    fir: str
    code: str  # five letters with their Q
    traffic: str
    purpose: str
    scope: str
    lower_fl: int | None
    upper_fl: int | None
    centre: Point | None
    radius_nm: int | None


class Area(msgspec.Struct, frozen=True, gc=False):
    """A piece of airspace that the free text draws, with its own height band where it has one.

    A circle keeps centre and radius and has no ring; arcs are drawn out as corners not farther
    apart than 5°. `excluded` is airspace the text takes out again. `uncertain` names every stretch
    that the words do not fix (along a border, a river, an arc without its direction).
    """

    kind: Literal["circle", "polygon", "corridor", "line", "point"]
    ring: tuple[Point, ...]
    centre: Point | None
    radius_m: float | None
    lower: Limit | None
    upper: Limit | None
    own_limits: bool  # False: the limits are those of items F and G
    name: str
    excluded: bool
    uncertain: tuple[str, ...]
    span: Span
    holes: tuple[tuple[Point, ...], ...] = ()


class Notam(msgspec.Struct, frozen=True, gc=False):
    """One notice read, or the precise reason why not (`ok` False, `error` says which)."""

    raw: str
    id: str  # "A1234/26"; empty where the text has none
    kind: Kind
    refers: str  # the number that it replaces or cancels
    ok: bool
    error: str
    q: QLine | None
    item_a: tuple[str, ...]
    item_b: str
    item_c: str
    item_d: str
    item_e: str
    item_f: str
    item_g: str
    from_ns: int | None
    to_ns: int | None  # None = permanent or unknown, `permanent` tells
    permanent: bool
    estimated: bool
    lower: Limit | None
    upper: Limit | None
    intervals: tuple[tuple[int, int | None], ...]  # when it is in force, UTC; None = no end
    schedule_ok: bool  # item D, where there is one, was understood to the last word
    areas: tuple[Area, ...]
    parts: tuple[int, int]  # (1, 1) for a whole notice; (1, 2) for a part whose others are missing
    exercise: bool
    draft: bool
    legal_basis: str  # "14 CFR 99.7" where an FAA text names it
    warnings: tuple[str, ...]
    spans: dict[str, Span]
    account: str = ""  # FAA: the accountability before the number, "FDC" or "OKC"

    @property
    def series(self) -> str:
        """Letter or letters before the number."""
        return self.id[: len(self.id) - len(self.id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]

    @property
    def number(self) -> int | None:
        """The number between series and year."""
        digits = self.id[len(self.series) :].partition("/")[0]
        return int(digits) if digits.isdigit() else None

    @property
    def year(self) -> int | None:
        """Four figures, from the two behind the slash; FAA domestic numbers have none."""
        tail = self.id.partition("/")[2]
        if self.kind in ("FDC", "DOM") or not tail.isdigit():
            return None
        return int(tail) if len(tail) == 4 else 2000 + int(tail)
