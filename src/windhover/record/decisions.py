"""Whether two runs said the same things about the same objects, when they cannot agree bit for bit.

A decision is what a person would act on: which event, about whom, in which state, with which label.
Those must be equal, in the same order for each object. Figures may differ within the tolerances
below, and instants by two steps of a second. Sentences print figures, so they are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isclose, isnan
from typing import Any, Final, NamedTuple

import msgspec

from windhover.schema.events import Event

TIME_NS: Final = 2_000_000_000
PROBABILITY: Final = 0.02
RELATIVE: Final = 1e-3
ANGLE_RAD: Final = 1e-5
"""64 m on the ground."""
ABSOLUTE: Final = (("_m_s", 0.5), ("_m2", 1e5), ("_m", 25.0), ("_s", 2.0))
"""By the unit that ends the field's name, the first that fits; or RELATIVE, whichever is wider."""

_NOT_DECISIONS: Final = frozenset(
    {"sentence", "why", "words", "impact", "text", "subject", "reason", "journal_head", "polygon"}
)


class Difference(NamedTuple):
    """One thing that the two runs do not agree on."""

    about: str  # kind of event and whom it is about
    words: str


def differences(recorded: Iterable[Event], replayed: Iterable[Event]) -> tuple[Difference, ...]:
    """What was decided otherwise; empty = the same decisions within the stated tolerances."""
    was, now = _by_subject(recorded), _by_subject(replayed)
    found = []
    for about in sorted(was.keys() | now.keys()):
        ours, theirs = was.get(about, []), now.get(about, [])
        if len(ours) != len(theirs):
            found.append(
                Difference(about, f"{len(ours)} times in the record, {len(theirs)} times replayed")
            )
            continue
        found += [
            Difference(about, words)
            for one, other in zip(ours, theirs, strict=True)
            for words in _compare(one, other)
        ]
    return tuple(found)


def _by_subject(events: Iterable[Event]) -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        leaves: dict[str, Any] = {}
        _flatten("", msgspec.to_builtins(event), leaves)
        who = next(
            (str(value) for name, value in leaves.items() if name.rsplit(".")[-1] in _WHO), ""
        )
        told.setdefault(f"{type(event).__name__} {who}".strip(), []).append(leaves)
    return told


_WHO: Final = frozenset({"track_id", "id", "about", "source", "command"})


def _flatten(name: str, value: Any, leaves: dict[str, Any]) -> None:
    if name.rsplit(".")[-1] in _NOT_DECISIONS:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(f"{name}.{key}" if name else str(key), inner, leaves)
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            _flatten(f"{name}.{at}", inner, leaves)
    else:
        leaves[name] = value


def _compare(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    names = [*one, *(name for name in other if name not in one)]
    return [
        f"{name} is {one.get(name)!r} in the record and {other.get(name)!r} replayed"
        for name in names
        if not _alike(name, one.get(name), other.get(name))
    ]


def _alike(name: str, one: Any, other: Any) -> bool:
    if isinstance(one, int) and isinstance(other, int) and name.endswith("_ns"):
        return abs(one - other) <= TIME_NS
    if not (isinstance(one, float) and isinstance(other, float)):
        return type(one) is type(other) and bool(one == other)
    if isnan(one) or isnan(other):
        return isnan(one) and isnan(other)
    if "probability" in name:
        return abs(one - other) <= PROBABILITY
    if name.endswith("_rad"):
        return abs(one - other) <= ANGLE_RAD  # a share of a longitude would be kilometres
    absolute = next((limit for unit, limit in ABSOLUTE if name.endswith(unit)), 0.0)
    return isclose(one, other, rel_tol=RELATIVE, abs_tol=absolute)
