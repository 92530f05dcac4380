"""`windhover bench stages`: its stages cover the second, and nothing is counted twice."""

from __future__ import annotations

import time

import msgspec
import pytest

from windhover.cli import main
from windhover.cli.bench_stages import MADE_UP, _Clock


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
    medians = {name: row[0] for name, row in found.items()}
    for stage in ("tracks", "identities", "record: journal", "frame: columns"):
        assert medians[stage] > 0.0
    assert found["record: snapshot, every 5 min"][1] > 0.0
    parts = sum(v for k, v in medians.items() if k not in ("all of it", MADE_UP))
    assert parts == pytest.approx(medians["all of it"], rel=0.5)
