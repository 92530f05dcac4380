"""Remote ID claims that cannot be what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.identities import scene
from windhover import identities
from windhover.air import wind as air
from windhover.feeds.files import read_recording
from windhover.geo.frames import frame_at, from_enu
from windhover.identities import spoof
from windhover.schema.batches import CLASSES, Detections, Kind, claim_id
from windhover.schema.reports import Cooperative, Report

CLAIMED = claim_id("remote_id", "EXERCISE0SPOOF01")
DRONE = CLASSES.index("drone")


def claim(k: int, *, frozen: bool = False, operator_m: float = 300.0) -> Cooperative:
    latitude, longitude, _ = from_enu(scene.FRAME, np.array([[2000.0 + operator_m, 1500.0, 0.0]]))
    now = scene.START_NS + (k + 1) * 10**9
    return Cooperative(
        scene.START_NS if frozen else now, now, 1, CLAIMED, "remote_id", "EXERCISE0SPOOF01",
        category="UAS", ground_speed_m_s=8.0,
        operator_latitude_rad=float(latitude[0]), operator_longitude_rad=float(longitude[0]),
    )  # fmt: skip


def told(reports: dict[int, tuple[Report, ...]], paths: list[np.ndarray] | None = None) -> identities.IdentityState:  # fmt: skip
    one = [scene.line((8.0, 0.0), 100.0)] if paths is None else paths
    state, _ = scene.run(one, air.start(), 20, claims=[CLAIMED] * len(one), reports=reports)
    return state


def sentence(state: identities.IdentityState) -> str:
    items = identities.explain(state, 1).evidence
    return next(i.sentence.en for i in items if i.source == "cooperative")


def test_an_honest_claim_counts_in_full() -> None:
    state = told({k: (claim(k),) for k in range(20)})
    assert state.claim_doubts[0] == 0
    assert "moves like it" in sentence(state)
    assert np.exp(state.log_probability[0, DRONE]) > 0.9


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ({k: (claim(k, frozen=True),) for k in range(20)}, "clock stands still"),
        ({k: (claim(k, operator_m=60_000.0),) for k in range(20)}, "out of reach"),
    ],
    ids=["frozen clock", "operator far away"],
)
def test_a_claim_that_cannot_be_so_counts_little(
    reports: dict[int, tuple[Report, ...]], words: str
) -> None:
    honest = told({k: (claim(k),) for k in range(20)})
    state = told(reports)
    assert words in sentence(state)
    assert state.log_probability[0, DRONE] < honest.log_probability[0, DRONE] - 0.2


def test_one_serial_number_at_two_places() -> None:
    far = scene.line((8.0, 0.0), 100.0, start=(-3000.0, 1500.0))
    near = scene.line((8.0, 0.0), 100.0, start=(2100.0, 1500.0))
    reports: dict[int, tuple[Report, ...]] = {k: (claim(k),) for k in range(20)}
    here = scene.line((8.0, 0.0), 100.0)
    assert (told(reports, [here, far]).claim_doubts & spoof.TWO_PLACES).all()
    # Two tracks of one drone, as trackers make them, are no two senders.
    assert not told(reports, [here, near]).claim_doubts.any()


@pytest.mark.parametrize(("step_m", "jumps"), [(15.0, False), (350.0, False), (900.0, True)])
def test_a_jump(step_m: float, jumps: bool) -> None:
    watches: dict[int, spoof.Watch] = {}
    for k in range(3):
        latitude, longitude, height = from_enu(scene.FRAME, np.array([[step_m * k, 0.0, 100.0]]))
        one = Detections.empty(1)
        one.time_ns[:] = scene.START_NS + k * 10**9
        one.kind[:] = Kind.POSITION
        one.sensor[:] = 1
        one.claimed_id[:] = CLAIMED
        one.value[:] = np.stack([latitude, longitude, height], axis=1)
        spoof.watch_places(watches, one, scene.SENSORS, scene.FRAME)
    assert (watches[CLAIMED].jumped_ns > 0) is jumps


@pytest.mark.shared
@pytest.mark.parametrize("name", ["parrot_anafi4_real.pcapng", "dji_air3.pcapng"])
def test_real_drones_are_not_doubted(shared: Path, name: str) -> None:
    """Every claim and every place of real flights, in the order of their arrival."""
    recording = read_recording(shared / "data/rid" / name)
    first = next(b.detections.value[0] for b in recording.batches if b.detections.n)
    frame = frame_at(float(first[0]), float(first[1]), 0.0)
    watches: dict[int, spoof.Watch] = {}
    heard = 0
    for batch in recording.batches:
        spoof.watch_places(watches, batch.detections, recording.sensors, frame)
        for report in batch.reports:
            if isinstance(report, Cooperative):
                heard += 1
                seen = watches.get(report.claimed_id, spoof.Watch())
                watches[report.claimed_id] = spoof.hear(seen, report)
                found = spoof.doubts(
                    watches[report.claimed_id], report, frame, np.zeros(3), report.received_ns
                )
                assert found == 0, spoof.words(found)
    assert heard > 0
