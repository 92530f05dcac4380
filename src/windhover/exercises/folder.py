"""A folder of results: all of it or nothing, and nobody else's files touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from windhover.errors import WindhoverError

OURS: Final = frozenset(
    {"report.html", "story.json", "archive", "outbox"}
    | {f"journal.sqlite{end}" for end in ("", ".seal", "-wal", "-shm")}
)
"""What a run writes; a folder that holds anything else is not replaced."""


def check(out: Path) -> None:
    """Raises `WindhoverError` where `out` may not be replaced by a new run."""
    try:
        if not out.exists():
            return
        if not out.is_dir():
            raise WindhoverError(f"{out} is a file, not a folder.", "Choose another --out.")
        names = sorted(p.name for p in out.iterdir())
    except OSError as fault:
        raise WindhoverError(f"{out}: {fault.strerror}.", "Choose another --out.") from None
    strange = [name for name in names if name not in OURS]
    if strange:
        raise WindhoverError(
            f"{out} holds {strange[0]!r}, which no run wrote, and is left alone.",
            "Choose another --out.",
        )
    if names and "journal.sqlite" not in names:
        raise WindhoverError(
            f"{out} is not empty and holds no earlier run.", "Choose another --out."
        )


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A new folder beside `out` that takes its place when the block ends well.

    Otherwise, Ctrl-C included, it is removed and an earlier run in `out` stays as it was. Raises
    `WindhoverError` where it cannot be written.
    """
    check(out)
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear(out)
        part.mkdir()
        yield part
        shutil.rmtree(out, ignore_errors=True)
        part.replace(out)
    except BaseException as fault:
        shutil.rmtree(part, ignore_errors=True)
        for folder in made:
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()
        if isinstance(fault, OSError):
            why = fault.strerror or str(fault)
            raise WindhoverError(f"{out} cannot be written: {why}.") from None
        if isinstance(fault, sqlite3.OperationalError):
            raise WindhoverError(f"{out} cannot be written: {fault}.") from None
        raise


def _clear(out: Path) -> None:
    """Remove what runs left that were killed on the way here."""
    for old in out.parent.glob(f"{out.name}.*.part"):
        number = old.name.removesuffix(".part").rpartition(".")[2]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(old, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
