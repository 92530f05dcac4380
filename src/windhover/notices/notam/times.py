"""Items B and C: ten figures YYMMDDHHMM in UTC, PERM, EST, WIE, UFN, and what people write instead.

Source: ICAO Doc 8126, part III, ch. 3. Times are nanoseconds since 1970, UTC. 2400 is the midnight
that ends the day named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple

from windhover.units import NS_PER_MIN

NS_PER_DAY = 1440 * NS_PER_MIN
_EPOCH_DAY = date(1970, 1, 1).toordinal()
MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9,
    "OCT": 10, "NOV": 11, "DEC": 12,
    "ENE": 1, "FEV": 2, "ABR": 4, "AVR": 4, "MAI": 5, "AGO": 8, "AOU": 8, "SET": 9, "OUT": 10,
    "OKT": 10, "DIC": 12, "DEZ": 12,
}  # fmt: skip
"""English, Spanish, Portuguese, French and German, by their first three letters."""

_TEN = re.compile(r"\d{10}")
_LOOSE = re.compile(r"(?:20)?(\d{2})[\s./-]?(\d{2})[\s./-]?(\d{2})[\sT-]?(\d{2}):?(\d{2})")
_WORDS = re.compile(r"(\d{1,2})\s?([A-Z]{3})[A-Z]*\s?(?:20)?(\d{2})[\s,]+(\d{2}):?(\d{2})")


class When(NamedTuple):
    """One of items B and C, read."""

    time_ns: int | None
    estimated: bool
    permanent: bool
    immediate: bool
    problem: str


_when: Callable[[tuple[int | None, bool, bool, bool, str]], When] = partial(tuple.__new__, When)


@lru_cache(maxsize=8192)
def day_ns(year: int, month: int, day: int) -> int | None:
    """Midnight at the start of a civil day; None where the calendar has no such day."""
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * NS_PER_DAY
    except ValueError:
        return None


def civil(time_ns: int) -> date:
    """The UTC date of an instant."""
    return date.fromordinal(time_ns // NS_PER_DAY + _EPOCH_DAY)


@lru_cache(maxsize=4096)
def _midnight(yymmdd: str) -> int | None:
    year = int(yymmdd[:2])
    return day_ns(2000 + year if year < 70 else 1900 + year, int(yymmdd[2:4]), int(yymmdd[4:6]))


def ten_figures(text: str) -> int | None:
    """YYMMDDHHMM → ns; None where it is not a moment. `text` must be ten decimal digits."""
    midnight = _midnight(text[:6])
    minutes = int(text[6:8]) * 60 + int(text[8:10])
    if midnight is None or minutes > 1440 or text[8] > "5":
        return None
    return midnight + minutes * NS_PER_MIN


def read_when(text: str) -> When:
    """The words after `B)` or `C)`, trimmed."""
    if len(text) == 10 and text.isascii() and text.isdigit():
        time_ns = ten_figures(text)
        problem = "" if time_ns is not None else f"{text} is not a date and time"
        return _when((time_ns, False, False, False, problem))
    return _slow(text)


@lru_cache(maxsize=1024)
def _slow(text: str) -> When:
    words = text.upper()[:80]
    estimated = "EST" in words
    if "PERM" in words:
        return When(None, estimated, True, False, "")
    if "UFN" in words or "UNTIL FURTHER" in words:
        return When(None, True, True, False, "")
    if "WIE" in words or "IMMEDIATE" in words:
        return When(None, estimated, False, True, "")
    found = _TEN.search(words.replace(" ", "")) if words[:1].isdigit() else None
    if found and not words.startswith("20" + words[2:4] + "-"):
        digits = found.group()
        compact = "".join(c for c in words if c.isdigit())
        if len(compact) >= 12 and compact.startswith("20") and compact[:12].isdigit():
            twelve = ten_figures(compact[2:12])
            if twelve is not None and len(compact) == 12:
                return When(twelve, estimated, False, False, "")
        time_ns = ten_figures(digits)
        problem = "" if time_ns is not None else f"{digits} is not a date and time"
        return When(time_ns, estimated, False, False, problem)
    named = _WORDS.search(words)
    if named and named.group(2) in MONTHS:
        day, month, year, hour, minute = named.groups()
        return _made(f"{year}{MONTHS[month]:02d}{int(day):02d}{hour}{minute}", estimated)
    loose = _LOOSE.search(words)
    if loose:
        return _made("".join(loose.groups()), estimated)
    if not words.strip(" .)"):
        return When(None, estimated, False, False, "is empty")
    return When(None, estimated, False, False, f"{text[:24]!r} is not a date and time")


def _made(ten: str, estimated: bool) -> When:
    time_ns = ten_figures(ten)
    problem = "" if time_ns is not None else f"{ten} is not a date and time"
    return When(time_ns, estimated, False, False, problem)
