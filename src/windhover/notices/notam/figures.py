"""Positions walked in order → figures: the words between two of them decide (`joints`).

A ring ends where it returns to its first corner, so several areas, one after another, come apart.
"""

from __future__ import annotations

from windhover.notices.notam import draw, joints
from windhover.notices.notam.coordinates import Place
from windhover.notices.notam.geodesic import distance_m
from windhover.schema.place import Point
from windhover.units import M_PER_NM

_MOST_ARCS = 40
_SAME_RAD = 2.5e-6  # half a second of arc: the same corner, written again


class Figure:
    """A run of joined positions, as it grows."""

    __slots__ = (
        "arcs",
        "arcs_before",
        "centre",
        "clockwise",
        "closed",
        "corners",
        "end",
        "keep_start",
        "labelled",
        "prelude_from",
        "radius_m",
        "start",
        "uncertain",
    )

    def __init__(self, start: int, prelude_from: int, arcs_before: int) -> None:
        self.start, self.end, self.prelude_from = start, start, prelude_from
        self.corners: list[Point] = []
        self.uncertain: list[str] = []
        self.centre: Point | None = None  # of an arc whose end has not come yet
        self.clockwise: bool | None = None
        self.radius_m: float | None = None
        self.keep_start = False
        self.closed = False
        self.arcs = 0
        self.arcs_before = arcs_before  # of the figures before this one
        self.labelled = False  # corners carry numbers or letters of their own


def walk(text: str, places: list[Place]) -> list[Figure]:
    """The figures of a text, in their order."""
    figures: list[Figure] = []
    figure: Figure | None = None
    end = i = 0
    while i < len(places):
        place = places[i]
        gap = text[end : place.start]
        on_arc = figure is not None and figure.centre is not None
        if on_arc:
            gap = joints.without_names(gap)
        if (
            figure is None
            or (figure.closed and not on_arc)
            or (kind := joints.joint(gap)) == "break"
            or (kind == "labelled" and _next_in_list(figure, gap))
        ):
            arcs = figure.arcs + figure.arcs_before if figure is not None else 0
            figure = Figure(place.start, end, arcs)
            figures.append(figure)
            _start(figure, text, place, gap)
        elif on_arc or kind == "arc":
            i += _along_arc(figure, text, places, i, gap)
        else:
            if kind == "border":
                figure.uncertain.append(f"{joints.border_words(gap)}: drawn straight")
            _corner(figure, place.point)
        figure.end = end = places[i].end
        i += 1
    return figures


def _next_in_list(figure: Figure, gap: str) -> bool:
    """Whether "B)" or "2." between two positions starts the next area of a list.

    Where the corners themselves are numbered, the first two already have a number between them.
    """
    if figure.centre is not None:
        return False
    if len(figure.corners) < 3:
        figure.labelled = True
    return not figure.labelled and joints.starts_item(gap)


def _start(figure: Figure, text: str, place: Place, gap: str) -> None:
    """The first position: a corner, or the centre of an arc that the words have announced."""
    before = gap[-200:]
    after = text[place.end : place.end + 60]
    if (
        joints.speaks_of_arc(before)
        and joints.is_centre(before)
        and any(word in after for word in ("BTN", "BETWEEN", "FROM", "FM ", "STARTING"))
    ):
        figure.centre = place.point
        figure.clockwise = joints.turns(before)
        figure.keep_start = True
        return
    figure.corners.append(place.point)


def _same(a: Point, b: Point) -> bool:
    return (
        abs(a.latitude_rad - b.latitude_rad) < _SAME_RAD
        and abs(a.longitude_rad - b.longitude_rad) < _SAME_RAD
    )


def _corner(figure: Figure, point: Point) -> None:
    """A straight line to the next corner; back at the first one, the ring is closed."""
    corners = figure.corners
    if corners and _same(point, corners[-1]):
        return
    if len(corners) >= 3 and _same(point, corners[0]):
        figure.closed = True
        return
    corners.append(point)


def _along_arc(figure: Figure, text: str, places: list[Place], i: int, gap: str) -> int:
    """Handle position i, to which an arc leads or which is its centre; how many more were used."""
    place = places[i]
    point = place.point
    if joints.speaks_of_arc(gap) and joints.is_centre(gap):
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
            figure.centre = nxt.point
            figure.keep_start = False
            _end_of_arc(figure, point)
            return 1
        figure.uncertain.append("an arc whose centre is not given: drawn straight")
        _corner(figure, point)
        return 0
    if figure.clockwise is None:
        figure.clockwise = joints.turns(gap)  # "FROM … CLOCKWISE TO …"
    _end_of_arc(figure, point)
    return 0


def _end_of_arc(figure: Figure, point: Point) -> None:
    """The arc that was announced runs from the last corner to `point`, or starts there."""
    assert figure.centre is not None
    if not figure.corners or figure.keep_start or _same(point, figure.corners[-1]):
        figure.keep_start = False
        _corner(figure, point)
        figure.closed = False
        return
    if figure.arcs + figure.arcs_before >= _MOST_ARCS:
        figure.uncertain.append(f"more than {_MOST_ARCS} arcs: the rest is drawn straight")
        figure.centre = None
        _corner(figure, point)
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
    _corner(figure, point)


def _apart(a: Point, b: Point) -> float:
    return distance_m(a.latitude_rad, a.longitude_rad, b.latitude_rad, b.longitude_rad)
