"""Drawing SVG: elements that escape what they are given, paths without points nobody could see, round ticks.

Everything that reaches the page from here is `Markup`; attribute values and texts are escaped where
the element is made, so that no caller can forget it. Colours and widths are classes of the style
sheet: one drawing serves paper, light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite, log10

import numpy as np
from markupsafe import Markup, escape
from shapely.geometry import LineString

from windhover.schema.batches import F64

XY = tuple[float, float]


def el(name: str, *children: Markup | str, **attributes: object) -> Markup:
    """One element. `class_` and `stroke_width` become `class` and `stroke-width`; None is left out.

    >>> el("text", "a < b", x=1.25, class_="label")
    Markup('<text x="1.2" class="label">a &lt; b</text>')
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(str(escape(child)) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>" if children else f"<{name}{written}/>")


def join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def group(parts: Iterable[Markup], **attributes: object) -> Markup:
    return el("g", join(parts), **attributes)


def text(words: str, x: float, y: float, class_: str = "", **attributes: object) -> Markup:
    return el("text", words, x=x, y=y, class_=class_ or None, **attributes)


def line(a: XY, b: XY, class_: str, **attributes: object) -> Markup:
    return el("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], class_=class_, **attributes)


def path(points: Sequence[XY] | F64, *, closed: bool = False, tolerance: float = 0.35) -> str:
    """The `d` of a path through points, without those that change nothing by more than `tolerance`.

    Non-finite points break the line. Empty where fewer than two points remain.
    """
    array = np.asarray(points, dtype=float).reshape(-1, 2)
    if closed:
        return _run(array, tolerance) + "Z" if len(array) > 2 else ""
    runs, start = [], 0
    good = np.isfinite(array).all(axis=1)
    for k in [*np.flatnonzero(~good).tolist(), len(array)]:
        if k - start > 1:
            runs.append(_run(array[start:k], tolerance))
        start = k + 1
    return "".join(runs)


def _run(array: F64, tolerance: float) -> str:
    if len(array) > 2 and tolerance > 0:
        # Douglas and Peucker (1973), as GEOS has it.
        array = np.asarray(LineString(array).simplify(tolerance, preserve_topology=False).coords)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in array)


def _short(value: object) -> object:
    """Coordinates to a tenth of a pixel."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0") if isfinite(value) else "0"
    return value


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values inside [low, high], steps of 1, 2 or 5 times a power of ten.

    >>> ticks(0.3, 9.1)
    [2.0, 4.0, 6.0, 8.0]
    """
    step = nice_step(high - low, about)
    return [round(k * step, 9) for k in range(ceil(low / step), floor(high / step + 1e-9) + 1)]


def nice_step(span: float, about: int) -> float:
    """The step of 1, 2 or 5 times a power of ten that divides `span` into about so many."""
    rough = max(span, 1e-9) / max(about, 1)
    power = 10.0 ** floor(log10(rough))
    return float(next(m for m in (1, 2, 5, 10) if m * power >= rough * 0.999) * power)


def minute_ticks(high_s: float, about: int = 6) -> list[float]:
    """Seconds from 0 at whole steps of 10 s … 6 h that people count time in."""
    steps = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600)
    step = next((s for s in steps if high_s / s <= about + 1), 86_400)
    return [float(t) for t in range(0, int(high_s) + 1, step)]
