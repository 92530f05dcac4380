"""The terminal's tables: complete, readable at 100 columns, deaf to what hostile words contain."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest

from tests.report.synthetic import hostile, night, replayed
from windhover.report import table
from windhover.report.story import Story


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in table.text(night(), width).splitlines():
        columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        assert columns <= width


def test_every_object_incident_restriction_and_notice_is_told() -> None:
    story = night()
    told = " ".join(table.text(story, 900).split())
    for o in story.objects:
        assert o.sentence in told and all(word in told for word in o.truth.split())
    for i in story.incidents:
        assert i.why in told
    for n in story.notices:
        assert n.party in told and f"{n.kind} {n.restriction_id}" in told
    for q in story.questions:
        assert q.question in told and q.answer in told
    assert story.real_order is not None
    assert story.real_order.sentence in told
    assert "12.6 km²" in told and "9.7 min" in told and "10 days" in told


def test_every_block_of_an_exercise_says_so_first() -> None:
    story = night()
    headings = [line for line in table.text(story).splitlines() if "EJERCICIO ·" in line]
    assert len(headings) == 8
    assert all(line.startswith("EXERCISE / EJERCICIO · ") for line in headings)


def test_what_is_no_exercise_does_not_say_so() -> None:
    assert "EXERCISE" not in table.text(replayed())


def test_a_replay_has_no_column_for_a_truth_that_nobody_knows() -> None:
    told = table.text(replayed())
    assert "truly" not in told and "3 no position" in told and "plots.csv" in told


def test_an_unacknowledged_notice_is_seen_to_be_so() -> None:
    told = table.text(night(), 100)
    legend = " ".join(told[told.index("· Notices") : told.index("Under each letter")].split())
    letter = legend[legend.index("University hospital") - 2]
    line = next(line for line in told.splitlines() if "advice R2" in line)
    cells = line[line.index("advice R2") + 9 :].split()
    assert cells == ["36", "s", "58", "s", "escalated", "100", "s"] and letter == "C"


def test_markup_and_control_characters_are_only_characters() -> None:
    told = table.text(hostile(), 300)
    assert "<script>" in told
    nasty = "[bold red]x[/] [/nonsense] \x1b[2J\x07\u202eabc"
    story = Story(
        objects=(msgspec.structs.replace(night().objects[0], sentence=nasty),), title=nasty
    )
    told = table.text(story, 200)
    assert "[bold red]x[/] [/nonsense]" in told
    assert not any(c in told for c in "\x1b\x07\u202e")


def test_an_empty_story_still_prints() -> None:
    assert "0 objects" in table.text(Story())
