"""What became of a notice: the table of moves, early ends, lists that lose a notice, doubt."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.watch.making import CITY_TFR, closure, icao
from windhover.timescale import from_iso
from windhover.watch import outage
from windhover.watch.closure import Closure
from windhover.watch.history import MOVES, OPEN, Entry, Event, advance, expire, state_at
from windhover.watch.outage import Health

T0 = from_iso("2026-02-12T08:00Z")
HOUR = 3_600_000_000_000


class Book:
    """The smallest caller: a dictionary."""

    def __init__(self) -> None:
        self.known: dict[str, Entry] = {}
        self.doubted = False

    def take(
        self, closures: Sequence[Closure], at_ns: int, complete: bool = False
    ) -> list[tuple[str, str]]:
        entries, events, self.doubted = advance(self.known, closures, "list", complete, at_ns)
        return self._keep(entries, events)

    def tick(self, at_ns: int) -> list[tuple[str, str]]:
        return self._keep(*expire(self.known, at_ns))

    def _keep(self, entries: list[Entry], events: list[Event]) -> list[tuple[str, str]]:
        for entry in entries:
            old = self.known.get(entry.closure.key)
            if old is not None and old.state != entry.state:
                assert entry.state in MOVES[old.state], (old.state, entry.state)
            self.known[entry.closure.key] = entry
        return [(e.what, e.key) for e in events]


def test_issued_begun_ended() -> None:
    book = Book()
    c = closure(icao("J1000/26"))
    assert book.take([c], T0) == [("issued", "EG J1000/26")]
    assert book.known[c.key].state == "coming"
    assert book.take([c], T0 + 1) == []
    assert book.tick(T0 + 2 * HOUR) == [] and book.known[c.key].state == "in force"
    assert book.tick(T0 + 8 * HOUR) == [("expired", c.key)]


def test_a_replacement_says_what_is_different() -> None:
    book = Book()
    old = closure(icao("J1000/26"))
    book.take([old], T0)
    new = closure(icao("J1001/26", "NOTAMR J1000/26", end="2602131500", radius=9))
    entries, events, _ = advance(book.known, [new], "list", False, T0 + 1)
    assert [(e.what, e.key) for e in events] == [("replaced", old.key), ("issued", new.key)]
    assert "end 2026-02-12 15:00Z → 2026-02-13 15:00Z" in events[0].words.en
    assert "tamaño 5 NM → 9 NM" in events[0].words.es
    assert {e.closure.key: e.state for e in entries}[old.key] == "replaced"


def test_a_cancellation_counts_the_minutes_used() -> None:
    book = Book()
    tfr = closure(CITY_TFR)
    book.take([tfr], from_iso("2026-02-11T05:30Z"))
    end = closure("!FDC 6/9102 ZAB TX..AIRSPACE EL PASO, TX CANCELED FDC 6/9101. "
                  "2602111355-2602210630")  # fmt: skip
    assert end.form == "C" and end.refers == tfr.key
    entries, events, _ = advance(book.known, [end], "list", False, from_iso("2026-02-11T13:56Z"))
    assert events[0].what == "cancelled"
    assert "445 of 14,400 ordered minutes" in events[0].words.en
    assert {e.closure.key: e.state for e in entries}[tfr.key] == "cancelled"


def test_taken_off_the_list_without_a_word() -> None:
    book = Book()
    some = [closure(icao(f"J100{k}/26")) for k in range(4)]
    book.take(some, T0, complete=True)
    assert book.take(some[:3], T0 + HOUR, complete=True) == []  # once may be a mistake
    at = T0 + 3 * HOUR
    assert book.take(some[:3], at, complete=True) == [("withdrawn early", some[3].key)]
    assert book.take(some, at + 1, complete=True) == [("back", some[3].key)]
    assert book.known[some[3].key].state == "in force"
    # A stream that does not repeat itself means nothing.
    assert book.take([], at + 2) == []


def test_a_list_that_loses_most_is_doubted() -> None:
    book = Book()
    some = [closure(icao(f"J10{k:02d}/26")) for k in range(10)]
    book.take(some, T0, complete=True)
    for k in range(3):
        assert book.take([], T0 + k + 1, complete=True) == [] and book.doubted
    assert all(e.state in OPEN for e in book.known.values())


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("NRCX"), st.booleans()), max_size=25))
def test_no_sequence_breaks_the_table(steps: list[tuple[int, str, bool]]) -> None:
    """`Book._keep` checks every move against the table; an event is never told of the unknown."""
    book = Book()
    at = T0
    for number, form, complete in steps:
        at += HOUR
        head = {"N": "NOTAMN", "R": f"NOTAMR J100{(number + 1) % 6}/26",
                "C": f"NOTAMC J100{(number + 1) % 6}/26", "X": "NOTAMN"}[form]  # fmt: skip
        closures = [] if form == "X" else [CLOSURES[number, head]]
        for _, key in book.take(closures, at, complete):
            assert key in book.known
        book.tick(at)
    assert all(state_at(e.closure, at) == e.state for e in book.known.values() if e.state in OPEN)


CLOSURES = {
    (n, head): closure(icao(f"J100{n}/26", head, end="2602140900"))
    for n in range(6)
    for head in ("NOTAMN", f"NOTAMR J100{(n + 1) % 6}/26", f"NOTAMC J100{(n + 1) % 6}/26")
}


def test_silence_is_an_alert_once_each_way() -> None:
    health = Health("somewhere", T0)
    health, told = outage.advance(health, None, T0)
    assert told is None
    minute = HOUR // 60
    said = []
    for k in range(1, 40):
        health, told = outage.advance(health, "no connection", T0 + k * minute)
        said += [k] if told else []
    assert said == [15] and health.down
    health, told = outage.advance(health, None, T0 + HOUR)
    assert told is not None and "from 2026-02-12 08:00Z to 2026-02-12 09:00Z" in told.en
    # One that never answered is told at once.
    assert outage.advance(Health("x", T0), "no connection", T0)[1] is not None


def test_the_watchs_own_sleep_is_told() -> None:
    minute = HOUR // 60
    assert outage.slept(None, T0, minute) is None
    assert outage.slept(T0, T0 + 2 * minute, minute) is None
    gap = outage.slept(T0, T0 + 5 * HOUR, minute)
    assert gap is not None and "did not run" in gap.en and "5 h" in gap.es
