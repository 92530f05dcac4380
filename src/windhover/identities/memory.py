"""What is known of each track, and which tracks are remembered."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np

from windhover.air.wind import WindField
from windhover.air.wind import start as no_wind
from windhover.geo.frames import Frame
from windhover.identities import spoof, weigh
from windhover.identities.motion import MotionState
from windhover.identities.sensors import SensorEvidence
from windhover.identities.sightings import Sighted
from windhover.schema.batches import CLASSES, F64, I8, I64, MOTIONS, Tracks
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative
from windhover.timescale import EARLIEST_NS
from windhover.units import NS_PER_S

K: Final = len(CLASSES)
UNDETERMINED: Final = len(MOTIONS) - 1
REMEMBERED_NS: Final = 90 * NS_PER_S
"""How long a track that is no longer held stays known."""


class IdentityState(NamedTuple):
    """Everything known about the tracks that are held; row n of every array is one track."""

    sensors: tuple[Sensor, ...]
    listening: tuple[bool, ...]
    frame: Frame
    vertical: Vertical
    wind: WindField  # as it was used last
    now_ns: int
    track_id: I64  # (N,) ascending
    born_ns: I64  # (N,) first plot
    held_ns: I64  # (N,) when the tracker last held it; rows older than REMEMBERED_NS are forgotten
    motion: MotionState
    felt: MotionState  # the same with range rates (`rates`); no rows before the first of them came
    evidence: SensorEvidence
    claim: I64  # (N,) what the track claims, 0 = nothing
    claim_weight: F64  # (N,)
    claim_fits: I8  # (N,) 1 consistent with the motion, 0 not, −1 nothing to compare
    claims: dict[int, Cooperative]
    claim_doubts: I64  # (N,) bits of spoof.WORDS: what speaks against the claim
    watches: dict[int, spoof.Watch]  # of the same claims: their messages and places so far
    sightings: tuple[Sighted, ...]  # by people, the newest last
    friend: I64  # (N,) row in the friends handed in last, −1 = none
    friend_words: tuple[str, ...]  # operators of those rows
    log_likelihood: F64  # (N, S, K) by source
    weighed: F64  # (N, K + 1) of `weigh.logits`, settled over the last plots
    log_probability: F64  # (N, K)
    motion_log_probability: F64  # (N, 4)
    attributes: I8  # (N, 4)
    said: I8  # (N,)
    said_motion: I8  # (N,)
    decided_ns: I64  # (N,)
    drifted_ns: I64  # (N,) when it was last a drifter almost surely
    position_enu: F64  # (N, 3) m
    velocity_enu: F64  # (N, 3) m/s

    @property
    def feels(self) -> bool:
        """Whether any range rate has come yet."""
        return len(self.felt.plots) > 0


def start(sensors: tuple[Sensor, ...], frame: Frame, vertical: Vertical) -> IdentityState:
    """Nothing is held yet. Every sensor is taken as listening until a report says otherwise."""
    return IdentityState(
        sensors, (True,) * len(sensors), frame, vertical, no_wind(), EARLIEST_NS,
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64),
        MotionState.fresh(0), MotionState.fresh(0), SensorEvidence.fresh(0),
        np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int8), {}, np.zeros(0, np.int64), {}, (),
        np.zeros(0, np.int64), (),
        np.zeros((0, len(weigh.SOURCES), K)), np.zeros((0, K + 1)), np.zeros((0, K)), np.zeros((0, len(MOTIONS))),
        np.zeros((0, 4), np.int8), np.zeros(0, np.int8), np.zeros(0, np.int8),
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros((0, 3)),
    )  # fmt: skip


Columns = TypeVar("Columns", MotionState, SensorEvidence)
Column = TypeVar("Column", F64, I64, I8)


def _gather(old: Columns, newcomers: Columns, source: I64) -> Columns:
    """Rows `source` of the old table; where that is −1, the next of the newcomers.

    A row of motion is 19 kB: it is copied once, and fresh rows are made for newcomers alone.
    """
    new = source < 0
    if new.all():
        return newcomers
    from_row = np.maximum(source, 0)
    table = old._replace(**{name: array[from_row] for name, array in old._asdict().items()})
    for column, fresh in zip(table, newcomers, strict=True):
        column[new] = fresh
    return table


def hold(state: IdentityState, tracks: Tracks, now_ns: int) -> IdentityState:
    """The same state with the rows of `tracks` (any order there) and those held lately, ascending.

    A track that is lost for some seconds comes back under its id: what is known of it must too.
    """
    lately = state.track_id[state.held_ns >= now_ns - REMEMBERED_NS]
    wanted = np.union1d(tracks.track_id, lately)
    if len(wanted) == len(state.track_id) and bool((wanted == state.track_id).all()):
        return state
    n = len(wanted)
    source = np.full(n, -1, np.int64)
    if len(state.track_id):
        place = np.searchsorted(state.track_id, wanted)
        there = place < len(state.track_id)
        there[there] = state.track_id[place[there]] == wanted[there]
        source[there] = place[there]
    known = source >= 0
    new = n - int(known.sum())

    def rows(column: Column, fill: float) -> Column:
        out = np.full((n, *column.shape[1:]), fill, column.dtype)
        out[known] = column[source[known]]
        return out

    nothing = np.zeros((1, len(weigh.SOURCES), K))
    none = np.zeros(1, np.int64)
    weighed = weigh.logits(nothing, none, np.zeros(1))
    prior, motion_prior = weigh.posterior(weighed, nothing, np.zeros(1), none, none > 0)
    all_weighed = np.repeat(weighed, n, axis=0)
    all_weighed[known] = state.weighed[source[known]]
    log_probability = np.repeat(prior, n, axis=0)
    motion_log_probability = np.repeat(motion_prior, n, axis=0)
    log_probability[known] = state.log_probability[source[known]]
    motion_log_probability[known] = state.motion_log_probability[source[known]]
    return state._replace(
        track_id=wanted,
        born_ns=rows(state.born_ns, EARLIEST_NS),
        held_ns=rows(state.held_ns, EARLIEST_NS),
        motion=_gather(state.motion, MotionState.fresh(new), source),
        felt=_gather(state.felt, MotionState.fresh(new), source) if state.feels else state.felt,
        evidence=_gather(state.evidence, SensorEvidence.fresh(new), source),
        claim=rows(state.claim, 0),
        claim_weight=rows(state.claim_weight, 0.0),
        claim_fits=rows(state.claim_fits, -1),
        claim_doubts=rows(state.claim_doubts, 0),
        friend=rows(state.friend, -1),
        log_likelihood=rows(state.log_likelihood, 0.0),
        weighed=all_weighed,
        log_probability=log_probability,
        motion_log_probability=motion_log_probability,
        attributes=rows(state.attributes, -1),
        said=rows(state.said, weigh.UNKNOWN),
        said_motion=rows(state.said_motion, UNDETERMINED),
        decided_ns=rows(state.decided_ns, EARLIEST_NS),
        drifted_ns=rows(state.drifted_ns, EARLIEST_NS),
        position_enu=rows(state.position_enu, 0.0),
        velocity_enu=rows(state.velocity_enu, 0.0),
    )
