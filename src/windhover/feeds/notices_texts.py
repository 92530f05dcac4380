"""Files and replies that hold notices → one text each, with what the file itself says of them.

Plain text with one notice or many, JSON (an array, one object a line, or the object that a notice
service answers with), FAA TFR files in XML; gzip and xz are opened.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from windhover.errors import BadInput, WindhoverError
from windhover.notices.notam import join, several
from windhover.schema.place import Point
from windhover.timescale import from_iso
from windhover.units import RAD_PER_DEG

LARGEST_BYTES: Final = 1_000_000_000
_RAW_KEYS: Final = ("raw", "text", "notam", "message", "all")
_TIME_KEYS: Final = ("issued", "published", "stored", "created", "first")


class Item(NamedTuple):
    """One text as a source gives it."""

    known: str  # the number that the source gives, where the text may lack it
    text: str
    published_ns: int | None = None


@cache
def places() -> dict[str, Point]:
    """Aerodromes by ICAO code, by US location identifier, and by IATA code where neither is taken."""
    import airportsdata

    out: dict[str, Point] = {}
    tables = (airportsdata.load("IATA"), airportsdata.load("LID"), airportsdata.load("ICAO"))
    for table in tables:
        for code, row in table.items():
            out[code] = Point(row["lat"] * RAD_PER_DEG, row["lon"] * RAD_PER_DEG)
    return out


def unpacked(data: bytes, name: str, largest: int = LARGEST_BYTES) -> bytes:
    """Out of gzip or xz, never more than `largest` bytes. Raises `BadInput`."""
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(largest + 1)
        elif data[:6] == b"\xfd7zXZ\x00":
            with lzma.LZMAFile(io.BytesIO(data)) as packed_xz:
                data = packed_xz.read(largest + 1)
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        raise BadInput(f"{name} is a broken archive.") from None
    if len(data) > largest:
        raise BadInput(f"{name} is larger than {largest:,} bytes.", "Cut it into pieces.")
    return data


def items_of(words: str, name: str) -> Iterator[Item]:
    """Every notice of one file or reply. Raises `BadInput` where it is no such file."""
    start = words.lstrip()[:1]
    if start in ("{", "["):
        yield from _objects(words, name)
    elif start == "<":
        yield Item("", words)
    else:
        for text in join(several(words)):
            yield Item("", text)


def _objects(words: str, name: str) -> Iterator[Item]:
    decoder = msgspec.json.Decoder()
    try:
        if words.lstrip().startswith("["):
            rows: list[Any] = decoder.decode(words)
        else:
            rows = [decoder.decode(line) for line in words.splitlines() if line.strip()]
    except msgspec.DecodeError as wrong:
        raise BadInput(
            f"{name} starts like JSON but is not: {wrong}.", "One object a line, or one array."
        ) from None
    for row in rows:
        if isinstance(row, str):
            yield Item("", row)
            continue
        key = next((k for k in _RAW_KEYS if isinstance(row, dict) and row.get(k)), None)
        if key is None:
            raise BadInput(
                f"{name} has an object without a text.", "Name the field 'raw' or 'text'."
            )
        yield Item(str(row.get("id", "")), str(row[key]), _published(row))


def _published(row: dict[str, Any]) -> int | None:
    for key in _TIME_KEYS:
        if isinstance(row.get(key), str):
            return moment(row[key])
    return None


def moment(words: str) -> int | None:
    """An ISO 8601 time; None where it is none, or a day without a time."""
    if "T" not in words.upper() and ":" not in words:
        return None
    try:
        return from_iso(words)
    except (WindhoverError, ValueError):
        return None
