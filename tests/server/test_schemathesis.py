"""schemathesis over the whole API by its own description: no answer is a fault of ours."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.server.conftest import QUICK, settings_for
from windhover.exercises.el_paso import night
from windhover.server import run
from windhover.server.accounts import Accounts
from windhover.server.app import Server, application
from windhover.server.core import Core
from windhover.server.metrics import Metrics
from windhover.server.settings import ExerciseSettings
from windhover.server.sources import Exercise
from windhover.server.who import Account
from windhover.units import NS_PER_H

ENDS = ["/api/session", "/api/accounts/{name}", "/api/tokens/{token_id}"]
"""What would take away the account that asks."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A running exercise with something in its picture, and a token that may do everything."""
    source = Exercise(ExerciseSettings("el-paso", seed=3, skip_minutes=1.5), night(3))
    settings = settings_for(tmp_path, access={"requests_per_minute": 1_000_000})
    site, metrics = source.night.site, Metrics()
    core = Core(
        site, source, tmp_path, run._channel(settings, tmp_path, site),
        metrics, run._memory(settings, site),
    )  # fmt: skip
    accounts = Accounts(tmp_path / "accounts.sqlite", lambda: 0, hasher=QUICK)
    accounts.add(Account("root", ("approver", "admin")), "a long enough word")
    _, token = accounts.make_token("root", "t", ("approver", "admin"), NS_PER_H)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            application(Server(settings, core, accounts, metrics)), log_config=None, lifespan="on"
        )
        web = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(web.serve(sockets=[listener])))
        thread.start()
        try:
            while not web.started:
                assert thread.is_alive()
            yield f"http://127.0.0.1:{port}", token
        finally:
            web.should_exit = True
            thread.join(30)


def test_no_request_that_schemathesis_makes_is_a_fault(
    served: tuple[str, str], program: Callable[[str], str], tmp_path: Path
) -> None:
    base, token = served
    answer = subprocess.run(
        [
            program("schemathesis"), "run", f"{base}/api/openapi.json",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "4", "--seed", "1",
            "--checks", "not_a_server_error,response_schema_conformance,content_type_conformance",
            "--header", f"Authorization: Bearer {token}", "--max-time", "20", "--no-color",
            "--suppress-health-check", "all", "--continue-on-failure", "--workers", "1",
            *(part for path in ENDS for part in ("--exclude-path", path)),
        ],
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout[-6000:]
