"""An hour of 10,000 objects to 100 clients, printed and held against its promises. `make soak` only."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.soak
def test_an_hour_to_a_hundred_clients_grows_nothing() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "windhover", "bench", "server", "--seconds", "3600", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    sys.stdout.write(answer.stdout)
    found = json.loads(answer.stdout)
    assert found["frames"] >= 0.999 * found["frames_wanted"]
    assert found["memory_growth_mib"] < 20.0
    assert found["latency_p99_ms"] < 150.0
