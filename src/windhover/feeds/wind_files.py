"""Files that hold winds and no positions: METAR, soundings, instruments on the ground, forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np

from windhover.detections import metar, sounding_igra, sounding_text, wind_csv, wind_instruments
from windhover.detections.decoded import Decoded
from windhover.detections.netcdf import Variable
from windhover.errors import BadInput
from windhover.feeds import grib
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build
from windhover.schema.batches import Detections, Wind
from windhover.schema.place import Point, Sensor, Vertical
from windhover.timescale import PLAUSIBLE_TO_NS
from windhover.units import M_PER_FT


def wind_only(decoded: Decoded, understood: tuple[str, ...], asked: Asked) -> Recording:
    """A recording that holds wind and no detections."""
    return build(
        name=asked.name,
        kind=asked.sniffed.kind,
        reason=asked.sniffed.reason,
        understood=understood,
        decoded=decoded,
        truth_object=np.zeros(0, np.int64),
        names=(),
        sensor_kind="points",
        vertical=asked.vertical or Vertical(),
        first_sensor=asked.first_sensor,
    )


def levels(
    wind: Wind | None, understood: tuple[str, ...], asked: Asked, broken: dict[str, int]
) -> Recording:
    """The same of one sounding's levels. Raises `BadInput` where none can be used."""
    if wind is None:
        raise BadInput("Its levels hold no usable wind.")
    return wind_only(Decoded(Detections.empty(), (), wind, broken), understood, asked)


def levels_list(payload: bytes, asked: Asked) -> Recording:
    return levels(*sounding_text.read_list(payload), asked, {})


def wind_netcdf(found: dict[str, Variable], asked: Asked) -> Recording | None:
    """A netCDF file of a surface station or a lidar; None where it is neither."""
    names = set(found)
    if wind_instruments.is_lidar(names):
        return levels(*wind_instruments.lidar(found), asked.of_kind("lidar"), {})
    if wind_instruments.is_surface(names):
        return levels(*wind_instruments.surface_netcdf(found), asked.of_kind("surface"), {})
    return None


def _stations(names: set[str]) -> dict[str, metar.Station]:
    """Where those aerodromes stand, by their ICAO codes."""
    import airportsdata  # a table of 8 MB, for these kinds alone

    known = airportsdata.load("ICAO")
    return {
        name: metar.Station(
            known[name]["lat"], known[name]["lon"], known[name]["elevation"] * M_PER_FT
        )
        for name in sorted(names)
        if name in known
    }


def _mesonet(payload: bytes, asked: Asked) -> Recording:
    document = msgspec.json.decode(payload, type=dict[str, Any])
    profiles = [one for one in document["profiles"] if isinstance(one, dict)]
    names = {str(one.get("station", ""))[:8] for one in profiles}
    stations = _stations(names | {f"K{name}" for name in names})
    return levels(*sounding_igra.read_mesonet(document, stations), asked, {})


def _winds(payload: bytes, asked: Asked) -> Recording:
    here = Sensor("recording", "points", Point(0.0, 0.0), 0.0, 0.0, 1e9, 1.0)
    decoded = wind_csv.decode(payload, PLAUSIBLE_TO_NS - 1, 0, here, Vertical())
    return wind_only(decoded, ("wind ← the house's columns",), asked)


WEATHER: Final[dict[str, Callable[[bytes, Asked], Recording]]] = {
    "wind_csv": _winds,
    "igra": lambda payload, asked: levels(*sounding_igra.read_igra(payload), asked, {}),
    "mesonet": _mesonet,
    "sodar": lambda payload, asked: levels(
        *wind_instruments.sodar(payload, asked.place), asked, {}
    ),
    "grib": lambda payload, asked: levels(*grib.read(payload, asked.near), asked, {}),
    "bufr": lambda payload, asked: levels(*grib.read(payload, asked.near), asked, {}),
}


def metar_file(payload: bytes, asked: Asked) -> Recording:
    """METARs of one file, at the stations that the table of aerodromes knows. Raises `BadInput`."""
    stations = _stations(
        {word for word in payload.decode("ascii", "replace").split() if len(word) == 4}
    )
    decoded = metar.decode(payload, asked.received_ns, stations)
    if decoded.wind is None:
        why = "; ".join(f"{reason} ({count})" for reason, count in decoded.rejected.items())
        raise BadInput(
            f"No usable METAR: {why}.",
            "A line with the date must stand before each, as in NOAA's files: 2026/11/22 00:51.",
        )
    return wind_only(
        decoded,
        (
            "wind ← the group of direction (from, true) and speed; 10 m above the aerodrome",
            "latitude, longitude, altitude_amsl_m ← the aerodrome's, by its ICAO code (airportsdata)",
            "time ← day, hour and minute of the report; year and month from the line before it",
        ),
        asked,
    )
