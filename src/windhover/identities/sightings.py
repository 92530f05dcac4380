"""What a person saw, held against what is known to stand in that direction.

A sighting with a direction is compared with the tracks of the picture as they are seen from the
observer's place, and with Moon, planets and bright stars. It is evidence that something was there,
not of what it was: people call most lights at night drones (house facts, §2). So it counts a little
for a track that alone fits it, nothing where a light of the sky fits as well, and its own answer,
what explains it, is kept for people.
"""

from __future__ import annotations

from math import degrees
from typing import Final

import msgspec
import numpy as np

from windhover.air import sky
from windhover.geo.frames import Frame, from_enu, to_enu
from windhover.schema.batches import CLASSES, F64, I8, I64
from windhover.schema.cases import Words
from windhover.schema.reports import Sighting

FITS_RAD: Final = float(np.radians(12.0))
"""Twice the error of a direction that a person gives with a compass or a telephone (about 6°)."""
SEEN_WITHIN_M: Final = 30_000.0
"""Landing lights of airliners are seen that far on a clear night."""
KEPT: Final = 100
SEEN: Final[F64] = np.array([0.0, 0.0, 0.0, 0.0, 0.0, -2.0, -0.5])
"""ln likelihood of a sighting that only this track explains, order of CLASSES: clutter is not seen."""


CROSSES: Final = frozenset(("steady", "fast"))
"""Movements that no light of the sky makes."""
_MOVEMENT: Final = {
    "still": ("stood still", "estaba quieto"),
    "slow": ("moved slowly", "se movía despacio"),
    "steady": ("crossed steadily", "cruzaba sin pausa"),
    "fast": ("crossed fast", "cruzaba rápido"),
    "erratic": ("went to and fro", "iba y venía"),
}
_LIGHTS: Final = {
    "none": ("no lights", "sin luces"),
    "steady": ("a steady light", "luz fija"),
    "flashing": ("flashing lights", "luces intermitentes"),
    "coloured": ("coloured lights", "luces de colores"),
}
_SOUND: Final = {
    "none": ("no sound", "sin sonido"),
    "buzzing": ("a buzzing", "un zumbido"),
    "engine": ("an engine", "un motor"),
    "other": ("another sound", "otro sonido"),
}


class Sighted(msgspec.Struct, frozen=True):
    """A sighting and what explains it."""

    time_ns: int
    observer: str
    light: str  # English name of the light of the sky nearest to it; "" = none fits
    light_apart_rad: float
    track_id: int  # the track nearest to it; 0 = none fits
    track_apart_rad: float
    sentence: Words
    told: Words = Words("", "")  # what the person said of it


def check(
    sighting: Sighting,
    frame: Frame,
    track_id: I64,
    position_enu: F64,
    said: I8,
) -> Sighted:
    """What stands where somebody saw something.

    track_id (N,), position_enu (N, 3) m at about the time of the sighting, said (N,) rows of CLASSES.
    """
    azimuth, elevation = sighting.azimuth_rad, sighting.elevation_rad
    if azimuth is None:
        return _answer(
            sighting,
            Words(
                f"{sighting.observer} gives no direction: the sighting cannot be checked.",
                f"{sighting.observer} no da dirección: la observación no se puede comprobar.",
            ),
        )
    light, light_apart = _nearest_light(sighting, azimuth, elevation)
    row, track_apart = _nearest_track(sighting, frame, position_enu, azimuth, elevation)
    en, es = _where(azimuth, elevation)
    crossed = None
    if sighting.movement in CROSSES:
        # A star seems to wander when it is stared at in the dark (autokinesis), but it crosses nothing.
        crossed, light = light, None
    if light is not None:
        near = sky.whole_degrees(light_apart)
        en, es = (
            f"{en} stands within {near} of {light.en}",
            f"{es} está a menos de {near} de {light.es}",
        )
    if row is not None:
        kind, apart = CLASSES[int(said[row])], sky.whole_degrees(track_apart)
        link_en = ", and" if light is not None else " fits"
        link_es = ", y" if light is not None else " coincide con"
        fits_en, fits_es = (" fits too", " también coincide") if light is not None else ("", "")
        en = f"{en}{link_en} track {int(track_id[row])} ({kind}), {apart} away{fits_en}"
        es = f"{es}{link_es} la traza {int(track_id[row])} ({KIND_ES[kind]}), a {apart}{fits_es}"
    if light is None and row is None:
        en += (
            ": no held object, bright star, planet or Moon stands there; nothing explains it so far"
        )
        es += ": ahí no hay objeto seguido, estrella brillante, planeta ni Luna; nada lo explica por ahora"
    if crossed is not None:
        en += f"; {crossed.en} is there as well, but crosses no sky"
        es += f"; también está ahí {crossed.es}, pero no cruza el cielo"
    return Sighted(
        sighting.time_ns,
        sighting.observer,
        light.en if light is not None else "",
        light_apart if light is not None else 0.0,
        int(track_id[row]) if row is not None else 0,
        track_apart,
        Words(f"{en}.", f"{es}."),
        account(sighting),
    )


KIND_ES: Final = {
    "aircraft": "aeronave", "drone": "dron", "balloon": "globo", "bird": "ave", "tethered": "cautivo",
    "clutter": "ecos espurios", "unknown": "desconocido",
}  # fmt: skip


def _answer(sighting: Sighting, sentence: Words) -> Sighted:
    told = account(sighting)
    return Sighted(sighting.time_ns, sighting.observer, "", 0.0, 0, 0.0, sentence, told)


def account(sighting: Sighting) -> Words:
    """What the person said of it, without where and when.

    >>> account(Sighting(0, 0, "Ana", 0.5, -1.8, movement="still", duration_s=90.0)).en
    'stood still; seen for 90 s'
    """
    told = [
        table[word]
        for table, word in (
            (_MOVEMENT, sighting.movement),
            (_LIGHTS, sighting.lights),
            (_SOUND, sighting.sound),
        )
        if word
    ]
    if sighting.duration_s is not None:
        told.append((f"seen for {sighting.duration_s:.0f} s", f"visto {sighting.duration_s:.0f} s"))
    told += [(text, text) for text in (sighting.landmarks.strip(), sighting.words.strip()) if text]
    return Words("; ".join(en for en, _ in told), "; ".join(es for _, es in told))


def _where(azimuth_rad: float, elevation_rad: float | None) -> tuple[str, str]:
    bearing = round(degrees(azimuth_rad)) % 360
    en, es = f"What was seen at bearing {bearing:03d}°", f"Lo visto al rumbo {bearing:03d}°"
    if elevation_rad is not None:
        up = round(degrees(elevation_rad))
        en, es = f"{en}, elevation {up}°,", f"{es}, elevación {up}°,"
    return en, es


def _apart(
    azimuth_rad: float, elevation_rad: float | None, other_azimuth: F64, other_elevation: F64
) -> F64:
    """Angles to others; along the horizon alone where no elevation was given."""
    if elevation_rad is None:
        return sky.apart_rad(azimuth_rad, 0.0, other_azimuth, np.zeros_like(other_azimuth))
    return sky.apart_rad(azimuth_rad, elevation_rad, other_azimuth, other_elevation)


def _nearest_light(
    sighting: Sighting, azimuth_rad: float, elevation_rad: float | None
) -> tuple[Words | None, float]:
    up = sky.lights(sighting.time_ns, sighting.latitude_rad, sighting.longitude_rad)
    if not up:
        return None, 0.0
    apart = _apart(
        azimuth_rad,
        elevation_rad,
        np.array([light.azimuth_rad for light in up]),
        np.array([light.elevation_rad for light in up]),
    )
    best = int(apart.argmin())
    return (up[best].name, float(apart[best])) if apart[best] <= FITS_RAD else (None, 0.0)


def _nearest_track(
    sighting: Sighting,
    frame: Frame,
    position_enu: F64,
    azimuth_rad: float,
    elevation_rad: float | None,
) -> tuple[int | None, float]:
    if not len(position_enu):
        return None, 0.0
    # The observer's height is not told; the sector's ground is near enough for an angle.
    eye = to_enu(frame, sighting.latitude_rad, sighting.longitude_rad, frame_height_m(frame))
    apart_m = position_enu - eye
    ground = np.hypot(apart_m[:, 0], apart_m[:, 1])
    up = np.arctan2(np.nan_to_num(apart_m[:, 2]), np.maximum(ground, 1.0))
    apart = _apart(azimuth_rad, elevation_rad, np.arctan2(apart_m[:, 0], apart_m[:, 1]), up)
    apart = np.where(ground <= SEEN_WITHIN_M, apart, np.inf)
    best = int(apart.argmin())
    return (best, float(apart[best])) if apart[best] <= FITS_RAD else (None, 0.0)


def frame_height_m(frame: Frame) -> float:
    """Ellipsoidal height of the sector's origin."""
    return float(from_enu(frame, np.zeros((1, 3)))[2][0])
