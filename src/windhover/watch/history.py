"""What became of each notice: issued, changed, replaced, cancelled, withdrawn early, expired, back.

A source is either a stream (what it no longer shows means nothing) or a list of all that is in force
(what it no longer shows was taken off it). A list that loses most of its notices at once is doubted,
not believed: then nothing is withdrawn and the caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from windhover.schema.cases import Words
from windhover.units import NS_PER_MIN
from windhover.watch.changes import changes, hours
from windhover.watch.closure import Closure

State = Literal["coming", "in force", "replaced", "cancelled", "withdrawn early", "expired"]
OPEN: Final = ("coming", "in force")
# state → states it may become; everything else is refused. "back" leads out of every end.
MOVES: Final[Mapping[State, tuple[State, ...]]] = {
    "coming": ("in force", "replaced", "cancelled", "withdrawn early", "expired"),
    "in force": ("coming", "replaced", "cancelled", "withdrawn early", "expired"),
    "replaced": ("coming", "in force"),
    "cancelled": ("coming", "in force"),
    "withdrawn early": ("coming", "in force"),
    "expired": ("coming", "in force"),
}
MISSING_POLLS: Final = 2  # a notice is withdrawn when so many complete lists in a row lack it
_DOUBT_FROM: Final = 6  # lists of so many notices or more …
_DOUBT_SHARE: Final = 0.5  # … that lose more than this at once are doubted

What = Literal["issued", "changed", "replaced", "cancelled", "withdrawn early", "expired", "back"]


class Entry(msgspec.Struct, frozen=True):
    """One notice as last known, and what became of it."""

    closure: Closure
    source: str
    state: State
    since_ns: int  # of the state
    first_seen_ns: int
    last_seen_ns: int
    missing: int = 0  # complete lists in a row that lacked it
    version: int = 1


class Event(msgspec.Struct, frozen=True):
    """Something that happened to one notice, told once."""

    time_ns: int
    what: What
    key: str
    words: Words
    before: Closure | None = None  # for a change or a replacement: what it said until then


def state_at(closure: Closure, now_ns: int) -> State:
    """By its own times only."""
    if closure.to_ns is not None and closure.to_ns <= now_ns:
        return "expired"
    return "coming" if closure.from_ns is not None and closure.from_ns > now_ns else "in force"


def advance(
    known: Mapping[str, Entry],
    arrived: Iterable[Closure],
    source: str,
    complete: bool,
    now_ns: int,
    listed: Iterable[str] = (),
) -> tuple[list[Entry], list[Event], bool]:
    """(entries that changed, events, whether the list was doubted) after one answer of a source.

    `listed` names keys that a complete list shows without having been fetched this time.
    """
    entries: dict[str, Entry] = {}
    events: list[Event] = []

    def current(key: str) -> Entry | None:
        return entries.get(key) or known.get(key)

    seen = set(listed)
    for closure in arrived:
        seen.add(closure.key)
        old = current(closure.key)
        if closure.refers and closure.refers != closure.key and old is None:
            _refer(closure, current(closure.refers), entries, events, now_ns)
        if closure.form == "C":
            if old is None:
                entries[closure.key] = Entry(closure, source, "expired", now_ns, now_ns, now_ns)
            continue
        entries[closure.key] = _arrive(closure, old, source, events, now_ns)
    doubted = False
    if complete:
        doubted = _gone(known, entries, seen, source, events, now_ns)
    return list(entries.values()), events, doubted


def expire(known: Mapping[str, Entry], now_ns: int) -> tuple[list[Entry], list[Event]]:
    """What time alone does: notices that begin, and that end as they said they would."""
    entries, events = [], []
    for entry in known.values():
        if entry.state not in OPEN:
            continue
        state = state_at(entry.closure, now_ns)
        if state == entry.state:
            continue
        entries.append(msgspec.structs.replace(entry, state=state, since_ns=now_ns))
        if state == "expired":
            events.append(
                Event(
                    now_ns,
                    "expired",
                    entry.closure.key,
                    Words("ended at the time it stated", "terminó a la hora indicada"),
                )
            )
    return entries, events


def _arrive(
    closure: Closure, old: Entry | None, source: str, events: list[Event], now_ns: int
) -> Entry:
    state = state_at(closure, now_ns)
    if old is None:
        told = Words(closure.plain.en, closure.plain.es)
        events.append(Event(now_ns, "issued", closure.key, told))
        return Entry(closure, source, state, now_ns, now_ns, now_ns)
    said = changes(old.closure, closure) if closure.raw != old.closure.raw else ()
    if said:
        words = Words("; ".join(w.en for w in said), "; ".join(w.es for w in said))
        events.append(Event(now_ns, "changed", closure.key, words, old.closure))
    ended_itself = old.state in ("replaced", "cancelled", "expired")
    if old.state == "withdrawn early" and state in OPEN:
        words = Words("stands on the list again", "vuelve a figurar en la lista")
        events.append(Event(now_ns, "back", closure.key, words))
    elif ended_itself and not said:
        state = old.state  # a list may go on showing what was replaced
    if closure.published_ns is None and old.closure.published_ns is not None:
        closure = msgspec.structs.replace(closure, published_ns=old.closure.published_ns)
    return Entry(
        closure,
        source,
        state,
        old.since_ns if state == old.state else now_ns,
        old.first_seen_ns,
        now_ns,
        0,
        old.version + bool(said),
    )


def _refer(
    closure: Closure,
    target: Entry | None,
    entries: dict[str, Entry],
    events: list[Event],
    now_ns: int,
) -> None:
    """A notice that replaces or cancels another ends it."""
    if target is None or target.state not in OPEN:
        return
    if closure.form == "C":
        at_ns = closure.from_ns or now_ns
        end: State = "cancelled"
        words = _early(target.closure, at_ns) or Words("cancelled", "cancelado")
    else:
        end = "replaced"
        said = changes(target.closure, closure)
        words = Words(
            f"replaced by {closure.number}: " + ("; ".join(w.en for w in said) or "no difference"),
            f"reemplazado por {closure.number}: "
            + ("; ".join(w.es for w in said) or "sin diferencia"),
        )
    entries[target.closure.key] = msgspec.structs.replace(target, state=end, since_ns=now_ns)
    what: What = "cancelled" if end == "cancelled" else "replaced"
    events.append(Event(now_ns, what, target.closure.key, words, target.closure))


def _gone(
    known: Mapping[str, Entry],
    entries: dict[str, Entry],
    seen: set[str],
    source: str,
    events: list[Event],
    now_ns: int,
) -> bool:
    listed = [e for e in known.values() if e.source == source and e.state in OPEN]
    lost = [
        e
        for e in listed
        if e.closure.key not in seen and entries.get(e.closure.key, e).state in OPEN
    ]
    still = [e for e in lost if state_at(e.closure, now_ns) in OPEN]
    if len(listed) >= _DOUBT_FROM and len(still) > _DOUBT_SHARE * len(listed):
        return True
    for entry in still:
        missing = entry.missing + 1
        if missing < MISSING_POLLS:
            entries[entry.closure.key] = msgspec.structs.replace(entry, missing=missing)
            continue
        words = _early(entry.closure, now_ns) or Words(
            "taken off the list without a word; it had stated no end",
            "retirado de la lista sin aviso; no había indicado término",
        )
        entries[entry.closure.key] = msgspec.structs.replace(
            entry, state="withdrawn early", since_ns=now_ns, missing=missing
        )
        events.append(Event(now_ns, "withdrawn early", entry.closure.key, words, entry.closure))
    return False


def _early(closure: Closure, at_ns: int) -> Words | None:
    """'after 445 of 14,400 ordered minutes'; None where no end was stated or nothing was left."""
    if closure.from_ns is None or closure.to_ns is None or at_ns >= closure.to_ns:
        return None
    ordered = (closure.to_ns - closure.from_ns) // NS_PER_MIN
    used = max(0, at_ns - closure.from_ns) // NS_PER_MIN
    return Words(
        f"ended early: {used:,} of {ordered:,} ordered minutes were used "
        f"({hours(closure.to_ns - at_ns)} were left)",
        f"terminó antes: se usaron {used:,} de {ordered:,} minutos ordenados "
        f"(quedaban {hours(closure.to_ns - at_ns)})",
    )
