"""What a GRIB or BUFR file says of the wind. Runs in the child process of `grib`.

GRIB: the fields u and v of one instant, level and grid belong together. On pressure levels the altitude is the
geopotential height of the same level; above ground it is added to the model's own orography. Components along
the grid's axes are turned to east and north by the direction in which its rows run at each point.
BUFR: soundings (WMO template 3 09 052, 3 09 057): levels with height, wind and displacement.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np

from windhover.detections.sounding import wind_of
from windhover.errors import BadInput
from windhover.schema.batches import F64, I64, Wind, WindSource
from windhover.timescale import from_datetime
from windhover.units import NS_PER_S, RAD_PER_DEG

SIGMA_FORECAST_M_S: Final = 2.5
MAX_WIND_M_S: Final = 130.0
EARTH_M: Final = 6_371_229.0
"""Geopotential height H → height: R·H / (R − H) (WMO-No. 8, part I, chapter 12)."""
NEAREST: Final = 64
"""Columns of the grid around a place."""
MOST: Final = 200_000
"""Winds of a file of which no place is asked: more are thinned evenly."""
MISSING: Final = 1.0e20
_WINDS: Final = {"u": "u", "10u": "u", "100u": "u", "v": "v", "10v": "v", "100v": "v"}
_HEIGHTS: Final = ("gh", "orog", "h", "z")
Read = tuple[Wind | None, tuple[str, ...]]


class _Field(NamedTuple):
    """One field's handle, read when it is wanted."""

    values: F64
    turned: bool  # along the grid


class _Key(NamedTuple):
    time_ns: int
    member: int
    grid: str
    kind: str  # of level
    level: float


def read(payload: bytes, near: tuple[float, float] | None) -> Read:
    """The winds of a file. Raises `BadInput` where there is none to be had."""
    import eccodes  # type: ignore[import-untyped]

    at = payload.find(b"BUFR", 0, 128)
    try:
        if at >= 0 and payload.find(b"GRIB", 0, 128) < 0:
            return _bufr(eccodes, payload[at:])
        return _grib(eccodes, payload, near)
    except eccodes.CodesInternalError as fault:
        raise BadInput(f"The file is broken: {str(fault)[:100]}.") from None


def _messages(eccodes: Any, payload: bytes, magic: bytes, product: int) -> Iterator[Any]:
    """Handles of every message, one after the other; each is released after its turn."""
    import os
    import tempfile

    eccodes.codes_grib_multi_support_on()
    with tempfile.TemporaryFile() as file:
        file.write(payload)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        file.seek(0)
        while (handle := eccodes.codes_new_from_file(file, product)) is not None:
            try:
                yield handle
            finally:
                eccodes.codes_release(handle)


def _grib(eccodes: Any, payload: bytes, near: tuple[float, float] | None) -> Read:
    fields: dict[str, dict[_Key, _Field]] = {"u": {}, "v": {}, "gh": {}, "ground": {}}
    grids: dict[
        str, tuple[F64, F64, F64, I64]
    ] = {}  # latitude, longitude, row's angle, columns kept
    total = 0
    for handle in _messages(eccodes, payload, b"GRIB", eccodes.CODES_PRODUCT_GRIB):
        total += 1
        name = str(eccodes.codes_get(handle, "shortName"))
        kind = str(eccodes.codes_get(handle, "typeOfLevel"))
        ground = name in _HEIGHTS and kind == "surface"
        wanted = _WINDS.get(name) or ("ground" if ground else "gh" if name in ("gh", "z") else "")
        if not wanted:
            continue
        grid = str(eccodes.codes_get(handle, "md5GridSection"))
        if grid not in grids:
            grids[grid] = _grid(eccodes, handle, near)
        eccodes.codes_set(handle, "missingValue", MISSING)
        values = eccodes.codes_get_values(handle)[grids[grid][3]]
        values = np.where(np.abs(values) < MISSING / 2.0, values, np.nan)
        if name == "z":
            values = values / 9.80665
        level = float(eccodes.codes_get(handle, "level"))
        if kind == "isobaricInPa":
            kind, level = "isobaricInhPa", level / 100.0
        key = _Key(_valid_ns(eccodes, handle), _maybe(eccodes, handle, "number"), grid, kind, level)
        turned = bool(_maybe(eccodes, handle, "uvRelativeToGrid"))
        fields[wanted][key] = _Field(values, turned)
    if not total:
        raise BadInput("The GRIB file holds no message that can be read.")
    return _joined(fields, grids, total)


def _joined(
    fields: dict[str, dict[_Key, _Field]], grids: dict[str, tuple[F64, F64, F64, I64]], total: int
) -> Read:
    ground = {(key.grid, key.member): one.values for key, one in fields["ground"].items()}
    parts: list[tuple[F64, ...]] = []
    levels: dict[str, set[float]] = {}
    unplaced = 0
    for key, u in fields["u"].items():
        v = fields["v"].get(key)
        if v is None:
            continue
        altitude = _altitude(key, fields["gh"].get(key), ground.get((key.grid, key.member)))
        if altitude is None:
            unplaced += 1
            continue
        latitude, longitude, angle, _ = grids[key.grid]
        east, north = u.values, v.values
        if u.turned:
            east, north = (
                u.values * np.cos(angle) - v.values * np.sin(angle),
                u.values * np.sin(angle) + v.values * np.cos(angle),
            )
        n = len(latitude)
        parts.append((np.full(n, key.time_ns), latitude, longitude, altitude, east, north))
        levels.setdefault(key.kind, set()).add(key.level)
    if not parts:
        raise BadInput(f"None of {total} fields is a wind at a height that the file states.")
    time_ns, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    latitude, longitude, altitude, east, north = columns
    good = np.isfinite(altitude) & (np.hypot(east, north) <= MAX_WIND_M_S)
    rows = np.flatnonzero(good)
    rows = rows[:: max(1, -(-len(rows) // MOST))]
    n = len(rows)
    wind = Wind(
        time_ns[rows].astype(np.int64), latitude[rows] * RAD_PER_DEG,
        ((longitude[rows] + 180.0) % 360.0 - 180.0) * RAD_PER_DEG, altitude[rows], east[rows], north[rows],
        np.full(n, SIGMA_FORECAST_M_S), np.full(n, WindSource.FORECAST, np.int8),
    )  # fmt: skip
    words = ", ".join(f"{len(found)} of {kind}" for kind, found in sorted(levels.items()))
    return (wind if n else None), (
        f"wind ← u and v on {words}; {total} fields, {n:,} winds of {int(good.sum()):,} kept",
        "altitude_amsl_m ← geopotential height of the same level, or the model's ground + height above it"
        + (f"; {unplaced} levels without either left out" if unplaced else ""),
        "east, north ← components along the grid, turned by its rows"
        if any(one.turned for one in fields["u"].values())
        else "east, north ← u, v",
        "time ← the instant that each field is valid for",
    )


def _altitude(key: _Key, height: _Field | None, ground: F64 | None) -> F64 | None:
    """Above mean sea level in m at every point, or None where the file does not say it."""
    if key.kind == "isobaricInhPa" and height is not None:
        return EARTH_M * height.values / (EARTH_M - height.values)
    if key.kind == "heightAboveGround" and ground is not None:
        return ground + key.level
    if key.kind == "heightAboveSea" and ground is not None:
        return np.full(len(ground), key.level)
    return None


def _grid(eccodes: Any, handle: Any, near: tuple[float, float] | None) -> tuple[F64, F64, F64, I64]:
    """Latitude and longitude in degrees, the angle of a row at each point in rad, and which points are kept."""
    latitude = np.asarray(eccodes.codes_get_array(handle, "latitudes"), np.float64)
    longitude = np.asarray(eccodes.codes_get_array(handle, "longitudes"), np.float64)
    angle = np.zeros(len(latitude))
    width, height = (_maybe(eccodes, handle, name) for name in ("Ni", "Nj"))
    if _maybe(eccodes, handle, "uvRelativeToGrid"):
        if (
            width < 2
            or width * height != len(latitude)
            or _maybe(eccodes, handle, "jPointsAreConsecutive")
        ):
            raise BadInput("Winds along the axes of a grid whose rows cannot be told.")
        angle = row_angle_rad(latitude.reshape(height, width), longitude.reshape(height, width))
        if _maybe(eccodes, handle, "iScansNegatively"):
            angle = angle + np.pi
    kept = np.arange(len(latitude))
    if near is not None:
        north = latitude - near[0]
        east = ((longitude - near[1] + 180.0) % 360.0 - 180.0) * np.cos(near[0] * RAD_PER_DEG)
        kept = np.sort(np.argsort(np.hypot(east, north), kind="stable")[:NEAREST])
    return latitude[kept], longitude[kept], angle[kept], kept


def row_angle_rad(latitude_deg: F64, longitude_deg: F64) -> F64:
    """(H·W,) angle from east to the direction of growing column, counterclockwise; grids (H, W) in degrees."""
    latitude = latitude_deg * RAD_PER_DEG
    if latitude.shape[1] < 3:
        raise BadInput("A grid of fewer than three columns has no direction.")
    turn = np.unwrap(longitude_deg * RAD_PER_DEG, axis=1)
    east = np.gradient(turn, axis=1, edge_order=2) * np.cos(latitude)
    north = np.gradient(latitude, axis=1, edge_order=2)
    found: F64 = np.arctan2(north, east).reshape(-1)
    return found


def _maybe(eccodes: Any, handle: Any, name: str) -> int:
    """A key as a whole number; 0 where the message has none."""
    if not eccodes.codes_is_defined(handle, name) or eccodes.codes_is_missing(handle, name):
        return 0
    return int(eccodes.codes_get_long(handle, name))


def _valid_ns(eccodes: Any, handle: Any) -> int:
    date = int(eccodes.codes_get_long(handle, "validityDate"))
    clock = int(eccodes.codes_get_long(handle, "validityTime"))
    return _instant_ns(date // 10_000, date // 100 % 100, date % 100, clock // 100, clock % 100, 0)


def _instant_ns(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    try:
        return from_datetime(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadInput("The file states an impossible time.") from None


def _bufr(eccodes: Any, payload: bytes) -> Read:
    parts: list[tuple[Any, ...]] = []
    ascents = 0
    for handle in _messages(eccodes, payload, b"BUFR", eccodes.CODES_PRODUCT_BUFR):
        eccodes.codes_set(handle, "unpack", 1)
        if _maybe(eccodes, handle, "numberOfSubsets") != 1:
            continue
        found = _ascent(eccodes, handle)
        if found is not None:
            parts.append(found)
            ascents += 1
    if not parts:
        raise BadInput("The BUFR file holds no sounding with winds at heights.")
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return wind_of(*columns), (
        f"wind ← direction (from) and speed of {ascents} soundings",
        "altitude_amsl_m ← geopotential height",
        "time, place ← the launch and each level's displacement",
    )


def _ascent(eccodes: Any, handle: Any) -> tuple[Any, ...] | None:
    """time_ns, latitude, longitude, height, east, north of each level; None where the message has none."""

    def levels(name: str) -> F64 | None:
        if not eccodes.codes_is_defined(handle, name):
            return None
        values = np.asarray(eccodes.codes_get_array(handle, name), np.float64)
        return np.where(np.abs(values) < 1e50, values, np.nan)  # ecCodes: −1e100 = missing

    speed, turn = levels("windSpeed"), levels("windDirection")
    height = levels("nonCoordinateGeopotentialHeight")
    if speed is None or turn is None or height is None or len(height) < len(speed):
        return None
    n = len(speed)

    def along(name: str) -> F64:
        values = levels(name)
        return np.zeros(n) if values is None or len(values) < n else np.nan_to_num(values[:n])

    first = [levels(name) for name in ("latitude", "longitude")]
    if any(one is None for one in first):
        return None
    when = [int(eccodes.codes_get_long(handle, name)) for name in ("year", "month", "day", "hour")]
    minute, second = (_maybe(eccodes, handle, name) for name in ("minute", "second"))
    start_ns = _instant_ns(when[0], when[1], when[2], when[3], minute, min(second, 59))
    at_ns: I64 = start_ns + np.rint(along("timePeriod")).astype(np.int64) * NS_PER_S
    latitude, longitude = (float(one[0]) for one in first if one is not None)
    radians = turn[:n] * RAD_PER_DEG
    return (
        at_ns,
        latitude + along("latitudeDisplacement"),
        longitude + along("longitudeDisplacement"),
        height[:n],
        -speed * np.sin(radians),
        -speed * np.cos(radians),
    )
