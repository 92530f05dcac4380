"""Two bearings from two places start a track, one never does."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tracks import naive_cross, naive_rows
from tests.tracks.naive_rows import same
from tests.tracks.scenes import TABLE, scene
from tests.tracks.site import FRAME, SECTOR, T0, radar
from tests.tracks.test_tracker import nearest
from windhover import tracks
from windhover.geo.frames import from_enu
from windhover.schema.batches import Detections, Kind, Tracks
from windhover.schema.place import Point, Sensor
from windhover.tracks.cross import HEARD, LEAST_SINE, crossing, triangulate
from windhover.tracks.state import nothing_heard
from windhover.tracks.step import HEIGHT
from windhover.units import NS_PER_S

ONE_DEGREE = np.radians(1.0)
angles = st.floats(-3.1, 3.1)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=100)
@given(seeds, st.floats(0.0, 1.2))
def test_lines_meet_where_least_squares_has_them(seed: int, apart_s: float) -> None:
    rng = np.random.default_rng(seed)
    places, target = rng.uniform(-6000, 6000, (2, 2)), rng.uniform(-6000, 6000, 2)
    azimuth = np.arctan2(*(target - places).T) + (np.pi if seed % 4 == 0 else 0.0)
    variance = rng.uniform(0.005, 0.05, 2) ** 2
    assume(abs(abs(np.sin(azimuth[1] - azimuth[0])) - LEAST_SINE) > 1e-6)
    out = np.zeros(7)
    got = crossing(
        *places[0], azimuth[0], variance[0], *places[1], azimuth[1], variance[1], apart_s, out
    )
    met = naive_cross.crossing(places, azimuth, variance)
    assert (got > 0.0) == (met is not None)
    if met is None:
        return
    point, cov, reach = met
    assert np.isclose(got, abs(np.sin(azimuth[1] - azimuth[0])))
    np.testing.assert_allclose(out[:2], point, atol=1e-3)
    np.testing.assert_allclose(out[:2], target, atol=1e-3)
    cov = cov + np.eye(2) * (30.0 * apart_s) ** 2
    np.testing.assert_allclose(out[2:5], [cov[0, 0], cov[0, 1], cov[1, 1]], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(out[5:], reach, rtol=1e-6)


@settings(max_examples=100)
@given(seeds)
def test_unexplained_bearings_of_two_places_start_rows(seed: int) -> None:
    """Remembered bearings of any sensor and age; every row that starts, and what is remembered after."""
    rng = np.random.default_rng(seed)
    one = scene(seed, kind=int(rng.choice([0, 3, 3, 3])))
    rows, sensors, field, plots = one.twins()
    n = len(plots)
    heard = nothing_heard()
    count = int(rng.integers(0, HEARD))
    heard[:count, 0] = rng.uniform(-1.0, 1.0, count)
    heard[:count, 1] = rng.choice([3, 4, 4, 4], count)
    heard[:count, 2] = np.where(
        rng.random(count) < 0.7, rng.normal(-0.8, 0.6, count), rng.uniform(-3, 3, count)
    )
    heard[:count, 3:] = 1e-4, 0.9, 0.05
    heard[:count, 4] = rng.random(count)
    memory = [naive_cross.Heard(t, int(s), *rest) for t, s, *rest in heard.tolist()]
    fresh, background = rng.random(n), 10 ** rng.uniform(-4, -1, n)
    undetected, owner = float(10 ** rng.uniform(-10, -7)), np.full(n, -1)
    owner[rng.random(n) < 0.2] = 0
    owners = [rows[0] if k == 0 else None for k in owner]
    total = triangulate(
        one.tf, one.ti, one.seen_at, one.rows, one.sf, one.s, one.pf, one.pi, 1.0, fresh, background,
        heard, TABLE, HEIGHT, one.field, undetected, np.zeros(12), owner,
    )  # fmt: skip
    naive_cross.triangulate(
        rows, sensors, one.s, plots, 1.0, fresh, background, memory, TABLE, HEIGHT, field, undetected,
        owners,
    )  # fmt: skip
    assert total == len(rows)
    for k, row in enumerate(rows):
        same(naive_rows.read(one.tf, k, one.ti, one.seen_at), row)
    for k, row in zip(owner, owners, strict=True):
        assert (k >= 0) == (row is not None) and (row is None or rows[k] is row)
    np.testing.assert_allclose(heard, memory)


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
