"""What a restriction costs, in words, shown before anyone asks for it."""

from __future__ import annotations

from math import pi

import numpy as np
import shapely

from windhover.geo.context import Seen
from windhover.geo.volumes import contains, in_volume, polygon_in, ring_plane
from windhover.schema.batches import CLASSES
from windhover.schema.cases import Volume, Words
from windhover.units import M2_PER_KM2, M_PER_NM, NS_PER_MIN

AIRCRAFT = CLASSES.index("aircraft")
COMPARED_M2 = pi * (10.0 * M_PER_NM) ** 2
"""The 10 NM circle that is usual: what the area is compared with."""
AHEAD_S = 300.0


def aerodromes_touched(seen: Seen, volume: Volume) -> tuple[str, ...]:
    """ICAO codes of the aerodromes whose reference point or a runway lies in the area."""
    area = polygon_in(seen.ground.frame, volume.polygon)
    touched = []
    for aerodrome in seen.site.aerodromes:
        lines = [(r.threshold, r.opposite) for r in aerodrome.runways]
        lines.append((aerodrome.reference, aerodrome.reference))
        rings = [ring_plane(seen.ground.frame, line) for line in lines]
        if any(shapely.intersects(area, shapely.LineString(ring)) for ring in rings):
            touched.append(aerodrome.icao)
    return tuple(touched)


def aircraft_touched(seen: Seen, volume: Volume) -> tuple[int, ...]:
    """Track ids of the aircraft in the volume now or, flying straight on, within five minutes."""
    rows = np.flatnonzero(seen.said == AIRCRAFT)
    if len(rows) == 0:
        return ()
    inside = in_volume(
        volume, seen.latitude_rad[rows], seen.longitude_rad[rows], seen.altitude_amsl_m[rows]
    )
    area = polygon_in(seen.ground.frame, volume.polygon)
    start = seen.plane_m[rows]
    ways = np.stack([start, start + AHEAD_S * seen.velocity_m_s[rows, :2]], axis=1)
    crosses = np.asarray(shapely.intersects(area, shapely.linestrings(ways)), np.bool_)
    altitude = seen.altitude_amsl_m[rows]
    floor = -np.inf if volume.lower_altitude_amsl_m is None else volume.lower_altitude_amsl_m
    then = altitude + AHEAD_S * seen.velocity_m_s[rows, 2]
    low, high = np.minimum(altitude, then), np.maximum(altitude, then)
    apart = (low > volume.upper_altitude_amsl_m) | (high < floor)
    return tuple(seen.tracks.track_id[rows[inside | (crosses & ~apart)]].tolist())


def zones_touched(seen: Seen, volume: Volume) -> tuple[str, ...]:
    """Names of populated zones with a corner in the area."""
    named = []
    for zone in seen.site.zones:
        if zone.kind != "populated":
            continue
        latitude = np.array([p.latitude_rad for p in zone.polygon])
        longitude = np.array([p.longitude_rad for p in zone.polygon])
        if contains(volume.polygon, latitude, longitude).any():
            named.append(zone.name)
    return tuple(named)


def impact(seen: Seen, volume: Volume, from_ns: int, to_ns: int) -> Words:
    """Area, time, aerodromes and aircraft that the volume touches."""
    minutes = round((to_ns - from_ns) / NS_PER_MIN)
    area_km2 = volume.area_m2 / M2_PER_KM2
    share = 100.0 * volume.area_m2 / COMPARED_M2
    aerodromes = aerodromes_touched(seen, volume)
    aircraft = aircraft_touched(seen, volume)
    en = [f"{area_km2:.1f} km², {share:.1f} % of a 10 NM circle, for {minutes} min"]
    es = [f"{area_km2:.1f} km², {share:.1f} % de un círculo de 10 NM, durante {minutes} min"]
    if aerodromes:
        en.append(f"touches {', '.join(aerodromes)}")
        es.append(f"afecta a {', '.join(aerodromes)}")
    else:
        en.append("touches no aerodrome of this site")
        es.append("no afecta a ningún aeródromo de este sitio")
    if aircraft:
        en.append(f"aircraft inside or arriving within 5 min: {len(aircraft)}")
        es.append(f"aeronaves dentro o que llegarán en 5 min: {len(aircraft)}")
    else:
        en.append("no aircraft inside or arriving within 5 min")
        es.append("ninguna aeronave dentro ni que llegue en 5 min")
    return Words("; ".join(en) + ".", "; ".join(es) + ".")
