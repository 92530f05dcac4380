"""100,000 detections a second into one process: on time, or said whose are let go (`make soak`)."""

from __future__ import annotations

import json

import pytest

from windhover.cli import main
from windhover.feeds.speed_flood import OBJECTS, RADARS, Flood, flood


def promised(found: Flood) -> None:
    assert found.rows_a_second > 0
    assert (found.wait_s < 1.0 and found.wait_flood_s < 1.0) or found.thinned
    assert found.used > 0.99 or found.thinned
    assert found.lost_steady == 0 or len(found.thinned) > 1


def test_a_trickle_arrives_whole() -> None:
    """The same without a flood, on a clock that only the sleeping moves: nothing is let go."""
    now = [1_770_791_400_000_000_000]

    def sleep(seconds: float) -> None:
        now[0] += max(round(seconds * 1e9), 1_000_000)

    found = flood(2.0, OBJECTS * RADARS, lambda: now[0], sleep, warm_s=2.0)
    promised(found)
    assert found.used == 1.0
    assert found.thinned == ()
    assert found.wait_s <= 0.25
    assert abs(found.tracks - OBJECTS) <= 0.01 * OBJECTS


@pytest.mark.soak
def test_ten_minutes_of_a_hundred_thousand_a_second() -> None:
    found = flood(600.0, 100_000)
    promised(found)
    assert found.rows_a_second > 95_000
    assert found.lost_steady == 0
    assert found.wait_s < 1.0


def test_the_steady_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty seconds by the command itself, in processor time, so that other tests beside it do not count."""
    with pytest.raises(SystemExit) as ended:
        main(["bench", "floods", "--seconds", "20", "--processor", "--json"])
    assert not ended.value.code
    found = json.loads(capsys.readouterr().out)
    assert found["thinned"] == ["radar 9"]
    assert found["lost_steady"] == 0
    assert found["wait_s"] < 1.0
    assert found["tracks"] >= 0.99 * OBJECTS
