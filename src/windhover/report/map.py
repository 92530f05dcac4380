"""The map: what is there, what flew, what was asked of the airspace, and the real order's circle for scale."""

from __future__ import annotations

import re
from math import atan2, degrees, floor, hypot

import numpy as np
from markupsafe import Markup

from windhover.report import view, words
from windhover.report.labels import Labels
from windhover.report.projection import Bounds, Projection, Sheet
from windhover.report.story import LatLon, Story, StoryObject, StoryRestriction
from windhover.report.svg import XY, el, group, join, line, nice_step, path, text
from windhover.schema.batches import CLASSES, F64
from windhover.units import M_PER_KM, M_PER_NM

WIDTH_PX, HEIGHT_PX = 960.0, 660.0
CLOSE_HEIGHT_PX = 560.0
PHONE_PX = (360.0, 470.0)
"""Drawn again for a telephone, upright: shrunk to its width the wide sheet's letters could not be read."""
_LONGEST = 34  # characters of a label
_ZONES = {"critical", "aerodrome", "restricted", "border_strip", "friendly", "populated"}


def style_of(said: str) -> str:
    """The class of the style sheet for what was said; anything unheard of looks unknown."""
    return f"c-{said if said in CLASSES else 'unknown'}"


def overview(story: Story) -> Markup | None:
    """The whole place; None where the story has no place at all."""
    projection = view.projection_of(story)
    if projection is None:
        return None
    wanted = view.whole_frame(story, projection)
    if wanted is None:
        return None
    wanted = wanted.grown(0.04, 4000.0)
    return _twice(story, projection, wanted, HEIGHT_PX, "wide", "Map of the whole place")


def close_up(story: Story) -> Markup | None:
    """The same around what was small and low; None where that would show nothing new."""
    projection = view.projection_of(story)
    if projection is None:
        return None
    whole = view.whole_frame(story, projection)
    if whole is None:
        return None
    whole = whole.grown(0.04, 4000.0).shaped(WIDTH_PX / HEIGHT_PX)
    for wanted in view.near_frames(story, projection):
        near = wanted.grown(0.05, 2000.0).shaped(WIDTH_PX / CLOSE_HEIGHT_PX)
        if near.east_m - near.west_m <= 0.7 * (whole.east_m - whole.west_m):
            title = "Close view of what was small and low"
            wanted = wanted.grown(0.05, 2000.0)
            return _twice(story, projection, wanted, CLOSE_HEIGHT_PX, "near", title)
    return None


def _twice(
    story: Story, projection: Projection, wanted: Bounds, height_px: float, id: str, title: str
) -> Markup:
    """For a desk and for a telephone; the style sheet shows one of them."""
    wide = Sheet(projection, wanted, WIDTH_PX, height_px)
    phone = Sheet(projection, wanted, *PHONE_PX)
    return join(
        [_Map(story, wide, id).draw(title), _Map(story, phone, f"{id}-phone").draw(title, "phone")]
    )


class _Map:
    """One drawing; `id` keeps its clip path apart from another map's on the same page."""

    def __init__(self, story: Story, sheet: Sheet, id: str) -> None:
        self.story, self.sheet, self.id = story, sheet, id
        self.labels = Labels(sheet.width_px, sheet.height_px)
        self.wanted: list[tuple[int, str, XY, str, float]] = []

    def draw(self, title: str, style: str = "desk") -> Markup:
        sheet = self.sheet
        # The furniture's corners are taken before any label looks for a place.
        self.labels.keep_free(0, 0, 44, 68)
        right, foot = sheet.width_px, sheet.height_px
        self.labels.keep_free(right - 230, foot - 56, right, foot)
        drawn = [
            self._graticule(),
            self._coverage(),
            self._zones(),
            self._border(),
            self._real_circle(),
            self._plans(),
            self._restrictions(),
            self._aerodromes(),
            self._sensors(),
            self._trails(),
        ]
        clip = f"clip-{self.id}"
        return el(
            "svg",
            el("title", title),
            el("defs", el("clipPath", self._sheet_rect(None), id=clip)),
            self._sheet_rect("land"),
            group([*drawn, *self._labels()], clip_path=f"url(#{clip})"),
            self._sheet_rect("neatline"),
            self._north(),
            self._scale_bar(),
            viewBox=f"0 0 {sheet.width_px:.0f} {sheet.height_px:.0f}",
            role="img",
            class_=f"map {style}",
        )

    def _sheet_rect(self, class_: str | None) -> Markup:
        wide, high = self.sheet.width_px, self.sheet.height_px
        return el("rect", x=0, y=0, width=wide, height=high, class_=class_)

    def _label(self, words_: str, at: XY, class_: str, gap_px: float, rank: int) -> None:
        """Ask for a label; it is placed once everything it must not hide has been drawn."""
        short = words_ if len(words_) <= _LONGEST else words_[: _LONGEST - 1] + "…"
        self.wanted.append((rank, short, at, class_, gap_px))

    def _labels(self) -> list[Markup]:
        """Lowest rank first: what flew, what was restricted, what was there."""
        parts = []
        for _, words_, at, class_, gap_px in sorted(self.wanted, key=lambda wanted: wanted[0]):
            placed = self.labels.place(words_, *at, gap_px=gap_px)
            if placed.leader:
                middle = placed.x + 3.3 * len(words_)
                parts.append(line(at, (middle, placed.y - 4), "leader"))
            parts.append(text(words_, placed.x, placed.y, f"label {class_}"))
        return parts

    def _graticule(self) -> Markup:
        b, p, s = self.sheet.bounds, self.sheet.projection, self.sheet
        south, west = p.degrees(b.west_m, b.south_m)[0], p.degrees(b.west_m, b.south_m)[1]
        north, east = p.degrees(b.east_m, b.north_m)
        # In whole minutes of arc, as charts are ruled.
        step_min = next(
            (m for m in (1, 2, 5, 10, 15, 20, 30, 60, 120, 300) if (east - west) * 60 / m <= 7), 600
        )
        parts: list[Markup] = []
        for k in range(floor(west * 60 / step_min) + 1, floor(east * 60 / step_min) + 1):
            x = s.one(south, k * step_min / 60)[0]
            parts.append(line((x, 0), (x, s.height_px), "grid"))
            if x < s.width_px - 290:  # the scale bar stands there
                parts.append(text(_arc(k * step_min, "EW"), x + 3, s.height_px - 5, "tick"))
        for k in range(floor(south * 60 / step_min) + 1, floor(north * 60 / step_min) + 1):
            y = s.one(k * step_min / 60, west)[1]
            parts.append(line((0, y), (s.width_px, y), "grid"))
            if y > 90:
                parts.append(text(_arc(k * step_min, "NS"), 4, y - 3, "tick"))
        return join(parts)

    def _area(self, polygon: tuple[LatLon, ...], class_: str, hint: str) -> Markup:
        return el(
            "path", el("title", hint), d=path(self.sheet.xy(polygon), closed=True), class_=class_
        )

    def _coverage(self) -> Markup:
        parts = []
        for sensor in self.story.site.sensors:
            x, y = self.sheet.one(sensor.lat_deg, sensor.lon_deg)
            radius = sensor.range_m * self.sheet.px_per_m
            farthest = max(
                hypot(x - cx, y - cy)
                for cx in (0, self.sheet.width_px)
                for cy in (0, self.sheet.height_px)
            )
            if radius < farthest:  # else its rim is off the sheet
                parts.append(el("circle", cx=x, cy=y, r=radius, class_="coverage"))
        return join(parts)

    def _zones(self) -> Markup:
        parts = []
        for zone in self.story.site.zones:
            if len(zone.polygon) < 3:
                continue
            kind = zone.kind if zone.kind in _ZONES else "restricted"
            parts.append(self._area(zone.polygon, f"zone z-{kind}", f"{zone.name} ({zone.kind})"))
            if kind != "border_strip":
                top = self.sheet.xy(zone.polygon)
                at = (float(top[:, 0].mean()), float(top[:, 1].min()) + 9)
                if self.sheet.inside(at) and kind != "aerodrome":
                    self._label(zone.name, at, "l-zone", 1.0, 3)
        return join(parts)

    def _border(self) -> Markup:
        site, parts = self.story.site, []
        sigma_px = 2 * (site.border_sigma_m or 0.0) * self.sheet.px_per_m
        longest: F64 | None = None
        for polyline in site.border:
            xy = self.sheet.xy(polyline)
            if sigma_px > 1.5:
                parts.append(el("path", d=path(xy), class_="border-doubt", stroke_width=sigma_px))
            parts.append(el("path", d=path(xy), class_="border"))
            longest = xy if longest is None or len(xy) > len(longest) else longest
        if longest is not None and site.country:
            parts += self._sides(longest)
        return join(parts)

    def _sides(self, xy: F64) -> list[Markup]:
        """The two states' letters on either side of the line, where it is farthest from the site.

        None without a place known to be on the own side: letters on the wrong side would be worse.
        """
        site, sheet = self.story.site, self.sheet
        middles = (xy[1:] + xy[:-1]) / 2
        seen = [
            k
            for k, (x, y) in enumerate(middles.tolist())
            if sheet.inside((x, y), -50) and self.labels.is_free(x, y, 32)
        ]
        if not seen or not site.neighbour or site.border_home is None:
            return []
        centre = np.array(sheet.one(sheet.projection.lat_deg, sheet.projection.lon_deg))
        k = max(seen, key=lambda k: float(np.hypot(*(middles[k] - centre))))
        along = xy[k + 1] - xy[k]
        across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
        parts = []
        for side in (1.0, -1.0):
            x, y = (middles[k] + side * 17 * across).tolist()
            own = view.own_side(site.border, site.border_home, sheet.place(x, y))
            name = site.country if own else site.neighbour
            parts.append(text(name[:3], x, y + 5, "state", text_anchor="middle"))
            self.labels.block(x, y, 12)
        return parts

    def _real_circle(self) -> Markup:
        real = self.story.real_order
        if real is None:
            return Markup("")
        x, y = self.sheet.one(*view.real_centre(self.story, self.sheet.projection))
        radius = real.radius_nm * M_PER_NM * self.sheet.px_per_m
        if self.id.startswith("wide"):
            label = f"{real.radius_nm:g} NM, the real order, for scale"
            at = (x + 0.5 * radius, y - 0.866 * radius)
            self._label(label, at, "l-real", 6.0, 4)
        return el("circle", el("title", real.name), cx=x, cy=y, r=radius, class_="real")

    def _plans(self) -> Markup:
        parts = []
        for plan in self.story.plans:
            if len(plan.polygon) > 2:
                hint = f"{plan.id} {plan.operator}: {plan.words}"
                parts.append(self._area(plan.polygon, f"plan p-{plan.kind}", hint))
        return join(parts)

    def _restrictions(self) -> Markup:
        """Hatched where the authority issued it, an outline where it stayed a draft or a request."""
        parts = []
        for r in self.story.restrictions:
            if len(r.polygon) < 3:
                continue
            xy = self.sheet.xy(r.polygon)
            style = f"restriction h-{r.hazard[:5]}" + (
                "" if r.issued_after_s is not None else " draft"
            )
            parts.append(self._area(r.polygon, style, f"{r.id} {r.hazard}, {volume_words(r)}"))
            rim = xy[int(np.argmin(xy[:, 0]))]  # its westernmost corner
            if self.sheet.inside((float(rim[0]), float(rim[1]))):
                self._label(r.id, (float(rim[0]), float(rim[1])), "l-restriction", 3.0, 1)
        return join(parts)

    def _aerodromes(self) -> Markup:
        parts = []
        for a in self.story.site.aerodromes:
            x, y = self.sheet.one(a.lat_deg, a.lon_deg)
            if not self.sheet.inside((x, y), 40):
                continue
            for threshold, opposite in a.runways:
                (x0, y0), (x1, y1) = self.sheet.xy([threshold, opposite]).tolist()
                parts.append(line((x0, y0), (x1, y1), "runway"))
            if not a.runways:
                parts.append(el("circle", cx=x, cy=y, r=4, class_="aerodrome"))
            self.labels.block(x, y, 6)
            short = re.split(r" International| Airport| \(", a.name)[0]
            self._label(f"{a.icao} {short}".strip(), (x, y), "l-place", 12.0, 2)
        return join(parts)

    def _sensors(self) -> Markup:
        parts = []
        for sensor in self.story.site.sensors:
            x, y = self.sheet.one(sensor.lat_deg, sensor.lon_deg)
            if not self.sheet.inside((x, y)):
                continue
            hint = f"{sensor.name}: {sensor.kind}, {sensor.range_m / M_PER_KM:.0f} km"
            shape = f"M{x:.1f} {y - 6:.1f}l5.2 9h-10.4z"
            parts.append(el("path", el("title", hint), d=shape, class_="sensor"))
            self.labels.block(x, y, 6)
        return join(parts)

    def _trails(self) -> Markup:
        trails, marks = [], []
        ends: list[tuple[int, StoryObject, XY]] = []
        for number, o in enumerate(self.story.objects, 1):
            xy = self.sheet.xy(view.trail_of(o))
            seen = [k for k in range(len(xy)) if self.sheet.inside((xy[k, 0], xy[k, 1]), -9)]
            if not seen:
                continue
            hint = " · ".join(filter(None, (o.name, o.said, o.truth and f"truly {o.truth}")))
            style = style_of(o.said)
            trails.append(el("path", el("title", hint), d=path(xy), class_=f"trail {style}"))
            x0, y0 = xy[0].tolist()
            trails.append(el("circle", cx=x0, cy=y0, r=2.2, class_=f"start {style}"))
            self._keep_clear(xy)
            (x, y), before = xy[seen[-1]].tolist(), xy[max(seen[-1] - 4, 0)]
            course_deg = degrees(atan2(x - before[0], before[1] - y))
            marks.append(mark(o.said, (x, y), course_deg))
            self.labels.block(x, y, 8)
            ends.append((number, o, (x, y)))
        self._name(ends)
        return join([*trails, *marks])

    def _keep_clear(self, xy: F64) -> None:
        """Tell the labels where a trail runs, every 12 px or so."""
        last = None
        for x, y in xy.tolist():
            if last is None or hypot(x - last[0], y - last[1]) > 12:
                self.labels.cross(x, y)
                last = (x, y)

    def _name(self, ends: list[tuple[int, StoryObject, XY]]) -> None:
        """Objects by number and name; aircraft by number only, those that end together in one label."""
        bunches: list[tuple[XY, list[int]]] = []
        for number, o, at in ends:
            if o.said != "aircraft":
                # The small overview has room for numbers; the close view names them.
                name = "" if self.id == "wide-phone" else f" {o.name or o.said}"
                self._label(f"{number}{name}", at, f"l-object {style_of(o.said)}", 9.0, 0)
                continue
            near = next((b for b in bunches if hypot(at[0] - b[0][0], at[1] - b[0][1]) < 16), None)
            if near:
                near[1].append(number)
            else:
                bunches.append((at, [number]))
        for at, numbers in bunches:
            more = f" +{len(numbers) - 4}" if len(numbers) > 4 else ""
            self._label(" ".join(map(str, numbers[:4])) + more, at, "l-object c-aircraft", 9.0, 0)

    def _north(self) -> Markup:
        arrow = el("path", d="M22 16l7 22-7-5-7 5z", class_="north")
        plate = el("rect", x=8, y=8, width=28, height=52, rx=4, class_="plate")
        return group([plate, arrow, text("N", 22, 54, "furniture", text_anchor="middle")])

    def _scale_bar(self) -> Markup:
        """Kilometres above, nautical miles below, from the same zero."""
        s = self.sheet
        x1, y = s.width_px - 16, s.height_px - 24
        parts = [el("rect", x=x1 - 206, y=y - 24, width=216, height=44, rx=4, class_="plate")]
        for unit_m, name, sign in ((M_PER_KM, "km", -1), (M_PER_NM, "NM", 1)):
            step = nice_step(150 / s.px_per_m / unit_m, 1)
            step = step if step * unit_m * s.px_per_m <= 175 else step / 2
            wide = step * unit_m * s.px_per_m
            x0 = x1 - 196
            for a, b in (
                ((x0, y), (x0 + wide, y)),
                *((((x0 + wide * f), y), ((x0 + wide * f), y + 5 * sign)) for f in (0, 0.5, 1)),
            ):
                parts.append(line(a, b, "bar"))
            label_y = y - 9 if sign < 0 else y + 16
            parts.append(text("0", x0, label_y, "furniture", text_anchor="middle"))
            parts.append(
                text(f"{step:g} {name}", x0 + wide, label_y, "furniture", text_anchor="middle")
            )
        return group(parts)


def mark(said: str, at: XY, course_deg: float = 0.0) -> Markup:
    """The symbol of a class; an aircraft's points where it goes."""
    name = said if said in CLASSES else "unknown"
    turn = f" rotate({course_deg:.0f})" if name == "aircraft" else ""
    return el(
        "use",
        href=f"#m-{name}",
        transform=f"translate({at[0]:.1f} {at[1]:.1f}){turn}",
        class_=f"mark {style_of(name)}",
    )


def volume_words(r: StoryRestriction) -> str:
    """'surface – 5,500 ft'"""
    return f"{words.feet(r.lower_ft, lower=True)} – {words.feet(r.upper_ft)}"


def _arc(minutes: int, sides: str) -> str:
    """Whole minutes of arc as 106°30′W."""
    side = sides[0] if minutes >= 0 else sides[1]
    whole, rest = divmod(abs(minutes), 60)
    return f"{whole}°{rest:02}′{side}"
