"""GPX tracks, routes and way-points with times.

Source: GPX 1.1 schema (TopoGrafix). `ele` is in metres; the schema names no datum, devices write it above
the geoid. Where a point also says `geoidheight`, the sum of both is above the ellipsoid.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from windhover.detections.columns import Points
from windhover.detections.decoded import count
from windhover.detections.xml_events import events
from windhover.errors import BadInput
from windhover.timescale import from_iso, is_plausible

_POINTS: Final = ("trkpt", "rtept", "wpt")


def read(payload: bytes, name: str) -> tuple[Points, dict[str, int]]:
    """One file → its points in order, and what was refused. Each track or route is one object.

    A file that is cut off keeps what came before the cut, counted. Raises `BadInput`.
    """
    rejected: Counter[str] = Counter()
    found = Found()
    try:
        _walk(payload, name, found, rejected)
    except BadInput as fault:
        if not found.rows:
            raise
        count(rejected, f"broken XML: {fault.what}")
    if not found.rows:
        raise BadInput("The GPX file holds no point with a time.", most(rejected))
    datum = "geoid + its height" if found.ellipsoid else "above the geoid, as devices write it"
    understood = (
        "time ← 'time' of each point (UTC)",
        "latitude, longitude ← 'lat', 'lon' (WGS 84)",
        f"{'height_ellipsoid_m' if found.ellipsoid else 'altitude_amsl_m'} ← 'ele' ({datum})",
        "object ← 'name' of its track or route",
    )
    return found.points(understood), dict(rejected)


class Found:
    """Rows as they are met: time, latitude, longitude, ellipsoid, amsl, object."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, float, float, float]] = []
        self.objects: list[str] = []
        self.ellipsoid = False

    def points(self, understood: tuple[str, ...]) -> Points:
        n = len(self.rows)
        table = np.array([row[1:] for row in self.rows])
        nan = np.full(n, np.nan)
        return Points(
            np.array([row[0] for row in self.rows], np.int64),
            np.ascontiguousarray(table[:, 0]),
            np.ascontiguousarray(table[:, 1]),
            np.ascontiguousarray(table[:, 2]),
            np.ascontiguousarray(table[:, 3]),
            nan,
            nan,
            nan,
            nan,
            nan,
            nan,
            self.objects,
            [""] * n,
            "",
            [""] * n,
            understood,
        )


def _walk(payload: bytes, name: str, found: Found, rejected: Counter[str]) -> None:
    path: list[str] = []
    point: dict[str, str] = {}
    who, unnamed = "", 0
    first = 0  # row at which the present track or route began
    for event in events(payload):
        if event.begins:
            path.append(event.tag)
            if len(path) == 1 and event.tag != "gpx":
                raise BadInput(f"The XML is <{event.tag}>, not <gpx>.")
            if event.tag in _POINTS:
                point = dict(event.attributes)
            elif event.tag in ("trk", "rte"):
                unnamed += 1
                who, first = f"{name} {unnamed}", len(found.rows)
            continue
        path.pop()
        parent = path[-1] if path else ""
        if parent in _POINTS:
            point[event.tag] = event.text
        elif event.tag == "name" and parent in ("trk", "rte") and event.text:
            who = event.text[:80]
            found.objects[first:] = [who] * (len(found.rows) - first)
        elif event.tag in _POINTS:
            _point(
                point, who if event.tag != "wpt" else point.get("name", name)[:80], found, rejected
            )


def _point(point: dict[str, str], who: str, found: Found, rejected: Counter[str]) -> None:
    if not point.get("time"):
        return count(rejected, "point without a time")
    time_ns = instant(point["time"])
    if time_ns is None:
        return count(rejected, "absurd time")
    try:
        latitude, longitude = float(point["lat"]), float(point["lon"])
    except (KeyError, ValueError):
        return count(rejected, "no position")
    elevation, geoid = number(point.get("ele", "")), number(point.get("geoidheight", ""))
    both = elevation + geoid
    if both == both:
        found.ellipsoid = True
        elevation = np.nan
    found.rows.append((time_ns, latitude, longitude, both, elevation))
    found.objects.append(who or "unnamed")
    return None


def instant(text: str) -> int | None:
    """Nanoseconds of a time that a source may have meant, else None."""
    try:
        time_ns = from_iso(text)
    except (BadInput, OverflowError):
        return None
    return time_ns if is_plausible(time_ns) else None


def number(text: str) -> float:
    """A number of a text, NaN where there is none or it is not finite."""
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if abs(value) < 1e9 else np.nan


def most(rejected: Counter[str]) -> str:
    """The commonest reason, in words."""
    if not rejected:
        return ""
    reason, n = rejected.most_common(1)[0]
    return f"Mostly: {reason} ({n})."
