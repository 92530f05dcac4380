"""Tables of positions → detections, with the words for how each column was understood.

House columns: `time`, `lat_deg`, `lon_deg`, one of `altitude_amsl_m | height_ellipsoid_m |
altitude_baro_m`, optional `object`, `sensor`, `sigma_horizontal_m`, `sigma_vertical_m`. Beside them the
columns of OpenSky state vectors (metres), of the `traffic` package (feet, knots), of radiosonde_auto_rx
logs and of animal trackers are known by their names. A column that says neither unit nor datum, a
bare "alt", is left unused, and that is said.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal, NamedTuple

import numpy as np

from windhover.detections.decoded import Decoded, count, nothing, plausible_times, positions
from windhover.detections.heights import (
    BARO_TEMPERATURE_SHARE,
    SIGMA_BARO_M,
    ellipsoid_from_amsl,
    ellipsoid_from_baro,
)
from windhover.detections.table import Column, Table, numbers, read_csv, times_ns, words
from windhover.errors import BadInput
from windhover.schema.batches import F64, I64, Wind, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, RAD_PER_DEG

MAX_HEIGHT_M: Final = 60_000.0
SIGMA_TIME_S: Final = 0.1
SIGMA_POSITION_UNSTATED_M: Final = 10.0
SIGMA_HEIGHT_UNSTATED_M: Final = 15.0

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


class _Names(NamedTuple):
    """Where a meaning may stand: column names in order of preference, with a factor to SI."""

    meaning: str
    names: tuple[tuple[str, float, str], ...]  # name (lower case), factor, words


def _plain(*names: str) -> tuple[tuple[str, float, str], ...]:
    return tuple((name, 1.0, "") for name in names)


_TIME: Final = _plain(
    "time", "timestamp", "time_utc", "datetime", "date_time", "utc", "t", "epoch", "time_ns", "ts"
)
# The moment of the position itself, where a table also has the moment of its snapshot.
_POSITION_TIME: Final = _plain("lastposupdate", "last_position", "time_position")
_LATITUDE: Final = _plain("lat_deg", "latitude_deg", "lat", "latitude", "location-lat")
_LONGITUDE: Final = _plain(
    "lon_deg", "longitude_deg", "lon", "longitude", "lng", "long", "location-long"
)
_ELLIPSOID: Final = (
    *_plain("height_ellipsoid_m", "height_above_ellipsoid", "height-above-ellipsoid"),
    ("alt_geom", M_PER_FT, "feet"),
)
_AMSL: Final = (
    *_plain(
        "altitude_amsl_m", "alt_msl_m", "height_above_msl", "height-above-msl", "geopotentialheight"
    ),
    ("alt_msl", 1.0, ""),
)
_BARO: Final = (
    *_plain("altitude_baro_m", "baroaltitude", "baro_altitude"),
    ("alt_baro", M_PER_FT, "feet"),
)
_OBJECT: Final = _plain(
    "object", "flight_id", "icao24", "icao", "hex", "bird", "individual-local-identifier",
    "tag-local-identifier", "serial", "serial_number", "registration", "callsign", "object_id", "track_id", "id",
)  # fmt: skip
_CLAIM: Final = _plain("icao24", "icao", "hex")
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


def decode(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A CSV of points, whole or any part that starts with the header line. Never raises."""
    try:
        points = understand(read_csv(payload))
    except BadInput as fault:
        return nothing("not a table of points: " + fault.what[:80])
    return rows(points, received_ns, sensor, sensor_info, vertical)


class _Finder:
    """Looks columns up by meaning and remembers the words for it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.by_lower = {name.strip().lower(): name for name in table.columns}
        self.said: list[str] = []

    def column(
        self, meaning: str, names: tuple[tuple[str, float, str], ...]
    ) -> tuple[Column, float] | None:
        for name, factor, unit in names:
            if name in self.by_lower:
                written = self.by_lower[name]
                self.said.append(f"{meaning} ← '{written}'" + (f" ({unit})" if unit else ""))
                return self.table.columns[written], factor
        return None

    def number(self, meaning: str, *names: tuple[str, float, str]) -> F64:
        found = self.column(meaning, names)
        if found is None:
            return np.full(self.table.n, np.nan)
        return numbers(found[0]) * found[1]

    def has(self, *names: str) -> bool:
        return all(name in self.by_lower for name in names)


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
    in_feet = find.has("groundspeed", "altitude") and not find.has("velocity")
    amsl_names, ellipsoid_names, baro_names = _AMSL, _ELLIPSOID, _BARO
    if in_feet:
        ellipsoid_names = (*ellipsoid_names, ("geoaltitude", M_PER_FT, "feet, geometric"))
        baro_names = (*baro_names, ("altitude", M_PER_FT, "feet, barometric"))
    elif find.has("baroaltitude") or find.has("icao24"):
        ellipsoid_names = (
            *ellipsoid_names,
            ("geoaltitude", 1.0, "geometric"),
            ("geo_altitude", 1.0, "geometric"),
        )
    if find.has("serial", "frame", "type", "sats"):
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
        *_plain("velocity", "ground_speed", "vel_h", "ground-speed", "speed_m_s"),
    )
    track = find.number("track", *_plain("heading", "track", "course", "track_deg"))
    climb = find.number(
        "vertical rate", *per_minute, *_plain("vertrate", "vel_v", "vertical_rate_m_s")
    )
    sigma_h = find.number("sigma_horizontal_m", *_plain("sigma_horizontal_m"))
    sigma_v = find.number("sigma_vertical_m", *_plain("sigma_vertical_m"))
    claim = find.column("claim (ICAO address)", _CLAIM)
    objects = find.column("object", _OBJECT)
    callsign = find.column("callsign", _plain("callsign", "flight"))
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
        return time_ns
    plain = find.column("time", _TIME)
    if plain is None:
        raise BadInput(
            f"No time among the columns {_listed(find.table)}.",
            "The house's name is time, in ISO 8601 or POSIX seconds.",
        )
    time_ns, how = times_ns(plain[0])
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
            return


def _listed(table: Table) -> str:
    shown = ", ".join(repr(name)[:30] for name in list(table.columns)[:8])
    return shown + (" …" if len(table.columns) > 8 else "")


def _address(text: str) -> str:
    """An ICAO address of six hexadecimal digits; tables may have lost leading zeros."""
    text = text.lower().removeprefix("0x").zfill(6)
    return text if len(text) == 6 and all(c in "0123456789abcdef" for c in text) else ""


def rows(
    points: Points,
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
) -> Decoded:
    """Points → detections in the order given. `received_ns` None: each came when it was measured."""
    decoded, _ = rows_and_kept(points, received_ns, sensor, sensor_info, vertical)
    return decoded


def rows_and_kept(
    points: Points,
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
) -> tuple[Decoded, I64]:
    """As `rows`, with the (M,) row numbers of `points` that were kept."""
    rejected: Counter[str] = Counter()
    received = points.time_ns if received_ns is None else np.full(points.n, received_ns, np.int64)
    good = plausible_times(points.time_ns, received, rejected)
    latitude, longitude = points.latitude_deg, points.longitude_deg
    absent = good & (
        np.isnan(latitude) | np.isnan(longitude) | ((latitude == 0) & (longitude == 0))
    )
    count(rejected, "no position", int(absent.sum()))
    sane = (np.abs(latitude) <= 90.0) & (longitude >= -180.0) & (longitude <= 360.0)
    count(rejected, "absurd position", int((good & ~absent & ~sane).sum()))
    good &= sane & ~absent
    kept = np.flatnonzero(good)
    kept = kept[_first_of_each(points, kept)]
    count(rejected, "duplicate", int(good.sum()) - len(kept))
    height_m, sigma_height_m = _heights(points, kept, sensor_info, vertical, rejected)
    claimed = _claimed(points, kept)
    detections = positions(
        points.time_ns[kept],
        received[kept],
        sensor,
        latitude[kept] * RAD_PER_DEG,
        longitude[kept] * RAD_PER_DEG,
        height_m,
        _sigma_horizontal(points, kept, sensor_info),
        sigma_height_m,
        claimed,
    )
    reports = _reports(points, kept, received, sensor, claimed) if points.scheme else ()
    return Decoded(detections, reports, points.wind, dict(rejected)), kept


def _first_of_each(points: Points, kept: I64) -> I64:
    """(M,) which of the kept rows are the first with their time, place and object."""
    if not len(kept):
        return np.zeros(0, np.int64)
    _, names = np.unique(np.array([points.objects[i] for i in kept]), return_inverse=True)
    keys = np.stack(
        [
            points.time_ns[kept],
            np.rint(points.latitude_deg[kept] * 1e8).astype(np.int64),
            np.rint(points.longitude_deg[kept] * 1e8).astype(np.int64),
            names.astype(np.int64).reshape(-1),
        ],
        axis=1,
    )
    _, first = np.unique(keys, axis=0, return_index=True)
    return np.sort(first)


def _heights(
    points: Points, kept: I64, sensor_info: Sensor, vertical: Vertical, rejected: Counter[str]
) -> tuple[F64, F64]:
    """height_ellipsoid_m and its sigma, from the best datum that the site can tie down; counted else."""
    stated = np.where(
        points.sigma_vertical_m[kept] > 0.0,
        points.sigma_vertical_m[kept],
        sensor_info.sigma_height_m or SIGMA_HEIGHT_UNSTATED_M,
    )
    ellipsoid = _sane(points.height_ellipsoid_m[kept])
    amsl = _sane(points.altitude_amsl_m[kept])
    baro = _sane(points.altitude_baro_m[kept])
    from_amsl = ellipsoid_from_amsl(amsl, vertical)
    from_baro = ellipsoid_from_baro(baro, vertical)
    sigma_baro = np.hypot(stated, np.hypot(SIGMA_BARO_M, BARO_TEMPERATURE_SHARE * baro))
    height = np.where(np.isnan(ellipsoid), from_amsl, ellipsoid)
    sigma = np.where(np.isnan(height), sigma_baro, stated)
    height = np.where(np.isnan(height), from_baro, height)
    lost = np.isnan(height)
    was_amsl, was_baro = lost & ~np.isnan(amsl), lost & np.isnan(amsl) & ~np.isnan(baro)
    count(rejected, "height unused: above mean sea level, undulation unknown", int(was_amsl.sum()))
    count(rejected, "height unused: barometric, QNH or undulation unknown", int(was_baro.sum()))
    count(rejected, "height unused: none told", int((lost & ~was_amsl & ~was_baro).sum()))
    return height, np.where(lost, 0.0, sigma)


def _sane(height_m: F64) -> F64:
    return np.where(np.abs(height_m) <= MAX_HEIGHT_M, height_m, np.nan)


def _sigma_horizontal(points: Points, kept: I64, sensor_info: Sensor) -> F64:
    stated = points.sigma_horizontal_m[kept]
    speed = np.nan_to_num(points.speed_m_s[kept], nan=0.0).clip(0.0, 1500.0)
    default = np.hypot(
        sensor_info.sigma_position_m or SIGMA_POSITION_UNSTATED_M, SIGMA_TIME_S * speed
    )
    return np.where((stated > 0.0) & (stated < 1e6), stated, default)


def _claimed(points: Points, kept: I64) -> I64:
    known = {"": 0}
    for i in kept:
        word = points.claims[i]
        if word not in known:
            known[word] = claim_id(points.scheme, word)
    return np.array([known[points.claims[i]] for i in kept], np.int64)


def _reports(
    points: Points, kept: I64, received: I64, sensor: int, claimed: I64
) -> tuple[Report, ...]:
    """One claim an object and minute, or whenever what it says of itself changes."""
    last: dict[str, tuple[int, str]] = {}
    reports: list[Report] = []
    for row, i in enumerate(kept.tolist()):
        who, callsign, time_ns = points.claims[i], points.callsigns[i], int(points.time_ns[i])
        minute = time_ns // 60_000_000_000
        if not who or last.get(who) == (minute, callsign):
            continue
        last[who] = (minute, callsign)
        reports.append(
            Cooperative(
                time_ns,
                int(received[i]),
                sensor,
                int(claimed[row]),
                "icao",
                who,
                callsign=callsign[:8],
                ground_speed_m_s=_optional(points.speed_m_s[i]),
                track_rad=_optional(points.track_rad[i]),
                vertical_rate_m_s=_optional(points.vertical_rate_m_s[i]),
            )
        )
    return tuple(reports)


def _optional(value: float) -> float | None:
    return None if value != value else float(value)
