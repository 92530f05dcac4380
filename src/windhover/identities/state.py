"""The state of identification, and the one function that moves it on."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np

from windhover.air.wind import WindField, wind_at
from windhover.air.wind import start as no_wind
from windhover.geo.frames import Frame, from_enu
from windhover.identities import cooperative, friendly, weigh
from windhover.identities import sensors as evidence_of
from windhover.identities.motion import MotionState, calm_share, drift_gap, feed
from windhover.identities.sensors import HEARD, SensorEvidence
from windhover.schema.batches import (
    BOOL,
    CLASSES,
    F64,
    I8,
    I64,
    MOTIONS,
    Detections,
    Identities,
    Tracks,
    TrackStatus,
    Updates,
)
from windhover.schema.cases import Friend
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import ClassReport, Cooperative, RadioPresence, Report, SensorState
from windhover.timescale import EARLIEST_NS

K: Final = len(CLASSES)
UNDETERMINED: Final = len(MOTIONS) - 1
SAY_ABOVE: Final = 0.8
"""A label is said from here on, and kept until its probability falls below KEEP_ABOVE."""
KEEP_ABOVE: Final = 0.55
STANDS_WITHIN: Final = 3.0
"""ln: standing explains the path nearly as well as the best of the classes."""
CLAIM_FORGOTTEN_NS: Final = 600 * 10**9
CLAIMS_KEPT: Final = 20_000

COOPERATIVE, EMITTING, DARK, FRIEND = range(4)


class LocalWind(NamedTuple):
    """The wind at each of N tracks, in the order of `Tracks`."""

    mean_m_s: F64  # (N, 2) toward east and north
    covariance: F64  # (N, 2, 2) m²/s²
    jump_m_s: F64  # (N, 2) how much newer samples changed it since the last step


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
    motion: MotionState
    evidence: SensorEvidence
    claim: I64  # (N,) what the track claims, 0 = nothing
    claim_weight: F64  # (N,)
    claim_fits: I8  # (N,) 1 consistent with the motion, 0 not, −1 nothing to compare
    claims: dict[int, Cooperative]
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
    position_enu: F64  # (N, 3) m
    velocity_enu: F64  # (N, 3) m/s


def start(sensors: tuple[Sensor, ...], frame: Frame, vertical: Vertical) -> IdentityState:
    """Nothing is held yet. Every sensor is taken as listening until a report says otherwise."""
    return IdentityState(
        sensors, (True,) * len(sensors), frame, vertical, no_wind(), EARLIEST_NS,
        np.zeros(0, np.int64), np.zeros(0, np.int64), MotionState.fresh(0), SensorEvidence.fresh(0),
        np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int8), {}, np.zeros(0, np.int64), (),
        np.zeros((0, len(weigh.SOURCES), K)), np.zeros((0, K + 1)), np.zeros((0, K)), np.zeros((0, len(MOTIONS))),
        np.zeros((0, 4), np.int8), np.zeros(0, np.int8), np.zeros(0, np.int8),
        np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros((0, 3)),
    )  # fmt: skip


Columns = TypeVar("Columns", MotionState, SensorEvidence)
Column = TypeVar("Column", F64, I64, I8)


def _gather(old: Columns, fresh: Columns, source: I64) -> Columns:
    """Rows `source` of the old table; −1 leaves the fresh row."""
    known = source >= 0
    for before, after in zip(old, fresh, strict=True):
        after[known] = before[source[known]]
    return fresh


def _hold(state: IdentityState, tracks: Tracks) -> IdentityState:
    """The same state with exactly the rows of `tracks` (any order there), ascending by id."""
    wanted = np.sort(tracks.track_id)
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
        motion=_gather(state.motion, MotionState.fresh(n), source),
        evidence=_gather(state.evidence, SensorEvidence.fresh(n), source),
        claim=rows(state.claim, 0),
        claim_weight=rows(state.claim_weight, 0.0),
        claim_fits=rows(state.claim_fits, -1),
        friend=rows(state.friend, -1),
        log_likelihood=rows(state.log_likelihood, 0.0),
        weighed=all_weighed,
        log_probability=log_probability,
        motion_log_probability=motion_log_probability,
        attributes=rows(state.attributes, -1),
        said=rows(state.said, weigh.UNKNOWN),
        said_motion=rows(state.said_motion, UNDETERMINED),
        decided_ns=rows(state.decided_ns, EARLIEST_NS),
        position_enu=rows(state.position_enu, 0.0),
        velocity_enu=rows(state.velocity_enu, 0.0),
    )


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
    return advance_in(state, tracks, updates, detections, reports, air, friends, now_ns)


def advance_in(
    state: IdentityState,
    tracks: Tracks,
    updates: Updates,
    detections: Detections,
    reports: tuple[Report, ...],
    air: LocalWind,
    friends: tuple[Friend, ...],
    now_ns: int,
) -> tuple[IdentityState, Identities]:
    """`advance` where the wind at each track is already known (benches give each its own)."""
    before_ns = state.now_ns
    elapsed_s = (
        min(max((now_ns - before_ns) * 1e-9, 0.0), 10.0) if before_ns != EARLIEST_NS else 0.0
    )
    state = _hold(state, tracks)
    row_of = np.searchsorted(state.track_id, tracks.track_id)  # row of tracks → row here
    state.position_enu[row_of] = tracks.state_enu[:, :3]
    state.velocity_enu[row_of] = tracks.state_enu[:, 3:]
    state.born_ns[row_of] = tracks.born_ns
    state.claim[row_of] = tracks.claimed_id
    state.claim_weight[row_of] = tracks.claim_weight

    order = np.argsort(row_of, kind="stable")
    mean, jump = air.mean_m_s[order], air.jump_m_s[order]
    covariance = air.covariance[order]
    packed = np.stack([covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]], axis=1)
    here = updates._replace(track_row=row_of[updates.track_row]) if updates.n else updates
    feed(state.motion, here, mean, packed, jump)
    _hear_echoes(state.evidence, here, detections)
    state = _read_reports(state, reports, now_ns)._replace(now_ns=now_ns)
    _count_silence(state, elapsed_s, now_ns)
    _weigh_claims(state, tracks, row_of)

    found = state.log_likelihood
    score = state.motion.score
    found[:, weigh.MOTION] = weigh.with_calm(
        weigh.charged_for_wind(score[:, :K], drift_gap(state.motion)),
        score[:, K + 1],
        calm_share(state.motion),
    )
    found[:, weigh.CLIMB] = state.motion.up_score
    found[:, weigh.HEIGHT] = _height(state)
    found[:, weigh.ECHO] = evidence_of.echo_log_likelihood(
        state.evidence.echoes, state.evidence.echo_sum_dbsm
    )
    found[:, weigh.REPORT] = np.maximum(state.evidence.class_report, -8.0)
    found[:, weigh.RADIO] = (state.evidence.radio_ns > now_ns - evidence_of.RADIO_HOLDS_NS)[
        :, None
    ] * (evidence_of.RADIO)
    found[:, weigh.SILENCE] = evidence_of.silence_log_likelihood(state.evidence)
    sigma = np.sqrt(0.5 * (packed[:, 0] + packed[:, 2]))
    told = weigh.logits(found, state.motion.plots, state.motion.score[:, K])
    fed = np.zeros(len(state.track_id), bool)
    fed[here.track_row] = True
    share = np.where(fed, weigh.SETTLE, 0.0)[:, None]
    state.weighed[:] += share * (told - state.weighed)
    state.log_probability[:], state.motion_log_probability[:] = weigh.posterior(
        state.weighed, found, sigma, state.motion.plots, _stands_in_calm_air(state)
    )
    _say(state, now_ns)
    state = _attribute(state, friends, now_ns)
    return state, _identities(state, tracks, row_of, now_ns)


def _stands_in_calm_air(state: IdentityState) -> BOOL:
    """(N,) what stands about as well as anything, where the wind may be calm."""
    score = state.motion.score
    stands = score[:, K + 1] > score[:, :K].max(axis=1) - STANDS_WITHIN
    found: BOOL = stands & (calm_share(state.motion) > weigh.MAY_BE_CALM)
    return found


def _height(state: IdentityState) -> F64:
    """(N, K) what the height above ground says; nothing where the ground's is not known."""
    ground = state.vertical.ground_altitude_amsl_m
    if ground is None or not len(state.track_id):
        return np.zeros((len(state.track_id), K))
    _, _, height = from_enu(state.frame, state.position_enu)
    above = height - (state.vertical.undulation_m or 0.0) - ground
    seen_in_3d = state.motion.up_ns > EARLIEST_NS
    return evidence_of.height_log_likelihood(np.where(seen_in_3d, above, np.nan))


def _hear_echoes(evidence: SensorEvidence, updates: Updates, detections: Detections) -> None:
    """Radar cross-sections of the plots, by their association weight."""
    if updates.n == 0:
        return
    rcs = detections.rcs_dbsm[updates.detection_row]
    some = np.isfinite(rcs)
    np.add.at(evidence.echoes, updates.track_row[some], updates.weight[some])
    np.add.at(evidence.echo_sum_dbsm, updates.track_row[some], (updates.weight * rcs)[some])


def _read_reports(state: IdentityState, reports: tuple[Report, ...], now_ns: int) -> IdentityState:
    """Claims, class reports, radio and the sensors' own state."""
    listening = list(state.listening)
    for report in reports:
        if isinstance(report, Cooperative):
            state.claims.pop(report.claimed_id, None)  # re-entered last: the dict stays in order
            state.claims[report.claimed_id] = report
        elif isinstance(report, SensorState):
            if 0 <= report.sensor < len(listening):
                listening[report.sensor] = report.listening
        elif isinstance(report, ClassReport | RadioPresence):
            _hear_direction(state, report)
    while state.claims:
        oldest = next(iter(state.claims))
        if (
            len(state.claims) <= CLAIMS_KEPT
            and state.claims[oldest].time_ns > now_ns - CLAIM_FORGOTTEN_NS
        ):
            break
        del state.claims[oldest]
    return state._replace(listening=tuple(listening))


def _hear_direction(state: IdentityState, report: ClassReport | RadioPresence) -> None:
    """A report with a direction counts for the one track that fits it, else for none."""
    if report.azimuth_rad is None or not 0 <= report.sensor < len(state.sensors):
        return
    row = evidence_of.best_in_direction(
        state.sensors[report.sensor],
        state.frame,
        state.position_enu,
        report.azimuth_rad,
        None if isinstance(report, RadioPresence) else report.elevation_rad,
        report.sigma_azimuth_rad if isinstance(report, RadioPresence) else 0.0,
    )
    if row is None:
        return
    if isinstance(report, RadioPresence):
        state.evidence.radio_ns[row] = report.time_ns
        state.evidence.heard[row, HEARD.index("control_link")] = 1.0
        return
    # What a classifier does not name it holds for no likelier than the least that it names.
    told = np.full(K, min(report.log_likelihood.values(), default=0.0))
    for name, value in report.log_likelihood.items():
        if name in CLASSES:
            told[CLASSES.index(name)] = value
    # The same camera on the same object repeats itself: the n-th report counts 1/n.
    state.evidence.class_reports[row] += 1
    share = 1.0 / float(state.evidence.class_reports[row])
    state.evidence.class_report[row] += share * (told - told.max())
    state.evidence.class_report[row] -= state.evidence.class_report[row].max()


def _count_silence(state: IdentityState, elapsed_s: float, now_ns: int) -> None:
    """How long each emission would have been heard, and whether it was."""
    covered = np.zeros((len(state.track_id), len(HEARD)))
    for sensor, listens in zip(state.sensors, state.listening, strict=True):
        columns = [HEARD.index(name) for name in sensor.hears if name in HEARD]
        if not listens or not columns:
            continue
        inside = evidence_of.in_coverage(sensor, state.frame, state.position_enu)
        for column in columns:
            covered[inside, column] = 1.0
    state.evidence.covered_s[:] += covered * elapsed_s


def _weigh_claims(state: IdentityState, tracks: Tracks, row_of: I64) -> None:
    """Log-likelihood of the claim each track carries."""
    state.log_likelihood[:, weigh.CLAIM] = 0.0
    state.claim_fits[:] = -1
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
        state.claim_fits[row] = int(fits)
        state.log_likelihood[row, weigh.CLAIM] = cooperative.log_likelihood(
            claim, float(tracks.claim_weight[track]), fits
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
            ):
                state.friend[row] = index
                break
    state.attributes[:, FRIEND] = (state.friend >= 0).astype(np.int8)
    return state._replace(friend_words=tuple(f.operator for f in friends))


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
