"""Whole files or none: what has its final name is complete and on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from windhover.errors import WindhoverError

DRAFT_SUFFIX: Final = ".part"
_CHUNK: Final = 1 << 20


def write_whole(path: Path, data: bytes, folder: Path | None = None) -> None:
    """Write `data` to `path` so that a crash leaves the old file, the new one or none, never half.

    Folders up to `folder` (default: the nearest that exists) are made and made durable too.
    Raises `WindhoverError` where the disk is full or refuses.
    """
    draft = path.with_name(f".{path.name}{DRAFT_SUFFIX}")
    with plain_words(path):
        made = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        for each in (path.parent, *(each.parent for each in made)):
            sync_folder(each)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file is on the disk only once its name is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hex, without holding it in memory."""
    whole = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()


@contextmanager
def plain_words(path: Path) -> Iterator[None]:
    """What the file system raises, as one clear line."""
    try:
        yield
    except OSError as why:
        raise WindhoverError(
            f"{path} cannot be used: {why.strerror or why}.",
            "Check the folder, its permissions and the free space.",
        ) from why
