"""The table of a restriction's states: every pair of state and command, and what no timer does."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geo.scene import LADDER, NOW_NS, SECOND, Thing, at, look, site
from tests.restrictions.test_ladder import incident
from windhover.geo.volumes import circle_volume
from windhover.restrictions import ENDED, apply, begin, draft, lapse, reminders
from windhover.restrictions.lifecycle import INSTEAD, TRANSITIONS
from windhover.schema.cases import Hazard, Restriction, Words
from windhover.schema.commands import (
    ConfirmCancelled,
    EnterAuthorityNumber,
    RenewRestriction,
    RequestCancellation,
    RequestRestriction,
    WithdrawRestriction,
)
from windhover.schema.place import Policy

POLICY = Policy(LADDER)
MINUTE = 60 * SECOND
DRAFT = draft(incident(), look(site(), Thing(31.85, -106.55)), NOW_NS, 1)
assert DRAFT is not None
STATES = tuple(INSTEAD)


def command(name: str, by: str = "ana"):
    return {
        "RequestRestriction": RequestRestriction("R1", by),
        "EnterAuthorityNumber": EnterAuthorityNumber("R1", "FDC 6/0001", by),
        "RenewRestriction": RenewRestriction("R1", by, "seen again by the camera"),
        "WithdrawRestriction": WithdrawRestriction("R1", by, "it left"),
        "RequestCancellation": RequestCancellation("R1", by, "it left"),
        "ConfirmCancelled": ConfirmCancelled("R1", by),
    }[name]


COMMANDS = tuple(
    command(n)
    for n in (
        "RequestRestriction",
        "EnterAuthorityNumber",
        "RenewRestriction",
        "WithdrawRestriction",
        "RequestCancellation",
        "ConfirmCancelled",
    )
)


def after(restriction: Restriction, *steps: tuple[str, float], by: str = "ana") -> Restriction:
    for name, minutes in steps:
        done = apply(restriction, command(name, by), POLICY, NOW_NS + round(minutes * MINUTE))
        assert isinstance(done, Restriction), done
        restriction = done
    return restriction


@pytest.mark.parametrize(("state", "does"), product(STATES, COMMANDS), ids=str)
def test_the_table_alone_decides_what_is_accepted(state: str, does):
    restriction = msgspec.structs.replace(DRAFT, state=state)
    outcome = apply(restriction, does, POLICY, NOW_NS + MINUTE)
    expected = TRANSITIONS.get((state, type(does).__name__))  # type: ignore[arg-type]
    if expected is None:
        assert isinstance(outcome, Words)
        assert INSTEAD[state].en in outcome.en and INSTEAD[state].es in outcome.es  # type: ignore[index]
    else:
        assert outcome.state == expected


def test_the_whole_way():
    asked = after(DRAFT, ("RequestRestriction", 1))
    assert (asked.state, asked.requested_by, asked.requested_ns) == (
        "requested",
        ("ana",),
        NOW_NS + MINUTE,
    )
    issued = after(asked, ("EnterAuthorityNumber", 4))
    assert (issued.state, issued.authority_number) == ("issued", "FDC 6/0001")
    assert (issued.from_ns, issued.to_ns) == (NOW_NS + 4 * MINUTE, DRAFT.to_ns)
    assert issued.proposal_lapses_ns is None
    running = begin(issued, NOW_NS + 4 * MINUTE)
    assert running.state == "in force"
    ending = after(running, ("RequestCancellation", 12))
    done = after(ending, ("ConfirmCancelled", 14))
    assert (done.state, done.ended_ns, done.reason) == (
        "cancelled",
        NOW_NS + 14 * MINUTE,
        "it left",
    )


def test_a_later_start_waits():
    later = msgspec.structs.replace(DRAFT, from_ns=NOW_NS + 20 * MINUTE)
    issued = after(later, ("RequestRestriction", 1), ("EnterAuthorityNumber", 4))
    assert begin(issued, NOW_NS + 19 * MINUTE).state == "issued"
    assert begin(issued, NOW_NS + 20 * MINUTE).state == "in force"


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(range(len(COMMANDS))),
            st.sampled_from(["ana", "ben"]),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)
def test_only_a_persons_word_about_the_authority_issues_or_lifts(steps):
    restriction, minute = DRAFT, 0
    for row, by, wait in steps:
        for _ in range(wait):  # time alone, minute by minute
            minute += 1
            before = restriction.state
            restriction = begin(
                lapse(restriction, NOW_NS + minute * MINUTE), NOW_NS + minute * MINUTE
            )
            if restriction.state != before:
                assert (before, restriction.state) in {
                    ("drafted", "lapsed"),
                    ("requested", "lapsed"),
                    ("issued", "in force"),
                }
        before = restriction
        outcome = apply(
            restriction, command(type(COMMANDS[row]).__name__, by), POLICY, NOW_NS + minute * MINUTE
        )
        if isinstance(outcome, Restriction):
            restriction = outcome
            if restriction.state == "issued" and before.state != "issued":
                assert isinstance(COMMANDS[row], EnterAuthorityNumber)
            if restriction.state == "cancelled":
                assert isinstance(COMMANDS[row], ConfirmCancelled)
        assert (restriction.issued_ns is not None) == bool(restriction.authority_number)
        assert (restriction.ended_ns is not None) == (restriction.state in ENDED)


def test_proposals_lapse_and_what_is_issued_does_not():
    end = NOW_NS + 30 * MINUTE
    assert lapse(DRAFT, end - 1) is DRAFT
    assert (lapse(DRAFT, end).state, lapse(DRAFT, end).ended_ns) == ("lapsed", end)
    asked = after(DRAFT, ("RequestRestriction", 1))
    assert lapse(asked, end).state == "lapsed"
    running = begin(after(asked, ("EnterAuthorityNumber", 2)), NOW_NS + 2 * MINUTE)
    year = NOW_NS + 365 * 24 * 60 * MINUTE
    assert begin(lapse(running, year), year) == running
    # The authority's late act is still a fact.
    late = apply(lapse(asked, end), command("EnterAuthorityNumber"), POLICY, end + 5 * MINUTE)
    assert isinstance(late, Restriction)
    assert (late.state, late.ended_ns) == ("issued", None)
    assert (late.from_ns, late.to_ns) == (end + 5 * MINUTE, end + 35 * MINUTE)


def test_only_the_authority_moves_an_end():
    asked = after(DRAFT, ("RequestRestriction", 1))
    own = EnterAuthorityNumber("R1", "A1/26", "ana", NOW_NS + 5 * MINUTE, NOW_NS + 15 * MINUTE)
    issued = apply(asked, own, POLICY, NOW_NS + 2 * MINUTE)
    assert isinstance(issued, Restriction)
    assert (issued.from_ns, issued.to_ns) == (own.from_ns, own.to_ns)
    running = begin(issued, NOW_NS + 6 * MINUTE)
    renewed = apply(running, command("RenewRestriction", "ben"), POLICY, NOW_NS + 7 * MINUTE)
    assert isinstance(renewed, Restriction) and renewed.to_ns == own.to_ns
    endless = apply(running, command("EnterAuthorityNumber"), POLICY, NOW_NS + 8 * MINUTE)
    assert isinstance(endless, Words) and "end" in endless.en
    longer = EnterAuthorityNumber("R1", "A2/26", "ana", to_ns=NOW_NS + 30 * MINUTE)
    replaced = apply(running, longer, POLICY, NOW_NS + 8 * MINUTE)
    assert isinstance(replaced, Restriction)
    assert (replaced.authority_number, replaced.to_ns) == ("A2/26", NOW_NS + 30 * MINUTE)
    assert begin(replaced, NOW_NS + 8 * MINUTE).state == "in force"
    backwards = msgspec.structs.replace(longer, to_ns=running.from_ns)
    assert isinstance(apply(running, backwards, POLICY, NOW_NS + 8 * MINUTE), Words)


def test_advice_has_no_clock():
    advice = draft(incident(exposure="X0"), look(site(), Thing(31.85, -106.55)), NOW_NS, 1)
    assert advice is not None and advice.proposal_lapses_ns is None
    assert lapse(advice, NOW_NS + 10_000 * MINUTE) is advice


def test_renewal_needs_evidence_and_moves_the_clock():
    empty = apply(DRAFT, RenewRestriction("R1", "ana", "  "), POLICY, NOW_NS)
    assert isinstance(empty, Words)
    renewed = after(DRAFT, ("RenewRestriction", 25))
    assert renewed.renewals == 1
    assert renewed.proposal_lapses_ns == NOW_NS + 55 * MINUTE
    assert (renewed.from_ns, renewed.to_ns) == (NOW_NS + 25 * MINUTE, NOW_NS + 55 * MINUTE)
    area = circle_volume(at(31.9, -106.45), 3000.0, 3000.0)
    hazard = Hazard("laser area", Words("x", "x"), (), area, NOW_NS, NOW_NS + 90 * MINUTE)
    declared = after(msgspec.structs.replace(DRAFT, hazard=hazard), ("RenewRestriction", 25))
    assert (declared.from_ns, declared.to_ns) == (DRAFT.from_ns, DRAFT.to_ns)


def test_past_fifteen_minutes_a_second_person_must_renew():
    asked = after(DRAFT, ("RequestRestriction", 0))
    within = after(asked, ("RenewRestriction", 14))
    assert within.requested_by == ("ana",)
    alone = apply(asked, command("RenewRestriction"), POLICY, NOW_NS + 16 * MINUTE)
    assert isinstance(alone, Words) and "second person" in alone.en
    both = apply(asked, command("RenewRestriction", "ben"), POLICY, NOW_NS + 16 * MINUTE)
    assert isinstance(both, Restriction) and both.requested_by == ("ana", "ben")
    assert isinstance(
        apply(both, command("RenewRestriction"), POLICY, NOW_NS + 20 * MINUTE), Restriction
    )


def test_two_people_for_a_closure():
    closure = msgspec.structs.replace(DRAFT, rung="R5")
    one = after(closure, ("RequestRestriction", 1))
    assert (one.state, one.requested_by, one.requested_ns) == ("drafted", ("ana",), None)
    again = apply(one, command("RequestRestriction"), POLICY, NOW_NS + 2 * MINUTE)
    assert isinstance(again, Words) and "another person" in again.en
    two = after(one, ("RequestRestriction", 3), by="ben")
    assert (two.state, two.requested_by) == ("requested", ("ana", "ben"))


@pytest.mark.parametrize("does", [WithdrawRestriction, RequestCancellation])
def test_reasons_are_written(does):
    state = "drafted" if does is WithdrawRestriction else "in force"
    restriction = msgspec.structs.replace(DRAFT, state=state)
    assert isinstance(apply(restriction, does("R1", "ana", ""), POLICY, NOW_NS), Words)


def test_an_empty_number_issues_nothing():
    asked = after(DRAFT, ("RequestRestriction", 0))
    assert isinstance(apply(asked, EnterAuthorityNumber("R1", " ", "ana"), POLICY, NOW_NS), Words)


def reminded(restriction: Restriction, until_min: int) -> list[tuple[int, str]]:
    """Minute by minute: what was said when."""
    said = []
    for minute in range(1, until_min + 1):
        before, now = NOW_NS + (minute - 1) * MINUTE, NOW_NS + minute * MINUTE
        said += [(minute, w.en) for w in reminders(restriction, POLICY, before, now)]
    return said


def test_reminders_come_once_and_change_nothing():
    assert [m for m, _ in reminded(DRAFT, 120)] == [25]
    asked = after(DRAFT, ("RequestRestriction", 0))
    assert [(m, "lapses" in w) for m, w in reminded(asked, 120)] == [(15, False), (25, True)]
    running = begin(after(asked, ("EnterAuthorityNumber", 2)), NOW_NS + 2 * MINUTE)
    said = reminded(running, 120)
    assert [m for m, _ in said] == [15, 25, 30]
    assert "second person" in said[0][1] and "has passed" in said[2][1]
    assert reminded(after(running, ("RequestCancellation", 3), ("ConfirmCancelled", 4)), 120) == []


def test_every_state_says_what_to_do_instead():
    assert set(INSTEAD) == {s for s, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert not {
        s for s, happened in TRANSITIONS if s in ENDED and happened != "EnterAuthorityNumber"
    }
