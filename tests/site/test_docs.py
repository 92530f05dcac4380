"""docs/site.md explains every key that site.toml may hold, and none that it may not."""

import re
from pathlib import Path

import msgspec

from windhover.site.form import FORMS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "site.md"


def test_every_key_is_explained_and_no_other() -> None:
    known = {field.name for form in FORMS for field in msgspec.structs.fields(form)}
    tables = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    explained = {key for line in tables for key in re.findall(r"`([a-z_0-9]+)`", line)}
    words = {"radar_2d", "radar_3d", "remote_id", "control_link", "border_strip"}
    assert known - explained == set()
    columns = {key for line in tables for key in re.findall(r"`([a-z_0-9]+)`", line.split("|")[1])}
    assert columns - known - words == set()
