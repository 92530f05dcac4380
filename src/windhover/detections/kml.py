"""KML: tracks with times, and placemarks with a time each. A KMZ is a zip around it, opened before.

Source: OGC 12-007r2 (KML 2.3) and Google's gx extension of 2.2. A track lists its times (`when`) and, in
the same order, its places (`coord`: longitude latitude altitude). Altitudes in mode `absolute` are above
mean sea level (EGM 96); in any other mode they count from a ground that the file does not hold, and are
left unused. Lines without times are drawings, not observations.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from windhover.detections.columns import Points
from windhover.detections.decoded import count
from windhover.detections.gpx import Found, instant, most, number
from windhover.detections.xml_events import events
from windhover.errors import BadInput

_GROUPS: Final = ("Folder", "Document")


class _Placemark:
    def __init__(self) -> None:
        self.name = ""
        self.when = ""  # of a TimeStamp or the beginning of a TimeSpan
        self.point = ""
        self.absolute = False
        self.tracks: list[tuple[list[str], list[str], bool]] = []
        self.lines = 0


def read(payload: bytes, name: str) -> tuple[Points, dict[str, int]]:
    """One file → its points, and what was refused. Raises `BadInput`.

    A track's object is its placemark's name. Of placemarks with one place each it is the name of their
    folder, because their own names often number the points.
    """
    rejected: Counter[str] = Counter()
    found = Found()
    relative = [0]
    try:
        _walk(payload, name, found, rejected, relative)
    except BadInput as fault:
        if not found.rows:
            raise
        count(rejected, f"broken XML: {fault.what}")
    if not found.rows:
        raise BadInput("The KML file holds no place with a time.", most(rejected))
    understood = [
        "time ← 'when' (UTC unless it says a zone)",
        "latitude, longitude ← coordinates (WGS 84)",
        "altitude_amsl_m ← altitudes in mode 'absolute' (above the geoid)",
        "object ← the placemark's name, or its folder's for single places",
    ]
    if relative[0]:
        understood.append(f"{relative[0]} altitudes count from the ground: left unused")
    return found.points(tuple(understood)), dict(rejected)


def _walk(
    payload: bytes, name: str, found: Found, rejected: Counter[str], relative: list[int]
) -> None:
    path: list[str] = []
    groups: list[str] = []
    mark = _Placemark()
    for event in events(payload):
        if event.begins:
            path.append(event.tag)
            if len(path) == 1 and event.tag not in ("kml", "Document", "Folder", "Placemark"):
                raise BadInput(f"The XML is <{event.tag}>, not <kml>.")
            if event.tag == "Placemark":
                mark = _Placemark()
            elif event.tag in _GROUPS:
                groups.append("")
            elif event.tag == "Track":
                mark.tracks.append(([], [], False))
            continue
        path.pop()
        tag, text, parent = event.tag, event.text, path[-1] if path else ""
        if tag == "Placemark":
            _place(
                mark, next((g for g in reversed(groups) if g), ""), name, found, rejected, relative
            )
        elif tag in _GROUPS:
            groups.pop()
        elif parent == "Track" and mark.tracks:
            times, places, _ = mark.tracks[-1]
            if tag == "when":
                times.append(text)
            elif tag == "coord":
                places.append(text)
            elif tag == "altitudeMode":
                mark.tracks[-1] = (times, places, text == "absolute")
        elif parent == "Placemark" and tag == "name":
            mark.name = text[:80]
        elif parent in _GROUPS and tag == "name" and groups:
            groups[-1] = text[:80]
        elif (parent, tag) in (("TimeStamp", "when"), ("TimeSpan", "begin")):
            mark.when = text
        elif parent == "Point" and tag == "coordinates":
            mark.point = text
        elif parent == "Point" and tag == "altitudeMode":
            mark.absolute = text == "absolute"
        elif parent in ("LineString", "LinearRing") and tag == "coordinates":
            mark.lines += 1


def _place(
    mark: _Placemark,
    group: str,
    name: str,
    found: Found,
    rejected: Counter[str],
    relative: list[int],
) -> None:
    for times, places, absolute in mark.tracks:
        if len(times) != len(places):
            count(
                rejected,
                "time without a place or place without a time",
                abs(len(times) - len(places)),
            )
        for when, place in zip(times, places, strict=False):
            _row(when, place.split(), absolute, mark.name or name, found, rejected, relative)
    if mark.point and not mark.when:
        count(rejected, "place without a time")
    elif mark.point:
        who = group or mark.name or name
        _row(mark.when, mark.point.split(","), mark.absolute, who, found, rejected, relative)
    if mark.lines:
        count(rejected, "line without times", mark.lines)


def _row(
    when: str,
    place: list[str],
    absolute: bool,
    who: str,
    found: Found,
    rejected: Counter[str],
    relative: list[int],
) -> None:
    if not place:
        return count(rejected, "no position")  # an empty `coord` stands for a gap in a track
    time_ns = instant(when)
    if time_ns is None:
        return count(rejected, "absurd time")
    try:
        longitude, latitude = float(place[0]), float(place[1])
    except (IndexError, ValueError):
        return count(rejected, "no position")
    altitude = number(place[2]) if len(place) > 2 else np.nan
    if not absolute and altitude == altitude:
        altitude = np.nan
        relative[0] += 1
    found.rows.append((time_ns, latitude, longitude, np.nan, altitude))
    found.objects.append(who)
    return None
