"""The plots of one object: how sure over time, how fast over the ground and through the air, velocity
against the wind's, height. Lines carry their names at their ends; dashes differ where colours do.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, hypot, isfinite, sqrt

import numpy as np
from markupsafe import Markup

from windhover.report import words
from windhover.report.map import style_of
from windhover.report.story import StoryObject
from windhover.report.svg import XY, el, join, line, minute_ticks, path, text, ticks
from windhover.schema.batches import F64
from windhover.units import M_PER_FT

WIDTH_PX, HEIGHT_PX = 320.0, 184.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 74.0, 8.0, 24.0


class Axes:
    """A frame with round ticks; x is time in s after the start unless `square`."""

    def __init__(self, x: XY, y: XY, right_px: float = _RIGHT) -> None:
        self.x_range, self.y_range = x, y
        self.x0, self.x1 = _LEFT, WIDTH_PX - right_px
        self.y0, self.y1 = HEIGHT_PX - _BOTTOM, _TOP

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.x0 + (value - low) / max(high - low, 1e-9) * (self.x1 - self.x0)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.y0 + (value - low) / max(high - low, 1e-9) * (self.y1 - self.y0)

    def points(self, t: Sequence[float] | F64, values: Sequence[float | None] | F64) -> F64:
        """(N, 2) pixels; None becomes a gap."""
        column = np.asarray(values, dtype=float)
        low_x, low_y = self.x_range[0], self.y_range[0]
        across = (self.x1 - self.x0) / max(self.x_range[1] - low_x, 1e-9)
        up = (self.y1 - self.y0) / max(self.y_range[1] - low_y, 1e-9)
        return np.column_stack(
            [
                self.x0 + (np.asarray(t, dtype=float) - low_x) * across,
                self.y0 + (column - low_y) * up,
            ]
        )

    def frame(self, y_ticks: Sequence[float], y_words: Sequence[str]) -> list[Markup]:
        parts = []
        for value, name in zip(y_ticks, y_words, strict=True):
            y = self.y(value)
            parts.append(line((self.x0, y), (self.x1, y), "grid"))
            parts.append(text(name, self.x0 - 5, y + 3.5, "tick", text_anchor="end"))
        return parts

    def time_axis(self) -> list[Markup]:
        low, high = self.x_range
        span = minute_ticks(high - low, 4)
        step = span[1] if len(span) > 1 else max(high - low, 1.0)
        parts = []
        for k in range(ceil(low / step), int(high // step) + 1):
            x = self.x(k * step)
            parts.append(line((x, self.y0), (x, self.y0 + 4), "axis"))
            label = words.clock(k * step).removeprefix("+")
            parts.append(text(label, x, self.y0 + 16, "tick", text_anchor="middle"))
        parts.append(line((self.x0, self.y0), (self.x1, self.y0), "axis"))
        return parts


def _since_first(axes: Axes) -> list[Markup]:
    """A time axis on a square-root scale: decisions fall in the first seconds of long tracks."""
    parts, last = [line((axes.x0, axes.y0), (axes.x1, axes.y0), "axis")], axes.x0 + 8.0
    for value in (5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800):
        x = axes.x(sqrt(value))
        if x > axes.x1 + 1 or x - last < 38:
            continue
        last = x
        name = (
            f"{value} s"
            if value < 60
            else f"{value / 60:g} min"
            if value < 7200
            else f"{value / 3600:g} h"
        )
        parts.append(line((x, axes.y0), (x, axes.y0 + 4), "axis"))
        parts.append(text(name, x, axes.y0 + 16, "tick", text_anchor="middle"))
    return parts


def _svg(title: str, parts: Sequence[Markup]) -> Markup:
    return el(
        "svg",
        el("title", title),
        *parts,
        viewBox=f"0 0 {WIDTH_PX:.0f} {HEIGHT_PX:.0f}",
        role="img",
        class_="plot",
    )


def _end_labels(axes: Axes, ends: Sequence[tuple[str, float, str]]) -> list[Markup]:
    """Names at the right end of their lines, pushed apart to 13 px, in order of height."""
    placed: list[float] = []
    parts = []
    for name, y, class_ in sorted(ends, key=lambda end: end[1]):
        at = max(y + 3.5, placed[-1] + 13 if placed else _TOP)
        placed.append(at)
        parts.append((name, at, class_))
    # What ran out below is pushed up again.
    room = HEIGHT_PX - _BOTTOM + 6
    drawn = []
    for name, at, class_ in reversed(parts):
        at = min(at, room)
        room = at - 13
        drawn.append(text(name, axes.x1 + 5, at, f"end {class_}"))
    return drawn


def _last(values: Sequence[float | None] | F64) -> float | None:
    return next((float(v) for v in reversed(values) if v is not None and isfinite(v)), None)


def _span(t: Sequence[float]) -> XY:
    return (t[0], t[-1] if t[-1] > t[0] else t[0] + 1.0)


def _decision(o: StoryObject, axes: Axes) -> list[Markup]:
    """A mark where the label that stood was first held."""
    if o.decided_after_s is None or o.decided_after_s < 0:
        return []
    x = axes.x(sqrt(o.decided_after_s))
    if not axes.x0 <= x <= axes.x1:
        return []
    return [
        line((x, axes.y0), (x, axes.y1), "decided"),
        el("path", d=f"M{x - 4:.1f} {axes.y1 - 6:.1f}h8l-4 6z", class_="decided-mark"),
    ]


def probability_plot(o: StoryObject) -> Markup | None:
    """How sure of which class, over the time since the first plot, on a square-root scale."""
    t, of = o.probabilities.t_s, o.probabilities.of
    shown = {k: v for k, v in of.items() if len(v) == len(t) and max(v, default=0.0) >= 0.05}
    if len(t) < 2 or not shown:
        return None
    first = min(t[0], t[0] if o.first_seen_s is None else o.first_seen_s)
    since = np.sqrt(np.maximum(np.asarray(t, dtype=float) - first, 0.0))
    axes = Axes((0.0, max(float(since[-1]), 1.0)), (0.0, 1.0))
    parts = axes.frame((0, 0.25, 0.5, 0.75, 1), ("0", "25", "50", "75", "100"))
    ends = []
    for name in sorted(shown, key=lambda k: (k == o.said, k)):  # what was said lies on top
        style = f"series {style_of(name)}" + (" said" if name == o.said else "")
        parts.append(el("path", d=path(axes.points(since, shown[name])), class_=style))
        last = _last(shown[name])
        if last is not None and (last >= 0.03 or name == o.said):
            ends.append((name, axes.y(last), style_of(name)))
    parts += _end_labels(axes, ends) + _decision(o, axes) + _since_first(axes)
    return _svg(f"Probability of each class over time: {o.said} at the end", parts)


def _velocity_columns(o: StoryObject) -> tuple[F64, F64, F64] | None:
    """Ground (N, 2), wind (N, 2) and its sigma (N,), m/s; NaN where unknown."""
    v, n = o.velocities, len(o.velocities.t_s)
    if n < 2 or len(v.ground_east_m_s) != n or len(v.ground_north_m_s) != n:
        return None
    ground = np.column_stack([v.ground_east_m_s, v.ground_north_m_s]).astype(float)
    wind, sigma = np.full((n, 2), np.nan), np.full(n, np.nan)
    if len(v.wind_east_m_s) == n and len(v.wind_north_m_s) == n:
        wind = np.column_stack(
            [np.asarray(v.wind_east_m_s, dtype=float), np.asarray(v.wind_north_m_s, dtype=float)]
        )
    if len(v.wind_sigma_m_s) == n:
        sigma = np.asarray(v.wind_sigma_m_s, dtype=float)
    return ground, wind, sigma


def speed_plot(o: StoryObject) -> Markup | None:
    """Over the ground, of the wind, through the air: a drifter's last is within the wind's error of 0."""
    columns = _velocity_columns(o)
    if columns is None:
        return None
    ground, wind, sigma = columns
    t = o.velocities.t_s
    series = (
        ("ground", np.hypot(ground[:, 0], ground[:, 1]), "v-ground"),
        ("wind", np.hypot(wind[:, 0], wind[:, 1]), "v-wind"),
        ("through air", np.hypot(*(ground - wind).T), "v-air"),
    )
    columns_shown = [v for _, v, _ in series] + [series[1][1] + sigma]
    finite = [float(np.nanmax(v)) for v in columns_shown if np.isfinite(v).any()]
    if not finite:
        return None
    top = max([*finite, 1.0]) * 1.05
    axes = Axes(_span(t), (0.0, top))
    marks = ticks(0.0, top, 5)
    parts = axes.frame(marks, [f"{m:g}" for m in marks])
    band = np.column_stack([series[1][1] - sigma, series[1][1] + sigma])
    good = np.isfinite(band).all(axis=1)
    if good.sum() > 1:
        times = np.asarray(t)[good]
        low, high = np.maximum(band[good, 0], 0.0), band[good, 1].clip(max=top)
        around = np.concatenate([axes.points(times, low), axes.points(times[::-1], high[::-1])])
        parts.append(el("path", d=path(around, closed=True), class_="band"))
    ends = []
    for name, values, style in series:
        calm = _running_median(values)
        if calm is not values:
            parts.append(el("path", d=path(axes.points(t, values)), class_=f"series raw {style}"))
        parts.append(el("path", d=path(axes.points(t, calm)), class_=f"series {style}"))
        last = _last(calm)
        if last is not None:
            ends.append((name, axes.y(last), style))
    parts += _end_labels(axes, ends) + axes.time_axis()
    return _svg("Speed over the ground, of the wind, and through the air, over time", parts)


def _running_median(values: F64) -> F64:
    """Over a twenty-fifth of the series, so that a noisy track shows its course; short ones as they are."""
    half = len(values) // 50
    if half < 2 or not np.isfinite(values).all():
        return values
    padded = np.concatenate([np.full(half, np.nan), values, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    calm: F64 = np.nanmedian(windows, axis=1)
    return calm


def hodograph(o: StoryObject) -> Markup | None:
    """Velocity toward east and north: the trail of the object's, and the wind's with its 2σ circle.

    Drifting is a trail that stays in the circle; flying is one that leaves it.
    """
    columns = _velocity_columns(o)
    if columns is None:
        return None
    ground, wind, sigma = columns
    ground = ground[np.isfinite(ground).all(axis=1)]
    known = wind[np.isfinite(wind).all(axis=1)]
    if len(ground) < 2:
        return None
    points = [ground, np.zeros((1, 2))]
    radius = 2 * float(np.nanmedian(sigma)) if np.isfinite(sigma).any() else 0.0
    middle = np.median(known, axis=0) if len(known) else None
    if middle is not None:
        points += [middle[None] + radius, middle[None] - radius]
    everything = np.concatenate(points)
    side_px = HEIGHT_PX - _BOTTOM - _TOP
    centre = (everything.min(axis=0) + everything.max(axis=0)) / 2
    half = max(float((everything.max(axis=0) - everything.min(axis=0)).max()) / 2 * 1.12, 1.0)
    axes = Axes(
        (centre[0] - half, centre[0] + half),
        (centre[1] - half, centre[1] + half),
        right_px=WIDTH_PX - _LEFT - side_px,
    )
    marks_x = ticks(*axes.x_range, 4)
    marks_y = ticks(*axes.y_range, 4)
    parts = axes.frame(marks_y, [f"{m:g}" for m in marks_y])
    for m in marks_x:
        x = axes.x(m)
        parts.append(line((x, axes.y0), (x, axes.y1), "grid"))
        parts.append(text(f"{m:g}", x, axes.y0 + 14, "tick", text_anchor="middle"))
    parts.append(text("toward east", axes.x1 + 8, axes.y0 + 14, "unit"))
    parts.append(text("north", axes.x1 + 8, axes.y1 + 6, "unit"))
    parts.append(el("path", d=_cross(axes, 0.0, 0.0), class_="zero"))
    dots = axes.points(ground[:, 0], ground[:, 1])[:: max(1, len(ground) // 250)]
    dotted = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in dots)
    parts.append(el("path", d=dotted, class_="cloud"))
    now = np.median(ground[-max(3, len(ground) // 10) :], axis=0)
    at = (axes.x(float(now[0])), axes.y(float(now[1])))
    names = [("object", at[1], "v-ground")]
    if middle is not None:
        centre_px = (axes.x(float(middle[0])), axes.y(float(middle[1])))
        parts.append(
            el(
                "circle",
                cx=centre_px[0],
                cy=centre_px[1],
                r=radius * side_px / (2 * half),
                class_="ellipse",
            )
        )
        parts.append(line(centre_px, at, "series v-air"))
        parts.append(el("circle", cx=centre_px[0], cy=centre_px[1], r=3.2, class_="dot v-wind"))
        through = hypot(*(now - middle))
        names += [
            ("wind, 2σ", centre_px[1], "v-wind"),
            (f"{through:.1f} m/s apart", (at[1] + centre_px[1]) / 2, "v-air"),
        ]
    parts.append(el("circle", cx=at[0], cy=at[1], r=3.6, class_="dot v-ground"))
    parts += _end_labels(axes, names)
    return _svg("Velocity of the object against that of the wind", parts)


def _cross(axes: Axes, east: float, north: float) -> str:
    x, y = axes.x(east), axes.y(north)
    return f"M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10"


def height_plot(o: StoryObject) -> Markup | None:
    """Above the ground where that is known, else above mean sea level; feet on the right."""
    t = o.trail.t_s
    over_ground = len(o.trail.height_ground_m) == len(t)
    values = o.trail.height_ground_m if over_ground else o.trail.altitude_amsl_m
    column = np.asarray(values, dtype=float)
    if len(t) < 2 or len(column) != len(t) or not np.isfinite(column).any():
        return None
    low, high = float(np.nanmin(column)), float(np.nanmax(column))
    low = min(0.0, low) if over_ground else low
    room = max((high - low) * 0.08, 10.0)
    axes = Axes(_span(t), (low - (0.0 if over_ground and low == 0 else room), high + room))
    marks = ticks(*axes.y_range, 5)
    parts = axes.frame(marks, [f"{m:,.0f}" for m in marks])
    feet = ticks(axes.y_range[0] / M_PER_FT, axes.y_range[1] / M_PER_FT, 5)
    parts += [text(f"{f:,.0f} ft", axes.x1 + 6, axes.y(f * M_PER_FT) + 3.5, "tick") for f in feet]
    parts += [
        line((axes.x1, axes.y(f * M_PER_FT)), (axes.x1 + 3, axes.y(f * M_PER_FT)), "axis")
        for f in feet
    ]
    parts.append(
        el("path", d=path(axes.points(t, column)), class_=f"series said {style_of(o.said)}")
    )
    parts += axes.time_axis()
    return _svg("Height over time", parts)


def plots(o: StoryObject) -> Markup:
    """All plots that this object has data for."""
    made = (probability_plot(o), speed_plot(o), hodograph(o), height_plot(o))
    over_ground = len(o.trail.height_ground_m) == len(o.trail.t_s)
    captions = (
        "How sure of what, %, since its first plot",
        "Speed, m/s",
        "Velocity and the wind’s, m/s",
        "Height above ground, m" if over_ground else "Altitude above mean sea level, m",
    )
    return join(
        el("figure", el("figcaption", caption), plot, class_="plot-box")
        for plot, caption in zip(made, captions, strict=True)
        if plot is not None
    )
