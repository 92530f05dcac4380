"""Texts that hold several notices, notices that came in parts, marks that come before the text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from windhover.notices.notam.envelope import HEADER, compact_number

_PART = re.compile(r"PART (\d{1,2}) OF (\d{1,2})")
_BODY = re.compile(r"(?<![A-Z])E\)\s*")
_END = re.compile(r"(?://\s?)?END PART \d{1,2} OF \d{1,2}(?:\s?//)?")
_MARK = re.compile(r"EXERCISE / EJERCICIO\s*|DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM\s*")
_LINE_MARK = re.compile(r"^EXERCISE ", re.M)
_STARTS = re.compile(
    r"^[ \t]*(?:\(?[A-Z]{1,3}\d{1,5}/\d{2,4}\s+NOTAM[NRC]?\b|!\s?[A-Z]{3,4}\s+\d{1,2}/\d{2,4}\b)",
    re.M,
)


def unmarked(text: str) -> tuple[str, bool, bool]:
    """(text without the marks, is an exercise, is a draft)."""
    start = text.lstrip()[:200]
    exercise = start.startswith("EXERCISE / EJERCICIO")
    draft = "DRAFT, NOT A NOTAM" in start
    if exercise:
        text = _LINE_MARK.sub("", _MARK.sub("", text, count=1))
    if draft:
        text = _MARK.sub("", text, count=1)
    return text, exercise, draft


def joined(text: str) -> tuple[str, int]:
    """Parts of one notice inside one text, made one (bodies behind each other, one F and G), and
    how many there were."""
    heads = list(_heads(text))
    if len(heads) < 2 or "PART" not in text:
        return text, 1
    number = compact_number(heads[0].group(1))
    same = [h for h in heads if compact_number(h.group(1)) == number]
    if len(same) < 2 or len(same) > 40:
        return text, 1
    cuts = [h.start() for h in same] + [len(text)]
    pieces: dict[int, str] = {}  # a part that came twice counts once
    for a, b in itertools.pairwise(cuts):
        found = _PART.search(text, a, b)
        pieces.setdefault(int(found.group(1)) if found else 100 + len(pieces), text[a:b])
    return _merge([pieces[number] for number in sorted(pieces)]), len(pieces)


def _heads(text: str) -> Iterator[re.Match[str]]:
    """Every "A1234/26 NOTAMN", found from the word NOTAM backwards."""
    at = text.find("NOTAM")
    last = -1
    while at >= 0:
        found = HEADER.search(text, max(last, at - 40, 0), at + 40)
        if found and found.group(1) and found.start() > last:
            last = found.end()
            yield found
        at = text.find("NOTAM", at + 5)


def _merge(pieces: list[str]) -> str:
    """Pieces of the same notice in their order → one text."""
    first = pieces[0]
    out, first_tail = _cut_tail(_END.sub(" ", first))
    last_tail = ""
    for piece in pieces[1:]:
        body = _BODY.search(piece)
        words = _END.sub(" ", piece[body.end() :] if body else piece)
        words, tail = _cut_tail(words)
        last_tail = tail or last_tail
        out += "\n" + words.strip()
    last_tail = last_tail or first_tail
    return f"{out}\n{last_tail}" if last_tail else out


def _cut_tail(text: str) -> tuple[str, str]:
    """(text without its items F and G and its trailer, what was cut off)."""
    near = max(0, len(text) - 200)
    cut = text.rfind("F)", near)
    if cut < 0 or text.find("G)", cut) < 0 or text[cut - 1 : cut].isalpha():
        cut = text.rfind("CREATED:", near)
    return (text[:cut], text[cut:].strip()) if cut >= 0 else (text, "")


def join(texts: list[str]) -> list[str]:
    """Texts of one stream: parts of the same number are put together, the rest stay as they are."""
    out: list[str] = []
    waiting: dict[str, list[tuple[int, str]]] = {}
    place: dict[str, int] = {}
    for text in texts:
        found = _PART.search(text[:600])
        head = HEADER.search(text, 0, 400) if found else None
        if not found or not head or not head.group(1) or int(found.group(2)) < 2:
            out.append(text)
            continue
        number = compact_number(head.group(1))
        if number not in waiting:
            waiting[number] = []
            place[number] = len(out)
            out.append(text)
        waiting[number].append((int(found.group(1)), text))
    for number, pieces in waiting.items():
        pieces.sort()
        if len(pieces) > 1:
            out[place[number]] = "\n".join(text for _, text in pieces)
    return out


def several(text: str) -> list[str]:
    """A file of notices in plain text → one text each: at every head, or at blank lines."""
    starts = [m.start() for m in _STARTS.finditer(text)]
    if len(starts) > 1:
        if text[: starts[0]].strip():
            starts[0] = 0
        cuts = [*starts, len(text)]
        pieces = [text[a:b].strip() for a, b in itertools.pairwise(cuts)]
        return [piece for piece in pieces if piece]
    if starts:
        return [text.strip()]
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return blocks or ([text.strip()] if text.strip() else [])
