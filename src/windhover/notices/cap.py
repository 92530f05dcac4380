"""A restriction as a CAP 1.2 alert for the public (OASIS Common Alerting Protocol 1.2, 2010).

Status is Exercise for an exercise and Draft for what is not issued: no feed passes either on as
Actual. One `info` block a language; altitudes in feet above mean sea level, as CAP asks; a circle's
radius in kilometres.
"""

from __future__ import annotations

from math import isfinite
from typing import Literal
from xml.sax.saxutils import escape

from windhover.errors import BadInput
from windhover.notices.publication import (
    Publication,
    closed_ring,
    instant,
    marked,
    position,
    refuse_numbered_exercise,
)
from windhover.units import M_PER_FT, M_PER_KM

_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_FORBIDDEN = (" ", ",", "<", "&")
_WORDS = {
    "en-US": (
        "Airspace restriction",
        "Stay clear of the area with aircraft and drones.",
        "Area of the restriction",
    ),
    "es-MX": (
        "Restricción de espacio aéreo",
        "No vuele aeronaves ni drones en el área.",
        "Área de la restricción",
    ),
}


def alert(
    publication: Publication,
    sender: str,
    kind: Literal["Alert", "Update", "Cancel"] = "Alert",
    references: tuple[str, ...] = (),
) -> str:
    """The XML text. `references` are "sender,identifier,sent" of the alerts updated or cancelled.

    Raises `BadInput` where CAP's rules for identifiers or references are broken.
    """
    refuse_numbered_exercise(publication)
    for name in (publication.identifier, sender):
        if not name or any(c in name for c in _FORBIDDEN):
            raise BadInput(f"CAP allows no space, comma, < or & in {name!r}.")
    if kind != "Alert" and not references:
        raise BadInput(f"A CAP {kind} names the alert that it refers to.")
    status = "Exercise" if publication.exercise else "Actual" if publication.issued else "Draft"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<alert xmlns="{_NAMESPACE}">',
        _tag("identifier", publication.identifier),
        _tag("sender", sender),
        _tag("sent", _instant(publication.composed_ns)),
        _tag("status", status),
        _tag("msgType", kind),
        _tag("scope", "Public"),
    ]
    if status != "Actual":
        parts.append(_tag("note", marked(publication, publication.title.en)))
    if references:
        parts.append(_tag("references", " ".join(references)))
    parts += [_info(publication, "en-US"), _info(publication, "es-MX"), "</alert>"]
    return "\n".join(parts)


def _instant(time_ns: int) -> str:
    """CAP forbids Z: UTC is written −00:00."""
    return instant(time_ns)[:19] + "-00:00"


def _tag(name: str, words: str) -> str:
    return f"<{name}>{escape(words)}</{name}>"


def _info(publication: Publication, language: str) -> str:
    spanish = language == "es-MX"
    event, instruction, where = _WORDS[language]
    title = publication.title.es if spanish else publication.title.en
    reason = publication.reason.es if spanish else publication.reason.en
    if publication.uncertain is not None:
        reason += " " + (publication.uncertain.es if spanish else publication.uncertain.en)
    headline = marked(publication, title)
    if publication.issued:
        headline = f"{headline} ({publication.authority_number})"
    return "\n".join(
        [
            "<info>",
            _tag("language", language),
            _tag("category", "Transport"),
            _tag("event", event),
            _tag("responseType", "Avoid"),
            _tag("urgency", "Expected"),
            _tag("severity", "Unknown"),
            _tag("certainty", "Unknown"),
            _tag("effective", _instant(publication.composed_ns)),
            _tag("onset", _instant(publication.from_ns)),
            _tag("expires", _instant(publication.to_ns)),
            _tag("senderName", publication.authority),
            _tag("headline", headline),
            _tag("description", reason),
            _tag("instruction", instruction),
            _tag("contact", publication.contact),
            _area(publication, where),
            "</info>",
        ]
    )


def _area(publication: Publication, where: str) -> str:
    volume = publication.volume
    parts = ["<area>", _tag("areaDesc", where)]
    if volume.centre is not None and volume.radius_m is not None:
        lon, lat = position(volume.centre)
        parts.append(_tag("circle", f"{lat},{lon} {volume.radius_m / M_PER_KM:.3f}"))
    else:
        parts.append(_tag("polygon", " ".join(f"{lat},{lon}" for lon, lat in closed_ring(volume))))
    lower_ft = (volume.lower_altitude_amsl_m or 0.0) / M_PER_FT
    parts.append(_tag("altitude", f"{lower_ft:.0f}"))
    if isfinite(volume.upper_altitude_amsl_m):
        parts.append(_tag("ceiling", f"{volume.upper_altitude_amsl_m / M_PER_FT:.0f}"))
    return "\n".join([*parts, "</area>"])
