"""Evidence grades E0–E4: how many independent eyes, not how sure one of them is (FACTS §4).

E0 explained · E1 one report · E2 two independent observers, or one sensor · E3 two independent
modalities · E4 imagery, recovery, or operator found. Two radars are two observers and one modality;
what an object broadcasts of itself is a claim and no modality of observation.
"""

from __future__ import annotations

from typing import Final

from windhover.geo.context import Seen
from windhover.schema.cases import Claim, Grade

MODALITY: Final = {
    "radar_2d": "radar",
    "radar_3d": "radar",
    "rf": "radio",
    "camera": "camera",
    "acoustic": "sound",
    "points": "positions",
}
"""Sensor kind → independent modality; kinds that only repeat an object's own words are left out."""

PROOF_WORDS: Final = ("imagery", "recovery", "operator found")
"""A claim counts as E4 only where its evidence is named by one of these words."""

ORDER: Final[tuple[Grade, ...]] = ("E0", "E1", "E2", "E3", "E4")


def sensors_of(seen: Seen, row: int) -> tuple[int, ...]:
    """Rows of the sensor table that held the track in the last 30 s."""
    bits = int(seen.tracks.sensors[row])
    return tuple(s for s in range(len(seen.site.sensors)) if bits >> (s % 63) & 1)


def modalities(seen: Seen, row: int) -> tuple[str, ...]:
    """The independent modalities that held the track in the last 30 s, in alphabetical order."""
    kinds = (seen.site.sensors[s].kind for s in sensors_of(seen, row))
    return tuple(sorted({MODALITY[k] for k in kinds if k in MODALITY}))


def claims_about(
    claims: tuple[Claim, ...], track_ids: tuple[int, ...], incident_id: str
) -> tuple[Claim, ...]:
    """The claims that name one of the tracks or the incident."""
    return tuple(
        c
        for c in claims
        if c.track_id in track_ids or (incident_id and c.incident_id == incident_id)
    )


def grade(
    observers: int, modality_count: int, claims: tuple[Claim, ...], explained: bool = False
) -> Grade:
    """The grade of independent `observers` (sensors) of so many modalities, beside people's claims.

    Each party that claims something counts as one observer, however often it says it.
    """
    if any(c.on_evidence.strip().lower() in PROOF_WORDS for c in claims):
        return "E4"
    if explained:
        return "E0"
    parties = len({c.party for c in claims})
    if modality_count >= 2 or (modality_count >= 1 and parties >= 1):
        return "E3"
    if observers >= 1 or parties >= 2:
        return "E2"
    return "E1"


def grade_of_track(seen: Seen, row: int, claims: tuple[Claim, ...], explained: bool) -> Grade:
    """The grade of a track that is held now."""
    kinds = modalities(seen, row)
    return grade(len(sensors_of(seen, row)), len(kinds), claims, explained)


def higher(one: Grade, other: Grade) -> Grade:
    """The higher of two grades: evidence once gathered is not lost."""
    return max(one, other, key=ORDER.index)
