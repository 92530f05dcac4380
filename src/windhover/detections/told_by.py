"""Who found out where an aircraft is: it itself, or others who say so for it.

A position by multilateration (MLAT) is computed by a network from when several receivers heard an
aircraft's replies; TIS-B is what a radar on the ground sees, sent up again. Neither is the aircraft's
own word, and the accuracy that it states of itself (NACp) says nothing of them:

- multilateration keeps the claim, for it is the aircraft's own transponder that was heard; its speed, track
  and rates were computed too and are not taken for what the aircraft says;
- TIS-B claims nothing: a ground station's number or word about an aircraft is not the aircraft's.

Source: readsb's README-json.md (`type`, `mlat`, `tisb`). The error is that of EUROCONTROL-SPEC-0147 (ATM
surveillance system performance): at most 500 m RMS for 5 NM separation, 350 m recommended [U: the figures are
from memory], which is 250 m in each of two directions.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

SIGMA_OTHERS_M: Final = 250.0
# Tuples: a hostile `type` need not be hashable. "tisb" alone is tar1090's history.
_TISB: Final = ("tisb_icao", "tisb_other", "tisb_trackfile", "tisb")
_OTHERS: Final = ("mlat", *_TISB)
_MOTION: Final = ("gs", "track", "baro_rate", "geom_rate")
_OLD: Final = {"speed": "gs", "vert_rate": "baro_rate", "callsign": "flight"}


class ToldBy(Enum):
    """Who found the position out."""

    ITSELF = "its own broadcast"
    MULTILATERATION = "multilateration"
    GROUND = "TIS-B"


def told_by(aircraft: dict[str, Any]) -> ToldBy:
    """Of one aircraft in readsb's names.

    >>> told_by({"type": "tisb_icao", "mlat": ["lat", "lon"], "tisb": []}).value
    'multilateration'
    """
    kind = aircraft.get("type")
    if not (aircraft.get("mlat") or aircraft.get("tisb") or kind in _OTHERS):
        return ToldBy.ITSELF  # nearly always
    if kind == "mlat" or "lat" in _fields(aircraft, "mlat"):
        return ToldBy.MULTILATERATION
    if kind in _TISB or "lat" in _fields(aircraft, "tisb"):
        return ToldBy.GROUND
    return ToldBy.ITSELF


def is_ground_stations(aircraft: dict[str, Any]) -> bool:
    """Whether nothing was heard of the aircraft itself: all of it is a ground station's word."""
    return aircraft.get("type") in _TISB and told_by(aircraft) is ToldBy.GROUND


def own_words(aircraft: dict[str, Any]) -> dict[str, Any]:
    """The same without what others computed or said."""
    if not (aircraft.get("mlat") or aircraft.get("tisb") or aircraft.get("type") == "mlat"):
        return aircraft
    others = {*_fields(aircraft, "mlat"), *_fields(aircraft, "tisb")}
    if aircraft.get("type") == "mlat":
        others.update(_MOTION)
    others |= {_OLD[field] for field in others & _OLD.keys()}
    return {key: value for key, value in aircraft.items() if key not in others}


def _fields(aircraft: dict[str, Any], key: str) -> tuple[str, ...]:
    told = aircraft.get(key)
    return tuple(f for f in told if isinstance(f, str)) if isinstance(told, list) else ()
