"""A whole picture at one entry, so that a start-up replays minutes and not days.

The bytes (`codec`) lie in the archive's folder; their SHA-256 stands in the chain. A snapshot is a
short cut and not a part of the proof: one that is missing, or was made by another version, is passed
over and more is replayed instead.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from windhover.errors import BadInput
from windhover.record import codec
from windhover.record.entries import Entry, Head, encode_struct
from windhover.record.files import plain_words, write_whole
from windhover.record.journal import Journal

T = TypeVar("T")


class Snapshot(msgspec.Struct, frozen=True, tag=True):
    """The entry: these bytes are the picture as it stood after entry `of_seq`."""

    path: str  # below the archive's folder
    bytes: int
    sha256: str
    of_seq: int


class Loaded(NamedTuple, Generic[T]):
    """A picture read back and where to go on."""

    picture: T
    now_ns: int
    next_seq: int  # the first entry that the picture has not seen


def save(root: Path, now_ns: int, head: Head, picture: object) -> Entry:
    """Write the picture as it stands after `head`; gives the entry to append. Raises `WindhoverError`."""
    data = codec.encode(picture, quick=True)
    path = f"snapshots/{head.seq:010}.whc"
    write_whole(root / path, data)
    body = Snapshot(path, len(data), sha256(data).hexdigest(), head.seq)
    return Entry(now_ns, "snapshot", Snapshot.__name__, encode_struct(body))


def load(
    journal: Journal, root: Path, as_type: type[T], to_seq: int | None = None
) -> Loaded[T] | None:
    """The latest picture that can be read, at or before entry `to_seq`; None = start from the first.

    A damaged file is not taken for a missing one: `verify` finds it, this passes it over.
    """
    kept = list(journal.read(kinds=("snapshot",)))
    for entry in reversed(kept):
        if to_seq is not None and entry.seq > to_seq:
            continue
        told = told_by(entry)
        path = root / told.path
        with plain_words(path):
            data = path.read_bytes() if path.is_file() else b""
        if sha256(data).hexdigest() != told.sha256:
            continue
        try:
            picture = codec.decode(as_type, data)
        except BadInput:
            continue
        return Loaded(picture, entry.now_ns, told.of_seq + 1)
    return None


def tidy(journal: Journal, root: Path) -> None:
    """Take away pictures whose entry a crash kept from being written: nothing vouches for them."""
    known = {told_by(entry).path for entry in journal.read(kinds=("snapshot",))}
    with plain_words(root):
        for path in sorted((root / "snapshots").glob("*.whc")):
            if path.relative_to(root).as_posix() not in known:
                path.unlink()


def told_by(entry: Entry) -> Snapshot:
    """What a snapshot entry says. Raises `BadInput`, also where its path leaves the archive."""
    try:
        told = msgspec.json.decode(entry.body, type=Snapshot)
    except msgspec.MsgspecError as why:
        raise BadInput(f"Entry {entry.seq} is not a snapshot: {why}.") from None
    if not is_inside(told.path):
        raise BadInput(f"Entry {entry.seq} names a file outside the archive.")
    return told


def is_inside(path: str) -> bool:
    """Whether a path from a record stays in the archive's folder."""
    parts = path.split("/")
    return bool(path) and not path.startswith("/") and "\\" not in path and ".." not in parts
