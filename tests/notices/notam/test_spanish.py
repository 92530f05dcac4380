"""Every sentence of the reader has its like in Spanish: those in its code, and those it says."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from windhover.notices.notam import decode
from windhover.notices.notam.spanish import found, in_spanish

CODE = Path("src/windhover/notices/notam")
LISTS = {"warnings", "uncertain", "doubts", "notes"}
"""Names of the lists that hold what the reader says; `out` in `contradict`."""
PROBLEMS = {"schedule.py", "schedule_words.py", "intervals.py", "times.py"}
"""Modules that return a sentence where something cannot be read."""


def sample(node: ast.expr) -> str | None:
    """A string in code with "X1" for what is put in; None where it is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(
            p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else "X1"
            for p in node.values
        )
    else:
        return None
    return text if " " in text.strip() and text.strip() != "X1" else None


def sentences(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        held: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            told = name in LISTS or (path.name == "contradict.py" and name == "out")
            if node.func.attr == "append" and told:
                held = node.args
        if path.name in PROBLEMS and isinstance(node, ast.Return) and node.value is not None:
            held = list(node.value.elts) if isinstance(node.value, ast.Tuple) else [node.value]
            held += node.value.args if isinstance(node.value, ast.Call) else []
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
            "problem",
            "doubt",
            "_UNREADABLE",
        ):
            held = [node.value]
        for part in held:
            if text := sample(part):
                yield text.replace("{}", "X1")


PUT_TOGETHER = {"X1: not understood", "item B X1", "item C X1", "item D: X1", "the X1 X1"}
"""Of sentences that stand in the list themselves."""
FOUND = sorted({s for path in CODE.glob("*.py") for s in sentences(path)} - PUT_TOGETHER)


def test_the_walk_finds_them() -> None:
    assert len(FOUND) > 50


@pytest.mark.parametrize("sentence", FOUND)
def test_every_sentence_of_the_code(sentence: str) -> None:
    spanish = found(sentence)
    assert spanish and "{" not in spanish
    assert sentence.count("X1") <= spanish.count("X1") + sentence.count("FLX1")


def test_words_of_the_notice_stay() -> None:
    assert in_spanish("item D: 'WHEN' is not understood") == "ítem D: no se entiende 'WHEN'"
    assert in_spanish("MEXICAN airspace is excluded by words; its border is not drawn") == (
        "el espacio aéreo MEXICAN se excluye con palabras; su frontera no está trazada"
    )
    assert in_spanish("none of ours") == "none of ours"


@pytest.mark.shared
def test_every_sentence_that_real_texts_draw(shared: Path) -> None:
    lines = gzip.decompress((shared / "data/notam/world_1000.jsonl.gz").read_bytes()).splitlines()
    said = {
        sentence
        for line in lines
        for notam in [decode(json.loads(line)["raw"])]
        for sentence in (*notam.warnings, *(u for a in notam.areas for u in a.uncertain))
    }
    assert len(said) > 20
    assert [s for s in said if found(s) is None] == []
