"""CSV, Parquet and JSON record tables as plain columns, with what is broken counted, not raised.

A column is an object array of strings and None, or a float64 array. Nothing is guessed here: what a
column means is decided in `points` and `wind_csv`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from math import nan
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from windhover.errors import BadInput
from windhover.schema.batches import F64, I64
from windhover.timescale import from_iso
from windhover.units import NS_PER_S

Column = NDArray[Any]
_DECIMAL: Final = re.compile(r"^\s*[-+]?\d*(?:[.,]\d+)?\s*$|^nan$", re.I)
NO_TIME_NS: Final = -(2**62)
"""Stands for a time that could not be read; it is outside every plausible range."""


_OPENSKY: Final = (
    "icao24", "callsign", "origin_country", "time_position", "last_contact", "longitude", "latitude",
    "baro_altitude", "onground", "velocity", "true_track", "vertrate", "sensors", "geo_altitude",
)  # fmt: skip
_ZONE: Final = re.compile(r"(?:Z|UTC|GMT|[-+]\d\d:?\d\d)\s*$")


class Table(NamedTuple):
    """N rows."""

    columns: dict[str, Column]  # name as written → (N,) float64, or object of str | None
    n: int
    broken: int  # lines that did not fit the header


def as_utf8(payload: bytes) -> bytes:
    """Text without byte order mark, from UTF-16 where that says so, its lines ended by line feeds.

    Bytes that are no such text come back as they are.
    """
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        payload = payload.decode("utf-16", "replace").encode()
    payload = payload.removeprefix(b"\xef\xbb\xbf")
    head = payload[:65_536]
    if b"\r" in head and b"\n" not in head and head.isascii() and b"\0" not in head:
        payload = payload.replace(b"\r", b"\n")
    return payload


def _header(payload: bytes) -> tuple[list[str], str, int]:
    """Names of the columns, the delimiter, and how many lines stand above the first row."""
    lines = payload[:65_536].decode("utf-8", "replace").replace("\r", " ").split("\n")
    above = 0
    while above + 1 < len(lines) and (not lines[above].strip() or lines[above].startswith("#")):
        above += 1
    header = lines[above].strip()
    # A header may itself be written as a comment, above the first row of figures.
    if above and lines[above - 1].startswith("#") and any(_is_number(w) for w in _cells(header)):
        header = lines[above - 1].lstrip("# ").strip()
        above -= 1
    delimiter = max(",;\t|", key=header.count)
    if not header.count(delimiter):
        raise BadInput("The first line names no columns.")
    try:
        cells = next(csv.reader([header], delimiter=delimiter))
    except csv.Error:
        raise BadInput("The first line names no columns.") from None
    names = [name.strip().strip('"') for name in cells]
    twice = next((name for name, n in Counter(names).items() if n > 1 and name), None)
    if twice is not None:
        raise BadInput(f"The header names the column {twice[:40]!r} twice.")
    # A column without a name is some program's row number.
    return [name or f"column {k + 1}" for k, name in enumerate(names)], delimiter, above + 1


def _cells(line: str) -> list[str]:
    return line.split(max(",;\t|", key=line.count))


def _is_number(text: str) -> bool:
    try:
        return bool(float(text) == float(text))
    except ValueError:
        return False


def read_csv(payload: bytes, names: list[str] | None = None) -> Table:
    """Delimited text with a header line, or with these `names` and none. Raises `BadInput` where it
    is no such thing.

    Lines of comments (#) may stand above the header. Where the delimiter is no comma, a comma inside
    a number is a decimal one.
    """
    payload = as_utf8(payload)
    if not payload.isascii():
        # Latin-1 spreadsheets are common: odd bytes must cost a name, never the file.
        payload = payload.decode("utf-8", "replace").encode()
    if names is None:
        names, delimiter, above = _header(payload)
    else:
        first = payload[:65_536].split(b"\n", 1)[0].decode("utf-8", "replace")
        delimiter, above = max(",;\t|", key=first.count), 0
    broken = 0

    def skip(_row: object) -> str:
        nonlocal broken
        broken += 1
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(payload),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, skip_rows=above
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, invalid_row_handler=skip, newlines_in_values=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )
    except (pa.ArrowException, UnicodeDecodeError) as fault:
        if payload.count(b"\n") <= above:
            return Table({name: np.array([], object) for name in names}, 0, 0)
        raise BadInput(f"It is not a table of text: {str(fault).splitlines()[0][:120]}") from None
    columns = {name: _plain(table.column(name)) for name in names}
    if delimiter != ",":
        columns = {name: _pointed(column) for name, column in columns.items()}
    return Table(columns, table.num_rows, broken)


def _pointed(column: Column) -> Column:
    """The column with decimal points, where every word in it has at most a decimal comma."""
    words = [w for w in column.tolist() if w]
    if not any("," in w for w in words) or not all(_DECIMAL.match(w) for w in words):
        return column
    return np.array([w.replace(",", ".") if w else w for w in column.tolist()], object)


def read_parquet(payload: bytes) -> Table:
    """A Parquet file's flat columns. Raises `BadInput`."""
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(payload), use_threads=False)
        flat = {name: _plain(table.column(name)) for name in table.column_names}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"It is not a Parquet table: {str(fault).splitlines()[0][:120]}") from None
    return Table(flat, table.num_rows, 0)


def read_json_records(payload: bytes) -> Table:
    """A table as JSON, in any of the layouts that pandas writes. Raises `BadInput`.

    `records` (a list of objects, or one a line), `columns` and `index` (objects of objects), `list`
    (an object of lists), `split` and `table`.
    """
    payload = as_utf8(payload)
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _json_lines(payload)
    if isinstance(found, dict):
        found = _records(found)
    if not isinstance(found, list):
        raise BadInput("It is not a list of records.")
    if found and all(
        isinstance(one, dict) and isinstance(one.get("states"), list) for one in found
    ):
        found = [vector for one in found for vector in _vectors(one["states"])]
    good = [record for record in found if isinstance(record, dict)]
    names: dict[str, None] = {}
    for record in good:
        names.update(dict.fromkeys(record))
    columns = {name: _column([record.get(name) for record in good]) for name in names}
    return Table(columns, len(good), len(found) - len(good))


def _vectors(states: list[Any]) -> list[Any]:
    """OpenSky's answer to "states/all": lists in a fixed order."""
    return [
        dict(zip(_OPENSKY, one, strict=False)) if isinstance(one, list) else None for one in states
    ]


def _json_lines(payload: bytes) -> list[Any]:
    """One object a line; a line that is none counts as broken. Raises `BadInput` where none is one."""
    found: list[Any] = []
    for line in payload.splitlines():
        if line.strip():
            try:
                found.append(msgspec.json.decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                found.append(None)
    if not any(isinstance(one, dict) for one in found):
        raise BadInput("It is not valid JSON.")
    return found


def _records(found: dict[str, Any]) -> list[Any]:
    """A table written column by column, row by row or split, as records; one object alone is one."""
    names, rows = found.get("columns"), found.get("data")
    if isinstance(rows, list):
        if isinstance(names, list):
            return [
                dict(zip(map(str, names), row, strict=False)) if isinstance(row, list) else None
                for row in rows
            ]
        return rows
    inside = list(found.values())
    if isinstance(found.get("states"), list):
        return [found]
    if inside and all(isinstance(column, list) for column in inside):
        if len({len(column) for column in inside}) > 1:
            raise BadInput("The JSON's columns differ in length.")
        return [dict(zip(found, row, strict=True)) for row in zip(*inside, strict=True)]
    if inside and all(isinstance(column, dict) for column in inside):
        # Under `columns` the inner keys are row numbers, under `index` the outer ones are.
        if all(key.lstrip("-").isdigit() for key in found):
            return inside
        keys: dict[str, None] = {}
        for column in inside:
            keys.update(dict.fromkeys(column))
        return [{name: column.get(key) for name, column in found.items()} for key in keys]
    return [found]


def _plain(column: Any) -> Column:
    if pa.types.is_timestamp(column.type):
        utc = column.cast(pa.timestamp("ns"), safe=False) if column.type.tz is None else column
        as_int = utc.cast(pa.timestamp("ns", tz=column.type.tz), safe=False).cast(pa.int64())
        return np.array([None if v is None else str(v) for v in as_int.to_pylist()], object)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), object)
    return _column(column.to_pylist())


def _column(values: list[Any]) -> Column:
    """Floats where every value is a number or absent, otherwise words."""
    plain_number = all(
        v is None or (isinstance(v, int | float) and abs(v) < 2**53) or v != v for v in values
    )
    if plain_number:
        return np.array([nan if v is None else float(v) for v in values], np.float64)
    return np.array([None if v is None else str(v) for v in values], object)


def numbers(column: Column) -> F64:
    """(N,) float64; NaN where a value is absent or no number."""
    if column.dtype == np.float64:
        return column
    try:
        return np.array([nan if v is None or v == "" else v for v in column], np.float64)
    except (ValueError, TypeError):
        return np.array([_number(v) for v in column], np.float64)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return nan


def words(column: Column) -> list[str]:
    """(N,) as text, '' where absent; whole numbers without their '.0'."""
    if column.dtype == np.float64:
        return ["" if v != v else str(int(v)) if v == int(v) else str(v) for v in column.tolist()]
    return ["" if v is None else str(v).strip() for v in column]


def times_ns(column: Column) -> tuple[I64, str]:
    """(N,) UTC nanoseconds and the words for how they were read; NO_TIME_NS where unreadable.

    Numbers are POSIX seconds, milliseconds, microseconds or nanoseconds, told apart by their size:
    as seconds, anything above 1e11 would lie after the year 5138.
    """
    as_numbers = numbers(column)
    finite = np.isfinite(as_numbers)
    if finite.sum() * 2 >= max(1, len(column)):
        typical = float(np.median(np.abs(as_numbers[finite])))
        unit, per_s = next(
            (name, scale)
            for limit, name, scale in (
                (1e11, "seconds", 1),
                (1e14, "milliseconds", 10**3),
                (1e17, "microseconds", 10**6),
                (np.inf, "nanoseconds", 10**9),
            )
            if typical <= limit
        )
        usable = finite & (np.abs(as_numbers) < 9.2e9 * per_s)
        if per_s > 1 and column.dtype != np.float64:
            return _whole(column, usable, NS_PER_S // per_s), f"POSIX {unit}"
        micro = np.rint(np.where(usable, as_numbers, 0.0) * (1e6 / per_s)).astype(np.int64)
        return np.where(usable, micro * 1000, NO_TIME_NS), f"POSIX {unit}"
    told = next((w for w in column.tolist() if isinstance(w, str) and w.strip()), "")
    zone = _ZONE.search(told) is not None
    return _from_iso(column), "ISO 8601" if zone else "ISO 8601, no zone told: taken as UTC"


def _whole(column: Column, usable: NDArray[np.bool_], ns_per_unit: int) -> I64:
    """Large whole numbers kept exact, which a double could not."""
    times = np.full(len(column), NO_TIME_NS, np.int64)
    for i in np.flatnonzero(usable):
        text = str(column[i]).strip()
        times[i] = (int(text) if text.lstrip("-").isdigit() else int(float(text))) * ns_per_unit
    return times


def _from_iso(column: Column) -> I64:
    times = np.full(len(column), NO_TIME_NS, np.int64)
    for i, text in enumerate(column.tolist()):
        if isinstance(text, str) and text:
            try:
                times[i] = from_iso(iso(text))
            except (BadInput, OverflowError):
                continue
    return times


def iso(text: str) -> str:
    """The time as ISO 8601 writes it: not "2026/02/11 06:30:00 UTC"."""
    text = text.strip()
    for word in (" UTC", "UTC", " GMT"):
        text = text.removesuffix(word)
    return text[:10].replace("/", "-") + text[10:]
