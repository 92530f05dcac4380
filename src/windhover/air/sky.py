"""The lights of the sky that people report: Moon, planets, bright stars, by direction.

A direction and a time are enough to say which star, planet or Moon stands there. Positions by ephem (XEphem's series, VSOP87 and Moshier; arc minutes
here), refraction at 1,010 hPa. Nothing is read from disk: the series are part of the library.
"""

from __future__ import annotations

from math import degrees
from typing import Final, NamedTuple

import ephem
import numpy as np

from windhover.schema.batches import F64
from windhover.schema.cases import Words
from windhover.units import NS_PER_S

_EPHEM_DAY_OF_1970: Final = 25_567.5  # ephem counts days from noon of 31 December 1899
_DAY_NS: Final = 86_400 * NS_PER_S
DARK_BELOW_RAD: Final = float(np.radians(-6.0))
"""Sun's elevation from which on stars show (end of civil twilight)."""
PLANETS_BELOW_RAD: Final = float(np.radians(-1.0))
FAINTEST_STAR: Final = 1.7
FAINTEST_PLANET: Final = 2.0

_PLANETS: Final = {
    "Mercury": (ephem.Mercury, Words("Mercury", "Mercurio")),
    "Venus": (ephem.Venus, Words("Venus", "Venus")),
    "Mars": (ephem.Mars, Words("Mars", "Marte")),
    "Jupiter": (ephem.Jupiter, Words("Jupiter", "Júpiter")),
    "Saturn": (ephem.Saturn, Words("Saturn", "Saturno")),
}
# The stars brighter than magnitude 1.7, as ephem names them.
_STARS: Final = {
    "Sirius": Words("Sirius", "Sirio"),
    "Canopus": Words("Canopus", "Canopo"),
    "Arcturus": Words("Arcturus", "Arturo"),
    "Vega": Words("Vega", "Vega"),
    "Capella": Words("Capella", "Capela"),
    "Rigel": Words("Rigel", "Rigel"),
    "Procyon": Words("Procyon", "Proción"),
    "Achernar": Words("Achernar", "Achernar"),
    "Betelgeuse": Words("Betelgeuse", "Betelgeuse"),
    "Agena": Words("Hadar", "Hadar"),
    "Rigil Kentaurus": Words("Alpha Centauri", "Alfa Centauri"),
    "Altair": Words("Altair", "Altair"),
    "Aldebaran": Words("Aldebaran", "Aldebarán"),
    "Spica": Words("Spica", "Espiga"),
    "Antares": Words("Antares", "Antares"),
    "Pollux": Words("Pollux", "Pólux"),
    "Fomalhaut": Words("Fomalhaut", "Fomalhaut"),
    "Deneb": Words("Deneb", "Deneb"),
    "Mimosa": Words("Mimosa", "Mimosa"),
    "Regulus": Words("Regulus", "Régulo"),
    "Adhara": Words("Adhara", "Adhara"),
    "Castor": Words("Castor", "Cástor"),
    "Shaula": Words("Shaula", "Shaula"),
    "Bellatrix": Words("Bellatrix", "Bellatrix"),
    "Elnath": Words("Elnath", "Elnath"),
}


class Light(NamedTuple):
    """One light above the horizon."""

    name: Words
    azimuth_rad: float  # clockwise from true north
    elevation_rad: float  # apparent, with refraction
    magnitude: float


def lights(time_ns: int, latitude_rad: float, longitude_rad: float) -> tuple[Light, ...]:
    """What shows in a clear sky at a place (geodetic) and UTC instant, brightest first.

    By day the Moon alone; in twilight the planets too. Valid from 1800 to 2200.
    """
    observer = ephem.Observer()
    observer.lat, observer.lon = latitude_rad, longitude_rad
    observer.date = time_ns / _DAY_NS + _EPHEM_DAY_OF_1970
    observer.pressure = 1010.0
    sun = _seen(ephem.Sun(), Words("Sun", "Sol"), observer)
    found = [_seen(ephem.Moon(), Words("the Moon", "la Luna"), observer)]
    if sun.elevation_rad < PLANETS_BELOW_RAD:
        found += [_seen(kind(), name, observer) for kind, name in _PLANETS.values()]
        found = [light for light in found if light.magnitude <= FAINTEST_PLANET]
    if sun.elevation_rad < DARK_BELOW_RAD:
        stars = [_seen(ephem.star(key), name, observer) for key, name in _STARS.items()]
        found += [light for light in stars if light.magnitude <= FAINTEST_STAR]
    up = [light for light in found if light.elevation_rad > 0.0]
    return tuple(sorted(up, key=lambda light: light.magnitude))


def _seen(body: ephem.Body, name: Words, observer: ephem.Observer) -> Light:
    body.compute(observer)
    return Light(name, float(body.az), float(body.alt), float(body.mag))


def apart_rad(
    azimuth_rad: float, elevation_rad: float, other_azimuth_rad: F64, other_elevation_rad: F64
) -> F64:
    """(…,) angle between a direction and others, on the sphere (haversine)."""
    half_up = 0.5 * (other_elevation_rad - elevation_rad)
    half_round = 0.5 * (other_azimuth_rad - azimuth_rad)
    square = (
        np.sin(half_up) ** 2
        + np.cos(elevation_rad) * np.cos(other_elevation_rad) * np.sin(half_round) ** 2
    )
    found: F64 = 2.0 * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return found


def whole_degrees(angle_rad: float) -> str:
    """An angle for people: whole degrees, at least one.

    >>> whole_degrees(0.05)
    '3°'
    """
    return f"{max(1, round(degrees(angle_rad)))}°"
