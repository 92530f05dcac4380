"""The journal's tables, its guards and its indexes, as SQLite is told to make them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from windhover.record.entries import EntryKind

APPLICATION_ID: Final = 0x57484A31  # "WHJ1": `file` and SQLite's tools can tell what this is
VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  now_ns INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('input', 'event', 'snapshot', 'mark')),
  type TEXT NOT NULL,
  body BLOB NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;
"""
_GUARDS: Final = f"""
CREATE TRIGGER entries_keep_update BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER entries_keep_delete BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
  BEGIN SELECT RAISE(ABORT, 'the journal only grows at its end'); END;
CREATE TRIGGER meta_keep_update BEFORE UPDATE ON meta
  BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER meta_keep_delete BEFORE DELETE ON meta
  BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER meta_keep_insert BEFORE INSERT ON meta
  BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""
RARE: Final[tuple[EntryKind, ...]] = ("snapshot", "mark")
"""Few among hundreds of thousands, and wanted at every start: each has an index of its own."""
_INDEX: Final = "CREATE INDEX IF NOT EXISTS rare_{0} ON entries (kind) WHERE kind = '{0}'"


def make(connection: sqlite3.Connection, meta: Iterable[tuple[str, str]]) -> None:
    """An empty journal."""
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
    connection.executescript(_GUARDS)
    index(connection)


def lacks_index(connection: sqlite3.Connection) -> bool:
    """Whether an earlier version made it."""
    query = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name IN (?, ?)"
    found: int = connection.execute(query, [f"rare_{kind}" for kind in RARE]).fetchone()[0]
    return found < len(RARE)


def index(connection: sqlite3.Connection) -> None:
    """Make the indexes that are lacking. No row changes by it."""
    for kind in RARE:
        connection.execute(_INDEX.format(kind))


def schema_of(connection: sqlite3.Connection | None = None) -> list[tuple[str, ...]]:
    """The statements that made a journal's tables and guards; without one, those of this version.

    Without the indexes, which a journal of an earlier version lacks until somebody writes to it.
    """
    query = (
        "SELECT type, name, tbl_name, sql FROM sqlite_schema "
        "WHERE name NOT IN ('rare_snapshot', 'rare_mark') ORDER BY name"
    )
    if connection is not None:
        return connection.execute(query).fetchall()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        make(fresh, ())
        return schema_of(fresh)
