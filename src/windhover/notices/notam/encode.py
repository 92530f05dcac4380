"""A restriction → the text of an ICAO NOTAM (Annex 15; Doc 8126 part III, ch. 3).

What has no number of the competent authority is a draft and says so in its first line. An exercise
says so in every line: no line of it, torn out, reads as a real notice or parses as one.
"""

from __future__ import annotations

from math import pi
from typing import Literal

import msgspec

from windhover.errors import BadInput
from windhover.notices.notam import words
from windhover.notices.notam.geodesic import distance_m
from windhover.schema.cases import Volume
from windhover.schema.place import Point
from windhover.timescale import to_notam
from windhover.units import M_PER_NM, NS_PER_MIN

DRAFT_HEADER = "DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM"
EXERCISE_HEADER = "EXERCISE / EJERCICIO"
_EXERCISE = "EXERCISE "  # before every line
EXERCISE_WORDS = "EXERCISE EXERCISE EXERCISE / EJERCICIO."

CANCELLING = ("AK", "AL", "AO", "CC", "CN", "HV", "TT", "XX")
"""What letters 4 and 5 of a NOTAMC's code may be (ICAO Doc 8126, item Q; OPADD 2.3)."""

# States whose locations share only their first letter; their several FIRs become K + XXX.
_ONE_LETTER_STATES = "CKYZ"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """All that a NOTAM says. Without `number` it is nobody's NOTAM yet."""

    fir: str  # one or several, "KZAB" or "KZAB KZHU"
    volume: Volume | None  # None only for a cancellation
    from_ns: int
    to_ns: int | None  # None = permanent; not used by a cancellation
    reason_words: str
    kind: Literal["N", "R", "C"] = "N"
    number: str = ""  # of the authority, "A0123/26"; empty = not issued
    replaces: str = ""  # the number replaced (R) or cancelled (C)
    qcode: str = "QRTCA"
    traffic: str = "IV"
    purpose: str = "BO"
    scope: str = "W"
    estimated: bool = False
    schedule: str = ""  # item D, as written
    exercise: bool = False
    excludes: str = ""  # "MEXICAN": whose airspace the polygon leaves out
    border_sigma_m: float | None = None  # how far the line that clipped the polygon may be off
    exemptions: tuple[str, ...] = ()
    item_a: str = ""  # empty = the FIR
    seconds_decimals: int = 0  # of the coordinates in item E


class QCircle(msgspec.Struct, frozen=True):
    """Centre and radius of the Q-line, covering the whole volume."""

    centre: str
    radius_nm: int


def covering_circle(volume: Volume) -> QCircle:
    """The Q-line's circle: centre to the minute, radius up to the nautical mile that covers all.

    The farthest place of a polygon from any centre is one of its corners, so corners suffice.
    """
    if volume.centre is not None and volume.radius_m is not None:
        text, at = words.q_centre(volume.centre)
        reach_m = volume.radius_m + _apart_m(at, volume.centre)
    else:
        text, at = words.q_centre(_middle(volume.polygon))
        reach_m = max(_apart_m(at, corner) for corner in volume.polygon)
    return QCircle(text, min(999, max(1, int(-(-(reach_m / M_PER_NM - 1e-6) // 1)))))


def encode(draft: Draft) -> str:
    """The NOTAM's text, lines of at most 68 characters (exercise: 77), ending without newline.

    Raises `BadInput` where the draft contradicts itself; `check.refusals` lists every reason.
    """
    _refuse(draft)
    head = f"{draft.number} NOTAM{draft.kind}".strip()
    if draft.kind != "N":
        head += f" {draft.replaces}"
    firs = draft.fir.split()
    width = words.LINE_WIDTH - (len(_EXERCISE) if draft.exercise else 0)
    lines = [
        f"({head}",
        "Q) " + q_line(draft),
        f"A) {draft.item_a or ' '.join(firs)} " + _times(draft),
    ]
    if draft.schedule:
        lines += words.wrap(f"D) {draft.schedule}", width)
    sentences = cancelled_words(draft) if draft.kind == "C" else restriction_words(draft)
    if draft.exercise:
        sentences = f"{EXERCISE_WORDS} {sentences} {EXERCISE_WORDS}"
    lines += words.wrap(f"E) {sentences}", width)
    if draft.kind != "C" and draft.volume is not None:
        lines.append(
            f"F) {words.lower_limit(draft.volume.lower_altitude_amsl_m)} "
            f"G) {words.upper_limit(draft.volume.upper_altitude_amsl_m)}"
        )
    lines[-1] += ")"
    return "\n".join(mark(lines, issued=bool(draft.number), exercise=draft.exercise))


def mark(lines: list[str], *, issued: bool, exercise: bool) -> list[str]:
    """The same lines with the header and prefixes that what is not a real notice must carry."""
    if not issued:
        lines = [DRAFT_HEADER, *lines]
    if exercise:
        lines = [EXERCISE_HEADER, *(_EXERCISE + line for line in lines)]
    return lines


def q_line(draft: Draft) -> str:
    """Item Q without its letter."""
    limits = "000/999"
    place = ""
    if draft.volume is not None:
        circle = covering_circle(draft.volume)
        limits = (
            f"{words.q_lower(draft.volume.lower_altitude_amsl_m)}/"
            f"{words.q_upper(draft.volume.upper_altitude_amsl_m)}"
        )
        place = f"{circle.centre}{circle.radius_nm:03d}"
    code = draft.qcode
    if draft.kind == "C" and code[3:] not in CANCELLING:
        code = f"{code[:3]}CN"
    return "/".join(
        [q_fir(draft.fir), code, draft.traffic, draft.purpose, draft.scope, limits, place]
    )


def q_fir(fir: str) -> str:
    """One FIR as it is; several as the issuing state's letters filled up with X (Doc 8126)."""
    firs = fir.split()
    if len(firs) == 1:
        return firs[0]
    letters = 1 if firs[0][0] in _ONE_LETTER_STATES else 2
    return firs[0][:letters] + "X" * (4 - letters)


def area_words(volume: Volume, seconds_decimals: int = 0) -> str:
    """'A CIRCLE RADIUS 10NM CENTRED ON …' or 'AN AREA BOUNDED BY … TO POINT OF ORIGIN'.

    A circle's radius grows by as much as its centre moved in rounding, so that it still covers.
    """
    if volume.centre is not None and volume.radius_m is not None:
        grown_m = volume.radius_m + words.moved_m(volume.centre, seconds_decimals)
        return (
            f"A CIRCLE RADIUS {words.radius(grown_m)} CENTRED ON "
            f"{words.position(volume.centre, seconds_decimals)}"
        )
    corners = [words.position(corner, seconds_decimals) for corner in volume.polygon]
    return f"AN AREA BOUNDED BY {' - '.join([*corners, corners[0]])}"


def restriction_words(draft: Draft) -> str:
    """Item E of a restriction: what, where, how high, why, who may still fly."""
    assert draft.volume is not None
    lower = words.lower_limit(draft.volume.lower_altitude_amsl_m)
    upper = words.upper_limit(draft.volume.upper_altitude_amsl_m)
    parts = [
        f"TEMPORARY RESTRICTED AREA WI {area_words(draft.volume, draft.seconds_decimals)}, "
        f"{lower} TO {upper}."
    ]
    if draft.excludes:
        parts.append(f"EXCLUDING {plain_ascii(draft.excludes)} AIRSPACE ({_border_words(draft)}).")
    if draft.reason_words:
        parts.append(f"{plain_ascii(draft.reason_words).rstrip('.')}.")
    parts.append("ACFT SHALL NOT ENTER.")
    if draft.exemptions:
        names = ", ".join(plain_ascii(name) for name in draft.exemptions)
        parts.append(f"EXEMPT ON ATC CLEARANCE WITH THE HAZARD TOLD TO THE CREW: {names}.")
    return " ".join(parts)


def cancelled_words(draft: Draft) -> str:
    """Item E of a cancellation."""
    return f"{draft.replaces} CANCELLED. {plain_ascii(draft.reason_words).rstrip('.')}.".replace(
        " .", ""
    )


def plain_ascii(text: str) -> str:
    """Upper-case letters of the AFTN's alphabet (ITA-2): accents dropped, brackets kept."""
    table = str.maketrans("ÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÎÔÛÄËÏÖ–—;", "AEIOUUNCAEIOUAEIOUAEIO--,")
    folded = text.upper().translate(table)
    return " ".join("".join(c if " " <= c <= "Z" else " " for c in folded).split())


def _border_words(draft: Draft) -> str:
    assert draft.volume is not None
    if draft.volume.radius_m is not None:
        return "BORDER NOT DRAWN HERE"
    if draft.border_sigma_m is None:
        return "CLIPPED AT THE BORDER, ACCURACY OF THE LINE UNKNOWN"
    return f"CLIPPED AT THE BORDER, LINE ACCURATE TO {round(draft.border_sigma_m)}M"


def _times(draft: Draft) -> str:
    start_ns = draft.from_ns // NS_PER_MIN * NS_PER_MIN
    text = f"B) {to_notam(start_ns)}"
    if draft.kind == "C":
        return text
    if draft.to_ns is None:
        return f"{text} C) PERM"
    end_ns = -(-draft.to_ns // NS_PER_MIN) * NS_PER_MIN
    return f"{text} C) {to_notam(end_ns)}{' EST' if draft.estimated else ''}"


def _apart_m(a: Point, b: Point) -> float:
    return distance_m(a.latitude_rad, a.longitude_rad, b.latitude_rad, b.longitude_rad)


def _middle(polygon: tuple[Point, ...]) -> Point:
    """Middle of the corners' bounding box, longitudes told from the first: right across 180° too."""
    first = polygon[0].longitude_rad
    east = [(p.longitude_rad - first + pi) % (2 * pi) - pi for p in polygon]
    north = [p.latitude_rad for p in polygon]
    middle = first + (min(east) + max(east)) / 2
    return Point((min(north) + max(north)) / 2, (middle + pi) % (2 * pi) - pi)


def _refuse(draft: Draft) -> None:
    if draft.exercise and draft.number:
        raise BadInput("An exercise cannot carry an authority's number.")
    if draft.kind != "N" and not draft.replaces:
        raise BadInput(f"A NOTAM{draft.kind} must name the notice it replaces or cancels.")
    if draft.kind != "C":
        if draft.volume is None:
            raise BadInput("A restriction needs a volume.")
        if draft.to_ns is not None and draft.to_ns <= draft.from_ns:
            raise BadInput("The end is not after the start.")
        if draft.to_ns is None and draft.estimated:
            raise BadInput("A permanent notice cannot have an estimated end.")
    if not draft.fir.split():
        raise BadInput("No FIR is named.")
