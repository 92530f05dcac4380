"""Data blocks and records: where each item stands in the bytes. Nothing is interpreted here.

A block is category (1 octet), length (2), records. A record has no length of its own: if one cannot be read,
the rest of its block is lost with it, and the next block goes on. Both are counted.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final, NamedTuple

from windhover.detections.asterix.uap import OLDER, PROFILES, Item
from windhover.detections.decoded import count

_BY_ID: Final = {
    id(one): one for one in (*PROFILES.values(), *(old for many in OLDER.values() for old in many))
}
MAX_FIELD_SPECIFICATION: Final = 8
"""Octets; the longest profile needs five."""


class Record(NamedTuple):
    """One record and its items."""

    category: int
    data: bytes  # the whole payload that the offsets point into
    items: dict[str, int]  # item → offset of its first octet


class Unreadable(Exception):
    """Why a record cannot be stepped through."""


def records(payload: bytes, rejected: Counter[str]) -> list[Record]:
    """All readable records of all known categories in the payload. Never raises."""
    found: list[Record] = []
    at, end = 0, len(payload)
    while at + 3 <= end:
        category = payload[at]
        length = payload[at + 1] << 8 | payload[at + 2]
        if length < 4 or at + length > end:
            count(rejected, "block of wrong length")
            return found
        profile = PROFILES.get(category)
        stop = at + length
        position = at + 3
        at = stop
        if profile is None:
            count(rejected, f"category {category:03d} is not read")
            continue
        whole, fault = _block(payload, position, stop, category, profile)
        for older in OLDER.get(category, ()) if fault else ():
            again, still = _block(payload, position, stop, category, older)
            if not still:
                whole, fault = again, ""
                break
        count(rejected, fault, int(bool(fault)))
        found += whole
    if at != end:
        count(rejected, "octets after the last block")
    return found


def _block(
    data: bytes, at: int, stop: int, category: int, profile: tuple[Item, ...]
) -> tuple[list[Record], str]:
    """The records of one block, up to one that cannot be read, and why that is so."""
    found: list[Record] = []
    while at < stop:
        try:
            items, at = _record(data, at, stop, profile)
        except Unreadable as fault:
            return found, str(fault)
        found.append(Record(category, data, items))
    return found, ""


def _record(
    data: bytes, at: int, stop: int, profile: tuple[Item, ...]
) -> tuple[dict[str, int], int]:
    start = at
    while at < stop and data[at] & 1:
        at += 1
    at += 1
    if at > stop or at - start > MAX_FIELD_SPECIFICATION:
        raise Unreadable("broken field specification")
    items: dict[str, int] = {}
    for item in _named(data[start:at], id(profile)):
        items[item.name] = at
        at = at + item.octets if item.form == "fixed" else _skip(item, data, at, stop)
    if at > stop:
        raise Unreadable("record longer than its block")
    if not items:
        raise Unreadable("empty record")
    return items, at


@lru_cache(maxsize=4096)
def _named(specification: bytes, profile: int) -> tuple[Item, ...]:
    """The items that a field specification announces; the same few come again and again.

    `profile` is one of `_BY_ID`: a small key, where the whole profile would have to be hashed each time.
    """
    return _announced(specification, _BY_ID[profile])


def _announced(specification: bytes, profile: tuple[Item, ...]) -> tuple[Item, ...]:
    found = []
    for octet_number, octet in enumerate(specification):
        for bit in range(7):
            if octet & (0x80 >> bit):
                number = octet_number * 7 + bit
                if number >= len(profile) or profile[number].form == "spare":
                    raise Unreadable("item that does not exist")
                found.append(profile[number])
    return tuple(found)


def _skip(item: Item, data: bytes, at: int, stop: int) -> int:
    """Offset behind an item of variable length."""
    if at >= stop:
        raise Unreadable("record longer than its block")
    if item.form == "extended":
        while True:
            at += item.octets
            if at > stop:
                raise Unreadable("record longer than its block")
            if not data[at - 1] & 1:
                return at
    if item.form == "repetitive":
        return at + 1 + data[at] * item.octets
    if item.form == "explicit":
        if not data[at]:
            raise Unreadable("explicit item of no length")
        return at + data[at]
    start = at
    while at < stop and data[at] & 1:
        at += 1
    at += 1
    if at > stop or at - start > MAX_FIELD_SPECIFICATION:
        raise Unreadable("broken field specification")
    for part in _parts(data[start:at], item):
        at = at + part.octets if part.form == "fixed" else _skip(part, data, at, stop)
    return at


@lru_cache(maxsize=4096)
def _parts(specification: bytes, item: Item) -> tuple[Item, ...]:
    return _announced(specification, item.parts)


def part_offset(record: Record, item: Item, wanted: str) -> int:
    """Offset of one part of a compound item that the record has; −1 where the part is absent."""
    data, at = record.data, record.items[item.name]
    start = at
    while data[at] & 1:
        at += 1
    at += 1
    for part in _parts(data[start:at], item):
        if part.name == wanted:
            return at
        at = at + part.octets if part.form == "fixed" else _skip(part, data, at, len(data))
    return -1
