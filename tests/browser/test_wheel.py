"""The wheel in a fresh environment, as a user has it: built, installed, served, opened, the map drawn."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import windhover
from tests.browser.conftest import PATIENCE_MS, Served
from tests.browser.test_console import has, pixels, rgb

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(windhover.__file__).parent


def run(*command: str | Path) -> str:
    told = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
        "--no-index", "--disable-pip-version-check", "--wheel-dir", folder, ROOT,
    )  # fmt: skip
    return next(folder.glob("windhover-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; what it depends on is borrowed from the tests' own."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", "--disable-pip-version-check", wheel,
    )  # fmt: skip
    site = next((folder / "lib").glob("python3*")) / "site-packages"
    theirs = Path(np.__file__).parents[1]
    (site / "borrowed.pth").write_text(f"{theirs}\n")
    installed = site / "windhover"
    assert (
        run(python, "-c", "import windhover; print(windhover.__file__)")
        .strip()
        .startswith(str(installed))
    )
    # That kernels compile is tested elsewhere: here the compiled ones come along.
    for cache in SOURCE.rglob("__pycache__"):
        to = installed / cache.relative_to(SOURCE)
        to.mkdir(exist_ok=True)
        for file in cache.glob("*.nb[ic]"):
            shutil.copy2(file, to)
    for file in SOURCE.rglob("*.py"):
        copy = installed / file.relative_to(SOURCE)
        os.utime(copy, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    return folder


def test_the_wheel_holds_the_console_and_no_test(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    static = [name for name in names if "/server/static/" in name]
    assert "windhover/server/static/index.html" in names
    assert any("worker" in name and name.endswith((".js", ".mjs")) for name in static)
    assert any(name.endswith("third-party.txt") for name in static)
    assert not [name for name in names if name.startswith("tests/") or "node_modules" in name]


def test_the_wheel_serves_a_console_whose_map_is_drawn(
    environment: Path, browser: Browser, tmp_path: Path
) -> None:
    server = Served(tmp_path / "record", speed=3, skip=4, program=environment / "bin" / "windhover")
    try:
        page = browser.new_context(viewport={"width": 1180, "height": 720}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        # An answer 304 whose empty body nobody reads is told as aborted.
        page.on("requestfailed", lambda r: "ABORTED" in str(r.failure) or faults.append(r.url))
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.goto(server.link)
        page.wait_for_selector(".console")
        expect(page.locator(".live-state .pill.good")).to_be_visible()
        page.wait_for_function("() => window.windhover.map.store.size >= 3")
        page.wait_for_function("() => window.windhover.map.map.loaded()")
        page.wait_for_timeout(1500)
        page.evaluate("""() => { window.windhover.map.words.style.visibility = "hidden";
            document.querySelector(".alerts").style.display = "none"; }""")
        image = pixels(page)
        for name, near in (("land", 12), ("runway", 60), ("border", 60)):
            assert has(image, rgb(page, name), near), f"no {name} on the map"
        assert [url for url in asked if not url.startswith((server.url, "blob:", "data:"))] == []
        assert not faults
        page.context.close()
    finally:
        server.kill()
