"""The story as one object: what the JSON promises, and that nothing is lost on the way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from tests.report.synthetic import night, replayed
from windhover.report.story import Story, to_json


def test_the_promised_keys_are_there() -> None:
    told = json.loads(to_json(night()))
    assert {"truth", "said", "probability", "decided_after_s", "sentence"} <= set(
        told["objects"][0]
    )
    assert {"area_km2", "lower_ft", "upper_ft", "ordered_minutes", "used_minutes"} <= set(
        told["restrictions"][0]
    )
    assert {"party", "language", "sent_after_s", "acknowledged_after_s"} <= set(told["notices"][0])
    assert isinstance(told["incidents"], list) and len(told["journal_head"]) == 64


def test_it_comes_back_as_it_went() -> None:
    for story in (night(), replayed(), Story()):
        assert msgspec.json.decode(to_json(story), type=Story) == story


def test_brief_keeps_every_decision_and_drops_the_series() -> None:
    whole, brief = night(), night().brief()
    assert [o.sentence for o in brief.objects] == [o.sentence for o in whole.objects]
    assert all(not o.trail.t_s and not o.probabilities.of for o in brief.objects)
    assert brief.restrictions == whole.restrictions and brief.journal_head == whole.journal_head
    assert len(to_json(brief)) < len(to_json(whole)) / 5


def test_a_number_that_is_no_number_becomes_null() -> None:
    story = Story(objects=(msgspec.structs.replace(night().objects[0], probability=float("nan")),))
    assert json.loads(to_json(story))["objects"][0]["probability"] is None


def test_the_example_of_the_documentation_runs() -> None:
    """docs/report.md: every Python block, as a reader would paste it."""
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        names: dict[str, object] = {}
        exec(compile(block, "docs/report.md", "exec"), names)
        assert str(names["page"]).startswith("<!doctype html>")
