"""Detection reports of SAPIENT nodes → detections, class reports, claims, radio.

The measured time is the message's own: the standard has no other (a node's declared latency is the
site's `Sensor.latency_s`).
"""

from __future__ import annotations

import re
from collections import Counter
from math import isnan, pi
from typing import Final, NamedTuple

import numpy as np

from windhover.detections import micro_doppler
from windhover.detections.decoded import Decoded, count
from windhover.detections.sapient import place, taxonomy
from windhover.detections.sapient.place import Spot, Standing
from windhover.detections.sapient.wire import Message
from windhover.schema.batches import Detections, Kind, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import ClassReport, Cooperative, RadioPresence, Report

_ICAO: Final = re.compile(r"[0-9A-Fa-f]{6}")
_CLAIMS: Final = {
    "icao": "icao",
    "icao24": "icao",
    "icao address": "icao",
    "mode s address": "icao",
    "remote id": "remote_id",
    "remoteid": "remote_id",
    "uas id": "remote_id",
    "serial number": "remote_id",
    "registration": "uas_registration",
    "callsign": "callsign",
}
"""`object_info` and `track_info` types (lower case) → scheme of the claim."""
_PLAIN: Final = re.compile(r"[^a-z]")
_MICRO_DOPPLER: Final = ("microdoppler", "rotormodulation", "wingbeat", "modulation")
"""`object_info` and `track_info` types (letters only) that carry a micro-Doppler flag."""
_LOST: Final = ("lost", "object lost", "track lost", "ended")
MAX_WORD: Final = 64


class Origin(NamedTuple):
    """Which SAPIENT object a row came from: what a fused detection is derived from."""

    time_ns: int
    node_id: str
    object_id: str


class Rows:
    """Columns that grow message by message and become one batch."""

    def __init__(self) -> None:
        self.time_ns: list[int] = []
        self.sensor: list[int] = []
        self.spots: list[Spot] = []
        self.rcs_dbsm: list[float] = []
        self.claims: list[int] = []
        self.origins: list[Origin] = []
        self.reports: list[Report] = []
        self.rejected: Counter[str] = Counter()

    def add(
        self,
        said: Message,
        at_ns: int,
        received_ns: int,
        node_id: str,
        sensor: int,
        sensor_info: Sensor,
        node: Standing,
        vertical: Vertical,
        zone: str = "",
    ) -> None:
        """One `DetectionReport` of a node. What it cannot be used for is counted."""
        if said.state.lower() in _LOST:
            count(self.rejected, "object lost: no measurement")
            return
        if said.HasField("location"):
            spot, reason = place.of_location(said.location, sensor_info, vertical, zone)
        else:
            spot, reason = place.of_range_bearing(said.range_bearing, sensor_info, node)
        if reason:
            count(self.rejected, reason)
        if spot is None:
            return
        azimuth, elevation = _direction(spot, node)
        scheme, identifier = _claim(said)
        claimed = claim_id(scheme, identifier) if scheme else 0
        heard_only = bool(said.signal) and spot.kind in (Kind.AZIMUTH, Kind.AZIMUTH_ELEVATION)
        if sensor_info.kind == "rf" or heard_only:
            sigma = float(spot.variance[0]) ** 0.5 if heard_only else 0.02
            self.reports.append(RadioPresence(at_ns, received_ns, sensor, azimuth, sigma))
        if said.classification:
            likelihood = taxonomy.log_likelihood(said.classification)
            if likelihood:
                source = said.classification[0].type[:MAX_WORD]
                self.reports.append(
                    ClassReport(at_ns, received_ns, sensor, azimuth, elevation, likelihood, source)
                )
        turning = _micro_doppler(said)
        if turning:
            self.reports.append(
                ClassReport(
                    at_ns, received_ns, sensor, azimuth, elevation, turning, micro_doppler.SOURCE
                )
            )
        if claimed:
            self.reports.append(
                _cooperative(said, at_ns, received_ns, sensor, claimed, scheme, identifier)
            )
        self.time_ns.append(at_ns)
        self.sensor.append(sensor)
        self.spots.append(spot)
        self.rcs_dbsm.append(_rcs(said))
        self.claims.append(claimed)
        self.origins.append(Origin(at_ns, node_id, said.object_id))

    def decoded(self, received_ns: int) -> Decoded:
        """Everything added so far, as one batch."""
        n = len(self.spots)
        rows = Detections.empty(n)
        if n:
            rows.time_ns[:] = self.time_ns
            rows.received_ns[:] = received_ns
            rows.sensor[:] = self.sensor
            rows.kind[:] = [spot.kind for spot in self.spots]
            rows.value[:] = [spot.value for spot in self.spots]
            variance = np.array([spot.variance for spot in self.spots])
            cross = np.array([spot.cross for spot in self.spots])
            for i in range(3):
                rows.covariance[:, i, i] = variance[:, i]
            for k, (i, j) in enumerate(((0, 1), (0, 2), (1, 2))):
                rows.covariance[:, i, j] = rows.covariance[:, j, i] = cross[:, k]
            rows.rcs_dbsm[:] = self.rcs_dbsm
            rows.claimed_id[:] = self.claims
        return Decoded(rows, tuple(self.reports), None, dict(self.rejected))


def _direction(spot: Spot, node: Standing) -> tuple[float, float | None]:
    """Azimuth and elevation from the node, whichever way the row is given."""
    value = spot.value
    if spot.kind == Kind.POSITION:
        return place.direction(value[0], value[1], value[2], node)
    if spot.kind in (Kind.AZIMUTH, Kind.AZIMUTH_ELEVATION):
        return value[0], value[1] if spot.kind == Kind.AZIMUTH_ELEVATION else None
    return value[1], value[2] if spot.kind == Kind.RANGE_AZIMUTH_ELEVATION else None


def _claim(said: Message) -> tuple[str, str]:
    """What the object says it is, by scheme; both empty where it says nothing."""
    for infos in (said.object_info, said.track_info):
        for info in infos:
            scheme = _CLAIMS.get(info.type.strip().lower(), "")
            word = info.value.strip()[:MAX_WORD]
            if scheme == "icao" and not _ICAO.fullmatch(word):
                continue
            if scheme and word:
                return scheme, word.lower() if scheme == "icao" else word
    word = said.id.strip()[:MAX_WORD]
    if not word:
        return "", ""
    return ("icao", word.lower()) if _ICAO.fullmatch(word) else ("callsign", word)


def _cooperative(
    said: Message,
    at_ns: int,
    received_ns: int,
    sensor: int,
    claimed: int,
    scheme: str,
    identifier: str,
) -> Cooperative:
    """The claim with the velocity that goes with it."""
    speed = track = rate = None
    if said.HasField("enu_velocity"):
        east, north = said.enu_velocity.east_rate, said.enu_velocity.north_rate
        speed = float(np.hypot(east, north))
        track = float(np.arctan2(east, north)) % (2 * pi) if speed else None
        if said.enu_velocity.HasField("up_rate"):
            rate = said.enu_velocity.up_rate
    return Cooperative(
        at_ns,
        received_ns,
        sensor,
        claimed,
        scheme,  # type: ignore[arg-type]  # one of `_CLAIMS`' values
        identifier,
        callsign=identifier[:8] if scheme == "callsign" else "",
        category="UAS" if scheme in ("remote_id", "uas_registration") else "",
        ground_speed_m_s=speed,
        track_rad=track,
        vertical_rate_m_s=rate,
    )


def _micro_doppler(said: Message) -> dict[str, float] | None:
    """What the node says that turns or beats in the echo, as likelihoods; None where it says nothing."""
    for infos in (said.object_info, said.track_info):
        for info in infos:
            if _PLAIN.sub("", info.type.lower()) in _MICRO_DOPPLER:
                told = micro_doppler.likelihood(info.value)
                if told:
                    return told
    return None


def _rcs(said: Message) -> float:
    """Radar cross-section in dBsm where the node tells it, else NaN."""
    for info in said.object_info:
        if info.type.strip().lower() in ("rcs", "radar cross section", "radarcrosssection"):
            try:
                value = float(info.value)
            except ValueError:
                return np.nan
            return value if -80.0 <= value <= 80.0 and not isnan(value) else np.nan
    return np.nan
