"""The picture as GeoJSON (RFC 7946): one FeatureCollection an instant, as a file or as a stream.

Positions are longitude, latitude, height above the WGS 84 ellipsoid, as the RFC has it; a height that is
not known is left out. Every feature says how far its position may be off: the ellipse of one standard
deviation, its axes and the direction of the longer one. Certainty is in words; decimals stop at 0.99.
In an exercise the collection and every feature say so.

The stream is RFC 8142's: each collection between a record separator (0x1E) and a line feed.
"""

from __future__ import annotations

from math import degrees, hypot, isnan, sqrt
from typing import Any

import msgspec

from windhover.deliver.airspace import EXERCISE, AirFrame, AirObject, ellipse
from windhover.identities.words import certainty
from windhover.timescale import to_iso


def render(frame: AirFrame) -> bytes:
    """One FeatureCollection."""
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "exercise": frame.exercise,
        "title": f"{EXERCISE + ' ' if frame.exercise else ''}Windhover {frame.site}",
        "time": to_iso(frame.now_ns),
        "not_told": frame.withheld,
        "features": [feature(frame, thing) for thing in frame.objects],
    }
    return msgspec.json.encode(collection)


def record(frame: AirFrame) -> bytes:
    """The same as one record of an RFC 8142 text sequence."""
    return b"\x1e" + render(frame) + b"\n"


def feature(frame: AirFrame, thing: AirObject) -> dict[str, Any]:
    """One object."""
    place = [round(degrees(thing.longitude_rad), 7), round(degrees(thing.latitude_rad), 7)]
    if not isnan(thing.height_ellipsoid_m):
        place.append(round(thing.height_ellipsoid_m, 1))
    name = thing.callsign or f"T{thing.track_id} {thing.said}"
    return {
        "type": "Feature",
        "id": f"{'EXERCISE-' if frame.exercise else ''}T{thing.track_id}",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "name": f"{EXERCISE + ' ' if frame.exercise else ''}{name}",
            "exercise": frame.exercise,
            "time": to_iso(thing.time_ns),
            "last_seen": to_iso(thing.hit_ns),
            "coasting": thing.coasting,
        }
        | _what(thing)
        | _motion(thing)
        | _height(frame, thing)
        | _error(thing),
    }


def _what(thing: AirObject) -> dict[str, Any]:
    said: dict[str, Any] = {
        "class": thing.said,
        "certainty": certainty(thing.probability).en,
        "probability": round(min(thing.probability, 0.99), 2),
        "motion": thing.motion,
        "cooperative": thing.cooperative,
        "friend": thing.friend,
        "dark": thing.dark,
        "sensors": thing.sensors,
    }
    if thing.scheme:
        said["claims"] = {"scheme": thing.scheme, "identifier": thing.identifier}
    return said


def _motion(thing: AirObject) -> dict[str, Any]:
    east, north, up = thing.velocity_enu_m_s
    said: dict[str, Any] = {
        "ground_speed_m_s": round(hypot(east, north), 2),
        "track_deg": round(thing.track_deg, 1),
    }
    if not isnan(up):
        said["vertical_rate_m_s"] = round(up, 2)
    return said


def _height(frame: AirFrame, thing: AirObject) -> dict[str, Any]:
    if isnan(thing.height_ellipsoid_m):
        return {}
    said = {"height_ellipsoid_m": round(thing.height_ellipsoid_m, 1)}
    if frame.undulation_m is not None:
        said["altitude_amsl_m"] = round(thing.height_ellipsoid_m - frame.undulation_m, 1)
    return said


def _error(thing: AirObject) -> dict[str, Any]:
    major_m, minor_m, direction_rad = ellipse(thing.covariance_m2)
    said = {
        "sigma_major_m": round(major_m, 1),
        "sigma_minor_m": round(minor_m, 1),
        "sigma_direction_deg": round(degrees(direction_rad), 1),
    }
    if not isnan(thing.height_ellipsoid_m):
        said["sigma_height_m"] = round(sqrt(max(thing.covariance_m2[2], 0.0)), 1)
    return said
