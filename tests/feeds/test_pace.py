"""A step's pace: careful upward, at once downward, never below what steady feeds need."""

from __future__ import annotations

from windhover.feeds.pace import LEAST_ROWS_A_S, Pace


def test_it_grows_to_what_the_machine_can_do_and_stays_in_time() -> None:
    """A machine of 40,000 rows a second, more waiting than it can take."""
    pace = Pace(0.25)
    took = []
    for _ in range(100):
        took.append(pace.rows / 40_000)
        pace.done(pace.rows, took[-1])
    assert max(took) < 0.25
    assert 40_000 * 0.25 * 0.4 < pace.rows < 40_000 * 0.25


def test_what_was_not_shown_is_not_promised() -> None:
    pace = Pace(0.25)
    for _ in range(50):
        pace.done(300, 0.001)
    assert pace.rows == LEAST_ROWS_A_S * 0.25  # a quiet hour says nothing of a flood


def test_one_hiccup_costs_no_more_than_half() -> None:
    pace = Pace(0.25)
    for _ in range(20):
        pace.done(pace.rows, 0.01)
    before = pace.rows
    pace.done(pace.rows, 30.0)
    assert before // 2 <= pace.rows + 1
    for _ in range(50):
        pace.done(pace.rows, 30.0)
    assert pace.rows == LEAST_ROWS_A_S * 0.25
