"""Where the items of an ICAO NOTAM stand in its text, however it was glued, spaced or flattened.

Items Q to D are found in their order, each letter before a bracket and behind anything but a
letter; inside item E any letter may stand before a bracket, so F and G are looked for from the end
and only count where a vertical limit follows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from windhover.notices.notam.heights import ONE
from windhover.notices.notam.model import Span, new_span

NUMBER = r"(?:[A-Z]{1,3} ?\d{1,5} ?/ ?(?:20)?\d{2}|\d{1,2}/\d{3,4})"
HEADER = re.compile(
    rf"({NUMBER})\s{{0,20}}NOTAM\s?([NRC])?(?![A-Z])(?:\s{{0,20}}({NUMBER}))?|\(?NOTAM([NRC])(?![A-Z])(?:\s({NUMBER}))?"
)
_LOOSE_HEADER = re.compile(rf"(?<![A-Z0-9/])({NUMBER})(?:\s+([NRC])\b)?")
_F = re.compile(rf"(?:^|[^A-Z])F ?\) ?(?=(?:\s|:|ALT)*(?:{ONE}|\d))")
_G = re.compile(
    rf"(?:^|[^A-Z])G ?\)\s{{0,9}}((?:QNH |ALT )?{ONE}|\d[\d ,.]{{0,9}}(?:FT|M)?(?: ?A[MG]S?L)?|[A-Z0-9/ ]{{2,20}}?(?=\s*(?:$|\)|\n|CREATED)))"
)
_PART = re.compile(r"PART (\d{1,2}) OF (\d{1,2})")
_END_PART = re.compile(r"(?://\s?)?END PART \d{1,2} OF \d{1,2}(?:\s?//)?")
_SPACED = re.compile(r"(?<![A-Z])([QABCDEFG]) \)")


LETTERS = ("q", "a", "b", "c", "d", "e", "f", "g")


class Items(NamedTuple):
    """The head, and what stands behind each letter; a letter that is missing has no span."""

    id: str
    kind: str
    refers: str
    part: tuple[int, int]
    spans: dict[str, Span]


def _find(text: str, mark: str, start: int, end: int) -> int:
    """Position of `mark` ("B)") where no letter stands right before it; −1 where there is none."""
    at = text.find(mark, start, end)
    while at > 0 and text[at - 1] > "?" and text[at - 1].isalpha():
        at = text.find(mark, at + 1, end)
    return at


def compact_number(words: str) -> str:
    """'A 1234 / 2026' → 'A1234/26'."""
    number = words.replace(" ", "")
    head, _, year = number.partition("/")
    return f"{head}/{year[-2:]}" if len(year) == 4 and head[:1].isalpha() else number


def split(text: str) -> Items:
    """The items of one notice; whatever is not there is None."""
    length = len(text)
    header = HEADER.search(text, 0, 400)
    if header:
        begin = header.end()
        number = header.group(1) or ""
        kind = header.group(2) or header.group(4) or ""
        refers = header.group(3) or header.group(5) or ""
    else:
        begin, number, kind, refers = 0, "", "", ""
        loose = _LOOSE_HEADER.search(text, 0, 60)
        q_at = _find(text, "Q)", 0, length)
        if loose and (q_at < 0 or loose.start() < q_at):
            begin, number = loose.end(), loose.group(1)
            kind = loose.group(2) or ""
    # `find` in line, six times a text; `_find` only where a letter may stand before the mark.
    q = text.find("Q)", begin)
    if q > 0 and text[q - 1] > "?":
        q = _find(text, "Q)", begin, length)
    if q < 0 and header:
        q = _find(text, "Q)", 0, length)
        begin = 0 if q >= 0 else begin
    after = q if q >= 0 else begin
    a = text.find("A)", after)
    if a > 0 and text[a - 1] > "?":
        a = _find(text, "A)", after, length)
    after = a if a >= 0 else begin
    b = text.find("B)", after)
    if b > 0 and text[b - 1] > "?":
        b = _find(text, "B)", after, length)
    if b < 0 and a >= 0:
        # "B)" before "A)", or no A at all and an A) of a list in item E.
        b = _find(text, "B)", begin, length)
        a = -1 if 0 <= b < a else a
    after = b if b >= 0 else begin
    e = text.find("E)", after)
    if e > 0 and text[e - 1] > "?":
        e = _find(text, "E)", after, length)
    if e < 0:
        e = length
    c = -1
    if b >= 0:
        c = text.find("C)", b, e)
        if c > 0 and text[c - 1] > "?":
            c = _find(text, "C)", b, e)
    after = c if c >= 0 else b if b > begin else begin
    d = text.find("D)", after, e)
    if d > 0 and text[d - 1] > "?":
        d = _find(text, "D)", after, e)
    if b > e:
        b = -1
    last = _without_trailer(text, min(e + 2, length), length)
    f, g, g_span = _limits(text, min(e + 2, length), last)
    part = (1, 1)
    if "PART" in text:
        found = _PART.search(text, begin)
        if found:
            part = (int(found.group(1)), int(found.group(2)))
    e_end = f if f >= 0 else g if g >= 0 else last
    # From the end: each item runs up to the next one that is there.
    spans: dict[str, Span] = {}
    nxt = e if e < length else last
    for letter, at in (("d", d), ("c", c), ("b", b), ("a", a), ("q", q)):
        if at >= 0:
            spans[letter] = new_span((at + 2, nxt if nxt > at else last))
            nxt = at
    if e < length:
        spans["e"] = new_span((e + 2, e_end if e_end > e + 2 else e + 2))
    if f >= 0:
        spans["f"] = new_span((f + 2, g if g >= 0 else last))
    if g_span is not None:
        spans["g"] = g_span
    return Items(
        compact_number(number) if number else "",
        kind,
        compact_number(refers) if refers else "",
        part,
        spans,
    )


def _without_trailer(text: str, start: int, end: int) -> int:
    """Where the notice ends: before "CREATED: … SOURCE: …", closing brackets and white space."""
    near = max(start, end - 80)
    if text.find(":", near, end) >= 0:
        for mark in ("SOURCE:", "CREATED:"):
            at = text.rfind(mark, near, end)
            if at >= 0:
                end = at
    return start + len(text[start:end].rstrip(" \n\r\t)"))


def _limits(text: str, start: int, end: int) -> tuple[int, int, Span | None]:
    """(position of F, position of G, span of G's words); −1 and None where missing."""
    g_at, g_span = -1, None
    at = text.rfind("G)", start, end)
    tries = 0
    while at >= 0 and tries < 4:
        found = _G.match(text, max(at - 1, start))
        if found:
            first, stop = found.span(1)
            if stop > end and "(" not in found.group(1):
                stop = end  # the bracket that closes the notice is not the limit's
            g_at, g_span = at, Span(first, stop)
            break
        at = text.rfind("G)", start, at)
        tries += 1
    limit = g_at if g_at >= 0 else end
    at = text.rfind("F)", start, limit)
    tries = 0
    while at >= 0 and tries < 4:
        found = _F.match(text, max(at - 1, start))
        if found and (g_at < 0 or limit - at < 60):
            return at, g_at, g_span
        at = text.rfind("F)", start, at)
        tries += 1
    return -1, g_at, g_span


def needs_respacing(text: str) -> bool:
    """Whether letters stand apart from their brackets ("Q )")."""
    return _SPACED.search(text) is not None


def respaced(text: str) -> str:
    """'Q ) ' → 'Q) '."""
    return _SPACED.sub(r"\1)", text)


def without_part_marks(words: str) -> str:
    """Item E without 'END PART 1 OF 2'."""
    return _END_PART.sub("", words).strip() if "END PART" in words else words
