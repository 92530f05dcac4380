"""A restriction as an ED-318 UAS geographical zone (EUROCAE ED-318; layered GeoJSON, metres).

A circle stays a circle (a Point with an extent). The surface is 0 m above ground. Zones tell drone
operators; they bind whom the authority's own act binds.
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

_LONGEST_IDENTIFIER = 7
_LONGEST_TEXT = 200
_UNLIMITED_M = 999 * M_PER_FLIGHT_LEVEL


def zone_collection(publication: Publication) -> dict[str, Any]:
    """The feature collection with its one zone. Raises `BadInput` where ED-318 cannot hold it."""
    refuse_numbered_exercise(publication)
    if not 1 <= len(publication.identifier) <= _LONGEST_IDENTIFIER:
        raise BadInput("An ED-318 identifier has one to seven characters.")
    if len(publication.country) != 3:
        raise BadInput("ED-318 names the country by its three letters (ISO 3166).")
    return {
        "type": "FeatureCollection",
        "name": _cut(marked(publication, publication.title.en)),
        "metadata": {
            "validFrom": instant(publication.from_ns),
            "validTo": instant(publication.to_ns),
            "issued": instant(publication.composed_ns),
            "provider": _texts(publication.authority, publication.authority),
        },
        "features": [
            {
                "type": "Feature",
                "id": publication.identifier,
                "geometry": _geometry(publication),
                "properties": _properties(publication),
            }
        ],
    }


def _geometry(publication: Publication) -> dict[str, Any]:
    volume = publication.volume
    upper_m = volume.upper_altitude_amsl_m
    layer: dict[str, Any] = {
        "upper": round(upper_m if isfinite(upper_m) else _UNLIMITED_M, 2),
        "upperReference": "AMSL",
        "lower": round(volume.lower_altitude_amsl_m or 0.0, 2),
        "lowerReference": "AGL" if volume.lower_altitude_amsl_m is None else "AMSL",
        "uom": "m",
    }
    if volume.centre is not None and volume.radius_m is not None:
        return {
            "type": "Point",
            "coordinates": position(volume.centre),
            "extent": {"subType": "Circle", "radius": round(volume.radius_m, 2)},
            "layer": layer,
        }
    return {"type": "Polygon", "coordinates": [closed_ring(volume)], "layer": layer}


def _properties(publication: Publication) -> dict[str, Any]:
    title = publication.title
    message = [
        *_texts(marked(publication, title.en), marked(publication, title.es)),
        *_texts(publication.reason.en, publication.reason.es),
    ]
    if publication.uncertain is not None:
        message += _texts(publication.uncertain.en, publication.uncertain.es)
    return {
        "identifier": publication.identifier,
        "country": publication.country,
        "name": _texts(marked(publication, title.en), marked(publication, title.es)),
        # A draft or an exercise restricts nothing.
        "type": "PROHIBITED" if publication.issued else "NO_RESTRICTION",
        "variant": "COMMON",
        "reason": ["AIR_TRAFFIC"],
        "message": message,
        "zoneAuthority": [
            {
                "name": _texts(publication.authority, publication.authority),
                "phone": publication.contact[:_LONGEST_TEXT],
                "purpose": "AUTHORIZATION" if publication.issued else "INFORMATION",
            }
        ],
        "limitedApplicability": [
            {
                "startDateTime": instant(publication.from_ns),
                "endDateTime": instant(publication.to_ns),
            }
        ],
    }


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_TEXT else words[: _LONGEST_TEXT - 1] + "…"


def _texts(en: str, es: str) -> list[dict[str, str]]:
    return [{"text": _cut(en), "lang": "en-US"}, {"text": _cut(es), "lang": "es-MX"}]
