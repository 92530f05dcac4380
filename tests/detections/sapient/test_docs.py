"""The page on SAPIENT is a program that runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec

from windhover.deliver.outputs import OutputSettings
from windhover.feeds.settings import FeedSettings

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sapient.md").read_text("utf-8")


def test_the_page_runs_from_top_to_bottom() -> None:
    namespace: dict[str, object] = {"__name__": "docs/sapient.md"}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "docs/sapient.md", "exec"), namespace)


def test_the_settings_on_the_page_are_settings() -> None:
    below, exact, above = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    (feed,) = msgspec.convert(tomllib.loads(below)["feed"], tuple[FeedSettings, ...])
    (output,) = msgspec.convert(tomllib.loads(above)["output"], tuple[OutputSettings, ...])
    (tolerant,) = msgspec.convert(tomllib.loads(exact)["feed"], tuple[FeedSettings, ...])
    assert output.name == "region"
    assert tolerant.tolerances is not None and tolerant.tolerances.past_s == 5.0
    assert feed.form == "sapient"
    assert feed.nodes[0].heading_deg == 40.0
