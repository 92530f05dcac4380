"""The command line's own promises: every command documented, one clear line on bad input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from windhover import cli

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "windhover", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_stands_in_the_docs_and_answers_help(name: str) -> None:
    assert f"`windhover {name}" in (ROOT / "docs" / "commands.md").read_text()
    answer = run(name, "--help")
    assert answer.returncode == 0, answer.stderr
    assert "Usage" in answer.stdout


@pytest.mark.parametrize("name", list(cli.BENCHES))
def test_every_bench_answers_help(name: str) -> None:
    answer = run("bench", name, "--help")
    assert answer.returncode == 0, answer.stderr
    assert "Usage" in answer.stdout


def test_a_wrong_command_is_told_the_right_one() -> None:
    answer = run("demmo")
    assert answer.returncode == 2
    assert (
        answer.stderr.strip() == "windhover: windhover has no command 'demmo'. Did you mean 'demo'?"
    )


def test_version_and_help_need_no_room() -> None:
    assert run("--version").stdout.startswith("windhover 0.")
    assert "It commands nothing." in run("--help").stdout


def test_exercises_are_listed_and_a_wrong_name_says_which_is_near(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as listed:
        cli.main(["exercise"])
    assert listed.value.code == 0
    assert capsys.readouterr().out.startswith("EXERCISE / EJERCICIO: el-paso, gatwick, vilnius")
    with pytest.raises(SystemExit) as ended:
        cli.main(["exercise", "gatwik"])
    assert ended.value.code == 2
    assert "Did you mean 'gatwick'?" in capsys.readouterr().err
