"""What `site.toml` may say, key by key, in the units that people use; the unit is in the key.

`docs/site.md` explains every key, and a test compares the two.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from windhover.schema.place import Language, SensorKind

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]


class SectorForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[sector]"""

    name: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    radius_km: Annotated[float, msgspec.Meta(gt=0, le=150)]
    height_ellipsoid_m: float | None = None
    undulation_m: Annotated[float, msgspec.Meta(ge=-110, le=90)] | None = None
    ground_altitude_amsl_m: float | None = None
    qnh_hpa: Annotated[float, msgspec.Meta(ge=850, le=1100)] | None = None


class SensorForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[sensor]]; its height is given in exactly one of three datums"""

    name: str
    kind: SensorKind
    latitude_deg: Latitude
    longitude_deg: Longitude
    range_max_km: Positive
    period_s: Positive
    height_ellipsoid_m: float | None = None
    altitude_amsl_m: float | None = None
    height_ground_m: float | None = None
    range_min_m: NotNegative = 0.0
    sigma_range_m: NotNegative = 0.0
    sigma_azimuth_deg: NotNegative = 0.0
    sigma_elevation_deg: NotNegative = 0.0
    sigma_position_m: NotNegative = 0.0
    sigma_height_m: NotNegative = 0.0
    detection_probability: Fraction = 0.9
    clutter_per_scan: NotNegative = 0.0
    horizon_elevation_deg: Annotated[float, msgspec.Meta(ge=-10, le=60)] = 0.0
    latency_s: NotNegative = 0.0
    hears: tuple[Literal["adsb", "remote_id", "control_link"], ...] = ()


class ZoneForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[zone]]; drawn in exactly one of three ways: a GeoJSON file, a circle, along the border"""

    id: str
    name: str
    kind: Literal["critical", "aerodrome", "restricted", "border_strip", "friendly", "populated"]
    upper_ft: Positive | None = None
    upper_m: Positive | None = None
    file: str | None = None
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    radius_km: Positive | None = None
    along_border_m: Positive | None = None


class RunwayForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[aerodrome.runway]]"""

    name: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    opposite_latitude_deg: Latitude
    opposite_longitude_deg: Longitude


class AerodromeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[aerodrome]]; reference and elevation are looked up by `icao` where not stated"""

    icao: Annotated[str, msgspec.Meta(pattern="^[A-Z][A-Z0-9]{3}$")]
    name: str | None = None
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    elevation_ft: float | None = None
    country: Country | None = None
    runway: tuple[RunwayForm, ...] = ()


class BorderForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[border]; the official line's `file`, or the IANA zones on either side"""

    neighbour: Country
    file: str | None = None
    home_timezones: tuple[str, ...] = ()
    neighbour_timezones: tuple[str, ...] = ()
    source: str | None = None
    sigma_m: Positive | None = None
    home_latitude_deg: Latitude | None = None
    home_longitude_deg: Longitude | None = None


class PartyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[party]]"""

    id: str
    name: str
    country: Country
    language: Language
    kinds: tuple[
        Literal[
            "atc", "authority", "aerodrome", "hospital", "neighbour", "city", "military", "border"
        ],
        ...,
    ]
    address: str
    local_timezone: str | None = None
    acknowledge_within_min: Positive = 5.0
    told_before_publication: bool = False


class RungForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[policy.rung]]; where a site states none, the house's ladder stands"""

    name: Literal["R0", "R1", "R2", "R3", "R4", "R5", "R6"]
    action_en: str
    action_es: str
    competent: str
    limit_min: Positive | None = None
    people: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


class PolicyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[policy]"""

    competent: str | None = None
    renew_reminder_min: Positive = 5.0
    second_person_after_min: Positive = 15.0
    margin_m: NotNegative = 500.0
    border_strip_m: NotNegative = 500.0
    known_match_m: Positive = 300.0
    default_exemptions: tuple[str, ...] = ("medevac", "search and rescue", "police", "military")
    rung: tuple[RungForm, ...] = ()


class SiteForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file itself"""

    name: str
    country: Country
    fir: str
    sector: SectorForm
    exercise: bool = False
    local_timezone: str | None = None
    border: BorderForm | None = None
    sensor: tuple[SensorForm, ...] = ()
    zone: tuple[ZoneForm, ...] = ()
    aerodrome: tuple[AerodromeForm, ...] = ()
    party: tuple[PartyForm, ...] = ()
    policy: PolicyForm = PolicyForm()


FORMS = (
    SiteForm,
    SectorForm,
    BorderForm,
    SensorForm,
    ZoneForm,
    AerodromeForm,
    RunwayForm,
    PartyForm,
    PolicyForm,
    RungForm,
)
