"""One line of plain language, English and Spanish, from what was read. It adds nothing.

Where the code is unknown or says "plain language", the words of item E stand in for it, cut short.
"""

from __future__ import annotations

from functools import lru_cache

from windhover.notices.notam import faa
from windhover.notices.notam.model import Area, Limit, Notam
from windhover.notices.notam.qconditions import CONDITIONS
from windhover.notices.notam.qsubjects import SUBJECTS
from windhover.notices.notam.times import civil
from windhover.schema.cases import Words
from windhover.units import M_PER_FT, M_PER_NM, NS_PER_MIN

_UNKNOWN = Words("", "")


@lru_cache(maxsize=4096)
def code_words(code: str) -> Words:
    """'QRTCA' → temporary restricted area: activated. Empty where the code tells nothing."""
    if len(code) != 5:
        return _UNKNOWN
    subject, condition = SUBJECTS.get(code[1:3]), CONDITIONS.get(code[3:])
    if subject is None or code[1:3] == "XX":
        return _UNKNOWN
    if condition is None or code[3:] in ("XX", "TT") or code == "QKKKK":
        return subject
    return Words(f"{subject.en} {condition.en}", f"{subject.es}: {condition.es}")


@lru_cache(maxsize=8192)
def _said(figures: str, time_ns: int) -> str:
    """The moment in words; ten figures are only spaced out."""
    if len(figures) == 10 and figures[0] < "7":
        return f"20{figures[:2]}-{figures[2:4]}-{figures[4:6]} {figures[6:8]}:{figures[8:]}Z"
    return _when(time_ns)


@lru_cache(maxsize=8192)
def _when(time_ns: int) -> str:
    minutes = time_ns // NS_PER_MIN % 1440
    return f"{civil(time_ns).isoformat()} {minutes // 60:02d}:{minutes % 60:02d}Z"


@lru_cache(maxsize=2048)
def _limit(limit: Limit) -> tuple[str, str]:
    if limit.datum == "SFC":
        return "the surface", "la superficie"
    if limit.datum == "UNL":
        return "unlimited height", "altura ilimitada"
    if limit.metres is None:
        return limit.text, limit.text
    if limit.datum == "STD":
        words = f"FL{round(limit.metres / M_PER_FT / 100):03d}"
        return words, words
    feet = f"{round(limit.metres / M_PER_FT):,} ft"
    metric = f"{limit.metres:,.0f} m"
    if limit.datum == "AGL":
        return f"{feet} ({metric}) above ground", f"{feet} ({metric}) sobre el terreno"
    if limit.datum == "AMSL":
        return f"{feet} ({metric}) above sea level", f"{feet} ({metric}) sobre el nivel del mar"
    return f"{feet} ({metric})", f"{feet} ({metric})"


@lru_cache(maxsize=4096)
def _band(lower: Limit, upper: Limit) -> Words:
    low, high = _limit(lower), _limit(upper)
    return Words(f", {low[0]} to {high[0]}", f", de {low[1]} a {high[1]}")


def _shape(areas: tuple[Area, ...]) -> tuple[str, str]:
    drawn = [a for a in areas if a.kind in ("circle", "polygon", "corridor")]
    if not drawn:
        return "", ""
    if len(drawn) > 1:
        return f", {len(drawn)} areas", f", {len(drawn)} áreas"
    area = drawn[0]
    if area.kind == "circle" and area.radius_m is not None:
        size = f"{area.radius_m / M_PER_NM:.2f}".rstrip("0").rstrip(".")
        return f", within {size} NM of a point", f", a menos de {size} NM de un punto"
    if area.kind == "corridor":
        return ", along a track", ", a lo largo de una derrota"
    return f", area of {len(area.ring)} corners", f", área de {len(area.ring)} vértices"


def _subject(notam: Notam) -> tuple[str, Words]:
    """(the place as it stands first in the line, what the code says of it)."""
    if notam.kind == "XML":
        return " ".join(notam.item_a), code_words("QRTCA")
    if notam.account or notam.kind in ("FDC", "DOM"):
        code, town = faa.plain_subject(notam.item_e)
        location = " ".join(notam.item_a)
        place = f"{town} ({location})" if town and location else town or location
        return place or notam.account, code_words(code)
    q = notam.q
    return " ".join(notam.item_a) or (q.fir if q else ""), code_words(q.code if q else "")


def one_line(notam: Notam) -> Words:
    """The line; empty where the text was not read at all."""
    if notam.error and not notam.item_e and notam.from_ns is None:
        return _UNKNOWN
    place, what = _subject(notam)
    if notam.kind == "C":
        return Words(f"{place}: cancels {notam.refers}.", f"{place}: cancela {notam.refers}.")
    if what.en:
        en, es = f"{place}: {what.en}", f"{place}: {what.es}"
    else:
        cut = " ".join(notam.item_e[:120].split())
        en = es = f"{place}: {cut}"
    if notam.from_ns is not None:
        start = _said(notam.item_b, notam.from_ns)
        if notam.to_ns is not None:
            end = _said(notam.item_c, notam.to_ns)
            about = (" (estimated)", " (estimado)") if notam.estimated else ("", "")
            en += f", {start} to {end}{about[0]}"
            es += f", de {start} a {end}{about[1]}"
        elif notam.permanent:
            en += f", from {start}, no end stated"
            es += f", desde {start}, sin término indicado"
        else:
            en += f", from {start}"
            es += f", desde {start}"
    repeats = len(notam.intervals) if notam.item_d and notam.schedule_ok else 0
    if repeats:
        en += f", {repeats} time{'s' if repeats > 1 else ''}"
        es += f", {repeats} {'veces' if repeats > 1 else 'vez'}"
    if notam.areas:
        shape = _shape(notam.areas)
        en += shape[0]
        es += shape[1]
    lower, upper = notam.lower, notam.upper
    if lower is None and upper is None and len(notam.areas) == 1:
        lower, upper = notam.areas[0].lower, notam.areas[0].upper
    if lower is not None and upper is not None:
        band = _band(lower, upper)
        en += band.en
        es += band.es
    if notam.kind == "R":
        en += f"; replaces {notam.refers}"
        es += f"; reemplaza {notam.refers}"
    return Words(f"{en}.", f"{es}.")
