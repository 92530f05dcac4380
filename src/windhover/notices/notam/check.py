"""The reasons why a NOTAM office would refuse a text, each with the rule it breaks.

Source: ICAO Annex 15 (ch. 6 and appendix), Doc 8126 part III ch. 3. Only what can be told from the
text alone: whether the FIR exists or the number is free is the office's to know.
"""

from __future__ import annotations

from typing import NamedTuple

from windhover.notices.notam.encode import CANCELLING, q_fir
from windhover.notices.notam.geodesic import distance_m
from windhover.notices.notam.model import Limit, Notam, QLine
from windhover.notices.notam.qconditions import CONDITIONS
from windhover.notices.notam.qsubjects import SUBJECTS
from windhover.units import M_PER_FLIGHT_LEVEL, M_PER_NM

_TRAFFIC = ("I", "V", "IV", "K")
_PURPOSE = ("NBO", "BO", "M", "B", "K", "NB", "O")
_SCOPE = ("A", "E", "W", "AE", "AW", "K", "EA", "WA")
_LINE = 69
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n\r\t-?:().,'=/+\"")


class Refusal(NamedTuple):
    """One reason. `item` names where; `rule` what asks for it."""

    item: str
    words: str
    rule: str


def refusals(notam: Notam) -> tuple[Refusal, ...]:
    """Every reason found, in the order of the items; empty = nothing to refuse in the text itself."""
    out: list[Refusal] = []
    if not notam.ok:
        return (Refusal("text", notam.error, "Annex 15, 6.3"),)
    if notam.kind not in ("N", "R", "C"):
        return (Refusal("text", "this is not an ICAO NOTAM", "Annex 15, 6.3"),)
    if notam.exercise:
        out.append(Refusal("text", "an exercise is never issued", "site rule"))
    if not notam.id:
        out.append(Refusal("number", "no series and number yet", "Doc 8126, 3.2"))
    if notam.kind in ("R", "C"):
        if not notam.refers:
            out.append(
                Refusal("number", f"a NOTAM{notam.kind} names what it refers to", "Doc 8126, 3.2")
            )
        elif notam.id and notam.refers[:1] != notam.id[:1]:
            out.append(
                Refusal("number", "it refers to a notice of another series", "Doc 8126, 3.2")
            )
    if notam.q is None:
        out.append(Refusal("Q", "item Q is missing", "Doc 8126, 3.3"))
    else:
        _q_reasons(notam, notam.q, out)
    _times(notam, out)
    _limits(notam, out)
    _words(notam, out)
    return tuple(out)


def _q_reasons(notam: Notam, q: QLine, out: list[Refusal]) -> None:
    rule = "Doc 8126, item Q"
    if len(q.fir) != 4 or not q.fir.isalpha():
        out.append(Refusal("Q", f"{q.fir!r} is not a location indicator of four letters", rule))
    firs = [a for a in notam.item_a if len(a) == 4]
    if len(firs) > 1 and "W" in q.scope and q.fir != q_fir(" ".join(firs)) and q.fir in firs:
        out.append(
            Refusal("Q", f"several FIRs in item A need {q_fir(' '.join(firs))} in item Q", rule)
        )
    if len(q.code) != 5 or not q.code.startswith("Q"):
        out.append(Refusal("Q", f"{q.code!r} is not a code of five letters", rule))
    elif q.code[1:3] not in SUBJECTS or q.code[3:] not in CONDITIONS:
        out.append(Refusal("Q", f"{q.code} is not in the table of codes", rule))
    elif notam.kind == "C" and q.code[3:] not in CANCELLING:
        words = f"the code of a NOTAMC ends in {', '.join(CANCELLING)}, not {q.code[3:]}"
        out.append(Refusal("Q", words, rule))
    for name, value, known in (
        ("traffic", q.traffic, _TRAFFIC),
        ("purpose", q.purpose, _PURPOSE),
        ("scope", q.scope, _SCOPE),
    ):
        if value not in known:
            out.append(Refusal("Q", f"{name} {value!r} is none of {', '.join(known)}", rule))
    if q.lower_fl is None or q.upper_fl is None:
        out.append(Refusal("Q", "the two flight levels are missing", rule))
    elif q.lower_fl > q.upper_fl:
        out.append(Refusal("Q", "the lower level lies above the upper", rule))
    if q.centre is None or q.radius_nm is None:
        out.append(Refusal("Q", "centre and radius are missing", rule))
        return
    for area in notam.areas:
        if area.kind in ("point", "line") or area.excluded:
            continue
        corners = area.ring if area.centre is None else (area.centre,)
        reach_m = max(
            distance_m(
                q.centre.latitude_rad, q.centre.longitude_rad, p.latitude_rad, p.longitude_rad
            )
            for p in corners
        ) + (area.radius_m or 0.0 if area.kind == "circle" else 0.0)
        if reach_m > q.radius_nm * M_PER_NM + 20.0:
            out.append(
                Refusal(
                    "Q",
                    f"the circle of {q.radius_nm} NM does not cover item E's area, "
                    f"which reaches {reach_m / M_PER_NM:.1f} NM",
                    rule,
                )
            )
            break


def _times(notam: Notam, out: list[Refusal]) -> None:
    if notam.from_ns is None:
        out.append(Refusal("B", "no start as ten figures", "Doc 8126, item B"))
    if notam.kind == "C":
        if notam.item_c:
            out.append(Refusal("C", "a NOTAMC has no item C", "Doc 8126, item C"))
        return
    if not notam.item_c:
        out.append(Refusal("C", "item C is missing", "Doc 8126, item C"))
    elif notam.to_ns is None and not notam.permanent:
        out.append(Refusal("C", f"{notam.item_c!r} is not ten figures or PERM", "Doc 8126, item C"))
    if notam.permanent and "PERM" not in notam.item_c:
        out.append(Refusal("C", "UFN is not used; write EST or PERM", "Doc 8126, item C"))
    if notam.permanent and notam.estimated and "PERM" in notam.item_c:
        out.append(Refusal("C", "PERM cannot be estimated", "Doc 8126, item C"))
    if notam.from_ns is not None and notam.to_ns is not None and notam.to_ns <= notam.from_ns:
        out.append(Refusal("C", "the end is not after the start", "Doc 8126, item C"))
    if notam.item_d and not notam.schedule_ok:
        said = [w.removeprefix("item D: ") for w in notam.warnings if w.startswith("item D: ")]
        why = said[0] if said else "the schedule cannot be read"
        out.append(Refusal("D", why, "Doc 8126, item D"))
    elif notam.item_d and notam.from_ns is not None and notam.intervals:
        first, last = notam.intervals[0][0], notam.intervals[-1][1]
        if first != notam.from_ns:
            out.append(Refusal("B", "it is not the first time of item D", "Doc 8126, item D"))
        if notam.to_ns is not None and last != notam.to_ns and not notam.estimated:
            out.append(Refusal("C", "it is not the last time of item D", "Doc 8126, item D"))


def _limits(notam: Notam, out: list[Refusal]) -> None:
    q = notam.q
    if bool(notam.item_f) != bool(notam.item_g):
        out.append(Refusal("F", "items F and G stand together or not at all", "Doc 8126, item F"))
    airspace = q is not None and q.code[1:2] in ("R", "W")
    if airspace and not notam.item_f and notam.kind != "C":
        out.append(Refusal("F", "a restriction needs items F and G", "Doc 8126, item F"))
    for item, limit in (("F", notam.lower), ("G", notam.upper)):
        if limit is not None and limit.datum == "":
            out.append(Refusal(item, f"{limit.text} does not say above what", "Doc 8126, item F"))
    if q is None or q.lower_fl is None or q.upper_fl is None:
        return
    upper, lower = notam.upper, notam.lower
    if upper is not None and upper.datum == "UNL" and q.upper_fl != 999:
        out.append(Refusal("Q", "an unlimited upper limit is 999", "Doc 8126, item Q"))
    if (high_m := _above_sea_m(upper)) is not None and high_m > _level_m(q.upper_fl) + 0.1:
        out.append(Refusal("Q", "the upper level is not item G rounded up", "Doc 8126, item Q"))
    if lower is not None and lower.datum == "SFC" and q.lower_fl != 0:
        out.append(Refusal("Q", "a lower limit at the surface is 000", "Doc 8126, item Q"))
    if (low_m := _above_sea_m(lower)) is not None and low_m < _level_m(q.lower_fl) - 0.1:
        out.append(Refusal("Q", "the lower level is not item F rounded down", "Doc 8126, item Q"))


def _above_sea_m(limit: Limit | None) -> float | None:
    """Metres of a limit that a flight level can be held against; None for those above ground."""
    return limit.metres if limit is not None and limit.datum in ("AMSL", "STD") else None


def _level_m(level: int) -> float:
    """Metres of pressure altitude."""
    return level * M_PER_FLIGHT_LEVEL


def _words(notam: Notam, out: list[Refusal]) -> None:
    if not notam.item_e:
        out.append(Refusal("E", "item E is empty", "Doc 8126, item E"))
    strange = "".join(sorted({c for c in notam.item_e if c not in _ALPHABET}))
    if strange:
        out.append(
            Refusal("E", f"characters outside the AFTN's alphabet: {strange[:20]}", "Annex 10 II")
        )
    for number, line in enumerate(notam.raw.strip().splitlines(), 1):
        if len(line) > _LINE:
            words = f"line {number} has {len(line)} characters; a line holds {_LINE}"
            out.append(Refusal("text", words, "Annex 10 II"))
            break
