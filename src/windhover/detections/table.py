"""CSV, Parquet and JSON record tables as plain columns, with what is broken counted, not raised.

A column is an object array of strings and None, or a float64 array. Nothing is guessed here: what a
column means is decided in `points` and `wind_csv`.
"""

from __future__ import annotations

import io
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
NO_TIME_NS: Final = -(2**62)
"""Stands for a time that could not be read; it is outside every plausible range."""


class Table(NamedTuple):
    """N rows."""

    columns: dict[str, Column]  # name as written → (N,) float64, or object of str | None
    n: int
    broken: int  # lines that did not fit the header


def read_csv(payload: bytes) -> Table:
    """Delimited text with a header line. Raises `BadInput` where it is no such thing."""
    if not payload.isascii():
        # Latin-1 spreadsheets are common: odd bytes must cost a name, never the file.
        payload = payload.decode("utf-8", "replace").encode()
    header = payload[:65_536].split(b"\n", 1)[0].decode("utf-8", "replace").strip().lstrip("\ufeff")
    delimiter = max(",;\t|", key=header.count)
    if not header.count(delimiter):
        raise BadInput("The first line names no columns.")
    names = [name.strip().strip('"') for name in header.split(delimiter)]
    if len(set(names)) != len(names):
        raise BadInput("The header names a column twice.")
    broken = 0

    def skip(_row: object) -> str:
        nonlocal broken
        broken += 1
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(payload),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, skip_rows=1
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
        if payload.count(b"\n") <= 1:
            return Table({name: np.array([], object) for name in names}, 0, 0)
        raise BadInput(f"It is not a table of text: {str(fault).splitlines()[0][:120]}") from None
    return Table({name: _plain(table.column(name)) for name in names}, table.num_rows, broken)


def read_parquet(payload: bytes) -> Table:
    """A Parquet file's flat columns. Raises `BadInput`."""
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(payload), use_threads=False)
        flat = {name: _plain(table.column(name)) for name in table.column_names}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"It is not a Parquet table: {str(fault).splitlines()[0][:120]}") from None
    return Table(flat, table.num_rows, 0)


def read_json_records(payload: bytes) -> Table:
    """A JSON list of flat objects, as pandas writes with orient="records". Raises `BadInput`."""
    try:
        records = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadInput("It is not valid JSON.") from None
    if not isinstance(records, list):
        raise BadInput("It is not a list of records.")
    good = [record for record in records if isinstance(record, dict)]
    names: dict[str, None] = {}
    for record in good:
        names.update(dict.fromkeys(record))
    columns = {name: _column([record.get(name) for record in good]) for name in names}
    return Table(columns, len(good), len(records) - len(good))


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
    return _from_iso(column), "ISO 8601"


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
                times[i] = from_iso(text)
            except (BadInput, OverflowError):
                continue
    return times
