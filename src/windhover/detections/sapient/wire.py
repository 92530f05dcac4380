"""SAPIENT messages as objects: the compiled messages of `sapient-py`, times, and identifiers.

`sapient-py` is an extra (`pip install windhover[feeds]`): this module is the only one that imports it,
and only when a message is first read or made. Its messages carry the standard's own marks of what is
mandatory, a ULID or a UUID, which `check` reads.

Sources: BSI Flex 335 v2.0 (March 2024); ULID specification (48 bits of milliseconds, 80 bits of
entropy, Crockford's base 32); RFC 9562, 5.4 (UUID version 4).
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import Any, Final

from windhover.errors import BadSite
from windhover.timescale import PLAUSIBLE_TO_NS
from windhover.units import NS_PER_S

ICD_VERSION: Final = "BSI Flex 335 v2.0"
PACKAGE: Final = "sapient_msg.bsi_flex_335_v2_0"

ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Message = Any  # the library has no stubs; what is read of it is checked by `check`


@cache
def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise BadSite(
            "SAPIENT needs the package sapient-py.", "Install windhover[feeds]."
        ) from None


@cache
def message_type(name: str, file: str = "") -> Any:
    """A message class of the standard by its name, as `Registration` or `Location`."""
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(_module(f"{PACKAGE}.{file or snake}_pb2"), name)


@cache
def options() -> Any:
    """The module with the standard's marks on fields (mandatory, ULID, UUID)."""
    return _module("sapient_msg.proto_options_pb2")


@cache
def fault_type() -> type[Exception]:
    """What the protobuf library raises on bytes that are no message."""
    found: type[Exception] = _module("google.protobuf.message").DecodeError
    return found


def envelope(node_id: str, now_ns: int, destination_id: str = "") -> Message:
    """A new message with its time and sender."""
    message = message_type("SapientMessage")()
    set_time(message.timestamp, now_ns)
    message.node_id = node_id
    if destination_id:
        message.destination_id = destination_id
    return message


def parse(payload: bytes) -> Message | None:
    """The message, or None where the bytes hold none."""
    message = message_type("SapientMessage")()
    try:
        message.ParseFromString(payload)
    except fault_type():
        return None
    return message


def packed(message: Message) -> bytes:
    """Its bytes."""
    payload: bytes = message.SerializeToString()
    return payload


def time_ns(stamp: Message) -> int:
    """Nanoseconds of a protobuf `Timestamp`; −1 where it cannot be an instant of this age."""
    seconds, nanos = stamp.seconds, stamp.nanos
    if not (0 <= nanos < NS_PER_S and 0 <= seconds < PLAUSIBLE_TO_NS // NS_PER_S):
        return -1
    return int(seconds) * NS_PER_S + int(nanos)


def set_time(stamp: Message, at_ns: int) -> None:
    """Write an instant into a protobuf `Timestamp`."""
    stamp.seconds, stamp.nanos = divmod(at_ns, NS_PER_S)


def ulid(at_ns: int, what: str, order: int = 0) -> str:
    """A ULID of this instant for `what`: same instant and words, same identifier (nothing is drawn).

    Of one millisecond those of a greater `order` (below 65,536) are greater, as the specification's
    monotonic identifiers are.

    >>> ulid(1_770_791_400_000_000_000, "kite")[:10]
    '01KH5P8WJ0'
    """
    bits = (at_ns // 1_000_000 & (1 << 48) - 1) << 80
    bits |= (order & 0xFFFF) << 64
    bits |= int.from_bytes(blake2b(f"{at_ns}:{what}".encode(), digest_size=8).digest(), "big")
    return "".join(_CROCKFORD[bits >> shift & 31] for shift in range(125, -1, -5))


def node_uuid(what: str) -> str:
    """A UUID in the form of version 4 that stands for `what`: the same words, the same node anywhere."""
    bits = bytearray(blake2b(what.encode(), digest_size=16).digest())
    bits[6] = bits[6] & 0x0F | 0x40
    bits[8] = bits[8] & 0x3F | 0x80
    text = bits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
