"""Where a notice contradicts itself: Q-circle against E-area, limits against F and G, dates."""

from __future__ import annotations

from math import asin, cos, sin, sqrt

from windhover.notices.notam.model import Area, Limit, QLine
from windhover.schema.place import Point
from windhover.units import M_PER_FLIGHT_LEVEL, M_PER_NM

_SLACK_NM = 1.5  # centre to the minute, radius to the mile
_NEAR = 0.8 / 3440.0  # radians of a nautical mile, with room for the plane's error
_SLACK_FL = 2  # feet above the ground are not feet above the sea


def contradictions(
    kind: str,
    q: QLine | None,
    lower: Limit | None,
    upper: Limit | None,
    areas: tuple[Area, ...],
    from_ns: int | None,
    to_ns: int | None,
    item_e: str,
) -> list[str]:
    """Plain sentences, one for each contradiction found; empty where there is none."""
    out: list[str] = []
    if from_ns is not None and to_ns is not None and to_ns <= from_ns:
        out.append("the end is not after the start")
    if lower is not None and upper is not None:
        if upper.datum == "SFC":
            out.append("the upper limit is the surface")
        elif (
            lower.datum == upper.datum
            and lower.metres is not None
            and upper.metres is not None
            and lower.metres > upper.metres
        ):
            out.append("the lower limit lies above the upper limit")
    if q is None:
        return out
    _limits_against_q(q, lower, upper, out)
    if areas and q.centre is not None and q.radius_nm is not None:
        _areas_against_q(q, q.centre, areas, out)
    return out


def _limits_against_q(q: QLine, lower: Limit | None, upper: Limit | None, out: list[str]) -> None:
    if upper is not None and q.upper_fl is not None:
        if upper.datum == "UNL":
            if q.upper_fl < 999:
                out.append(f"item G is unlimited, item Q ends at FL{q.upper_fl:03d}")
        elif upper.metres is not None and upper.datum in ("AMSL", "STD"):
            level = upper.metres / M_PER_FLIGHT_LEVEL
            if level > q.upper_fl + _SLACK_FL:
                out.append(f"item G {upper.text} lies above item Q's FL{q.upper_fl:03d}")
    if lower is not None and q.lower_fl is not None and q.lower_fl > 0:
        if lower.datum == "SFC":
            out.append(f"item F is the surface, item Q starts at FL{q.lower_fl:03d}")
        elif lower.metres is not None and lower.datum in ("AMSL", "STD"):
            level = lower.metres / M_PER_FLIGHT_LEVEL
            if level < q.lower_fl - _SLACK_FL:
                out.append(f"item F {lower.text} lies below item Q's FL{q.lower_fl:03d}")


def _about_nm(a: Point, b: Point) -> float:
    """Distance on the sphere, good to 0.5 %: the slack is wider."""
    half = sin((b.latitude_rad - a.latitude_rad) / 2) ** 2
    half += (
        cos(a.latitude_rad)
        * cos(b.latitude_rad)
        * sin((b.longitude_rad - a.longitude_rad) / 2) ** 2
    )
    return 6880.0 * asin(min(1.0, sqrt(half)))


def _areas_against_q(q: QLine, centre: Point, areas: tuple[Area, ...], out: list[str]) -> None:
    """Areas outside the Q-circle; 999 NM stands for "everywhere"."""
    assert q.radius_nm is not None
    if q.radius_nm >= 999:
        return
    most_nm = q.radius_nm * 1.02 + _SLACK_NM
    worst_nm = 0.0
    squeeze = cos(centre.latitude_rad)
    for area in areas:
        if area.kind in ("point", "line") or area.excluded:
            continue
        extra_nm = (area.radius_m or 0.0) / M_PER_NM if area.kind == "circle" else 0.0
        corners = (area.centre,) if area.centre is not None else area.ring
        near_rad = (most_nm - extra_nm) * _NEAR
        for corner in corners[:: max(1, len(corners) // 8)]:
            # On a plane first: most corners are far inside, and three in four texts have many.
            north = corner.latitude_rad - centre.latitude_rad
            east = (corner.longitude_rad - centre.longitude_rad) * squeeze
            if near_rad > 0 and north * north + east * east < near_rad * near_rad:
                continue
            away_nm = extra_nm + _about_nm(centre, corner)
            if away_nm > worst_nm:
                worst_nm = away_nm
    if worst_nm > most_nm:
        out.append(
            f"item E's area reaches {worst_nm:.0f} NM from item Q's centre, "
            f"whose circle has {q.radius_nm}"
        )
