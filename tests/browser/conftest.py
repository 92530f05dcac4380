"""A real server process, a real browser: nothing here is a stand-in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from windhover.server.static import FOLDER

FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
"""WebGL without a graphics card, as root in a container."""
PATIENCE_MS = 90_000
"""Of a machine that does five other things; a quiet one needs a tenth of it."""
expect.set_options(timeout=45_000)


class Served:
    """`windhover serve` in a process of its own: an exercise where the officer's part is ours, or what
    `arguments` say instead."""

    def __init__(
        self,
        folder: Path,
        speed: float = 1.0,
        skip: float = 0.0,
        program: Path | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.folder, self.port, self.link = folder, 0, ""
        self.program = program or Path(sys.executable).with_name("windhover")
        exercise = ["--exercise", "el-paso", "--seed", "1", "--officer", "you"]
        exercise += ["--speed", str(speed), "--skip", str(skip), "--out", str(folder)]
        self.arguments = [*arguments] or exercise
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, or start again on the same port and record."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "serve.log"
        command = [
            str(self.program),
            "serve",
            *self.arguments,
            "--json",
        ]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)], stdout=out, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 240  # a cold compile of the kernels
        while time.monotonic() < deadline:
            said = [json.loads(line).get("says", "") for line in _lines(log)]
            if any("Ctrl-C" in line for line in said):
                at = next(line for line in said if " at http" in line)
                self.port = int(at.rsplit(":", 1)[1])
                self.link = next((x.split(": ")[1] for x in said if "/#" in x), "")
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the server does not come up:\n{log.read_text()}")

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _lines(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.fixture(scope="session")
def console() -> Path:
    """The built console."""
    if not (FOLDER / "index.html").is_file():
        pytest.fail("the console is not built: make console")
    return FOLDER


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Closed with its module: while it is open, nothing else in the process can run an event loop."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, console: Path) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("watch") / "record", speed=3, skip=4)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def entered(served: Served, browser: Browser) -> Any:
    """Cookies of somebody who came in by the one-time link."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(served.link)
    page.wait_for_selector(".console")
    state = context.storage_state()
    context.close()
    return {"cookies": state["cookies"], "origins": []}


Open = Callable[..., Page]


@pytest.fixture
def opened(served: Served, browser: Browser, entered: Any) -> Iterator[Open]:
    """A page of the console: `opened("#v=table", language="es")`. Fails on any error of the page."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_(hash_: str = "", language: str = "en", theme: str = "dark", **more: Any) -> Page:
        more.setdefault("viewport", {"width": 1180, "height": 720})
        context = browser.new_context(storage_state=entered, **more)
        contexts.append(context)
        context.add_init_script(
            f"localStorage.setItem('windhover.language', '{language}');"
            f"localStorage.setItem('windhover.theme', '{theme}')"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.goto(served.url + "/" + hash_)
        page.wait_for_selector(".console")
        expect(page.locator(".live-state .pill.good, .live-state .pill.warn")).to_be_visible()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults
