"""A restriction → the text of an FAA Flight Data Center NOTAM (Order JO 7930.2, ch. 7).

The legal basis decides whom it binds and is asked for: 14 CFR 91.137 for hazards on or near the
ground, 99.7 for special security instructions, and the other sections that make flight
restrictions. As with the ICAO form, what has no number of the authority is marked a draft and does
not start with the exclamation mark of an issued one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.errors import BadInput
from windhover.notices.notam import words
from windhover.notices.notam.encode import EXERCISE_WORDS, mark, plain_ascii
from windhover.schema.cases import Volume
from windhover.schema.place import Point
from windhover.timescale import to_notam
from windhover.units import M_PER_FT, NS_PER_MIN

SECTIONS: Final = ("91.137", "91.138", "91.139", "91.141", "91.143", "91.145", "99.7")
"""Sections of 14 CFR that make temporary flight restrictions or special security instructions."""


class FdcDraft(msgspec.Struct, frozen=True, kw_only=True):
    """All that an FDC flight restriction says. Without `number` it is nobody's NOTAM yet."""

    facility: str  # the air route traffic control centre, "ZAB"
    state: str  # "TX"
    city: str  # "EL PASO"
    section: str  # one of SECTIONS
    volume: Volume
    from_ns: int
    to_ns: int | None  # None = until further notice
    reason_words: str
    number: str = ""  # of the authority, "6/2233"; empty = not issued
    estimated: bool = False
    exercise: bool = False
    excludes: str = ""  # "MEXICAN"
    border_sigma_m: float | None = None
    exemptions: tuple[str, ...] = ()
    seconds_decimals: int = 0


def encode_fdc(draft: FdcDraft) -> str:
    """The text, lines of at most 68 characters (exercise: 77), the times at its end.

    Raises `BadInput` where the section is none that restricts flight, or an exercise has a number.
    """
    if draft.section not in SECTIONS:
        raise BadInput(
            f"14 CFR {draft.section} makes no flight restriction.",
            f"It is one of {', '.join(SECTIONS)}.",
        )
    if draft.exercise and draft.number:
        raise BadInput("An exercise cannot carry an authority's number.")
    if draft.to_ns is not None and draft.to_ns <= draft.from_ns:
        raise BadInput("The end is not after the start.")
    head = f"!FDC {draft.number}" if draft.number else "FDC"
    place = f"{plain_ascii(draft.city)}, {draft.state}"
    security = draft.section == "99.7"
    what = "SPECIAL SECURITY INSTRUCTIONS" if security else "TEMPORARY FLIGHT RESTRICTIONS"
    sentences = [
        f"{head} {draft.facility} {draft.state}..AIRSPACE {place}..{what}.",
        EXERCISE_WORDS if draft.exercise else "",
        f"PURSUANT TO 14 CFR SECTION {draft.section}, ACFT FLIGHT OPS ARE PROHIBITED",
        f"WI AN AREA DEFINED AS {_area(draft)} {_heights(draft.volume)}.",
        _excluding(draft),
        f"{plain_ascii(draft.reason_words).rstrip('.')}." if draft.reason_words else "",
        _exempt(draft.exemptions),
        EXERCISE_WORDS if draft.exercise else "",
        _times(draft),
    ]
    lines = words.wrap(" ".join(s for s in sentences if s))
    return "\n".join(mark(lines, issued=bool(draft.number), exercise=draft.exercise))


def _joined(point: Point, decimals: int) -> str:
    return words.position(point, decimals).replace(" ", "")


def _area(draft: FdcDraft) -> str:
    volume, decimals = draft.volume, draft.seconds_decimals
    if volume.centre is not None and volume.radius_m is not None:
        grown_m = volume.radius_m + words.moved_m(volume.centre, decimals)
        return f"{words.radius(grown_m)} RADIUS OF {_joined(volume.centre, decimals)}"
    corners = [_joined(corner, decimals) for corner in volume.polygon]
    return " TO ".join([*corners, "POINT OF ORIGIN"])


def _heights(volume: Volume) -> str:
    lower = words.lower_limit(volume.lower_altitude_amsl_m).replace("AMSL", "MSL")
    upper = words.upper_limit(volume.upper_altitude_amsl_m).replace("AMSL", "MSL")
    return f"{lower}-{upper}"


def _excluding(draft: FdcDraft) -> str:
    if not draft.excludes:
        return ""
    if draft.volume.radius_m is not None:
        how = "BORDER NOT DRAWN HERE"
    elif draft.border_sigma_m is None:
        how = "CLIPPED AT THE BORDER, ACCURACY OF THE LINE UNKNOWN"
    else:
        feet = round(draft.border_sigma_m / M_PER_FT)
        how = f"CLIPPED AT THE BORDER, LINE ACCURATE TO {feet}FT"
    return f"EXCLUDING {plain_ascii(draft.excludes)} AIRSPACE ({how})."


def _exempt(exemptions: tuple[str, ...]) -> str:
    if not exemptions:
        return ""
    names = ", ".join(plain_ascii(name) for name in exemptions)
    return f"EXEMPT ON ATC CLEARANCE WITH THE HAZARD TOLD TO THE CREW: {names}."


def _times(draft: FdcDraft) -> str:
    start = to_notam(draft.from_ns // NS_PER_MIN * NS_PER_MIN)
    if draft.to_ns is None:
        return f"{start}-PERM"
    end = to_notam(-(-draft.to_ns // NS_PER_MIN) * NS_PER_MIN)
    return f"{start}-{end}{'EST' if draft.estimated else ''}"
