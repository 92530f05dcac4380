"""Alerts: what is new is told once, floods are bounded, and a restart knows the same."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from windhover.schema.cases import Hazard, Incident, LogEntry, Words
from windhover.schema.events import Event, IncidentChanged, LogWritten, Reminder
from windhover.server.alerts import NEW_PER_MINUTE, QUIET_NS, Alerts, see
from windhover.units import NS_PER_S

WHY = Words("why", "por qué")


def incident(number: int, at_s: int, **changes: Any) -> IncidentChanged:
    made = Incident(
        f"I{number}", "zone_entry", at_s * NS_PER_S, "open", "E2", "X1", Hazard("object", WHY), WHY
    )
    return IncidentChanged(at_s * NS_PER_S, msgspec.structs.replace(made, **changes))


def test_an_incident_is_told_when_new_and_when_it_rises_and_not_else() -> None:
    events = [
        incident(1, 0),
        incident(1, 70),
        incident(1, 140, exposure="X3"),
        incident(1, 210, exposure="X2"),
        incident(1, 280, grade="E4", exposure="X2"),
        incident(1, 350, state="closed"),
    ]
    told = see(Alerts(), events).alerts
    assert [(a.id, a.kind, a.severity) for a in told] == [
        ("A1", "incident", "warning"),
        ("A2", "risen", "urgent"),
        ("A3", "risen", "urgent"),
    ]


def test_the_same_within_a_minute_is_counted_and_not_told_again() -> None:
    events = [Reminder(s * NS_PER_S, "R1", WHY) for s in (0, 10, 59, 61)]
    told = see(Alerts(), events).alerts
    assert [a.count for a in told] == [3, 1]


def test_what_is_worse_than_what_was_acknowledged_is_told_again() -> None:
    held = see(Alerts(), [incident(1, 0), incident(1, 5, grade="E3")])
    assert [a.severity for a in held.alerts] == ["warning", "warning"]
    seen = LogWritten(6 * NS_PER_S, LogEntry("alert", "why", "Ana", 6 * NS_PER_S, about="A2"))
    held = see(held, [seen, incident(1, 10, grade="E4")])
    assert len(held.alerts) == 2  # no worse: counted
    held = see(held, [incident(1, 15, grade="E4", exposure="X3")])
    assert [(a.id, a.severity, a.acknowledged_by) for a in held.alerts[1:]] == [
        ("A2", "warning", "Ana"),
        ("A3", "urgent", ""),
    ]


def told_at(events: list[IncidentChanged]) -> list[float]:
    """Seconds at which a new alert rang."""
    held, at = Alerts(), []
    for event in events:
        before = held.number
        held = see(held, [event])
        at += [event.time_ns / NS_PER_S] * (held.number - before)
    return at


def test_an_exposure_that_flaps_rings_once() -> None:
    """As a balloon did in the El Paso night, in and out of an approach every minute."""
    flaps = [incident(1, 70 * k, exposure="X3" if k % 2 else "X2") for k in range(60)]
    assert told_at(flaps) == [0, 70]
    grades = [incident(1, 70 * k, grade="E2" if k % 2 else "E0") for k in range(60)]
    assert told_at(grades) == [0, 70]


def test_a_level_rings_again_after_it_had_been_quiet() -> None:
    quiet_s = QUIET_NS // NS_PER_S
    up, down = {"exposure": "X3"}, {"exposure": "X1"}
    assert told_at([incident(1, 0, **up), incident(1, 60, **down), incident(1, 60 + quiet_s, **up)]) == [0]  # fmt: skip
    assert told_at([incident(1, 0, **up), incident(1, 60, **down), incident(1, 61 + quiet_s, **up)]) == [0, 61 + quiet_s]  # fmt: skip
    # What it had in the meantime has been told too: only what is above that is news.
    back = 61 + quiet_s
    between = [incident(1, 0, **up), incident(1, 60, exposure="X2"), incident(1, 100, **down)]
    assert told_at([*between, incident(1, back, exposure="X2")]) == [0]
    assert told_at([*between, incident(1, back, **up)]) == [0, back]


def test_an_incident_whose_cause_comes_back_rings_again_but_not_at_every_return() -> None:
    def returns(gone_s: int) -> list[IncidentChanged]:
        shown = {"exposure": "X3"}
        return [
            incident(1, 0, **shown),
            incident(1, 60, state="watched", **shown),
            incident(1, 60 + gone_s, **shown),
        ]

    assert told_at(returns(30)) == [0]
    assert told_at(returns(3600)) == [0, 3660]


def test_a_runway_after_an_acknowledged_approach_is_told_within_the_minute() -> None:
    held = see(Alerts(), [incident(1, 0, exposure="X1"), incident(1, 5, exposure="X2")])
    seen = LogWritten(6 * NS_PER_S, LogEntry("alert", "why", "Ana", 6 * NS_PER_S, about="A2"))
    held = see(held, [seen, incident(1, 20, exposure="X3")])
    assert [(a.id, a.acknowledged_by) for a in held.alerts[1:]] == [("A2", "Ana"), ("A3", "")]


def test_a_flood_becomes_one_line_that_says_how_many() -> None:
    told = see(Alerts(), [Reminder(1, f"R{n}", WHY) for n in range(500)]).alerts
    assert len(told) == NEW_PER_MINUTE + 1
    assert told[-1].words.en == f"{500 - NEW_PER_MINUTE} more alerts within a minute."


def test_an_alert_is_acknowledged_once_by_name() -> None:
    held = see(Alerts(), [incident(1, 0)])
    for by in ("Ana", "Luz"):
        entry = LogEntry("alert", "why", by, 5, about="A1")
        held = see(held, [LogWritten(5, entry)])
    assert held.alerts[0].acknowledged_by == "Ana" and held.alerts[0].acknowledged_ns == 5


@given(st.lists(st.tuples(st.integers(1, 150), st.integers(0, 3), st.booleans()), max_size=30))
def test_what_rings_is_what_is_above_all_of_the_last_minutes(
    moves: list[tuple[int, int, bool]],
) -> None:
    """Against the slow way: look at every second of the last minutes."""
    at_s, events, by_second = 0, [], dict[int, int]()
    expected: list[float] = []
    for lasts_s, level, watched in moves:
        state = "watched" if watched else "open"
        events.append(incident(1, at_s, exposure=f"X{level}", state=state))
        shown = -1 if watched else level
        recent = range(at_s - QUIET_NS // NS_PER_S - 1, at_s)
        if at_s == 0 or shown > max(by_second.get(s, -1) for s in recent):
            expected.append(at_s)
        by_second.update(dict.fromkeys(range(at_s, at_s + lasts_s), shown))
        at_s += lasts_s
    rung = told_at(events)
    # Within a minute of each other risen levels are one alert, counted.
    assert set(rung) <= set(expected)
    assert all(s in rung or any(0 < s - r <= 60 for r in rung) for s in expected)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=40), st.integers(0, 40))
def test_it_does_not_matter_where_a_restart_falls(moves: list[tuple[int, int]], cut: int) -> None:
    exposures = ("X0", "X1", "X2", "X3")
    events: list[Event] = [
        incident(n % 5, at, exposure=exposures[x]) for at, (n, x) in enumerate(moves)
    ]
    whole = see(Alerts(), events)
    assert see(see(Alerts(), events[:cut]), events[cut:]) == whole
