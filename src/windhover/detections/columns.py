"""Which column of a table means what, with the words for it.

House columns: `time`, `lat_deg`, `lon_deg`, one of `altitude_amsl_m | height_ellipsoid_m |
altitude_baro_m`, optional `object`, `sensor`, `sigma_horizontal_m`, `sigma_vertical_m`. Beside them the
columns of OpenSky state vectors (metres), of the `traffic` package (feet, knots), of radiosonde_auto_rx
logs and of animal trackers are known by their names, however they are spelled: "Latitude (deg)",
"GPS-Altitude [ft]" and "gps_altitude" differ in their unit alone. A column that says neither unit nor
datum, a bare "alt", is left unused, and that is said; so are all that were not understood.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

import numpy as np

from windhover.detections.table import NO_TIME_NS, Column, Table, numbers, times_ns, words
from windhover.errors import BadInput
from windhover.schema.batches import F64, I64, Wind
from windhover.units import M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, RAD_PER_DEG

Scheme = Literal["icao", ""]


class Points(NamedTuple):
    """N positions as a file states them, each height still under its own datum (NaN = not stated)."""

    time_ns: I64  # (N,)
    latitude_deg: F64  # (N,)
    longitude_deg: F64  # (N,)
    height_ellipsoid_m: F64  # (N,)
    altitude_amsl_m: F64  # (N,)
    altitude_baro_m: F64  # (N,)
    sigma_horizontal_m: F64  # (N,) NaN = not stated
    sigma_vertical_m: F64  # (N,) NaN = not stated
    speed_m_s: F64  # (N,) over the ground, NaN = not stated
    track_rad: F64  # (N,) NaN = not stated
    vertical_rate_m_s: F64  # (N,) NaN = not stated
    objects: list[str]  # (N,) which object the file says it is, '' = does not say
    claims: list[str]  # (N,) what the object itself said it is, '' = nothing
    scheme: Scheme  # of the claims
    callsigns: list[str]  # (N,)
    understood: tuple[str, ...]  # "time ← 'timestamp' (POSIX milliseconds)" …
    wind: Wind | None = None

    @property
    def n(self) -> int:
        return len(self.time_ns)


def _plain(*names: str) -> tuple[tuple[str, float, str], ...]:
    """Column names in order of preference, each with its factor to SI and the words for it."""
    return tuple((name, 1.0, "") for name in names)


_TIME: Final = _plain(
    "time", "timestamp", "time_utc", "timestamp_utc", "datetime", "datetime_utc", "date_time", "utc",
    "utc_time", "gps_time", "gps_timestamp", "t", "epoch", "unix_time", "time_ns", "ts", "time_received",
    "received_at", "event_time",
)  # fmt: skip
# The moment of the position itself, where a table also has the moment of its snapshot.
_POSITION_TIME: Final = _plain("lastposupdate", "last_position", "time_position")
_LATITUDE: Final = _plain(
    "lat_deg", "latitude_deg", "lat", "latitude", "location_lat", "gps_lat", "gps_latitude"
)
_LONGITUDE: Final = _plain(
    "lon_deg", "longitude_deg", "lon", "longitude", "lng", "long", "location_long", "gps_lon",
    "gps_longitude",
)  # fmt: skip
_ELLIPSOID: Final = (
    *_plain(
        "height_ellipsoid_m",
        "height_above_ellipsoid",
        "ellipsoidal_height",
        "height_wgs84",
        "altitude_hae",
        "alt_hae",
        "hae",
    ),
    ("alt_geom", M_PER_FT, "feet"),
)
_AMSL: Final = (
    *_plain(
        "altitude_amsl_m",
        "alt_msl_m",
        "height_above_msl",
        "geopotentialheight",
        "geopotential_height",
        "geopotential_height_m",
        "alt_msl",
        "altitude_msl",
        "altitude_amsl",
        "alt_amsl",
        "heightmsl",
        "height_msl",
        "gpsheightmsl",
        "altitude_above_msl",
    ),
)
_BARO: Final = (
    *_plain("altitude_baro_m", "baroaltitude", "baro_altitude", "pressure_altitude"),
    ("alt_baro", M_PER_FT, "feet"),
)
_OBJECT: Final = _plain(
    "object", "flight_id", "icao24", "icao", "hex", "bird", "individual_local_identifier",
    "tag_local_identifier", "serial", "serial_number", "registration", "callsign", "object_id", "track_id", "id",
)  # fmt: skip
_CLAIM: Final = _plain("icao24", "icao", "hex", "icao_address")
_BARE: Final = (
    "alt",
    "altitude",
    "elevation",
    "height",
    "ele",
    "alt_m",
    "altitude_m",
    "height_m",
    "z",
)


_MOST_UNUSED: Final = 12
# Units that a name may bring in brackets, with their factor to SI.
_UNITS: Final = {
    "m": 1.0, "metres": 1.0, "meters": 1.0, "km": 1000.0, "ft": M_PER_FT, "feet": M_PER_FT, "m/s": 1.0,
    "mps": 1.0, "kt": M_S_PER_KT, "kts": M_S_PER_KT, "knots": M_S_PER_KT, "km/h": 1.0 / 3.6,
    "kmh": 1.0 / 3.6, "kph": 1.0 / 3.6, "ft/min": M_S_PER_FT_MIN, "fpm": M_S_PER_FT_MIN,
}  # fmt: skip
_BRACKETS: Final = re.compile(r"\s*[\(\[]\s*([^\)\]]*?)\s*[\)\]]\s*$")


def canonical(name: str) -> tuple[str, str]:
    """A column's name in small letters with underscores, and the unit it had in brackets.

    >>> canonical("GPS-Altitude [ft]")
    ('gps_altitude', 'ft')
    """
    name = name.strip().lower()
    unit = _BRACKETS.search(name)
    bare = _BRACKETS.sub("", name)
    return re.sub(r"[\s\-.]+", "_", bare), unit[1] if unit else ""


class _Finder:
    """Looks columns up by meaning and remembers the words for it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.by_lower: dict[str, str] = {}
        self.unit: dict[str, str] = {}
        for written in table.columns:
            name, unit = canonical(written)
            if name not in self.by_lower:
                self.by_lower[name], self.unit[name] = written, unit
        self.said: list[str] = []
        self.used: set[str] = set()

    def column(
        self, meaning: str, names: tuple[tuple[str, float, str], ...]
    ) -> tuple[Column, float] | None:
        for name, factor, unit in names:
            if name in self.by_lower:
                written = self.by_lower[name]
                factor = _UNITS.get(self.unit[name], factor)
                self.said.append(f"{meaning} ← '{written}'" + (f" ({unit})" if unit else ""))
                self.used.add(written)
                return self.table.columns[written], factor
        return None

    def number(self, meaning: str, *names: tuple[str, float, str]) -> F64:
        found = self.column(meaning, names)
        if found is None:
            return np.full(self.table.n, np.nan)
        return numbers(found[0]) * found[1]

    def has(self, *names: str) -> bool:
        return all(name in self.by_lower for name in names)

    def unused(self) -> str:
        """The words for what nobody asked for; '' where that is nothing."""
        left = [repr(name)[:40] for name in self.table.columns if name not in self.used]
        more = f" and {len(left) - _MOST_UNUSED} more" if len(left) > _MOST_UNUSED else ""
        return "not understood: " + ", ".join(left[:_MOST_UNUSED]) + more if left else ""


def understand(table: Table) -> Points:
    """Which column means what. Raises `BadInput` where time or place are not there."""
    find = _Finder(table)
    latitude = find.column("latitude", _LATITUDE)
    longitude = find.column("longitude", _LONGITUDE)
    if latitude is None or longitude is None:
        raise BadInput(
            f"No latitude and longitude among the columns {_listed(table)}.",
            "The house's names are time, lat_deg, lon_deg, height_ellipsoid_m, object.",
        )
    time_ns = _times(find)
    # The `traffic` package writes feet and knots under names that OpenSky uses for metres.
    aircraft = any(find.has(k) for k in ("icao24", "callsign", "flight_id", "vertical_rate"))
    in_feet = find.has("groundspeed") and aircraft and not find.has("velocity")
    amsl_names, ellipsoid_names, baro_names = _AMSL, _ELLIPSOID, _BARO
    if in_feet:
        ellipsoid_names = (*ellipsoid_names, ("geoaltitude", M_PER_FT, "feet, geometric"))
        baro_names = (*baro_names, ("altitude", M_PER_FT, "feet, barometric"))
    else:
        ellipsoid_names = (
            *ellipsoid_names,
            ("geoaltitude", 1.0, "metres, geometric"),
            ("geo_altitude", 1.0, "metres, geometric"),
        )
    if find.has("serial", "frame", "type"):
        ellipsoid_names = (
            *ellipsoid_names,
            ("alt", 1.0, "GNSS, as radiosonde_auto_rx computes it"),
        )
    heights = (
        find.number("height_ellipsoid_m", *ellipsoid_names),
        find.number("altitude_amsl_m", *amsl_names),
        find.number("altitude_baro_m", *baro_names),
    )
    _say_bare(find)
    knots = (("groundspeed", M_S_PER_KT, "knots"), ("gs", M_S_PER_KT, "knots"))
    per_minute = (("vertical_rate", M_S_PER_FT_MIN, "ft/min"),) if in_feet else ()
    speed = find.number(
        "ground speed",
        *knots,
        *_plain("velocity", "ground_speed", "vel_h", "speed_m_s"),
    )
    track = find.number("track", *_plain("heading", "track", "true_track", "course", "track_deg"))
    climb = find.number(
        "vertical rate", *per_minute, *_plain("vertrate", "vel_v", "vertical_rate_m_s")
    )
    sigma_h = find.number("sigma_horizontal_m", *_plain("sigma_horizontal_m"))
    sigma_v = find.number("sigma_vertical_m", *_plain("sigma_vertical_m"))
    claim = find.column("claim (ICAO address)", _CLAIM)
    objects = find.column("object", _OBJECT)
    callsign = find.column("callsign", _plain("callsign", "flight"))
    unused = find.unused()
    if unused:
        find.said.append(unused)
    blank = [""] * table.n
    return Points(
        time_ns,
        numbers(latitude[0]),
        numbers(longitude[0]),
        *heights,
        sigma_h,
        sigma_v,
        speed,
        track * RAD_PER_DEG,
        climb,
        blank if objects is None else words(objects[0]),
        blank if claim is None else [_address(w) for w in words(claim[0])],
        "" if claim is None else "icao",
        blank if callsign is None else words(callsign[0]),
        tuple(find.said),
    )


def _times(find: _Finder) -> I64:
    exact = find.column("time", _POSITION_TIME)
    if exact is not None:
        time_ns, how = times_ns(exact[0])
        find.said[-1] += f" ({how}; when the position itself was measured)"
        plain = find.column("time where that is absent", _TIME)
        if plain is not None:
            other_ns, how = times_ns(plain[0])
            find.said[-1] += f" ({how})"
            time_ns = np.where(time_ns == NO_TIME_NS, other_ns, time_ns)
        return time_ns
    plain = find.column("time", _TIME)
    if plain is None:
        raise BadInput(
            f"No time among the columns {_listed(find.table)}.",
            "The house's name is time, in ISO 8601 or POSIX seconds.",
        )
    time_ns, how = times_ns(plain[0])
    if (time_ns == NO_TIME_NS).all() and find.has("date"):
        day = find.column("date", _plain("date"))
        assert day is not None
        joined = [
            f"{d}T{t}" if d and t else None
            for d, t in zip(words(day[0]), words(plain[0]), strict=True)
        ]
        time_ns, how = times_ns(np.array(joined, object))
        find.said.pop()
        how += f", with the day of '{find.by_lower['date']}'"
    find.said[-1] += f" ({how})"
    return time_ns


def _say_bare(find: _Finder) -> None:
    if any(word.startswith(("height_ell", "altitude_")) for word in find.said):
        return
    for name in _BARE:
        if name in find.by_lower:
            find.said.append(
                f"'{find.by_lower[name]}' unused: it says no datum; name it altitude_amsl_m, "
                "height_ellipsoid_m or altitude_baro_m"
            )
            find.used.add(find.by_lower[name])
            return


def _listed(table: Table) -> str:
    shown = ", ".join(repr(name)[:30] for name in list(table.columns)[:8])
    return shown + (" …" if len(table.columns) > 8 else "")


def _address(text: str) -> str:
    """An ICAO address of six hexadecimal digits; tables may have lost leading zeros."""
    text = text.lower().removeprefix("0x").zfill(6)
    return text if len(text) == 6 and all(c in "0123456789abcdef" for c in text) else ""
