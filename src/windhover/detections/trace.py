"""readsb and tar1090 traces: one aircraft, one day, as `trace_full_<address>.json`.

Source: readsb README-json.md, "trace jsons". Each point is a list: seconds after `timestamp`, latitude,
longitude, altitude in feet or "ground", ground speed in knots, track in degrees, flags (1 stale, 2 new leg,
4 geometric vertical rate, 8 geometric altitude), vertical rate, aircraft object or null, source,
geometric altitude in feet, geometric vertical rate, IAS, roll. An altitude is barometric unless flag 8.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from windhover.detections.decoded import (
    Decoded,
    count,
    nothing,
    position_fault,
    seconds_to_ns,
    time_fault,
)
from windhover.detections.readsb import Gathered, cooperative, number, observe
from windhover.detections.told_by import ToldBy, told_by
from windhover.schema.batches import claim_id
from windhover.schema.place import Sensor, Vertical

_GEOMETRIC: Final = 8


class Trace(msgspec.Struct):
    icao: str
    timestamp: float
    trace: list[list[Any]]


_TRACE = msgspec.json.Decoder(Trace)


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A whole trace file → positions, claims, winds. Each point counts as received when it was measured.

    Never raises.
    """
    try:
        trace = _TRACE.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return nothing("not a trace")
    gathered = Gathered()
    own = not trace.icao.startswith("~")
    claimed = claim_id("icao", trace.icao) if own else 0
    kept: dict[str, Any] = {}  # what the last aircraft object said; the next points build on it
    seen: set[tuple[int, float, float]] = set()
    for point in trace.trace:
        if len(point) < 9:
            count(gathered.rejected, "not a trace point")
            continue
        offset_s = number(point[0], -1e7, 1e7)
        time_ns = seconds_to_ns(trace.timestamp + offset_s)
        fault = "absurd time" if time_ns is None else time_fault(time_ns, received_ns)
        latitude_deg, longitude_deg = number(point[1], -90.0, 90.0), number(point[2], -180.0, 360.0)
        fault = fault or position_fault(latitude_deg, longitude_deg)
        if fault or time_ns is None:
            count(gathered.rejected, fault)
            continue
        if (time_ns, latitude_deg, longitude_deg) in seen:
            count(gathered.rejected, "duplicate")
            continue
        seen.add((time_ns, latitude_deg, longitude_deg))
        fields = _fields(point)
        if isinstance(point[8], dict):
            kept = {k: point[8].get(k) for k in ("flight", "category", "squawk", "nac_p", "gva")}
            fields |= {k: v for k, v in point[8].items() if k in ("wd", "ws")}
        fields = kept | fields
        ground = told_by(fields) is ToldBy.GROUND
        observe(
            fields,
            time_ns,
            latitude_deg,
            longitude_deg,
            0 if ground else claimed,
            sensor_info,
            vertical,
            gathered,
        )
        if claimed and not ground and isinstance(point[8], dict):
            gathered.reports.append(
                cooperative(fields, trace.icao, claimed, time_ns, time_ns, sensor)
            )
    decoded = gathered.finish(received_ns, sensor)
    decoded.detections.received_ns[:] = decoded.detections.time_ns
    return decoded


def _fields(point: list[Any]) -> dict[str, Any]:
    """A point in the names of aircraft.json."""
    flags = point[6] if isinstance(point[6], int) else 0
    fields: dict[str, Any] = {"gs": point[4], "track": point[5]}
    fields["geom_rate" if flags & 4 else "baro_rate"] = point[7]
    fields["alt_geom" if flags & _GEOMETRIC else "alt_baro"] = point[3]
    if len(point) > 10 and point[10] is not None:
        fields["alt_geom"] = point[10]
    if len(point) > 9 and isinstance(point[9], str):
        fields["type"] = point[9]
    return fields
