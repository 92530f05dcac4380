"""The console's own tests (vitest) and its types (tsc, strict), run by `make test`."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def builder() -> ModuleType:
    """`hatch_build.py`, which knows where a fit node is."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_consoles_own_checks(script: str) -> None:
    build = builder()
    env = build.environment(install=False)
    ran = subprocess.run(
        [*build.npm(env), "run", "--silent", script],
        cwd=ROOT / "web",
        env=env,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text()
