"""Item E's positions → areas: circles, polygons with arcs, corridors, points; each with its heights.

The positions are walked in order; the words between two of them decide (`joints`). A ring ends
where it returns to its first corner, so several areas, one after another, come apart. What the
words leave open is kept as a named uncertainty and never guessed silently.
"""

from __future__ import annotations

from typing import NamedTuple

from windhover.notices.notam import coordinates, draw, joints
from windhover.notices.notam.coordinates import Place
from windhover.notices.notam.geodesic import distance_m
from windhover.notices.notam.heights import Band, find_band, find_below
from windhover.notices.notam.holes import with_holes
from windhover.notices.notam.model import Area, Limit, Span
from windhover.schema.place import Point
from windhover.units import M_PER_NM

_SAME_RAD = 2.5e-6  # half a second of arc: the same corner, written again
_MOST_PLACES = 400
_MOST_FIGURES = 60


class _Figure:
    """A run of joined positions while it grows."""

    __slots__ = (
        "arcs",
        "centre",
        "clockwise",
        "closed",
        "corners",
        "end",
        "keep_start",
        "places",
        "prelude_from",
        "radius_m",
        "start",
        "uncertain",
    )

    def __init__(self, start: int, prelude_from: int) -> None:
        self.start, self.end, self.prelude_from = start, start, prelude_from
        self.corners: list[Point] = []
        self.places: list[Place] = []
        self.uncertain: list[str] = []
        self.centre: Point | None = None  # of an arc whose end has not come yet
        self.clockwise: bool | None = None
        self.radius_m: float | None = None
        self.keep_start = False
        self.closed = False
        self.arcs = 0


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
    figures = _walk(text, places)
    if len(figures) > _MOST_FIGURES:
        warnings.append(f"only the first {_MOST_FIGURES} of {len(figures)} areas were drawn")
        figures = figures[:_MOST_FIGURES]
    neighbour = joints.neighbour(text)
    areas: list[Area] = []
    for i, figure in enumerate(figures):
        until = figures[i + 1].start if i + 1 < len(figures) else len(text)
        areas += _areas_of(text, figure, until, lower, upper, len(figures) == 1, neighbour)
    if any(area.excluded for area in areas):
        areas = with_holes(areas)
    return tuple(areas), tuple(warnings)


def _walk(text: str, places: list[Place]) -> list[_Figure]:
    figures: list[_Figure] = []
    figure: _Figure | None = None
    end = 0
    i = 0
    while i < len(places):
        place = places[i]
        gap = text[end : place.start]
        if figure is not None and figure.centre is not None:
            gap = joints.without_names(gap)
        kind = joints.joint(gap) if figure is not None else "break"
        if figure is not None and figure.closed and figure.centre is None:
            kind = "break"
        if figure is None or kind == "break":
            figure = _Figure(place.start, end)
            figures.append(figure)
            _start(figure, text, place, gap)
        elif kind == "arc" or figure.centre is not None:
            i += _along_arc(figure, text, places, i, gap)
        else:
            if kind == "border":
                figure.uncertain.append(f"{joints.border_words(gap)}: drawn straight")
            _corner(figure, place)
        end = places[i].end
        figure.end = end
        i += 1
    return figures


def _start(figure: _Figure, text: str, place: Place, gap: str) -> None:
    """The first position: a corner, or the centre of an arc that the words have announced."""
    figure.places.append(place)
    before = gap[-200:]
    after = text[place.end : place.end + 60]
    if (
        joints.speaks_of_arc(before)
        and joints.is_centre(before)
        and any(word in after for word in ("BTN", "BETWEEN", "FROM", "FM ", "STARTING"))
    ):
        figure.centre = Point(place.latitude_rad, place.longitude_rad)
        figure.clockwise = joints.turns(before)
        figure.keep_start = True
        return
    figure.corners.append(Point(place.latitude_rad, place.longitude_rad))


def _same(a: Point, b: Point) -> bool:
    return (
        abs(a.latitude_rad - b.latitude_rad) < _SAME_RAD
        and abs(a.longitude_rad - b.longitude_rad) < _SAME_RAD
    )


def _corner(figure: _Figure, place: Place) -> None:
    """A straight line to the next corner; back at the first one, the ring is closed."""
    point = Point(place.latitude_rad, place.longitude_rad)
    figure.places.append(place)
    if figure.corners and _same(point, figure.corners[-1]):
        return
    if len(figure.corners) >= 3 and _same(point, figure.corners[0]):
        figure.closed = True
        return
    figure.corners.append(point)


def _along_arc(figure: _Figure, text: str, places: list[Place], i: int, gap: str) -> int:
    """Handle position i, to which an arc leads or which is its centre; how many more were used."""
    place = places[i]
    point = Point(place.latitude_rad, place.longitude_rad)
    if joints.speaks_of_arc(gap) and joints.is_centre(gap):
        figure.places.append(place)
        figure.centre = point
        figure.clockwise = joints.turns(gap)
        found = joints.RADIUS_BEFORE.search(gap)
        figure.radius_m = joints.first_length(found) if found else None
        after = text[place.end : places[i + 1].start] if i + 1 < len(places) else ""
        if figure.clockwise is None:
            figure.clockwise = joints.turns(after[:80])
        figure.keep_start = any(w in after[:60] for w in ("FROM", "FM ", "BTN", "BETWEEN"))
        return 0
    if figure.centre is None:
        nxt = places[i + 1] if i + 1 < len(places) else None
        later = text[place.end : nxt.start] if nxt else ""
        if nxt and len(later) <= joints.LONGEST and joints.is_centre(later):
            figure.clockwise = joints.turns(gap)
            if figure.clockwise is None:
                figure.clockwise = joints.turns(later)
            figure.centre = Point(nxt.latitude_rad, nxt.longitude_rad)
            figure.keep_start = False
            figure.places.append(nxt)
            _end_of_arc(figure, place, point)
            return 1
        figure.uncertain.append("an arc whose centre is not given: drawn straight")
        _corner(figure, place)
        return 0
    _end_of_arc(figure, place, point)
    return 0


def _end_of_arc(figure: _Figure, place: Place, point: Point) -> None:
    """The arc that was announced runs from the last corner to `point`, or starts there."""
    assert figure.centre is not None
    if not figure.corners or figure.keep_start or _same(point, figure.corners[-1]):
        figure.keep_start = False
        _corner(figure, place)
        figure.closed = False
        return
    start = figure.corners[-1]
    radius_m = _apart(figure.centre, start)
    for end_m in (radius_m, _apart(figure.centre, point)):
        stated = figure.radius_m if figure.radius_m else radius_m
        if abs(end_m - stated) > max(0.05 * stated, 200.0):
            figure.uncertain.append(
                f"an end of the arc lies {end_m / M_PER_NM:.2f} NM from its centre, "
                f"not {stated / M_PER_NM:.2f}"
            )
            break
    if figure.clockwise is None:
        figure.uncertain.append("an arc whose direction is not given: the shorter way")
    figure.corners.extend(draw.arc(start, point, figure.centre, figure.clockwise))
    figure.arcs += 1
    figure.centre = None
    figure.radius_m = None
    _corner(figure, place)


def _apart(a: Point, b: Point) -> float:
    return distance_m(a.latitude_rad, a.longitude_rad, b.latitude_rad, b.longitude_rad)


def _areas_of(
    text: str,
    figure: _Figure,
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
        for found in joints.LABEL.finditer(prelude[-100:]):
            name = found.group().strip(" (.)")
    if shapes[0].kind == "polygon" and not figure.closed:
        along = joints.border_words(after[:80])
        if along:
            figure.uncertain.append(f"{along}: drawn straight")
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


def _shapes(figure: _Figure, prelude: str, after: str) -> list[_Shape]:
    corners = tuple(figure.corners)
    if len(corners) == 1 or (not corners and figure.centre is not None):
        centre = corners[0] if corners else figure.centre
        assert centre is not None
        radius_m = _radius(prelude, after)
        if radius_m is None:
            return [_Shape("point", (), centre, None)]
        ring = _sector(figure, prelude[-90:], after[:90], centre, radius_m)
        return [
            _Shape("polygon", ring, None, None) if ring else _Shape("circle", (), centre, radius_m)
        ]
    if not figure.closed and not figure.arcs:
        width = None
        if any(word in prelude or word in after for word in ("SIDE", "WID", "TRACK", "LINE")):
            width = joints.HALF_WIDTH.search(prelude)
            width = width or joints.HALF_WIDTH.match(after.lstrip(" ,.("))
        half_m = joints.first_length(width) if width else None
        if half_m is None and len(corners) == 2:
            half_m = _radius(prelude, "")
        if half_m:
            ring = draw.corridor(corners, half_m)
            if ring:
                return [_Shape("corridor", ring, None, half_m)]
            figure.uncertain.append("a corridor too long or too thin to draw: its middle line")
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
    figure: _Figure, before: str, after: str, centre: Point, radius_m: float
) -> tuple[Point, ...]:
    """The slice between two bearings, clockwise from the first; empty where none are named."""
    both = before + after
    if "SECT" not in both and "AZ" not in both and "BRG" not in both and "BTN R" not in both:
        return ()
    found = joints.BEARINGS.search(before) or joints.BEARINGS.search(after)
    if found is None:
        return ()
    if found.group(1).startswith("R"):
        figure.uncertain.append("radials are magnetic; they were taken as true")
    return draw.sector(centre, radius_m, int(found.group(2)), int(found.group(3)))


def _radius(prelude: str, after: str) -> float | None:
    """The radius nearest to a lone position: right behind it, or the last one before it."""
    behind = None
    if "RAD" in after or "CIRC" in after or "AROUND" in after or "RDS" in after:
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
        return joints.first_length(last)
    if behind is None and ("RADIUS" in after or "AROUND" in after):
        behind = joints.LATER_RADIUS.search(after)
    return joints.first_length(behind) if behind else None


def _may_hold_radius(words: str) -> bool:
    return (
        "RAD" in words
        or "WI" in words
        or "CIRC" in words
        or "RAYON" in words
        or "RDS" in words
        or "INSIDE" in words
        or "AROUND" in words
        or "DE" in words
    )


def _own_band(text: str, figure: _Figure, prelude: str, until: int) -> Band | None:
    """The height band said of this area: between its label and its corners, or right behind them."""
    label_end = 0
    for found in joints.LABEL.finditer(prelude):
        label_end = found.end()
    offset = figure.start - len(prelude)
    if label_end or figure.prelude_from == 0:
        band = find_band(text, offset + label_end, figure.start)
        if band is None:
            band = find_below(text, offset + label_end, figure.start)
        if band is not None:
            return band
    stop = min(until, figure.end + 160)
    for found in joints.LABEL.finditer(text, figure.end, stop):
        stop = found.start()
        break
    return find_band(text, figure.end, stop)
