"""`load(folder) -> Site`: reads `site.toml` and the GeoJSON files it names."""

from __future__ import annotations

import math
import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from windhover.errors import BadSite
from windhover.schema.place import (
    Aerodrome,
    Border,
    Party,
    Point,
    Policy,
    Rung,
    Runway,
    Sector,
    Sensor,
    Site,
    Vertical,
    Zone,
)
from windhover.site import border as borders
from windhover.site import shapes
from windhover.site.clocks import zone_rules
from windhover.site.form import FORMS, AerodromeForm, SectorForm, SensorForm, SiteForm, ZoneForm
from windhover.site.ladder import house_ladder
from windhover.units import M_PER_FT, M_PER_KM, RAD_PER_DEG

FILE = "site.toml"


def load(folder: Path | str) -> Site:
    """The site of a folder (or of its `site.toml`).

    Raises `BadSite` with one line that names file and key, for anything missing, unknown or
    contradictory.
    """
    path = Path(folder)
    path = path / FILE if path.is_dir() else path
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise BadSite(f"{path}: {reason}.", "`windhover site init` writes an example.") from None
    return parse(text, path.parent)


def parse(text: str, folder: Path) -> Site:
    """The site written in `text`; files it names are looked for in `folder`."""
    try:
        form = msgspec.convert(_finite(tomllib.loads(text)), SiteForm)
    except tomllib.TOMLDecodeError as error:
        raise BadSite(f"{FILE}: is no TOML: {error}.") from None
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    site = _build(form, folder)
    zones = {site.local_timezone, *(party.local_timezone for party in site.parties)}
    return msgspec.structs.replace(site, zone_rules=zone_rules(zones))


def default(
    latitude_deg: float = 0.0, longitude_deg: float = 0.0, radius_km: float = 150.0
) -> Site:
    """A site for a recording that brings none: nothing is known of the place but where it is.

    One sensor row of kind "points"; the ground, the undulation and every party are unknown.
    """
    text = files("windhover.site").joinpath("data/default/site.toml").read_text("utf-8")
    site = parse(text, Path())
    origin = Point(latitude_deg * RAD_PER_DEG, longitude_deg * RAD_PER_DEG)
    sector = msgspec.structs.replace(
        site.sector, origin=origin, radius_m=min(radius_km, 150.0) * M_PER_KM
    )
    sensors = tuple(
        msgspec.structs.replace(sensor, position=origin, range_max_m=400.0 * M_PER_KM)
        for sensor in site.sensors
    )
    return msgspec.structs.replace(site, sector=sector, sensors=sensors)


def example_files() -> dict[str, str]:
    """File name → text of the commented example that `windhover site init` writes."""
    folder = files("windhover.site").joinpath("data/example")
    return {
        one.name: one.read_text("utf-8") for one in sorted(folder.iterdir(), key=lambda f: f.name)
    }


def _finite(value: Any, key: str = "") -> Any:
    """TOML knows nan and inf; a site does not."""
    if isinstance(value, float) and not math.isfinite(value):
        raise BadSite(
            f"{FILE}: {key}: must be a number, not {value}.", "Leave out what is unknown."
        )
    if isinstance(value, dict):
        for name, inner in value.items():
            _finite(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for row, inner in enumerate(value):
            _finite(inner, f"{key}[{row}]")
    return value


def _explained(message: str) -> BadSite:
    """msgspec's sentence → ours: file, key, what is wrong, what was probably meant."""
    what, _, where = message.partition(" - at `")
    where = where.rstrip("`").removeprefix("$").lstrip(".")
    place = f"{FILE}: {where}" if where else FILE
    named = re.search(r"`([^`]*)`", what)
    key = named[1] if named else ""
    if what.startswith("Object contains unknown field"):
        known = sorted({field.name for form in FORMS for field in msgspec.structs.fields(form)})
        near = get_close_matches(key, known, 1, 0.5)
        return BadSite(
            f"{place}: unknown key {key!r}.", f"Did you mean {near[0]!r}?" if near else ""
        )
    if what.startswith("Object missing required field"):
        return BadSite(f"{place}: the key {key!r} is missing.")
    return BadSite(f"{place}: {what[0].lower()}{what[1:].replace('`', '')}.")


def _build(form: SiteForm, folder: Path) -> Site:
    sector = _sector(form.sector)
    _unique("sensor", [one.name for one in form.sensor])
    _unique("zone", [one.id for one in form.zone])
    _unique("aerodrome", [one.icao for one in form.aerodrome])
    _unique("party", [one.id for one in form.party])
    border = _border(form, sector, folder)
    zone_name = _timezone(form.local_timezone, sector.origin, "local_timezone")
    return Site(
        name=form.name,
        country=form.country,
        fir=form.fir,
        sector=sector,
        sensors=tuple(_sensor(one, row, sector) for row, one in enumerate(form.sensor)),
        zones=tuple(_zone(one, sector, border, folder) for one in form.zone),
        aerodromes=tuple(_aerodrome(one) for one in form.aerodrome),
        parties=tuple(
            Party(
                one.id,
                one.name,
                one.country,
                one.language,
                tuple(one.kinds),
                one.address,
                _known_timezone(one.local_timezone, f"party {one.id}") or zone_name,
                one.acknowledge_within_min * 60.0,
                one.told_before_publication,
            )
            for one in form.party
        ),
        policy=_policy(form),
        border=border,
        local_timezone=zone_name,
        exercise=form.exercise,
    )


def _unique(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadSite(f"{FILE}: two {what} entries are called {name!r}.")


def _point(latitude_deg: float, longitude_deg: float) -> Point:
    return Point(latitude_deg * RAD_PER_DEG, longitude_deg * RAD_PER_DEG)


def _sector(form: SectorForm) -> Sector:
    height = form.height_ellipsoid_m
    if height is None:
        if form.ground_altitude_amsl_m is None or form.undulation_m is None:
            raise BadSite(
                f"{FILE}: sector: the key 'height_ellipsoid_m' is missing.",
                "Or state both 'ground_altitude_amsl_m' and 'undulation_m'.",
            )
        height = form.ground_altitude_amsl_m + form.undulation_m
    return Sector(
        form.name,
        _point(form.latitude_deg, form.longitude_deg),
        height,
        form.radius_km * M_PER_KM,
        Vertical(form.undulation_m, form.ground_altitude_amsl_m, form.qnh_hpa),
    )


def _sensor(form: SensorForm, row: int, sector: Sector) -> Sensor:
    place = f"{FILE}: sensor[{row}] {form.name!r}"
    vertical = sector.vertical
    given = [form.height_ellipsoid_m, form.altitude_amsl_m, form.height_ground_m]
    if sum(one is not None for one in given) != 1:
        raise BadSite(
            f"{place}: needs exactly one of 'height_ellipsoid_m', 'altitude_amsl_m', 'height_ground_m'."
        )
    height = form.height_ellipsoid_m
    if height is None:
        if vertical.undulation_m is None:
            raise BadSite(f"{place}: needs 'sector.undulation_m', or its own 'height_ellipsoid_m'.")
        altitude = form.altitude_amsl_m
        if altitude is None:
            if vertical.ground_altitude_amsl_m is None:
                raise BadSite(f"{place}: 'height_ground_m' needs 'sector.ground_altitude_amsl_m'.")
            altitude = vertical.ground_altitude_amsl_m + (form.height_ground_m or 0.0)
        height = altitude + vertical.undulation_m
    if form.range_min_m >= form.range_max_km * M_PER_KM:
        raise BadSite(f"{place}: 'range_min_m' lies beyond 'range_max_km'.")
    return Sensor(
        form.name,
        form.kind,
        _point(form.latitude_deg, form.longitude_deg),
        height,
        form.range_min_m,
        form.range_max_km * M_PER_KM,
        form.period_s,
        form.sigma_range_m,
        form.sigma_azimuth_deg * RAD_PER_DEG,
        form.sigma_elevation_deg * RAD_PER_DEG,
        form.sigma_position_m,
        form.sigma_height_m,
        form.detection_probability,
        form.clutter_per_scan,
        form.horizon_elevation_deg * RAD_PER_DEG,
        form.latency_s,
        tuple(form.hears),
    )


def _zone(form: ZoneForm, sector: Sector, border: Border | None, folder: Path) -> Zone:
    place = f"{FILE}: zone {form.id!r}"
    if (form.upper_ft is None) == (form.upper_m is None):
        raise BadSite(f"{place}: needs 'upper_ft' or 'upper_m' (above the ground), not both.")
    upper_m = form.upper_m if form.upper_ft is None else form.upper_ft * M_PER_FT
    circle = (form.latitude_deg, form.longitude_deg, form.radius_km)
    ways = (form.file, form.along_border_m, None if circle == (None,) * 3 else circle)
    if sum(way is not None for way in ways) != 1:
        raise BadSite(
            f"{place}: needs one shape: 'file', or 'latitude_deg', 'longitude_deg' and 'radius_km', or 'along_border_m'."
        )
    if form.file is not None:
        ring = shapes.polygon_of(folder / form.file, form.id)
    elif form.along_border_m is not None:
        if border is None:
            raise BadSite(f"{place}: 'along_border_m' needs a [border].")
        ring = shapes.strip(border.line, sector.origin, sector.radius_m, form.along_border_m)
    elif form.latitude_deg is None or form.longitude_deg is None or form.radius_km is None:
        raise BadSite(f"{place}: a circle needs 'latitude_deg', 'longitude_deg' and 'radius_km'.")
    else:
        ring = shapes.circle(form.latitude_deg, form.longitude_deg, form.radius_km * M_PER_KM)
    return Zone(form.id, form.name, form.kind, ring, float(upper_m or 0.0))


def _aerodrome(form: AerodromeForm) -> Aerodrome:
    known = _airports().get(form.icao, {})
    latitude = form.latitude_deg if form.latitude_deg is not None else known.get("lat")
    longitude = form.longitude_deg if form.longitude_deg is not None else known.get("lon")
    if latitude is None or longitude is None:
        raise BadSite(
            f"{FILE}: aerodrome {form.icao!r}: is not in airportsdata.",
            "State its 'latitude_deg' and 'longitude_deg'.",
        )
    elevation_ft = form.elevation_ft if form.elevation_ft is not None else known.get("elevation")
    return Aerodrome(
        form.icao,
        form.name or known.get("name") or form.icao,
        _point(latitude, longitude),
        None if elevation_ft is None else elevation_ft * M_PER_FT,
        tuple(
            Runway(
                one.name,
                _point(one.latitude_deg, one.longitude_deg),
                _point(one.opposite_latitude_deg, one.opposite_longitude_deg),
            )
            for one in form.runway
        ),
        form.country or known.get("country") or "",
    )


@cache
def _airports() -> dict[str, dict[str, Any]]:
    import airportsdata  # 28,000 aerodromes: read only where a site names one

    return dict(airportsdata.load("ICAO"))


def _border(form: SiteForm, sector: Sector, folder: Path) -> Border | None:
    stated = form.border
    if stated is None:
        return None
    if (stated.home_latitude_deg is None) != (stated.home_longitude_deg is None):
        raise BadSite(f"{FILE}: border: state both 'home_latitude_deg' and 'home_longitude_deg'.")
    home = (
        sector.origin
        if stated.home_latitude_deg is None or stated.home_longitude_deg is None
        else _point(stated.home_latitude_deg, stated.home_longitude_deg)
    )
    zones = bool(stated.home_timezones) and bool(stated.neighbour_timezones)
    if (stated.file is not None) == zones:
        raise BadSite(
            f"{FILE}: border: needs the official line's 'file', or 'home_timezones' and 'neighbour_timezones'."
        )
    if stated.file is None:
        return borders.border_from_timezones(
            stated.home_timezones,
            stated.neighbour_timezones,
            centre=sector.origin,
            radius_m=sector.radius_m,
            neighbour=stated.neighbour,
            home=home,
            sigma_m=stated.sigma_m or borders.UNOFFICIAL_SIGMA_M,
        )
    if stated.sigma_m is None:
        raise BadSite(f"{FILE}: border: the key 'sigma_m' is missing: how far may the line be off?")
    return borders.official(
        shapes.lines_of(folder / stated.file),
        source=stated.source or stated.file,
        sigma_m=stated.sigma_m,
        neighbour=stated.neighbour,
        home=home,
        centre=sector.origin,
        radius_m=sector.radius_m,
    )


def _known_timezone(name: str | None, what: str) -> str | None:
    if name is not None:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise BadSite(f"{FILE}: {what}: {name!r} is no IANA time zone.") from None
    return name


def _timezone(stated: str | None, origin: Point, what: str) -> str:
    if stated is None:
        from timezonefinder import TimezoneFinder  # its import alone takes a second

        stated = TimezoneFinder().timezone_at(
            lng=origin.longitude_rad / RAD_PER_DEG, lat=origin.latitude_rad / RAD_PER_DEG
        )
    return _known_timezone(stated, what) or "UTC"


def _policy(form: SiteForm) -> Policy:
    policy = form.policy
    parties = {one.id for one in form.party}
    authority = next((one.id for one in form.party if "authority" in one.kinds), "")
    if policy.competent is not None and policy.competent not in parties:
        raise BadSite(f"{FILE}: policy: no party is called {policy.competent!r}.")
    for rung in policy.rung:
        if rung.competent not in parties:
            raise BadSite(
                f"{FILE}: policy.rung {rung.name!r}: no party is called {rung.competent!r}."
            )
    _unique("policy.rung", [rung.name for rung in policy.rung])
    ladder = tuple(
        Rung(
            one.name,
            {"en": one.action_en, "es": one.action_es},
            None if one.limit_min is None else one.limit_min * 60.0,
            one.competent,
            one.people,
        )
        for one in policy.rung
    )
    return Policy(
        ladder or house_ladder(policy.competent or authority),
        policy.renew_reminder_min * 60.0,
        policy.second_person_after_min * 60.0,
        policy.margin_m,
        policy.border_strip_m,
        policy.known_match_m,
        tuple(policy.default_exemptions),
    )
