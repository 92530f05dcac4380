"""A restriction as plain GeoJSON (RFC 7946) for any map: one feature, heights in its properties."""

from __future__ import annotations

from typing import Any

from windhover.notices.publication import (
    Publication,
    closed_ring,
    instant,
    marked,
    position,
    refuse_numbered_exercise,
)


def feature(publication: Publication) -> dict[str, Any]:
    """The feature: an anticlockwise ring, circles drawn with centre and radius kept beside."""
    refuse_numbered_exercise(publication)
    volume = publication.volume
    properties: dict[str, Any] = {
        "title": {
            "en": marked(publication, publication.title.en),
            "es": marked(publication, publication.title.es),
        },
        "reason": {"en": publication.reason.en, "es": publication.reason.es},
        "status": state(publication),
        "authority": publication.authority,
        "authority_number": publication.authority_number,
        "from": instant(publication.from_ns),
        "to": instant(publication.to_ns),
        "lower_altitude_amsl_m": volume.lower_altitude_amsl_m,  # null = the surface
        "upper_altitude_amsl_m": volume.upper_altitude_amsl_m,
    }
    if volume.centre is not None and volume.radius_m is not None:
        properties["centre"] = position(volume.centre)
        properties["radius_m"] = volume.radius_m
    if publication.uncertain is not None:
        properties["uncertain"] = {"en": publication.uncertain.en, "es": publication.uncertain.es}
    return {
        "type": "Feature",
        "id": publication.identifier,
        "geometry": {"type": "Polygon", "coordinates": [closed_ring(volume)]},
        "properties": properties,
    }


def state(publication: Publication) -> str:
    """'exercise', 'draft' or 'issued'."""
    if publication.exercise:
        return "exercise"
    return "issued" if publication.issued else "draft"
