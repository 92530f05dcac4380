"""A track that crosses into the neighbour's sector stays the same track."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tracks.site import FRAME, SECTOR, T0, fleet, radar, reported, reports, seen_by_radar
from windhover import tracks
from windhover.geo.frames import from_enu, sector_frame, to_enu
from windhover.schema.batches import Detections, Tracks
from windhover.schema.place import Point, Sector
from windhover.units import NS_PER_S

_LAT, _LON, _H = from_enu(FRAME, np.array([60_000.0, 10_000.0, 0.0]))
NEIGHBOUR = Sector("neighbour", Point(float(_LAT), float(_LON)), 1150.0, 40_000.0)
SENSORS = (radar(range_max_m=80_000.0, clutter_per_scan=2.0), reports())


def batch(place: np.ndarray, k: int, rng: np.random.Generator) -> Detections:
    at_ns = T0 + k * NS_PER_S
    scan = seen_by_radar(place, at_ns, rng, 0, 0.9, 2.0)
    return Detections.concatenate([scan, reported(place[:1], at_ns, rng, 1, claims=True)])


def there(picture: Tracks, sector: Sector) -> np.ndarray:
    """(N, 3) in the old sector's frame."""
    return np.asarray(
        to_enu(FRAME, *from_enu(sector_frame(sector), picture.state_enu[:, :3].copy()))
    )


def held(state: tracks.TrackerState, k: int) -> tuple[tracks.TrackerState, Tracks]:
    state, picture, _ = tracks.advance(state, Detections.empty(), T0 + k * NS_PER_S)
    return state, picture


def flown(seconds: int) -> tuple[tracks.TrackerState, Tracks, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(51)
    place, velocity = fleet(2, rng, 1500.0)
    place = place + np.array([14_000.0, 2_000.0, 300.0])
    state = tracks.start(SECTOR, SENSORS)
    for k in range(seconds):
        state, picture, _ = tracks.advance(
            state, batch(place + velocity * k, k, rng), T0 + k * NS_PER_S
        )
    return state, picture, place, velocity


def test_state_age_claims_and_existence_go_along() -> None:
    old, picture, _, _ = flown(20)
    assert picture.n == 2
    row = int(np.flatnonzero(picture.claimed_id)[0])
    old, passed = tracks.leave(old, int(picture.track_id[row]))
    new = tracks.start(NEIGHBOUR, SENSORS)
    new, name = tracks.join(new, passed, {0: 0, 1: 1})
    new, taken = held(new, 19)
    assert taken.n == 1 and int(taken.track_id[0]) == name
    np.testing.assert_allclose(there(taken, NEIGHBOUR)[0], picture.state_enu[row, :3], atol=0.05)
    for column in ("born_ns", "hit_ns", "claimed_id", "sensors", "status"):
        assert getattr(taken, column)[0] == getattr(picture, column)[row]
    assert taken.existence[0] == pytest.approx(picture.existence[row], rel=1e-6)
    speed = [np.linalg.norm(p.state_enu[r, 3:]) for p, r in ((taken, 0), (picture, row))]
    assert speed[0] == pytest.approx(speed[1], rel=1e-3)
    for part in (slice(0, 2), slice(3, 5)):
        spread = [p.covariance_enu[r, part, part] for p, r in ((taken, 0), (picture, row))]
        np.testing.assert_allclose(
            np.linalg.eigvalsh(spread[0]), np.linalg.eigvalsh(spread[1]), rtol=0.01
        )


def test_it_goes_on_in_the_neighbour_as_it_would_have_gone_on() -> None:
    old, picture, place, velocity = flown(20)
    new = tracks.start(NEIGHBOUR, SENSORS)
    names = []
    for track_id in picture.track_id.tolist():
        old, passed = tracks.leave(old, track_id)
        new, name = tracks.join(new, passed, {0: 0, 1: 1})
        names.append(name)
    rng = np.random.default_rng(52)
    stayed = flown(20)[0]
    for k in range(20, 32):
        plots = batch(place + velocity * k, k, rng)
        # The sensors stand where they stood: `site.radar` is the same one in both sectors.
        new, there_now, _ = tracks.advance(new, plots, T0 + k * NS_PER_S)
        stayed, here_now, _ = tracks.advance(stayed, plots, T0 + k * NS_PER_S)
    assert sorted(there_now.track_id.tolist()) == sorted(names)
    a = there(there_now, NEIGHBOUR)
    gap = np.linalg.norm(a[:, None, :2] - here_now.state_enu[None, :, :2], axis=2).min(1)
    assert gap.max() < 3.0
    _, left = held(old, 32)
    assert left.n == 0


def test_what_the_neighbour_holds_already_is_not_doubled() -> None:
    old, picture, _, _ = flown(20)
    track_id = int(picture.track_id[0])
    old, passed = tracks.leave(old, track_id, keep=True)
    again, same = tracks.join(old, passed, {0: 0, 1: 1})
    assert same == track_id
    assert held(again, 19)[1].n == picture.n


def test_a_track_that_left_stays_away_when_a_late_plot_comes() -> None:
    old, picture, place, _ = flown(20)
    for track_id in picture.track_id.tolist():
        old, _ = tracks.leave(old, track_id)
    elsewhere = place[:1] + np.array([-9000.0, 0.0, 0.0])
    late = reported(elsewhere, T0 + 18 * NS_PER_S, np.random.default_rng(1), 1)
    old, after, _ = tracks.advance(old, late, T0 + 20 * NS_PER_S)
    assert after.n == 0
    with pytest.raises(KeyError):
        tracks.leave(old, 99)
