"""Item E's positions → areas: circles, polygons with arcs, corridors, points; each with its heights.

What the words leave open is kept as a named uncertainty and never guessed silently.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from windhover.notices.notam import coordinates, draw, joints
from windhover.notices.notam.figures import Figure, walk
from windhover.notices.notam.heights import SURFACE, Band, find_band, find_below, find_up_to
from windhover.notices.notam.holes import with_holes
from windhover.notices.notam.model import Area, Limit, Span
from windhover.schema.place import Point

_MOST_PLACES = 400
_MOST_FIGURES = 60


class _Shape(NamedTuple):
    kind: str
    ring: tuple[Point, ...]
    centre: Point | None
    radius_m: float | None


def read_areas(
    text: str, lower: Limit | None, upper: Limit | None
) -> tuple[tuple[Area, ...], tuple[str, ...]]:
    """(areas, warnings) of item E; `lower`, `upper` are items F and G for areas without own ones."""
    places = coordinates.find(text)
    if not places:
        return (), ()
    warnings: list[str] = []
    if len(places) > _MOST_PLACES:
        warnings.append(f"only the first {_MOST_PLACES} of {len(places)} positions were drawn")
        places = places[:_MOST_PLACES]
    figures = walk(text, places)
    if len(figures) > _MOST_FIGURES:
        warnings.append(f"only the first {_MOST_FIGURES} of {len(figures)} areas were drawn")
        figures = figures[:_MOST_FIGURES]
    neighbour = joints.neighbour(text)
    left_out = "" if neighbour else joints.left_out(text)
    areas: list[Area] = []
    for i, figure in enumerate(figures):
        until = figures[i + 1].start if i + 1 < len(figures) else len(text)
        areas += _areas_of(text, figure, until, lower, upper, len(figures) == 1, neighbour)
    if any(area.excluded for area in areas):
        areas = with_holes(areas)
    elif left_out:
        areas = [_without(area, left_out) for area in areas]
    return tuple(areas), tuple(warnings)


def _without(area: Area, words: str) -> Area:
    if area.kind not in ("circle", "polygon", "corridor"):
        return area
    doubt = f"{words} is excluded by words; it is not cut out"
    return msgspec.structs.replace(area, uncertain=(*area.uncertain, doubt))


def _areas_of(
    text: str,
    figure: Figure,
    until: int,
    lower: Limit | None,
    upper: Limit | None,
    alone: bool,
    neighbour: str,
) -> list[Area]:
    prelude = text[max(figure.prelude_from, figure.start - 180) : figure.start]
    after = text[figure.end : min(until, figure.end + 160)]
    shapes = _shapes(figure, prelude, after)
    excluded = "EXC" in prelude and joints.EXCLUDED.search(prelude) is not None
    band = find_below(prelude, max(0, len(prelude) - 90), len(prelude)) if excluded else None
    if band is None and shapes[0].kind != "point" and (not alone or lower is None or upper is None):
        band = _own_band(text, figure, prelude, until)
    name = ""
    if not alone:
        label = joints.last_label(prelude[-100:])
        name = label.group().strip(" (.)") if label else ""
    if shapes[0].kind == "polygon" and not figure.closed:
        along = joints.border_words(after[:80])
        if not along and "ALONG" in prelude[-40:]:
            along = joints.border_words(prelude[prelude.rindex("ALONG") :])
        if along:
            figure.uncertain.append(f"{along}: drawn straight")
    if not figure.closed and len(figure.corners) > 1:
        broken = coordinates.unreadable(prelude[-80:]) or coordinates.unreadable(after[:80])
        if broken:
            figure.uncertain.append(f"{broken} is no position: a corner may be missing")
    if neighbour and shapes[0].kind in ("circle", "polygon"):
        figure.uncertain.append(
            f"{neighbour} airspace is excluded by words; its border is not drawn"
        )
    return [
        Area(
            shape.kind,  # type: ignore[arg-type]
            shape.ring,
            shape.centre,
            shape.radius_m,
            band.lower if band else lower,
            band.upper if band else upper,
            band is not None,
            name,
            excluded,
            tuple(figure.uncertain),
            Span(figure.start, figure.end),
        )
        for shape in shapes
    ]


def _shapes(figure: Figure, prelude: str, after: str) -> list[_Shape]:
    corners = tuple(figure.corners)
    if len(corners) == 1 or (not corners and figure.centre is not None):
        centre = corners[0] if corners else figure.centre
        assert centre is not None
        radius_m, between = _radius(prelude, after)
        if radius_m is None:
            return [_Shape("point", (), centre, None)]
        ring = _sector(figure, prelude[-90:], after[:90], centre, radius_m)
        if ring:
            return [_Shape("polygon", ring, None, None)]
        figure.uncertain += joints.circle_doubts(prelude[-90:], between, after[:90])
        return [_Shape("circle", (), centre, radius_m)]
    if not figure.closed and not figure.arcs:
        width = None
        if any(word in prelude or word in after for word in ("SIDE", "WID", "TRACK", "LINE")):
            width = joints.HALF_WIDTH.search(prelude)
            width = width or joints.HALF_WIDTH.match(after.lstrip(" ,.("))
        half_m = joints.first_length(width) if width else None
        if half_m is None and "WID" in prelude + after:
            width = joints.FULL_WIDTH.search(prelude) or joints.FULL_WIDTH.match(
                after.lstrip(" ,.(")
            )
            half_m = joints.first_length(width) / 2 if width else None
        if half_m is None and len(corners) == 2:
            half_m = _radius(prelude, "")[0]
        if half_m:
            ring = draw.corridor(corners, half_m)
            if ring:
                return [_Shape("corridor", ring, None, half_m)]
            figure.uncertain.append(
                "a corridor too long, too thin or too tangled to draw: its middle line"
            )
            return [_Shape("line", corners, None, half_m)]
        if joints.ROUTE_LIST.search(prelude[-80:]):
            return [_Shape("line", corners, None, None)]
        if len(corners) == 2 or (
            joints.TRACK_WORDS.search(prelude) and not joints.AREA_WORDS.search(prelude[-60:])
        ):
            if joints.POINT_WORDS.search(prelude):
                return [_Shape("point", (), p, None) for p in corners]
            return [_Shape("line", corners, None, None)]
        if joints.POINT_WORDS.search(prelude) and not joints.AREA_WORDS.search(prelude[-60:]):
            return [_Shape("point", (), p, None) for p in corners]
    if len(corners) < 3:
        return [_Shape("line", corners, None, None)]
    return [_Shape("polygon", corners, None, None)]


def _sector(
    figure: Figure, before: str, after: str, centre: Point, radius_m: float
) -> tuple[Point, ...]:
    """The slice between two bearings, clockwise from the first; empty where none are named."""
    found = joints.bearings(before) or joints.bearings(after)
    if found is None:
        return ()
    if found.group(1).startswith("R"):
        figure.uncertain.append("radials are magnetic; they were taken as true")
    return draw.sector(centre, radius_m, int(found.group(2)), int(found.group(3)))


def _radius(prelude: str, after: str) -> tuple[float | None, str]:
    """The radius nearest to a lone position, right behind it or the last one before it, and the
    words between the two where it stands before."""
    behind = None
    if "RA" in after or "CIRC" in after or "AROUND" in after or "RDS" in after:
        behind = joints.RADIUS_AFTER.match(after)
    if behind is None and "WI" in after:
        behind = joints.WITHIN_AFTER.match(after)
    # Nearly always it stands right before the position; the longer look is the dearer one.
    last = None
    near = prelude[-45:]
    if _may_hold_radius(prelude):
        for found in joints.RADIUS_BEFORE.finditer(near):
            last = found
        if last is None:
            near = prelude[-150:]
            for found in joints.RADIUS_BEFORE.finditer(near):
                last = found
    if last is not None and (behind is None or len(near) - last.end() < 60):
        return joints.first_length(last), near[last.end() :]
    if behind is None and ("RADIUS" in after or "AROUND" in after):
        behind = joints.LATER_RADIUS.search(after)
    return (joints.first_length(behind) if behind else None), ""


def _may_hold_radius(words: str) -> bool:
    return (
        "RAD" in words
        or "WI" in words
        or "CIRC" in words
        or "RAYON" in words
        or "RAIO" in words
        or "RDS" in words
        or "INSIDE" in words
        or "AROUND" in words
        or "DE" in words
    )


def _own_band(text: str, figure: Figure, prelude: str, until: int) -> Band | None:
    """The height band said of this area: between its label and its corners, or right behind them."""
    label = joints.last_label(prelude)
    label_end = label.end() if label else 0
    offset = figure.start - len(prelude)
    if label_end or figure.prelude_from == 0:
        band = find_band(text, offset + label_end, figure.start)
        if band is None:
            band = find_below(text, offset + label_end, figure.start)
        if band is not None:
            return band
    stop = min(until, figure.end + 160)
    following = joints.first_label(text[figure.end : stop])
    if following:
        stop = figure.end + following.start()
    band = find_band(text, figure.end, stop) or find_up_to(text, figure.end, stop)
    if band is not None and band.lower is SURFACE:
        # "…, ACFT WI 49NM UP TO 40000FT AMSL": the height of another radius.
        other = joints.RADIUS_BEFORE.search(text, figure.end, band.start)
        return None if other and joints.RADIUS_BEFORE.search(prelude) else band
    return band
