"""A restriction as an ED-269 UAS zone (EUROCAE ED-269, the JSON that U-space services exchange).

Metres above mean sea level; the surface is 0 m above ground; one zone, one period. An exercise or a
draft is written as a zone without restriction whose name and message say what it is.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from windhover.errors import BadInput
from windhover.notices.publication import (
    Publication,
    closed_ring,
    instant,
    marked,
    position,
    refuse_numbered_exercise,
)
from windhover.units import M_PER_FLIGHT_LEVEL

_LONGEST = 200
_UNLIMITED_M = 999 * M_PER_FLIGHT_LEVEL


def zone(publication: Publication) -> dict[str, Any]:
    """One UAS zone version. Raises `BadInput` where the country is not three letters."""
    refuse_numbered_exercise(publication)
    if len(publication.country) != 3:
        raise BadInput("ED-269 names the country by its three letters (ISO 3166).")
    return {
        "identifier": publication.identifier,
        "country": publication.country,
        "name": marked(publication, publication.title.en)[:_LONGEST],
        "type": "COMMON",
        "restriction": "PROHIBITED" if publication.issued else "NO_RESTRICTION",
        "reason": ["AIR_TRAFFIC"],
        "regulationExemption": "NO",
        "message": marked(publication, publication.reason.en)[:_LONGEST],
        "applicability": [
            {
                "permanent": "NO",
                "startDateTime": instant(publication.from_ns),
                "endDateTime": instant(publication.to_ns),
            }
        ],
        "zoneAuthority": [
            {
                "name": publication.authority[:_LONGEST],
                "phone": publication.contact[:_LONGEST],
                "purpose": "AUTHORIZATION" if publication.issued else "INFORMATION",
            }
        ],
        "geometry": [_geometry(publication)],
    }


def collection(publications: tuple[Publication, ...], title: str) -> dict[str, Any]:
    """A file of zones."""
    return {
        "title": title,
        "description": title,
        "features": [zone(publication) for publication in publications],
    }


def _geometry(publication: Publication) -> dict[str, Any]:
    volume = publication.volume
    upper_m = volume.upper_altitude_amsl_m
    projection: dict[str, Any]
    if volume.centre is not None and volume.radius_m is not None:
        projection = {
            "type": "Circle",
            "center": position(volume.centre),
            "radius": round(volume.radius_m, 2),
        }
    else:
        projection = {"type": "Polygon", "coordinates": [closed_ring(volume)]}
    return {
        "uomDimensions": "M",
        "lowerLimit": round(volume.lower_altitude_amsl_m or 0.0),
        "lowerVerticalReference": "AGL" if volume.lower_altitude_amsl_m is None else "AMSL",
        "upperLimit": round(upper_m if isfinite(upper_m) else _UNLIMITED_M),
        "upperVerticalReference": "AMSL",
        "horizontalProjection": projection,
    }
