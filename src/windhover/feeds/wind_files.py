"""Files that hold winds and no positions: METAR, and soundings as text."""

from __future__ import annotations

import numpy as np

from windhover.detections import metar, sounding_text
from windhover.detections.decoded import Decoded
from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build
from windhover.schema.batches import Detections, Wind
from windhover.schema.place import Vertical
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


def metar_file(payload: bytes, asked: Asked) -> Recording:
    """METARs of one file, at the stations that the table of aerodromes knows. Raises `BadInput`."""
    import airportsdata  # a table of 8 MB, for this kind alone

    known = airportsdata.load("ICAO")
    named = {word for word in payload.decode("ascii", "replace").split() if word in known}
    stations = {
        name: metar.Station(
            known[name]["lat"], known[name]["lon"], known[name]["elevation"] * M_PER_FT
        )
        for name in sorted(named)
    }
    decoded = metar.decode(payload, None, stations)
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
