"""Whatever the server may refuse with has its Spanish in the console."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import windhover.server
from windhover.server import alerts

FOLDER = Path(windhover.server.__file__).parent
CATALOGUE = Path(__file__).resolve().parents[2] / "web" / "src" / "words" / "problems.ts"
REMARKS = CATALOGUE.with_name("remarks.ts")
OPERATORS_OWN = ("settings.py", "run.py", "sockets.py", "sources.py")
"""Said on the terminal or to programs, not on a screen."""


def sentence(node: ast.expr) -> str | None:
    """A literal's words, `{}` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)  # type: ignore[misc]
    return None


def said() -> set[str]:
    found = set()
    for path in FOLDER.rglob("*.py"):
        if path.name in OPERATORS_OWN:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("Refused", "BadInput", "WindhoverError"):
                place = 1 if node.func.id == "Refused" else 0
                words = sentence(node.args[place]) if len(node.args) > place else None
                if words and re.search("[a-z]{3}", words):
                    found.add(words)
    return found


def test_every_refusal_has_its_spanish() -> None:
    known = set(re.findall(r'^  "((?:[^"\\]|\\.)+)": "', CATALOGUE.read_text(), re.MULTILINE))
    sentences = said()
    assert len(sentences) > 30
    assert not sentences - known


def rejected() -> set[str]:
    """Whatever a decoder, a feed or an output may count as refused, unused or lost."""
    found = set()
    for room in ("detections", "feeds", "deliver"):
        for path in (FOLDER.parent / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                told: list[ast.expr | None] = []
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                    told += {
                        "count": node.args[1:2],
                        "nothing": node.args[:1],
                        "drop": node.args[:1],
                    }.get(name, [])
                    kept = [k.value for k in node.keywords if k.arg == "rejected"]
                    told += [key for one in kept if isinstance(one, ast.Dict) for key in one.keys]
                found |= {words for one in told if one is not None and (words := sentence(one))}
    return found


def test_whatever_a_feed_rejects_has_its_spanish() -> None:
    known = set(re.findall(r'^  "((?:[^"\\]|\\.)+)": "', REMARKS.read_text(), re.MULTILINE))
    assert len(rejected()) > 60
    assert not rejected() - known


def test_alerts_call_exposures_as_the_console_does() -> None:
    for language, at in (("en", 0), ("es", 1)):
        told = (CATALOGUE.parent / language / "terms.ts").read_text()
        for level, words in alerts.EXPOSURE_WORDS.items():
            said = (words.en, words.es)[at]
            assert f'"exposure.{level}": "{level} {said}"' in told
