"""The map picture of `windhover notam draw`: areas with their heights on a plain graticule."""

from __future__ import annotations

from math import cos, radians
from pathlib import Path

from windhover.errors import BadInput
from windhover.notices.notam import Notam
from windhover.notices.notam.emit import feature


def draw_map(notams: list[Notam], out: Path) -> int:
    """Write the picture whole or not at all; how many areas it shows.

    Raises `BadInput` where no notice states an area or a centre.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 9), dpi=110)
    drawn = 0
    latitudes: list[float] = []
    colours = pyplot.get_cmap("tab10")
    for index, notam in enumerate(notams):
        colour = colours(index % 10)
        for area in notam.areas:
            shown = feature(area)
            geometry, said = shown["geometry"], shown["properties"]
            low, high = (said[k]["text"] if said[k] else "?" for k in ("lower", "upper"))
            name = f"{notam.id} {low}–{high}"
            style = ":" if said["uncertain"] else "-"
            if geometry["type"] == "Point":
                rings = [[geometry["coordinates"]]]
                axes.plot(*zip(*rings[0], strict=True), "+", color=colour)
            elif geometry["type"] == "LineString":
                rings = [geometry["coordinates"]]
                axes.plot(*zip(*rings[0], strict=True), style, color=colour)
            else:
                rings = geometry["coordinates"]
                for ring in rings:
                    axes.plot(*zip(*ring, strict=True), style, color=colour, linewidth=1.4)
                face = "white" if said["excluded"] else colour
                axes.fill(*zip(*rings[0], strict=True), color=face, alpha=0.15)
            latitudes += [p[1] for p in rings[0]]
            if len(notams) <= 12:
                axes.annotate(name, rings[0][0], fontsize=7, color=colour)
            drawn += 1
    if not drawn:
        pyplot.close(figure)
        raise BadInput("None of these notices states an area.", "Nothing was written.")
    middle = sum(latitudes) / len(latitudes)
    axes.set_aspect(1 / max(0.05, cos(radians(middle))))
    axes.grid(visible=True, linewidth=0.3)
    axes.set_xlabel("longitude °E")
    axes.set_ylabel("latitude °N")
    first = notams[0]
    title = first.plain.en if len(notams) == 1 else f"{len(notams)} notices"
    prefix = "EXERCISE / EJERCICIO\n" if any(n.exercise for n in notams) else ""
    axes.set_title(f"{prefix}{title[:110]}", fontsize=8)
    part = out.with_name(out.name + ".part")
    figure.savefig(part, format="png")
    pyplot.close(figure)
    part.replace(out)
    return drawn
