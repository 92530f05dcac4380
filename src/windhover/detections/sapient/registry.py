"""What a fusion node remembers of its nodes, across their connections."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from windhover.detections.clocks import ClockWatch
from windhover.detections.sapient import place
from windhover.detections.sapient.check import Tolerances
from windhover.detections.sapient.place import Standing
from windhover.detections.sapient.tasks import NodeKind
from windhover.detections.sapient.wire import Message
from windhover.schema.place import Sensor, Vertical
from windhover.units import NS_PER_S

MAX_INTERVAL_S: Final = 3600.0
MAX_KNOWN: Final = 1000
_SECONDS: Final = {1: 1e-9, 2: 1e-6, 3: 1e-3, 4: 1.0, 5: 60.0, 6: 3600.0, 7: 86_400.0}
_PASSIVE_RF: Final = 8


class FusionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How we behave as a fusion node towards the nodes below us."""

    node_id: str  # our own, a UUID of version 4
    tolerances: Tolerances = Tolerances()
    missed_intervals: int = 3  # status reports that may be missed before the line is closed
    memory_s: float = 120.0  # a node may come back within this without registering again
    registration_within_s: float = 30.0  # of a new connection
    half_message_s: float = 10.0  # the other half of a message must come within this
    errors_per_s: int = 10  # more are counted, not answered


class Plan(NamedTuple):
    """What the site states of one node that may connect."""

    sensor: int  # row of the site's sensor table
    sensor_info: Sensor
    heading_rad: float | None = None  # the platform's own north, clockwise from true
    declination_rad: float | None = None
    clock_ahead_s: float = 0.0  # taken off every time that the node states
    rf_basis: bool = False  # a named person has recorded the legal basis for a radio node


class Known:
    """One node: what it declared and how it does. Changed in place by its session."""

    def __init__(self, node_id: str, plan: Plan) -> None:
        self.node_id, self.plan = node_id, plan
        self.address = node_id  # as it spells itself: middlewares compare letter by letter
        self.kind = NodeKind((), "", ())
        self.name = ""
        self.interval_s = 0.0
        self.zone = ""  # UTM zone that its detections are declared in
        self.mode = ""
        self.connected = False
        self.generation = 0  # counts connections: an old line must not close a new one
        self.heard_ns = 0
        self.status_ns = 0
        self.closed_ns = 0
        self.listening = False
        self.last_detection_ns = 0
        self.detections = 0
        self.clock = ClockWatch()
        self.clock_told = False  # that it is wrong, since it was last right
        self.tasks: dict[str, str] = {}  # task id → last acknowledged status, newest last
        position = plan.sensor_info.position
        self.standing = Standing(
            position.latitude_rad,
            position.longitude_rad,
            plan.sensor_info.height_ellipsoid_m,
            plan.heading_rad,
            plan.declination_rad,
        )

    def remembered(self, now_ns: int, memory_s: float) -> bool:
        """Whether the node's registration still holds although its line was lost."""
        return (
            not self.connected
            and self.interval_s > 0.0
            and self.closed_ns > 0
            and now_ns - self.closed_ns <= memory_s * NS_PER_S
        )

    def alive(self, now_ns: int) -> bool:
        """Whether its line carried anything within one status interval."""
        return self.connected and now_ns - self.heard_ns <= self.interval_s * NS_PER_S

    def moved_to(self, location: Message, vertical: Vertical) -> str:
        """The node says where it stands. Returns why that was not used, or ''."""
        spot, reason = place.of_location(location, self.plan.sensor_info, vertical, self.zone)
        if spot is None:
            return reason
        latitude, longitude, height = spot.value
        info = self.plan.sensor_info
        away_m = place.distance_m(
            latitude, longitude, info.position.latitude_rad, info.position.longitude_rad
        )
        limit = max(place.MOVED_M, 3.0 * max(spot.variance[0], spot.variance[1]) ** 0.5)
        if away_m <= limit:
            # The site's own survey is better than what the node repeats of it.
            height = info.height_ellipsoid_m
            latitude, longitude = info.position.latitude_rad, info.position.longitude_rad
        self.standing = self.standing._replace(
            latitude_rad=latitude,
            longitude_rad=longitude,
            height_ellipsoid_m=height,
            moved=away_m > limit,
        )
        return reason


class Registry:
    """All nodes that ever registered here, by node id, and those that may."""

    def __init__(
        self,
        settings: FusionSettings,
        plans: dict[str, Plan],
        vertical: Vertical,
        others: Plan | None = None,
    ) -> None:
        """`plans` by node id. `others`: what stands for a node that the site does not name; None
        refuses it.
        """
        self.settings, self.vertical, self.others = settings, vertical, others
        self.plans = {node_id.lower(): plan for node_id, plan in plans.items()}
        self.known: dict[str, Known] = {}

    def plan_of(self, node_id: str) -> Plan | None:
        return self.plans.get(node_id.lower(), self.others)

    def enter(self, known: Known) -> Known:
        """Remember a node; strangers cannot fill the memory, the longest absent goes first."""
        self.known.pop(known.node_id, None)
        self.known[known.node_id] = known
        if len(self.known) > MAX_KNOWN:
            gone = [one for one in self.known.values() if not one.connected and one is not known]
            if gone:
                del self.known[min(gone, key=lambda one: one.closed_ns).node_id]
        return known

    def heard_already(self, report: Message) -> bool:
        """Whether a report is made of what came here itself: from a node of ours, or from us.

        A fusion node below us may hear the same sensors, or our own tracks: counted again, one
        observation would look like two that agree.
        """
        ours = self.settings.node_id.lower()
        for one in (*report.derived_detection, *report.associated_detection):
            node_id = one.node_id.lower()
            known = self.known.get(node_id)
            if node_id == ours or (known is not None and known.connected):
                return True
        return False

    def effectors(self) -> frozenset[str]:
        """Node ids of everything that registered as an effector."""
        return frozenset(one.node_id for one in self.known.values() if one.kind.effector)


def status_interval_s(registration: Message) -> float | None:
    """The declared time between status reports in s; None where it cannot be meant."""
    interval = registration.status_definition.status_interval
    seconds = interval.value * _SECONDS.get(interval.units, 0.0)
    return float(seconds) if 0.0 < seconds <= MAX_INTERVAL_S else None


def declared_zone(registration: Message) -> str:
    """The UTM zone that detections are declared in, where they are."""
    for mode in registration.mode_definition:
        for definition in mode.detection_definition:
            if definition.location_type.zone:
                return str(definition.location_type.zone)
    return ""


def first_mode(registration: Message) -> str:
    """The mode a node begins in: its default, or else its first."""
    modes = registration.mode_definition
    default = next((m for m in modes if m.mode_type == 3), modes[0] if modes else None)
    return str(default.mode_name) if default is not None else ""


def policy_fault(registration: Message, plan: Plan | None) -> str:
    """Why a well-formed registration is refused all the same, or ''."""
    if plan is None:
        return "this node is not among those that the site states"
    if status_interval_s(registration) is None:
        return (
            "registration.status_definition.status_interval.value: "
            f"must be more than 0 and at most {MAX_INTERVAL_S:g} s"
        )
    listens = any(node.node_type == _PASSIVE_RF for node in registration.node_definition)
    if listens and not plan.rf_basis:
        return "a radio node stays off until a named person has recorded the legal basis"
    return ""
