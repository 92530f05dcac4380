"""Every spelling of a position that notices use, found in free text.

511904N 0004833W · 5119N00048W · N395600E1192100 · 511904.25N-0004833.12W · 51-19-04N 000-48-33W ·
51°19'04"N · N51 19.5 W000 48.5 · 11.5416° N, 43.15° E, with line breaks anywhere between the two
and, where a flattened line broke it, inside a number. Result in radians.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from math import pi
from typing import NamedTuple

from windhover.schema.place import Point

_RAD = pi / 180
_SECOND = pi / 648_000
_JOINT = r"[\s,;/:\-–.]{0,12}(?:LONG?(?:ITUDE)?[\s:.]{0,3})?"

_SEPARATED_MOST = 6000  # characters looked through for spaced-out positions
_KINDS = bytes.maketrans(b"123456789SW\n\r\t", b"000000000NE   ")
_IDLE = b" '\"?.,\xb0\xba"  # what may stand inside a position; typographic marks come as "?"
_ARC_SECONDS = {f"{m:02d}{s:02d}": m * 60 + s for m in range(60) for s in range(61)}

# Each starts with a set of characters, which the regular-expression engine skips to at once; what
# must not stand before it is looked at afterwards.
DIGITS_FIRST = re.compile(
    r"(\d(?<![\d.]\d)\d{3}(?:\d\d)?)(?:[.,](\d{1,4}))?['\"]? ?([NS])"
    + _JOINT
    + r"(\d{5}(?:\d\d)?|\d{4}(?:\d\d)?)(?:[.,](\d{1,4}))?['\"]? ?([EW])(?![A-Z])"
)
LETTER_FIRST = re.compile(
    r"[NS](?<![A-Z].) ?(\d{4}(?:\d\d)?)(?:[.,](\d{1,4}))?"
    + _JOINT
    + r"([EW]) ?(\d{5}(?:\d\d)?|\d{4}(?:\d\d)?)(?:[.,](\d{1,4}))?(?![\d])"
)

_SEP = r"\s?[°º'’′\"”″\-\s:]\s?"
_LAT = rf"(\d{{1,2}})(?:{_SEP}(\d{{1,2}}(?:[.,]\d{{1,6}})?))?(?:{_SEP}(\d{{1,2}}(?:[.,]\d{{1,4}})?))?[°'’′\"”″\s]{{0,3}}"
_LON = rf"(\d{{1,3}})(?:{_SEP}(\d{{1,2}}(?:[.,]\d{{1,6}})?))?(?:{_SEP}(\d{{1,2}}(?:[.,]\d{{1,4}})?))?[°'’′\"”″\s]{{0,3}}"
SEPARATED = re.compile(
    rf"(?<![\w.])(?:{_LAT}([NS]){_JOINT}{_LON}([EW])(?![A-Z])|([NS]) ?{_LAT}{_JOINT}([EW]) ?{_LON})"
)
DECIMAL = re.compile(
    r"(?<![\w.])(\d{1,2}\.\d{1,8})\s?°?\s?([NS])[\s,/]{0,4}(\d{1,3}\.\d{1,8})\s?°?\s?([EW])(?![A-Z\d])"
)
_BROKEN = re.compile(r"\s(?<=\d\s)\s+(?=\d{1,6}(?:\.\d+)?[NSEW])|\s(?<=[NS]\d\d\s)\s+(?=\d{4}E)")
_HINT = re.compile(r"\d[\"'’′”″°º ]{0,3}[NS](?![A-Z0-9])|[NS](?<![A-Z].) ?\d\d?[\s.°\-:]\d")


class Place(NamedTuple):
    """A position found, with the half-open range of its characters."""

    point: Point
    start: int
    end: int


# One call in C: a text of areas has dozens of positions.
_place: Callable[[tuple[Point, int, int]], Place] = partial(tuple.__new__, Place)


def _angle(digits: str, fraction: str | None, cut: int) -> float | None:
    """Degrees of `cut` figures, minutes, perhaps seconds → degrees; None where one overflows."""
    minutes = int(digits[cut : cut + 2])
    if len(digits) - cut == 4:
        seconds = float(f"{digits[cut + 2 :]}.{fraction}") if fraction else int(digits[cut + 2 :])
        if minutes > 59 or seconds >= 61:
            return None
        return int(digits[:cut]) + minutes / 60 + seconds / 3600
    if minutes > 59:
        return None
    if fraction:
        return int(digits[:cut]) + float(f"{minutes}.{fraction}") / 60
    return int(digits[:cut]) + minutes / 60


def find(text: str) -> list[Place]:
    """All positions in `text` in their order."""
    # Every digit as 0, N and S as N, E and W as E, idle marks left out: a text without "0N" and "N0"
    # holds no position, and most notices hold none. Two passes in C spare them the regular expressions.
    kinds = text.encode("latin-1", "replace").translate(_KINDS)
    squeezed = kinds.translate(None, _IDLE)
    if b"0N" not in squeezed and b"N0" not in squeezed:
        return []
    digits_first = b"00N" in squeezed and b"0E" in squeezed
    letter_first = b"N0000" in squeezed
    if digits_first or letter_first:
        if b"0  " in kinds and "  " in text and _BROKEN.search(text):
            return _find_broken(text)
        places = _digits_first(text) if digits_first else []
        if not places and letter_first:
            places = _letter_first(text)
        if places:
            return places
    return _separated(text[:_SEPARATED_MOST]) if _HINT.search(text) else []


def _digits_first(text: str) -> list[Place]:
    places: list[Place] = []
    for found in DIGITS_FIRST.finditer(text):
        lat, lat_part, ns, lon, lon_part, ew = found.groups()
        if lat_part or lon_part or len(lat) != 6 or len(lon) != 7:
            _add(places, lat, lat_part, ns, lon, lon_part, ew, found.start(), found.end())
            continue
        # DDMMSSN DDDMMSSE, four in five: whole seconds by arithmetic alone.
        north, east = _ARC_SECONDS.get(lat[2:]), _ARC_SECONDS.get(lon[3:])
        if north is None or east is None:
            continue
        north += int(lat[:2]) * 3600
        east += int(lon[:3]) * 3600
        if north <= 324_000 and east <= 648_000:
            point = Point(
                -north * _SECOND if ns == "S" else north * _SECOND,
                -east * _SECOND if ew == "W" else east * _SECOND,
            )
            places.append(_place((point, found.start(), found.end())))
    return places


def _letter_first(text: str) -> list[Place]:
    places: list[Place] = []
    for found in LETTER_FIRST.finditer(text):
        lat, lat_part, ew, lon, lon_part = found.groups()
        start = found.start()
        _add(places, lat, lat_part, text[start], lon, lon_part, ew, start, found.end())
    return places


def _pairs(text: str) -> list[Place]:
    """Either spelling: letters may stand first in a text, never in the same list of corners."""
    return _digits_first(text) or _letter_first(text)


def _add(
    places: list[Place],
    lat: str,
    lat_part: str | None,
    ns: str,
    lon: str,
    lon_part: str | None,
    ew: str,
    start: int,
    end: int,
) -> None:
    latitude, longitude = _angle(lat, lat_part, 2), _angle(lon, lon_part, 2 + len(lon) % 2)
    if latitude is not None and longitude is not None and latitude <= 90 and longitude <= 180:
        places.append(
            Place(
                Point(
                    -latitude * _RAD if ns == "S" else latitude * _RAD,
                    -longitude * _RAD if ew == "W" else longitude * _RAD,
                ),
                start,
                end,
            )
        )


def _find_broken(text: str) -> list[Place]:
    """A flattened line break went through a number: close the gaps, find, map the offsets back.

    A gap is only closed where that makes a number of four to seven figures.
    """
    pieces: list[str] = []
    shift: list[tuple[int, int]] = []  # (offset in the mended text, characters left out before it)
    at = out = dropped = 0
    for gap in _BROKEN.finditer(text):
        before, after = text[max(0, gap.start() - 8) : gap.start()], text[gap.end() : gap.end() + 8]
        left = len(before) - len(before.rstrip("0123456789"))
        right = len(after) - len(after.lstrip("0123456789"))
        if not 4 <= left + right <= 7 or left > 5:
            continue
        pieces.append(text[at : gap.start()])
        out += gap.start() - at
        dropped += gap.end() - gap.start()
        shift.append((out, dropped))
        at = gap.end()
    pieces.append(text[at:])

    def original(offset: int) -> int:
        moved = 0
        for where, total in shift:
            if where < offset:
                moved = total
        return offset + moved

    return [
        place._replace(start=original(place.start), end=original(place.end))
        for place in _pairs("".join(pieces))
    ]


def unreadable(words: str) -> str:
    """What is spelled like a position and is none ("1789S 04330W"); empty where nothing is."""
    found = DIGITS_FIRST.search(words) or LETTER_FIRST.search(words)
    return " ".join(found.group().split()) if found else ""


def _number(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0


def _separated(text: str) -> list[Place]:
    places: list[Place] = []
    for found in SEPARATED.finditer(text):
        g = found.groups()
        if g[3] is not None:
            lat, ns, lon, ew = g[0:3], g[3], g[4:7], g[7]
        else:
            ns, lat, ew, lon = g[8], g[9:12], g[12], g[13:16]
        if lat[1] is None or lon[1] is None:
            continue
        latitude = _number(lat[0]) + _number(lat[1]) / 60 + _number(lat[2]) / 3600
        longitude = _number(lon[0]) + _number(lon[1]) / 60 + _number(lon[2]) / 3600
        if latitude <= 90 and longitude <= 180 and _number(lat[1]) < 60 and _number(lon[1]) < 60:
            places.append(
                Place(
                    Point(
                        (-latitude if ns == "S" else latitude) * _RAD,
                        (-longitude if ew == "W" else longitude) * _RAD,
                    ),
                    found.start(),
                    found.end(),
                )
            )
    if places:
        return places
    for found in DECIMAL.finditer(text):
        lat_words, ns, lon_words, ew = found.groups()
        latitude, longitude = float(lat_words), float(lon_words)
        if latitude <= 90 and longitude <= 180:
            places.append(
                Place(
                    Point(
                        (-latitude if ns == "S" else latitude) * _RAD,
                        (-longitude if ew == "W" else longitude) * _RAD,
                    ),
                    found.start(),
                    found.end(),
                )
            )
    return places
