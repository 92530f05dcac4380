"""What is said of the things an officer meets, and what is never said."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from tests.identities import scene
from windhover import identities
from windhover.air import wind as air
from windhover.errors import BadInput
from windhover.identities import weigh
from windhover.identities.state import DARK, FRIEND
from windhover.schema.batches import CLASSES, MOTIONS, claim_id
from windhover.schema.cases import Friend
from windhover.schema.reports import ClassReport, Cooperative, RadioPresence, SensorState

DRONE, BALLOON = CLASSES.index("drone"), CLASSES.index("balloon")
WIND = (-4.5, -2.6)


def drone_probability(said: list[identities.state.Identities], row: int = 0) -> np.ndarray:
    return np.array([np.exp(s.log_probability[row, DRONE]) for s in said])


def test_a_level_foil_balloon_is_a_balloon_and_never_a_drone() -> None:
    path = scene.line((WIND[0] + 0.5, WIND[1] - 0.3), 300.0)
    state, said = scene.run([path], scene.known_wind(*WIND), 60, rcs=[-12.0])
    told = identities.explain(state, 1)
    assert told.said == "balloon" and told.said_motion == "with the air"
    assert told.classes["balloon"] > 0.9
    assert drone_probability(said).max() < 0.6
    assert "Moves with the measured wind" in told.sentence.en
    assert "almost certainly drifting" in told.sentence.en
    assert "casi con certeza a la deriva" in told.sentence.es
    assert told.decided_after_s is not None and told.decided_after_s < 30


def test_a_drone_that_stops_in_the_wind_is_a_drone_and_dark() -> None:
    path = scene.line((13.0, 2.0), 120.0)
    path[40:, :2] = path[40, :2]
    state, _ = scene.run([path], scene.known_wind(*WIND), 90, rcs=[-15.0])
    told = identities.explain(state, 1)
    assert told.said == "drone" and told.said_motion == "through the air"
    assert told.attributes["dark"] is True and told.attributes["friend"] is False
    assert "dark" in told.sentence.en and "oscuro" in told.sentence.es


def test_nothing_is_dark_where_no_receiver_listens() -> None:
    path = scene.line((13.0, 2.0), 120.0)
    path[40:, :2] = path[40, :2]
    deaf = (SensorState(0, 0, 1, listening=False),)
    state, _ = scene.run([path], scene.known_wind(*WIND), 90, rcs=[-15.0], reports={0: deaf})
    assert identities.explain(state, 1).attributes["dark"] is None
    far = path + np.array([60_000.0, 0.0, 0.0])
    state, _ = scene.run([far], scene.known_wind(*WIND), 90, rcs=[-15.0])
    assert identities.explain(state, 1).attributes["dark"] is None


def test_remote_id_that_fits_makes_a_cooperative_drone() -> None:
    claim = claim_id("remote_id", "SER1")
    path = scene.line((6.0, -3.0), 100.0, start=(-800.0, 1500.0))
    told = (
        Cooperative(
            scene.START_NS, 0, 1, claim, "remote_id", "SER1", category="UAS", ground_speed_m_s=6.7
        ),
    )
    state, _ = scene.run([path], scene.known_wind(*WIND), 30, claims=[claim], reports={2: told})
    said = identities.explain(state, 1)
    assert said.said == "drone" and said.attributes["cooperative"] is True
    assert said.attributes["dark"] is False
    assert "SER1" in said.sentence.en


def test_a_claim_that_does_not_move_like_it_counts_little() -> None:
    claim = claim_id("icao", "abc123")
    path = scene.line(WIND, 300.0)
    liner = Cooperative(
        scene.START_NS, 0, 2, claim, "icao", "abc123", "AAL1", "A3", ground_speed_m_s=230.0
    )
    state, _ = scene.run([path], scene.known_wind(*WIND), 60, claims=[claim], reports={2: (liner,)})
    told = identities.explain(state, 1)
    assert told.said == "balloon"
    item = next(e for e in told.evidence if e.source == "cooperative")
    assert "does not move like it" in item.sentence.en


def test_an_airliner_with_adsb_is_an_aircraft_within_ten_seconds() -> None:
    claim = claim_id("icao", "a1b2c3")
    liner = Cooperative(
        scene.START_NS, 0, 2, claim, "icao", "a1b2c3", "AAL123", "A3", ground_speed_m_s=98.5
    )
    path = scene.line((90.0, -40.0), 2000.0, start=(-5000.0, 1500.0), climb=-3.0)
    state, _ = scene.run([path], air.start(), 12, claims=[claim], reports={2: (liner,)})
    told = identities.explain(state, 1)
    assert told.said == "aircraft" and told.decided_after_s is not None
    assert told.decided_after_s <= 10.0
    assert told.classes["aircraft"] < 1.0


def test_a_filed_friend_is_a_friend_only_where_and_when_it_is_filed() -> None:
    path = scene.line((8.0, -8.0), 150.0, start=(-4800.0, 500.0))
    path[30:, :2] = path[30, :2]
    area = scene.points([(-5500, -500), (-3500, -500), (-3500, 1000), (-5500, 1000)])
    filed = Friend("F1", "Border agency", "drone", area, 400.0, scene.START_NS, scene.START_NS + 10**12, True)  # fmt: skip
    state, said = scene.run([path], scene.known_wind(*WIND), 70, friends=(filed,), rcs=[-13.0])
    told = identities.explain(state, 1)
    assert said[-1].attributes[0, FRIEND] == 1
    assert told.said == "drone" and "Border agency" in told.sentence.en
    for wrong in (
        msgspec.structs.replace(filed, from_ns=0, to_ns=scene.START_NS - 10**12),
        msgspec.structs.replace(filed, polygon=scene.points([(9e3, 9e3), (9.5e3, 9e3), (9e3, 9.5e3)])),
        msgspec.structs.replace(filed, upper_height_ground_m=10.0),
        msgspec.structs.replace(filed, what="aircraft"),
    ):  # fmt: skip
        _, said = scene.run([path], scene.known_wind(*WIND), 70, friends=(wrong,), rcs=[-13.0])
        assert said[-1].attributes[0, FRIEND] == 0


def test_a_kite_is_tied_to_the_ground() -> None:
    t = np.arange(90)
    kite = np.column_stack([1500 + 11 * np.sin(t / 5), -1500 + 7 * np.cos(t / 7), 80 + 3 * np.sin(t / 6)])  # fmt: skip
    state, _ = scene.run([kite], scene.known_wind(-6.0, -2.6), 90, rcs=[-9.0])
    told = identities.explain(state, 1)
    assert told.said in ("tethered", "unknown") and told.classes["tethered"] > 0.4


def test_scattered_plots_are_clutter() -> None:
    rng = np.random.default_rng(1)
    path = rng.normal(size=(60, 3)) * [60.0, 60.0, 5.0] + [500.0, -500.0, 15.0]
    state, _ = scene.run([path], scene.known_wind(*WIND), 60)
    assert identities.explain(state, 1).said == "clutter"


@pytest.mark.parametrize("field", ["missing", "stale"])
def test_without_wind_motion_alone_never_says_drone(field: str) -> None:
    blind = air.start() if field == "missing" else scene.known_wind(3.0, 0.0, age_s=11 * 3600)
    hover = scene.line((0.0, 0.0), 120.0)
    drift = scene.line((8.0, 4.0), 300.0)
    state, said = scene.run([hover, drift], blind, 100)
    for row in range(2):
        assert drone_probability(said, row).max() <= 0.9
    powered = np.array([np.exp(s.motion_log_probability[1, 1]) for s in said])
    assert powered.max() <= 0.9
    assert "not known" in identities.explain(state, 2).sentence.en


def test_calm_air_leaves_balloon_and_hovering_drone_undetermined() -> None:
    still = scene.line((0.0, 0.0), 100.0)
    state, said = scene.run([still], scene.known_wind(0.2, 0.1, sigma=0.8), 60)
    told = identities.explain(state, 1)
    assert told.said_motion == "undetermined" and told.said == "unknown"
    assert drone_probability(said).max() <= 0.9


def test_radio_and_cameras_speak_for_the_one_track_they_point_at() -> None:
    path = scene.line((3.0, 10.0), 120.0, start=(2000.0, 1500.0))
    other = scene.line((-4.5, -2.6), 300.0, start=(-6000.0, 1500.0))
    azimuth = math.atan2(2000.0, 1500.0)
    radio = RadioPresence(scene.START_NS + 10**10, 0, 1, azimuth, 0.05)
    look = ClassReport(0, 0, 0, azimuth, None, {"drone": -0.1, "bird": -3.0, "balloon": -4.0})
    state, _ = scene.run([path, other], scene.known_wind(*WIND), 14, reports={9: (radio, look)})
    assert state.log_likelihood[0, weigh.RADIO, BALLOON] < -1.0
    assert state.log_likelihood[1, weigh.RADIO, BALLOON] == 0.0
    assert state.log_likelihood[0, weigh.REPORT, BALLOON] == pytest.approx(-3.9)
    assert identities.explain(state, 1).attributes["emitting"] is True


def test_probabilities_are_probabilities_and_never_certain() -> None:
    paths = [
        scene.line((90.0, 0.0), 3000.0),
        scene.line(WIND, 300.0),
        scene.line((0.0, 0.0), 100.0),
    ]
    _, said = scene.run(paths, scene.known_wind(*WIND), 120)
    for answer in said:
        p, m = np.exp(answer.log_probability), np.exp(answer.motion_log_probability)
        np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-9)
        np.testing.assert_allclose(m.sum(axis=1), 1.0, atol=1e-9)
        assert p.max() < 0.999 and p.min() > 0.0


def test_same_input_same_answer_bit_for_bit_and_rows_follow_tracks() -> None:
    paths = [scene.line(WIND, 300.0), scene.line((13.0, 2.0), 120.0)]
    _, one = scene.run(paths, scene.known_wind(*WIND), 20)
    _, two = scene.run(paths, scene.known_wind(*WIND), 20)
    for a, b in zip(one, two, strict=True):
        for x, y in zip(a, b, strict=True):
            assert (x == y).all()


def test_labels_do_not_flicker() -> None:
    path = scene.line((WIND[0] + 1.5, WIND[1]), 300.0)
    _, said = scene.run([path], scene.known_wind(*WIND, sigma=1.5), 110, seed=3)
    labels = [int(s.said[0]) for s in said]
    assert sum(a != b for a, b in pairwise(labels)) <= 3


def test_a_track_that_is_not_held_is_refused() -> None:
    state = identities.start(scene.SENSORS, scene.FRAME, scene.VERTICAL)
    with pytest.raises(BadInput, match="not held"):
        identities.explain(state, 5)


def test_there_is_no_word_for_hostile() -> None:
    assert not any("host" in word for word in (*CLASSES, *MOTIONS))
    assert DARK == 2
