"""A notice as the watch keeps it: what it closes, for how long, who issued it, when it was published.

`feeds.notices_read` makes these from decoded notices; nothing here knows how a NOTAM is spelt,
except for the few words that tell a closure from the thousand other things a notice may say.
"""

from __future__ import annotations

import re
from math import inf
from typing import Final

import msgspec

from windhover.schema.cases import Words
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD, NS_PER_H
from windhover.watch.traits import WHOLE_FIR_NM, Kind, Traits, at_night

# Code letters 2 and 3 (subject) → kind, and letters 4 and 5 (condition) that close it.
_SUBJECT: Final[dict[str, tuple[Kind, tuple[str, ...]]]] = {
    "RT": ("restriction", ("CA",)),
    "RR": ("restriction", ("CA",)),
    "RP": ("restriction", ("CA",)),
    "AF": ("restriction", ("LC", "LP")),
    "AC": ("restriction", ("LC", "LP")),
    "RD": ("danger area", ("CA",)),
    "RM": ("danger area", ("CA",)),
    "FA": ("aerodrome closed", ("LC",)),
}
_RESTRICTS: Final = re.compile(
    r"TEMPORARY FLIGHT RESTRICTION|SPECIAL SECURITY INSTRUCTION|NATIONAL DEFENSE AIRSPACE"
    r"|FLIGHT OPERATIONS[^.]{0,120}PROHIBITED|PROHIBITED FROM OPERATING|AIRSPACE (?:IS )?(?:CLSD|CLOSED)"
)
_SECURITY: Final = re.compile(
    r"NATIONAL DEFEN[CS]E|SPECIAL SECURITY|NATIONAL SECURITY|MILITARY ACTIVITY|SEGURIDAD NACIONAL"
)
_SECURITY_RULES: Final = ("14 CFR 99.7", "49 USC 40103")


def kind_of_code(q_code: str) -> Kind:
    """The kind that a code of five letters alone tells: 'QRTCA' → restriction."""
    kind, closing = _SUBJECT.get(q_code[1:3], ("", ()))
    return kind if q_code[3:] in closing else ""


class Shape(msgspec.Struct, frozen=True):
    """One drawn area: a ring, or a circle, with its height band in the notice's own words."""

    ring: tuple[Point, ...]
    centre: Point | None
    radius_m: float | None
    lower: str
    upper: str
    excluded: bool = False
    uncertain: tuple[str, ...] = ()


class Closure(msgspec.Struct, frozen=True):
    """One version of one notice. Times are UTC nanoseconds; None = not stated."""

    key: str  # what two versions of the same notice share: issuer and number
    number: str
    refers: str  # key of the notice that it replaces or cancels
    form: str  # N, R, C, FDC, DOM, XML
    issuer: str  # "FAA", or the office that the Q-line's FIR belongs to
    country: str  # of the issuer, ISO 3166 alpha-2; "" = not known
    q_code: str
    firs: tuple[str, ...]
    places: tuple[str, ...]  # item A
    published_ns: int | None
    from_ns: int | None
    to_ns: int | None
    permanent: bool
    estimated: bool
    intervals: int  # of item D; 0 = none
    lower: str
    upper: str
    upper_fl: float | None
    radius_nm: float | None
    centre: Point | None
    shapes: tuple[Shape, ...]
    legal_basis: str
    text: str  # item E
    raw: str
    plain: Words
    warnings: tuple[str, ...]
    traffic: str = ""  # item Q: I, V, IV
    exercise: bool = False
    draft: bool = False

    @property
    def kind(self) -> Kind:
        """Which closures it is compared with; empty for everything that closes nothing."""
        if self.form == "C":
            return ""
        found = kind_of_code(self.q_code)
        if found:
            return found
        if self.form in ("FDC", "XML") and self.legal_basis.startswith(
            ("14 CFR 91.1", "14 CFR 99")
        ):
            return "restriction"
        return "restriction" if _RESTRICTS.search(self.text) else ""

    @property
    def security(self) -> bool:
        """Whether its own words order it for national security or defence."""
        named = any(rule in self.legal_basis for rule in _SECURITY_RULES)
        return named or _SECURITY.search(self.text) is not None


def traits_of(
    closure: Closure, earlier_here: int | None = None, announced_ns: int | None = None
) -> Traits:
    """What of it can be compared. A radius of 999 NM stands for a whole region and is kept so.

    `announced_ns` is the publication of the first notice of a chain. What replaces a notice that is
    not known was announced by that one: then neither lead nor hour are known.
    """
    duration_h = lead_h = None
    if closure.from_ns is not None:
        if closure.to_ns is not None:
            duration_h = (closure.to_ns - closure.from_ns) / NS_PER_H
        elif closure.permanent:
            duration_h = inf
    published = announced_ns
    if published is None and closure.form != "R":
        published = closure.published_ns
    if published is not None and closure.from_ns is not None:
        lead_h = (closure.from_ns - published) / NS_PER_H
    night = None
    if published is not None and closure.centre is not None:
        night = at_night(published, closure.centre.longitude_rad * DEG_PER_RAD)
    radius = closure.radius_nm
    return Traits(
        duration_h,
        None if radius is None else min(radius, WHOLE_FIR_NM),
        closure.upper_fl,
        lead_h,
        night,
        earlier_here,
        closure.security,
    )
