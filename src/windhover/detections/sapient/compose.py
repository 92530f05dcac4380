"""What we say upward as a FUSION_NODE: registration, status, and one detection report per track.

Everything a strict parent checks is declared first and then kept to: one coordinate system, the classes
with the balloon docked to the core's air vehicles, the ways of moving, the commands that we take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, hypot
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windhover.detections.sapient import taxonomy, wire
from windhover.detections.sapient.rows import Origin
from windhover.detections.sapient.wire import Message
from windhover.geo.ellipsoid import SEMI_MAJOR_M
from windhover.geo.frames import Frame, from_enu
from windhover.schema.batches import CLASSES, F64, MOTIONS, Identities, Tracks
from windhover.schema.place import Point
from windhover.units import DEG_PER_RAD, NS_PER_S

MODE: Final = "Default"
WAYS: Final = dict(zip(MOTIONS, ("Drifting", "Flying", "Fixed to the ground", ""), strict=True))
"""How an object moves, as object information: the standard's own behaviours (walking, digging, …) have
no word for it, and strict readers refuse every other."""
EXERCISE: Final = "EXERCISE / EJERCICIO"
_FUSION_NODE = 20
_LAT_LNG_DEG_M = _ELLIPSOID = 1
_PARENT = 2
_ACTIVE, _CLEAR = 1, 5
_LEAST_URGENT: Final = (1, 1)
_URGENCY: Final = {"X1": (2, 1), "X2": (2, 2), "X3": (3, 3)}
"""Exposure → type (information 1, warning 2, critical 3) and priority (low 1 … high 3)."""
ALERT_WORDS: Final = 1_000
MAX_AHEAD_S: Final = 5.0
NOT_NOUGHT: Final = 1e-9
SHARE_TOLD: Final = 1e-3


class UpwardSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who we are to a parent, and how often we speak."""

    node_id: str
    name: str
    place: Point | None  # where we are said to stand; None says nothing
    height_ellipsoid_m: float
    status_interval_s: float = 5.0
    period_s: float = (
        1.0  # between two reports of all tracks; each report of one round has one time
    )
    exercise: bool = False
    dependent_nodes: tuple[str, ...] = ()


class Thing(NamedTuple):
    """One track as it is told."""

    track_id: int
    born_ns: int
    time_ns: int  # the instant that the state speaks of
    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float  # NaN = not known
    velocity_enu_m_s: tuple[float, float, float]  # up is NaN where not known
    sigma_enu_m: tuple[float, float, float]
    sigma_velocity_m_s: tuple[float, float, float] | None
    existence: float
    shares: Sequence[float]  # over CLASSES
    motions: Sequence[float]  # over MOTIONS
    claim: str = ""  # what the object says it is
    origins: tuple[Origin, ...] = ()  # reports of other nodes that made it


class Warned(NamedTuple):
    """An incident that is open, as a parent is told of it."""

    id: str
    opened_ns: int
    exposure: str  # X0 … X3
    words: str
    tracks: tuple[tuple[int, int], ...] = ()  # of its objects: track and birth


class Shown(NamedTuple):
    """What of the picture goes up: the confirmed tracks and what they are, in one frame."""

    tracks: Tracks
    identities: Identities
    frame: Frame
    claims: Mapping[int, str] = MappingProxyType({})  # track id → what the object says it is
    origins: Mapping[int, tuple[Origin, ...]] = MappingProxyType({})  # track id → whose reports


def things(shown: Shown) -> tuple[Thing, ...]:
    """Every track of a picture, row by row."""
    tracks, identities = shown.tracks, shown.identities
    row_of = {track: row for row, track in enumerate(identities.track_id.tolist())}
    latitude, longitude, height = from_enu(shown.frame, tracks.state_enu[:, :3])
    sigma = np.sqrt(np.maximum(np.diagonal(tracks.covariance_enu, axis1=1, axis2=2), 0.0))
    made = []
    for row, track in enumerate(tracks.track_id.tolist()):
        known = row_of.get(track)
        made.append(
            Thing(
                track,
                int(tracks.born_ns[row]),
                int(tracks.time_ns[row]),
                float(latitude[row]),
                float(longitude[row]),
                float(height[row]),
                _triple(tracks.state_enu[row, 3:]),
                _triple(sigma[row, :3]),
                _triple(sigma[row, 3:]),
                float(tracks.existence[row]),
                () if known is None else np.exp(identities.log_probability[known]).tolist(),
                () if known is None else np.exp(identities.motion_log_probability[known]).tolist(),
                shown.claims.get(track, ""),
                shown.origins.get(track, ()),
            )
        )
    return tuple(made)


def _triple(values: F64) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def registration(settings: UpwardSettings, now_ns: int) -> Message:
    """Our `Registration`."""
    message = envelope(settings, now_ns)
    said = message.registration
    said.node_definition.add(node_type=_FUSION_NODE, node_sub_type=["Air picture"])
    said.icd_version = wire.ICD_VERSION
    said.name = f"{EXERCISE}: {settings.name}" if settings.exercise else settings.name
    said.short_name = said.name[:40]
    said.capabilities.add(category="Fusion", type="Tracks with class probabilities")
    said.capabilities.add(category="Fusion", type="Told by the wind: drifting or flying")
    status = said.status_definition
    _duration(status.status_interval, settings.status_interval_s)
    _location_type(status.location_definition)
    mode = said.mode_definition.add(mode_name=MODE, mode_type=3, scan_type=1, tracking_type=3)
    mode.mode_description = "Fuses what its sensors report; acts on nothing"
    # Some readers take a duration or a rate of nought for one that is missing.
    _duration(mode.settle_time, settings.period_s)
    _duration(mode.maximum_latency, 1.0)
    _detections(mode.detection_definition.add())
    task = mode.task
    task.concurrent_tasks = 1
    task.region_definition.region_type.append(1)
    _location_type(task.region_definition.region_area.add())
    for number, units in ((1, "Registration, Status"), (2, _LEVELS), (3, _LEVELS), (4, _LEVELS)):
        command = task.command.add(type=number, units=units)
        _duration(command.completion_time, 1.0)
    said.dependent_nodes.extend(settings.dependent_nodes)
    said.config_data.add(manufacturer="Windhover", model="Windhover")
    return message


_LEVELS: Final = "DISCRETE_THRESHOLD_LOW, DISCRETE_THRESHOLD_MEDIUM, DISCRETE_THRESHOLD_HIGH"


def _detections(said: Message) -> None:
    _location_type(said.location_type)
    units = said.velocity_type.enu_velocity_units
    units.east_north_rate_units = units.up_rate_units = 1
    said.velocity_type.location_datum = _ELLIPSOID
    error = said.geometric_error
    error.type, error.units, error.variation_type = "Standard Deviation", "degrees, m", "None"
    said.detection_report.add(category=1, type="confidence", units="probability", on_change=True)
    classes = said.detection_class_definition.add(confidence_definition=2)
    for name, subs in _tree().items():
        made = classes.class_definition.add(type=name, units="probability")
        for sub in subs:
            made.sub_class.add(type=sub, units="probability", level=1)
    dock = classes.taxonomy_dock_definition.add(
        Dock_class_namespace=taxonomy.CORE, Dock_class=taxonomy.DOCK
    )
    for name in taxonomy.EXTENSION:
        dock.Extension_subclass.add(
            Subclass_namespace=taxonomy.NAMESPACE, Subclass_name=name, units="probability"
        )
    for name in WAYS.values():
        if name:
            said.detection_report.add(category=3, type=name, units="probability", on_change=True)


def _tree() -> dict[str, list[str]]:
    """Class → its sub-classes, as the house's classes are told."""
    tree: dict[str, list[str]] = {}
    for name in CLASSES:
        parent, sub = taxonomy.SAPIENT[name]
        tree.setdefault(parent, [])
        if sub:
            tree[parent].append(sub)
    return tree


def status(settings: UpwardSettings, now_ns: int, first: bool, goodbye: bool = False) -> Message:
    """Our `StatusReport`: news the first time, unchanged after, or goodbye."""
    message = envelope(settings, now_ns)
    said = message.status_report
    said.report_id = wire.ulid(now_ns, "status")
    said.system = 5 if goodbye else 1
    said.info = 1 if first or goodbye else 2
    said.mode = MODE
    if settings.place is None:
        return message
    where = said.node_location
    where.x = settings.place.longitude_rad * DEG_PER_RAD
    where.y = settings.place.latitude_rad * DEG_PER_RAD
    where.z = settings.height_ellipsoid_m
    where.coordinate_system, where.datum = _LAT_LNG_DEG_M, _ELLIPSOID
    return message


def object_id(settings: UpwardSettings, track_id: int, born_ns: int) -> str:
    """The ULID that stands for a track as long as it lives."""
    return wire.ulid(max(born_ns, 0), f"{settings.node_id} track {track_id}")


def detection(
    settings: UpwardSettings, thing: Thing, now_ns: int, class_floor: float = 0.0, order: int = 0
) -> Message:
    """The `DetectionReport` of one track, its state carried to `now_ns`; `order` of it in its round."""
    message = envelope(settings, now_ns)
    said = message.detection_report
    said.object_id = object_id(settings, thing.track_id, thing.born_ns)
    said.report_id = wire.ulid(now_ns, f"report {thing.track_id}", order)
    said.detection_confidence = min(max(thing.existence, 0.0), 1.0)
    _where(said, thing, now_ns)
    _what(said, thing, class_floor)
    if thing.claim:
        said.id = thing.claim
    for origin in thing.origins:
        for made in (said.associated_detection.add(), said.derived_detection.add()):
            wire.set_time(made.timestamp, origin.time_ns)
            made.node_id, made.object_id = origin.node_id, origin.object_id
        # Ours is derived from theirs: theirs is the parent.
        said.associated_detection[-1].association_type = _PARENT
    return message


def alert(settings: UpwardSettings, warned: Warned, now_ns: int, over: bool = False) -> Message:
    """The `Alert` of an incident: one identifier as long as it is open, and a last word when it is not."""
    message = envelope(settings, now_ns)
    said = message.alert
    said.alert_id = wire.ulid(max(warned.opened_ns, 0), f"{settings.node_id} incident {warned.id}")
    said.alert_type, said.priority = _URGENCY.get(warned.exposure, _LEAST_URGENT)
    said.status = _CLEAR if over else _ACTIVE
    words = f"{warned.id}: {warned.words}"[:ALERT_WORDS]
    said.description = f"{EXERCISE}: {words}" if settings.exercise else words
    for track_id, born_ns in warned.tracks:
        of = said.associated_detection.add()
        wire.set_time(of.timestamp, now_ns)
        of.node_id, of.object_id = settings.node_id, object_id(settings, track_id, born_ns)
    return message


def lost(settings: UpwardSettings, last: Message, now_ns: int, order: int = 0) -> Message:
    """The last report of a track that is no longer held, once more and saying so."""
    message = envelope(settings, now_ns)
    message.detection_report.CopyFrom(last.detection_report)
    message.detection_report.report_id = wire.ulid(
        now_ns, f"lost {last.detection_report.object_id}", order
    )
    message.detection_report.state = "lost"
    return message


def _where(said: Message, thing: Thing, now_ns: int) -> None:
    """Position and velocity; carried on the tangent plane, which is exact enough for some seconds."""
    ahead_s = min(max((now_ns - thing.time_ns) / NS_PER_S, 0.0), MAX_AHEAD_S)
    east, north, up = thing.velocity_enu_m_s
    known_up = up == up
    parallel_m = SEMI_MAJOR_M * max(cos(thing.latitude_rad), 1e-3)
    later = thing.sigma_velocity_m_s or (0.0, 0.0, 0.0)
    spread = [hypot(a, b * ahead_s) for a, b in zip(thing.sigma_enu_m, later, strict=True)]
    where = said.location
    where.x = (thing.longitude_rad + east * ahead_s / parallel_m) * DEG_PER_RAD
    where.y = (thing.latitude_rad + north * ahead_s / SEMI_MAJOR_M) * DEG_PER_RAD
    where.x_error = spread[0] / parallel_m * DEG_PER_RAD
    where.y_error = spread[1] / SEMI_MAJOR_M * DEG_PER_RAD
    if thing.height_ellipsoid_m == thing.height_ellipsoid_m:
        where.z = thing.height_ellipsoid_m + (up * ahead_s if known_up else 0.0)
        where.z_error = spread[2]
    where.coordinate_system, where.datum = _LAT_LNG_DEG_M, _ELLIPSOID
    velocity = said.enu_velocity
    velocity.east_rate, velocity.north_rate = east or NOT_NOUGHT, north or NOT_NOUGHT
    if known_up:
        velocity.up_rate = up
    if thing.sigma_velocity_m_s is not None:
        velocity.east_rate_error, velocity.north_rate_error = thing.sigma_velocity_m_s[:2]
        if known_up:
            velocity.up_rate_error = thing.sigma_velocity_m_s[2]


def _what(said: Message, thing: Thing, floor: float) -> None:
    """Every class with its probability (MULTI_CLASS), and how the object moves."""
    made: dict[str, Message] = {}
    for name, share in zip(CLASSES, thing.shares, strict=False):
        parent, sub = taxonomy.SAPIENT[name]
        if share < max(floor, SHARE_TOLD):
            continue
        if parent not in made:
            made[parent] = said.classification.add(type=parent, confidence=0.0)
        made[parent].confidence = min(1.0, made[parent].confidence + share)
        if sub:
            made[parent].sub_class.add(type=sub, confidence=min(1.0, share), level=1)
    for motion, share in zip(MOTIONS, thing.motions, strict=False):
        if WAYS[motion] and share >= SHARE_TOLD:
            said.object_info.add(type=WAYS[motion], value=f"{min(1.0, share):.3f}")


def envelope(settings: UpwardSettings, now_ns: int, destination_id: str = "") -> Message:
    """A new message of ours; nothing of an exercise can be mistaken for the real thing."""
    message = wire.envelope(settings.node_id, now_ns, destination_id)
    if settings.exercise:
        message.additional_information = EXERCISE
    return message


def _duration(said: Message, seconds: float) -> None:
    said.units, said.value = 4, seconds


def _location_type(said: Message) -> None:
    said.location_units, said.location_datum = _LAT_LNG_DEG_M, _ELLIPSOID
