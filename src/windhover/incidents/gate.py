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
from windhover.schema.cases import Friend

AIRCRAFT, DRONE, BALLOON, BIRD, TETHERED, CLUTTER, UNKNOWN = range(len(CLASSES))
THROUGH_THE_AIR = MOTIONS.index("through the air")
COOPERATIVE, DARK, FRIEND = (ATTRIBUTES.index(a) for a in ("cooperative", "dark", "friend"))

DRONE_FROM = 0.7
"""Least probability at which "drone" is acted upon."""
DRIFTER_FROM = 0.7
MAYBE_DRONE_FROM = 0.3
CLAIM_FROM = 0.5
"""Least weight at which a track is taken to be what broadcasts an identity."""
EXPLAINED_BELOW = 0.5
"""An unknown that flies passes only while it is hardly an aircraft and hardly a bird."""


def within_plan(seen: Seen, friend: Friend, now_ns: int) -> BOOL:
    """(N,) whether a filed flight may be the track, by place, height, time and what it broadcasts."""
    if not friend.from_ns <= now_ns <= friend.to_ns or len(friend.polygon) < 3:
        return np.zeros(seen.tracks.n, np.bool_)
    slack_m = seen.site.policy.known_match_m
    near = distance_m(friend.polygon, seen.latitude_rad, seen.longitude_rad) <= slack_m
    too_high = seen.height_ground_m > friend.upper_height_ground_m + slack_m
    claims = (seen.tracks.claimed_id != 0) & (seen.tracks.claim_weight >= CLAIM_FROM)
    another = claims & (seen.tracks.claimed_id != friend.claimed_id)
    if not (friend.radio_silent or friend.claimed_id):
        another[:] = False  # the plan does not say what its flight broadcasts
    return np.asarray(near & ~too_high & ~another, np.bool_)


def friends_by_plan(seen: Seen, now_ns: int) -> BOOL:
    """(N,) whether some filed flight may be the track.

    A plan explains, it never proves: that is why this only ever keeps a track *out* of an intruder's
    incident. Where more fly than were filed, the rule `more_than_filed` says so.
    """
    explained = np.zeros(seen.tracks.n, np.bool_)
    for friend in seen.friends:
        explained |= within_plan(seen, friend, now_ns)
    return explained


def is_drone(seen: Seen) -> BOOL:
    """(N,) tracks that are held now and said to be a drone, whoever's it is."""
    sure = (seen.said == DRONE) & (seen.probability[:, DRONE] >= DRONE_FROM)
    stands = (seen.tracks.status == TrackStatus.CONFIRMED) & (seen.tracks.existence >= 0.9)
    return np.asarray(sure & stands, np.bool_)


def explained(seen: Seen, now_ns: int) -> BOOL:
    """(N,) E0: an aircraft, a bird, something tethered, clutter, a friend."""
    said_so = np.isin(seen.said, (AIRCRAFT, BIRD, TETHERED, CLUTTER))
    friend = (seen.attributes[:, FRIEND] == 1) | friends_by_plan(seen, now_ns)
    broadcasts = (seen.attributes[:, COOPERATIVE] == 1) & (seen.said != DRONE)
    return np.asarray(said_so | friend | broadcasts, np.bool_)


def may_intrude(seen: Seen, now_ns: int) -> BOOL:
    """(N,) tracks that a rule about intruders may look at: a drone, or unknown flying as one might."""
    p = seen.probability
    unknown = (
        (seen.said == UNKNOWN)
        & (seen.said_motion == THROUGH_THE_AIR)
        & (p[:, DRONE] >= MAYBE_DRONE_FROM)
        & (p[:, AIRCRAFT] < EXPLAINED_BELOW)
        & (p[:, BIRD] < EXPLAINED_BELOW)
    )
    stands = (seen.tracks.status == TrackStatus.CONFIRMED) & (seen.tracks.existence >= 0.9)
    return np.asarray((is_drone(seen) | (unknown & stands)) & ~explained(seen, now_ns), np.bool_)


def drifts(seen: Seen, now_ns: int) -> BOOL:
    """(N,) tracks that are free balloons by what Windhover says, friends left out."""
    balloon = (seen.said == BALLOON) & (seen.probability[:, BALLOON] >= DRIFTER_FROM)
    balloon &= seen.said_motion != THROUGH_THE_AIR
    stands = (seen.tracks.status == TrackStatus.CONFIRMED) & (seen.tracks.existence >= 0.9)
    return np.asarray(balloon & stands & ~explained(seen, now_ns), np.bool_)
