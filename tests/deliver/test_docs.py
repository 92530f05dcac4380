"""Every setting of every output stands on the page."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from windhover.deliver.line import TlsSettings
from windhover.deliver.outputs import OutputSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs/feeds.md").read_text("utf-8")
STRUCTS = get_args(OutputSettings)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda s: str(s.__struct_config__.tag))
def test_every_setting_is_on_its_line(struct: type[msgspec.Struct]) -> None:
    kind = struct.__struct_config__.tag
    (line,) = (one for one in PAGE.splitlines() if one.startswith(f"| `{kind}` |"))
    for field in struct.__struct_fields__:
        assert field in ("name", "purpose") or f"`{field}`" in line, field


def test_every_setting_of_tls_is_on_the_page() -> None:
    assert all(f"`{field}`" in PAGE for field in TlsSettings.__struct_fields__)
