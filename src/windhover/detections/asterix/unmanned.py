"""CAT129, UAS identification reports: what an unmanned aircraft says of itself through a ground station.

| item | octets | what |
|---|---|---|
| 020, 030, 040 | 3, 3, 12 | manufacturer, model (ASCII), serial number (no encoding stated) |
| 050 | 2 | country of registration, ISO 3166 |
| 070 | 3 | time of day, 1/128 s |
| 080 | 8 | latitude, longitude, 180°/2^30 each |
| 090, 100 | 3 | altitude above mean sea level, height above ground, 0.1 m, signed |
| 110 | 2 | accuracy of its GNSS in m, half of all errors lie within; 0 = not known |
| 185, 220 | 5, 3 | velocity east and north (20 bits each), and up: 0.01 m/s, signed |

Source: EUROCONTROL-SPEC-0149-29, ASTERIX part 29, category 129, edition 1.2 (2019). A claim, never proof.
"""

from __future__ import annotations

from collections import Counter
from math import nan
from typing import Final

from windhover.detections.asterix.fields import Radar, Row, signed, source_of, time_of, unsigned
from windhover.detections.asterix.records import Record
from windhover.detections.decoded import count, position_fault
from windhover.detections.heights import ellipsoid_from_amsl_m
from windhover.schema.batches import Kind
from windhover.schema.place import Vertical
from windhover.units import RAD_PER_DEG

_DEG: Final = 180.0 / 2**30
# Half of a circular Gaussian lies within 1.1774 sigma.
_SIGMAS_50_CIRCLE: Final = 1.1774
SIGMA_POSITION_UNSTATED_M: Final = 30.0
SIGMA_HEIGHT_UNSTATED_M: Final = 20.0


def report(
    record: Record,
    received_ns: int,
    vertical: Vertical,
    rejected: Counter[str],
    radars: dict[int, Radar],
) -> Row | None:
    """One record → a position with the aircraft's serial number as its claim."""
    del radars
    data, items = record.data, record.items
    at = items.get("080")
    if at is None:
        count(rejected, "no position")
        return None
    latitude, longitude = signed(data, at, 4) * _DEG, signed(data, at + 4, 4) * _DEG
    fault = position_fault(latitude, longitude)
    if fault:
        count(rejected, fault)
        return None
    height_m = _height_m(record, vertical, rejected)
    within_m = unsigned(data, items["110"], 2) if "110" in items else 0
    sigma_m = max(within_m / _SIGMAS_50_CIRCLE, 1.0) if within_m else SIGMA_POSITION_UNSTATED_M
    return Row(
        129,
        source_of(record),
        time_of(record, "070", received_ns),
        Kind.POSITION,
        (latitude * RAD_PER_DEG, longitude * RAD_PER_DEG, height_m),
        sigma_m,
        0.0 if height_m != height_m else SIGMA_HEIGHT_UNSTATED_M,
        nan,
        "",
        "",
        -1,
        serial_of(record),
    )


def _height_m(record: Record, vertical: Vertical, rejected: Counter[str]) -> float:
    """Above the ellipsoid, from the altitude above mean sea level, else from the height above ground."""
    data, items = record.data, record.items
    if "090" in items:
        amsl_m = signed(data, items["090"], 3) * 0.1
    elif "100" in items and vertical.ground_altitude_amsl_m is not None:
        amsl_m = signed(data, items["100"], 3) * 0.1 + vertical.ground_altitude_amsl_m
    elif "100" in items:
        count(rejected, "height unused: above ground, and the ground's altitude is unknown")
        return nan
    else:
        count(rejected, "height unused: none told")
        return nan
    height_m = ellipsoid_from_amsl_m(amsl_m, vertical)
    if height_m != height_m:
        count(rejected, "height unused: above mean sea level, undulation unknown")
    return height_m


def serial_of(record: Record) -> str:
    """Manufacturer, model and serial number in one word; '' where no serial number is told."""
    data, items = record.data, record.items
    if "040" not in items:
        return ""
    raw = data[items["040"] : items["040"] + 12]
    text = raw.rstrip(b"\0 ")
    serial = text.decode("ascii") if text and all(32 < c < 127 for c in text) else raw.hex()
    if not raw.strip(b"\0 "):
        return ""
    parts = [_ascii(data[items[i] : items[i] + 3]) for i in ("020", "030") if i in items]
    return "-".join([*filter(None, parts), serial])


def _ascii(raw: bytes) -> str:
    return "".join(chr(c) for c in raw if 32 < c < 127)
