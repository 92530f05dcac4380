"""Why a source could not be read is told in both languages: every reason in the code has its like."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from windhover.timescale import from_iso
from windhover.watch.outage import Health, advance, in_spanish

FEEDS = Path("src/windhover/feeds")
RAISED = {
    "notices_faa.py": {"SourceDown"},
    "notices_http.py": {"SourceDown"},
    "notices_sources.py": {"SourceDown", "append"},
    "notices_texts.py": {"BadInput"},
    "notices_watch.py": {"append"},
}


def words_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else "X1"
            for p in node.values
        )
    return None


def reasons() -> set[str]:
    out: set[str] = set()
    for name, calls in RAISED.items():
        for node in ast.walk(ast.parse((FEEDS / name).read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            told = [w for w in map(words_of, node.args) if w]
            if called in calls and told and len(told) == len(node.args):
                out.add(" ".join(told))
    return out


REASONS = sorted(reasons())


def test_the_walk_finds_them() -> None:
    assert len(REASONS) > 15


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason(reason: str) -> None:
    assert in_spanish(reason) != reason


def test_an_outage_in_spanish_has_no_english_cause() -> None:
    now = from_iso("2026-02-11T05:40Z")
    for reason, spanish in (
        ("it cannot be read (No such file or directory)", "no se puede leer (no existe el archivo"),
        ("no connection ([Errno 111] Connection refused)", "no hay conexión (conexión rechazada)"),
        ("it answers 404 Not Found", "responde 404 no encontrado"),
    ):
        _, words = advance(Health("x", now), reason, now)
        assert words is not None and reason in words.en
        assert spanish in words.es and reason not in words.es
