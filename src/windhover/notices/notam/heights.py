"""Vertical limits in items F and G and in free text: feet, metres, flight levels, AMSL, AGL.

Source: ICAO Doc 8126 part III ch. 3, items F and G; spellings as met in real texts. A flight level
is kept as metres of standard pressure altitude; nothing here turns one datum into another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from windhover.notices.notam.model import Limit
from windhover.units import M_PER_FLIGHT_LEVEL, M_PER_FT

Datum = Literal["SFC", "AMSL", "AGL", "STD", "UNL", ""]

_UNIT = r"(?:FT|FEET|F(?=\s?A)|M(?:TRS?|ETERS|ETRES|TS)?)\b"
_NUMBER = r"\d{1,3}(?:[ ,]\d{3})+(?!\d)|\d{1,6}(?:\.\d{1,3})?"
_DATUM = r"A?MSL|ALT|A\.?M\.?S\.?L|AGL|ABV GND|ABOVE GROUND|ASFC|AAL|AGND|A?GND(?! ?-)|QNH|STD"
ONE = (
    r"(?:SFC|GND|MSL|SEA LEVEL|GROUND|SURFACE|SOL|SOLO|UNL(?:TD|IM\w*)?|"
    rf"FL\s?\d{{1,3}}(?!\d)|(?:{_NUMBER})\s?{_UNIT}(?:\s?\(?(?:{_DATUM})\b\)?)?)"
)
_ONE = re.compile(ONE)
_PARTS = re.compile(rf"({_NUMBER})\s?({_UNIT})\s?\(?({_DATUM})?")
_LEADING = re.compile(r"[\s:.\-(]*(?:QNH\s*|ALT\s*)?")

# A band: lower, a joint, upper. A value whose unit stands only behind the upper one counts too.
_HALF = rf"(?:{ONE}|(?:{_NUMBER})(?=\s?(?:-|TO|/)\s?(?:{_NUMBER})\s?{_UNIT}))"
BAND = re.compile(
    rf"(?<![\w.])({_HALF})\s?(?:-|–|/|TO|UP TO|AND|TILL?|UNTIL|THRU|HASTA|ATE|\.\.)\s?({ONE})(?![\w]*\s?NM)"
)
BELOW = re.compile(rf"({ONE}) AND BELOW|(?<![A-Z])(?:BELOW|BLW)\s({ONE})")


_UP_TO_STEMS = ("UP TO", "NOT ABOVE", "NOT EXC", "HASTA", "MAX")
_UP_TO = re.compile(
    r"(?:UP TO|NOT ABOVE|NOT EXCEEDING|HASTA|MAX(?:IMUM)? (?:HGT|HEIGHT|ALT(?:ITUDE)?)(?: OF)?:?) "
    rf"(?:(?:AND|BUT NOT) INCL(?:UDING)? )?({ONE})"
)


class Band(NamedTuple):
    """A height band found in free text."""

    lower: Limit
    upper: Limit
    start: int
    end: int


SURFACE = Limit("SFC", "SFC", None)
"""Where only an upper limit is told."""


@lru_cache(maxsize=4096)
def read_limit(text: str) -> Limit | None:
    """'2500FT AMSL', 'FL085', '900M AMSL', 'SFC', 'UNL' → Limit; None where it is none of them."""
    words = text[:60].upper()
    lead = _LEADING.match(words)
    found = _ONE.match(words, lead.end() if lead else 0)
    return limit_of(found.group().rstrip(")")) if found else None


@lru_cache(maxsize=4096)
def limit_of(words: str) -> Limit:
    """One match of `ONE`, worked out."""
    if words.startswith(("SFC", "GND", "GROUND", "SURF", "SOL")):
        return Limit(words, "SFC", None)
    if words.startswith("UNL"):
        return Limit(words, "UNL", None)
    if words in ("MSL", "SEA LEVEL"):
        return Limit(words, "AMSL", 0.0)
    if words.startswith("FL"):
        return Limit(words, "STD", int(words[2:].strip()) * M_PER_FLIGHT_LEVEL)
    parts = _PARTS.match(words)
    if parts is None:
        return Limit(words, "", None)
    number, unit, datum = parts.groups()
    value = float(number.replace(",", "").replace(" ", ""))
    metres = value * M_PER_FT if unit.startswith("F") else value
    return Limit(words, _datum(datum or ""), metres)


def _datum(words: str) -> Datum:
    if words in ("AGL", "ABV GND", "ABOVE GROUND", "ASFC", "AAL", "AGND", "GND"):
        return "AGL"
    if words == "STD":
        return "STD"
    return "AMSL" if words else ""


def find_band(text: str, start: int, end: int) -> Band | None:
    """The first height band in `text[start:end]`; a height told in two datums is not a band."""
    at = start
    while found := BAND.search(text, at, end):
        low_words, high_words = found.groups()
        upper = limit_of(high_words)
        if low_words[0].isdigit() and not low_words[-1].isalpha():
            low_words += "FT" if "F" in high_words else "M"
        lower = limit_of(low_words)
        if not lower.datum and upper.datum in ("AMSL", "AGL"):
            lower = Limit(lower.text, upper.datum, lower.metres)
        if upper.datum != "SFC" and not _same_height_twice(lower, upper):
            return Band(lower, upper, found.start(), found.end())
        at = found.end()
    return None


def find_below(text: str, start: int, end: int) -> Band | None:
    """'BELOW 4000FT AMSL', '3000M AND BELOW': from the surface up to there."""
    if text.find("BELOW", start, end) < 0 and text.find("BLW", start, end) < 0:
        return None
    found = BELOW.search(text, start, end)
    if found is None:
        return None
    upper = limit_of(found.group(1) or found.group(2))
    return Band(SURFACE, upper, found.start(), found.end())


def find_up_to(text: str, start: int, end: int) -> Band | None:
    """'UP TO AND INCLUDING FL180' where no band is told: from the surface up to there."""
    words = text[start:end]
    if not any(map(words.__contains__, _UP_TO_STEMS)):
        return None
    found = _UP_TO.search(text, start, end)
    if found is None:
        return None
    return Band(SURFACE, limit_of(found.group(1)), found.start(), found.end())


def _same_height_twice(lower: Limit, upper: Limit) -> bool:
    """'375FT AGL/800FT AMSL' is one height twice; '310M AMSL-450M AMSL' is a band."""
    if {lower.datum, upper.datum} == {"AGL", "AMSL"}:
        return True
    if lower.metres is None or upper.metres is None or lower.datum != upper.datum:
        return False
    return lower.metres >= upper.metres
