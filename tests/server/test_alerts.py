"""Alerts: what is new is told once, floods are bounded, and a restart knows the same."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from windhover.schema.cases import Hazard, Incident, LogEntry, Words
from windhover.schema.events import Event, IncidentChanged, LogWritten, Reminder
from windhover.server.alerts import NEW_PER_MINUTE, Alerts, see
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


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=40), st.integers(0, 40))
def test_it_does_not_matter_where_a_restart_falls(moves: list[tuple[int, int]], cut: int) -> None:
    exposures = ("X0", "X1", "X2", "X3")
    events: list[Event] = [
        incident(n % 5, at, exposure=exposures[x]) for at, (n, x) in enumerate(moves)
    ]
    whole = see(Alerts(), events)
    assert see(see(Alerts(), events[:cut]), events[cut:]) == whole
