"""The border near a closure, for its map: where time zones of two states meet; unofficial, and said so."""

from __future__ import annotations

from itertools import combinations

from windhover.errors import WindhoverError
from windhover.site.border import border_from_timezones
from windhover.units import DEG_PER_RAD, M_PER_NM
from windhover.watch.brief import Near
from windhover.watch.closure import Closure

LatLon = tuple[float, float]
_WIDER = 1.7  # than the area: the map shows some land around it
_MOST_NM = 400.0  # wider areas get no line: it would take long and show little
_MOST_STATES = 3


def lines(
    closure: Closure, near: tuple[Near, ...], cache: bool = True
) -> tuple[list[list[LatLon]], str]:
    """(lines of latitude and longitude in degrees, whose they are); empty where one state is near.

    Seconds for the first closure of a region, then kept in the user's cache folder.
    """
    centre, radius_nm = closure.centre, closure.radius_nm
    if centre is None or radius_nm is None or radius_nm > _MOST_NM:
        return [], ""
    zones = _zones(near)
    found: list[list[LatLon]] = []
    source = ""
    for home, other in combinations(sorted(zones)[:_MOST_STATES], 2):
        try:
            border = border_from_timezones(
                sorted(zones[home]),
                sorted(zones[other]),
                centre=centre,
                radius_m=max(10.0, radius_nm * _WIDER) * M_PER_NM,
                neighbour=other,
                cache=cache,
            )
        except WindhoverError:
            continue  # these two do not touch here
        source = border.source
        found += [
            [(p.latitude_rad * DEG_PER_RAD, p.longitude_rad * DEG_PER_RAD) for p in line]
            for line in border.line
        ]
    return found, source


def _zones(near: tuple[Near, ...]) -> dict[str, set[str]]:
    """Country → the time zones of its aerodromes in and near the area."""
    if len({n.country for n in near}) < 2:
        return {}
    # Not the zones of the aerodromes' table: those are older than the zones' last division.
    from timezonefinder import TimezoneFinder  # its import alone takes a second

    finder = TimezoneFinder()
    out: dict[str, set[str]] = {}
    for place in near:
        zone = finder.timezone_at(lng=place.lon_deg, lat=place.lat_deg)
        if zone and place.country:
            out.setdefault(place.country, set()).add(zone)
    return out
