"""Notices by occasion and party, and the sides of a border: nothing lost, nobody on the wrong side."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.synthetic import LAT0, LON0, night
from windhover.notices.phrases import CANCELLATION, MOMENT
from windhover.report import map as map_
from windhover.report.html import render
from windhover.report.rounds import parties, rounds, waited_s
from windhover.report.story import StoryNotice
from windhover.report.table import text
from windhover.report.view import own_side
from windhover.schema.place import Language

some_notices = st.lists(
    st.builds(
        StoryNotice,
        party=st.sampled_from("ABC"),
        language=st.sampled_from(["en", "es"]),
        sent_after_s=st.none() | st.floats(0, 1e4),
        acknowledged_after_s=st.none() | st.floats(0, 1e4),
        id=st.uuids().map(str),
        kind=st.sampled_from(["issued", "lifted"]),
        restriction_id=st.sampled_from(["R1", "R2"]),
        lifted_after_s=st.none() | st.floats(0, 1e4),
    ),
    max_size=25,
)


@given(some_notices)
def test_each_notice_is_in_exactly_one_round_under_its_own_party(
    notices: list[StoryNotice],
) -> None:
    columns, rows = parties(notices), rounds(notices)
    found = []
    for row in rows:
        assert len(row.copies) == len(columns)
        for who, copy in zip(columns, row.copies, strict=True):
            if copy is not None:
                assert (copy.party, copy.language) == who
                assert (copy.what, copy.restriction_id) == (row.what, row.about)
                found.append(copy.id)
    assert sorted(found) == sorted(n.id for n in notices)
    times = [row.sent_after_s for row in rows if row.sent_after_s is not None]
    assert times == sorted(times)


def test_over_is_said_only_when_all_who_had_it_were_told() -> None:
    notices = [n for n in night().notices if n.kind == "issued"]
    (row,) = rounds(notices)
    assert row.lifted_after_s == 1323.5
    one_left = [msgspec.structs.replace(notices[0], lifted_after_s=None), *notices[1:]]
    assert rounds(one_left)[0].lifted_after_s is None
    assert waited_s(notices[0]) == pytest.approx(36.5)


def test_with_too_many_parties_every_notice_has_its_line() -> None:
    base = night()
    many = tuple(
        msgspec.structs.replace(base.notices[0], id=f"N{k}", party=f"Party number {k}")
        for k in range(12)
    )
    story = msgspec.structs.replace(base, notices=many)
    lines = text(story, 100).splitlines()
    page = render(story)
    for k in range(12):
        assert any(f"N{k} " in line and f"Party number {k} " in line for line in lines)
        assert f'<td data-th="To">Party number {k}</td>' in page


BORDER = (((31.7838, -106.65), (31.7838, -106.53), (31.7475, -106.487), (31.56, -106.2)),)


@pytest.mark.parametrize(
    ("place", "own"),
    [
        ((31.9, -106.6), True),  # north of the parallel
        ((31.7, -106.6), False),
        ((31.80, -106.40), True),
        ((31.64, -106.43), False),  # Ciudad Juárez airport
        ((31.62, -106.20), True),  # El Paso's lower valley, south of the whole upper line
    ],
)
def test_places_are_on_the_side_where_they_are(place: tuple[float, float], own: bool) -> None:
    assert own_side(BORDER, (LAT0, LON0), place) is own


def test_the_states_letters_stand_on_their_own_sides() -> None:
    story = night()
    page = str(map_.overview(story))
    found = re.findall(r'<text x="[\d.]+" y="([\d.]+)" class="state"[^>]*>(\w+)</text>', page)
    heights = {name: float(y) for y, name in found}
    assert set(heights) == {"US", "MX"}
    assert heights["US"] < heights["MX"]  # the line runs east and west where they stand
    site = msgspec.structs.replace(story.site, border_home=None)
    bare = str(map_.overview(msgspec.structs.replace(story, site=site)))
    assert 'class="state"' not in bare


@pytest.mark.parametrize("language", ["en", "es"])
def test_asking_to_close_and_asking_to_open_again_have_two_names(language: Language) -> None:
    """With the subjects that the desk itself writes, in either language."""
    asked = StoryNotice(
        party="authority", language=language, sent_after_s=57.0, acknowledged_after_s=120.0, kind="request",
        subject=f"EXERCISE / EJERCICIO: {MOMENT['request'].of(language)}: R1", restriction_id="R1",
    )  # fmt: skip
    ended = msgspec.structs.replace(
        asked, sent_after_s=1423.0, subject=f"EXERCISE / EJERCICIO: {CANCELLATION.of(language)}: R1"
    )
    assert [row.what for row in rounds([asked, ended])] == ["request", "request to lift"]
