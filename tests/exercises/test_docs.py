"""The example in docs/exercises.md runs."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exercises.md"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    exec(compile(code, str(PAGE), "exec"), {})
    told = capsys.readouterr().out
    assert told.startswith(("wind_csv", "plots", "aircraft_json"))
    assert "dark drone drone, dark" in told
