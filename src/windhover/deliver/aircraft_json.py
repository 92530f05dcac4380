"""The picture as readsb's `aircraft.json`, which tar1090 and every client of readsb draw.

Only what is known is said: there is no barometric altitude here, so none is given. The position is a
fused track's, so `type` is "other", and an object that claims no ICAO address gets one of readsb's
non-ICAO addresses (`~` and six digits) from its track. `category` and `t` give the symbol: as the object
claims, else B6 and DRON for a drone, B2 and BALL for a balloon, C3 for what is tied to the ground.

In an exercise no address is real, every flight is called EXERCISE, and registration and description
say so. Source: readsb's README-json.md; ICAO Doc 8643 (DRON, BALL); DO-260B 2.2.3.2.5.2 (categories),
table 2-71 (NACp).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import degrees, hypot, isnan
from typing import Any, Final

import msgspec

from windhover.deliver.airspace import EXERCISE, AirFrame, AirObject, ellipse
from windhover.detections.readsb import NACP_EPU_M
from windhover.units import M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, NS_PER_S

CATEGORY: Final = {"drone": "B6", "balloon": "B2", "tethered": "C3"}
DESIGNATOR: Final = {"drone": "DRON", "balloon": "BALL"}
NONE_TOLD: Final[Mapping[int, int]] = {}
_SIGMAS_95_CIRCLE: Final = 2.4477


def render(frame: AirFrame, told_before: int = 0, told_of: Mapping[int, int] = NONE_TOLD) -> bytes:
    """The whole file. readsb counts messages, all and of each aircraft; here they are entries written before."""
    return msgspec.json.encode(
        {
            "now": round(frame.now_ns / NS_PER_S, 3),
            "messages": told_before + len(frame.objects),
            **({"exercise": EXERCISE} if frame.exercise else {}),
            "aircraft": [
                entry(frame, thing, 1 + told_of.get(thing.track_id, 0)) for thing in frame.objects
            ],
        }
    )


def receiver(
    every_s: float, history: int = 0, origin: tuple[float, float, float] | None = None
) -> bytes:
    """`receiver.json`: how often to ask, how much history there is, where to open the map (the sector's origin)."""
    place = (
        {}
        if origin is None
        else {"lat": round(degrees(origin[0]), 4), "lon": round(degrees(origin[1]), 4)}
    )
    told = {"version": "windhover", "refresh": round(every_s * 1000), "history": history}
    return msgspec.json.encode(told | place)


def entry(frame: AirFrame, thing: AirObject, messages: int = 1) -> dict[str, Any]:
    """One aircraft; absent keys are not known."""
    east, north, up = thing.velocity_enu_m_s
    speed_m_s = hypot(east, north)
    made: dict[str, Any] = {
        "hex": address(frame, thing),
        "type": "other",
        "lat": round(degrees(thing.latitude_rad), 6),
        "lon": round(degrees(thing.longitude_rad), 6),
        "gs": round(speed_m_s / M_S_PER_KT, 1),
        "nac_p": nac_p(thing),
        "seen_pos": _age_s(frame, thing.time_ns),
        "mlat": [],  # its clients look into both lists without asking whether they are there
        "tisb": [],
        "messages": messages,
        "seen": _age_s(frame, thing.hit_ns),
        "desc": f"{EXERCISE + ' ' if frame.exercise else ''}{thing.words}",
    }
    if speed_m_s > 0.5:
        made["track"] = round(thing.track_deg, 1) % 360.0
    if not isnan(thing.height_ellipsoid_m):
        made["alt_geom"] = round(thing.height_ellipsoid_m / M_PER_FT)
    if not isnan(up):
        made["geom_rate"] = round(up / M_S_PER_FT_MIN)
    flight = "EXERCISE" if frame.exercise else thing.callsign
    if flight:
        made["flight"] = f"{flight[:8]:8}"
    if frame.exercise:
        made["r"] = f"EXERCISE-T{thing.track_id}"
    elif thing.squawk:
        made["squawk"] = thing.squawk
    category = thing.category if len(thing.category) == 2 else CATEGORY.get(thing.said, "")
    if category:
        made["category"] = category
    if thing.said in DESIGNATOR:
        made["t"] = DESIGNATOR[thing.said]
    return made


def address(frame: AirFrame, thing: AirObject) -> str:
    """The ICAO address that it claims, else `~` and the track's number."""
    told = thing.identifier.lower()
    real = thing.scheme == "icao" and len(told) == 6 and not set(told) - set("0123456789abcdef")
    return told if real and not frame.exercise else f"~{thing.track_id & 0xFFFFFF:06x}"


def nac_p(thing: AirObject) -> int:
    """NACp of the track's own error: the best category whose 95 % bound holds it."""
    major, minor, _ = ellipse(thing.covariance_m2)
    bound_m = _SIGMAS_95_CIRCLE * hypot(major, minor) / 2**0.5
    return max(code for code, epu_m in enumerate(NACP_EPU_M) if bound_m < epu_m)


def _age_s(frame: AirFrame, time_ns: int) -> float:
    return round(max((frame.now_ns - time_ns) / NS_PER_S, 0.0), 1)
