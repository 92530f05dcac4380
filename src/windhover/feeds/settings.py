"""What a site states of its feeds, and what a statement must hold before a feed may run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import msgspec

from windhover.detections.sapient import Tolerances
from windhover.errors import BadSite

Transport = Literal["tcp", "udp", "http", "file", "mqtt", "listen", "interface"]
CAPTURING: Final = ("remote_id_pcap",)
"""Forms that are read off the air by a receiver of the site's own, whatever its settings say."""


class SapientNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sensor node that may connect, as a site declares it."""

    node_id: str  # the UUID that it registers with
    sensor: str  # name of its row in the site's sensor table
    heading_deg: float | None = None  # its own north, clockwise from true north
    declination_deg: float | None = None  # magnetic north there, clockwise from true north
    clock_ahead_s: float = 0.0  # of its clock, as a person has found
    legal_basis: str = ""  # a radio node stays off without …
    basis_recorded_by: str = ""  # … and without the name of who recorded it


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One feed as a site declares it."""

    name: str
    form: str  # a key of `detections.DECODERS` or `streams.STREAMS`
    transport: Transport
    address: str  # host:port, group:port, URL, path, mqtt://host:port/topic, or an interface's name
    sensor: str = ""  # name of its row in the site's sensor table; form "weather" has none
    every_s: float = 1.0  # how often http and file are asked
    place: tuple[float, float, float] | None = (
        None  # form "weather": where an instrument stands whose file tells none: °, °, m amsl
    )
    captures_signalling: bool = False
    decodes_content: bool = False
    legal_basis: str = ""
    basis_recorded_by: str = ""  # the named person; without, a feed that captures stays off
    content_allowed_by: str = ""  # the second switch
    clock_ahead_s: float = 0.0  # of the source, as a person has found: taken off its times
    node_id: str = ""  # form "sapient": our own, a UUID of version 4
    nodes: tuple[SapientNode, ...] = ()  # form "sapient": who may connect
    middleware: bool = False  # form "sapient": one line carries many nodes
    strict: bool = False  # form "sapient": the tolerances of the strictest known peers
    tolerances: Tolerances | None = None  # form "sapient": each by itself, instead of `strict`
    password_file: str = ""  # of the user that an mqtt address names
    authority: str = ""  # certificate of the broker's authority, where it is not a public one

    def __post_init__(self) -> None:
        """A basis that is recorded under a name must be of one feed, or of one node, alone."""
        if "/" in self.name:
            raise ValueError(f"feed {self.name!r}: its name holds a '/', which parts feed and node")
        sensors = [node.sensor for node in self.nodes]
        if len(set(sensors)) != len(sensors):
            raise ValueError(f"feed {self.name!r}: two of its nodes name the same sensor")


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


def captures(settings: FeedSettings) -> bool:
    """Whether a feed takes signalling off the air: by its settings, its form, or its site's word."""
    return settings.captures_signalling or settings.form in CAPTURING


class Answer(NamedTuple):
    """Who answers for what a feed does to signals, or one radio node of it, and how its clock is corrected."""

    sensor: str
    captures_signalling: bool
    decodes_content: bool
    legal_basis: str
    basis_recorded_by: str
    content_allowed_by: str
    clock_ahead_s: float


UNKNOWN_FEED: Final = Answer("", False, False, "", "", "", 0.0)


def node_key(feed: str, node: SapientNode) -> str:
    """The name under which a SAPIENT node's basis is recorded: each radio node has its own."""
    return f"{feed}/{node.sensor}"


def answers_for(settings: FeedSettings) -> Iterator[tuple[str, Answer]]:
    """The feed by its name, and each SAPIENT node of it by `node_key`."""
    one = settings
    yield (
        one.name,
        Answer(
            one.sensor, captures(one), one.decodes_content, one.legal_basis,
            one.basis_recorded_by, one.content_allowed_by, one.clock_ahead_s,
        ),
    )  # fmt: skip
    for node in one.nodes:
        radio = bool(node.legal_basis or node.basis_recorded_by)
        yield (
            node_key(one.name, node),
            Answer(
                node.sensor, radio, False, node.legal_basis, node.basis_recorded_by, "",
                node.clock_ahead_s,
            ),
        )  # fmt: skip


def held_back(settings: FeedSettings) -> str:
    """Why a feed may not run, or ''. Law differs; the rule that a named person answers for it does not."""
    if captures(settings) and not (settings.legal_basis and settings.basis_recorded_by):
        return "off: it captures signalling, and no named person has recorded the legal basis"
    if settings.decodes_content and not settings.content_allowed_by:
        return "off: it decodes content, and no named person has allowed that"
    return ""


def split_address(address: str) -> tuple[str, int]:
    """'host:port' → its parts. Raises `BadSite`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise BadSite(f"{address!r} is no address.", "Write it as host:port.")
    return host.strip("[]"), int(port)
