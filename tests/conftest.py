"""Fixtures for every room, and the rule for what a machine may lack.

`WINDHOVER_REQUIRE=shared,browser` turns a skip for want of either into a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# `make test` says the same twice: its examples are drawn from the tests' own text. The search for
# new ones is `make soak`. A loaded machine is no failure, so no example has a deadline.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("WINDHOVER_HYPOTHESIS", "steady"))

REQUIRED = set(filter(None, os.environ.get("WINDHOVER_REQUIRE", "").split(",")))
SHARED = Path(__file__).resolve().parents[2] / "shared"


def lacking(what: str, words: str) -> None:
    if what in REQUIRED:
        pytest.fail(f"{words} (WINDHOVER_REQUIRE names {what!r})")
    pytest.skip(words)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings beside the checkout."""
    if not (SHARED / "data").is_dir():
        lacking("shared", "the real recordings are not beside this checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium to open pages with."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        lacking("browser", "no chromium on this machine (Debian package chromium)")
    return str(found)


PEERS = Path(__file__).resolve().parents[1] / ".venv/peers"


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Path of somebody else's program by name: from its own environment under `.venv/peers`, or Debian's."""

    def find(name: str) -> str:
        theirs = sorted(PEERS.glob(f"*/bin/{name}"))
        found = (
            str(theirs[0]) if theirs else shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
        )
        if not found:
            words = f"{name} is not on this machine (make test and .ci/run install it)"
            lacking("browser" if REQUIRED else "programs", words)
        return str(found)

    return find
