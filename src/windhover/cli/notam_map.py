"""The map picture of `windhover notam draw`: areas with their heights, aerodromes, item Q's circle.

Notices that lie far apart get a panel each: one map of half the world shows none of them.
"""

from __future__ import annotations

from itertools import islice
from math import ceil, cos, degrees, pi, radians, sin
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

from windhover.errors import BadInput
from windhover.notices.notam import Notam, one_line
from windhover.notices.notam.emit import feature
from windhover.units import M_PER_NM

_PANELS = 6
_LABELLED = 14  # notices on a panel that still get their names written in
_AERODROMES = 12
_WIDEST_WITH_AERODROMES = 12.0  # degrees of latitude: on a wider map they say nothing
_DEG_PER_NM = 1 / 60
Ring = list[tuple[float, float]]  # longitude, latitude in degrees


class _Drawn(NamedTuple):
    """One notice's shapes and the box around them."""

    notam: Notam
    shapes: list[tuple[Ring, dict[str, Any], str]]  # outline, properties, geometry's type
    circle: Ring  # item Q's; empty where there is none, or where it stands for a whole region
    box: tuple[float, float, float, float]  # west, south, east, north


def draw_map(notams: list[Notam], out: Path) -> int:
    """Write the picture whole or not at all; how many areas it shows.

    Raises `BadInput` where no notice states an area or a centre.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawn = [d for d in map(_shapes_of, notams) if d is not None]
    if not drawn:
        raise BadInput("None of these notices states an area.", "Nothing was written.")
    panels = _panels(drawn)
    shown = panels[:_PANELS]
    columns = 1 if len(shown) == 1 else 2
    rows = ceil(len(shown) / columns)
    size = (9.0, 9.6) if len(shown) == 1 else (13.0, 6.2 * rows + 0.6)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, dpi=110, squeeze=False)
    for place, panel in zip(axes.flat, shown, strict=False):
        _panel(place, panel)
    for place in list(axes.flat)[len(shown) :]:
        place.axis("off")
    figure.suptitle(_title(drawn, len(panels) - len(shown)), fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    part = out.with_name(out.name + ".part")
    figure.savefig(part, format="png")
    pyplot.close(figure)
    part.replace(out)
    return sum(max(1, len(d.shapes)) for panel in shown for d in panel)


def _title(drawn: list[_Drawn], left_out: int) -> str:
    first = drawn[0].notam
    words = one_line(first).en if len(drawn) == 1 else f"{len(drawn)} notices"
    if left_out:
        words += f"; {left_out} more places are not shown"
    uncertain = any(said["uncertain"] for d in drawn for _, said, _ in d.shapes)
    notes = ["dashed grey: item Q's circle"] if any(d.circle for d in drawn) else []
    notes += ["dotted: uncertain, see `notam decode`"] if uncertain else []
    marks = ["EXERCISE / EJERCICIO"] if any(d.notam.exercise for d in drawn) else []
    marks += ["DRAFT, NOT A NOTAM"] if any(d.notam.draft for d in drawn) else []
    return "\n".join([*marks, fill(words, 110), "; ".join(notes)]).strip()


def _shapes_of(notam: Notam) -> _Drawn | None:
    shapes: list[tuple[Ring, dict[str, Any], str]] = []
    for area in notam.areas:
        made = feature(area)
        geometry = made["geometry"]
        points = geometry["coordinates"]
        rings = (
            [[points]]
            if geometry["type"] == "Point"
            else [points]
            if geometry["type"] == "LineString"
            else points
        )
        shapes += [
            ([(x, y) for x, y in ring], made["properties"], geometry["type"]) for ring in rings
        ]
    circle: Ring = []
    q = notam.q
    if q is not None and q.centre is not None and q.radius_nm and q.radius_nm < 999:
        lat, lon = degrees(q.centre.latitude_rad), degrees(q.centre.longitude_rad)
        reach = q.radius_nm * _DEG_PER_NM
        wide = reach / max(0.05, cos(radians(lat)))
        turns = [2 * pi * k / 90 for k in range(91)]
        circle = [(lon + wide * sin(t), lat + reach * cos(t)) for t in turns]
    points_ = [p for ring, _, _ in shapes for p in ring] or circle
    if not points_:
        return None
    xs, ys = [p[0] for p in points_], [p[1] for p in points_]
    return _Drawn(notam, shapes, circle, (min(xs), min(ys), max(xs), max(ys)))


def _panels(drawn: list[_Drawn]) -> list[list[_Drawn]]:
    """Notices whose boxes, with some room around them, touch share a panel; the fullest first."""
    panels: list[tuple[tuple[float, float, float, float], list[_Drawn]]] = []
    for one in drawn:
        box, members = one.box, [one]
        again = True
        while again:  # a box that grew may reach another panel
            again = False
            for k, (other, theirs) in enumerate(panels):
                if _touch(box, other):
                    box = (
                        min(box[0], other[0]),
                        min(box[1], other[1]),
                        max(box[2], other[2]),
                        max(box[3], other[3]),
                    )
                    members = theirs + members
                    del panels[k]
                    again = True
                    break
        panels.append((box, members))
    return [members for _, members in sorted(panels, key=lambda p: -len(p[1]))]


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    sizes = [max(box[2] - box[0], box[3] - box[1]) for box in (a, b)]
    room = max(0.5, 0.75 * min(sizes))
    return a[0] - room < b[2] and b[0] - room < a[2] and a[1] - room < b[3] and b[1] - room < a[3]


def _panel(axes: Any, members: list[_Drawn]) -> None:
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    colours = pyplot.get_cmap("tab10")
    for index, one in enumerate(members):
        colour = colours(index % 10)
        if one.circle and (len(members) <= _LABELLED or not one.shapes):
            axes.plot(*zip(*one.circle, strict=True), "--", color="0.6", linewidth=0.8)
        for ring, said, kind in one.shapes:
            _outline(axes, ring, said, kind, colour)
        if len(members) <= _LABELLED:
            _label(axes, one, colour)
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    middle = (south + north) / 2
    squeeze = max(0.05, cos(radians(max(-89.0, min(89.0, middle)))))
    # A square of ground, whatever the shapes' own proportions.
    half = max((east - west) * squeeze, north - south, 2 * _DEG_PER_NM) * 0.54
    x = (west + east) / 2
    axes.set_xlim(x - half / squeeze, x + half / squeeze)
    axes.set_ylim(max(-90.0, middle - half), min(90.0, middle + half))
    axes.set_aspect(1 / squeeze)
    axes.grid(visible=True, linewidth=0.3)
    axes.tick_params(labelsize=7)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _degrees(v, "E", "W")))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: _degrees(v, "N", "S")))
    axes.locator_params(nbins=5)
    _aerodromes(axes)
    _scale(axes, squeeze)


def _degrees(value: float, positive: str, negative: str) -> str:
    """'106.4° W'; longitudes may run past 180."""
    if positive == "E":
        value = (value + 180.0) % 360.0 - 180.0
    return f"{abs(value):.3f}".rstrip("0").rstrip(".") + f"° {positive if value >= 0 else negative}"


def _outline(axes: Any, ring: Ring, said: dict[str, Any], kind: str, colour: Any) -> None:
    if kind == "Point":
        axes.plot(*zip(*ring, strict=True), "+", color=colour, markersize=10)
        return
    style = ":" if said["uncertain"] else "-"
    axes.plot(*zip(*ring, strict=True), style, color=colour, linewidth=1.5)
    if kind == "Polygon":
        face = "white" if said["excluded"] else colour
        axes.fill(*zip(*ring, strict=True), color=face, alpha=0.15)


def _label(axes: Any, one: _Drawn, colour: Any) -> None:
    """The number and the heights, on each of the first few areas."""
    name = one.notam.id or "(no number)"
    for ring, said, _ in one.shapes[:_LABELLED]:
        low, high = (said[k]["text"] if said[k] else "?" for k in ("lower", "upper"))
        taken = "excluded: " if said["excluded"] else ""
        _write(axes, ring, f"{name} {said['name']}".strip() + f"\n{taken}{low} – {high}", colour)
    if not one.shapes:
        _write(axes, one.circle, f"{name}\nitem Q only", "0.3")


def _write(axes: Any, ring: Ring, words: str, colour: Any) -> None:
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    axes.annotate(
        words,
        ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2),
        fontsize=7.5,
        color=colour,
        ha="center",
        va="center",
        bbox={"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 1.0},
    )


def _aerodromes(axes: Any) -> None:
    """Those of the panel, the ones with scheduled traffic first."""
    import airportsdata

    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    if north - south > _WIDEST_WITH_AERODROMES:
        return
    inside = (
        row
        for row in airportsdata.load("ICAO").values()
        if west < row["lon"] < east and south < row["lat"] < north and row["icao"].isalpha()
    )
    wanted = sorted(inside, key=lambda row: (not row["iata"], row["icao"]))
    for row in islice(wanted, _AERODROMES):
        axes.plot(row["lon"], row["lat"], ".", color="0.25", markersize=5)
        axes.annotate(
            row["icao"], (row["lon"], row["lat"]), xytext=(3, 3), textcoords="offset points",
            fontsize=6.5, color="0.25",
        )  # fmt: skip


def _scale(axes: Any, squeeze: float) -> None:
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    wide_nm = (east - west) * squeeze * 60
    length_nm = next(
        (x for x in (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2) if x <= wide_nm / 4), 0.1
    )
    right = east - 0.04 * (east - west)
    left = right - length_nm * _DEG_PER_NM / squeeze
    y = south + 0.04 * (north - south)
    axes.plot([left, right], [y, y], "-", color="black", linewidth=2)
    axes.annotate(
        f"{length_nm:g} NM ({length_nm * M_PER_NM / 1000:.3g} km)", ((left + right) / 2, y),
        xytext=(0, 4), textcoords="offset points", fontsize=7, ha="center",
    )  # fmt: skip
