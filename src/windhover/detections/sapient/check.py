"""Is a message what the standard says, and if not, which field is wrong?

The rules are read from the marks on the messages themselves (mandatory, ULID, UUID), once per message
type; then each present field costs one look-up. `Tolerances` holds what sites differ in.
"""

from __future__ import annotations

from functools import cache
from math import isfinite
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from windhover.detections.sapient import wire
from windhover.detections.sapient.quick import is_usual
from windhover.detections.sapient.wire import Message
from windhover.units import NS_PER_S

MAX_FAULTS: Final = 20
"""A message with more faults than this is told its first ones."""
_NUMBER, _TEXT, _ENUM, _MESSAGE, _OTHER = range(5)


Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=86_400.0)]


class Tolerances(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How exactly a peer must keep to the standard before its message is refused.

    The defaults read what can be understood. `STRICT` is how the strictest known peers behave, and
    therefore what we keep to ourselves when we send.
    """

    past_s: Seconds = 60.0  # a message may be older than this at most
    future_s: Seconds = 10.0  # … and ahead of our clock by this
    detection_gap_s: Seconds = 0.0  # detections of one node lie at least so far apart
    strict_ids: bool = False  # UUID of version 4 in lower case, ULID in upper case
    unknown_fields: bool = True  # fields outside the standard are let pass, unread
    withdrawn_units: bool = True  # feet, as before BSI Flex 335, are still understood
    icd_versions: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = (wire.ICD_VERSION,)


STRICT: Final = Tolerances(
    past_s=0.9,
    future_s=0.1,
    detection_gap_s=0.08,
    strict_ids=True,
    unknown_fields=False,
    withdrawn_units=False,
)


class Fault(NamedTuple):
    """What is wrong, and where."""

    field: str  # dotted path from the content, with indices: "detection_report.location.x"
    words: str

    def __str__(self) -> str:
        return f"{self.field}: {self.words}"


class _Rule(NamedTuple):
    name: str
    kind: int
    repeated: bool
    ulid: bool
    uuid: bool
    known: frozenset[int]  # of an enumeration
    withdrawn: frozenset[int]  # values of it that only old nodes use
    mandatory: bool
    plan: str  # full name of the message type, for a message field of the standard


# Name, kind, repeated, "any text or number but an empty one will do", plan, and all of it again: a tuple
# is unpacked at once, and this is looked up for every field of every message.
_Entry = tuple[str, int, bool, bool, str, _Rule]


class _Plan(NamedTuple):
    rules: dict[int, _Entry]
    mandatory: int  # bit n set: field number n must be there
    oneofs: tuple[tuple[str, int, str], ...]  # name, bits of its members, members in words


# Withdrawn before version 1 of the standard because they are not SI (feet); reserved since.
_WITHDRAWN: Final = {
    "LocationCoordinateSystem": frozenset((3, 4)),
    "RangeBearingCoordinateSystem": frozenset((5, 6)),
}
_PLANS: dict[str, _Plan] = {}


def _plan(descriptor: Any) -> _Plan:
    """The rules of one message type; those of its parts are made with it."""
    found = _PLANS.get(descriptor.full_name)
    if found is not None:
        return found
    marks = wire.options()
    rules: dict[int, _Entry] = {}
    must = 0
    oneofs = []
    for oneof in descriptor.oneofs:
        if oneof.GetOptions().Extensions[marks.oneof_options].is_mandatory:
            bits = sum(1 << field.number for field in oneof.fields)
            oneofs.append((oneof.name, bits, " or ".join(field.name for field in oneof.fields)))
    if descriptor.name == "SapientMessage":
        fields = descriptor.oneofs_by_name["content"].fields
        oneofs = [("content", sum(1 << f.number for f in fields), "a message of the standard")]
    plan = _Plan(rules, 0, tuple(oneofs))
    _PLANS[descriptor.full_name] = plan  # before its parts: sub-classes hold sub-classes
    for field in descriptor.fields:
        mark = field.GetOptions().Extensions[marks.field_options]
        kind, known, sub = _OTHER, frozenset[int](), ""
        if field.cpp_type in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
            kind = _NUMBER
        elif field.cpp_type == field.CPPTYPE_STRING and field.type == field.TYPE_STRING:
            kind = _TEXT
        elif field.cpp_type == field.CPPTYPE_ENUM:
            kind, known = _ENUM, frozenset(field.enum_type.values_by_number)
        elif field.message_type is not None and field.message_type.full_name.startswith("sapient"):
            kind, sub = _MESSAGE, field.message_type.full_name
            _plan(field.message_type)
        withdrawn = _WITHDRAWN.get(field.enum_type.name, frozenset()) if kind == _ENUM else known
        repeated = field.label == field.LABEL_REPEATED
        rule = _Rule(
            field.name, kind, repeated, mark.is_ulid, mark.is_uuid, known, withdrawn,
            mark.is_mandatory, sub,
        )  # fmt: skip
        plain = kind == _TEXT and not rule.ulid and not rule.uuid
        rules[field.number] = (field.name, kind, repeated, plain, sub, rule)
        if mark.is_mandatory:
            must |= 1 << field.number
    _PLANS[descriptor.full_name] = plan._replace(mandatory=must)
    return _PLANS[descriptor.full_name]


@cache
def _root() -> _Plan:
    return _plan(wire.message_type("SapientMessage").DESCRIPTOR)


def faults(message: Message, tolerances: Tolerances) -> list[Fault]:
    """What is wrong with a message as it stands, whoever sent it and whenever; empty where nothing."""
    if tolerances.unknown_fields and message.HasField("detection_report") and is_usual(message):
        return []
    found: list[Fault] = []
    _walk(message, _root(), "", tolerances, found)
    if not found and message.HasField("registration"):
        said = message.registration.icd_version.replace("_", " ")
        if said not in tolerances.icd_versions:
            readable = ", ".join(tolerances.icd_versions)
            found.append(
                Fault("registration.icd_version", f"{said!r} is not read here, only {readable}")
            )
    return found


def time_faults(message: Message, now_ns: int, tolerances: Tolerances) -> list[Fault]:
    """What is wrong with the message's time beside our clock."""
    at_ns = wire.time_ns(message.timestamp)
    if at_ns < 0:
        return [Fault("timestamp", "is no instant")]
    ahead_s = (at_ns - now_ns) / NS_PER_S
    if ahead_s > tolerances.future_s:
        return [
            Fault(
                "timestamp", f"{ahead_s:.3f} s ahead of this clock, {tolerances.future_s:g} may be"
            )
        ]
    if -ahead_s > tolerances.past_s:
        return [
            Fault("timestamp", f"{-ahead_s:.3f} s behind this clock, {tolerances.past_s:g} may be")
        ]
    return []


def _walk(
    message: Message, plan: _Plan, path: str, tolerances: Tolerances, found: list[Fault]
) -> None:
    seen = 0
    rules = plan.rules
    for field, value in message.ListFields():
        number = field.number
        seen |= 1 << number
        name, kind, repeated, plain, sub, rule = rules[number]
        if repeated:
            if kind != _OTHER:
                _walk_many(value, rule, path, tolerances, found)
        elif kind == _NUMBER:
            if not isfinite(value):
                found.append(Fault(path + name, "is not a finite number"))
        elif kind == _MESSAGE:
            _walk(value, _PLANS[sub], f"{path}{name}.", tolerances, found)
        elif kind != _OTHER and not (plain and value):
            words = _value_fault(rule, value, tolerances)
            if words:
                found.append(Fault(path + name, words))
        if len(found) >= MAX_FAULTS:
            return
    if plan.mandatory & ~seen:
        found.extend(
            Fault(path + rule.name, "is mandatory and missing")
            for number, (*_, rule) in rules.items()
            if rule.mandatory and not seen >> number & 1
        )
    for name, bits, words in plan.oneofs:
        if not seen & bits:
            found.append(Fault(path + name, f"is mandatory: {words}"))
    if not tolerances.unknown_fields:
        found.extend(_unknown(message, path))
    del found[MAX_FAULTS:]


def _walk_many(
    values: Any, rule: _Rule, path: str, tolerances: Tolerances, found: list[Fault]
) -> None:
    for i, one in enumerate(values):
        here = f"{path}{rule.name}[{i}]"
        if rule.kind == _MESSAGE:
            _walk(one, _PLANS[rule.plan], here + ".", tolerances, found)
        else:
            words = _value_fault(rule, one, tolerances)
            if words:
                found.append(Fault(here, words))
        if len(found) >= MAX_FAULTS:
            return


def _value_fault(rule: _Rule, value: Any, tolerances: Tolerances) -> str:
    if rule.kind == _TEXT:
        if rule.ulid and not wire.ULID.fullmatch(value if tolerances.strict_ids else value.upper()):
            return f"{value[:40]!r} is no ULID"
        strict = tolerances.strict_ids
        if rule.uuid and not wire.UUID4.fullmatch(value) and (strict or not _any_uuid(value)):
            return f"{value[:40]!r} is no UUID" + " of version 4" * strict
        if rule.mandatory and not value:
            return "is mandatory and empty"
    elif rule.kind == _ENUM:
        if value == 0 and rule.mandatory:
            return "is mandatory and unspecified"
        if value not in rule.known:
            if value in rule.withdrawn and tolerances.withdrawn_units:
                return ""
            return f"{value} is not a value of the standard"
    return ""


def _any_uuid(text: str) -> bool:
    bare = text.replace("-", "")
    return len(bare) == 32 and all(c in "0123456789abcdefABCDEF" for c in bare)


def _unknown(message: Message, path: str) -> list[Fault]:
    fields = wire._module("google.protobuf.unknown_fields").UnknownFieldSet(message)
    return [
        Fault(f"{path}#{field.field_number}", "is no field of the standard") for field in fields
    ]
