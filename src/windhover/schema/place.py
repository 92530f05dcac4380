"""The place as the core sees it: read by `site` from a folder, passed in as structs.

What no library knows offline must be stated by the site: runways, ground elevation, geoid
undulation, the official border line. `None` means unknown, never zero.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["en", "es"]


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on the ellipsoid (WGS 84)."""

    latitude_rad: float
    longitude_rad: float


class Vertical(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ties the height datums together here; every field may be unknown."""

    undulation_m: float | None = None  # ellipsoid → mean sea level: altitude = height − undulation
    ground_altitude_amsl_m: float | None = None  # of the sector's flat ground; terrain comes later
    qnh_hpa: float | None = None  # turns barometric into mean-sea-level altitude, while it is fresh


class Sector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Origin and reach of one picture; its ENU frame is exact to about 150 km."""

    name: str
    origin: Point
    origin_height_ellipsoid_m: float
    radius_m: float
    vertical: Vertical = Vertical()


SensorKind = Literal[
    "radar_2d", "radar_3d", "adsb", "remote_id", "rf", "camera", "acoustic", "points"
]


class Sensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the sensor table. Its row number is `Detections.sensor`."""

    name: str
    kind: SensorKind
    position: Point
    height_ellipsoid_m: float
    range_min_m: float
    range_max_m: float
    period_s: float  # one revolution, or one report per object
    sigma_range_m: float = 0.0
    sigma_azimuth_rad: float = 0.0
    sigma_elevation_rad: float = 0.0
    sigma_position_m: float = 0.0  # of POSITION reports, horizontal
    sigma_height_m: float = 0.0
    detection_probability: float = 0.9  # inside coverage
    clutter_per_scan: float = 0.0  # mean number of false plots over the whole coverage
    horizon_elevation_rad: float = 0.0  # below it the sensor sees nothing
    latency_s: float = 0.0
    hears: tuple[str, ...] = ()  # what a receiver would hear: "adsb", "remote_id", "control_link"


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ground area that matters, with its height band above ground."""

    id: str
    name: str
    kind: Literal["critical", "aerodrome", "restricted", "border_strip", "friendly", "populated"]
    polygon: tuple[Point, ...]  # one closed ring without the repeated last point
    upper_height_ground_m: float


class Runway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two thresholds."""

    name: str
    threshold: Point
    opposite: Point


class Aerodrome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An aerodrome; its elevation may be unknown."""

    icao: str
    name: str
    reference: Point
    elevation_amsl_m: float | None
    runways: tuple[Runway, ...] = ()
    country: str = ""


class Border(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line between the site's state and its neighbour."""

    line: tuple[tuple[Point, ...], ...]  # polylines
    source: str
    official: bool
    sigma_m: float  # how far the line may be off; nearer than that the answer is "indeterminate"
    home_side: Point  # any place surely on the site's own side
    neighbour: str = ""  # ISO 3166 alpha-2


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who must be told, in their own language, and is waited for."""

    id: str
    name: str
    country: str  # ISO 3166 alpha-2
    language: Language
    kinds: tuple[
        str, ...
    ]  # "atc", "authority", "aerodrome", "hospital", "neighbour", "city", "military"
    address: str  # e-mail or channel; exercises use the reserved domain "example"
    local_timezone: str  # IANA name, for words only
    acknowledge_within_s: float = 300.0
    told_before_publication: bool = False


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the ladder of proportionate response (FACTS §4), as a site tunes it."""

    name: str  # "R0" … "R6"
    action: dict[str, str]  # language → words
    limit_s: float | None  # a proposal lapses after this unless renewed; None = no clock
    competent: str  # party id of the authority that decides and acts
    people: int = 1  # how many must agree


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The choices a site makes about thresholds; defaults are the house's."""

    ladder: tuple[Rung, ...]
    renew_reminder_s: float = 300.0
    second_person_after_s: float = 900.0
    margin_m: float = 500.0  # kept around an object's reach when a volume is drawn
    border_strip_m: float = 500.0
    known_match_m: float = 300.0  # a friend plan explains a track within this distance of its area
    default_exemptions: tuple[str, ...] = ("medevac", "search and rescue", "police", "military")


class ZoneRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From this instant on, clocks of a zone show UTC + `offset_s` and call it `abbreviation`."""

    from_ns: int
    offset_s: int
    abbreviation: str


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a picture must know about its place."""

    name: str
    country: str
    fir: str
    sector: Sector
    sensors: tuple[Sensor, ...]
    zones: tuple[Zone, ...]
    aerodromes: tuple[Aerodrome, ...]
    parties: tuple[Party, ...]
    policy: Policy
    border: Border | None = None
    local_timezone: str = "UTC"
    zone_rules: dict[str, tuple[ZoneRule, ...]] = {}  # IANA zone → its rules, oldest first
    exercise: bool = (
        False  # true: every output starts EXERCISE / EJERCICIO, no notice can look real
    )
