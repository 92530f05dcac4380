"""A folder of results is there whole or not at all, and what no run wrote is never touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from windhover.errors import WindhoverError
from windhover.exercises.folder import whole


def earlier(out: Path) -> None:
    out.mkdir()
    (out / "journal.sqlite").write_text("earlier")
    (out / "report.html").write_text("earlier")


def test_a_run_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    earlier(out)
    with whole(out) as part:
        (part / "journal.sqlite").write_text("new")
        assert (out / "report.html").read_text() == "earlier"
    assert [p.name for p in out.iterdir()] == ["journal.sqlite"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_an_interrupted_run_leaves_the_earlier_one_and_nothing_else(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    out = tmp_path / "out"
    earlier(out)
    with pytest.raises(fault), whole(out) as part:
        (part / "journal.sqlite").write_text("half")
        raise fault
    assert (out / "journal.sqlite").read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    with pytest.raises(fault), whole(tmp_path / "a" / "b" / "c") as part:
        raise fault
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_no_run_wrote_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    earlier(out)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(WindhoverError, match=r"notes\.txt"), whole(out):
        pytest.fail("it began")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.html").write_text("mine")
    with pytest.raises(WindhoverError, match="holds no earlier run"), whole(tmp_path / "other"):
        pytest.fail("it began")
    assert (out / "notes.txt").read_text() == "mine"


def test_what_cannot_be_a_folder_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(WindhoverError, match="is a file"), whole(file):
        pytest.fail("it began")
    with pytest.raises(WindhoverError, match="cannot be written"), whole(file / "out"):
        pytest.fail("it began")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(WindhoverError, match="cannot be written: No space left on device"),
        whole(tmp_path / "out"),
    ):
        raise OSError(28, os.strerror(28))
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    dead, alive = tmp_path / "out.4194304.part", tmp_path / f"out.{os.getppid()}.part"
    dead.mkdir()
    alive.mkdir()
    with whole(tmp_path / "out"):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", alive.name]
