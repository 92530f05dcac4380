"""What a decision sees: the place, the tracks at this instant, what is known and filed about them.

`Ground` is the site made ready once (`ground_of`), `Seen` the instant (`see`). They stand here, below
the stages, because incidents and restrictions both read them and may not import one another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.geo.borders import BorderLine, prepare, signed_distance_m
from windhover.geo.frames import Frame, from_enu, sector_frame
from windhover.geo.volumes import plane_of
from windhover.schema.batches import CLASSES, F64, I8, I64, MOTIONS, Identities, Tracks
from windhover.schema.cases import Claim, Countermeasure, Friend
from windhover.schema.place import Site

UNKNOWN_CLASS = CLASSES.index("unknown")
UNDETERMINED = MOTIONS.index("undetermined")
HEIGHT_KNOWN_WITHIN_M = 300.0
"""A height with a larger standard error is treated as unknown by every rule."""


class Ground(NamedTuple):
    """The site in its sector's frame, computed once per site."""

    frame: Frame
    border: BorderLine | None


class Seen(NamedTuple):
    """One instant of the picture, as decisions need it. N rows, those of `tracks`."""

    site: Site
    ground: Ground
    tracks: Tracks
    identities: Identities
    friends: tuple[Friend, ...]
    countermeasures: tuple[Countermeasure, ...]
    claims: tuple[Claim, ...]
    latitude_rad: F64  # (N,)
    longitude_rad: F64  # (N,)
    plane_m: F64  # (N, 2) east, north of the foot in the sector's ground plane
    velocity_m_s: F64  # (N, 3) east, north, up
    altitude_amsl_m: F64  # (N,) NaN where the height or the undulation is not known
    height_ground_m: F64  # (N,) NaN where the height or the ground is not known
    border_m: F64  # (N,) m to the border, negative at the neighbour's; NaN without a border
    probability: F64  # (N, 7) over CLASSES; all on "unknown" where there is no identity yet
    said: I8  # (N,) row of CLASSES
    said_motion: I8  # (N,) row of MOTIONS
    attributes: I8  # (N, 4) over ATTRIBUTES: 1 yes, 0 no, −1 not known

    def row_of(self, track_id: int) -> int | None:
        """Row of a track that is held now, or None."""
        found = np.flatnonzero(self.tracks.track_id == track_id)
        return int(found[0]) if len(found) else None


def ground_of(site: Site) -> Ground:
    """Prepare a site: call once, and again when the site changes."""
    frame = sector_frame(site.sector)
    if site.border is None:
        return Ground(frame, None)
    return Ground(frame, prepare(site.border, frame, 1.25 * site.sector.radius_m + 20_000.0))


def see(
    site: Site,
    ground: Ground,
    tracks: Tracks,
    identities: Identities,
    friends: tuple[Friend, ...] = (),
    countermeasures: tuple[Countermeasure, ...] = (),
    claims: tuple[Claim, ...] = (),
) -> Seen:
    """Work out, once for every rule, where each track is over the ground and what it is said to be."""
    latitude, longitude, height = from_enu(ground.frame, tracks.state_enu[:, :3])
    plane = plane_of(ground.frame, latitude, longitude)
    known = tracks.covariance_enu[:, 2, 2] < HEIGHT_KNOWN_WITHIN_M**2
    altitude, above = heights(site, np.where(known, height, np.nan))
    row = _identity_rows(tracks.track_id, identities.track_id)
    has = row >= 0
    n = tracks.n
    probability = np.zeros((n, len(CLASSES)))
    probability[:, UNKNOWN_CLASS] = 1.0
    said = np.full(n, UNKNOWN_CLASS, np.int8)
    motion = np.full(n, UNDETERMINED, np.int8)
    attributes = np.full((n, 4), -1, np.int8)
    if identities.n:
        probability[has] = np.exp(identities.log_probability[row[has]])
        said[has] = identities.said[row[has]]
        motion[has] = identities.said_motion[row[has]]
        attributes[has] = identities.attributes[row[has]]
    border = (
        np.full(n, np.nan) if ground.border is None else signed_distance_m(ground.border, plane)
    )
    return Seen(
        site,
        ground,
        tracks,
        identities,
        friends,
        countermeasures,
        claims,
        latitude,
        longitude,
        plane,
        np.ascontiguousarray(tracks.state_enu[:, 3:]),
        altitude,
        above,
        border,
        probability,
        said,
        motion,
        attributes,
    )


def heights(site: Site, height_ellipsoid_m: F64) -> tuple[F64, F64]:
    """Heights above the ellipsoid → altitude above mean sea level, height above ground; NaN = unknown.

    Over the sector's flat ground; terrain comes later.
    """
    vertical = site.sector.vertical
    undulation = np.nan if vertical.undulation_m is None else vertical.undulation_m
    ground = np.nan if vertical.ground_altitude_amsl_m is None else vertical.ground_altitude_amsl_m
    altitude = height_ellipsoid_m - undulation
    return altitude, altitude - ground


def _identity_rows(track_id: I64, identity_track_id: I64) -> I64:
    """(N,) row of Identities for each track, −1 where it has none."""
    if len(identity_track_id) == 0:
        return np.full(len(track_id), -1, np.int64)
    order = np.argsort(identity_track_id, kind="stable")
    place = np.searchsorted(identity_track_id[order], track_id)
    place = np.minimum(place, len(order) - 1)
    found = identity_track_id[order][place] == track_id
    return np.where(found, order[place], -1).astype(np.int64)
