"""aviconv-notam beside our reader: the same texts, the same hand-worked areas, our own notices read back.

The peer is in the extra `peers` (MIT). Its own words count: accepted is "no error raised", a schedule
is understood where it reports no error and at least one period.
"""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from math import atan2, cos, degrees, hypot, pi, radians, sin
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from windhover.errors import BadInput
from windhover.geo.ellipsoid import SEMI_MAJOR_M
from windhover.notices.notam import Area, Draft, decode, encode
from windhover.notices.notam.draw import circle
from windhover.schema.cases import Volume
from windhover.schema.place import Point
from windhover.timescale import from_datetime
from windhover.units import M_PER_FT, NS_PER_MIN

HOW: Final = "aviconv-notam is not installed here: `pip install windhover[peers]` and run again"
Parse = Callable[[str], Any]
_MAY_DIFFER: Final = 0.01  # of an area
_BLOCK: Final = 100  # texts that one reader reads before the next has its turn
_PASSES: Final = 6


def peer() -> Parse | None:
    """aviconv-notam's parser, where it is installed."""
    try:
        found = importlib.import_module("aviconv_notam.parser").parse
    except ImportError:
        return None
    return found  # type: ignore[no-any-return]


def texts_per_s(readers: dict[str, Parse], raws: list[str]) -> dict[str, float]:
    """Texts a second of processor time for each reader, side by side on a machine that may be busy.

    Blocks of texts are read by each in turn, six times over; of each block the quickest time counts.
    As a reader of a stream works: one after another, none kept.
    """
    blocks = [raws[k : k + _BLOCK] for k in range(0, len(raws), _BLOCK)]
    least = {name: [float("inf")] * len(blocks) for name in readers}
    for read in readers.values():
        _spent(read, raws[:200])
    gc.collect()
    for _ in range(_PASSES):
        for k, block in enumerate(blocks):
            for name, read in readers.items():
                least[name][k] = min(least[name][k], _spent(read, block))
    return {name: len(raws) / max(sum(times), 1e-9) for name, times in least.items()}


def _spent(read: Parse, raws: list[str]) -> float:
    began = time.process_time()
    for text in raws:
        try:
            read(text)
        except Exception:
            continue
    return time.process_time() - began


def measure(parse: Parse, raws: list[str], with_schedule: int) -> dict[str, Any]:
    """The peer's figures on one corpus; `with_schedule` texts have an item D."""
    accepted = schedules = 0
    for text in raws:
        try:
            read = parse(text)
        except Exception:
            continue
        accepted += 1
        schedules += bool(read.schedule.periods) and not read.schedule.parse_error
    return {
        "accepted_percent": 100 * accepted / max(1, len(raws)),
        "schedules_percent": 100 * schedules / max(1, with_schedule),
    }


def hand_worked(
    golden: Path, corpora: dict[str, dict[str, str]], parse: Parse | None
) -> dict[str, Any]:
    """How many of the hand-worked notices get the right areas: all of them, and to 1 % in size."""
    ours = theirs = count = 0
    try:
        _geod()
    except ImportError:
        raise BadInput("Hand-worked areas are compared with pyproj.", "Install it.") from None
    try:
        rows = [msgspec.json.decode(line) for line in golden.read_bytes().splitlines()]
    except (OSError, msgspec.DecodeError) as wrong:
        raise BadInput(f"{golden} cannot be read: {wrong}.") from None
    for row in rows:
        text = corpora.get(row["corpus"], {}).get(row["id"])
        if text is None:
            continue
        count += 1
        wanted = [(a["area_km2"], a["excluded"]) for a in row["areas"]]
        areas = [a for a in decode(text).areas if a.kind not in ("point", "line")]
        ours += _alike([(_area_km2(a), a.excluded) for a in areas], wanted)
        if parse is None:
            continue
        try:
            ring = parse(text).geometry.polygon
        except Exception:
            continue
        drawn = [(_ring_km2([(radians(a), radians(b)) for a, b in ring]), False)] if ring else []
        theirs += _alike(drawn, wanted)
    out: dict[str, Any] = {"notices": count, "windhover_right": ours}
    if parse is not None:
        out["aviconv_notam_right"] = theirs
    return out


def _alike(drawn: list[tuple[float, bool]], wanted: list[tuple[float, bool]]) -> bool:
    return len(drawn) == len(wanted) and all(
        a[1] == b[1] and abs(a[0] - b[0]) <= _MAY_DIFFER * b[0]
        for a, b in zip(drawn, wanted, strict=True)
    )


def _area_km2(area: Area) -> float:
    ring = area.ring
    if area.kind == "circle" and area.centre is not None and area.radius_m is not None:
        ring = circle(area.centre, area.radius_m, 360)
    holes = sum(_ring_km2([(p.latitude_rad, p.longitude_rad) for p in h]) for h in area.holes)
    return _ring_km2([(p.latitude_rad, p.longitude_rad) for p in ring]) - holes


def _ring_km2(ring: list[tuple[float, float]]) -> float:
    """Of (latitude, longitude) in rad, edges along geodesics (pyproj)."""
    lats = [degrees(lat) for lat, _ in ring]
    lons = [degrees(lon) for _, lon in ring]
    return abs(float(_geod().polygon_area_perimeter(lons, lats)[0])) / 1e6


@cache
def _geod() -> Any:
    return importlib.import_module("pyproj").Geod(ellps="WGS84")


def written_back(count: int, parse: Parse | None) -> dict[str, Any]:
    """Notices that we wrote of made-up restrictions, read by ourselves and by the peer."""
    random = np.random.default_rng(20261122)
    ours = theirs = 0
    for k in range(count):
        draft = _draft(random, k)
        text = encode(draft)
        read = decode(text)
        ours += (read.from_ns, read.to_ns, read.id) == (draft.from_ns, draft.to_ns, draft.number)
        if parse is None:
            continue
        try:
            # It knows no brackets around a notice (Annex 15 has them).
            theirs += _same(parse(text.strip().removeprefix("(").removesuffix(")")), draft, read)
        except Exception:
            continue
    out: dict[str, Any] = {"notices": count, "windhover_same": ours}
    if parse is not None:
        out["aviconv_notam_same"] = theirs
    return out


def _draft(random: np.random.Generator, k: int) -> Draft:
    lat, lon = random.uniform(-60, 60), random.uniform(-179, 179)
    start = 29_400_000 + int(random.integers(0, 500_000))
    upper_m = float(random.integers(10, 400)) * 100 * M_PER_FT
    centre = Point(radians(lat), radians(lon))
    if k % 2:
        volume = Volume((), upper_m, None, centre, float(random.uniform(500, 60_000)))
    else:
        reach = random.uniform(2_000, 60_000) / SEMI_MAJOR_M
        turns = [2 * pi * i / 7 for i in range(7)]
        ring = tuple(
            Point(
                centre.latitude_rad + reach * cos(t),
                centre.longitude_rad + reach * sin(t) / cos(centre.latitude_rad),
            )
            for t in turns
        )
        volume = Volume(ring, upper_m, None)
    return Draft(
        fir="KZAB",
        volume=volume,
        from_ns=start * NS_PER_MIN,
        to_ns=(start + int(random.integers(5, 20_000))) * NS_PER_MIN,
        reason_words="UAS REPORTED",
        number=f"A{1000 + k % 9000:04d}/26",
    )


def _same(read: Any, draft: Draft, ours: Any) -> bool:
    """Number, times to the minute, Q-circle and levels, limits' words, and a polygon's corners to 40 m."""
    assert draft.volume is not None and ours.q is not None and ours.q.centre is not None
    when = (_ns(read.effective_from), _ns(read.effective_to))
    q = read.q_line
    circle_same = (
        abs(q.centre_lat - degrees(ours.q.centre.latitude_rad)) < 1e-6
        and abs(q.centre_lon - degrees(ours.q.centre.longitude_rad)) < 1e-6
        and (q.radius_nm, q.lower_fl, q.upper_fl)
        == (ours.q.radius_nm, ours.q.lower_fl, ours.q.upper_fl)
    )
    limits = (read.lower_limit, read.upper_limit) == (ours.item_f, ours.item_g)
    corners = True
    if draft.volume.polygon:
        ring = list(read.geometry.polygon or ())[: len(draft.volume.polygon)]
        corners = len(ring) == len(draft.volume.polygon) and all(
            _apart_m(a, b) < 40.0 for a, b in zip(ring, draft.volume.polygon, strict=True)
        )
    return bool(
        read.identifier == draft.number
        and when == (draft.from_ns, draft.to_ns)
        and circle_same
        and limits
        and corners
    )


def _ns(moment: datetime) -> int:
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _apart_m(place: tuple[float, float], corner: Point) -> float:
    north = radians(place[0]) - corner.latitude_rad
    east = radians(place[1]) - corner.longitude_rad
    east = atan2(sin(east), cos(east)) * cos(corner.latitude_rad)
    return hypot(north, east) * SEMI_MAJOR_M
