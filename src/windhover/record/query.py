"""Questions to the archive, answered by DuckDB in this process: no server, nothing loaded whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import duckdb

from windhover.errors import BadInput, WindhoverError
from windhover.record.archive import TABLES
from windhover.record.tables import to_detections
from windhover.schema.batches import Detections

Box = tuple[float, float, float, float]
"""South, west, north, east in rad; west > east spans the antimeridian."""

_FAR_NS: Final = 2**62


def connect(root: Path | str) -> Any:
    """A DuckDB connection with one view per table that the archive holds, for SQL of one's own."""
    root = Path(root)
    if not root.is_dir():
        raise WindhoverError(f"There is no archive at {root}.")
    connection = duckdb.connect()
    for table in TABLES:
        if any((root / table).rglob("*.parquet")):
            # A view takes no parameters; a path may hold a quote.
            pattern = str(root / table / "*" / "*" / "*.parquet").replace("'", "''")
            connection.execute(
                f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{pattern}', "
                "hive_partitioning = true, hive_types_autocast = false, file_row_number = true)"
            )
    return connection


def detections_between(
    root: Path | str,
    from_ns: int = -_FAR_NS,
    to_ns: int = _FAR_NS,
    box: Box | None = None,
) -> Detections:
    """Detections measured from (inclusive) to (exclusive), in the order in which they arrived.

    With a box, only those whose place is known and inside. Raises `WindhoverError`.
    """
    where = ["time_ns >= ?", "time_ns < ?"]
    values: list[int | float | str] = [from_ns, to_ns]
    if box is not None:
        south, west, north, east = box
        sides = "AND" if west <= east else "OR"
        where += [
            "latitude_rad BETWEEN ? AND ?",
            f"(longitude_rad >= ? {sides} longitude_rad <= ?)",
        ]
        values += [south, north, west, east]
    found = _ask(
        root,
        "detections",
        f"SELECT * FROM detections WHERE {' AND '.join(where)} ORDER BY seq, file_row_number",
        values,
    )
    return Detections.empty() if found is None else to_detections(found)


def track_history(
    root: Path | str, track_id: int, sector: str | None = None
) -> dict[str, list[Any]]:
    """Every archived second of one track, by column; empty lists do not occur: no track, no columns."""
    where = "track_id = ?" + ("" if sector is None else " AND sector = ?")
    values: list[int | float | str] = [track_id] if sector is None else [track_id, sector]
    found = _ask(root, "tracks", f"SELECT * FROM tracks WHERE {where} ORDER BY time_ns", values)
    return {} if found is None or not found.num_rows else found.to_pydict()


def counts(root: Path | str) -> dict[str, int]:
    """How many rows each table holds."""
    found = {table: _ask(root, table, f"SELECT count(*) AS n FROM {table}", []) for table in TABLES}
    return {
        table: 0 if rows is None else rows.column("n")[0].as_py() for table, rows in found.items()
    }


def _ask(root: Path | str, table: str, query: str, values: list[int | float | str]) -> Any:
    """The answer as an Arrow table, or None where the archive has no such table yet."""
    try:
        connection = connect(root)
        held = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
        if table not in held:
            return None
        return connection.sql(query, params=values).to_arrow_table()
    except duckdb.Error as why:
        line = str(why).splitlines()[0]
        raise BadInput(f"The archive at {root} cannot be read: {line}") from why
