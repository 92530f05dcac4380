"""The words of item D, told apart: times, days, months, weekdays, joints, exceptions.

English and Spanish, with the spellings met in real texts. A word that is none of them stops the
reading and is named.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from windhover.notices.notam.times import MONTHS


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(
    r"(?P<X>(?<!\d)\d{10}(?!\d))|(?P<T>(?<!\d)\d{4}(?!\d)|(?<!\d)\d{1,2}:\d{2}(?!\d))"
    r"|(?P<S>(?:SR|SS|SUNRISE|SUNSET)\b(?:\s?(?:MINUS|PLUS|\+|-(?=\s?\d{2}(?!\d)))\s?(?:\d{4}|\d{1,3})\s?(?:MINS?|MINUTES)?)?)"
    r"|(?P<N>(?<!\d)\d{1,2}(?:ST|ND|RD|TH)?(?!\d))"
    r"|(?P<R>\(?NEXT DAY\)?|\(?FOLLOWING DAY\)?)"
    r"|(?P<H>H24|24H|HJ|HN|H ?24|CONTINUOUS|CONTINUOUSLY|PERM)|(?P<A>[A-Z]+)|(?P<J>\s?[-–/]\s?)|(?P<P>[,;&+])|(?P<Z>[\s.:()]+)|(?P<U>.)",
    re.S,
)
_WEEKDAYS = {
    "MON": 0, "TUE": 1, "WED": 2, "THU": 3, "FRI": 4, "SAT": 5, "SUN": 6,
    "LUN": 0, "MIE": 2, "JUE": 3, "VIE": 4, "SAB": 5, "DOM": 6,
}  # fmt: skip
_DAY_WORDS = re.compile(
    r"(?:MON(?:DAY)?|TUE(?:S|SDAY)?|WED(?:NESDAY)?|THU(?:R|RS|RSDAY)?|FRI(?:DAY)?|SAT(?:URDAY)?|"
    r"SUN(?:DAY)?|LUN(?:ES)?|MIE(?:RCOLES)?|JUE(?:VES)?|VIE(?:RNES)?|SAB(?:ADO)?|DOM(?:INGO)?)S?\Z"
)
_MONTH_WORDS = re.compile(
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUN[E]?|JUL[Y]?|AUG(?:UST)?|"
    r"SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?|ENE(?:RO)?|ABR(?:IL)?|AGO(?:STO)?|"
    r"DIC(?:IEMBRE)?)\Z"
)
_JOINS = _set_of("TO TIL TILL UNTIL THRU THROUGH A HASTA")
_COMMAS = _set_of("AND Y THEN E")
_EVERY = _set_of("DAILY DLY DIARIO EVERYDAY ED")
_IDLE = _set_of(
    "EVERY ON FM FROM BTN BETWEEN UTC Z H HR HRS HOURS THE OF EACH DATES TIMES DAYS DAY DE BY ALL INCL INCLUSIVE AT ONLY EXACT"
)
_EXCEPT = _set_of("EXC EXCEPT EXCEPTING EXCLUDING EXCL EXCEPTO")
_HOLIDAYS = _set_of("HOL HOLS HOLIDAYS HOLIDAY PH PHS PUBLIC BANK LEGAL NATIONAL FESTIVOS")
_SUN_OFFSET = re.compile(r"(MINUS|PLUS|\+|-)\s?(\d{1,4})")


class Token(NamedTuple):
    kind: str  # X T S N M W - , R H E(xc) D(aily) F(estive)
    value: int
    text: str


def clock(text: str) -> int | None:
    hours, minutes = int(text[:-2].rstrip(":")), int(text[-2:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 1440 else None


def tokens_of(text: str) -> tuple[list[Token], str, list[str]]:
    """(tokens, the word that stopped the reading or nothing, notes) of an upper-case item D."""
    tokens: list[Token] = []
    notes: list[str] = []
    for found in _TOKEN.finditer(text):
        kind, words = found.lastgroup or "U", found.group()
        if kind == "Z":
            continue
        value = 0
        if kind == "T":
            minutes = clock(words)
            if minutes is None:
                return [], f"{words} is not a time of day", []
            value = minutes
        elif kind == "S":
            offset = _SUN_OFFSET.search(words)
            if offset:
                figure = offset.group(2)
                size = int(figure) if len(figure) < 4 else int(figure[:2]) * 60 + int(figure[2:])
                value = -size if offset.group(1) in ("MINUS", "-") else size
            words = "SR" if words.startswith(("SR", "SUNR")) else "SS"
        elif kind == "N":
            value = int(words.rstrip("STNDRH"))
            if not 1 <= value <= 31:
                return [], f"{words} is not a day of a month", []
        elif kind == "J":
            kind = "-"
        elif kind == "P":
            kind = ","
        elif kind == "A":
            kind, value = _word(words)
            if kind == "F":
                if not notes:
                    notes.append("public holidays are named but not known here")
            elif kind == "Z":
                continue
        if kind == "U":
            return [], f"{words[:20]!r} is not understood", []
        tokens.append(Token(kind, value, words))
    return tokens, "", notes


def _word(words: str) -> tuple[str, int]:
    if _MONTH_WORDS.match(words):
        return "M", MONTHS[words[:3]]
    if _DAY_WORDS.match(words):
        return "W", _WEEKDAYS[words[:3]]
    for kind, known in (
        ("-", _JOINS), (",", _COMMAS), ("D", _EVERY), ("Z", _IDLE), ("E", _EXCEPT), ("F", _HOLIDAYS),
    ):  # fmt: skip
        if words in known:
            return kind, 0
    return "U", 0
