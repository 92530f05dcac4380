"""One row of the journal, and how what arrived and what was said become its body and come back.

A batch of arrays is written by `codec`; a struct as JSON, which a person can read. JSON has no NaN
and no infinity, so a struct that holds one is written by `codec` as well. Neither sorts anything:
the order of a dict that came in is part of what came in.
"""

from __future__ import annotations

from hashlib import sha256
from math import isfinite
from typing import Any, Final, Literal, NamedTuple, cast, get_args

import msgspec

from windhover.errors import BadInput
from windhover.record import codec
from windhover.schema.batches import Detections, Wind
from windhover.schema.commands import Command, SiteChange, Tick
from windhover.schema.events import Event
from windhover.schema.reports import Reports

EntryKind = Literal["input", "event", "snapshot", "mark"]
KINDS: Final[tuple[EntryKind, ...]] = get_args(EntryKind)
Arrived = Detections | Wind | Reports | Tick | SiteChange | Command

BATCHES: Final[dict[str, type[Any]]] = {"Detections": Detections, "Wind": Wind}
INPUTS: Final[dict[str, type[Any]]] = BATCHES | {
    each.__name__: each for each in (Reports, Tick, SiteChange, *get_args(Command))
}
EVENTS: Final[dict[str, type[Any]]] = {each.__name__: each for each in get_args(Event)}


class Entry(NamedTuple):
    """One row. `seq` and `digest` are given by the journal when it takes the row."""

    now_ns: int  # picture time, UTC; never the clock of the machine that writes
    kind: EntryKind
    type: str  # tag of what the body holds
    body: bytes
    seq: int = 0  # 1, 2, 3 … without a gap
    digest: bytes = b""  # SHA-256 over the digest before it and this row


class Head(NamedTuple):
    """The last row of a chain: who knows it can tell later whether anything before was changed."""

    seq: int
    digest: bytes  # (32,)

    @property
    def hex(self) -> str:
        return self.digest.hex()


def chain(previous: bytes, entry: Entry, seq: int) -> bytes:
    """SHA-256 of the digest before ‖ the row. Numbers are 8 bytes big-endian, texts carry their length.

    The lengths keep two different rows from ever being the same bytes.
    """
    kind, type_ = entry.kind.encode(), entry.type.encode()
    parts = (
        previous,
        seq.to_bytes(8, "big"),
        entry.now_ns.to_bytes(8, "big", signed=True),
        len(kind).to_bytes(8, "big"),
        kind,
        len(type_).to_bytes(8, "big"),
        type_,
        len(entry.body).to_bytes(8, "big"),
        entry.body,
    )
    return sha256(b"".join(parts)).digest()


def input_entry(now_ns: int, arrived: Arrived) -> Entry:
    """The row of something that arrived. Raises `BadInput` where it cannot be written."""
    name = type(arrived).__name__
    if name not in INPUTS or type(arrived) is not INPUTS[name]:
        raise BadInput(f"A {name} is not something that arrives.")
    if name in BATCHES:
        return Entry(now_ns, "input", name, codec.encode_batch(cast(Any, arrived)))
    return Entry(now_ns, "input", name, encode_struct(arrived))


def event_entry(now_ns: int, event: Event) -> Entry:
    """The row of something the picture said."""
    return Entry(now_ns, "event", type(event).__name__, encode_struct(event))


def mark_entry(now_ns: int, mark: msgspec.Struct) -> Entry:
    """The row of something about the record itself: a partition was written, the night begins."""
    return Entry(now_ns, "mark", type(mark).__name__, encode_struct(mark))


def read_input(entry: Entry) -> Arrived:
    """What arrived, bit for bit. Raises `BadInput`."""
    if entry.type in BATCHES:
        return cast(Arrived, codec.decode_batch(BATCHES[entry.type], entry.body))
    return cast(Arrived, decode_struct(_known(INPUTS, entry), entry.body))


def read_event(entry: Entry) -> Event:
    """What was said. Raises `BadInput`."""
    return cast(Event, decode_struct(_known(EVENTS, entry), entry.body))


def _known(table: dict[str, type[Any]], entry: Entry) -> type[Any]:
    if entry.type not in table:
        raise BadInput(f"Entry {entry.seq} holds a {entry.type}, which this version does not know.")
    return table[entry.type]


def encode_struct(value: Any) -> bytes:
    """JSON where JSON can hold it exactly, else `codec`'s bytes. Same value, same bytes."""
    try:
        body = msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, TypeError, RecursionError) as why:
        raise BadInput(f"A {type(value).__name__} cannot be written: {why}.") from None
    # msgspec writes NaN and infinity as null, which would read back as "absent".
    if b"null" in body and not _all_finite(msgspec.to_builtins(value)):
        return codec.encode(value)
    return body


def decode_struct(as_type: type[Any], body: bytes) -> Any:
    """The struct that `encode_struct` wrote. Raises `BadInput`."""
    if codec.is_packed(body):
        return codec.decode(as_type, body)
    try:
        return msgspec.json.decode(body, type=as_type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as why:
        raise BadInput(f"These bytes do not hold a {as_type.__name__}: {why}.") from None


def _all_finite(tree: Any) -> bool:
    if isinstance(tree, float):
        return isfinite(tree)
    if isinstance(tree, dict):
        return all(_all_finite(value) for value in tree.values())
    if isinstance(tree, list | tuple):
        return all(_all_finite(value) for value in tree)
    return True
