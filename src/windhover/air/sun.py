"""When the sun rises and sets: the upper limb on the horizon with 34′ refraction (zenith 90°50′).

Source: NOAA Global Monitoring Laboratory, solar calculation details (after Meeus, *Astronomical
Algorithms*, 2nd ed. 1998, ch. 25 and 15); within a minute below 72° of latitude. Worked
out three times, each with the sun's place at the moment found before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import numpy as np

from windhover.schema.batches import F64, I64
from windhover.units import NS_PER_S, RAD_PER_DEG

ZENITH_RAD: Final = 90.833 * RAD_PER_DEG
_DAY_S: Final = 86_400
_SIGNS: Final = {
    "rise": np.array([[-1.0]]),
    "set": np.array([[1.0]]),
    "both": np.array([[-1.0], [1.0]]),
}
_BLOCK_DAYS: Final = 512
_J2000_DAY: Final = 10_957.5  # 2000-01-01 12:00 in days since 1970


def _sun(days: F64) -> tuple[F64, F64]:
    """Declination in rad and equation of time in minutes at days since 1970 (UTC)."""
    century = (days - _J2000_DAY) / 36_525.0
    mean_longitude = np.radians((280.46646 + century * (36000.76983 + 0.0003032 * century)) % 360)
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = np.radians(
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * century)
    apparent = mean_longitude + centre - np.radians(0.00569 + 0.00478 * np.sin(node))
    obliquity = np.radians(
        23.439291 - century * (0.0130042 + 1.64e-7 * century) + 0.00256 * np.cos(node)
    )
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent))
    y = np.tan(obliquity / 2) ** 2
    equation = 4 * np.degrees(
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y * y * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return declination, equation


@lru_cache(maxsize=64)
def _sun_of_block(block: int) -> tuple[F64, F64]:
    """`_sun` at the starts of the days of a block and of the day behind it: the same everywhere."""
    return _sun(np.arange(block * _BLOCK_DAYS, (block + 1) * _BLOCK_DAYS + 1, dtype=np.float64))


def _sun_through(days: F64) -> tuple[F64, F64]:
    """Declination and equation of time, (2, N) each: at the start and the end of each day (N,)."""
    block = int(days[0]) // _BLOCK_DAYS if len(days) else 0
    at = (days - block * _BLOCK_DAYS).astype(np.int64)
    if not (at >= 0).all() or not (at < _BLOCK_DAYS).all() or (days % 1).any():
        declination, equation = _sun(np.concatenate((days, days + 1.0)))
        return declination.reshape(2, -1), equation.reshape(2, -1)
    declination, equation = _sun_of_block(block)
    both = np.stack((at, at + 1))
    return declination[both], equation[both]


def events_ns(
    midnights_ns: I64, latitude_rad: float, longitude_rad: float, event: Literal["rise", "set"]
) -> tuple[I64, I64]:
    """The sunrise or sunset that falls into each UTC day.

    `midnights_ns` (N,) starts of UTC days in ns. Returns times (N,) in ns and state (N,): 0 = the
    event happens then, 1 = the sun stays up all day, −1 = it stays down (the time is then solar
    noon or midnight and means nothing).
    """
    times, state = _events(midnights_ns, latitude_rad, longitude_rad, _SIGNS[event])
    return times[0], state[0]


def rise_and_set_ns(
    midnights_ns: I64, latitude_rad: float, longitude_rad: float
) -> tuple[I64, I64, I64]:
    """Sunrise (N,), sunset (N,) and state (N,) of each UTC day, as `events_ns`, in one pass."""
    times, state = _events(midnights_ns, latitude_rad, longitude_rad, _SIGNS["both"])
    return times[0], times[1], np.where(state[0] != 0, state[0], state[1])


def _events(
    midnights_ns: I64, latitude_rad: float, longitude_rad: float, sign: F64
) -> tuple[I64, I64]:
    """(M, N) for M signs (M, 1): −1 asks for the sunrise, +1 for the sunset.

    Declination and equation of time run evenly through a day: that costs less than 0.001°.
    """
    days = midnights_ns / (NS_PER_S * _DAY_S)
    declination, equation = _sun_through(days)
    longitude_deg = np.degrees(longitude_rad)
    # First guess 6 h before or after local noon, moved into the UTC day; then better.
    at = (0.5 + sign * 0.25 - longitude_deg / 360.0) % 1.0
    cos_lat, tan_lat = np.cos(latitude_rad), np.tan(latitude_rad)
    cos_hour = np.zeros((len(sign), len(days)))
    for _ in range(3):
        now = declination[0] + (declination[1] - declination[0]) * at
        cos_hour = np.cos(ZENITH_RAD) / (cos_lat * np.cos(now)) - tan_lat * np.tan(now)
        hour_deg = np.degrees(np.arccos(np.clip(cos_hour, -1, 1)))
        minutes = equation[0] + (equation[1] - equation[0]) * at
        at = ((720.0 + sign * 4 * hour_deg - 4 * longitude_deg - minutes) / 1440.0) % 1.0
    state = (cos_hour < -1).astype(np.int64) - (cos_hour > 1)
    times = midnights_ns + np.rint(at * _DAY_S).astype(np.int64) * NS_PER_S
    return times, state
