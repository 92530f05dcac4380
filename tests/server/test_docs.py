"""What the pages say is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from windhover.schema import commands
from windhover.server.api.acts import ROLES
from windhover.server.frames import HEADER, ROW_BYTES
from windhover.server.routes import TABLE

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "design" / "api.md").read_text()


def test_every_route_stands_in_the_contract() -> None:
    words = re.sub(r"{\w+}", "{id}", CONTRACT.replace("{name}", "{id}"))
    missing = []
    for route in TABLE:
        if route.path.startswith("/api/commands/"):
            found = route.path.rpartition("/")[2] in CONTRACT
        else:
            found = re.sub(r"{\w+}", "{id}", route.path) in words
        if not found:
            missing.append(route.name)
    assert not missing


def test_every_command_has_its_roles_and_no_role_is_for_nothing() -> None:
    names = {kind.__name__ for kind in commands.Command.__args__}
    assert set(ROLES) == names


def test_the_contract_tells_the_frame_as_it_is() -> None:
    assert HEADER.size == 32 and ROW_BYTES == 53
    told = [int(at) for at in re.findall(r"^\| (\d+) \|", CONTRACT, flags=re.M)]
    assert told == [0, 4, 8, 16, 20, 24, 28]


def test_the_checked_list_names_tests_that_there_are() -> None:
    page = (ROOT / "docs" / "asvs.md").read_text()
    named = set(re.findall(r"\b(test_\w+)\b", page)) - {"test_architecture"}
    there = {path.stem for path in (ROOT / "tests" / "server").glob("test_*.py")}
    assert named and not named - there
