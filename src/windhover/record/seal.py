"""The file's own bytes, beside the rows that they hold.

A row's digest covers the row. SQLite's file also has bytes that no row reads (page headers, unused
space), and a changed byte there can hide or do harm later. So a journal that is closed in order gets
a seal beside it, `<journal>.seal`: a digest of every page. The first row appended after that removes
it. The seal proves nothing about people (who can write the journal can write the seal); it finds
what disks and copies do, and an end that was cut off carelessly.

Page layout: SQLite "Database File Format", sections 1.3, 1.5 and 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from windhover.errors import BadInput
from windhover.record.files import plain_words, sync_folder, write_whole

_DIGEST: Final = 8
_TABLE_LEAF: Final = 0x0D


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the journal's file was when it was closed."""

    seq: int
    head: str
    page_size: int
    pages: str  # 8-byte BLAKE2b of every page, hex, one after the other
    check: str  # BLAKE2b of the fields above, hex

    def expected_check(self) -> str:
        words = f"{self.seq} {self.head} {self.page_size} {self.pages}"
        return blake2b(words.encode(), digest_size=16).hexdigest()


class Found(NamedTuple):
    """What the seal tells. `words` without `broken` is only a remark."""

    broken: bool = False
    event: int = 0
    words: str = ""


def path_of(journal: Path) -> Path:
    return journal.with_name(journal.name + ".seal")


def put(journal: Path, seq: int, head: str) -> None:
    """Seal a closed journal. Raises `WindhoverError`."""
    with plain_words(journal):
        data = journal.read_bytes()
    size = _page_size(data)
    seal = Seal(seq, head, size, "".join(_digests(data, size)), "")
    seal = msgspec.structs.replace(seal, check=seal.expected_check())
    write_whole(path_of(journal), msgspec.json.encode(seal) + b"\n")


def remove(journal: Path) -> None:
    """Break the seal: the journal is about to grow."""
    with plain_words(journal):
        if path_of(journal).exists():
            path_of(journal).unlink()
            sync_folder(journal.parent)  # else a power cut could bring it back


def check(journal: Path, seq: int, head: str) -> Found:
    """Compare a journal whose chain holds up to `seq` and `head` with its seal.

    Raises `BadInput` where the seal itself is damaged.
    """
    with plain_words(journal):
        if not path_of(journal).is_file():
            return Found(
                words="No seal: the journal is open, was stopped hard, or was copied alone."
            )
        text = path_of(journal).read_bytes()
        data = journal.read_bytes()
    try:
        seal = msgspec.json.decode(text, type=Seal)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadInput(f"The seal {path_of(journal).name} is damaged.") from None
    if seal.check != seal.expected_check():
        raise BadInput(f"The seal {path_of(journal).name} is damaged.")
    if seal.seq > seq:
        return Found(
            True,
            seq + 1,
            f"Entry {seq + 1} is missing: the journal was sealed with {seal.seq} entries.",
        )
    if (seal.seq, seal.head) != (seq, head):
        return Found(True, seal.seq, f"The journal is not the one sealed at entry {seal.seq}.")
    was = [seal.pages[at : at + 2 * _DIGEST] for at in range(0, len(seal.pages), 2 * _DIGEST)]
    now = list(_digests(data, seal.page_size))
    for at, (one, other) in enumerate(zip(was, now, strict=False)):
        if one != other:
            event = _entry_on(data, seal.page_size, at + 1)
            near = f"at entry {event}" if event else "outside of any entry"
            return Found(
                True,
                event,
                f"A byte of the file that no entry reads has changed, {near} (page {at + 1}).",
            )
    if len(was) != len(now):
        return Found(True, seq, "The file is longer or shorter than when it was sealed.")
    return Found()


def _page_size(data: bytes) -> int:
    size = int.from_bytes(data[16:18], "big")
    return 65536 if size == 1 else size or 4096


def _digests(data: bytes, size: int) -> Iterator[str]:
    view = memoryview(data)
    for at in range(0, len(data), size):
        yield blake2b(view[at : at + size], digest_size=_DIGEST).hexdigest()


def _entry_on(data: bytes, size: int, page: int) -> int:
    """The first entry that has bytes on `page`; 0 = none has."""
    if page == 1:
        return 0
    owners = []
    with suppress(IndexError):
        for at in range(1, len(data) // size):
            if data[at * size] != _TABLE_LEAF:
                continue
            for seq, overflow in _cells(data[at * size : (at + 1) * size], size):
                seen = {at + 1}
                while overflow and overflow not in seen:
                    seen.add(overflow)
                    start = (overflow - 1) * size
                    overflow = int.from_bytes(data[start : start + 4], "big")
                if page in seen:
                    owners.append(seq)
    return min(owners, default=0)


def _cells(leaf: bytes, size: int) -> Iterator[tuple[int, int]]:
    """(row number, first overflow page or 0) of every cell of a table leaf."""
    for cell in range(int.from_bytes(leaf[3:5], "big")):
        at = int.from_bytes(leaf[8 + 2 * cell : 10 + 2 * cell], "big")
        payload, at = _varint(leaf, at)
        seq, at = _varint(leaf, at)
        most, least = size - 35, (size - 12) * 32 // 255 - 23
        if payload <= most:
            yield seq, 0
            continue
        here = least + (payload - least) % (size - 4)
        at += here if here <= most else least
        yield seq, int.from_bytes(leaf[at : at + 4], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """SQLite's variable-length number at `at`, and where it ends."""
    value = 0
    for step in range(8):
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9
