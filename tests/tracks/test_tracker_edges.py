"""The hard cases: absurd input, extremes of the sensors, and what must stay the same."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.tracks.site import (
    FRAME,
    PLACE,
    SECTOR,
    T0,
    fleet,
    radar,
    reported,
    reports,
    seen_by_radar,
)
from tests.tracks.test_tracker import nearest, played
from windhover import tracks
from windhover.geo.frames import from_enu
from windhover.schema.batches import Detections, Kind, Tracks, TrackStatus
from windhover.schema.place import Point, Sensor
from windhover.units import NS_PER_S


def test_pd_one_and_pd_zero_and_no_clutter() -> None:
    rng = np.random.default_rng(9)
    place, velocity = fleet(6, rng)
    for pd in (1.0, 0.0):
        perfect = radar(detection_probability=pd, clutter_per_scan=0.0)
        batches = [
            seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, 0, 1.0, 0.0)
            for k in range(12)
        ]
        _, pictures, _ = played((perfect,), batches)
        assert 6 <= pictures[-1].n <= (6 if pd else 8)
        assert np.isfinite(pictures[-1].state_enu).all()
        assert np.isfinite(pictures[-1].existence).all()


def test_two_sensors_at_one_place_make_one_track_each_target() -> None:
    rng = np.random.default_rng(10)
    place, velocity = fleet(6, rng)
    batches = [
        Detections.concatenate(
            [
                seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, 0),
                seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, 1),
            ]
        )
        for k in range(20)
    ]
    _, pictures, _ = played((radar("a"), radar("b")), batches)
    assert pictures[-1].n == 6
    assert (pictures[-1].sensors == 3).all()


def test_a_target_through_the_zenith_is_not_lost() -> None:
    rng = np.random.default_rng(11)
    sensor = radar(clutter_per_scan=2.0, range_min_m=10.0)
    start, velocity = np.array([[-1500.0, 3.0, 900.0]]), np.array([[50.0, 0.0, 0.0]])
    batches = [
        seen_by_radar(start + velocity * k, T0 + k * NS_PER_S, rng, 0, 1.0, 2.0) for k in range(60)
    ]
    _, pictures, _ = played((sensor,), batches)
    ids = {int(p.track_id[np.hypot(*(p.state_enu[:, :2] - (start + velocity * k)[0, :2]).T).argmin()])
           for k, p in enumerate(pictures[5:], 5)}  # fmt: skip
    assert len(ids) == 1
    assert nearest(pictures[-1], start + velocity * 59)[0] < 60.0


def test_singular_and_absurd_covariances_do_no_harm() -> None:
    rng = np.random.default_rng(12)
    place, velocity = fleet(5, rng)
    batches = []
    for k in range(12):
        batch = reported(place + velocity * k, T0 + k * NS_PER_S, rng)
        batch.covariance[0, :2, :2] = [[100.0, 100.0], [100.0, 100.0]]
        batch.covariance[1, 0, 0] = 100.0
        batch.covariance[2, :2, :2] = [[100.0, 900.0], [900.0, 100.0]]
        batches.append(batch)
    wrong = reported(place, T0 + 12 * NS_PER_S, rng)
    wrong.covariance[0, 0, 0] = np.nan
    wrong.covariance[1, 1, 1] = -4.0
    wrong.value[2, 0] = np.nan
    wrong.value[3, 0] = 9.0
    wrong.sensor[4] = 77
    batches.append(wrong)
    state, pictures, _ = played((reports(),), batches)
    assert pictures[-2].n == 5
    assert state.dropped_bad == 5
    assert np.isfinite(pictures[-1].covariance_enu).all()
    np.linalg.cholesky(pictures[-1].covariance_enu)


def test_ten_thousand_plots_at_one_instant() -> None:
    rng = np.random.default_rng(13)
    state = tracks.start(SECTOR, (radar(kind="radar_2d", clutter_per_scan=10_000.0),))
    for k in range(3):
        scan = seen_by_radar(
            np.zeros((0, 3)), T0 + k * NS_PER_S, rng, 0, 1.0, 0.0, Kind.GROUND_RANGE_AZIMUTH
        )
        scan = Detections.empty(10_000)
        scan.kind[:], scan.time_ns[:] = Kind.GROUND_RANGE_AZIMUTH, T0 + k * NS_PER_S
        scan.value[:, 0] = rng.uniform(50, 20_000, 10_000)
        scan.value[:, 1] = rng.uniform(-np.pi, np.pi, 10_000)
        scan.covariance[:, 0, 0], scan.covariance[:, 1, 1] = 100.0, 3e-5
        began = time.process_time()
        state, picture, _ = tracks.advance(state, scan, T0 + k * NS_PER_S)
        took = time.process_time() - began
    assert picture.n < 300  # clutter said to be clutter
    assert took < 20.0  # no timing: a guard against a cost that grows with the square of the plots


def test_all_plots_in_one_point_do_no_harm() -> None:
    scan = Detections.empty(2000)
    scan.value[:, 0], scan.value[:, 1] = 5000.0, 1.0
    scan.kind[:] = Kind.GROUND_RANGE_AZIMUTH
    scan.covariance[:, 0, 0], scan.covariance[:, 1, 1] = 100.0, 3e-5
    state = tracks.start(SECTOR, (radar(kind="radar_2d"),))
    for k in range(2):
        scan.time_ns[:] = T0 + k * NS_PER_S
        state, picture, _ = tracks.advance(state, scan.take(slice(0, 300)), T0 + k * NS_PER_S)
    assert np.isfinite(picture.state_enu).all()


def test_an_empty_batch_just_coasts_and_says_so() -> None:
    rng = np.random.default_rng(14)
    place, velocity = fleet(3, rng)
    batches = [reported(place + velocity * k, T0 + k * NS_PER_S, rng) for k in range(10)]
    _, pictures, fed = played((reports(),), [*batches, *[Detections.empty()] * 4])
    assert pictures[-1].n == 3 and fed[-1].n == 0
    assert (pictures[-1].status == TrackStatus.COASTING).all()
    moved = pictures[-1].state_enu[:, :2] - pictures[-2].state_enu[:, :2]
    np.testing.assert_allclose(moved, pictures[-2].state_enu[:, 3:5], atol=2.0)


def test_the_same_input_gives_the_same_output_bit_for_bit() -> None:
    def once() -> Tracks:
        rng = np.random.default_rng(15)
        place, velocity = fleet(10, rng)
        batches = [seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng) for k in range(10)]
        return played((radar(),), batches)[1][-1]

    for a, b in zip(once(), once(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_a_false_claim_does_not_take_over_a_track() -> None:
    """Another object's address appears once, far from where that object is."""
    rng = np.random.default_rng(17)
    place, velocity = fleet(2, rng)
    place[1] = place[0] + [9000.0, 0.0, 0.0]
    batches = [
        reported(place + velocity * k, T0 + k * NS_PER_S, rng, claims=True) for k in range(12)
    ]
    lie = reported((place + velocity * 12)[:1], T0 + 12 * NS_PER_S, rng, claims=True)
    lie.claimed_id[:] = 1001
    _, pictures, _ = played((reports(),), [*batches, lie])
    first = np.abs(pictures[-1].state_enu[:, 0] - (place + velocity * 12)[0, 0]).argmin()
    assert pictures[-1].claimed_id[first] == 1000


@pytest.mark.shared
def test_real_aircraft_keep_one_track_each_with_identities_hidden(shared: object) -> None:
    """OpenSky, 84 aircraft over England, a report every 10 s, repeated stale positions left out."""
    import csv
    import gzip
    from pathlib import Path

    name = Path(str(shared)) / "data/tracks/aircraft/opensky_84_aircraft.csv.gz"
    with gzip.open(name, "rt") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda r: float(r["time"]))
    seen: set[tuple[str, str]] = set()
    fresh = []
    for row in rows:
        if (row["lat"], row["lon"]) not in seen:
            seen.add((row["lat"], row["lon"]))
            fresh.append(row)
    who = np.array([r["icao24"] for r in fresh])
    measured = np.array([int(float(r["lastposupdate"]) * 1e9) for r in fresh])
    plots = Detections.empty(len(fresh))
    plots.value[:, 0] = np.radians([float(r["lat"]) for r in fresh])
    plots.value[:, 1] = np.radians([float(r["lon"]) for r in fresh])
    plots.value[:, 2] = np.nan
    plots.time_ns[:] = plots.received_ns[:] = measured
    middle = Point(float(plots.value[:, 0].mean()), float(plots.value[:, 1].mean()))
    from windhover.schema.place import Sector

    feed = Sensor("feed", "points", middle, 0.0, 0.0, 600e3, 10.0, sigma_position_m=30.0)
    state = tracks.start(Sector("england", middle, 0.0, 400e3), (feed,))
    second = measured // NS_PER_S
    holders: dict[str, set[int]] = {}
    ids: set[int] = set()
    for now in np.unique(second):
        here = second == now
        state, picture, updates = tracks.advance(state, plots.take(here), int(now + 1) * NS_PER_S)
        ids |= set(picture.track_id.tolist())
        for t, d in zip(updates.track_row, updates.detection_row, strict=True):
            holders.setdefault(str(who[here][d]), set()).add(int(picture.track_id[t]))
    assert sum(len(h) == 1 for h in holders.values()) >= 79
    assert len(ids) <= 95


def test_a_sensor_away_from_the_origin_is_placed_right() -> None:
    rng = np.random.default_rng(18)
    latitude, longitude, height = from_enu(FRAME, np.array([12_000.0, -9_000.0, 300.0]))
    away = radar(
        position=Point(float(latitude), float(longitude)), height_ellipsoid_m=float(height)
    )
    place, velocity = fleet(6, rng)
    offset = np.array([12_000.0, -9_000.0, 300.0])
    batches = [
        seen_by_radar(place - offset + velocity * k, T0 + k * NS_PER_S, rng, 0, 1.0)
        for k in range(15)
    ]
    _, pictures, _ = played((away,), batches)
    assert nearest(pictures[-1], place + velocity * 14).max() < 150.0
    assert PLACE.latitude_rad == SECTOR.origin.latitude_rad
