"""Baselines of usual closures: built from any archive, kept as numbers without a word of the notices.

A file holds, for each kind of closure, one row of seven numbers an activation (`watch.traits.NAMES`)
and how many a week there were; no text, no number, no position. The one that is shipped was computed
by `builders/watch_baseline.py` from the metadata of a public archive of British notices.
"""

from __future__ import annotations

import csv
import lzma
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from math import isnan
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windhover.errors import BadInput, WindhoverError
from windhover.feeds.notices_texts import unpacked
from windhover.schema.cases import Words
from windhover.timescale import from_iso
from windhover.units import NS_PER_H
from windhover.watch.closure import Closure, kind_of_code, traits_of
from windhover.watch.replay import WEEK_NS, Past
from windhover.watch.traits import KINDS, NAMES, Kind, Traits, at_night, past_row
from windhover.watch.unusual import Baseline, baseline

HERE_NM: Final = 10.0  # two activations no farther apart were at the same place
YEAR_NS: Final = 52 * WEEK_NS
_CENTRE: Final = re.compile(r"(\d{2})(\d{2})([NS])(\d{3})(\d{2})([EW])")


class Kept(msgspec.Struct, frozen=True):
    """One kind's past, as in the file."""

    per_week: float
    rows: list[list[float | None]]  # None = not known


class BaselineFile(msgspec.Struct, frozen=True):
    """What the file holds."""

    name: Words
    country: str
    source: str
    kinds: dict[str, Kept]


class Row(NamedTuple):
    """One past activation on its way into a baseline."""

    kind: Kind
    published_ns: int
    traits: Traits
    lat_deg: float
    lon_deg: float


def shipped() -> dict[Kind, Baseline]:
    """The baselines that come with the program."""
    found = resources.files("windhover.watch").joinpath("baseline_uk.json.xz").read_bytes()
    return _opened(found, "the shipped baseline")


def read_baseline(path: Path) -> dict[Kind, Baseline]:
    """A file that `windhover watch --write-baseline` wrote. Raises `BadInput`."""
    try:
        return _opened(path.read_bytes(), str(path))
    except OSError as wrong:
        raise BadInput(f"{path} cannot be read: {wrong.strerror}.") from None


def _opened(data: bytes, name: str) -> dict[Kind, Baseline]:
    try:
        file = msgspec.json.decode(lzma.decompress(data), type=BaselineFile)
    except (lzma.LZMAError, msgspec.DecodeError) as wrong:
        raise BadInput(
            f"{name} is no baseline: {wrong}.", "Write one with `windhover watch --write-baseline`."
        ) from None
    out: dict[Kind, Baseline] = {}
    for kind in KINDS:
        kept = file.kinds.get(kind)
        if kept is None or not kept.rows:
            continue
        table = np.array([[np.nan if x is None else x for x in row] for row in kept.rows])
        if table.shape[1:] != (len(NAMES),):
            raise BadInput(f"{name} has rows of {table.shape[1:]} numbers, not {len(NAMES)}.")
        out[kind] = baseline(file.name, file.country, table, kept.per_week)
    return out


def write_baseline(path: Path, name: Words, country: str, source: str, rows: Iterable[Row]) -> int:
    """Whole or not at all; how many activations it holds. Rows are put in order of their numbers,
    so that nothing of when and where each was is left."""
    kinds: dict[str, Kept] = {}
    total = 0
    for kind, past in pasts(rows).items():
        weeks = max(1.0, (int(past.published_ns[-1]) - int(past.published_ns[0])) / WEEK_NS)
        table = [[None if isnan(x) else round(float(x), 1) for x in row] for row in past.table]
        table.sort(key=lambda row: [-1e9 if x is None else x for x in row])
        kinds[kind] = Kept(round(len(table) / weeks, 2), table)
        total += len(table)
    data = msgspec.json.encode(BaselineFile(name, country, source, kinds))
    part = path.with_name(path.name + ".part")
    part.write_bytes(lzma.compress(data, preset=9))
    part.replace(path)
    return total


def pasts(rows: Iterable[Row]) -> dict[Kind, Past]:
    """Rows → each kind's past in the order of publication, with the place's own past counted.

    Of activations in the archive's first year the place's past is not known.
    """
    out: dict[Kind, Past] = {}
    ordered = sorted(rows, key=lambda r: r.published_ns)
    for kind in KINDS:
        mine = [r for r in ordered if r.kind == kind]
        if not mine:
            continue
        times = np.array([r.published_ns for r in mine], dtype=np.int64)
        counts = _earlier_here(times, mine)
        traits = [
            msgspec.structs.replace(r.traits, earlier_here=c)
            for r, c in zip(mine, counts, strict=True)
        ]
        table = np.array([past_row(t) for t in traits])
        out[kind] = Past(kind, times, traits, table)
    return out


def _earlier_here(
    times: np.ndarray[tuple[int], np.dtype[np.int64]], rows: list[Row]
) -> list[int | None]:
    lat = np.array([r.lat_deg for r in rows])
    lon = np.array([r.lon_deg for r in rows])
    cosine = np.cos(np.radians(lat))
    out: list[int | None] = []
    for i, at in enumerate(times):
        if at - times[0] < YEAR_NS or np.isnan(lat[i]):
            out.append(None)
            continue
        first = int(np.searchsorted(times, at - YEAR_NS))
        north = (lat[first:i] - lat[i]) * 60.0
        east = (lon[first:i] - lon[i]) * 60.0 * cosine[i]
        out.append(int(np.count_nonzero(north * north + east * east <= HERE_NM * HERE_NM)))
    return out


def rows_of_closures(closures: Iterable[Closure]) -> Iterator[Row]:
    """Decoded notices whose time of publication is known."""
    for closure in closures:
        if not closure.kind or closure.published_ns is None or closure.permanent:
            continue
        traits = traits_of(closure)
        if traits.duration_h is None or traits.lead_h is None:
            continue
        nan = float("nan")
        centre = closure.centre
        lat = nan if centre is None else np.degrees(centre.latitude_rad)
        lon = nan if centre is None else np.degrees(centre.longitude_rad)
        yield Row(closure.kind, closure.published_ns, traits, float(lat), float(lon))


def rows_of_metadata(path: Path) -> Iterator[Row]:
    """A table (CSV, plain or xz) of `qcode, stored, start, end, upper_fl, centre, radius_nm`.

    Permanent ones are left out: they have no length. Raises `BadInput`.
    """
    try:
        words = unpacked(path.read_bytes(), path.name).decode()
        for number, row in enumerate(csv.DictReader(words.splitlines()), 2):
            made = _metadata_row(row, number)
            if made is not None:
                yield made
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise BadInput(f"{path} cannot be read as a table: {wrong}.") from None


def _metadata_row(row: dict[str, str], number: int) -> Row | None:
    try:
        kind = kind_of_code("Q" + row["qcode"].removeprefix("Q"))
        if not kind or row["end"] in ("", "PERM"):
            return None
        stored, start, end = (from_iso(row[k]) for k in ("stored", "start", "end"))
        lat = lon = float("nan")
        centre = _CENTRE.fullmatch(row["centre"])
        if centre:
            a, b, ns, c, d, ew = centre.groups()
            lat = (int(a) + int(b) / 60) * (1 if ns == "N" else -1)
            lon = (int(c) + int(d) / 60) * (1 if ew == "E" else -1)
        traits = Traits(
            (end - start) / NS_PER_H,
            float(row["radius_nm"]) if row["radius_nm"] else None,
            float(row["upper_fl"]) if row["upper_fl"] else None,
            (start - stored) / NS_PER_H,
            None if isnan(lon) else at_night(stored, lon),
        )
    except (KeyError, ValueError, WindhoverError) as wrong:
        raise BadInput(f"Row {number} of the archive cannot be read: {wrong}.") from None
    return Row(kind, stored, traits, lat, lon)
