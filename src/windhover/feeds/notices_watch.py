"""The watch: each round asks every source, keeps what came, and tells what is out of the ordinary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from windhover.errors import WindhoverError
from windhover.feeds.notices_baseline import HERE_NM, YEAR_NS, pasts, rows_of_closures
from windhover.feeds.notices_http import SourceDown
from windhover.feeds.notices_read import apart_nm, closure_of
from windhover.feeds.notices_sources import Answer, Source
from windhover.feeds.notices_store import Store
from windhover.schema.cases import Words
from windhover.units import NS_PER_S
from windhover.watch import history, outage
from windhover.watch.closure import Closure, traits_of
from windhover.watch.history import Entry, Event
from windhover.watch.outage import Health
from windhover.watch.replay import ALERTS_PER_WEEK, WEEK_NS, is_alert
from windhover.watch.traits import Kind
from windhover.watch.unusual import Baseline, Unusual, baseline, compare

OWN_PAST: Final = 200  # closures of a state kept here before its own past is used
NEWS_NS: Final = WEEK_NS  # what is older when a source is first asked is no news
_LONGEST_CHAIN: Final = 50
ToldKind = Literal["unusual", "event", "source", "unread"]


class Told(msgspec.Struct, frozen=True):
    """One thing to tell. `alert`: wake somebody; else it is for the list."""

    time_ns: int
    kind: ToldKind
    what: str
    key: str
    words: Words
    alert: bool
    share: float | None = None  # of the past that is as unusual in combination


class Scored(msgspec.Struct, frozen=True):
    """A notice with its place in the past."""

    entry: Entry
    unusual: Unusual
    past: str


class Watch:
    """Sources, one store, baselines by kind. `round` is the only thing that changes anything."""

    def __init__(
        self,
        store: Store,
        sources: Sequence[Source],
        baselines: Mapping[Kind, Baseline],
        *,
        every_ns: int = 60 * NS_PER_S,
        alerts_per_week: float = ALERTS_PER_WEEK,
    ) -> None:
        self._store, self._sources, self._baselines = store, sources, baselines
        self._every_ns, self._alerts_per_week = every_ns, alerts_per_week
        self._own: dict[tuple[Kind, str], tuple[int, Baseline | None]] = {}
        self.answered = 0
        """How many sources answered in the last round."""

    def round(self, now_ns: int) -> list[Told]:
        """Ask everybody once. What is told is in the store already when this returns."""
        told: list[Told] = []
        self.answered = 0
        slept = outage.slept(self._store.meta("last_round_ns"), now_ns, self._every_ns)
        if slept is not None:
            told.append(Told(now_ns, "source", "gap", "", slept, True))
        for source in self._sources:
            told += self._ask(source, now_ns)
        self._store.begin()
        try:
            entries, events = history.expire(self._store.open_entries(), now_ns)
            self._keep(entries, events)
            self._store.set_meta("last_round_ns", now_ns)
            if self._store.meta("first_round_ns") is None:
                self._store.set_meta("first_round_ns", now_ns)
            self._store.commit()
        except BaseException:
            self._store.rollback()
            raise
        return told + [self._event(e) for e in events]

    def _ask(self, source: Source, now_ns: int) -> list[Told]:
        answer: Answer | None = None
        reason: str | None = None
        try:
            answer = source.poll()
        except SourceDown as wrong:
            reason = wrong.what
        except (WindhoverError, OSError, ValueError) as wrong:
            reason = f"its answer could not be read ({wrong})"
        self.answered += reason is None
        health = self._store.health(source.name) or Health(source.name, now_ns)
        first = health.answered_ns is None
        health, words = outage.advance(health, reason, now_ns)
        told: list[Told] = []
        if words is not None:
            told.append(Told(now_ns, "source", "down" if health.down else "back", "", words, True))
        self._store.begin()
        try:
            self._store.set_health(health)
            if answer is not None:
                told += self._take(source.name, answer, now_ns, first)
            self._store.commit()
        except BaseException:
            self._store.rollback()
            raise
        return told

    def _take(self, source: str, answer: Answer, now_ns: int, first: bool) -> list[Told]:
        closures: list[Closure] = []
        unread = list(answer.unread)
        for item in answer.items:
            closure = closure_of(item)
            if closure is None:
                unread.append(f"{item.known or item.text[:40]!r} is no notice that can be read")
            else:
                closures.append(closure)
        known = self._store.open_entries(source) if answer.complete else {}
        keys = [k for c in closures for k in (c.key, c.refers) if k and k not in known]
        known |= self._store.entries(keys)
        entries, events, doubted = history.advance(
            known, closures, source, answer.complete and not unread, now_ns, answer.listed
        )
        self._keep(entries, events)
        told = []
        if doubted:
            words = Words(
                f"{source} lost most of its notices at once; none was taken for withdrawn.",
                f"{source} perdió de golpe la mayoría de sus avisos; ninguno se dio por retirado.",
            )
            told.append(Told(now_ns, "source", "doubted", "", words, True))
        told += [
            Told(now_ns, "unread", "unread", "", Words(w, outage.in_spanish(w)), False)
            for w in unread[:20]
        ]
        by_key = {e.closure.key: e for e in entries}
        for event in events:
            told.append(self._event(event))
            entry = by_key.get(event.key)
            if entry is None or event.what not in ("issued", "changed"):
                continue
            if event.what == "changed" or _is_new(entry.closure, now_ns, first):
                told += self._judge(entry, now_ns)
        return told

    def _event(self, event: Event) -> Told:
        """Of a notice that was out of the ordinary, whatever becomes of it is told aloud."""
        alert = event.what != "issued" and self._store.was_alerted(event.key)
        return Told(event.time_ns, "event", event.what, event.key, event.words, alert)

    def _keep(self, entries: list[Entry], events: list[Event]) -> None:
        self._store.keep(entries)
        self._store.add_events(events)

    def _judge(self, entry: Entry, now_ns: int) -> list[Told]:
        scored = self.score(entry)
        if scored is None or entry.state not in history.OPEN:
            return []
        past = self._baseline(entry.closure.kind, entry.closure.country, entry.first_seen_ns)
        assert past is not None
        share = scored.unusual.share
        if not is_alert(scored.unusual, past, self._alerts_per_week):
            return []
        if not self._store.alert_once(entry.closure.key, entry.version, now_ns, share):
            return []
        words = scored.unusual.words
        plain = entry.closure.plain
        told = Words(f"{plain.en} {words.en}", f"{plain.es} {words.es}")
        return [Told(now_ns, "unusual", "unusual", entry.closure.key, told, True, share)]

    def score(self, entry: Entry) -> Scored | None:
        """Where it stands in the past; None for what closes nothing, or has no past to stand in."""
        closure = entry.closure
        if not closure.kind or closure.draft or closure.exercise:
            return None
        past = self._baseline(closure.kind, closure.country, entry.first_seen_ns)
        if past is None or past.n == 0:
            return None
        traits = traits_of(closure, self._earlier_here(entry), self._announced_ns(closure))
        return Scored(entry, compare(traits, past, closure.country), past.name.en)

    def ranked(self, only_open: bool = False) -> list[Scored]:
        """Every closure kept, most unusual first."""
        entries = (
            list(self._store.open_entries().values()) if only_open else self._store.everything()
        )
        found = [s for s in (self.score(e) for e in entries) if s is not None]
        return sorted(found, key=lambda s: (s.unusual.share, s.unusual.alike, s.unusual.log_score))

    def _announced_ns(self, closure: Closure) -> int | None:
        """When the first notice of its chain was published, as far as the store knows the chain."""
        for _ in range(_LONGEST_CHAIN):
            if closure.form != "R":
                return closure.published_ns
            before = self._store.entry(closure.refers)
            if before is None:
                return None
            closure = before.closure
        return None

    def _earlier_here(self, entry: Entry) -> int | None:
        """Closures of its kind at its place in the year before; None before the watch is a year old."""
        began = self._store.meta("first_round_ns")
        closure = entry.closure
        at_ns = closure.published_ns or entry.first_seen_ns
        if began is None or at_ns - began < YEAR_NS or closure.centre is None:
            return None
        earlier = self._store.past(closure.kind, closure.country, at_ns - YEAR_NS)
        return sum(
            c.key != closure.key
            and c.centre is not None
            and (c.published_ns or 0) < at_ns
            and apart_nm(c.centre, closure.centre) <= HERE_NM
            for c in earlier
        )

    def _baseline(self, kind: Kind, country: str, at_ns: int) -> Baseline | None:
        """The state's own past where this watch has kept enough of it, else the one that was given."""
        own = self._own_past(kind, country, at_ns)
        return own if own is not None else self._baselines.get(kind)

    def _own_past(self, kind: Kind, country: str, at_ns: int) -> Baseline | None:
        if not country:
            return None
        week = at_ns // WEEK_NS
        kept = self._own.get((kind, country))
        if kept is not None and kept[0] == week:
            return kept[1]
        made = None
        closures = [
            c
            for c in self._store.past(kind, country, 0)
            if c.published_ns is not None and c.published_ns < week * WEEK_NS and not c.exercise
        ]
        if len(closures) >= OWN_PAST:
            past = pasts(rows_of_closures(closures)).get(kind)
            if past is not None and len(past.table) >= OWN_PAST:
                weeks = max(1.0, float(past.published_ns[-1] - past.published_ns[0]) / WEEK_NS)
                name = Words(
                    f"{country}, as kept by this watch",
                    f"{country}, según lo guardado por esta vigilancia",
                )
                made = baseline(name, country, past.table, len(past.table) / weeks)
        self._own[(kind, country)] = (week, made)
        return made


def _is_new(closure: Closure, now_ns: int, first: bool) -> bool:
    """Published, or at least begun, within the week; or not there when the source was first asked."""
    at_ns = closure.published_ns
    if at_ns is None:
        if not first:
            return True
        at_ns = closure.from_ns
    return at_ns is None or at_ns >= now_ns - NEWS_NS
