"""What a site states of the SAPIENT nodes that may connect to it."""

from __future__ import annotations

import msgspec

from windhover.detections.sapient import Tolerances


class SapientNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sensor node that may connect, as a site declares it."""

    node_id: str  # the UUID that it registers with
    sensor: str  # name of its row in the site's sensor table
    heading_deg: float | None = None  # its own north, clockwise from true north
    declination_deg: float | None = None  # magnetic north there, clockwise from true north
    clock_ahead_s: float = 0.0  # of its clock, as a person has found
    legal_basis: str = ""  # a radio node stays off without …
    basis_recorded_by: str = ""  # … and without the name of who recorded it


class SapientSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fusion node of a site."""

    name: str
    address: str  # host:port to listen at
    node_id: str  # our own
    nodes: tuple[SapientNode, ...] = ()
    tolerances: Tolerances = Tolerances()
    strangers_as: str = ""  # sensor row for nodes that are not named; '' refuses them
    outward: bool = False  # connect to a middleware at the address instead of listening there
    middleware: bool = False  # one line may carry many nodes; always so outward
