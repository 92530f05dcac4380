"""How coordinates, heights and lengths are spelled in a notice, rounded to the safe side."""

from __future__ import annotations

from math import ceil, floor, isfinite

from windhover.notices.notam.geodesic import distance_m
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD, M_PER_FLIGHT_LEVEL, M_PER_FT, M_PER_NM

LINE_WIDTH = 68
"""An AFTN line holds 69 characters (ICAO Annex 10 Vol. II, 5.2.2)."""

_HAIR = 1e-6  # keeps 17999.0000001 ft from becoming 18000 through the last bit of a double


def _sexagesimal(angle_rad: float, digits: int, decimals: int) -> tuple[str, bool]:
    scale = 10**decimals
    ticks = round(abs(angle_rad) * DEG_PER_RAD * 3600 * scale)
    seconds, fraction = divmod(ticks, scale)
    minutes, seconds = divmod(seconds, 60)
    degrees, minutes = divmod(minutes, 60)
    text = f"{degrees:0{digits}d}{minutes:02d}{seconds:02d}"
    return (f"{text}.{fraction:0{decimals}d}" if decimals else text), angle_rad < 0


def position(point: Point, seconds_decimals: int = 0) -> str:
    """DDMMSSN DDDMMSSE, rounded to the nearest second or the part of a second asked for.

    >>> from math import radians
    >>> position(Point(radians(31.8070), radians(-106.3775)))
    '314825N 1062239W'
    """
    latitude, south = _sexagesimal(point.latitude_rad, 2, seconds_decimals)
    longitude, west = _sexagesimal(point.longitude_rad, 3, seconds_decimals)
    return f"{latitude}{'S' if south else 'N'} {longitude}{'W' if west else 'E'}"


def rounded(point: Point, seconds_decimals: int = 0) -> Point:
    """The place that `position` writes."""
    scale = 3600 * 10**seconds_decimals
    return Point(
        round(point.latitude_rad * DEG_PER_RAD * scale) / scale / DEG_PER_RAD,
        round(point.longitude_rad * DEG_PER_RAD * scale) / scale / DEG_PER_RAD,
    )


def moved_m(point: Point, seconds_decimals: int = 0) -> float:
    """How far rounding moves a place: what a circle's radius must grow by to cover as before."""
    to = rounded(point, seconds_decimals)
    away_m = distance_m(point.latitude_rad, point.longitude_rad, to.latitude_rad, to.longitude_rad)
    return away_m if away_m > 0.5 else 0.0


def q_centre(point: Point) -> tuple[str, Point]:
    """The Q-line's centre to the nearest minute, DDMMNDDDMME, and the place it stands for."""
    at = [round(a * DEG_PER_RAD * 60) for a in (point.latitude_rad, point.longitude_rad)]
    (lat_d, lat_m), (lon_d, lon_m) = divmod(abs(at[0]), 60), divmod(abs(at[1]), 60)
    text = (
        f"{lat_d:02d}{lat_m:02d}{'S' if at[0] < 0 else 'N'}"
        f"{lon_d:03d}{lon_m:02d}{'W' if at[1] < 0 else 'E'}"
    )
    return text, Point(at[0] / 60 / DEG_PER_RAD, at[1] / 60 / DEG_PER_RAD)


def radius(radius_m: float) -> str:
    """Nautical miles rounded up to the hundredth, without idle zeros: '10NM', '0.27NM'."""
    hundredths = ceil(radius_m / M_PER_NM * 100 - _HAIR)
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "NM"


def upper_limit(altitude_amsl_m: float) -> str:
    """Item G: whole feet above mean sea level rounded up, or UNL."""
    if not isfinite(altitude_amsl_m) or altitude_amsl_m > 999 * M_PER_FLIGHT_LEVEL:
        return "UNL"
    return f"{ceil(altitude_amsl_m / M_PER_FT - _HAIR)}FT AMSL"


def lower_limit(altitude_amsl_m: float | None) -> str:
    """Item F: whole feet above mean sea level rounded down, or SFC."""
    if altitude_amsl_m is None:
        return "SFC"
    return f"{floor(altitude_amsl_m / M_PER_FT + _HAIR)}FT AMSL"


def q_lower(altitude_amsl_m: float | None) -> str:
    """The Q-line's lower limit: flight level rounded down; SFC is 000 (ICAO Doc 8126)."""
    if altitude_amsl_m is None or altitude_amsl_m <= 0:
        return "000"
    return f"{min(998, floor(altitude_amsl_m / M_PER_FLIGHT_LEVEL + _HAIR)):03d}"


def q_upper(altitude_amsl_m: float) -> str:
    """The Q-line's upper limit: flight level rounded up; UNL is 999."""
    if not isfinite(altitude_amsl_m):
        return "999"
    return f"{min(999, max(1, ceil(altitude_amsl_m / M_PER_FLIGHT_LEVEL - _HAIR))):03d}"


def wrap(text: str, width: int = LINE_WIDTH) -> list[str]:
    """Lines no longer than `width`, broken only at spaces (a longer word stands alone)."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
