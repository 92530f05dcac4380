"""The chain: an SQLite file that only grows, each row bound to all before it by SHA-256.

`append` returns once its rows are on the disk (write-ahead log, `synchronous=FULL`): what it
returned for is acknowledged, and a power cut or `kill -9` cannot take it back. Nothing in it is
read from a clock, so two runs with one seed end in the same head.

The first digest is that of the `meta` table, so that "exercise" cannot become "real" afterwards.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import quote

import msgspec

from windhover.errors import BadInput, BrokenRecord, WindhoverError
from windhover.record import layout, seal
from windhover.record.entries import Entry, EntryKind, Head, chain
from windhover.record.files import sync_folder
from windhover.record.layout import APPLICATION_ID, VERSION

FORMAT: Final = "windhover journal"
DAMAGE: Final = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file can raise on reading; SQLite's own message may quote bytes that are no text."""
_BUSY_S: Final = 5.0
_PAGE_ROWS: Final = 2000

Mode = Literal["exercise", "real"]


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the whole journal is; fixed when it is made, and the root of its chain."""

    mode: Mode
    site_digest: str = ""  # SHA-256 of the site's JSON, hex
    format: str = FORMAT
    version: str = str(VERSION)


def genesis(meta: Meta) -> bytes:
    """The digest that stands before the first row."""
    return sha256(msgspec.json.encode(meta, order="sorted")).digest()


class Journal:
    """An open journal. One writer at a time; any number of readers beside it."""

    def __init__(self, connection: sqlite3.Connection, meta: Meta, path: Path | None) -> None:
        """Use `open` or `in_memory`."""
        self.meta = meta
        self.path = path
        self._connection = connection
        self._head = self._stored_head()
        self._sealed_as_is = True  # nothing appended since opening
        self._seals = False
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path | str,
        create: bool = False,
        *,
        mode: Mode | None = None,
        site_digest: str = "",
        durable: bool = True,
        read_only: bool = False,
    ) -> Self:
        """The journal at `path`; with `create`, made there first if there is none.

        A new journal needs its `mode`, and appears whole or not at all; one that exists keeps what
        it was made with, and another `mode` is refused. `durable=False` skips the wait for the disk: for
        benches only, since a power cut may then take acknowledged rows (never the chain's truth).
        Raises `WindhoverError` where the path cannot be used, `BadInput` where it is no journal.
        """
        path = Path(path)
        if not path.exists():
            if not create:
                raise WindhoverError(f"There is no journal at {path}.")
            if mode is None:
                raise BadInput("A new journal must be told whether it is an exercise or real.")
            _make(path, Meta(mode, site_digest))
        with _plain(path):
            if not read_only:
                _clear(path)
            connection = connect(path, read_only)
            try:
                meta = read_meta(connection, path)
                if mode is not None and mode != meta.mode:
                    raise BadInput(f"{path} is the journal of another mode: {meta.mode}.")
                if not read_only:
                    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
                    if layout.lacks_index(connection):
                        seal.remove(path)  # of the bytes as they were
                        layout.index(connection)
                journal = cls(connection, meta, path)
                journal._seals = durable and not read_only
                return journal
            except BaseException:
                connection.close()
                raise

    @classmethod
    def in_memory(cls, meta: Meta) -> Self:
        """A journal that ends with the process: for tests and benches."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        layout.make(connection, sorted(msgspec.to_builtins(meta).items()))
        return cls(connection, meta, None)

    @property
    def head(self) -> Head:
        """The last row that is acknowledged (or was there on opening); seq 0 = none yet."""
        return self._head

    def append(self, entries: Iterable[Entry]) -> Head:
        """All of these rows or none; returns once they are on the disk. Their `seq` is given here.

        Raises `WindhoverError` where the disk is full, read-only or failing, where another process
        holds the journal too long, or has written to it: then nothing of this call is kept.
        """
        with _plain(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                head = self._insert(entries)
                if self._sealed_as_is and self.path is not None:
                    seal.remove(self.path)
                    self._sealed_as_is = False
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
        self._head = head
        return head

    def read(
        self,
        from_seq: int = 1,
        to_seq: int | None = None,
        kinds: Sequence[EntryKind] | None = None,
    ) -> Iterator[Entry]:
        """Rows in order, from and to inclusive; also while somebody appends.

        Nothing is checked here but what SQLite checks: that is `verify`'s job.
        """
        last = self._stored_head().seq if to_seq is None else to_seq
        where, of = "seq BETWEEN ? AND ?", tuple(kinds or ())
        if len(of) == 1 and of[0] in layout.RARE:
            # The words of the index itself, or SQLite does not see that it serves; + keeps it to it.
            where, of = f"kind = '{of[0]}' AND +{where}", ()
        elif kinds is not None:
            where += f" AND kind IN ({','.join('?' * len(of))})"
        query = (
            "SELECT now_ns, kind, type, body, seq, digest FROM entries "
            f"WHERE {where} ORDER BY seq LIMIT {_PAGE_ROWS}"
        )
        # Page by page, so that a slow reader never holds the write-ahead log back.
        while from_seq <= last:
            with _plain(self.path):
                rows = self._connection.execute(query, (from_seq, last, *of)).fetchall()
            for row in rows:
                yield Entry._make(row)
            if len(rows) < _PAGE_ROWS:
                return
            from_seq = rows[-1][4] + 1

    def entry(self, seq: int) -> Entry:
        """One row. Raises `BadInput` where there is none of that number."""
        for found in self.read(seq, seq):
            return found
        raise BadInput(f"The journal has no entry {seq}.")

    def copy_to(self, target: sqlite3.Connection) -> None:
        """All of it as it stands, also while somebody else appends."""
        with _plain(self.path):
            self._connection.backup(target)

    def close(self) -> None:
        """Close it, and seal its bytes (`seal`) unless somebody else still has it open."""
        if self._closed:
            return
        self._closed = True
        with _plain(self.path):
            alone = (
                self._seals
                and not self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            )
            self._connection.close()
        if alone and self.path is not None:
            unsealed = not seal.path_of(self.path).exists()
            if unsealed and not self.path.with_name(self.path.name + "-wal").exists():
                seal.put(self.path, self._head.seq, self._head.hex)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _insert(self, entries: Iterable[Entry]) -> Head:
        stored = self._stored_head()
        if stored != self._head:
            raise WindhoverError(
                f"Another process has written to the journal {self.path}.",
                "Only one may: stop the other, then start again.",
            )
        seq, digest = stored
        rows = []
        for entry in entries:
            seq += 1
            digest = chain(digest, entry, seq)
            rows.append((seq, entry.now_ns, entry.kind, entry.type, entry.body, digest))
        self._connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
        return Head(seq, digest)

    def _stored_head(self) -> Head:
        with _plain(self.path):
            row = self._connection.execute(
                "SELECT seq, digest FROM entries ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        return Head(*row) if row else Head(0, genesis(self.meta))


def connect(path: Path, read_only: bool) -> sqlite3.Connection:
    """SQLite's own handle on a journal that exists. Raises `sqlite3.Error`."""
    name = quote(str(path.absolute()))
    if not read_only:
        return sqlite3.connect(
            f"file:{name}?mode=rw", uri=True, isolation_level=None, timeout=_BUSY_S
        )
    connection = sqlite3.connect(
        f"file:{name}?mode=ro", uri=True, isolation_level=None, timeout=_BUSY_S
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        # On a disk that cannot be written, SQLite reads a journal in this mode only if told that
        # nobody else is writing, which is certain where no write-ahead log lies beside it.
        connection.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        connection = sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(path: Path, meta: Meta) -> None:
    """Write an empty journal beside `path` and move it there: nobody ever meets half of one."""
    draft = path.with_name(f".{path.name}.new")
    with _plain(path):
        _clear(path)
        try:
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                layout.make(connection, sorted(msgspec.to_builtins(meta).items()))
            finally:
                connection.close()
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            # A link, and not a move: it never takes the place of a journal made meanwhile.
            path.hardlink_to(draft)
        finally:
            _clear(path)
        sync_folder(path.parent)


def _clear(path: Path) -> None:
    """Take away the draft of a journal that a killed process left."""
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(f".{path.name}.new{end}").unlink(missing_ok=True)


def read_meta(connection: sqlite3.Connection, path: Path) -> Meta:
    """What the journal is. Raises `BadInput` where it is none."""
    words = f"{path} is not a Windhover journal."
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        rows = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except DAMAGE as why:
        if "locked" in str(why) or "busy" in str(why):
            raise
        raise BadInput(words) from None
    try:
        meta = msgspec.convert(rows, Meta)
    except msgspec.ValidationError:
        raise BadInput(words) from None
    if application != APPLICATION_ID or meta.format != FORMAT:
        raise BadInput(words)
    if meta.version != str(VERSION):
        raise BadInput(f"{path} is a journal of version {meta.version}; this reads {VERSION}.")
    return meta


@contextmanager
def _plain(path: Path | None) -> Iterator[None]:
    """Turns what SQLite and the file system raise into one clear line."""
    where = f"The journal {path}" if path else "The journal"
    try:
        yield
    except sqlite3.Error as why:
        words = " ".join(str(why).split()).rstrip(".")
        if "full" in words:
            raise WindhoverError(
                f"{where} cannot grow: the disk is full. Nothing of this step was recorded.",
                "Free some space; what was acknowledged before is safe.",
            ) from why
        if "locked" in words or "busy" in words:
            raise WindhoverError(
                f"{where} is held by another process.", "Stop the other writer and try again."
            ) from why
        if "readonly" in words or "unable to open" in words or "disk I/O" in words:
            raise WindhoverError(
                f"{where} cannot be written or opened: {words}.",
                "Check the folder, its permissions and the disk.",
            ) from why
        if "malformed" in words or "not a database" in words or "UTF-8" in words:
            raise BrokenRecord(
                f"{where} is damaged: {words}.", 0, "Run `windhover journal verify` on it."
            ) from why
        raise WindhoverError(f"{where} refused: {words}.") from why
    except UnicodeDecodeError as why:
        raise BrokenRecord(
            f"{where} is damaged: a text in it cannot be read.",
            0,
            "Run `windhover journal verify` on it.",
        ) from why
    except (OverflowError, UnicodeEncodeError) as why:
        raise BadInput(f"{where} cannot hold this: {why}.") from why
    except OSError as why:
        raise WindhoverError(
            f"{where} cannot be written: {why.strerror or why}.",
            "Check the folder, its permissions and the disk.",
        ) from why
