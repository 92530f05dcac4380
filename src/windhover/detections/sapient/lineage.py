"""Which sensor nodes' reports made a track: what a fused report is derived from.

Exactly, where the tracker's own association is at hand (`fed`); else by nearness (`nearest`): the latest
report of each object of each node belongs to the one track that is nearest to it within three standard
errors of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import hypot, sqrt
from typing import Final, NamedTuple, TypeVar

import numpy as np

from windhover.detections.sapient import place
from windhover.detections.sapient.compose import Thing
from windhover.detections.sapient.place import Spot, Standing
from windhover.detections.sapient.rows import Origin
from windhover.geo.ellipsoid import SEMI_MAJOR_M
from windhover.schema.batches import Detections, Kind, Tracks, Updates
from windhover.schema.place import Sensor
from windhover.units import NS_PER_S

ORIGINS_KEPT: Final = 8
ROWS_KEPT: Final = 50_000
REPORTS_KEPT: Final = 5_000
OLD_NS: Final = 10 * NS_PER_S
"""A node's object that was not reported for so long makes no track of now."""
GATE_SIGMAS: Final = 3.0
_K = TypeVar("_K")
_V = TypeVar("_V")
_PLACED: Final = (Kind.POSITION, Kind.RANGE_AZIMUTH, Kind.RANGE_AZIMUTH_ELEVATION)


class _Report(NamedTuple):
    """The latest report of one object of one node."""

    origin: Origin
    sensor: int
    spot: Spot


class Lineage:
    """Rows are known again by sensor, time and value; reports by node and object."""

    def __init__(self, sensors: tuple[Sensor, ...] = ()) -> None:
        """`sensors`: the site's table, for `nearest`."""
        self.sensors = sensors
        self._of_row: dict[tuple[int, int, float, float], Origin] = {}
        self._of_track: dict[int, dict[tuple[str, str], Origin]] = {}
        self._latest: dict[tuple[str, str], _Report] = {}

    def arrived(self, detections: Detections, origins: Iterable[Origin]) -> None:
        """Rows that a session decoded, before they go into the picture."""
        kinds = detections.kind.tolist()
        for row, origin in enumerate(origins):
            self._of_row[_key(detections, row)] = origin
            if kinds[row] not in _PLACED:
                continue
            covariance = detections.covariance[row]
            spot = Spot(
                Kind(kinds[row]),
                _triple(detections.value[row].tolist()),
                _triple(np.diag(covariance).tolist()),
            )
            key = (origin.node_id, origin.object_id)
            self._latest.pop(key, None)  # re-entered last: the oldest are the first
            self._latest[key] = _Report(origin, int(detections.sensor[row]), spot)
        _forget(self._of_row, ROWS_KEPT)
        _forget(self._latest, REPORTS_KEPT)

    def fed(self, updates: Updates, detections: Detections, tracks: Tracks) -> None:
        """What one step of the picture fed to which track; tracks no longer held are forgotten."""
        for track_row, row, weight in zip(
            updates.track_row.tolist(),
            updates.detection_row.tolist(),
            updates.weight.tolist(),
            strict=True,
        ):
            origin = self._of_row.get(_key(detections, row)) if weight >= 0.5 else None
            if origin is not None:
                held = self._of_track.setdefault(int(tracks.track_id[track_row]), {})
                held.pop((origin.node_id, origin.object_id), None)
                held[origin.node_id, origin.object_id] = origin
                _forget(held, ORIGINS_KEPT)
        alive = set(tracks.track_id.tolist())
        for track in [one for one in self._of_track if one not in alive]:
            del self._of_track[track]

    def origins(self) -> dict[int, tuple[Origin, ...]]:
        """Track id → its latest sources, oldest first: what `fed` has told."""
        return {track: tuple(held.values()) for track, held in self._of_track.items()}

    def nearest(self, things: Sequence[Thing], now_ns: int) -> tuple[Thing, ...]:
        """The same tracks, each with the reports that lie nearest to it and near enough."""
        if not things or not self._latest:
            return tuple(things)
        latitude = np.array([thing.latitude_rad for thing in things])
        longitude = np.array([thing.longitude_rad for thing in things])
        speed = np.array([thing.velocity_enu_m_s[:2] for thing in things])
        time_ns = np.array([thing.time_ns for thing in things], np.int64)
        sigma = np.array([hypot(*thing.sigma_enu_m[:2]) / sqrt(2.0) for thing in things])
        found: dict[int, list[Origin]] = {}
        for origin, sensor, spot in self._latest.values():
            if now_ns - origin.time_ns > OLD_NS:
                continue
            there = self._placed(sensor, spot)
            if there is None:
                continue
            passed_s = (origin.time_ns - time_ns) / NS_PER_S
            parallel_m = SEMI_MAJOR_M * np.cos(latitude)
            east = (there.value[1] - longitude + np.pi) % (2 * np.pi) - np.pi
            east = east * parallel_m - speed[:, 0] * passed_s
            north = (there.value[0] - latitude) * SEMI_MAJOR_M - speed[:, 1] * passed_s
            apart = np.hypot(east, north)
            best = int(apart.argmin())
            sigma_there = sqrt(max(there.variance[0], there.variance[1], 0.0))
            if apart[best] <= GATE_SIGMAS * hypot(sigma[best], sigma_there):
                found.setdefault(best, []).append(origin)
        return tuple(
            thing._replace(origins=tuple(found[row][-ORIGINS_KEPT:])) if row in found else thing
            for row, thing in enumerate(things)
        )

    def _placed(self, sensor: int, spot: Spot) -> Spot | None:
        if spot.kind == Kind.POSITION:
            return spot
        if not 0 <= sensor < len(self.sensors):
            return None
        info = self.sensors[sensor]
        here = Standing(
            info.position.latitude_rad, info.position.longitude_rad, info.height_ellipsoid_m
        )
        return place.from_node(spot, here)


def _forget(held: dict[_K, _V], most: int) -> None:
    """The oldest entries go."""
    while len(held) > most:
        del held[next(iter(held))]


def _triple(values: list[float]) -> tuple[float, float, float]:
    return values[0], values[1], values[2]


def _key(detections: Detections, row: int) -> tuple[int, int, float, float]:
    return (
        int(detections.sensor[row]),
        int(detections.time_ns[row]),
        float(detections.value[row, 0]),
        float(detections.value[row, 1]),
    )
