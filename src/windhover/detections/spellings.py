"""The dialects of `aircraft.json` → one snapshot in readsb's names.

    {"now": s, "aircraft": […]}                         readsb, tar1090, dump1090-fa, adsb.fi
      the same with "altitude", "speed", "vert_rate"    dump1090-mutability
    {"now": ms, "ac": […]}                              version 2 of the networks' API (ADSBx, adsb.lol, airplanes.live)
    {"now": s, "hex": …}                                a line of readsb's JSON port
    {"files": [{"now": s, "aircraft": [[…], …]}, …]}    tar1090's history, an aircraft in ten places

Sources: README-json.md of readsb and of dump1090; ADSBx "Version 2 API Fields"; tar1090's own page. What
an older program calls "speed" is mostly over the ground, and it does not say when it is not. The altitude
of tar1090's history may be barometric or geometric and does not say which: it is no height.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

MILLISECONDS_FROM: Final = 1e11
"""As seconds it lies in the year 5138, as milliseconds in 1973."""
BARE: Final = "bare altitude"
"""Our own name for an altitude that does not say what it is above; no source's key has a space."""
_NAMES: Final = (("altitude", "alt_baro"), ("speed", "gs"), ("vert_rate", "baro_rate"))


class Snapshot(NamedTuple):
    """What was in the air at one instant."""

    now: float  # POSIX seconds
    aircraft: list[Any]  # dictionaries in readsb's names; whatever else stood in the list


class _Wire(msgspec.Struct):
    now: float
    aircraft: list[Any] | UnsetType = UNSET
    ac: list[Any] | UnsetType | None = UNSET
    hex: Any = UNSET


class _History(msgspec.Struct):
    files: list[msgspec.Raw]


_WIRE = msgspec.json.Decoder(_Wire)
_HISTORY = msgspec.json.Decoder(_History)
_ONE = msgspec.json.Decoder(dict[str, Any])
_FAULTS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def documents(payload: bytes) -> list[bytes]:
    """The snapshots of a history, or the lines where each is a document of its own, or the payload as it is."""
    if b'"files"' in payload[:64]:
        try:
            return [bytes(one) for one in _HISTORY.decode(payload).files]
        except _FAULTS:
            return [payload]
    lines = [line for line in payload.splitlines() if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in lines[:2]
    ):
        return lines
    return [payload]


def snapshot(document: bytes) -> Snapshot | None:
    """One document → its snapshot, or None where it is none."""
    try:
        wire = _WIRE.decode(document)
        found = wire.ac if wire.aircraft is UNSET else wire.aircraft
        if found is UNSET:
            if wire.hex is UNSET:
                return None
            found = [_ONE.decode(document)]
    except _FAULTS:
        return None
    now = wire.now
    if not isfinite(now):
        return None
    if now >= MILLISECONDS_FROM:
        now /= 1000.0
    return Snapshot(now, [plain(one) for one in found or []])


def plain(aircraft: Any) -> Any:
    """One aircraft in readsb's names; as it is where it has them already, or is none.

    >>> plain({"hex": "a1b2c3", "altitude": "ground", "speed": 12})
    {'hex': 'a1b2c3', 'alt_baro': 'ground', 'gs': 12}
    """
    if isinstance(aircraft, list):
        return _of_row(aircraft)
    if not isinstance(aircraft, dict):
        return aircraft
    if "altitude" in aircraft or "speed" in aircraft or "vert_rate" in aircraft:
        old = dict(_NAMES)
        renamed = {old[key]: value for key, value in aircraft.items() if key in old}
        aircraft = {k: v for k, v in aircraft.items() if k not in old}
        aircraft |= {k: v for k, v in renamed.items() if k not in aircraft}
    if aircraft.get("ground") is True:
        aircraft = aircraft | {"alt_baro": "ground"}
    return aircraft


def _of_row(row: list[Any]) -> Any:
    """[hex, altitude, speed, track, lat, lon, seen_pos, source, flight, messages] of tar1090's history.

    Its speed is over the ground or through the air, and does not say which.
    """
    if len(row) < 8:
        return row
    named = {
        "hex": row[0], "lat": row[4], "lon": row[5], "seen_pos": row[6], "seen": row[6],
        "alt_baro" if row[1] == "ground" else BARE: row[1],
        "mlat" if isinstance(row[7], list) else "type": row[7],
        "flight": row[8] if len(row) > 8 else None,
    }  # fmt: skip
    return {key: value for key, value in named.items() if value is not None}
