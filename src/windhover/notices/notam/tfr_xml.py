"""The FAA's TFR detail files (XNOTAM-Update XML) → the same areas and limits as from words.

Positions are decimal degrees with their letter ("33.50390442N"); `abdMergedArea` is the outline
that counts, circles of `aseShapes` only where there is none. Documents with a DOCTYPE or entities
are refused before they are parsed.
"""

from __future__ import annotations

from itertools import islice
from math import pi
from typing import Literal, NamedTuple
from xml.etree import ElementTree

from windhover.errors import BadInput, WindhoverError
from windhover.notices.notam.model import Area, Limit, Span
from windhover.schema.place import Point
from windhover.timescale import from_iso
from windhover.units import M_PER_FLIGHT_LEVEL, M_PER_FT, M_PER_NM, NS_PER_H

LARGEST = 160_000
"""Characters; real files hold 5,000 to 100,000."""
_MOST_TAGS = 16_000
_MOST_AREAS = 60
_LONGEST_WORDS = 24_000
_ZONES_H = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
            "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10}  # fmt: skip


class TfrFile(NamedTuple):
    """One TFR file read."""

    number: str  # "6/2233"
    facility: str
    from_ns: int | None
    to_ns: int | None
    legal: str
    words: str
    areas: tuple[Area, ...]
    intervals: tuple[tuple[int, int | None], ...]
    doubts: tuple[str, ...]


def read(text: str) -> TfrFile:
    """Raises `BadInput` where it is not such a file."""
    if len(text) > LARGEST or text.count("<") > _MOST_TAGS or "<!" in text.replace("<!--", ""):
        raise BadInput("This XML is too large or carries a document type; it is not parsed.")
    try:
        root = ElementTree.fromstring(text.strip().encode())
    except (ElementTree.ParseError, ValueError) as broken:
        raise BadInput(f"This is not well-formed XML: {broken}.") from None
    elements = list(root.iter())
    for element in elements:
        if "}" in element.tag:
            element.tag = element.tag.rpartition("}")[2]
    groups = list(root.iter("TFRAreaGroup"))[:60]
    for nest in (groups, [area for group in groups for area in group.iter("abdMergedArea")]):
        _refuse_nested(nest, len(elements))
    number = _text(root, "txtLocalName") or _text(root, "noSeqNo")
    if not groups and not number:
        raise BadInput("This XML is not an FAA TFR: it has no number and no area.")
    try:
        from_ns = _when(root, "dateEffective", "codeTimeZone")
        to_ns = _when(root, "dateExpire", "codeExpirationTimeZone")
        intervals, doubts = _schedule(root, groups, from_ns, to_ns)
        return TfrFile(
            number,
            _text(root, "codeFacility"),
            from_ns,
            to_ns,
            _text(root, "codeType"),
            " ".join(
                _text(root, "txtDescrPurpose", "txtDescrTraditional", "txtDescr")[
                    :_LONGEST_WORDS
                ].split()
            ),
            tuple(islice((area for group in groups for area in _areas(group)), _MOST_AREAS)),
            intervals,
            doubts,
        )
    except (ValueError, WindhoverError) as wrong:
        raise BadInput(f"This TFR has a value that cannot be read: {wrong}") from None


def _schedule(
    root: ElementTree.Element,
    groups: list[ElementTree.Element],
    from_ns: int | None,
    to_ns: int | None,
) -> tuple[tuple[tuple[int, int | None], ...], tuple[str, ...]]:
    """(intervals, doubts): the `ScheduleGroup`s of all areas where they say more than the file's
    own first and last moment.
    """
    whole = ((from_ns, to_ns),) if from_ns is not None else ()
    zone = _ZONES_H.get((_text(root, "codeTimeZone") or "UTC").upper(), 0) * NS_PER_H
    told: list[frozenset[tuple[int, int]]] = []
    for group in groups:
        own = set()
        for schedule in islice(group.iter("ScheduleGroup"), _MOST_AREAS):
            if _child(schedule, "isTimeSeparate").upper() == "TRUE":
                return whole, (_DAILY,)
            start, end = _child(schedule, "dateEffective"), _child(schedule, "dateExpire")
            if start and end:
                own.add((from_iso(start) - zone, from_iso(end) - zone))
        told.append(frozenset(own))
    every = sorted(frozenset().union(*told))
    if not every:
        return whole, ()
    return tuple(every), (_OWN_TIMES,) if len(set(told)) > 1 else ()


_OWN_TIMES = "areas of this file have times of their own; the intervals are those of all"
_DAILY = "the file's days and hours are not read: the interval runs from first to last"


def _refuse_nested(parts: list[ElementTree.Element], total: int) -> None:
    """Areas within areas would be looked through again and again; no real file has them."""
    visited = 0
    for part in parts:
        for _ in part.iter():
            visited += 1
            if visited > total:
                raise BadInput("This TFR has areas inside areas.")


def _child(node: ElementTree.Element, tag: str) -> str:
    """Words of a direct child."""
    return (node.findtext(tag) or "").strip()


def _text(node: ElementTree.Element, *tags: str) -> str:
    for tag in tags:
        for found in node.iter(tag):
            if found.text and found.text.strip():
                return found.text.strip()
    return ""


def _when(root: ElementTree.Element, tag: str, zone_tag: str) -> int | None:
    words = _text(root, tag)
    if not words:
        return None
    zone = (_text(root, zone_tag) or _text(root, "codeTimeZone") or "UTC").upper()
    return from_iso(words) - _ZONES_H.get(zone, 0) * NS_PER_H


def _point(node: ElementTree.Element, lat: str = "geoLat", lon: str = "geoLong") -> Point:
    values = []
    for words in (_child(node, lat), _child(node, lon)):
        value = float(words[:-1]) if words[-1:].isalpha() else float(words)
        values.append(-value if words[-1:] in ("S", "W") else value)
    if not (abs(values[0]) <= 90 and abs(values[1]) <= 180):
        raise BadInput(f"{values} is not a position.")
    return Point(values[0] * pi / 180, values[1] * pi / 180)


def _limit(group: ElementTree.Element, end: Literal["Upper", "Lower"]) -> Limit | None:
    value, unit = _text(group, f"valDistVer{end}"), _text(group, f"uomDistVer{end}").upper()
    code = _text(group, f"codeDistVer{end}").upper()
    if not value:
        return None
    figure = float(value)
    if figure == 0 and end == "Lower":
        return Limit("SFC", "SFC", None)
    if figure >= 99_999 or unit == "UNL":
        return Limit("UNL", "UNL", None)
    if unit == "FL":
        return Limit(f"FL{round(figure):03d}", "STD", figure * M_PER_FLIGHT_LEVEL)
    datum: Literal["AGL", "STD", "AMSL"] = (
        "AGL" if code == "HEI" else "STD" if code == "STD" else "AMSL"
    )
    metres = figure if unit == "M" else figure * M_PER_FT
    return Limit(f"{value}{unit or 'FT'} {code}", datum, metres)


def _areas(group: ElementTree.Element) -> list[Area]:
    lower, upper = _limit(group, "Lower"), _limit(group, "Upper")
    name = _text(group, "txtName")
    out: list[Area] = []
    for merged in group.iter("abdMergedArea"):
        ring = [_point(avx) for avx in merged.iter("Avx")]
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
        if len(ring) >= 3 and len(out) < _MOST_AREAS:
            out.append(
                Area(
                    "polygon",
                    tuple(ring),
                    None,
                    None,
                    lower,
                    upper,
                    True,
                    name,
                    False,
                    (),
                    Span(0, 0),
                )
            )
    if out:
        return out
    for avx in group.iter("Avx"):
        if len(out) == _MOST_AREAS:
            break
        if _child(avx, "codeType") == "CIR":
            unit = _child(avx, "uomRadiusArc").upper()
            per = {"NM": M_PER_NM, "KM": 1000.0, "M": 1.0, "FT": M_PER_FT}.get(unit, M_PER_NM)
            radius_m = float(_child(avx, "valRadiusArc") or "0") * per
            centre = _point(avx)
            out.append(
                Area(
                    "circle", (), centre, radius_m, lower, upper, True, name, False, (), Span(0, 0)
                )
            )
    return out
