"""A brief as one HTML page with its map, English and Spanish side by side; it loads nothing."""

from __future__ import annotations

from math import cos, degrees, pi, sin
from typing import Final

from markupsafe import Markup, escape

from windhover.report.projection import Bounds, Projection, Sheet
from windhover.report.svg import el, group, join, line, nice_step, path, text
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD, M_PER_NM
from windhover.watch.brief import Brief, Near
from windhover.watch.closure import Closure

LatLon = tuple[float, float]
_WIDE, _HIGH = 720.0, 520.0
_LABELS: Final = 9

STYLE: Final = """
:root { color-scheme: light dark; --ink:#1b2430; --soft:#5b6673; --paper:#fff; --line:#d5dbe1; --land:#f3f1ec;
        --area:#b3261e; --fill:#b3261e22; --own:#fff6d6; --aero:#1f5fa8; }
@media (prefers-color-scheme: dark) { :root { --ink:#e8ecf1; --soft:#a5b0bc; --paper:#14181d; --line:#39424c;
        --land:#1c2228; --area:#ff8a80; --fill:#ff8a8033; --own:#3a3316; --aero:#8ab8f0; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .2rem 0; } h2 { font-size: 1rem; margin: 0; }
.es { color: var(--soft); } .number { color: var(--soft); font-variant-numeric: tabular-nums; }
.banner { border: 3px solid var(--area); color: var(--area); font-weight: 700; padding: .4rem .8rem; }
section { display: grid; grid-template-columns: 11rem 1fr 1fr; gap: 0 1.5rem; border-top: 1px solid var(--line); padding: .7rem 0; }
section ul { margin: 0; padding-left: 1.1rem; } section.own li { background: var(--own); }
@media (max-width: 54rem) { section { grid-template-columns: 1fr; } }
svg.map { width: 100%; height: auto; max-width: 60rem; display: block; margin: 1rem 0; background: var(--land); }
svg .grid { stroke: var(--line); stroke-width: .6; } svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
svg .grid-label { fill: var(--soft); font-size: 9.5px; } svg .area { fill: var(--fill); stroke: var(--area); stroke-width: 1.8; }
svg .unsure { stroke-dasharray: 6 4; } svg .out { fill: none; stroke: var(--area); stroke-dasharray: 2 3; }
svg .border { fill: none; stroke: var(--ink); stroke-width: 1.6; stroke-dasharray: 10 3 2 3; }
svg .q { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; } svg .aero { fill: var(--aero); }
svg .scale { stroke: var(--ink); stroke-width: 2; } pre { white-space: pre-wrap; border: 1px solid var(--line); padding: .8rem; overflow-wrap: anywhere; }
svg text.halo { paint-order: stroke; stroke: var(--land); stroke-width: 3px; }
"""


def page(
    brief: Brief,
    closure: Closure,
    near: tuple[Near, ...],
    history: list[str],
    border: tuple[list[list[LatLon]], str] = ([], ""),
) -> str:
    """The whole page. `history`: what happened to the notice, one line each; `border`: lines, source."""
    e = escape
    parts = [
        Markup("<!doctype html><html lang='en'><head><meta charset='utf-8'>"),
        Markup("<meta name='viewport' content='width=device-width,initial-scale=1'>"),
        Markup(
            "<meta http-equiv='Content-Security-Policy' "
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        ),
        Markup("<title>{}</title><style>{}</style></head><body><main>").format(
            brief.number, Markup(STYLE)
        ),
    ]
    if brief.banner:
        parts.append(Markup("<p class='banner'>{}</p>").format(brief.banner))
    parts.append(Markup("<p class='number'>{}</p><h1>{}</h1>").format(brief.number, brief.title.en))
    parts.append(Markup("<p class='es' lang='es-MX'>{}</p>").format(brief.title.es))
    drawn = map_of(closure, near, border[0])
    if drawn is not None:
        parts.append(drawn)
        if border[0]:
            parts.append(Markup("<p class='number'>Border / frontera: {}</p>").format(border[1]))
    for section in brief.sections:
        english = Markup("").join(Markup("<li>{}</li>").format(w.en) for w in section.lines)
        spanish = Markup("").join(Markup("<li>{}</li>").format(w.es) for w in section.lines)
        parts.append(
            Markup(
                "<section class='{}'><h2>{}<br><span class='es' lang='es-MX'>{}</span></h2>"
                "<ul>{}</ul><ul class='es' lang='es-MX'>{}</ul></section>"
            ).format(section.key, section.title.en, section.title.es, english, spanish)
        )
    if history:
        rows = Markup("").join(Markup("<li>{}</li>").format(row) for row in history)
        parts.append(
            Markup("<h2>History · <span lang='es-MX'>Historia</span></h2><ul>{}</ul>").format(rows)
        )
    parts.append(
        Markup("<h2>The text itself · <span lang='es-MX'>El texto</span></h2><pre>{}</pre>").format(
            closure.raw.strip()[:24_000]
        )
    )
    parts.append(Markup("</main></body></html>\n"))
    return str(Markup("").join(e(p) for p in parts))


def circle(centre: Point, radius_m: float) -> list[LatLon]:
    """72 corners, flat: a picture."""
    lat, lon = centre.latitude_rad, centre.longitude_rad
    reach = radius_m / 6_371_000.0
    wide = max(0.05, cos(lat))
    turns = [2 * pi * k / 72 for k in range(72)]
    return [(degrees(lat + reach * cos(t)), degrees(lon + reach * sin(t) / wide)) for t in turns]


def map_of(
    closure: Closure, near: tuple[Near, ...], border: list[list[LatLon]] | None = None
) -> Markup | None:
    """The area on a graticule with the aerodromes in and near it; None where there is no place."""
    centre = closure.centre
    if centre is None:
        return None
    rings: list[tuple[list[LatLon], str]] = []
    for shape in closure.shapes:
        class_ = "out" if shape.excluded else "area unsure" if shape.uncertain else "area"
        if shape.ring:
            degrees_ = [
                (p.latitude_rad * DEG_PER_RAD, p.longitude_rad * DEG_PER_RAD) for p in shape.ring
            ]
            rings.append((degrees_, class_))
        elif shape.centre is not None and shape.radius_m:
            rings.append((circle(shape.centre, shape.radius_m), class_))
    if not rings and closure.radius_nm and closure.radius_nm < 999:
        rings.append((circle(centre, closure.radius_nm * M_PER_NM), "q"))
    if not rings:
        return None
    projection = Projection(centre.latitude_rad * DEG_PER_RAD, centre.longitude_rad * DEG_PER_RAD)
    around = Bounds.around(projection.metres([p for ring, _ in rings for p in ring]))
    sheet = Sheet(projection, around.grown(0.22, 4 * M_PER_NM), _WIDE, _HIGH)
    drawn = [_graticule(sheet)]
    drawn += [el("path", d=path(sheet.xy(points)), class_="border") for points in border or []]
    drawn += [el("path", d=path(sheet.xy(ring), closed=True), class_=c) for ring, c in rings]
    return el(
        "svg",
        el("title", f"Map of {closure.number}"),
        *drawn,
        _aerodromes(sheet, near),
        _scale(sheet),
        viewBox=f"0 0 {_WIDE:.0f} {_HIGH:.0f}",
        overflow="hidden",
        role="img",
        class_="map",
    )


def _graticule(sheet: Sheet) -> Markup:
    south, west = sheet.place(0.0, sheet.height_px)
    north, east = sheet.place(sheet.width_px, 0.0)
    step = nice_step(max(north - south, 1e-6), 4)
    parts = []
    k = int(south // step)
    while k * step <= north:
        _, y = sheet.one(k * step, west)
        parts.append(line((0, y), (sheet.width_px, y), "grid"))
        parts.append(text(_degrees(k * step, "N", "S"), 4, y - 3, "grid-label"))
        k += 1
    k = int(west // step)
    while k * step <= east:
        x, _ = sheet.one(south, k * step)
        parts.append(line((x, 0), (x, sheet.height_px), "grid"))
        parts.append(text(_degrees(k * step, "E", "W"), x + 3, sheet.height_px - 5, "grid-label"))
        k += 1
    return group(parts)


def _degrees(value: float, positive: str, negative: str) -> str:
    value = (value + 180.0) % 360.0 - 180.0 if positive == "E" else value
    return f"{abs(value):.3f}".rstrip("0").rstrip(".") + f"° {positive if value >= 0 else negative}"


def _aerodromes(sheet: Sheet, near: tuple[Near, ...]) -> Markup:
    """The nearest are named; a name that would cover another is left out."""
    parts: list[Markup] = []
    taken: list[tuple[float, float]] = []
    for place in near:
        x, y = sheet.one(place.lat_deg, place.lon_deg)
        if not sheet.inside((x, y)):
            continue
        parts.append(el("circle", cx=x, cy=y, r=3.2, class_="aero"))
        if len(taken) < _LABELS and all(abs(x - a) > 60 or abs(y - b) > 13 for a, b in taken):
            taken.append((x, y))
            words = f"{place.code} [{place.country}]" if place.country else place.code
            parts.append(text(words, x + 5, y + 4, "halo"))
    return join(parts)


def _scale(sheet: Sheet) -> Markup:
    length_nm = nice_step((sheet.width_px / sheet.px_per_m) / M_PER_NM, 5)
    wide = length_nm * M_PER_NM * sheet.px_per_m
    x, y = sheet.width_px - wide - 16, sheet.height_px - 24.0
    return group(
        [
            line((x, y), (x + wide, y), "scale"),
            text(f"{length_nm:g} NM", x, y - 5, "halo"),
            text("N ↑", sheet.width_px - 30, 20, "halo"),
        ]
    )
