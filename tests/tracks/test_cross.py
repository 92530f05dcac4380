"""Two bearings from two places start a track, one never does."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tracks import naive
from tests.tracks.site import FRAME, SECTOR, T0, radar
from tests.tracks.test_tracker import nearest
from windhover import tracks
from windhover.geo.frames import from_enu
from windhover.schema.batches import Detections, Kind, Tracks
from windhover.schema.place import Point, Sensor
from windhover.tracks.cross import LEAST_SINE, crossing
from windhover.units import NS_PER_S

ONE_DEGREE = np.radians(1.0)
angles = st.floats(-3.1, 3.1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_lines_meet_where_least_squares_has_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places, target = rng.uniform(-6000, 6000, (2, 2)), rng.uniform(-6000, 6000, 2)
    azimuth = np.arctan2(*(target - places).T)
    variance = rng.uniform(0.005, 0.05, 2) ** 2
    sine = abs(np.sin(azimuth[1] - azimuth[0]))
    assume(sine > LEAST_SINE and np.hypot(*(target - places).T).min() > 2.0)
    out = np.zeros(7)
    got = crossing(
        *places[0], azimuth[0], variance[0], *places[1], azimuth[1], variance[1], 0.5, out
    )
    point, cov = naive.crossing(places, azimuth, variance)
    assert np.isclose(got, sine)
    np.testing.assert_allclose(out[:2], point, atol=1e-3)
    np.testing.assert_allclose(out[:2], target, atol=1e-3)
    drift = (30.0 * 0.5) ** 2
    np.testing.assert_allclose(
        [out[2] - drift, out[3], out[4] - drift],
        [cov[0, 0], cov[0, 1], cov[1, 1]],
        rtol=1e-5,
        atol=1.0,
    )
    np.testing.assert_allclose(out[5:], np.hypot(*(target - places).T), rtol=1e-6)


@given(angles, st.floats(0.01, 3.0))
def test_lines_that_part_or_run_along_one_another_meet_nowhere(azimuth: float, turn: float) -> None:
    out = np.zeros(7)
    assert crossing(0.0, 0.0, azimuth, 1e-4, 500.0, 0.0, azimuth, 1e-4, 0.0, out) == 0.0
    # From the right-hand end of the base a line further to the right never meets one from the left.
    assert crossing(0.0, 0.0, 0.0, 1e-4, 500.0, 0.0, turn, 1e-4, 0.0, out) == 0.0


def ear(name: str, east_m: float, north_m: float) -> Sensor:
    latitude, longitude, height = from_enu(FRAME, np.array([east_m, north_m, 10.0]))
    return radar(
        name, "rf", position=Point(float(latitude), float(longitude)),
        height_ellipsoid_m=float(height), range_min_m=0.0, range_max_m=15_000.0,
        sigma_azimuth_rad=ONE_DEGREE, clutter_per_scan=0.5, detection_probability=0.8,
    )  # fmt: skip


def listened(
    sites: list[tuple[float, float]], place: np.ndarray, velocity: np.ndarray, seconds: int,
    silent_from: int = 10_000,
) -> list[Tracks]:  # fmt: skip
    rng = np.random.default_rng(1)
    state = tracks.start(SECTOR, tuple(ear(f"ear {k}", *at) for k, at in enumerate(sites)))
    pictures = []
    for k in range(seconds):
        now = place + velocity * k
        parts = []
        for s, (east, north) in enumerate(sites):
            hit = now[(rng.random(len(now)) < 0.8) & (k < silent_from)]
            azimuth = np.arctan2(hit[:, 0] - east, hit[:, 1] - north)
            azimuth = azimuth + rng.normal(0, ONE_DEGREE, len(hit))
            azimuth = np.r_[azimuth, rng.uniform(-np.pi, np.pi, rng.poisson(0.5))]
            heard = Detections.empty(len(azimuth))
            heard.kind[:], heard.sensor[:] = Kind.AZIMUTH, s
            heard.value[:, 0], heard.covariance[:, 0, 0] = azimuth, ONE_DEGREE**2
            heard.time_ns[:] = T0 + k * NS_PER_S + int(rng.integers(0, 400_000_000))
            parts.append(heard)
        state, picture, _ = tracks.advance(
            state, Detections.concatenate(parts), T0 + k * NS_PER_S + NS_PER_S // 2
        )
        pictures.append(picture)
    return pictures


def test_two_places_hold_an_emitter_and_let_it_go_when_it_falls_silent() -> None:
    place, velocity = np.array([[500.0, 5000.0, 200.0]]), np.array([[10.0, 3.0, 0.0]])
    pictures = listened([(-4000.0, 0.0), (4000.0, -500.0)], place, velocity, 60, silent_from=40)
    for k in range(6, 40):
        assert pictures[k].n == 1
        gap = nearest(pictures[k], place + velocity * (k + 0.5))[0]
        spread = np.sqrt(np.linalg.eigvalsh(pictures[k].covariance_enu[0, :2, :2])[-1])
        assert gap < 4.0 * spread and gap < 300.0
    assert len({int(p.track_id[0]) for p in pictures[6:40]}) == 1
    assert pictures[30].sensors[0] == 0b11
    assert all(p.n == 0 for p in pictures[-10:])


def test_one_place_holds_nothing_however_long_it_listens() -> None:
    place, velocity = np.array([[500.0, 5000.0, 200.0]]), np.array([[10.0, 3.0, 0.0]])
    assert all(p.n == 0 for p in listened([(-4000.0, 0.0)], place, velocity, 30))
    # Two receivers on one mast are one place.
    twice = [(-4000.0, 0.0), (-4000.0, 0.0)]
    assert all(p.n == 0 for p in listened(twice, place, velocity, 30))


def test_a_third_place_tells_the_crossings_that_are_real() -> None:
    place = np.array([[500.0, 5000.0, 200.0], [-3000.0, 4000.0, 200.0]])
    velocity = np.array([[10.0, 3.0, 0.0], [-5.0, 10.0, 0.0]])
    sites = [(-4000.0, 0.0), (4000.0, -500.0), (0.0, -5000.0)]
    pictures = listened(sites, place, velocity, 40)
    for k in range(12, 36):
        assert pictures[k].n == 2
        assert nearest(pictures[k], place + velocity * (k + 0.5)).max() < 400.0
