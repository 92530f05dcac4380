"""Any recording → `Recording`: the kind told from the content, heights never mixed, the truth kept apart.

A site ties height datums together. Without one a recording keeps the best single reference that it
has itself, and says which: height above the ellipsoid; or else above mean sea level, or pressure
altitude, *as the recording's own zero*, with everything in it counted from there and nothing else beside.
"""

from __future__ import annotations

import re
import sys
from math import degrees
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from windhover.air.wind import around
from windhover.detections.decoded import join_wind
from windhover.detections.table import as_utf8
from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.readers import READERS
from windhover.feeds.recording import Recording
from windhover.feeds.sniff import MAX_BYTES, sniff, unpack
from windhover.schema.batches import I64, Wind
from windhover.schema.place import Sector, Sensor, Vertical
from windhover.timescale import to_iso

_PLACED: Final = re.compile(r"(.+)@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(-?\d+(?:\.\d+)?))?")

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
    "asterix_final": "ASTERIX records (final frames)",
    "sbs": "BaseStation lines",
    "trace": "a readsb trace",
    "aircraft_json": "readsb aircraft.json snapshots",
    "dronescout": "DroneScout Remote ID messages",
    "plots": "radar plot lines",
    "pcap": "a packet capture",
    "wind_csv": "winds (CSV)",
    "metar": "METAR reports (text)",
    "sounding_text": "a sounding (text list)",
    "igra": "soundings (IGRA 2)",
    "mesonet": "soundings (Iowa Environmental Mesonet JSON)",
    "netcdf": "a netCDF file",
    "surface": "a surface station's winds",
    "lidar": "a Doppler lidar's scan",
    "sodar": "a sodar's profiles (Scintec)",
    "grib": "a GRIB forecast",
    "bufr": "a BUFR sounding",
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
    place: tuple[float, float, float] | None = None,
    near: tuple[float, float] | None = None,
    received_ns: int | None = None,
) -> Recording:
    """As `read_recording`, from bytes; `place`, `near` and `received_ns` as `Asked` has them."""
    try:
        payload, packed = unpack(raw)
        payload = as_utf8(payload)
        sniffed = sniff(payload)
        sniffed = sniffed._replace(reason=packed + sniffed.reason)
        asked = Asked(
            name, sniffed, vertical, first_sensor, hide_ids, site_sensors, place, near, received_ns
        )
        reader = READERS.get(sniffed.kind)
        if reader is None:
            raise BadInput(f"Recordings of this kind ({sniffed.kind}) are not read.")
        return reader(payload, asked)
    except BadInput as fault:
        if fault.what.startswith(name):
            raise
        raise BadInput(f"{name}: {fault.what}", fault.what_to_do) from None


class WindFile(NamedTuple):
    """The winds of a file, and a line for people about what was understood of it."""

    wind: Wind
    reading: tuple[str, ...]


def read_wind(path: Path | str, sector: Sector | None = None, at_ns: int | None = None) -> Wind:
    """The winds alone of `read_winds`."""
    return read_winds(path, sector, at_ns).wind


def read_winds(
    path: Path | str, sector: Sector | None = None, at_ns: int | None = None
) -> WindFile:
    """The winds of any file that holds some; `FILE@LAT,LON[,ELEVATION]` places one that does not say where it stands.

    With a `sector` and an instant what is nearest to them is kept of files that cover a continent or a
    decade. Raises `BadInput`.
    """
    stated = _PLACED.fullmatch(str(path))
    place = None
    if stated is not None and not Path(path).exists():
        path = stated[1]
        place = (float(stated[2]), float(stated[3]), float(stated[4] or "nan"))
    near = None
    if sector is not None:
        near = (degrees(sector.origin.latitude_rad), degrees(sector.origin.longitude_rad))
    raw, name = _bytes(path)
    recording = read_payload(raw, name, place=place, near=near)
    wind = join_wind([*(batch.wind for batch in recording.batches), recording.own_wind])
    if wind is None:
        raise BadInput(f"{name}: holds no wind.", "Its kind: " + KINDS[recording.kind] + ".")
    if sector is not None:
        wind = around(wind, sector.origin, at_ns)
    first, last = to_iso(int(wind.time_ns.min())), to_iso(int(wind.time_ns.max()))
    low, high = float(wind.altitude_amsl_m.min()), float(wind.altitude_amsl_m.max())
    reading = [f"{name}: read as {recording.kind}, because {recording.reason}."]
    reading += [f"  understood: {column}" for column in recording.understood]
    reading += [f"  not used: {n} × {why}" for why, n in sorted(recording.rejected.items())]
    reading.append(
        f"  {wind.n:,} winds, {first} … {last}, {low:,.0f} … {high:,.0f} m above mean sea level"
    )
    return WindFile(wind, tuple(reading))


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
