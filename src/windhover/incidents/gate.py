"""The only door from a track to an incident. What does not pass here can never become an intruder.

Friends, broadcasting aircraft, aircraft, birds, kites and clutter stop here (evidence grade E0:
explained). There is no label for enmity anywhere in Windhover; the most that can be said of an
object is that it is a drone, or not known, in a place where that asks for a decision.
"""

from __future__ import annotations

import numpy as np

from windhover.geo.context import Seen
from windhover.geo.volumes import distance_m
from windhover.schema.batches import ATTRIBUTES, BOOL, CLASSES, MOTIONS, TrackStatus

AIRCRAFT, DRONE, BALLOON, BIRD, TETHERED, CLUTTER, UNKNOWN = range(len(CLASSES))
THROUGH_THE_AIR = MOTIONS.index("through the air")
COOPERATIVE, DARK, FRIEND = (ATTRIBUTES.index(a) for a in ("cooperative", "dark", "friend"))

DRONE_FROM = 0.7
"""Least probability at which "drone" is acted upon."""
DRIFTER_FROM = 0.7
MAYBE_DRONE_FROM = 0.3
EXPLAINED_BELOW = 0.5
"""An unknown that flies passes only while it is hardly an aircraft and hardly a bird."""


def friends_by_plan(seen: Seen, now_ns: int) -> BOOL:
    """(N,) whether a filed flight explains the track by place, height and time.

    A plan explains, it never proves: that is why this only ever keeps a track *out* of incidents.
    """
    explained = np.zeros(seen.tracks.n, np.bool_)
    for friend in seen.friends:
        if not friend.from_ns <= now_ns <= friend.to_ns or len(friend.polygon) < 3:
            continue
        near = (
            distance_m(friend.polygon, seen.latitude_rad, seen.longitude_rad)
            <= seen.site.policy.known_match_m
        )
        too_high = (
            seen.height_ground_m > friend.upper_height_ground_m + seen.site.policy.known_match_m
        )
        explained |= near & ~too_high
    return explained


def explained(seen: Seen, now_ns: int) -> BOOL:
    """(N,) E0: an aircraft, a bird, something tethered, clutter, a friend."""
    said_so = np.isin(seen.said, (AIRCRAFT, BIRD, TETHERED, CLUTTER))
    friend = (seen.attributes[:, FRIEND] == 1) | friends_by_plan(seen, now_ns)
    broadcasts = (seen.attributes[:, COOPERATIVE] == 1) & (seen.said != DRONE)
    return np.asarray(said_so | friend | broadcasts, np.bool_)


def may_intrude(seen: Seen, now_ns: int) -> BOOL:
    """(N,) tracks that a rule about intruders may look at: a drone, or unknown flying as one might."""
    p = seen.probability
    drone = (seen.said == DRONE) & (p[:, DRONE] >= DRONE_FROM)
    unknown = (
        (seen.said == UNKNOWN)
        & (seen.said_motion == THROUGH_THE_AIR)
        & (p[:, DRONE] >= MAYBE_DRONE_FROM)
        & (p[:, AIRCRAFT] < EXPLAINED_BELOW)
        & (p[:, BIRD] < EXPLAINED_BELOW)
    )
    stands = (seen.tracks.status == TrackStatus.CONFIRMED) & (seen.tracks.existence >= 0.9)
    return np.asarray((drone | unknown) & stands & ~explained(seen, now_ns), np.bool_)


def drifts(seen: Seen, now_ns: int) -> BOOL:
    """(N,) tracks that are free balloons by what Windhover says, friends left out."""
    balloon = (seen.said == BALLOON) & (seen.probability[:, BALLOON] >= DRIFTER_FROM)
    balloon &= seen.said_motion != THROUGH_THE_AIR
    stands = (seen.tracks.status == TrackStatus.CONFIRMED) & (seen.tracks.existence >= 0.9)
    return np.asarray(balloon & stands & ~explained(seen, now_ns), np.bool_)
