"""Where something is, in words that people here use: from the nearest aerodrome, in which zone."""

from __future__ import annotations

from math import atan2, floor, hypot, pi
from typing import Final

import numpy as np

from windhover.geo.frames import frame_at
from windhover.geo.volumes import contains, frame_of, from_plane, plane_of, ring_plane
from windhover.schema.cases import Volume, Words
from windhover.schema.place import Language, Point, Site
from windhover.units import DEG_PER_RAD, M2_PER_KM2, M_PER_FT, M_PER_KM, M_PER_NM

COMPASS: Final = (
    Words("north", "al norte"),
    Words("north-east", "al noreste"),
    Words("east", "al este"),
    Words("south-east", "al sureste"),
    Words("south", "al sur"),
    Words("south-west", "al suroeste"),
    Words("west", "al oeste"),
    Words("north-west", "al noroeste"),
)
HERE_M: Final = 500.0


def degrees_words(point: Point) -> str:
    """Degrees and minutes to a tenth, as pilots read them: 31°48.4′N 106°22.7′W."""
    text = []
    for angle, letters in ((point.latitude_rad, "NS"), (point.longitude_rad, "EW")):
        tenths = round(abs(angle) * DEG_PER_RAD * 600.0)
        degrees, rest = divmod(tenths, 600)
        text.append(f"{degrees}°{rest // 10:02d}.{rest % 10}′{letters[angle < 0]}")
    return " ".join(text)


def place_words(site: Site, point: Point) -> Words:
    """Distance and direction from the nearest aerodrome, and the zones that hold the place."""
    en, es = [], []
    frame = frame_at(point.latitude_rad, point.longitude_rad, 0.0)
    offsets = []
    for aerodrome in site.aerodromes:
        at = plane_of(frame, aerodrome.reference.latitude_rad, aerodrome.reference.longitude_rad)
        offsets.append((hypot(at[0], at[1]), atan2(-at[0], -at[1]), aerodrome))
    if offsets:
        away_m, azimuth, aerodrome = min(offsets, key=lambda o: o[0])
        name = f"{aerodrome.name} ({aerodrome.icao})"
        if away_m < HERE_M:
            en.append(f"at {name}")
            es.append(f"en {name}")
        else:
            compass = COMPASS[round(azimuth / (pi / 4.0)) % 8]
            km, nm = away_m / M_PER_KM, away_m / M_PER_NM
            en.append(f"{km:.1f} km ({nm:.1f} NM) {compass.en} of {name}")
            es.append(f"{km:.1f} km ({nm:.1f} NM) {compass.es} de {name}")
    here = np.array([point.latitude_rad]), np.array([point.longitude_rad])
    zones = [z.name for z in site.zones if contains(z.polygon, *here)[0]]
    if zones:
        en.append(f"over {', '.join(zones)}")
        es.append(f"sobre {', '.join(zones)}")
    return Words(", ".join(en), ", ".join(es))


def middle(volume: Volume) -> Point:
    """A circle's centre, else the centroid of the area."""
    if volume.centre is not None:
        return volume.centre
    frame = frame_of(volume.polygon)
    x, y = ring_plane(frame, volume.polygon).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    total = float(cross.sum())
    if abs(total) < 1.0:
        at = np.array([[x.mean(), y.mean()]])
    else:
        at = np.array(
            [
                [
                    ((x + np.roll(x, -1)) * cross).sum() / (3.0 * total),
                    ((y + np.roll(y, -1)) * cross).sum() / (3.0 * total),
                ]
            ]
        )
    latitude, longitude = from_plane(frame, at)
    return Point(float(latitude[0]), float(longitude[0]))


def area_words(volume: Volume) -> Words:
    """The ground area in one phrase."""
    at = degrees_words(middle(volume))
    km2 = volume.area_m2 / M2_PER_KM2
    if volume.radius_m is not None:
        km, nm = volume.radius_m / M_PER_KM, volume.radius_m / M_PER_NM
        return Words(
            f"a circle of {nm:.1f} NM ({km:.1f} km) radius round {at}, {km2:.1f} km²",
            f"un círculo de {nm:.1f} NM ({km:.1f} km) de radio alrededor de {at}, {km2:.1f} km²",
        )
    corners = len(volume.polygon)
    return Words(
        f"an area of {km2:.1f} km² round {at}, with {corners} corners",
        f"un área de {km2:.1f} km² alrededor de {at}, con {corners} vértices",
    )


def feet(altitude_amsl_m: float, *, up: bool) -> int:
    """Whole feet, rounded away from the band's inside."""
    exact = altitude_amsl_m / M_PER_FT
    return -floor(-exact + 1e-6) if up else floor(exact + 1e-6)


def band_words(volume: Volume, language: Language) -> str:
    """Surface or feet to feet, above mean sea level."""
    top = feet(volume.upper_altitude_amsl_m, up=True)
    if volume.lower_altitude_amsl_m is None:
        if language == "es":
            return f"de la superficie a {top:,} ft sobre el nivel medio del mar"
        return f"surface to {top:,} ft above mean sea level"
    low = feet(volume.lower_altitude_amsl_m, up=False)
    if language == "es":
        return f"de {low:,} ft a {top:,} ft sobre el nivel medio del mar"
    return f"{low:,} ft to {top:,} ft above mean sea level"
