"""A site of one's own: the example that is written is one that holds."""

from __future__ import annotations

from pathlib import Path

from tests.core.test_command_line import run


def test_the_written_example_checks(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert run("site", "init", str(folder)).returncode == 0
    answer = run("site", "check", str(folder))
    assert answer.returncode == 0, answer.stderr
    assert "holds together" in answer.stdout
    assert run("site", "init", str(folder)).returncode == 2  # nothing is written over


def test_a_mistake_is_one_line_with_file_and_key(tmp_path: Path) -> None:
    run("site", "init", str(tmp_path / "mine"))
    path = tmp_path / "mine" / "site.toml"
    path.write_text(path.read_text().replace("fir =", "fyr =", 1))
    answer = run("site", "check", str(tmp_path / "mine"))
    assert answer.returncode == 2
    assert "fyr" in answer.stderr and len(answer.stderr.strip().splitlines()) == 1
