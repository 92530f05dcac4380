"""The code of every tutorial runs as it stands on the page, from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.M | re.S)
# Pages whose blocks are one program. Other rooms test their own pages beside their own code.
TUTORIALS = ("one_night.md",)


@pytest.mark.parametrize("page", TUTORIALS)
def test_the_page_runs(page: str) -> None:
    blocks = BLOCK.findall((DOCS / page).read_text("utf-8"))
    assert len(blocks) > 3
    namespace: dict[str, object] = {"__name__": page}
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"{page}, block {number}", "exec"), namespace)
