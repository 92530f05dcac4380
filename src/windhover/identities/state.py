"""The state of identification, and the one function that moves it on."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from windhover.air.wind import STALE_SIGMA_M_S, WindField, wind_at
from windhover.geo.frames import from_enu
from windhover.identities import (
    cooperative,
    friendly,
    hearing,
    helicopter,
    peers,
    rates,
    sightings,
    spoof,
    turnabout,
    weigh,
)
from windhover.identities import sensors as evidence_of
from windhover.identities.memory import UNDETERMINED, IdentityState, K, hold, start
from windhover.identities.models import ANY_WIND, STANDING, UNKNOWN_WIND
from windhover.identities.motion import (
    calm_share,
    drift_gap,
    feed,
    held_s,
    stands_in_calm_air,
)
from windhover.identities.sensors import HEARD
from windhover.schema.batches import (
    F64,
    I64,
    Detections,
    Identities,
    Tracks,
    TrackStatus,
    Updates,
)
from windhover.schema.cases import Friend
from windhover.schema.reports import Report
from windhover.timescale import EARLIEST_NS

__all__ = ["DARK", "FRIEND", "IdentityState", "LocalWind", "advance", "advance_in", "start"]

SAY_ABOVE: Final = 0.8
"""A label is said from here on, and kept until its probability falls below KEEP_ABOVE."""
KEEP_ABOVE: Final = 0.55

COOPERATIVE, EMITTING, DARK, FRIEND = range(4)


class LocalWind(NamedTuple):
    """The wind at each of N tracks, in the order of `Tracks`."""

    mean_m_s: F64  # (N, 2) toward east and north
    covariance: F64  # (N, 2, 2) m²/s²
    jump_m_s: F64  # (N, 2) how much newer samples changed it since the last step


def advance(
    state: IdentityState,
    tracks: Tracks,
    updates: Updates,
    detections: Detections,
    reports: tuple[Report, ...],
    wind: WindField,
    friends: tuple[Friend, ...],
    now_ns: int,
) -> tuple[IdentityState, Identities]:
    """One step: the tracker's answer and the other reports in, what each track is out.

    `updates` name rows of `tracks` and of `detections`; `now_ns` is UTC. Takes ownership of `state`.
    """
    position = tracks.state_enu[:, :3]
    mean, covariance = wind_at(wind, state.frame, now_ns, position, state.vertical)
    jump = np.zeros_like(mean)
    if wind.generation != state.wind.generation and state.motion.plots.any():
        jump = mean - wind_at(state.wind, state.frame, now_ns, position, state.vertical)[0]
    air = LocalWind(mean, covariance, jump)
    state = state._replace(wind=wind)
    return advance_in(
        state, tracks, updates, detections, reports, air, friends, now_ns, share_wind=True
    )


def advance_in(
    state: IdentityState,
    tracks: Tracks,
    updates: Updates,
    detections: Detections,
    reports: tuple[Report, ...],
    air: LocalWind,
    friends: tuple[Friend, ...],
    now_ns: int,
    share_wind: bool = False,
) -> tuple[IdentityState, Identities]:
    """`advance` where the wind at each track is already known (benches give each its own).

    `share_wind`: the tracks stand in one air, so that what drifts nearby tells its wind.
    """
    before_ns = state.now_ns
    elapsed_s = (
        min(max((now_ns - before_ns) * 1e-9, 0.0), 10.0) if before_ns != EARLIEST_NS else 0.0
    )
    state = hold(state, tracks, now_ns)
    row_of = np.searchsorted(state.track_id, tracks.track_id)  # row of tracks → row here
    state.position_enu[row_of] = tracks.state_enu[:, :3]
    state.velocity_enu[row_of] = tracks.state_enu[:, 3:]
    state.born_ns[row_of] = tracks.born_ns
    state.held_ns[row_of] = now_ns
    state.claim[row_of] = tracks.claimed_id
    state.claim_weight[row_of] = tracks.claim_weight

    # Rows that are only remembered keep the wind of when they were last held.
    mean, packed = state.motion.wind.copy(), state.motion.wind_cov.copy()
    jump = np.zeros_like(mean)
    mean[row_of], jump[row_of] = air.mean_m_s, air.jump_m_s
    packed[row_of, 0] = air.covariance[:, 0, 0]
    packed[row_of, 1] = air.covariance[:, 0, 1]
    packed[row_of, 2] = air.covariance[:, 1, 1]
    here = updates._replace(track_row=row_of[updates.track_row]) if updates.n else updates
    climb_variance = np.full(len(state.track_id), np.nan)
    climb_variance[row_of] = tracks.covariance_enu[:, 5, 5]
    state = state._replace(felt=rates.feel(
        state.felt, state.motion, here, (mean, packed, jump), detections, state.sensors, state.frame,
        state.velocity_enu[:, 2], climb_variance,
    ))  # fmt: skip
    feed(state.motion, here, mean, packed, jump)
    hearing.hear_echoes(state.evidence, here, detections)
    state = hearing.read_reports(state, reports, now_ns)._replace(now_ns=now_ns)
    hearing.count_silence(state, elapsed_s, now_ns)
    spoof.watch_places(state.watches, detections, state.sensors, state.frame)
    spoof.watch_pairs(state.watches, state.claims, tracks, now_ns)
    _weigh_claims(state, tracks, row_of, now_ns)

    found = state.log_likelihood
    score = state.motion.score
    if state.feels:
        score = rates.in_common(score, state.felt.score)
    moved = weigh.charged_for_wind(score[:, :K], drift_gap(state.motion), held_s(state.motion))
    sigma = np.sqrt(0.5 * (packed[:, 0] + packed[:, 2]))
    moved = weigh.with_unknown_wind(
        moved, score[:, UNKNOWN_WIND], state.velocity_enu[:, 2], sigma > STALE_SIGMA_M_S
    )
    moved = weigh.with_calm(moved, score[:, STANDING], calm_share(state.motion))
    best = moved.max(axis=1)
    found[:, weigh.MOTION] = helicopter.moves(moved - best[:, None])
    found[:, weigh.CLIMB] = helicopter.climbs(state.motion.up_score)
    found[:, weigh.HEIGHT] = _height(state)
    found[:, weigh.ECHO] = evidence_of.echo_log_likelihood(
        state.evidence.echoes, state.evidence.echo_sum_dbsm
    )
    found[:, weigh.REPORT] = np.maximum(state.evidence.class_report, -8.0)
    found[:, weigh.RADIO] = (state.evidence.radio_ns > now_ns - evidence_of.RADIO_HOLDS_NS)[
        :, None
    ] * (evidence_of.RADIO)
    found[:, weigh.SIGHTED] = (state.evidence.sighted > 0)[:, None] * sightings.SEEN
    found[:, weigh.SILENCE] = evidence_of.silence_log_likelihood(state.evidence)
    if share_wind:
        lent = peers.lent_to(state)
        found[:, weigh.PEERS, weigh.BALLOON] = peers.evidence(state.motion, lent)
    told = weigh.logits(found, state.motion.plots, score[:, ANY_WIND] - best)
    fed = np.zeros(len(state.track_id), bool)
    fed[here.track_row] = True
    share = np.where(fed, weigh.SETTLE, 0.0)[:, None]
    state.weighed[:] += share * (told - state.weighed)
    state.log_probability[:], state.motion_log_probability[:] = weigh.posterior(
        state.weighed,
        found,
        sigma,
        state.motion.plots,
        stands_in_calm_air(state.motion._replace(score=score)),
    )
    turnabout.doubt(state.log_probability, state.drifted_ns, now_ns)
    _say(state, now_ns)
    state = _attribute(state, friends, now_ns)
    return state, _identities(state, tracks, row_of, now_ns)


def _height(state: IdentityState) -> F64:
    """(N, K) what the height above ground says; nothing where the ground's is not known."""
    ground = state.vertical.ground_altitude_amsl_m
    if ground is None or not len(state.track_id):
        return np.zeros((len(state.track_id), K))
    _, _, height = from_enu(state.frame, state.position_enu)
    above = height - (state.vertical.undulation_m or 0.0) - ground
    seen_in_3d = state.motion.up_ns > EARLIEST_NS
    return evidence_of.height_log_likelihood(np.where(seen_in_3d, above, np.nan))


def _weigh_claims(state: IdentityState, tracks: Tracks, row_of: I64, now_ns: int) -> None:
    """Log-likelihood of the claim each track carries."""
    state.log_likelihood[:, weigh.CLAIM] = 0.0
    state.claim_fits[:] = -1
    state.claim_doubts[:] = 0
    for track in np.flatnonzero((tracks.claimed_id != 0) & (tracks.claim_weight >= 0.5)):
        row = int(row_of[track])
        claim = state.claims.get(int(tracks.claimed_id[track]))
        if claim is None:
            state.log_likelihood[row, weigh.CLAIM] = cooperative.by_receiver(
                state.sensors, int(tracks.sensors[track])
            )
            continue
        uncertain = tracks.covariance_enu[track]
        sigma = float(np.sqrt(max(0.5 * (uncertain[3, 3] + uncertain[4, 4]), 0.0)))
        fits = cooperative.is_consistent(claim, tracks.state_enu[track, 3:], sigma)
        watch = state.watches.get(claim.claimed_id, spoof.Watch())
        place = tracks.state_enu[track, :3]
        doubts = spoof.doubts(watch, claim, state.frame, place, now_ns)
        state.claim_fits[row] = int(fits)
        state.claim_doubts[row] = doubts
        state.log_likelihood[row, weigh.CLAIM] = cooperative.log_likelihood(
            claim, float(tracks.claim_weight[track]), fits and not doubts
        )
        heard = "adsb" if claim.scheme == "icao" else "remote_id"
        state.evidence.heard[row, HEARD.index(heard)] = 1.0


def _say(state: IdentityState, now_ns: int) -> None:
    """Labels with hysteresis, in place."""
    for said, log_probability, none in (
        (state.said, state.log_probability, weigh.UNKNOWN),
        (state.said_motion, state.motion_log_probability, UNDETERMINED),
    ):
        probability = np.exp(log_probability)
        row = np.arange(len(said))
        best = probability.argmax(axis=1)
        kept = probability[row, said] >= KEEP_ABOVE
        enters = probability[row, best] >= SAY_ABOVE
        label = np.where(enters, best, np.where(kept, said, none)).astype(np.int8)
        if said is state.said:
            changed = label != said
            state.decided_ns[changed & (label != none)] = now_ns
            state.decided_ns[changed & (label == none)] = EARLIEST_NS
        said[:] = label


def _attribute(state: IdentityState, friends: tuple[Friend, ...], now_ns: int) -> IdentityState:
    """Cooperative, emitting, dark, friend: 1 yes, 0 no, −1 not known."""
    heard, covered = state.evidence.heard, state.evidence.covered_s
    long = covered >= evidence_of.SILENCE_AFTER_S
    speaks = (state.claim != 0) & (state.claim_weight >= 0.5)
    could = long[:, 0] | long[:, 1]
    state.attributes[:, COOPERATIVE] = np.where(speaks, 1, np.where(could, 0, -1))
    emits = speaks | (heard.sum(axis=1) > 0)
    state.attributes[:, EMITTING] = np.where(emits, 1, np.where(long.any(axis=1), 0, -1))
    # Dark speaks of drones: a receiver that hears Remote ID or links was there, and heard nothing.
    drone = np.exp(state.log_probability[:, weigh.DRONE]) >= 0.5
    listened = long[:, 1] | long[:, 2]
    dark = np.where(emits, 0, np.where(listened & drone, 1, np.where(drone, -1, 0)))
    state.attributes[:, DARK] = dark
    state.friend[:] = -1
    probability = np.exp(state.log_probability)
    rings = [friendly.ring_of(friend, state.frame) for friend in friends]
    for row in range(len(state.track_id)) if friends else ():
        for index, friend in enumerate(friends):
            if friendly.match(
                friend,
                state.frame,
                state.vertical,
                state.position_enu[row],
                probability[row],
                int(state.claim[row]) if speaks[row] else 0,
                now_ns,
                rings[index],
            ):
                state.friend[row] = index
                break
    own = np.array([_own_force(state, row) for row in range(len(state.track_id))], bool)
    state.attributes[:, FRIEND] = ((state.friend >= 0) | (own & speaks)).astype(np.int8)
    return state._replace(friend_words=tuple(f.operator for f in friends))


def _own_force(state: IdentityState, row: int) -> bool:
    """Whether an own force's network (Cursor on Target) reports the track as its own, and it moves so."""
    claim = state.claims.get(int(state.claim[row]))
    return claim is not None and claim.scheme == "cot" and int(state.claim_fits[row]) == 1


def _identities(state: IdentityState, tracks: Tracks, row_of: I64, now_ns: int) -> Identities:
    """Copies of the answers, in the order of `tracks`, confirmed and coasting tracks only."""
    shown = tracks.status != TrackStatus.TENTATIVE
    rows = row_of[shown]
    return Identities(
        tracks.track_id[shown].copy(),
        np.full(len(rows), now_ns, np.int64),
        state.motion_log_probability[rows],
        state.log_probability[rows],
        state.attributes[rows],
        state.said[rows],
        state.said_motion[rows],
        state.decided_ns[rows],
    )
