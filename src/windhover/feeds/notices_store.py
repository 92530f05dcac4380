"""The watch's memory: every notice, every version of it, what became of it, and who answered when.

One SQLite file (WAL). A round is one transaction: after a crash the store stands where the last
whole round left it.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from windhover.errors import BadInput
from windhover.watch.closure import Closure
from windhover.watch.history import Entry, Event
from windhover.watch.outage import Health
from windhover.watch.traits import Kind

_FORMAT: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS notices (
    key TEXT PRIMARY KEY, source TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL,
    country TEXT NOT NULL, first_seen_ns INTEGER NOT NULL, entry BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS notices_state ON notices (state);
CREATE TABLE IF NOT EXISTS versions (
    key TEXT NOT NULL, version INTEGER NOT NULL, time_ns INTEGER NOT NULL, closure BLOB NOT NULL,
    PRIMARY KEY (key, version));
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL,
    en TEXT NOT NULL, es TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_key ON events (key);
CREATE TABLE IF NOT EXISTS alerts (
    key TEXT NOT NULL, version INTEGER NOT NULL, time_ns INTEGER NOT NULL, share REAL NOT NULL,
    PRIMARY KEY (key, version));
CREATE TABLE IF NOT EXISTS sources (name TEXT PRIMARY KEY, health BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_OPEN: Final = "('coming', 'in force')"


class Store:
    """Open with a path, or ":memory:". Use as a context manager."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_TABLES)
        except sqlite3.Error as wrong:
            raise BadInput(
                f"{path} cannot be used as the watch's store: {wrong}.", "Name a new file."
            ) from None
        if self.meta("format") not in (None, _FORMAT):
            raise BadInput(f"{path} was written by another version.", "Name a new file.")
        self.set_meta("format", _FORMAT)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def begin(self) -> None:
        """Start a round."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep the round."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the round."""
        with suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")

    def meta(self, name: str) -> int | None:
        """One kept number."""
        row = self._db.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def set_meta(self, name: str, value: int) -> None:
        """Keep one number."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (name, value))

    def entry(self, key: str) -> Entry | None:
        """One notice as last known."""
        row = self._db.execute("SELECT entry FROM notices WHERE key=?", (key,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Entry)

    def entries(self, keys: list[str]) -> dict[str, Entry]:
        """Those of these keys that are known."""
        found = ((key, self.entry(key)) for key in dict.fromkeys(keys))
        return {key: entry for key, entry in found if entry is not None}

    def open_entries(self, source: str | None = None) -> dict[str, Entry]:
        """All that are coming or in force, of one source or of all."""
        clause, values = ("", ()) if source is None else (" AND source=?", (source,))
        rows = self._db.execute(
            f"SELECT key, entry FROM notices WHERE state IN {_OPEN}{clause} ORDER BY key", values
        )
        return {key: msgspec.json.decode(entry, type=Entry) for key, entry in rows}

    def everything(self) -> list[Entry]:
        """Every notice ever kept, oldest first."""
        rows = self._db.execute("SELECT entry FROM notices ORDER BY first_seen_ns, key")
        return [msgspec.json.decode(row[0], type=Entry) for row in rows]

    def named(self, number: str) -> Entry | None:
        """By its key, or by its number alone where only one has it."""
        found = self.entry(number)
        if found is not None:
            return found
        rows = self._db.execute(
            "SELECT entry FROM notices WHERE key LIKE ? ESCAPE '\\' LIMIT 2",
            ("% " + number.replace("\\", "").replace("%", "").replace("_", ""),),
        ).fetchall()
        return msgspec.json.decode(rows[0][0], type=Entry) if len(rows) == 1 else None

    def keep(self, entries: list[Entry]) -> None:
        """Entries as they are now; a new version is kept beside the old ones."""
        for entry in entries:
            c = entry.closure
            self._db.execute(
                "INSERT OR REPLACE INTO notices VALUES (?,?,?,?,?,?,?)",
                (
                    c.key,
                    entry.source,
                    entry.state,
                    c.kind,
                    c.country,
                    entry.first_seen_ns,
                    msgspec.json.encode(entry),
                ),
            )
            self._db.execute(
                "INSERT OR IGNORE INTO versions VALUES (?,?,?,?)",
                (c.key, entry.version, entry.last_seen_ns, msgspec.json.encode(c)),
            )

    def add_events(self, events: list[Event]) -> None:
        """What happened, in its order."""
        self._db.executemany(
            "INSERT INTO events (time_ns, what, key, en, es) VALUES (?,?,?,?,?)",
            [(e.time_ns, e.what, e.key, e.words.en, e.words.es) for e in events],
        )

    def events_of(self, key: str) -> list[tuple[int, str, str, str]]:
        """(time, what, English, Spanish) of one notice."""
        return self._db.execute(
            "SELECT time_ns, what, en, es FROM events WHERE key=? ORDER BY number", (key,)
        ).fetchall()

    def version(self, key: str, version: int) -> Closure | None:
        """One version of one notice."""
        row = self._db.execute(
            "SELECT closure FROM versions WHERE key=? AND version=?", (key, version)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Closure)

    def alert_once(self, key: str, version: int, time_ns: int, share: float) -> bool:
        """Keep an alert; False where this version, or one as unusual, was alerted before."""
        least = self._db.execute("SELECT min(share) FROM alerts WHERE key=?", (key,)).fetchone()[0]
        if least is not None and least <= share:
            return False
        self._db.execute(
            "INSERT OR REPLACE INTO alerts VALUES (?,?,?,?)", (key, version, time_ns, share)
        )
        return True

    def was_alerted(self, key: str) -> bool:
        """Whether any version of a notice was an alert."""
        return (
            self._db.execute("SELECT 1 FROM alerts WHERE key=? LIMIT 1", (key,)).fetchone()
            is not None
        )

    def health(self, source: str) -> Health | None:
        """Of one source."""
        row = self._db.execute("SELECT health FROM sources WHERE name=?", (source,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Health)

    def set_health(self, health: Health) -> None:
        """Of one source."""
        self._db.execute(
            "INSERT OR REPLACE INTO sources VALUES (?,?)",
            (health.source, msgspec.json.encode(health)),
        )

    def past(self, kind: Kind, country: str, since_ns: int) -> list[Closure]:
        """One state's closures of one kind first seen since a moment."""
        rows = self._db.execute(
            "SELECT entry FROM notices WHERE kind=? AND country=? AND first_seen_ns>=? ORDER BY key",
            (kind, country, since_ns),
        )
        return [msgspec.json.decode(row[0], type=Entry).closure for row in rows]
