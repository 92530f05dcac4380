"""A recording as replay needs it: batches in order of time, the place they cover, and the truth apart."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import Final, NamedTuple

import numpy as np

from windhover.detections.decoded import Decoded, join_wind
from windhover.errors import BadInput
from windhover.geo.ellipsoid import from_ecef, to_ecef
from windhover.schema.batches import I64, Detections, Kind, Wind
from windhover.schema.place import Point, Sector, Sensor, SensorKind, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import NS_PER_S

STEP_MIN_S: Final = 0.5
STEP_MAX_S: Final = 10.0
MARGIN_M: Final = 10_000.0


class Recording(NamedTuple):
    """What a file held. `batches[i]` is everything that arrived up to `batch_end_ns[i]`.

    Rejections stand once, in `rejected`; those of the batches are empty.
    """

    name: str
    kind: str
    reason: str  # why it was taken for that kind
    understood: tuple[str, ...]  # "time ← 'timestamp' (POSIX milliseconds)" …
    batches: tuple[Decoded, ...]
    batch_end_ns: I64  # (B,)
    truth_object: I64  # (N,) over the rows of all batches: row of `names`, −1 = not known
    names: tuple[str, ...]  # who the objects truly are, for scoring only
    sensors: tuple[Sensor, ...]  # detections' sensor numbers count from `first_sensor`
    first_sensor: int
    sector: Sector
    rejected: dict[str, int]
    own_wind: Wind | None  # computed by the recorded object from its own motion: not for judging it

    @property
    def n(self) -> int:
        """Detections in all."""
        return len(self.truth_object)

    @property
    def from_ns(self) -> int:
        return int(
            min((b.detections.time_ns[0] for b in self.batches if b.detections.n), default=0)
        )

    @property
    def to_ns(self) -> int:
        return int(self.batch_end_ns[-1]) if len(self.batch_end_ns) else 0


def truth_by_claim(
    detections: Detections, reports: tuple[Report, ...]
) -> tuple[I64, tuple[str, ...]]:
    """(N,) row of the names, −1 where a row claims nothing; and the names, in order of appearance."""
    word = {r.claimed_id: r.identifier for r in reports if isinstance(r, Cooperative)}
    claims, first, inverse = np.unique(
        detections.claimed_id, return_index=True, return_inverse=True
    )
    order = np.argsort(first, kind="stable")
    order = order[claims[order] != 0]
    rank = np.full(len(claims), -1, np.int64)
    rank[order] = np.arange(len(order))
    names = tuple(word.get(int(c), f"{int(c):x}") for c in claims[order])
    return rank[inverse.reshape(-1)], names


def build(
    *,
    name: str,
    kind: str,
    reason: str,
    understood: tuple[str, ...],
    decoded: Decoded,
    truth_object: I64,
    names: tuple[str, ...],
    sensor_kind: SensorKind,
    vertical: Vertical,
    first_sensor: int = 0,
    hide_ids: bool = False,
    own_wind: Wind | None = None,
    sensors: tuple[Sensor, ...] | None = None,
) -> Recording:
    """Sort, cut into steps, and describe. Raises `BadInput` where nothing usable is left.

    Without `sensors` one is made up that covers the data; its rows count from `first_sensor`.
    """
    detections = decoded.detections
    if not detections.n and decoded.wind is None and not decoded.reports:
        raise BadInput(
            f"{name} was read as {kind} and holds nothing usable.", _most(decoded.rejected)
        )
    order = np.argsort(detections.time_ns, kind="stable")
    detections, truth_object = detections.take(order), np.ascontiguousarray(truth_object[order])
    if hide_ids:
        detections.claimed_id[:] = 0
        if sensor_kind in ("adsb", "remote_id"):
            sensor_kind = "points"  # nobody told this sensor who they are
    reports = () if hide_ids else decoded.reports
    period_s = _period_s(detections.time_ns, truth_object)
    sector = _sector(name, detections, decoded.wind, sensors, vertical)
    if sensors is None:
        sensors = (_sensor(sensor_kind, sector, period_s),)
        detections.sensor[:] = first_sensor
    step_ns = round(min(STEP_MAX_S, max(STEP_MIN_S, period_s / 2)) * NS_PER_S)
    batches, ends = _cut(detections, reports, decoded.wind, step_ns)
    return Recording(
        name,
        kind,
        reason,
        understood,
        batches,
        ends,
        truth_object,
        names,
        sensors,
        first_sensor,
        sector,
        decoded.rejected,
        own_wind,
    )


def _most(rejected: dict[str, int]) -> str:
    if not rejected:
        return ""
    reason, n = max(rejected.items(), key=lambda item: item[1])
    return f"Mostly: {reason} ({n})."


def _period_s(time_ns: I64, truth_object: I64) -> float:
    """Median time between two plots of one object; 1 s where there are none."""
    order = np.lexsort((time_ns, truth_object))
    apart_ns = np.diff(time_ns[order])
    same = (np.diff(truth_object[order]) == 0) & (apart_ns > 0)
    if not same.any():
        return 1.0
    return float(np.clip(np.median(apart_ns[same]) / NS_PER_S, 0.1, 3600.0))


def _sensor(kind: SensorKind, sector: Sector, period_s: float) -> Sensor:
    hears = {"adsb": ("adsb",), "remote_id": ("remote_id",)}.get(kind, ())
    return Sensor(
        name=kind,
        kind=kind,
        position=sector.origin,
        height_ellipsoid_m=sector.origin_height_ellipsoid_m,
        range_min_m=0.0,
        range_max_m=sector.radius_m,
        period_s=period_s,
        sigma_position_m=10.0,
        sigma_height_m=15.0,
        detection_probability=0.9,
        clutter_per_scan=0.01,
        horizon_elevation_rad=-1.6,
        hears=hears,
    )


def _sector(
    name: str,
    detections: Detections,
    wind: Wind | None,
    sensors: tuple[Sensor, ...] | None,
    vertical: Vertical,
) -> Sector:
    """The middle of what was seen, and a circle around it all."""
    place = detections.kind == Kind.POSITION
    if place.any():
        latitude, longitude = detections.value[place, 0], detections.value[place, 1]
    elif wind is not None:
        latitude, longitude = wind.latitude_rad, wind.longitude_rad
    else:
        latitude = longitude = np.zeros(0)
    margin_m = MARGIN_M
    if sensors and (detections.kind != Kind.POSITION).any():
        latitude = np.append(latitude, [s.position.latitude_rad for s in sensors])
        longitude = np.append(longitude, [s.position.longitude_rad for s in sensors])
        margin_m += max(s.range_max_m for s in sensors)
    if not len(latitude):
        latitude = longitude = np.zeros(1)
    ecef = to_ecef(latitude, longitude, np.zeros(len(latitude)))
    # The middle of the extent, not of the crowd: a hovering hour must not pull it off the rest.
    middle = (ecef.min(axis=0) + ecef.max(axis=0)) / 2
    middle_lat, middle_lon, _ = from_ecef(middle)
    centre = to_ecef(float(middle_lat), float(middle_lon), 0.0)
    radius_m = float(np.linalg.norm(ecef - centre, axis=1).max()) + margin_m
    heights = detections.value[place, 2]
    heights = heights[np.isfinite(heights)]
    return Sector(
        name=name,
        origin=Point(float(middle_lat), float(middle_lon)),
        origin_height_ellipsoid_m=float(np.floor(heights.min())) if len(heights) else 0.0,
        radius_m=ceil(radius_m / 1000.0) * 1000.0,
        vertical=vertical,
    )


def _cut(
    detections: Detections, reports: tuple[Report, ...], wind: Wind | None, step_ns: int
) -> tuple[tuple[Decoded, ...], I64]:
    """Everything in steps of recording time; steps in which nothing arrived are left out."""
    report_ns = np.array([r.time_ns for r in reports], np.int64)
    report_order = np.argsort(report_ns, kind="stable")
    wind_ns = wind.time_ns if wind is not None else np.zeros(0, np.int64)
    wind_order = np.argsort(wind_ns, kind="stable")
    every = [t for t in (detections.time_ns, report_ns, wind_ns) if len(t)]
    start_ns = int(min(t.min() for t in every)) // step_ns * step_ns
    row_step = (detections.time_ns - start_ns) // step_ns
    report_step = (report_ns[report_order] - start_ns) // step_ns
    wind_step = (wind_ns[wind_order] - start_ns) // step_ns
    steps = np.unique(np.concatenate([row_step, report_step, wind_step]))
    row_edges = np.searchsorted(row_step, np.append(steps, steps[-1] + 1))
    report_edges = np.searchsorted(report_step, np.append(steps, steps[-1] + 1))
    wind_edges = np.searchsorted(wind_step, np.append(steps, steps[-1] + 1))
    batches = []
    for i in range(len(steps)):
        rows = slice(row_edges[i], row_edges[i + 1])
        told = report_order[report_edges[i] : report_edges[i + 1]]
        blown = wind_order[wind_edges[i] : wind_edges[i + 1]]
        batches.append(
            Decoded(
                detections.take(rows),
                tuple(reports[j] for j in told.tolist()),
                None
                if wind is None or not len(blown)
                else Wind._make(np.ascontiguousarray(column[blown]) for column in wind),
                {},
            )
        )
    return tuple(batches), np.asarray(start_ns + (steps + 1) * step_ns, np.int64)


def together(recordings: list[Recording]) -> Recording:
    """Several recordings of one time and place as one, steps interleaved in order of their ends.

    Their sensors keep the numbers they were read with: read each with the next `first_sensor`.
    """
    if len(recordings) == 1:
        return recordings[0]
    verticals = {r.sector.vertical for r in recordings}
    if len(verticals) > 1:
        raise BadInput(
            "The recordings count their heights from different references.",
            "Name a site, whose undulation and QNH tie them together.",
        )
    pieces: list[tuple[int, int, Decoded, I64]] = []
    names: list[str] = []
    rejected: Counter[str] = Counter()
    for order, recording in enumerate(recordings):
        rejected.update(recording.rejected)
        truth = np.where(recording.truth_object < 0, -1, recording.truth_object + len(names))
        at = 0
        for end, batch in zip(recording.batch_end_ns.tolist(), recording.batches, strict=True):
            pieces.append((end, order, batch, truth[at : at + batch.detections.n]))
            at += batch.detections.n
        names.extend(recording.names)
    pieces.sort(key=lambda piece: piece[:2])
    everything = Detections.concatenate([p[2].detections for p in pieces if p[2].detections.n])
    sensors = tuple(s for r in recordings for s in r.sensors)
    first = recordings[0]
    winds = join_wind(r.own_wind for r in recordings)
    return first._replace(
        name=" + ".join(r.name for r in recordings),
        kind=" + ".join(dict.fromkeys(r.kind for r in recordings)),
        reason="; ".join(f"{r.name}: {r.reason}" for r in recordings),
        understood=tuple(f"{r.name}: {word}" for r in recordings for word in r.understood),
        batches=tuple(p[2] for p in pieces),
        batch_end_ns=np.array([p[0] for p in pieces], np.int64),
        truth_object=np.concatenate([p[3] for p in pieces]),
        names=tuple(names),
        sensors=sensors,
        sector=_sector(first.name, everything, winds, sensors, first.sector.vertical),
        rejected=dict(rejected),
        own_wind=winds,
    )
