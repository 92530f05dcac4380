"""The registers stay bounded, and nothing leaves them in silence."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from windhover import desk as desks
from windhover.desk.shorten import FLOODED, KEPT, SLACK, shorten
from windhover.schema.cases import Notice
from windhover.schema.events import RegisterShortened

NOTICE = Notice("N0", "tower", "en", "advice", "s", "t", 0, "acknowledged")


def notices(*states: tuple[str, int]) -> desks.Desk:
    rows = [state for state, n in states for _ in range(n)]
    made = tuple(
        msgspec.structs.replace(NOTICE, id=f"N{i}", state=state)  # type: ignore[arg-type]
        for i, state in enumerate(rows)
    )
    return desks.start()._replace(notices=made)


def test_a_register_within_its_bound_is_left_alone() -> None:
    desk = notices(("acknowledged", KEPT + SLACK))
    assert shorten(desk, 1) == (desk, ())


def test_the_oldest_finished_rows_leave_and_are_named() -> None:
    kept, events = shorten(notices(("sent", 5), ("acknowledged", KEPT + SLACK)), 7)
    assert len(kept.notices) == KEPT
    assert [n.id for n in kept.notices[:5]] == ["N0", "N1", "N2", "N3", "N4"]
    assert events == (
        RegisterShortened(7, "notices", tuple(f"N{i}" for i in range(5, 5 + SLACK + 5)), 0),
    )


@given(st.lists(st.tuples(st.sampled_from(["sent", "acknowledged", "escalated"]), st.integers(0, 2 * FLOODED)), max_size=4))  # fmt: skip
def test_rows_that_want_something_leave_only_in_a_flood(states: list[tuple[str, int]]) -> None:
    desk = notices(*states)
    kept, events = shorten(desk, 1)
    gone = {
        row for event in events if isinstance(event, RegisterShortened) for row in event.dropped
    }
    assert {n.id for n in desk.notices} == gone | {n.id for n in kept.notices}
    wanting = [n for n in desk.notices if n.state != "acknowledged"]
    left = [n for n in kept.notices if n.state != "acknowledged"]
    assert len(kept.notices) <= max(KEPT + SLACK, FLOODED + SLACK)
    assert left == wanting[len(wanting) - len(left) :]
    assert len(left) == len(wanting) or len(left) >= FLOODED
    assert sum(e.unfinished for e in events if isinstance(e, RegisterShortened)) == len(wanting) - len(left)  # fmt: skip
