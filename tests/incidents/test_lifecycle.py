"""An incident's way from the first finding to the verdict."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geo.scene import NOW_NS, SECOND, Thing, look, site
from tests.incidents.test_rules import countermeasure
from windhover.geo.context import ground_of
from windhover.incidents import Book, advance, close, start
from windhover.incidents.lifecycle import TRANSITIONS
from windhover.schema.cases import Claim, Incident, Words
from windhover.schema.commands import CloseIncident

PLACE = site()
GROUND = ground_of(PLACE)
DRONE = Thing(31.703, -106.50)


def play(
    book: Book, *moments: tuple[int, tuple[Thing, ...]], **more
) -> tuple[Book, list[Incident]]:
    """The moments (seconds, things) in turn → the book and every change told."""
    told: list[Incident] = []
    for second, things in moments:
        seen = look(PLACE, *things, ground=GROUND, **more)
        book, changed = advance(book, seen, NOW_NS + second * SECOND)
        told += changed
    return book, told


def stand(first: int, last: int, *things: Thing) -> list[tuple[int, tuple[Thing, ...]]]:
    return [(second, things) for second in range(first, last + 1)]


def closing(incident_id: str = "I1", reason: str = "seen by the patrol") -> CloseIncident:
    return CloseIncident(incident_id, "drone", reason, "ana")


def test_a_finding_must_stand_before_it_is_an_incident():
    book, told = play(start(), *stand(0, 3, DRONE))
    assert told == [] and len(book.pending) == 1
    book, told = play(book, (4, (DRONE,)))
    assert [(i.id, i.state, i.grade, i.opened_ns) for i in told] == [
        ("I1", "open", "E2", NOW_NS + 4 * SECOND)
    ]
    assert book.pending == ()


def test_a_flash_opens_nothing_and_a_short_gap_does_no_harm():
    _, told = play(start(), *stand(0, 2, DRONE), *stand(3, 12), *stand(13, 15, DRONE))
    assert told == []
    _, told = play(start(), *stand(0, 2, DRONE), *stand(3, 5), *stand(6, 7, DRONE))
    assert [i.id for i in told] == ["I1"]


def test_nothing_is_told_twice():
    _, told = play(start(), *stand(0, 50, DRONE))
    assert [i.id for i in told] == ["I1"]


def test_lost_it_is_watched_and_back_it_is_open_again():
    book, told = play(start(), *stand(0, 10, DRONE), *stand(11, 75))
    assert [i.state for i in told] == ["open", "watched"]
    _, told = play(book, *stand(76, 80, DRONE))
    assert [i.state for i in told] == ["open"]


def test_a_new_track_near_by_is_the_same_object():
    again = DRONE._replace(track_id=9, latitude_deg=31.7042)
    book, told = play(start(), *stand(0, 10, DRONE), *stand(11, 30), *stand(31, 36, again))
    assert [i.id for i in told] == ["I1", "I1"]
    assert told[-1].track_ids == (1, 9) and told[-1].hazard.track_ids == (1, 9)
    far = DRONE._replace(track_id=10, longitude_deg=-106.56)
    _, told = play(book, *stand(37, 42, again, far))
    assert [i.id for i in told] == ["I2"]


def test_a_new_track_too_late_is_another_object():
    again = DRONE._replace(track_id=9)
    _, told = play(start(), *stand(0, 10, DRONE), *stand(11, 90), *stand(91, 96, again))
    assert [i.id for i in told] == ["I1", "I1", "I2"]


def test_two_objects_at_once_are_two_incidents():
    other = DRONE._replace(track_id=2, longitude_deg=-106.501)
    _, told = play(start(), *stand(0, 6, DRONE, other))
    assert [(i.id, i.track_ids) for i in told] == [("I1", (1,)), ("I2", (2,))]


def test_one_object_of_two_rules_is_one_incident():
    in_base = DRONE._replace(latitude_deg=31.90, longitude_deg=-106.45)
    coming = Thing(31.69, -106.50)
    moments = [*stand(0, 2, coming), *stand(3, 10, DRONE), *stand(11, 20, in_base)]
    _, told = play(start(), *moments)
    assert {i.id for i in told} == {"I1"}
    assert told[-1].rule == "border_crossing" and told[-1].zone_id == "base"
    assert "crossed the border" in told[-1].why.en and "Fort Test" in told[-1].why.en


def test_what_turns_out_to_be_a_balloon_is_explained_and_told_as_one():
    balloon = DRONE._replace(said="balloon", motion="with the air")
    _, told = play(start(), *stand(0, 6, DRONE), *stand(7, 40, balloon))
    last = {i.id: i for i in told}
    assert last["I1"].grade == "E0" and last["I1"].rule == "border_crossing"
    assert last["I2"].rule == "drifting_object" and last["I2"].grade == "E0"
    near = balloon._replace(latitude_deg=31.75, longitude_deg=-106.42)
    _, told = play(start(), *stand(0, 32, near))
    assert [(i.rule, i.grade) for i in told] == [("drifting_object", "E0")]


def test_an_exposure_rises_at_once_and_falls_late():
    over_runway = DRONE._replace(latitude_deg=31.801, longitude_deg=-106.378)
    moments = [*stand(0, 5, DRONE), (6, (over_runway,)), *stand(7, 80, DRONE)]
    _, told = play(start(), *moments)
    assert [(i.exposure, (i.updated_ns - NOW_NS) // SECOND) for i in told] == [
        (told[0].exposure, 4),
        ("X3", 6),
        (told[0].exposure, 67),
    ]


def test_evidence_is_not_lost_again():
    both = DRONE._replace(sensors=1 | 4)
    _, told = play(start(), *stand(0, 5, DRONE), (6, (both,)), *stand(7, 60, DRONE))
    assert [i.grade for i in told] == ["E2", "E3"]
    claim = Claim("S1", "patrol", "drone", "operator found", NOW_NS, None, "I1")
    book, _ = play(start(), *stand(0, 5, DRONE))
    _, told = play(book, (6, (DRONE,)), claims=(claim,))
    assert [i.grade for i in told] == ["E4"]


def test_a_planned_laser_is_an_incident_at_once_and_ends_with_a_person():
    plan = countermeasure()
    book, told = play(start(), (0, ()), countermeasures=(plan,))
    assert [(i.rule, i.grade, i.hazard.declared) for i in told] == [
        ("uncoordinated_countermeasure", "E4", plan.area)
    ]
    book, told = play(book, *stand(1, 5), countermeasures=(plan,))
    assert told == []
    book, outcome = close(book, CloseIncident("I1", "countermeasure", "withdrawn", "ana"), NOW_NS)
    assert isinstance(outcome, Incident) and outcome.state == "closed"
    _, told = play(book, *stand(6, 70), countermeasures=(plan,))
    assert told == []


def test_a_verdict_needs_an_open_incident_and_a_reason():
    book, _ = play(start(), *stand(0, 5, DRONE))
    for command in (closing("I7"), closing(reason="  ")):
        same, words = close(book, command, NOW_NS)
        assert same is book and isinstance(words, Words)
    book, done = close(book, closing(), NOW_NS + 6 * SECOND)
    assert isinstance(done, Incident)
    assert (done.state, done.verdict, done.closed_ns) == ("closed", "drone", NOW_NS + 6 * SECOND)
    _, words = close(book, closing(), NOW_NS)
    assert isinstance(words, Words) and "already closed" in words.en


def test_what_a_person_closed_stays_closed_for_that_object():
    book, _ = play(start(), *stand(0, 5, DRONE))
    book, _ = close(book, closing(), NOW_NS + 6 * SECOND)
    again = DRONE._replace(track_id=9)
    book, told = play(book, *stand(7, 80, DRONE), *stand(81, 90), *stand(91, 120, again))
    assert told == []
    other = DRONE._replace(track_id=12, longitude_deg=-106.55)
    _, told = play(book, *stand(121, 126, again, other))
    assert [i.id for i in told] == ["I2"]


def test_the_table_has_no_way_out_of_closed():
    assert all(before != "closed" for before, _ in TRANSITIONS)
    assert {after for (_, happened), after in TRANSITIONS.items() if after == "closed"} == {
        "closed"
    }
    assert {h for (_, h), after in TRANSITIONS.items() if after == "closed"} == {"CloseIncident"}


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["drone", "unknown", "balloon", "bird", "aircraft"]),
            st.floats(31.69, 31.72),
            st.integers(1, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_whatever_happens_the_book_stays_sound(steps):
    book, ids = start(), []
    for second, (said, latitude, track_id, held) in enumerate(steps):
        things = (Thing(latitude, -106.5, said, track_id=track_id),) if held else ()
        book, changed = advance(
            book, look(PLACE, *things, ground=GROUND), NOW_NS + 2 * second * SECOND
        )
        ids += [i.id for i in changed if i.id not in ids]
    assert [i.id for i in book.incidents] == ids == [f"I{n}" for n in range(1, book.next_number)]
    assert set(book.memory) == set(ids)
    assert all(np.isfinite(m.plane_m).all() for m in book.memory.values())
