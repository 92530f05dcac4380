"""The house is a test: layers as told, files of one screenful of reasons, words that must not exist."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "windhover"
MODULES = sorted(SOURCE.rglob("*.py"))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in [
            *MODULES,
            *sorted((ROOT / "tests").rglob("*.py")),
            *sorted((ROOT / "web" / "src").rglob("*.ts*")),
        ]
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_the_layers_told_are_the_layers_kept() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (layers,) = (
        c["layers"] for c in contract["tool"]["importlinter"]["contracts"] if c["type"] == "layers"
    )
    kept = [sorted(re.findall(r"\w+", layer)) for layer in reversed(layers)]
    told_text = (ROOT / "design" / "layers.md").read_text().split("Low to high:")[1].split(".\n")[0]
    told = [
        sorted(re.findall(r"\w+", re.sub(r"\(.*?\)", "", step, flags=re.S).replace("`", "")))
        for step in told_text.split("→")
    ]
    assert kept == told


def test_every_public_definition_has_a_docstring_in_the_core() -> None:
    bare = []
    for path in MODULES:
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree) and path.read_text().strip():
            bare.append(f"{path.relative_to(ROOT)}")
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            long = node.end_lineno is not None and node.end_lineno - node.lineno > 3
            if long and not node.name.startswith("_") and not ast.get_docstring(node):
                bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not bare


# The one word that must not exist as a label (design/words.md); prose may say that it does not.
LABEL = re.compile(r"""["']hostile["']""", re.I)


def test_nothing_can_be_labelled_hostile() -> None:
    found = [str(path) for path in MODULES if LABEL.search(path.read_text())]
    assert not found


EFFECTOR = re.compile(
    r"\b(fire|shoot|aim|jam|engage|intercept|take_down|takedown|neutrali[sz]e)_?\w*\s*\(", re.I
)


def test_no_command_moves_anything_in_the_sky() -> None:
    """Commands are a closed union; none of its names is an action on an object."""
    from windhover.schema import commands

    names = [kind.__name__ for kind in commands.Command.__args__]
    assert names and not [
        name for name in names if re.match(r"(Fire|Shoot|Aim|Jam|Engage|Intercept|Task)", name)
    ]
    assert not [
        str(path)
        for path in MODULES
        if re.search(EFFECTOR, re.sub(r'""".*?"""|#.*', "", path.read_text(), flags=re.S))
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"(^|[^A-Za-z0-9_.])/(work|root|farm)/",
        r"https?://[^\s\"']*(pypi|npmjs|files\.pythonhosted)",
    ],
)
def test_no_path_of_one_machine_and_no_registry_in_what_we_ship(pattern: str) -> None:
    found = []
    for path in tracked():
        if path == Path(__file__).resolve() or path.suffix in {".png", ".npz", ".gz", ".xz"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_requirements_are_hash_locked_and_name_no_host() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text and "--index" not in text
        pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^\]]+\])?==", text, flags=re.M)
        assert pins and text.count("--hash=sha256:") >= len(pins)


def test_the_story_is_told_in_one_order_everywhere() -> None:
    """README, the package's docstring and picture.py draw the same flow."""
    flow = "feeds ──bytes──▶ detections ──▶ tracks ──▶ identities ──▶ incidents ──▶ restrictions ──▶ notices"
    for path in ("README.md", "src/windhover/__init__.py", "src/windhover/picture.py"):
        assert flow in (ROOT / path).read_text("utf-8"), path
    for noun in re.findall(r"[a-z]+", flow.replace("──bytes──▶", " ")):
        assert (SOURCE / noun).is_dir(), noun


def test_the_public_names_are_there_and_their_example_runs() -> None:
    import doctest

    import windhover

    assert all(getattr(windhover, name) is not None for name in windhover.__all__)
    result = doctest.testmod(windhover)
    assert result.attempted >= 5 and result.failed == 0
