"""What is different between two versions of a notice, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from windhover.schema.cases import Words
from windhover.units import NS_PER_H, NS_PER_MIN, NS_PER_S
from windhover.watch.closure import Closure


def clock(time_ns: int | None) -> str:
    """'2026-02-11 06:30Z', or an ellipsis where no time is stated."""
    if time_ns is None:
        return "…"
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M}Z"


def hours(span_ns: int) -> str:
    """'239 h', '45 min'."""
    if abs(span_ns) < 2 * NS_PER_H:
        return f"{span_ns // NS_PER_MIN:,} min"
    return f"{span_ns / NS_PER_H:,.0f} h"


def changes(before: Closure, after: Closure) -> tuple[Words, ...]:
    """One entry for each thing that differs; the text last, and only where nothing else says it."""
    out: list[Words] = []

    def told(en: str, es: str, old: str, new: str) -> None:
        if old != new:
            out.append(Words(f"{en} {old} → {new}", f"{es} {old} → {new}"))

    told("start", "inicio", clock(before.from_ns), clock(after.from_ns))
    told("end", "término", _end(before), _end(after))
    told("lower limit", "límite inferior", before.lower or "?", after.lower or "?")
    told("upper limit", "límite superior", before.upper or "?", after.upper or "?")
    told("size", "tamaño", _size(before), _size(after))
    told(
        "legal basis",
        "base legal",
        before.legal_basis or "not stated / no indicada",
        after.legal_basis or "not stated / no indicada",
    )
    if _moved(before, after):
        out.append(Words("the area was moved", "el área se desplazó"))
    if before.text.split() != after.text.split() and not out:
        out.append(Words("the wording was changed", "cambió la redacción"))
    return tuple(out)


def _end(closure: Closure) -> str:
    if closure.permanent:
        return "PERM"
    return clock(closure.to_ns) + (" EST" if closure.estimated else "")


def _size(closure: Closure) -> str:
    return "?" if closure.radius_nm is None else f"{closure.radius_nm:,.4g} NM"


def _moved(before: Closure, after: Closure) -> bool:
    """By more than half a minute of arc."""
    a, b = before.centre, after.centre
    if a is None or b is None:
        return False
    far = 1.5e-4  # rad
    return (
        abs(a.latitude_rad - b.latitude_rad) > far or abs(a.longitude_rad - b.longitude_rad) > far
    )
