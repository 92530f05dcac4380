"""Items → records → blocks, by the tables that read them (`uap.PROFILES`). Nothing is interpreted here.

An item is given as its octets, without what the framing adds: extension bits of items of parts, the
count before repetitions, the length before explicit items, the specification before compound ones. What a
profile cannot hold is refused, so that whatever leaves can be read by the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from windhover.detections.asterix.uap import PROFILES, Item
from windhover.errors import BadInput

MAX_BLOCK: Final = 0xFFFF

Content = bytes | Mapping[str, bytes]
"""Octets of an item, or of each part of a compound one by its number."""


def encode_record(category: int, items: Mapping[str, Content]) -> bytes:
    """One record with the items given, in the order of the profile. Raises `BadInput`."""
    if category not in PROFILES:
        raise BadInput(f"ASTERIX category {category:03d} is not written here.")
    return _listed(f"{category:03d}", PROFILES[category], items)


def encode_block(category: int, records: Iterable[bytes]) -> bytes:
    """A data block: category, length, records. Raises `BadInput` where it would be too long."""
    body = b"".join(records)
    if not body or len(body) + 3 > MAX_BLOCK:
        raise BadInput("An ASTERIX block holds between one record and 65,532 octets.")
    return bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body


def _listed(name: str, profile: tuple[Item, ...], items: Mapping[str, Content]) -> bytes:
    """Field specification and the items that it announces."""
    specification = bytearray()
    body: list[bytes] = []
    left = set(items)
    for number, item in enumerate(profile):
        if item.form == "spare" or item.name not in left:
            continue
        left.remove(item.name)
        octet, bit = divmod(number, 7)
        specification.extend(bytes(octet + 1 - len(specification)))
        specification[octet] |= 0x80 >> bit
        body.append(_item(f"{name}/{item.name}", item, items[item.name]))
    if left:
        raise BadInput(f"ASTERIX {name} has no item {min(left)}.")
    if not body:
        raise BadInput(f"ASTERIX {name} with nothing in it.")
    for octet in range(len(specification) - 1):
        specification[octet] |= 1
    return bytes(specification) + b"".join(body)


def _item(name: str, item: Item, content: Content) -> bytes:
    if item.form == "compound":
        if isinstance(content, bytes):
            raise BadInput(f"ASTERIX {name} is given by its parts.")
        return _listed(name, item.parts, content)
    if not isinstance(content, bytes):
        raise BadInput(f"ASTERIX {name} has no parts.")
    length = len(content)
    if item.form == "explicit":
        if not 0 < length < 255:
            raise BadInput(f"ASTERIX {name} holds 1 to 254 octets.")
        return bytes([length + 1]) + content
    whole = length and length % item.octets == 0
    if item.form == "fixed" and length == item.octets:
        return content
    if item.form == "repetitive" and whole and length // item.octets < 256:
        return bytes([length // item.octets]) + content
    if item.form == "extended" and whole:
        return _extended(name, item.octets, content)
    raise BadInput(f"ASTERIX {name} of {length} octets.")


def _extended(name: str, octets: int, content: bytes) -> bytes:
    """The lowest bit of each part's last octet says whether another part follows."""
    made = bytearray(content)
    for at in range(octets - 1, len(made), octets):
        if made[at] & 1:
            raise BadInput(f"ASTERIX {name}: the extension bit is not the caller's.")
        if at + 1 < len(made):
            made[at] |= 1
    return bytes(made)
