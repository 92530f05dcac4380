"""`windhover bench stages`: its stages cover the second, and nothing is counted twice."""

from __future__ import annotations

import time

import msgspec
import pytest

from windhover.cli import main
from windhover.cli.bench_stages import _Clock, _places


def test_an_inner_stage_stops_the_outer_ones_clock() -> None:
    def work(seconds: float) -> None:
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    clock = _Clock()
    inner = clock.of("inner", lambda: work(0.05))

    def both() -> None:
        work(0.02)
        inner()

    clock.taken()
    clock.of("outer", both)()
    told = clock.taken()
    assert 0.05 <= told["inner"] < 0.065 and 0.02 <= told["outer"] < 0.035
    assert clock.taken().get("inner", 0.0) == 0.0


def test_every_stage_of_the_second_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "stages", "--objects", "30", "--seconds", "5", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out)["30"]
    # Whoever imports a function by name passes its stage by, whose row would be empty.
    idle = {name for name in _places() if not found[name][1] > 0.0}
    assert not idle
    assert found["the rest"][0] < 0.3 * found["all of it"][0]
