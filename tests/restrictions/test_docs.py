"""The page on decisions shows the tables as they are. Rewrite it: python -m tests.restrictions.test_docs"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from windhover.incidents.rules import RULES
from windhover.notices.parties import TOLD
from windhover.restrictions.ladder import TABLE
from windhover.schema.tables import mermaid

PAGE = Path(__file__).resolve().parents[2] / "docs" / "decisions.md"
FIRST = {"incidents": "open", "restrictions": "drafted", "notices": "composed"}


def rendered(text: str) -> str:
    """The page with every table drawn anew."""

    def diagram(found: re.Match[str]) -> str:
        module = importlib.import_module(found[1])
        drawn = mermaid(module.TRANSITIONS, FIRST[found[1].split(".")[1]])
        return f"<!-- table: {found[1]} -->\n```mermaid\n{drawn}\n```"

    text = re.sub(r"<!-- table: (\S+) -->\n```mermaid\n.*?```", diagram, text, flags=re.S)
    head = "| | X0 | X1 | X2 | X3 |\n|---|---|---|---|---|\n"
    rows = "".join(f"| {grade} | {' | '.join(row.values())} |\n" for grade, row in TABLE.items())
    text = re.sub(
        r"<!-- ladder -->\n(\n\|.*?\n(?=\n))?", f"<!-- ladder -->\n\n{head}{rows}", text, flags=re.S
    )
    lines = "".join(f"| {moment} | {', '.join(kinds)} |\n" for moment, kinds in TOLD.items())
    told = f"<!-- parties -->\n\n| moment | kinds of party |\n|---|---|\n{lines}"
    return re.sub(r"<!-- parties -->\n(\n\|.*?\n(?=\n))?", told, text, flags=re.S)


def test_the_page_shows_the_tables():
    text = PAGE.read_text()
    assert rendered(text) == text
    assert text.count("stateDiagram-v2") == 3
    for rule in RULES:
        assert f"{rule}.md" in text


def test_a_diagram_names_every_step():
    table = {("in force", "ends"): "over", ("in force", "stays"): "in force"}
    assert mermaid(table, "in force").split("\n") == [
        "stateDiagram-v2",
        '    state "in force" as in_force',
        "    [*] --> in_force",
        "    in_force --> over: ends",
        "    in_force --> in_force: stays",
        "    over --> [*]",
    ]


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
