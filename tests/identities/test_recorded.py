"""Real objects with radar noise added, and wind from other flights only."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from windhover.air import wind as air
from windhover.cli.identify import judge
from windhover.errors import BadInput
from windhover.feeds.files import read_wind
from windhover.identities import weigh
from windhover.schema.batches import CLASSES
from windhover.score import bench_identity_recorded as recorded

DRONE, BALLOON = CLASSES.index("drone"), CLASSES.index("balloon")
pytestmark = pytest.mark.shared


def judged(window: recorded.Window, field: air.WindField) -> np.ndarray:
    """(T, K) from when there is a track on, through the tracker."""
    p = recorded.judged(window, field, 0)
    return p[~np.isnan(p[:, 0])]


def powered(p: np.ndarray) -> np.ndarray:
    return np.asarray(p[:, list(weigh.POWERED)].sum(axis=1))


def test_radiosondes_drift_in_the_wind_of_the_sounding_before(shared: Path) -> None:
    """Six-hour-old wind: never powered and never a drone above 0.9, mostly drifting within 90 s."""
    sondes = sorted((shared / "data/tracks/balloon").glob("twpsonde*.cdf.gz"))
    assert len(sondes) > 5
    drifting = []
    for before, sonde in zip(sondes[:-1:2], sondes[1::2], strict=False):
        levels = read_wind(before)
        for window in recorded.windows(sonde, 4):
            p = judged(window, air.add(air.start(), levels, window.start_ns))
            assert powered(p).max() <= 0.9
            assert p[:, DRONE].max() <= 0.9
            drifting.append(p[:, BALLOON].max() > 0.8)
    assert np.mean(drifting) > 0.6


@pytest.mark.parametrize("kind", ["bird", "glider"])
def test_what_circles_is_no_drone_and_no_balloon(shared: Path, kind: str) -> None:
    """Storks, paragliders and sailplanes without any wind data."""
    files = sorted((shared / f"data/tracks/{kind}").iterdir())[:6]
    called_balloon = []
    for file in files:
        for window in recorded.windows(file, 8 if kind == "bird" else 3):
            p = judged(window, air.start())
            assert p[:, DRONE].max() <= 0.9, file.name
            called_balloon.append(p[:, BALLOON].max() > 0.9)
    assert len(called_balloon) >= 6
    assert np.mean(called_balloon) <= 0.1


def test_helicopters_are_powered(shared: Path) -> None:
    for name in ("rega_zh", "samu31"):
        for window in recorded.windows(shared / f"data/tracks/aircraft/{name}.json.gz", 3):
            p = judged(window, air.start())
            assert powered(p).max() > 0.9, name
            assert p[:, BALLOON].max() <= 0.9


def test_the_bench_of_recordings_tells_each_kind(shared: Path, tmp_path: Path) -> None:
    """Folders name what they hold; a sounding lends its wind to the next flight and never to its own."""
    for name in ("20060119.050300", "20060119.112000"):
        (sonde,) = (shared / "data/tracks/balloon").glob(f"*{name}*")
        (tmp_path / "balloon").mkdir(exist_ok=True)
        shutil.copy(sonde, tmp_path / "balloon" / sonde.name)
    (tmp_path / "notes.txt").write_text("no recording")
    lent = recorded.soundings(sorted(tmp_path.rglob("*.gz")))
    ((late, (early, _)),) = lent.items()
    assert ("112000" in late.name, "050300" in early.name) == (True, True)
    found = recorded.figures(tmp_path, 1, 2)
    assert set(found) == {"balloon, no wind", "balloon, wind of hours before"}
    assert found["balloon, no wind"]["n"] == 4 and found["balloon, wind of hours before"]["n"] == 2
    assert found["balloon, wind of hours before"]["called_powered"] == 0.0
    with pytest.raises(BadInput, match="no recording"):
        recorded.figures(tmp_path / "nowhere", 1, 1)


def test_the_parrot_capture_is_a_drone_and_cooperative(shared: Path) -> None:
    """A real flight heard over Wi-Fi, through the tracker and the command's own judge."""
    found, history = judge(str(shared / "data/rid/parrot_anafi4_real.pcapng"), [])
    assert found.said == "drone"
    assert found.attributes["cooperative"] is True
    assert found.classes["drone"] > 0.9
    assert found.classes["drone"] < 1.0
    claim = next(item for item in found.evidence if item.source == "cooperative")
    assert "moves like it" in claim.sentence.en
    # Without its words the same path is never said to be a balloon.
    silent, _ = judge(str(shared / "data/rid/parrot_anafi4_real.pcapng"), [], hide_claims=True)
    assert silent.classes["balloon"] < 0.9
    assert len(history.time_s) > 30


def test_sondes_without_any_wind_are_never_called_drones(shared: Path) -> None:
    """Wind missing: neither drone nor powered above 0.9, at any height, jet streams among them."""
    sondes = sorted((shared / "data/tracks/balloon").iterdir())
    assert len(sondes) >= 15
    for sonde in sondes:
        for window in recorded.windows(sonde, 2):
            p = judged(window, air.start())
            assert p[:, DRONE].max() <= 0.9, sonde.name
            assert powered(p).max() <= 0.9, sonde.name


@pytest.mark.parametrize("known", [True, False], ids=["wind of six hours before", "no wind"])
def test_a_whole_sonde_is_a_balloon_from_the_ground_to_the_stratosphere(
    shared: Path, known: bool
) -> None:
    """No window is cut: an hour's climb through all the wind there is, in the tracker's own frames."""
    sondes = shared / "data/tracks/balloon"
    (before,), (sonde,) = (sondes.glob(f"*{at}*") for at in ("20060119.050300", "20060119.112000"))
    found, history = judge(str(sonde), [str(before)] if known else [], hide_claims=True)
    assert found.said == "balloon"
    assert history.time_s[-1] > 3_000.0
    assert powered(history.classes).max() <= 0.9
    assert (history.classes[:, BALLOON] > 0.9).mean() > 0.8


def test_shares_of_whole_flights_by_hand() -> None:
    p = np.zeros((4, weigh.K))
    p[:2, DRONE], p[3, BALLOON] = 0.95, 0.95
    found = recorded.of_flights([("a", p), ("a", np.zeros((9, weigh.K))), ("b", p[3:])])
    assert found["a"]["n"] == 2.0
    assert (found["a"]["drone"], found["a"]["n_ever_drone"]) == (0.25, 1.0)
    assert (found["b"]["balloon"], found["b"]["powered"]) == (1.0, 0.0)
