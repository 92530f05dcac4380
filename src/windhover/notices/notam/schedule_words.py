"""The words of item D, told apart: times, days, months, weekdays, joints, exceptions.

English, Spanish, Portuguese and French, with the spellings met in real texts. A word that is none
of them stops the reading and is named; so does what two offices would read in two ways.
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
    "LUN": 0, "MAR": 1, "MIE": 2, "JUE": 3, "VIE": 4, "SAB": 5, "DOM": 6,
    "SEG": 0, "TER": 1, "QUA": 2, "QUI": 3, "SEX": 4,
    "MER": 2, "JEU": 3, "VEN": 4, "SAM": 5, "DIM": 6,
}  # fmt: skip
_DAY_WORDS = re.compile(
    r"(?:MON(?:DAY)?|TUE(?:S|SDAY)?|WED(?:NESDAY)?|THU(?:R|RS|RSDAY)?|FRI(?:DAY)?|SAT(?:URDAY)?|"
    r"SUN(?:DAY)?|LUN(?:ES|DI)?|MAR(?:TES|DI)|MIE(?:RCOLES)?|JUE(?:VES)?|VIE(?:RNES)?|SAB(?:ADO)?|"
    r"DOM(?:INGO)?|SEG(?:UNDA)?|TER(?:CA)?|QUA(?:RTA)?|QUI(?:NTA)?|SEX(?:TA)?|MER(?:CREDI)?|"
    r"JEU(?:DI)?|VEN(?:DREDI)?|SAM(?:EDI)?|DIM(?:ANCHE)?)S?\Z"
)
_ROMANCE = _set_of("LUN MIE MER JUE JEU VIE VEN SAB SAM DOM DIM")
_MONTH_WORDS = re.compile(
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH|ZO|CO|S)?|APR(?:IL)?|MAY|JUN[E]?|JUL[Y]?|AUG(?:UST)?|"
    r"SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?|ENE(?:RO)?|FEV|ABR(?:IL)?|AVR(?:IL)?|"
    r"MAIO?|AGO(?:STO)?|AOUT?|SET|OUT|OKT|DIC(?:IEMBRE)?|DEZ)\Z"
)
_JOINS = _set_of("TO TIL TILL UNTIL THRU THROUGH A AU HASTA ATE")
_COMMAS = _set_of("AND Y THEN E ET")
_BETWEEN = _set_of("BTN BETWEEN ENTRE")
_EVERY = _set_of("DAILY DLY DIARIO DIARIAMENTE DIARIA EVERYDAY ED QUOTIDIEN")
_IDLE = _set_of(
    """EVERY ON FM FROM UTC Z H HR HRS HOURS THE OF EACH DATES TIMES DAYS DAY DE BY ALL INCL INCLUSIVE
    AT ONLY EXACT DU LE LES LOS TODOS DIAS DIA DAS AS DEL TOUS JOURS"""
)
_EXCEPT = _set_of("EXC EXCEPT EXCEPTING EXCLUDING EXCL EXCEPTO SAUF SALVO")
_HOLIDAYS = _set_of(
    """HOL HOLS HOLIDAYS HOLIDAY PH PHS PUBLIC BANK LEGAL NATIONAL FESTIVOS FERIADOS FERIADO FER
    JF FERIES"""
)
_WEEK = {
    "WEEKDAYS": (0, 4), "WEEKDAY": (0, 4), "WKDAYS": (0, 4), "WKDAY": (0, 4), "WKDS": (0, 4),
    "WEEKEND": (5, 6), "WEEKENDS": (5, 6), "WKEND": (5, 6), "WKENDS": (5, 6),
}  # fmt: skip
_SUN = r"(SR|SS|SUNRISE|SUNSET)\b"
_BESIDE_SUN = re.compile(rf"(\d{{1,3}})\s?MIN(?:UTE)?S?\s+(?:(BEFORE|PRIOR TO)|AFTER)\s+{_SUN}")
_YEAR = re.compile(
    r"(\b[A-Z]{3,9} \d{1,2},?|\b\d{1,2} [A-Z]{3,9}) 20\d\d(?=\s)(?!\s?[-/])|\A20\d\d (?=[A-Z]{3})"
)
_NAMED_ENDS = re.compile(r"W(?:N|NM|MN)-(W)(?=[NM])")  # of kinds of tokens
_TWO_WAYS = (
    (re.compile(r"\d{4}\s?\(\s?\d{4}\s?[-–/]"), "times in brackets behind other times"),
    (re.compile(r"\d(?:ST|ND|RD|TH) (?:AND \d\w\w )?(?:MON|TUE|WED|THU|FRI|SAT|SUN)"),
     "the first, second … weekday of a month"),
    (re.compile(r"(?:\bFM|\bFROM) (?:\d{1,2} ?[A-Z]{3}|[A-Z]{3} ?\d{1,2})\b(?! ?\d{4})(?! ?(?:-|–|TO |TIL|UNTIL|THRU|THROUGH|A |HASTA))"),
     "a first day without a last one"),
)  # fmt: skip
_SUN_OFFSET = re.compile(r"(MINUS|PLUS|\+|-)\s?(\d{1,4})")


class Token(NamedTuple):
    kind: str  # X T S N M W - , R H E(xc) D(aily) F(estive)
    value: int
    text: str


def clock(text: str) -> int | None:
    hours, minutes = int(text[:-2].rstrip(":")), int(text[-2:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 1440 else None


def _told_otherwise(text: str) -> str:
    """The same in the words that the tokens know: "30 MIN BEFORE SR", a year behind a date."""
    if "MIN" in text:
        text = _BESIDE_SUN.sub(
            lambda m: f"{m.group(3)} {'MINUS' if m.group(2) else 'PLUS'} {m.group(1)}", text
        )
    return _YEAR.sub(lambda m: m.group(1) or "", text) if "20" in text else text


def tokens_of(text: str) -> tuple[list[Token], str, list[str]]:
    """(tokens, the word that stopped the reading or nothing, notes) of an upper-case item D."""
    text = _told_otherwise(" ".join(text.split()))
    for pattern, what in _TWO_WAYS:
        if pattern.search(text):
            return [], f"{what}: not understood", []
    tokens: list[Token] = []
    notes: list[str] = []
    between = False
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
            kind, between = "-", False  # "BTN 0330-0430 AND 1130-1230"
        elif kind == "P":
            kind = ","
        elif kind == "A":
            if words in _WEEK:
                first, last = _WEEK[words]
                tokens += (Token("W", first, words), Token("-", 0, "-"))
                kind, value = "W", last
                notes.append("weekdays and weekends were taken as Monday to Friday and the rest")
            else:
                kind, value = _word(words)
            if words in _BETWEEN:
                between = True
            elif kind == "," and between:
                kind, between = "-", False
            if kind == "F":
                if not notes:
                    notes.append("public holidays are named but not known here")
            elif kind == "Z":
                continue
        if kind == "U":
            return [], f"{words[:20]!r} is not understood", []
        tokens.append(Token(kind, value, words))
    problem = _slashed(tokens)
    return ([] if problem else _named_days(tokens)), problem, notes


def _slashed(tokens: list[Token]) -> str:
    """ "10/01", "MON/THU": a range, two days, or a date? Only neighbours are the same either way."""
    for first, joint, last in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if joint.text.strip() == "/" and first.kind == last.kind and first.kind in ("N", "W"):
            step = last.value - first.value
            if step != 1 and not (first.kind == "W" and step == -6):
                return f"{first.text}/{last.text} may be a range or two days"
    return ""


def _named_days(tokens: list[Token]) -> list[Token]:
    """MAR as Tuesday where other Spanish or French days stand; MON 12-FRI 16 without the days' names."""
    kinds = "".join(token.kind for token in tokens)
    idle = {at for m in _NAMED_ENDS.finditer(kinds) for at in (m.start(), m.start(1))}
    romance = any(t.kind == "W" and t.text[:3] in _ROMANCE for t in tokens)
    out: list[Token] = []
    for i, token in enumerate(tokens):
        beside = kinds[max(0, i - 1) : i + 2]
        if romance and token.text == "MAR" and "N" not in beside:
            out.append(Token("W", 1, "MAR"))
        elif i not in idle:
            out.append(token)
    return out


def _word(words: str) -> tuple[str, int]:
    if _MONTH_WORDS.match(words):
        return "M", MONTHS[words[:3]]
    if _DAY_WORDS.match(words):
        return "W", _WEEKDAYS[words[:3]]
    for kind, known in (
        ("-", _JOINS), (",", _COMMAS), ("D", _EVERY), ("Z", _IDLE), ("E", _EXCEPT), ("F", _HOLIDAYS),
        ("Z", _BETWEEN),
    ):  # fmt: skip
        if words in known:
            return kind, 0
    return "U", 0
