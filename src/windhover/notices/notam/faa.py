"""FAA domestic and Flight Data Center texts: `!OKC 08/083 OKC TWY A6 CLSD 2508191956-2511282300EST`.

Source: FAA Order JO 7930.2, chapters 4 to 7 (accountability, number, location, keyword, times at
the end, schedule right before them). Bodies that a feed handed over without their head are read as
far as they go and say what they lack.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from windhover.notices.notam.model import Span

_HEAD = re.compile(
    r"\s*!?\s*([A-Z]{3,4})\s+(\d{1,2}/\d{2,4})\s+(?:\(?[A-Z]\d{4}/\d{2}\)?\s+)?(?:([A-Z0-9]{2,4})\b\s*)?"
)
_UNNUMBERED = re.compile(r"\s*()(?:FDC)()\s+([A-Z]{3})\s+(?=[A-Z]{2}\.\.)")
_ENDS = re.compile(
    r"[\s.]*\b(?:WEF |FROM )?(\d{10}|WIE)\s*(?:-|TO|UNTIL|TIL)\s*(\d{10}|PERM|UFN)\s?(EST)?[\s.]*\Z"
)
_ANYWHERE = re.compile(r"\b(\d{10})-(\d{10}|PERM|UFN)\s?(EST)?\b")
_EFFECTIVE = re.compile(
    r"\bEFFECTIVE:? (\d{10})(?: ?UTC)?[^.]{0,60}?(?:UNTIL|TO|THRU|THROUGH) (\d{10}|UFN|PERM)()"
)
_SCHEDULE = re.compile(
    r"(?:^|\s)((?:DLY|DAILY|(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*[\s,\-]*)+)\s*"
    r"(?:(?:\d{4}|SR|SS)\s?-\s?(?:\d{4}|SR|SS)[\s,]*){1,6}(?:\bEXC [A-Z ]{3,30})?)\Z"
)
_CANCELS = re.compile(
    r"\b(?:CANCELED|CANCELLED|CNL|CANCELS?|CNCL)\b(?: BY)?\s*((?:FDC )?\d{1,2}/\d{2,4})?"
)
_REPLACES = re.compile(r"\b(?:REPLACES|REPLACED BY)\s*((?:FDC )?\d{1,2}/\d{2,4})")
_LEGAL = re.compile(
    r"(?:14 ?CFR|TITLE 14(?:,? CODE OF FEDERAL REGULATIONS)?|\bFAR)\W{0,3}(?:SECTIONS?|SEC|PART|\(?SECTION)?\s*"
    r"((?:91|93|99)\.\d{1,4})|(?<![\d.])(91\.1(?:37|38|39|41|43|44|45)|99\.7)(?!\d)|(40103\(B\)\(?3?\)?)"
)
_TOWN = re.compile(
    r"AIRSPACE[ .]{1,4}((?:\d{1,3}NM [NSEW]{1,3} (?:OF )?)?[A-Z][A-Z .'-]{1,40}, ?[A-Z]{2})\b"
)
_KEYWORD = re.compile(
    r"\s*(?:[A-Z0-9]{3,4}\s+)?(RWY|TWY|APRON|AD|OBST|NAV|COM|SVC|AIRSPACE|IAP|ODP|SID|STAR|VFP|DVA|ROUTE|CHART|DATA|"
    r"SPECIAL|SECURITY|FDC|ILS|VOR|PJE|UAS)\b"
)


class FaaText(NamedTuple):
    """One FAA text taken apart; empty strings where the text lacks the thing."""

    account: str
    number: str
    location: str
    body: Span
    schedule: Span | None
    start: str
    end: str
    estimated: bool
    cancels: str
    replaces: str


def looks_like(text: str) -> bool:
    """Whether this is an FAA text: it starts with `!`, or with accountability and number."""
    start = text.lstrip()[:1]
    if start == "!":
        return True
    head = _HEAD.match(text) or _UNNUMBERED.match(text)
    return head is not None and "Q)" not in text[:80]


def is_body(text: str) -> bool:
    """Whether it reads like the body of a US notice whose head and times a feed left off."""
    return _KEYWORD.match(text[:40]) is not None


def split(text: str) -> FaaText:
    """Take an FAA text apart. Never fails: what is not there stays empty."""
    head = _HEAD.match(text) or _UNNUMBERED.match(text)
    account = number = location = ""
    begin = 0
    if head:
        account, number, location = head.group(1), head.group(2), head.group(3) or ""
        account = account or "FDC"
        begin = head.end()
    end = len(text)
    start = stop = ""
    estimated = False
    tail = _ENDS.search(text, max(begin, end - 60))
    if tail:
        start, stop, estimated = tail.group(1), tail.group(2), tail.group(3) is not None
        end = tail.start()
    else:
        for found in (*_EFFECTIVE.finditer(text, begin), *_ANYWHERE.finditer(text, begin)):
            start, stop, estimated = found.group(1), found.group(2), bool(found.group(3))
    schedule = _SCHEDULE.search(text, max(begin, end - 120), end)
    cancel = _CANCELS.search(text, begin, min(end, begin + 60)) if number else None
    replaced = _REPLACES.search(text, begin, end)
    return FaaText(
        account,
        number,
        location,
        Span(begin, end),
        Span(*schedule.span(1)) if schedule else None,
        start,
        stop,
        estimated,
        (cancel.group(1) or number) if cancel else "",
        replaced.group(1) if replaced else "",
    )


def plain_subject(body: str) -> tuple[str, str]:
    """(the code that says the same as a flight restriction's words, its town); empty for other texts."""
    start = body[:240]
    if "FLIGHT RESTRICTION" not in start and "SPECIAL SECURITY INSTRUCTION" not in start:
        return "", ""
    found = _TOWN.search(start)
    return "QRTCA", found.group(1).strip() if found else ""


def legal_basis(text: str) -> str:
    """'14 CFR 99.7; 49 USC 40103(B)(3)': every rule that the words name; empty where they name none."""
    rules: dict[str, None] = {}
    for found in _LEGAL.finditer(text):
        section = found.group(1) or found.group(2)
        rules[f"14 CFR {section}" if section else f"49 USC {found.group(3)}"] = None
    return "; ".join(sorted(rules))
