"""Any recording → `Recording`: the kind told from the content, heights never mixed, the truth kept apart.

A site ties height datums together. Without one a recording keeps the best single reference that it
has itself, and says which: height above the ellipsoid; or else above mean sea level, or pressure
altitude, *as the recording's own zero*, with everything in it counted from there and nothing else beside.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.readers import READERS
from windhover.feeds.recording import Recording
from windhover.feeds.sniff import MAX_BYTES, sniff, unpack
from windhover.schema.batches import I64, Wind
from windhover.schema.place import Sensor, Vertical

KINDS: Final = {
    "points_csv": "a table of positions (CSV)",
    "points_json": "a table of positions (JSON records)",
    "parquet": "a table of positions (Parquet)",
    "igc": "an IGC flight log",
    "gpx": "a GPX track",
    "kml": "a KML or KMZ track",
    "sounding": "a radiosonde sounding (netCDF)",
    "mode_s": "Mode S frames (CSV)",
    "beast": "Mode S frames (Beast)",
    "asterix": "ASTERIX records",
    "sbs": "BaseStation lines",
    "trace": "a readsb trace",
    "aircraft_json": "readsb aircraft.json snapshots",
    "dronescout": "DroneScout Remote ID messages",
    "plots": "radar plot lines",
    "pcap": "a packet capture",
    "wind_csv": "winds (CSV)",
    "metar": "METAR reports (text)",
    "sounding_text": "a sounding (text list)",
}


def read_recording(
    path: Path | str,
    *,
    hide_ids: bool = False,
    vertical: Vertical | None = None,
    first_sensor: int = 0,
    site_sensors: tuple[Sensor, ...] = (),
) -> Recording:
    """Read any file that Windhover knows; "-" reads standard input.

    `hide_ids` drops every claim (claimed_id 0, no cooperative reports) and keeps the truth for scoring.
    `vertical` is the site's; without it the recording keeps its own height reference. `site_sensors` are
    needed for plots, whose radar must stand somewhere; all other sensors are made up to cover the data.
    Raises `BadInput` with one clear line.
    """
    raw, name = _bytes(path)
    return read_payload(
        raw,
        name,
        hide_ids=hide_ids,
        vertical=vertical,
        first_sensor=first_sensor,
        site_sensors=site_sensors,
    )


def read_payload(
    raw: bytes,
    name: str,
    *,
    hide_ids: bool = False,
    vertical: Vertical | None = None,
    first_sensor: int = 0,
    site_sensors: tuple[Sensor, ...] = (),
) -> Recording:
    """As `read_recording`, from bytes."""
    try:
        payload, packed = unpack(raw)
        sniffed = sniff(payload)
        sniffed = sniffed._replace(reason=packed + sniffed.reason)
        asked = Asked(name, sniffed, vertical, first_sensor, hide_ids, site_sensors)
        reader = READERS.get(sniffed.kind)
        if reader is None:
            raise BadInput(f"Recordings of this kind ({sniffed.kind}) are not read.")
        return reader(payload, asked)
    except BadInput as fault:
        if fault.what.startswith(name):
            raise
        raise BadInput(f"{name}: {fault.what}", fault.what_to_do) from None


def read_wind(path: Path | str) -> Wind:
    """The winds of a house wind file, a sounding, levels or a trace. Raises `BadInput`."""
    raw, name = _bytes(path)
    recording = read_payload(raw, name)
    winds = [batch.wind for batch in recording.batches] + [recording.own_wind]
    there = [wind for wind in winds if wind is not None and wind.n]
    if not there:
        raise BadInput(f"{name}: holds no wind.", "Its kind: " + KINDS[recording.kind] + ".")
    return Wind._make(np.concatenate(columns) for columns in zip(*there, strict=True))


def _bytes(path: Path | str) -> tuple[bytes, str]:
    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES), "standard input"
    path = Path(path)
    try:
        if path.is_dir():
            raise BadInput(f"{path.name}: is a folder.", "Name a file.")
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path.name}: is larger than 1 GiB.", "Split it first.")
        return path.read_bytes(), path.name
    except OSError as fault:
        why = "does not exist" if isinstance(fault, FileNotFoundError) else (fault.strerror or "")
        raise BadInput(f"{path}: {why or 'cannot be read'}.") from None


def objects_of(recording: Recording) -> I64:
    """How many detections each named object has: (len(names),)."""
    known = recording.truth_object[recording.truth_object >= 0]
    return np.bincount(known, minlength=len(recording.names)).astype(np.int64)
