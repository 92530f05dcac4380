"""Winds that aircraft measure: Mode S Enhanced Surveillance beside their own ADS-B.

Wind = velocity over ground − velocity through the air. Ground speed and track come from ADS-B, true
airspeed from register 5,0, magnetic heading from register 6,0 (ICAO Doc 9871, tables A-2-80 and A-2-96);
the declination turns magnetic into true. Register 4,4 holds a wind that the aircraft worked out itself.

A reply does not say which register it carries. rs1090 names every register that the bits allow; here one is
believed only where physics agrees: 5,0 with the speed and track that the same aircraft broadcasts, 6,0 by its Mach
number, which at that pressure is one calibrated airspeed (and is compared with the one that it states),
and both together by the speed of sound. A wind of 4,4 needs a second one that agrees.

Errors: airspeed 1.5 m/s, heading 1° (attitude systems carry magnetic tables that are years old: de Haan 2011,
"High-resolution wind and temperature observations from aircraft tracked by Mode-S air traffic control
radar", J. Geophys. Res. 116, D10111, finds biases of that size), so that the error grows with the airspeed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, hypot, nan, pi, radians, sin, sqrt
from typing import Any, Final, NamedTuple

import numpy as np

from windhover.detections.decoded import empty_wind
from windhover.geo.declination import SIGMA_RAD, declination_rad
from windhover.schema.batches import Wind, WindSource
from windhover.schema.place import Vertical
from windhover.units import M_PER_FT, M_S_PER_KT, NS_PER_S, RAD_PER_DEG

TOGETHER_NS: Final = 3 * NS_PER_S
"""Registers and broadcasts that are set against one another are no further apart."""
EVERY_NS: Final = 10 * NS_PER_S
"""One sample of an aircraft in so long: the air does not change faster, and its errors repeat."""
PLACE_MAX_AGE_NS: Final = 10 * NS_PER_S
SPEED_AGREES_M_S: Final = 10.0
TRACK_AGREES_RAD: Final = radians(8.0)
ROLL_MAX_DEG: Final = 5.0
"""In a turn heading and track are not of one instant."""
MACH_AGREES: Final = 0.08
SOUND_AGREES: Final = 0.06
"""Six per cent of the speed of sound are 30 K of temperature."""
MAX_WIND_M_S: Final = 110.0
AGREES_M_S: Final = 10.0
SIGMA_AIRSPEED_M_S: Final = 1.5
SIGMA_HEADING_RAD: Final = hypot(radians(1.0), SIGMA_RAD)
SIGMA_REPORTED_M_S: Final = 2.5
SHEAR_A_S: Final = 0.005
"""What an unsure altitude costs: the wind changes by so much in a metre."""
SIGMA_PRESSURE_ALTITUDE_M: Final = 200.0
SIGMA_ELLIPSOID_M: Final = 50.0

_T0_K, _P0, _SOUND0_M_S = 288.15, 1.0, 340.294


class Sample(NamedTuple):
    """One wind, as the aircraft's own instruments have it."""

    time_ns: int
    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float
    east_m_s: float
    north_m_s: float
    sigma_m_s: float


class _Five(NamedTuple):
    time_ns: int
    airspeed_m_s: float


class _Six(NamedTuple):
    time_ns: int
    heading_rad: float
    mach: float


class AirData:
    """What one aircraft has said of the air lately. Feed it in order of time."""

    def __init__(self) -> None:
        self.ground: tuple[int, float, float] | None = None  # ADS-B: time, speed m/s, track rad
        self.place: tuple[int, float, float] | None = None  # time, latitude, longitude in degrees
        self.baro_m, self.ellipsoid_m = nan, nan  # of the same place
        self.five: _Five | None = None
        self.six: _Six | None = None
        self.reported: tuple[int, float, float] | None = None  # of 4,4, waiting for another
        self.told_ns = -(2**62)

    def reply(self, message: dict[str, Any], time_ns: int, vertical: Vertical) -> Sample | None:
        """A Comm-B reply of this aircraft; a sample where it completes one."""
        pressure_m = number(message.get("altitude")) * M_PER_FT
        if pressure_m == pressure_m:
            self.baro_m = pressure_m
        register = message.get("bds50")
        if register is not None:
            self._read_five(register, time_ns)
        register = message.get("bds60")
        if register is not None:
            self._read_six(register, time_ns)
        if time_ns - self.told_ns < EVERY_NS or self._place(time_ns) is None:
            return None
        register = message.get("bds44")
        if register is not None and "bds50" not in message and "bds60" not in message:
            return self._reported(register, time_ns, vertical)
        return self._derived(time_ns, vertical)

    def _place(self, time_ns: int) -> tuple[int, float, float] | None:
        place = self.place
        return place if place is not None and time_ns - place[0] <= PLACE_MAX_AGE_NS else None

    def _read_five(self, register: dict[str, Any], time_ns: int) -> None:
        airspeed = number(register.get("TAS")) * M_S_PER_KT
        speed = number(register.get("groundspeed")) * M_S_PER_KT
        track = number(register.get("track")) * RAD_PER_DEG
        roll = number(register.get("roll"))
        if self.ground is None or time_ns - self.ground[0] > TOGETHER_NS:
            return
        agree = abs(speed - self.ground[1]) <= SPEED_AGREES_M_S
        # Where nothing moves a track means nothing, and no wind is wanted.
        agree &= abs(_turn(track - self.ground[2])) <= TRACK_AGREES_RAD
        if agree and airspeed > 0.0 and abs(roll) <= ROLL_MAX_DEG:
            self.five = _Five(time_ns, airspeed)
        elif abs(roll) > ROLL_MAX_DEG:
            self.five = self.six = None

    def _read_six(self, register: dict[str, Any], time_ns: int) -> None:
        mach, stated = number(register.get("Mach")), number(register.get("IAS")) * M_S_PER_KT
        heading = number(register.get("heading")) * RAD_PER_DEG
        calibrated = calibrated_m_s(mach, self.baro_m)
        if heading == heading and abs(calibrated - stated) <= MACH_AGREES * stated:
            self.six = _Six(time_ns, heading, mach)

    def _derived(self, time_ns: int, vertical: Vertical) -> Sample | None:
        five, six, ground, place = self.five, self.six, self.ground, self._place(time_ns)
        if five is None or six is None or ground is None or place is None:
            return None
        times = (five.time_ns, six.time_ns, ground[0])
        if time_ns - min(times) > TOGETHER_NS:
            return None
        sound = five.airspeed_m_s / six.mach
        standard = _SOUND0_M_S * sqrt(_temperature_k(self.baro_m) / _T0_K)
        if not abs(sound - standard) <= SOUND_AGREES * standard:
            return None
        heading = six.heading_rad + declination_rad(place[1], place[2], time_ns)
        east, north = wind_m_s(ground[1], ground[2], five.airspeed_m_s, heading)
        sigma = sigma_m_s(five.airspeed_m_s)
        return self._sample(time_ns, east, north, sigma, vertical)

    def _reported(
        self, register: dict[str, Any], time_ns: int, vertical: Vertical
    ) -> Sample | None:
        speed = number(register.get("wind_speed")) * M_S_PER_KT
        turn = number(register.get("wind_direction")) * RAD_PER_DEG
        east, north = -speed * sin(turn), -speed * cos(turn)
        if not speed <= MAX_WIND_M_S:
            return None
        before, self.reported = self.reported, (time_ns, east, north)
        if before is None or not 0 < time_ns - before[0] <= 60 * NS_PER_S:
            return None
        if hypot(east - before[1], north - before[2]) > AGREES_M_S:
            return None
        return self._sample(time_ns, east, north, SIGMA_REPORTED_M_S, vertical)

    def _sample(
        self, time_ns: int, east: float, north: float, sigma: float, vertical: Vertical
    ) -> Sample | None:
        place = self._place(time_ns)
        altitude, sigma_altitude = wind_altitude(self.baro_m, self.ellipsoid_m, vertical)
        if place is None or altitude != altitude or not hypot(east, north) <= MAX_WIND_M_S:
            return None
        self.told_ns = time_ns
        sigma = hypot(sigma, SHEAR_A_S * sigma_altitude)
        return Sample(time_ns, place[1], place[2], altitude, east, north, sigma)


def wind_of(samples: Sequence[Sample]) -> Wind | None:
    """Samples as a batch; None where there are none."""
    if not samples:
        return None
    wind, table = empty_wind(len(samples)), np.array([sample[1:] for sample in samples])
    wind.time_ns[:] = [sample.time_ns for sample in samples]
    wind.latitude_rad[:] = table[:, 0] * RAD_PER_DEG
    wind.longitude_rad[:] = table[:, 1] * RAD_PER_DEG
    for column, values in zip(wind[3:7], table[:, 2:].T, strict=True):
        column[:] = values
    wind.source[:] = WindSource.AIRCRAFT
    return wind


def wind_m_s(
    ground_speed_m_s: float, track_rad: float, airspeed_m_s: float, heading_rad: float
) -> tuple[float, float]:
    """Toward east and north in m/s; track and heading from true north.

    >>> [round(x, 1) for x in wind_m_s(100.0, pi / 2, 90.0, pi / 2)]
    [10.0, 0.0]
    """
    east = ground_speed_m_s * sin(track_rad) - airspeed_m_s * sin(heading_rad)
    north = ground_speed_m_s * cos(track_rad) - airspeed_m_s * cos(heading_rad)
    return east, north


def sigma_m_s(airspeed_m_s: float) -> float:
    """Standard error of each component: along the heading the airspeed's, across it the heading's."""
    return hypot(SIGMA_AIRSPEED_M_S, airspeed_m_s * SIGMA_HEADING_RAD) / sqrt(2.0)


def wind_altitude(baro_m: float, ellipsoid_m: float, vertical: Vertical) -> tuple[float, float]:
    """altitude_amsl_m and its sigma for a wind, whose height matters less than a position's; NaN = none."""
    if ellipsoid_m == ellipsoid_m and vertical.undulation_m is not None:
        return ellipsoid_m - vertical.undulation_m, 0.0
    if ellipsoid_m == ellipsoid_m:
        return ellipsoid_m, SIGMA_ELLIPSOID_M
    return baro_m, SIGMA_PRESSURE_ALTITUDE_M


def calibrated_m_s(mach: float, pressure_altitude_m: float) -> float:
    """Calibrated airspeed of a Mach number (ICAO Doc 7488 atmosphere, subsonic).

    >>> round(calibrated_m_s(0.78, 10_668.0) / 0.514444)
    263
    """
    temperature = _temperature_k(pressure_altitude_m)
    if pressure_altitude_m <= 11_000.0:
        pressure = (temperature / _T0_K) ** 5.25588
    else:
        pressure = 0.223361 * exp(-(pressure_altitude_m - 11_000.0) / 6_341.62)
    impact = pressure * ((1.0 + 0.2 * mach * mach) ** 3.5 - 1.0)
    return _SOUND0_M_S * sqrt(5.0 * ((impact / _P0 + 1.0) ** (2.0 / 7.0) - 1.0))


def _temperature_k(pressure_altitude_m: float) -> float:
    return _T0_K - 0.0065 * min(pressure_altitude_m, 11_000.0)


def number(value: object) -> float:
    """A figure that rs1090 gives, NaN where it gives none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else nan


def _turn(angle_rad: float) -> float:
    return (angle_rad + pi) % (2.0 * pi) - pi
