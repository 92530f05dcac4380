"""What a map shows: its projection, its frame, and the trails as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, degrees

import numpy as np
from shapely.geometry import LineString

from windhover.report.projection import Bounds, Projection
from windhover.report.story import LatLon, Story, StoryObject
from windhover.schema.batches import F64
from windhover.units import M_PER_NM


def projection_of(story: Story) -> Projection | None:
    """The projection about the middle of the story's place."""
    site = story.site
    if site.lat_deg is not None and site.lon_deg is not None:
        return Projection(site.lat_deg, site.lon_deg)
    trails = [trail_of(o) for o in story.objects]
    seen = np.concatenate([t for t in trails if len(t)] or [np.empty((0, 2))])
    if not len(seen):
        return None
    # Longitudes are averaged on the circle: a recording may straddle the 180th meridian.
    angle = np.radians(seen[:, 1])
    lon = degrees(atan2(float(np.sin(angle).mean()), float(np.cos(angle).mean())))
    return Projection(float((seen[:, 0].min() + seen[:, 0].max()) / 2), lon)


def trail_of(o: StoryObject) -> F64:
    """(N, 2) lat_deg, lon_deg of an object's trail, finite rows only; none where columns disagree."""
    if len(o.trail.lat_deg) != len(o.trail.lon_deg):
        return np.empty((0, 2))
    array = np.column_stack([o.trail.lat_deg, o.trail.lon_deg]).astype(float).reshape(-1, 2)
    kept: F64 = array[np.isfinite(array).all(axis=1)]
    return kept


def whole_frame(story: Story, projection: Projection) -> Bounds | None:
    """What the whole map must show: the place, what was restricted, everything small."""
    places: list[LatLon] = [p for r in story.restrictions for p in r.polygon]
    zones = [z for z in story.site.zones if z.kind != "border_strip"]  # as long as the border is
    places += [p for z in zones for p in z.polygon]
    places += [(a.lat_deg, a.lon_deg) for a in story.site.aerodromes]
    metres = [projection.metres(places)] if places else []
    chosen = [o for o in story.objects if o.said != "aircraft" or not places]
    metres += [projection.metres(trail) for o in chosen if len(trail := trail_of(o))]
    if story.real_order is not None:
        radius = story.real_order.radius_nm * M_PER_NM
        centre = real_centre(story, projection)
        metres.append(projection.metres([centre]) + radius * np.array([[-1, -1], [1, 1]]))
    return Bounds.around(np.concatenate(metres)) if metres else None


def near_frames(story: Story, projection: Projection) -> list[Bounds]:
    """What incidents spoke of (without incidents, everything small), with what was restricted for
    it and without, the wider first."""
    asked = {name for i in story.incidents for name in i.objects}
    tracks = {track for i in story.incidents for track in i.track_ids}
    chosen = [o for o in story.objects if o.name in asked or tracks & set(o.track_ids)]
    chosen = [o for o in chosen or story.objects if o.said != "aircraft"]
    trails = [projection.metres(trail) for o in chosen if len(trail := trail_of(o))]
    rings = [r.polygon for r in story.restrictions if r.hazard == "object" and len(r.polygon) > 2]
    both = trails + [projection.metres(ring) for ring in rings]
    return [Bounds.around(np.concatenate(metres)) for metres in (both, trails) if metres]


def own_side(border: Sequence[Sequence[LatLon]], home: LatLon, place: LatLon) -> bool:
    """Whether a place lies on the same side of the border as `home`: an even number of crossings."""
    way = LineString([home, place])
    crossings = 0
    for polyline in border:
        if len(polyline) > 1:
            met = LineString(polyline).intersection(way)
            crossings += len(getattr(met, "geoms", [met])) if not met.is_empty else 0
    return crossings % 2 == 0


def real_centre(story: Story, projection: Projection) -> LatLon:
    """Where the real order's circle is drawn."""
    real = story.real_order
    if real is not None and real.lat_deg is not None and real.lon_deg is not None:
        return real.lat_deg, real.lon_deg
    return projection.lat_deg, projection.lon_deg
