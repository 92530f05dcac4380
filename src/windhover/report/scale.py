"""Every restriction's footprint and minutes beside those of the real order, drawn to one scale."""

from __future__ import annotations

from math import pi, sqrt

from markupsafe import Markup

from windhover.report import words
from windhover.report.projection import Projection
from windhover.report.story import RealOrder, Story, StoryRestriction
from windhover.report.svg import el, line, path, text
from windhover.units import M2_PER_KM2, M_PER_NM

WIDTH_PX = 960.0
_CIRCLE_PX = 92.0  # radius of the real order's circle
_BASE_PX = 210.0


def footprints(story: Story) -> Markup | None:
    """Outlines side by side at one scale; None without restrictions or without the real order."""
    real = story.real_order
    if real is None or not story.restrictions:
        return None
    px_per_m = _CIRCLE_PX / (real.radius_nm * M_PER_NM)
    parts = [line((0, _BASE_PX), (WIDTH_PX, _BASE_PX), "axis")]
    x = _CIRCLE_PX + 2
    parts.append(el("circle", cx=x, cy=_BASE_PX - _CIRCLE_PX, r=_CIRCLE_PX, class_="real"))
    ordered = (
        f"{words.minutes(real.ordered_minutes)}, used about {words.minutes(real.used_minutes)}"
    )
    parts += _under(x, "real order", words.area(real.area_km2), ordered)
    pitch = min(190.0, (WIDTH_PX - 2 * _CIRCLE_PX - 20) / len(story.restrictions))
    for k, r in enumerate(story.restrictions):
        x = 2 * _CIRCLE_PX + 20 + pitch * (k + 0.5)
        parts.append(_outline(r, x, px_per_m))
        share = words.share(words.share_of_circle(r.area_km2, real.radius_nm))
        time = words.minutes(r.used_minutes if r.used_minutes else r.ordered_minutes)
        used = (
            f"used {time}"
            if r.used_minutes
            else f"{time}, never used"
            if r.used_minutes == 0
            else time
        )
        parts += _under(x, f"{r.id} {r.hazard}", f"{words.area(r.area_km2)}, {share}", used)
    return el(
        "svg",
        el("title", "Footprints of the restrictions and of the real order at one scale"),
        *parts,
        viewBox=f"0 0 {WIDTH_PX:.0f} {_BASE_PX + 62:.0f}",
        role="img",
        class_="footprints",
    )


def _outline(r: StoryRestriction, x: float, px_per_m: float) -> Markup:
    """The ring itself where it is known, else a circle of the same area; standing on the base line."""
    style = f"restriction h-{r.hazard[:5]}"
    if len(r.polygon) < 3:
        radius = max(sqrt(max(r.area_km2, 0.0) * M2_PER_KM2 / pi) * px_per_m, 1.5)
        return el("circle", cx=x, cy=_BASE_PX - radius, r=radius, class_=style)
    xy = Projection(*r.polygon[0]).metres(r.polygon) * px_per_m
    xy[:, 1] *= -1
    middle = (xy[:, 0].min() + xy[:, 0].max()) / 2
    xy += [x - middle, _BASE_PX - xy[:, 1].max()]
    return el("path", d=path(xy, closed=True, tolerance=0.1), class_=style)


def _under(x: float, *lines: str) -> list[Markup]:
    return [
        text(
            words_,
            x,
            _BASE_PX + 17 + 15 * k,
            "lane-strong" if k == 0 else "lane-note",
            text_anchor="middle",
        )
        for k, words_ in enumerate(lines)
    ]


def used_share(r: StoryRestriction | RealOrder) -> str:
    """How much of what was ordered was used."""
    if r.used_minutes is None or not r.ordered_minutes:
        return "–"
    return words.share(r.used_minutes / r.ordered_minutes)
