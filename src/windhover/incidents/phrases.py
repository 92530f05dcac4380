"""Small words that several rules share, in English and in the Spanish of Mexico."""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.geo.context import Seen
from windhover.incidents.gate import BALLOON, COOPERATIVE, DARK, DRONE
from windhover.schema.batches import F64
from windhover.schema.cases import Words
from windhover.units import M_PER_FT

COMPASS: Final = (
    Words("north", "norte"),
    Words("north-east", "noreste"),
    Words("east", "este"),
    Words("south-east", "sureste"),
    Words("south", "sur"),
    Words("south-west", "suroeste"),
    Words("west", "oeste"),
    Words("north-west", "noroeste"),
)


def bearing_words(velocity_m_s: F64) -> Words:
    """The eighth of the compass toward which (2 or 3,) east, north points."""
    azimuth = float(np.arctan2(velocity_m_s[0], velocity_m_s[1]))
    return COMPASS[round(azimuth / (np.pi / 4.0)) % 8]


def what_words(seen: Seen, row: int) -> Words:
    """What an object is said to be and how high it is, to begin a sentence with."""
    said = int(seen.said[row])
    if said == DRONE and seen.attributes[row, DARK] == 1:
        what = Words("A drone that broadcasts nothing", "Un dron que no emite señal alguna")
    elif said == DRONE and seen.attributes[row, COOPERATIVE] == 1:
        what = Words("A drone with Remote ID", "Un dron con identificación remota")
    elif said == DRONE:
        what = Words("A drone", "Un dron")
    elif said == BALLOON:
        what = Words("A free balloon", "Un globo libre")
    else:
        what = Words("An object not yet identified", "Un objeto aún no identificado")
    height_m = float(seen.height_ground_m[row])
    if not np.isfinite(height_m):
        return Words(
            f"{what.en} (track {seen.tracks.track_id[row]}, height not known)",
            f"{what.es} (traza {seen.tracks.track_id[row]}, altura desconocida)",
        )
    feet = round(max(height_m, 0.0) / M_PER_FT / 50.0) * 50
    return Words(
        f"{what.en} (track {seen.tracks.track_id[row]}, about {feet} ft above ground)",
        f"{what.es} (traza {seen.tracks.track_id[row]}, a unos {feet} ft sobre el terreno)",
    )
