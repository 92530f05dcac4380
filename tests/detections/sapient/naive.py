"""The validator's slow, obvious twin: every field of every message, looked at one after the other."""

from __future__ import annotations

from math import isfinite
from typing import Any

from sapient_msg import proto_options_pb2
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

WITHDRAWN = {"LocationCoordinateSystem": (3, 4), "RangeBearingCoordinateSystem": (5, 6)}
ULID = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def bad_fields(message: Any, path: str = "") -> set[str]:
    """Dotted paths of everything that the lenient reader must complain of, in the standard's own terms."""
    bad: set[str] = set()
    for oneof in message.DESCRIPTOR.oneofs:
        must = oneof.GetOptions().Extensions[proto_options_pb2.oneof_options].is_mandatory
        if isinstance(message, SapientMessage) and oneof.name == "content":
            must = True
        if must and message.WhichOneof(oneof.name) is None:
            bad.add(path + oneof.name)
    for field in message.DESCRIPTOR.fields:
        mark = field.GetOptions().Extensions[proto_options_pb2.field_options]
        name = path + field.name
        value = getattr(message, field.name)
        if field.label == field.LABEL_REPEATED:
            if mark.is_mandatory and len(value) == 0:
                bad.add(name)
            for i, one in enumerate(value):
                bad |= _of(field, mark, one, f"{name}[{i}]")
            continue
        there = message.HasField(field.name) if field.has_presence else bool(value)
        if not there:
            if mark.is_mandatory:
                bad.add(name)
            continue
        bad |= _of(field, mark, value, name)
    return bad


def _of(field: Any, mark: Any, value: Any, name: str) -> set[str]:
    if field.message_type is not None:
        if field.message_type.full_name.startswith("sapient_msg"):
            return bad_fields(value, name + ".")
        return set()
    if isinstance(value, float) and not isfinite(value):
        return {name}
    if field.enum_type is not None:
        known = [one.number for one in field.enum_type.values]
        known += WITHDRAWN.get(field.enum_type.name, ())
        return {name} if value not in known or (mark.is_mandatory and value == 0) else set()
    if mark.is_ulid:
        text = value.upper()
        good = len(text) == 26 and set(text) <= ULID and text[0] <= "7" and text.isascii()
        return set() if good else {name}
    if mark.is_uuid:
        bare = value.replace("-", "")
        return set() if len(bare) == 32 and set(bare.lower()) <= set("0123456789abcdef") else {name}
    return {name} if isinstance(value, str) and mark.is_mandatory and not value else set()
