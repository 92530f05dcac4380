"""A notice's states, and the telephone that rings where nobody answers."""

from __future__ import annotations

from itertools import product
from typing import get_args

import msgspec
import pytest

from tests.geo.scene import NOW_NS, SECOND, site
from tests.notices.test_compose import DRAFT, local
from windhover.notices import apply, compose, due, escalate
from windhover.notices.lifecycle import TRANSITIONS
from windhover.schema.cases import Notice, NoticeState, Words
from windhover.schema.commands import Acknowledge
from windhover.schema.reports import Delivery

PLACE = site()
NOTICE = compose(PLACE, DRAFT, "request", 1, NOW_NS, local)[2]  # to the neighbour
LATER_NS = NOW_NS + 300 * SECOND


def delivery(delivered: bool = True, time_ns: int = NOW_NS + SECOND) -> Delivery:
    return Delivery(time_ns, time_ns, NOTICE.id, delivered)


def in_state(state: str) -> Notice:
    return msgspec.structs.replace(NOTICE, state=state)


@pytest.mark.parametrize("state", get_args(NoticeState))
def test_deliveries_and_acknowledgements_by_the_table(state: str):
    for delivered in (True, False):
        moved = apply(in_state(state), delivery(delivered), NOW_NS + 2 * SECOND)
        assert isinstance(moved, Notice)
        word = "delivered" if delivered else "not delivered"
        assert moved.state == TRANSITIONS.get((state, word), state)  # type: ignore[arg-type]
    read = apply(in_state(state), Acknowledge(NOTICE.id, "eva"), NOW_NS + 9 * SECOND)
    if state == "acknowledged":
        assert isinstance(read, Words)
    else:
        assert isinstance(read, Notice)
        assert (read.state, read.acknowledged_by, read.acknowledged_ns) == (
            "acknowledged",
            "eva",
            NOW_NS + 9 * SECOND,
        )


def test_sent_is_when_it_was_first_handed_over():
    sent = apply(NOTICE, delivery(), NOW_NS + 2 * SECOND)
    assert isinstance(sent, Notice) and (sent.state, sent.sent_ns) == ("sent", NOW_NS + SECOND)
    twice = apply(sent, delivery(time_ns=NOW_NS + 50 * SECOND), NOW_NS + 51 * SECOND)
    assert twice == sent
    failed = apply(NOTICE, delivery(False), NOW_NS + 2 * SECOND)
    assert isinstance(failed, Notice) and (failed.state, failed.sent_ns) == ("failed", None)
    late = apply(failed, delivery(time_ns=NOW_NS + 50 * SECOND), NOW_NS + 51 * SECOND)
    assert isinstance(late, Notice) and late.sent_ns == NOW_NS + 50 * SECOND


@pytest.mark.parametrize(("state", "wait_s"), product(get_args(NoticeState), (299, 300)), ids=str)
def test_due_by_the_clock_of_its_party(state: str, wait_s: int):
    expected = wait_s == 300 and state in ("composed", "sent", "failed")
    assert due(in_state(state), NOW_NS + wait_s * SECOND) is expected


def test_escalation_asks_a_person_to_telephone_once():
    sent = apply(NOTICE, delivery(), NOW_NS)
    assert isinstance(sent, Notice)
    done, calls = escalate(sent, PLACE, 12, LATER_NS)
    assert (done.state, done.escalations) == ("escalated", 1)
    assert not due(done, LATER_NS + 10**15)
    (call,) = calls
    assert (call.id, call.party, call.kind, call.in_reply_to) == ("N12", "cell", "escalation", "N3")
    assert "The afac was sent and not acknowledged" in call.text
    assert "afac@party.example" in call.text
    assert call.text.startswith("EXERCISE / EJERCICIO")
    assert not due(call, LATER_NS + 10**15)  # no chain of escalations
    read = apply(done, Acknowledge("N3", "eva"), LATER_NS)
    assert isinstance(read, Notice) and read.state == "acknowledged"


def test_what_could_not_be_handed_over_says_so():
    failed = apply(NOTICE, delivery(False), NOW_NS)
    assert isinstance(failed, Notice)
    (call,) = escalate(failed, PLACE, 12, LATER_NS)[1]
    assert "could not be handed over" in call.text


def test_without_anybody_on_duty_it_is_escalated_all_the_same():
    done, calls = escalate(NOTICE, site(parties=()), 12, LATER_NS)
    assert done.state == "escalated" and calls == ()
