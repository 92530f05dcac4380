"""Texts → closures as the watch keeps them: issuer, country, size, centre, time of publication."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from functools import cache
from math import cos, hypot, pi
from typing import Any, Final

import msgspec
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import Polygon

from windhover.feeds.notices_texts import Item, places
from windhover.geo.ellipsoid import SEMI_MAJOR_M
from windhover.notices.notam import Area, Limit, Notam, decode, one_line
from windhover.schema.place import Point
from windhover.timescale import from_datetime
from windhover.units import DEG_PER_RAD, M_PER_FLIGHT_LEVEL, M_PER_NM
from windhover.watch.brief import Near
from windhover.watch.closure import Closure, Shape

_OFFICE: Final = re.compile(r"(?<![A-Z])([A-Z]{4})\s+[A-Z]{1,2}\d{4}/\d{2}\s+NOTAM")
_CREATED: Final = re.compile(
    r"CREATED:\s*(\d{1,2}) (JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]* (\d{4}) (\d{2}):(\d{2})"
)
_ISSUED_XML: Final = re.compile(r"<dateIssued>\s*([0-9T:.\-Z]{16,30})\s*</dateIssued>")
_MONTHS: Final = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_US: Final = ("FDC", "DOM", "XML")
_REACH_NM: Final = 25.0  # beyond the area, for aerodromes named "near"


def closure_of(item: Item) -> Closure | None:
    """One text read; None where it is no notice."""
    text = item.text
    notam = decode(text, places() if "RADIUS OF" in text else None)
    if item.known and not notam.id:
        notam = msgspec.structs.replace(notam, id=item.known.removeprefix("FDC").strip())
    if not notam.ok:
        return None
    return _closure(notam, item.published_ns)


def _closure(notam: Notam, published_ns: int | None) -> Closure:
    q = notam.q
    firs = tuple(dict.fromkeys([q.fir] if q and q.fir else []))
    office = _OFFICE.search(notam.raw, 0, 300)
    if notam.kind in _US or notam.account:
        key, account, country = "US", notam.account or "FDC", "US"
        issuer = "FAA"
        prefix = account
    else:
        letters = (firs or notam.item_a or ("",))[0]
        country = country_of(office.group(1) if office else letters)
        prefix = office.group(1) if office else letters[:2]
        key = prefix
        issuer = "FAA" if country == "US" else (office.group(1) if office else letters)
        if office and office.group(1) == "KICZ":
            issuer = "FAA (KICZ, international security advisories)"
    if notam.id:
        key = f"{prefix} {notam.id}"
    else:
        # Without a number the text itself is all that tells two notices apart.
        key = f"text {zlib.crc32(' '.join(notam.raw.split()).encode()):08x}"
    drawn = [a for a in notam.areas if not a.excluded]
    # 999 NM is what many offices write where they do not say: the drawn area counts then.
    stated = q is not None and q.centre is not None and bool(q.radius_nm) and q.radius_nm != 999
    middle = _middle(drawn)
    centre = q.centre if q and q.centre and (stated or middle is None) else middle
    radius_nm = float(q.radius_nm) if q and q.radius_nm and stated else _reach_nm(drawn, centre)
    if radius_nm is None and q and q.radius_nm:
        radius_nm = float(q.radius_nm)
    return Closure(
        key=key,
        number=notam.id or "(no number)",
        refers=f"{prefix} {notam.refers.removeprefix('FDC').strip()}" if notam.refers else "",
        form=notam.kind or "N",
        issuer=issuer,
        country=country,
        q_code=q.code if q else "",
        firs=firs,
        places=notam.item_a,
        published_ns=_created(notam.raw) or published_ns,
        from_ns=notam.from_ns,
        to_ns=notam.to_ns,
        permanent=notam.permanent,
        estimated=notam.estimated,
        intervals=len(notam.intervals) if notam.item_d else 0,
        lower=notam.lower.text if notam.lower else "",
        upper=notam.upper.text if notam.upper else "",
        upper_fl=float(q.upper_fl)
        if q and q.upper_fl is not None
        else _level(_highest(notam, drawn)),
        radius_nm=radius_nm,
        centre=centre,
        shapes=tuple(_shape(a) for a in notam.areas if a.kind not in ("point", "line")),
        legal_basis=notam.legal_basis,
        text=notam.item_e,
        raw=notam.raw,
        plain=one_line(notam),
        warnings=notam.warnings,
        traffic=q.traffic if q else "",
        exercise=notam.exercise,
        draft=notam.draft,
    )


def _created(raw: str) -> int | None:
    found = _CREATED.search(raw)
    if found:
        day, month, year, hour, minute = found.groups()
        try:
            at = datetime(
                int(year),
                _MONTHS.index(month) // 3 + 1,
                int(day),
                int(hour),
                int(minute),
                tzinfo=UTC,
            )
        except ValueError:
            return None
        return from_datetime(at)
    issued = _ISSUED_XML.search(raw) if raw.lstrip().startswith("<") else None
    if issued:
        from windhover.feeds.notices_texts import moment

        return moment(issued.group(1))
    return None


def _highest(notam: Notam, areas: list[Area]) -> Limit | None:
    uppers = [a.upper for a in areas if a.upper is not None]
    known = [u for u in uppers if u.metres is not None]
    if any(u.datum == "UNL" for u in uppers):
        return next(u for u in uppers if u.datum == "UNL")
    return max(known, key=lambda u: u.metres or 0.0) if known else notam.upper


def _level(limit: Limit | None) -> float | None:
    """Flight level that is not below the limit; 999 for unlimited; metres above ground count as they are."""
    if limit is None or limit.datum == "SFC":
        return None
    if limit.datum == "UNL":
        return 999.0
    return None if limit.metres is None else float(-(-(limit.metres - 0.5) // M_PER_FLIGHT_LEVEL))


def _corners(area: Area) -> tuple[Point, ...]:
    return area.ring or ((area.centre,) if area.centre else ())


def _middle(areas: list[Area]) -> Point | None:
    points = [p for a in areas for p in _corners(a)]
    if not points:
        return None
    lat = [p.latitude_rad for p in points]
    first = points[0].longitude_rad
    east = [((p.longitude_rad - first + pi) % (2 * pi)) - pi for p in points]
    lon = first + (min(east) + max(east)) / 2
    return Point((min(lat) + max(lat)) / 2, (lon + pi) % (2 * pi) - pi)


def apart_nm(a: Point, b: Point) -> float:
    """On the sphere and flat: good to a percent over the sizes that closures have."""
    east = ((b.longitude_rad - a.longitude_rad + pi) % (2 * pi)) - pi
    middle = (a.latitude_rad + b.latitude_rad) / 2
    return hypot(east * cos(middle), b.latitude_rad - a.latitude_rad) * SEMI_MAJOR_M / M_PER_NM


def _reach_nm(areas: list[Area], centre: Point | None) -> float | None:
    """Radius of the circle about the centre that covers all areas, as a Q-line would say it."""
    if centre is None:
        return None
    reach = [
        apart_nm(centre, p) + ((a.radius_m or 0.0) / M_PER_NM if a.kind == "circle" else 0.0)
        for a in areas
        if a.kind != "point"
        for p in _corners(a)
    ]
    return max(reach) if reach else None


def _shape(area: Area) -> Shape:
    return Shape(
        area.ring,
        area.centre,
        area.radius_m,
        area.lower.text if area.lower else "",
        area.upper.text if area.upper else "",
        area.excluded,
        area.uncertain,
    )


@cache
def _aerodromes() -> list[tuple[str, str, str, Point]]:
    """(code, name, country, position) of every aerodrome with an ICAO code."""
    import airportsdata

    table: dict[str, Any] = airportsdata.load("ICAO")
    return [
        (
            code,
            row["name"],
            row["country"],
            Point(row["lat"] / DEG_PER_RAD, row["lon"] / DEG_PER_RAD),
        )
        for code, row in sorted(table.items())
        if row["iata"] or (len(code) == 4 and code.isalpha())
    ]


@cache
def _countries() -> dict[str, str]:
    """First letters of ICAO location indicators → the country most of them lie in."""
    counts: dict[str, dict[str, int]] = {}
    for code, _, country, _ in _aerodromes():
        for letters in (code[:1], code[:2]):
            row = counts.setdefault(letters, {})
            row[country] = row.get(country, 0) + 1
    return {letters: max(sorted(row), key=lambda c: row[c]) for letters, row in counts.items()}


def country_of(location: str) -> str:
    """'EGTT' → GB; "" where the letters tell nothing."""
    known = _countries()
    if not location[:4].isalpha() or len(location) < 2:
        return ""
    return known.get(location[:2]) or known.get(location[:1], "")


def near(closure: Closure) -> tuple[Near, ...]:
    """Aerodromes in its areas (in its circle, where none is drawn) and close to them, nearest first."""
    centre = closure.centre
    if centre is None or closure.radius_nm is None or closure.radius_nm >= 999:
        return ()
    reach = closure.radius_nm
    out = []
    for code, name, country, place in _aerodromes():
        if abs(place.latitude_rad - centre.latitude_rad) * 3438 > reach + _REACH_NM:
            continue
        apart = apart_nm(centre, place)
        if apart <= reach + _REACH_NM:
            out.append(
                Near(
                    code,
                    name,
                    country,
                    apart,
                    _inside(closure, place, apart),
                    place.latitude_rad * DEG_PER_RAD,
                    place.longitude_rad * DEG_PER_RAD,
                )
            )
    return tuple(sorted(out, key=lambda n: (n.distance_nm, n.code)))


def _inside(closure: Closure, place: Point, from_centre_nm: float) -> bool:
    shapes = [s for s in closure.shapes if not s.excluded]
    if not shapes:
        return from_centre_nm <= (closure.radius_nm or 0.0)
    for shape in shapes:
        if shape.ring:
            first = shape.ring[0].longitude_rad
            ring = [(_east(p, first), p.latitude_rad) for p in shape.ring]
            if (
                Polygon(ring)
                .buffer(0)
                .contains(ShapelyPoint(_east(place, first), place.latitude_rad))
            ):
                return True
        elif (
            shape.centre is not None
            and shape.radius_m is not None
            and apart_nm(shape.centre, place) <= shape.radius_m / M_PER_NM
        ):
            return True
    return False


def _east(point: Point, first: float) -> float:
    return ((point.longitude_rad - first + pi) % (2 * pi)) - pi
