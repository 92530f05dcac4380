"""What other sensors and people say of the tracks, written into the state's evidence."""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.identities import sensors as evidence_of
from windhover.identities import sightings, spoof
from windhover.identities.memory import IdentityState, K
from windhover.identities.sensors import HEARD, SensorEvidence
from windhover.schema.batches import CLASSES, Detections, Updates
from windhover.schema.reports import (
    ClassReport,
    Cooperative,
    RadioPresence,
    Report,
    SensorState,
    Sighting,
)

CLAIM_FORGOTTEN_NS: Final = 600 * 10**9
CLAIMS_KEPT: Final = 20_000
SEEN_LATELY_NS: Final = 10 * 10**9


def hear_echoes(evidence: SensorEvidence, updates: Updates, detections: Detections) -> None:
    """Radar cross-sections of the plots, by their association weight."""
    if updates.n == 0:
        return
    rcs = detections.rcs_dbsm[updates.detection_row]
    some = np.isfinite(rcs)
    np.add.at(evidence.echoes, updates.track_row[some], updates.weight[some])
    np.add.at(evidence.echo_sum_dbsm, updates.track_row[some], (updates.weight * rcs)[some])


def read_reports(state: IdentityState, reports: tuple[Report, ...], now_ns: int) -> IdentityState:
    """Claims, class reports, radio and the sensors' own state."""
    listening = list(state.listening)
    for report in reports:
        if isinstance(report, Cooperative):
            state.claims.pop(report.claimed_id, None)  # re-entered last: the dict stays in order
            state.claims[report.claimed_id] = report
            if spoof.is_remote_id(report):
                seen = state.watches.get(report.claimed_id, spoof.Watch())
                state.watches[report.claimed_id] = spoof.hear(seen, report)
        elif isinstance(report, SensorState):
            if 0 <= report.sensor < len(listening):
                listening[report.sensor] = report.listening
        elif isinstance(report, ClassReport | RadioPresence):
            _hear_direction(state, report)
        elif isinstance(report, Sighting):
            sighted = (*state.sightings, _look_up(state, report, now_ns))
            state = state._replace(sightings=sighted[-sightings.KEPT :])
    while state.claims:
        oldest = next(iter(state.claims))
        if (
            len(state.claims) <= CLAIMS_KEPT
            and state.claims[oldest].time_ns > now_ns - CLAIM_FORGOTTEN_NS
        ):
            break
        del state.claims[oldest]
        state.watches.pop(oldest, None)
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
    how = int(report.source == "micro-Doppler")
    state.evidence.class_reports[row, how] += 1
    share = 1.0 / float(state.evidence.class_reports[row, how])
    state.evidence.class_report[row] += share * (told - told.max())
    state.evidence.class_report[row] -= state.evidence.class_report[row].max()


def _look_up(state: IdentityState, report: Sighting, now_ns: int) -> sightings.Sighted:
    """What stands where somebody saw something; it counts for a track that alone does."""
    held = np.flatnonzero(state.held_ns >= now_ns - SEEN_LATELY_NS)
    seen = sightings.check(
        report, state.frame, state.track_id[held], state.position_enu[held], state.said[held]
    )
    if seen.track_id and not seen.light:
        state.evidence.sighted[np.searchsorted(state.track_id, seen.track_id)] += 1
    return seen


def count_silence(state: IdentityState, elapsed_s: float, now_ns: int) -> None:
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
