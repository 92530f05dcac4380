"""One text → one `Notam`: the reader's front door.

`decode` never raises and never hangs: a text that is not a notice comes back with `ok` False and
the reason in `error`. All readings are worked out here; the plain line is put together from them
(`plain.one_line`).
"""

from __future__ import annotations

from collections.abc import Mapping

from windhover.errors import BadInput
from windhover.notices.notam import envelope, faa, parts, tfr_xml
from windhover.notices.notam.contradict import contradictions
from windhover.notices.notam.fallback import areas_without_positions
from windhover.notices.notam.geometry import read_areas
from windhover.notices.notam.heights import find_band, find_up_to, read_limit
from windhover.notices.notam.intervals import expand
from windhover.notices.notam.model import Kind, Limit, Notam, QLine
from windhover.notices.notam.qline import read_q
from windhover.notices.notam.schedule import parse
from windhover.notices.notam.times import read_when
from windhover.schema.place import Point

LONGEST = 24_000
"""Characters: thirteen full parts stay below it."""
_OTHER_MESSAGES = ("SNOWTAM", "ASHTAM", "BIRDTAM", "METAR", "TAF ", "SIGMET")
Places = Mapping[str, Point]


def decode(text: str, places: Places | None = None) -> Notam:
    """Read one notice. `places` gives positions of aerodromes and navaids that US texts name."""
    if text[:1] in "<\ufeff \n":
        body = text[: tfr_xml.LARGEST + 1].lstrip("\ufeff \r\n\t")
        if body.startswith("<"):
            return _xml(text, body)
    if len(text) > LONGEST:
        return _refused(text[:LONGEST], f"longer than {LONGEST} characters")
    raw = text
    exercise = draft = False
    pieces = 1
    head = text[:200]
    if "EXERCISE" in head or "DRAFT" in head:
        text, exercise, draft = parts.unmarked(text)
    if "PART" in text and text.count("NOTAM") > 1:
        text, pieces = parts.joined(text)
    body = text.lstrip()
    if body.startswith("!") or ("Q)" not in head and faa.looks_like(body)):
        return _faa(raw, text, places, exercise, draft)
    if " )" in text and envelope.needs_respacing(text):
        text = envelope.respaced(text)
    return _icao(raw, text, places, exercise, draft, pieces)


def _icao(
    raw: str, text: str, places: Places | None, exercise: bool, draft: bool, pieces: int
) -> Notam:
    items = envelope.split(text)
    spans = items.spans
    if "b" not in spans and "e" not in spans:
        return _without_items(raw, text, places)

    warnings: list[str] = []
    q: QLine | None = None
    if at := spans.get("q"):
        q, said = read_q(text[at[0] : at[1]].strip())
        warnings += said
    elif items.kind:
        warnings.append("item Q is missing")
    item_b = text[at[0] : at[1]].strip() if (at := spans.get("b")) else ""
    item_c = text[at[0] : at[1]].strip() if (at := spans.get("c")) else ""
    item_d = text[at[0] : at[1]].strip() if (at := spans.get("d")) else ""
    item_e = text[at[0] : at[1]].strip() if (at := spans.get("e")) else ""
    if items.part != (1, 1):
        item_e = envelope.without_part_marks(item_e)
        if pieces < items.part[1]:
            warnings.append(f"only part {items.part[0]} of {items.part[1]}")
        else:
            items = items._replace(part=(1, 1))
    start = read_when(item_b)
    if start.problem:
        warnings.append(f"item B {start.problem}")
    from_ns = start.time_ns
    to_ns, permanent, estimated = None, False, False
    if "c" in spans:
        end = read_when(item_c)
        to_ns, permanent, estimated = end.time_ns, end.permanent, end.estimated
        if end.problem:
            warnings.append(f"item C {end.problem}")
        elif items.kind == "C":
            warnings.append("a NOTAMC has no item C")
    elif items.kind in ("N", "R"):
        warnings.append("item C is missing")
    if not items.id:
        warnings.append("no series and number")
    item_f = text[at[0] : at[1]].strip() if (at := spans.get("f")) else ""
    item_g = text[at[0] : at[1]].strip() if (at := spans.get("g")) else ""
    lower, upper = _both_limits(item_f, item_g, warnings) if item_f or item_g else (None, None)
    areas, said_of_areas = read_areas(item_e, lower, upper)
    warnings += said_of_areas
    if not areas and ("RADIUS" in item_e or "RAD " in item_e):
        areas = areas_without_positions(item_e, q, lower, upper, places)
    if not item_d and from_ns is not None and to_ns is not None:
        intervals: tuple[tuple[int, int | None], ...] = ((from_ns, to_ns),)
        schedule_ok = True
    else:
        intervals, schedule_ok = _when_active(
            from_ns, to_ns, permanent, item_d, q.centre if q else None, warnings
        )
    error = ""
    if "e" not in spans:
        error = "there is no item E"
    elif from_ns is None and not start.immediate:
        error = f"item B {start.problem or 'is missing'}"
    warnings += contradictions(items.kind, q, lower, upper, areas, from_ns, to_ns, item_e)
    item_a: tuple[str, ...] = ()
    if at := spans.get("a"):
        item_a = tuple(text[at[0] : at[1]].split("PART")[0].replace("/", " ").split())
    kind: Kind = items.kind  # type: ignore[assignment]
    return Notam(
        raw, items.id, kind, items.refers, not error, error, q, item_a, item_b, item_c, item_d,
        item_e, item_f, item_g, from_ns, to_ns, permanent, estimated, lower, upper, intervals,
        schedule_ok, areas, items.part, exercise, draft, faa.legal_basis(item_e) if "CFR" in item_e else "",
        tuple(warnings), spans,
    )  # fmt: skip


def _both_limits(
    item_f: str, item_g: str, warnings: list[str]
) -> tuple[Limit | None, Limit | None]:
    lower = read_limit(item_f) if item_f else None
    upper = read_limit(item_g) if item_g else None
    if item_f and lower is None:
        warnings.append(f"item F {item_f[:24]!r} is not a vertical limit")
    if item_g and upper is None:
        warnings.append(f"item G {item_g[:24]!r} is not a vertical limit")
    return lower, upper


def _when_active(
    from_ns: int | None,
    to_ns: int | None,
    permanent: bool,
    item_d: str,
    place: Point | None,
    warnings: list[str],
) -> tuple[tuple[tuple[int, int | None], ...], bool]:
    """(intervals, whether item D was understood)."""
    if from_ns is None:
        return (), not item_d
    whole: tuple[tuple[int, int | None], ...] = ((from_ns, to_ns),)
    if not item_d:
        return (whole if to_ns is not None or permanent else ()), True
    expanded = expand(parse(item_d), from_ns, to_ns, place)
    warnings += expanded.warnings
    if expanded.problem:
        warnings.append(f"item D: {expanded.problem}")
        return (whole if to_ns is not None or permanent else ()), False
    return expanded.intervals, True


def _refused(raw: str, error: str) -> Notam:
    return Notam(
        raw, "", "", "", False, error, None, (), "", "", "", "", "", "", None, None, False, False,
        None, None, (), True, (), (1, 1), False, False, "", (), {},
    )  # fmt: skip


def _without_items(raw: str, text: str, places: Places | None) -> Notam:
    """No item B and no item E: another kind of message, a US body, or no notice at all."""
    start = text.lstrip()[:80]
    for other in _OTHER_MESSAGES:
        if other in start:
            return _refused(raw, f"this is a {other.strip()}, not a NOTAM")
    if not text.strip():
        return _refused(raw, "the text is empty")
    if faa.is_body(text):
        return _faa(raw, text, places)
    return _refused(raw, "there is no item B and no item E, and it is no US text either")


def _faa(
    raw: str, text: str, places: Places | None, exercise: bool = False, draft: bool = False
) -> Notam:
    found = faa.split(text)
    item_e = text[found.body.start : found.body.end].strip()
    item_d = text[found.schedule.start : found.schedule.end].strip() if found.schedule else ""
    warnings: list[str] = []
    if not found.number and not draft:
        warnings.append("no accountability and number: a body without its head")
    start = read_when(found.start) if found.start else None
    end = read_when(found.end) if found.end else None
    if start is None and not found.cancels:
        warnings.append("the text does not say from when to when")
    for letter, when in (("start", start), ("end", end)):
        if when is not None and when.problem:
            warnings.append(f"the {letter} {when.problem}")
    from_ns = start.time_ns if start else None
    to_ns, permanent = (end.time_ns, end.permanent) if end else (None, False)
    estimated = found.estimated or (end.estimated if end else False)
    band = find_band(item_e, 0, len(item_e)) if "SFC" in item_e or "FT" in item_e else None
    band = band or find_up_to(item_e, 0, len(item_e))
    lower, upper = (band.lower, band.upper) if band else (None, None)
    areas, said = read_areas(item_e, lower, upper)
    warnings += said
    if not areas and "RADIUS" in item_e:
        areas = areas_without_positions(item_e, None, lower, upper, places)
    centre = next((a.centre or a.ring[0] for a in areas if a.centre or a.ring), None)
    if centre is None and places is not None:
        centre = places.get(found.location) or places.get("K" + found.location)
    intervals, schedule_ok = _when_active(from_ns, to_ns, permanent, item_d, centre, warnings)
    error = "" if item_e else "there is nothing behind the number"
    refers = found.cancels or found.replaces
    kind: Kind = "C" if found.cancels else "FDC" if found.account == "FDC" else "DOM"
    location = (found.location,) if found.location else ()
    spans = {"e": found.body}
    if found.schedule is not None:
        spans["d"] = found.schedule
    warnings += contradictions(kind, None, lower, upper, areas, from_ns, to_ns, item_e)
    return Notam(
        raw, found.number, kind, refers, not error, error, None, location, found.start, found.end,
        item_d, item_e, "", "", from_ns, to_ns, permanent, estimated, lower, upper, intervals,
        schedule_ok, areas, (1, 1), exercise, draft, faa.legal_basis(item_e), tuple(warnings), spans,
        found.account,
    )  # fmt: skip


def _xml(raw: str, text: str) -> Notam:
    try:
        tfr = tfr_xml.read(text)
    except BadInput as wrong:
        return _refused(raw, wrong.what)
    first = tfr.areas[0] if tfr.areas else None
    lower, upper = (first.lower, first.upper) if first else (None, None)
    warnings = list(tfr.doubts)
    warnings += contradictions("", None, lower, upper, tfr.areas, tfr.from_ns, tfr.to_ns, "")
    if tfr.from_ns is None:
        warnings.append("the file does not say from when")
    legal = faa.legal_basis(tfr.legal) or faa.legal_basis(tfr.words)
    place = (tfr.facility,) if tfr.facility else ()
    return Notam(
        raw, tfr.number, "XML", "", True, "", None, place, "", "", "", tfr.words, "", "",
        tfr.from_ns, tfr.to_ns, tfr.to_ns is None, False, lower, upper, tfr.intervals, True, tfr.areas,
        (1, 1), False, False, legal, tuple(warnings), {}, "FDC",
    )  # fmt: skip
