"""BaseStation lines (port 30003 of readsb and dump1090): comma-separated, 22 fields.

    MSG,3,1,1,A1B2C3,1,2026/02/11,06:30:00.100,2026/02/11,06:30:00.120,,5000,,,31.80,-106.40,,,0,0,0,0

Field 5 is the address (with readsb's `~` a ground station's own number), 11 the callsign, 12 pressure altitude
in feet (with dump1090's `H` the height above the ellipsoid), 13 ground speed in knots, 14 track,
15–16 position, 17 vertical rate in ft/min, 18 squawk, 22 "on the ground" (counting from 1). The
times have no zone and are often the receiver's local time: a line counts as measured when it was received.
"""

from __future__ import annotations

from math import nan
from typing import Any, Final

from windhover.detections.decoded import Decoded, count, position_fault
from windhover.detections.readsb import Gathered, cooperative, observe
from windhover.schema.batches import claim_id
from windhover.schema.place import Sensor, Vertical

_HEX: Final = frozenset("0123456789abcdefABCDEF")


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """Whole lines → positions and claims, all measured at `received_ns`. Never raises."""
    gathered = Gathered()
    fleet: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, float, float]] = set()
    for line in payload.decode("ascii", "replace").splitlines():
        fields = line.strip().split(",")
        if not line.strip():
            continue
        if fields[0] != "MSG" or len(fields) < 18:
            if fields[0] not in ("SEL", "ID", "AIR", "STA", "CLK"):
                count(gathered.rejected, "not a BaseStation line")
            continue
        address = fields[4]
        digits = address.removeprefix("~")
        if len(digits) != 6 or not set(digits) <= _HEX:
            count(gathered.rejected, "no address")
            continue
        told = fleet.setdefault(address, {})
        told |= _told(fields)
        latitude_deg, longitude_deg = _number(fields[14]), _number(fields[15])
        if latitude_deg != latitude_deg and not fields[14]:
            continue
        fault = position_fault(latitude_deg, longitude_deg)
        if fault:
            count(gathered.rejected, fault)
        elif (address, latitude_deg, longitude_deg) in seen:
            count(gathered.rejected, "duplicate")
        else:
            seen.add((address, latitude_deg, longitude_deg))
            claimed = 0 if address.startswith("~") else claim_id("icao", address)
            observe(
                told,
                received_ns,
                latitude_deg,
                longitude_deg,
                claimed,
                sensor_info,
                vertical,
                gathered,
            )
    for address, told in fleet.items():
        if address.startswith("~"):
            continue
        gathered.reports.append(
            cooperative(told, address, claim_id("icao", address), received_ns, received_ns, sensor)
        )
    return gathered.finish(received_ns, sensor)


def _told(fields: list[str]) -> dict[str, Any]:
    """What a line says, in readsb's names; only what it says."""
    told: dict[str, Any] = {}
    if fields[10].strip():
        told["flight"] = fields[10]
    if fields[11].endswith("H"):
        above_ft = _number(fields[11][:-1])
        if above_ft == above_ft:
            told["alt_geom"] = above_ft
    for name, at in (("alt_baro", 11), ("gs", 12), ("track", 13), ("baro_rate", 16)):
        value = _number(fields[at])
        if value == value:
            told[name] = value
    if fields[17].strip():
        told["squawk"] = fields[17]
    if len(fields) > 21 and fields[21].strip() in ("1", "-1"):
        told["alt_baro"] = "ground"
    return told


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
