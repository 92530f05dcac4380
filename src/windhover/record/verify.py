"""Does the record hold? Every digest is formed again; nothing that was decided is recomputed.

Checked: the root and each row of the chain, that numbers follow without a gap, every archived file
against the digest that the chain holds of it, the file's own bytes against its seal, and, if one is
given, that a head which somebody outside was told (each notice carries one) is in this chain: only
that shows an end that was cut off, or a chain that was written anew from the start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from windhover.errors import BadInput, WindhoverError
from windhover.record import seal, wal
from windhover.record.archive import Archived
from windhover.record.entries import KINDS, Entry, chain
from windhover.record.files import digest_of, plain_words
from windhover.record.journal import DAMAGE, connect, genesis, read_meta
from windhover.record.layout import APPLICATION_ID, schema_of
from windhover.record.snapshot import Snapshot, is_inside

ARCHIVE_NAME: Final = "archive"
JOURNAL_NAME: Final = "journal.sqlite"


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found. `event` is the first bad entry: 0 is what stands before the first."""

    holds: bool
    words: str  # one line
    mode: str  # "exercise", "real" or "" where even that cannot be read
    entries: int  # that hold
    head: str  # hex, of the last entry that holds
    event: int | None = None
    files: int = 0  # of the archive, that hold
    notes: tuple[str, ...] = ()


class _Broken(Exception):
    def __init__(self, event: int, words: str) -> None:
        super().__init__(words)
        self.event = event


def verify(
    path: Path | str, archive: Path | str | None = None, heads: Sequence[str] = ()
) -> Verdict:
    """The verdict on a journal and, where there is one, its archive.

    `archive` is looked for beside the journal if it is not given. `heads` are what witnesses were
    told, hex. Raises `WindhoverError` where there is nothing to read, `BadInput` for what is no
    journal at all; damage is a verdict and not an error.
    """
    path = Path(path)
    if path.is_dir():
        path = path / JOURNAL_NAME
    if not path.is_file():
        raise WindhoverError(f"There is no journal at {path}.")
    wanted = [head.strip().lower() for head in heads]
    for head in wanted:
        if len(head) < 16 or set(head) - set("0123456789abcdef"):
            raise BadInput(
                f"{head!r} is not a head.", "Give at least 16 of its hexadecimal figures."
            )
    root = Path(archive) if archive is not None else path.parent / ARCHIVE_NAME
    if archive is not None and not root.is_dir():
        raise WindhoverError(f"There is no archive at {root}.")
    return _Check(path, root, wanted).verdict()


class _Check:
    """One pass over one record."""

    def __init__(self, path: Path, root: Path, heads: list[str]) -> None:
        self.path, self.root, self.heads = path, root, heads
        self.mode, self.seq, self.digest, self.files = "", 0, b"", 0
        self.notes: list[str] = []
        self.vouched: list[tuple[int, Archived | Snapshot]] = []
        self.met: dict[str, int] = {}

    def verdict(self) -> Verdict:
        try:
            self._chain()
            self._log()
            self._witnesses()
            self._seal()
            self._archive()
        except _Broken as broken:
            return self._say(False, f"{broken}", broken.event)
        return self._say(
            True, f"The record holds: {self.seq} entries, {self.files} archived files."
        )

    def _say(self, holds: bool, words: str, event: int | None = None) -> Verdict:
        head = self.digest.hex()
        notes = tuple(self.notes)
        return Verdict(holds, words, self.mode, self.seq, head, event, self.files, notes)

    def _chain(self) -> None:
        try:
            connection = connect(self.path, read_only=True)
        except DAMAGE as why:
            if not looks_like_one(self.path):
                raise BadInput(f"{self.path} is not a Windhover journal.") from None
            raise _unreadable(0, why) from None
        try:
            self._root(connection)
            connection.text_factory = bytes
            for row in self._rows(connection):
                self._row(row)
        finally:
            connection.close()

    def _root(self, connection: sqlite3.Connection) -> None:
        try:
            meta = read_meta(connection, self.path)
            as_made = schema_of(connection) == schema_of()
        except DAMAGE as why:
            raise _unreadable(0, why) from None
        except BadInput:
            if not looks_like_one(self.path):
                raise
            raise _Broken(0, "What stands before the first entry is damaged.") from None
        self.mode, self.digest = meta.mode, genesis(meta)
        if not as_made:
            raise _Broken(0, "The tables or the guards of the journal are not as they were made.")

    def _rows(self, connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
        # One row at a time: where SQLite itself stumbles, the rows before it still count.
        try:
            yield from connection.execute(
                "SELECT seq, now_ns, kind, type, body, digest FROM entries ORDER BY seq"
            )
        except DAMAGE as why:
            raise _unreadable(self.seq + 1, why) from None

    def _row(self, row: tuple[Any, ...]) -> None:
        expected = self.seq + 1
        seq, now_ns, kind, type_, body, digest = row
        if seq != expected:
            raise _Broken(expected, f"Entry {expected} is missing: {seq} follows {self.seq}.")
        types = (int, bytes, bytes, bytes, bytes)
        if any(type(value) is not of for value, of in zip(row[1:], types, strict=True)):
            raise _Broken(seq, f"Entry {seq} is damaged: a column holds another kind of value.")
        try:
            entry = Entry(now_ns, kind.decode(), type_.decode(), body)
        except UnicodeDecodeError:
            raise _Broken(seq, f"Entry {seq} is damaged: its texts cannot be read.") from None
        if chain(self.digest, entry, seq) != digest:
            raise _Broken(
                seq,
                f"Entry {seq} ({ascii(entry.type)[1:-1]}) is not what was recorded: its digest does not fit.",
            )
        if entry.kind not in KINDS:
            raise _Broken(seq, f"Entry {seq} is of an unknown kind.")
        self.seq, self.digest = seq, digest
        self._note_files(entry)
        for head in self.heads:
            if digest.hex().startswith(head):
                self.met[head] = seq

    def _note_files(self, entry: Entry) -> None:
        of = {"Archived": Archived, "Snapshot": Snapshot}.get(entry.type)
        if of is None or entry.kind not in ("mark", "snapshot"):
            return
        try:
            told = msgspec.json.decode(entry.body, type=of)
        except msgspec.MsgspecError:
            raise _Broken(
                self.seq, f"Entry {self.seq} vouches for a file in no known form."
            ) from None
        if not is_inside(told.path):
            raise _Broken(self.seq, f"Entry {self.seq} vouches for a file outside the archive.")
        self.vouched.append((self.seq, told))

    def _log(self) -> None:
        with plain_words(self.path):
            hidden = wal.hides_something(self.path)
        if hidden:
            raise _Broken(
                self.seq + 1,
                f"Entry {self.seq + 1} cannot be read: the write-ahead log is damaged, and finished "
                "entries lie behind the damage.",
            )

    def _witnesses(self) -> None:
        for head in self.heads:
            if head not in self.met:
                raise _Broken(
                    self.seq + 1,
                    f"The head {head[:16]}… that a witness holds is not in this chain of {self.seq} "
                    "entries: its end was cut off, or it was written anew.",
                )
            self.notes.append(f"The witness's head {head[:16]}… is entry {self.met[head]}.")

    def _seal(self) -> None:
        try:
            found = seal.check(self.path, self.seq, self.digest.hex())
        except BadInput as why:
            raise _Broken(self.seq, f"{why}") from None
        if found.broken:
            raise _Broken(found.event, found.words)
        if found.words:
            self.notes.append(found.words)

    def _archive(self) -> None:
        if not self.root.is_dir():
            if self.vouched:
                seq, told = self.vouched[0]
                if any(isinstance(told, Archived) for _, told in self.vouched):
                    raise _Broken(
                        seq, f"Entry {seq} vouches for {told.path}, and there is no archive."
                    )
            return
        for seq, told in self.vouched:
            self._file(seq, told)
        known = {told.path for _, told in self.vouched}
        strangers = [
            each
            for each in sorted(self.root.rglob("*"))
            if each.is_file() and each.relative_to(self.root).as_posix() not in known
        ]
        if strangers:
            first = strangers[0].relative_to(self.root).as_posix()
            self.notes.append(
                f"{len(strangers)} files of the archive are vouched for by no entry (first: {first})."
            )

    def _file(self, seq: int, told: Archived | Snapshot) -> None:
        path = self.root / told.path
        if not path.is_file():
            if isinstance(told, Snapshot):
                self.notes.append(f"The snapshot of entry {seq} is not there; it is not evidence.")
                return
            raise _Broken(seq, f"Entry {seq} vouches for {told.path}, which is missing.")
        with plain_words(path):
            same = path.stat().st_size == told.bytes and digest_of(path) == told.sha256
        if not same:
            raise _Broken(
                seq, f"{told.path} is not what entry {seq} vouches for: its bytes changed."
            )
        self.files += 1


def looks_like_one(path: Path) -> bool:
    """Whether a file that SQLite cannot make sense of was a journal before it was damaged."""
    with plain_words(path), path.open("rb") as file:
        start = file.read(1 << 16)
    return int.from_bytes(start[68:72], "big") == APPLICATION_ID or b"CREATE TABLE entries" in start


def _unreadable(event: int, why: Exception) -> _Broken:
    what = f"Entry {event}" if event else "What stands before the first entry"
    return _Broken(event, f"{what} cannot be read: {ascii(' '.join(str(why).split())[:80])[1:-1]}.")
