"""A restriction as an ASTM F3548-21 constraint: reference and details for UAS traffic management.

F3548 knows heights above the WGS 84 ellipsoid only. The geoid's undulation and, where the volume
starts at the surface, the ground's altitude must therefore be known: without them nothing is
written, since a sea-level height read as an ellipsoidal one is wrong by up to a hundred metres.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from windhover.errors import BadInput
from windhover.notices.geojson import state
from windhover.notices.publication import (
    Publication,
    closed_ring,
    instant,
    position,
    refuse_numbered_exercise,
)
from windhover.schema.place import Vertical
from windhover.units import M_PER_FLIGHT_LEVEL

_UNLIMITED_M = 999 * M_PER_FLIGHT_LEVEL


def constraint(
    publication: Publication,
    entity_id: str,
    manager: str,
    base_url: str,
    vertical: Vertical,
    version: int = 1,
) -> dict[str, Any]:
    """`{"reference": …, "details": …}`.

    Raises `BadInput` for what is not issued (a constraint is shared as fact, there is no draft of
    it) and where the undulation, or the ground under a volume from the surface, is not known.
    """
    refuse_numbered_exercise(publication)
    if not publication.issued:
        raise BadInput(
            f"This is {state(publication)}: a constraint would be taken for a fact.",
            "Write it when the authority has issued it.",
        )
    time_start, time_end = _time(publication.from_ns), _time(publication.to_ns)
    return {
        "reference": {
            "id": entity_id,
            "manager": manager,
            "uss_availability": "Unknown",
            "version": version,
            "time_start": time_start,
            "time_end": time_end,
            "uss_base_url": base_url,
        },
        "details": {
            "volumes": [
                {
                    "volume": _volume(publication, vertical),
                    "time_start": time_start,
                    "time_end": time_end,
                }
            ],
            "type": "org.windhover.temporary_restriction",
        },
    }


def _time(time_ns: int) -> dict[str, str]:
    return {"value": instant(time_ns), "format": "RFC3339"}


def _altitude(height_ellipsoid_m: float) -> dict[str, Any]:
    return {"value": round(height_ellipsoid_m, 2), "reference": "W84", "units": "M"}


def _volume(publication: Publication, vertical: Vertical) -> dict[str, Any]:
    volume = publication.volume
    if vertical.undulation_m is None:
        raise BadInput("The geoid's undulation here is not known.", "State it in the site's file.")
    lower_m = volume.lower_altitude_amsl_m
    if lower_m is None:
        lower_m = vertical.ground_altitude_amsl_m
    if lower_m is None:
        raise BadInput("The ground's altitude here is not known.", "State it in the site's file.")
    upper_m = volume.upper_altitude_amsl_m
    out: dict[str, Any] = {
        "altitude_lower": _altitude(lower_m + vertical.undulation_m),
        "altitude_upper": _altitude(
            (upper_m if isfinite(upper_m) else _UNLIMITED_M) + vertical.undulation_m
        ),
    }
    if volume.centre is not None and volume.radius_m is not None:
        lng, lat = position(volume.centre)
        out["outline_circle"] = {
            "center": {"lng": lng, "lat": lat},
            "radius": {"value": round(volume.radius_m, 2), "units": "M"},
        }
    else:
        corners = closed_ring(volume)[:-1]  # F3548 closes the ring itself
        out["outline_polygon"] = {"vertices": [{"lng": lng, "lat": lat} for lng, lat in corners]}
    return out
