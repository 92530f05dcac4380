"""Alerts: what is new is told once, floods are bounded, and a restart knows the same."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from windhover.exercises.el_paso import site as el_paso_site
from windhover.schema.cases import Hazard, Incident, LogEntry, Notice, Question, Words
from windhover.schema.events import (
    Event,
    IncidentChanged,
    LogWritten,
    NoticeChanged,
    QuestionChanged,
    Reminder,
)
from windhover.server.alerts import NEW_PER_MINUTE, QUIET_NS, Alerts, see
from windhover.units import NS_PER_S

WHY = Words("why", "por qué")


def incident(number: int, at_s: int, **changes: Any) -> IncidentChanged:
    made = Incident(
        f"I{number}", "zone_entry", at_s * NS_PER_S, "open", "E2", "X1", Hazard("object", WHY), WHY
    )
    return IncidentChanged(at_s * NS_PER_S, msgspec.structs.replace(made, **changes))


def acknowledged(about: str, at_s: int) -> LogWritten:
    entry = LogEntry("alert", "why", "Ana", at_s * NS_PER_S, about=about)
    return LogWritten(at_s * NS_PER_S, entry)


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
    held = see(Alerts(), [incident(1, 0, grade="E0"), incident(1, 5, grade="E1")])
    held = see(held, [acknowledged("A2", 6), incident(1, 20, grade="E4")])
    held = see(held, [incident(1, 22, grade="E4", exposure="X3")])
    assert [(a.id, a.severity, a.acknowledged_by) for a in held.alerts[1:]] == [
        ("A2", "warning", "Ana"),
        ("A3", "warning", ""),
        ("A4", "urgent", ""),
    ]


def test_what_becomes_urgent_before_anybody_heard_it_has_an_alert_of_its_own() -> None:
    """The console's tone is the alert's: an urgent one that took over an old id would be silent."""
    rises = [incident(1, 0), incident(1, 5, grade="E3"), incident(1, 9, grade="E3", exposure="X3")]
    told = see(Alerts(), rises).alerts
    assert [(a.id, a.severity) for a in told[1:]] == [("A2", "warning"), ("A3", "urgent")]
    asked = Question("Q1", "vecino", "es", "?", 0)
    late = msgspec.structs.replace(asked, escalated_ns=30 * NS_PER_S)
    told = see(Alerts(), [QuestionChanged(0, asked), QuestionChanged(30 * NS_PER_S, late)]).alerts
    assert [(a.id, a.severity) for a in told] == [("A1", "warning"), ("A2", "urgent")]


def test_what_is_only_watched_is_not_told_with_the_exposure_that_it_had() -> None:
    was = {"exposure": "X3", "grade": "E2"}
    gone = [incident(1, 0, **was), incident(1, 5, state="watched", exposure="X3", grade="E4")]
    told = see(Alerts(), gone).alerts
    assert [(a.kind, a.severity) for a in told] == [("incident", "urgent"), ("risen", "warning")]
    assert told[1].words == Words("I1 is now E4: why", "I1 ahora es E4: por qué")
    # Nor does it take the place of what was urgent and waits.
    risen = [incident(1, 0), incident(1, 5, **was), *gone[1:]]
    assert [a.severity for a in see(Alerts(), risen).alerts] == ["warning", "urgent", "warning"]
    assert see(Alerts(), gone[1:]).alerts[0].severity == "warning"


def test_parties_are_told_by_their_names() -> None:
    party = next(p for p in el_paso_site().parties if p.name != p.id)
    asked = Question("Q1", party.id, "es", "?", 0)
    sent = Notice("N1", party.id, "es", "advice", "s", "t", 0, "failed")
    events: list[Event] = [QuestionChanged(0, asked), NoticeChanged(0, sent)]
    told = see(Alerts(), events, el_paso_site().parties).alerts
    assert [a.words.en for a in told] == [
        f"{party.name} asks (Q1) and waits for an answer.",
        f"N1 to {party.name}: could not be delivered.",
    ]
    assert told[0].words.es == f"{party.name} pregunta (Q1) y espera respuesta."
    assert told[1].words.es == f"N1 a {party.name}: no se pudo entregar."
    unknown = see(Alerts(), events).alerts
    assert unknown[0].words.en.startswith(f"{party.id} asks")


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
    held = see(held, [acknowledged("A2", 6), incident(1, 20, exposure="X3")])
    assert [(a.id, a.acknowledged_by) for a in held.alerts[1:]] == [("A2", "Ana"), ("A3", "")]


def test_a_flood_becomes_one_line_that_says_how_many() -> None:
    told = see(Alerts(), [Reminder(1, f"R{n}", WHY) for n in range(500)]).alerts
    assert len(told) == NEW_PER_MINUTE + 1
    assert told[-1].words.en == f"{500 - NEW_PER_MINUTE} more alerts within a minute."


def test_one_more_is_one() -> None:
    told = see(Alerts(), [Reminder(1, f"R{n}", WHY) for n in range(NEW_PER_MINUTE + 1)]).alerts
    assert told[-1].words == Words("1 more alert within a minute.", "1 alerta más en un minuto.")


def test_what_is_urgent_is_told_in_a_flood_too() -> None:
    reminders = [Reminder(NS_PER_S, f"R{n}", WHY) for n in range(NEW_PER_MINUTE + 2)]
    held = see(
        Alerts(), [*reminders, incident(1, 2, exposure="X3"), Reminder(2 * NS_PER_S, "R99", WHY)]
    )
    assert [(a.kind, a.severity, a.about, a.count) for a in held.alerts[NEW_PER_MINUTE:]] == [
        ("more", "warning", "", 3),
        ("incident", "urgent", "I1", 1),
    ]
    # Whoever acknowledged "3 more" has not heard of a fourth.
    held = see(held, [acknowledged("A11", 3), Reminder(4 * NS_PER_S, "R100", WHY)])
    assert [a.acknowledged_by for a in held.alerts[-3:]] == ["Ana", "", ""]
    assert held.alerts[-1].words.en == "1 more alert within a minute."


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
