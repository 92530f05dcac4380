"""Data blocks and records: where each item stands in the bytes. Nothing is interpreted here.

A block is category (1 octet), length (2), records. A record has no length of its own: if one cannot be read,
the rest of its block is lost with it, and the next block goes on. Both are counted.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final, NamedTuple

from windhover.detections.asterix.uap import PROFILES, Item
from windhover.detections.decoded import count

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
        while position < stop:
            try:
                items, position = _record(payload, position, stop, category)
            except Unreadable as fault:
                count(rejected, str(fault))
                break
            found.append(Record(category, payload, items))
    if at != end:
        count(rejected, "octets after the last block")
    return found


def _record(data: bytes, at: int, stop: int, category: int) -> tuple[dict[str, int], int]:
    start = at
    while at < stop and data[at] & 1:
        at += 1
    at += 1
    if at > stop or at - start > MAX_FIELD_SPECIFICATION:
        raise Unreadable("broken field specification")
    items: dict[str, int] = {}
    for item in _named(data[start:at], category):
        items[item.name] = at
        at = at + item.octets if item.form == "fixed" else _skip(item, data, at, stop)
    if at > stop:
        raise Unreadable("record longer than its block")
    if not items:
        raise Unreadable("empty record")
    return items, at


@lru_cache(maxsize=4096)
def _named(specification: bytes, category: int) -> tuple[Item, ...]:
    """The items that a field specification announces; the same few come again and again."""
    return _announced(specification, PROFILES[category])


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
