"""Every example of the page on feeds runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from windhover.feeds.files import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "feeds.md").read_text()


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.S))
def test_example(example: str) -> None:
    exec(compile(example, "docs/feeds.md", "exec"), {})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_on_the_page(kind: str) -> None:
    assert f"`{kind}`" in PAGE
