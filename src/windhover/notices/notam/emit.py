"""A `Notam` as one JSON object: what `windhover notam decode` prints.

Times are ISO 8601 in UTC, positions degrees (longitude first, RFC 7946), heights as written and in
metres of their datum. A circle is drawn with 72 corners and keeps its centre and radius beside.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from windhover.notices.notam import draw
from windhover.notices.notam.envelope import LETTERS
from windhover.notices.notam.model import Area, Limit, Notam, QLine
from windhover.notices.notam.plain import code_words, one_line
from windhover.notices.notam.times import NS_PER_DAY, civil
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD, NS_PER_MIN

_PLACES = 7  # of a degree: a centimetre


def iso(time_ns: int | None) -> str | None:
    """'2026-02-11T06:30Z'; notices know whole minutes."""
    if time_ns is None:
        return None
    day, minutes = divmod(time_ns // NS_PER_MIN, 1440)
    return _day(day) + _MINUTES[minutes]


@lru_cache(maxsize=8192)
def _day(day: int) -> str:
    return f"{civil(day * NS_PER_DAY).isoformat()}T"


_MINUTES = tuple(f"{hour:02d}:{minute:02d}Z" for hour in range(24) for minute in range(60))


def _position(point: Point) -> list[float]:
    return [
        round(point.longitude_rad * DEG_PER_RAD, _PLACES),
        round(point.latitude_rad * DEG_PER_RAD, _PLACES),
    ]


def _ring(points: tuple[Point, ...]) -> list[list[float]]:
    """Closed, and without the jump where it crosses 180°: longitudes may run past it."""
    out = [_position(p) for p in points]
    for i in range(1, len(out)):
        step = out[i][0] - out[i - 1][0]
        if step > 180:
            out[i][0] = round(out[i][0] - 360, _PLACES)
        elif step < -180:
            out[i][0] = round(out[i][0] + 360, _PLACES)
    return [*out, out[0]]


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    metres = None if limit.metres is None else round(limit.metres, 2)
    return {"text": limit.text, "datum": limit.datum, "metres": metres}


def feature(area: Area) -> dict[str, Any]:
    """One area as a GeoJSON feature with its height band."""
    geometry: dict[str, Any]
    if area.kind == "circle" and area.centre is not None and area.radius_m is not None:
        rings = [draw.circle_degrees(area.centre, area.radius_m)]
        geometry = {"type": "Polygon", "coordinates": rings}
    elif area.kind == "point" and area.centre is not None:
        geometry = {"type": "Point", "coordinates": _position(area.centre)}
    elif area.kind == "line":
        geometry = {"type": "LineString", "coordinates": [_position(p) for p in area.ring]}
    else:
        rings = [_ring(area.ring), *(_ring(hole) for hole in area.holes)]
        geometry = {"type": "Polygon", "coordinates": rings}
    properties: dict[str, Any] = {
        "shape": area.kind,
        "lower": _limit(area.lower),
        "upper": _limit(area.upper),
        "own_limits": area.own_limits,
        "name": area.name,
        "excluded": area.excluded,
        "uncertain": list(area.uncertain),
        "words": list(area.span),
    }
    if area.kind == "circle" and area.centre is not None:
        properties["centre"] = _position(area.centre)
    if area.radius_m is not None:
        properties["radius_m"] = round(area.radius_m, 2)
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _q(q: QLine | None) -> dict[str, Any] | None:
    if q is None:
        return None
    words = code_words(q.code)
    return {
        "fir": q.fir,
        "code": q.code,
        "meaning": {"en": words.en, "es": words.es},
        "traffic": q.traffic,
        "purpose": q.purpose,
        "scope": q.scope,
        "lower_fl": q.lower_fl,
        "upper_fl": q.upper_fl,
        "centre": None if q.centre is None else _position(q.centre),
        "radius_nm": q.radius_nm,
    }


def to_json(notam: Notam) -> dict[str, Any]:
    """Everything that was read, ready for a JSON encoder."""
    plain = one_line(notam)
    return {
        "id": notam.id,
        "type": notam.kind,
        "ok": notam.ok,
        "error": notam.error,
        "refers": notam.refers,
        "account": notam.account,
        "q": _q(notam.q),
        "item_a": list(notam.item_a),
        "item_b": notam.item_b,
        "item_c": notam.item_c,
        "item_d": notam.item_d,
        "item_e": notam.item_e,
        "item_f": notam.item_f,
        "item_g": notam.item_g,
        "from": iso(notam.from_ns),
        "to": iso(notam.to_ns),
        "permanent": notam.permanent,
        "estimated": notam.estimated,
        "lower": _limit(notam.lower),
        "upper": _limit(notam.upper),
        "intervals": [[iso(start), iso(end)] for start, end in notam.intervals],
        "schedule_understood": notam.schedule_ok,
        "volumes": [feature(area) for area in notam.areas],
        "part": list(notam.parts),
        "exercise": notam.exercise,
        "draft": notam.draft,
        "legal_basis": notam.legal_basis,
        "warnings": list(notam.warnings),
        "spans": {name: list(notam.spans[name]) for name in LETTERS if name in notam.spans},
        "plain": {"en": plain.en, "es": plain.es},
        "raw": notam.raw,
    }
