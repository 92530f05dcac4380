"""The wind field: honest when empty, wider with age, distance and height, and not fooled by one source."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.air import naive
from windhover.air import wind
from windhover.geo.frames import frame_at, from_enu
from windhover.schema.batches import Wind, WindSource
from windhover.schema.place import Vertical

FRAME = frame_at(0.55, -1.85, 1200.0)
VERTICAL = Vertical(undulation_m=0.0, ground_altitude_amsl_m=1200.0)
NOW = 1_767_225_600 * 10**9
HOUR = 3600 * 10**9


def samples(
    rows: list[tuple[float, float, float, float, float, int]],
    sigma: float = 1.0,
    age_h: float = 0.0,
) -> Wind:
    """East, north, up of the place in m; wind east, north in m/s; source."""
    table = np.array(rows, dtype=float)
    latitude, longitude, height = from_enu(FRAME, table[:, :3])
    n = len(rows)
    return Wind(
        np.full(n, NOW - round(age_h * HOUR)), latitude, longitude, height, table[:, 3].copy(),
        table[:, 4].copy(), np.full(n, sigma), table[:, 5].astype(np.int8),
    )  # fmt: skip


def at(field: wind.WindField, east: float = 0.0, north: float = 0.0, up: float = 100.0, later_h: float = 0.0) -> tuple[np.ndarray, float]:  # fmt: skip
    mean, covariance = wind.wind_at(
        field, FRAME, NOW + round(later_h * HOUR), np.array([[east, north, up]]), VERTICAL
    )
    assert covariance[0, 0, 1] == 0.0
    return mean[0], float(np.sqrt(covariance[0, 0, 0]))


ONE = [(0.0, 0.0, 100.0, 6.0, -2.0, WindSource.LIDAR)]


def test_nothing_known_is_wide_and_not_calm() -> None:
    mean, sigma = at(wind.start(), up=0.0)
    assert (mean == 0.0).all() and sigma == pytest.approx(wind.CLIMATE_SIGMA_M_S, rel=0.2)
    assert sigma > wind.STALE_SIGMA_M_S
    # A jet stream's 50 m/s is within reach of it at 10 km.
    assert at(wind.start(), up=10_000.0)[1] > 2.0 * wind.CLIMATE_SIGMA_M_S
    # A sample far off cannot leave more than that.
    far = at(wind.add(wind.start(), samples(ONE), NOW), up=10_000.0, later_h=11.9)[1]
    assert far <= at(wind.start(), up=10_000.0)[1] + wind.REPRESENTATIVENESS_M_S


def test_at_the_sample_the_answer_is_the_sample() -> None:
    mean, sigma = at(wind.add(wind.start(), samples(ONE), NOW))
    np.testing.assert_allclose(mean, [6.0, -2.0], atol=0.2)
    assert 0.8 < sigma < 1.6


@pytest.mark.parametrize("way", ["later_h", "east", "up"])
def test_the_error_grows_with_age_distance_and_height(way: str) -> None:
    field = wind.add(wind.start(), samples(ONE), NOW)
    steps = {
        "later_h": (0.0, 0.5, 3.0, 6.0),
        "east": (0.0, 5e3, 2e4, 5e4),
        "up": (100.0, 300.0, 800.0, 2000.0),
    }
    found = [at(field, **{way: s})[1] for s in steps[way]]
    assert found == sorted(found) and found[-1] > found[0] + 0.3, found


def test_a_sounding_six_hours_old_has_the_measured_error() -> None:
    """House facts §5: 4.8 m/s median, so the claimed deviation must be of that order."""
    field = wind.add(wind.start(), samples(ONE, age_h=6.0), NOW)
    assert 4.0 < at(field)[1] < 6.0
    assert at(field)[1] > wind.STALE_SIGMA_M_S


def test_a_thousand_levels_of_one_sounding_are_not_a_thousand_winds() -> None:
    dense = [(0.0, 0.0, 5.0 * k, 6.0, -2.0, WindSource.SOUNDING) for k in range(400)]
    field = wind.add(wind.start(), samples(dense, sigma=1.0, age_h=3.0), NOW)
    few = wind.add(wind.start(), samples(dense[18:22], sigma=1.0, age_h=3.0), NOW)
    assert at(field)[1] == pytest.approx(at(few)[1], abs=0.4)
    assert at(field)[1] > 2.5


def test_one_source_that_is_grossly_wrong_does_not_win() -> None:
    good = [(0.0, 0.0, 100.0, 5.0 + 0.3 * k, 0.0, k) for k in (1, 2, 3)]
    field = wind.add(wind.start(), samples([*good, (0.0, 0.0, 100.0, -20.0, 15.0, 6)]), NOW)
    mean, _ = at(field)
    assert np.hypot(mean[0] - 5.6, mean[1]) < 2.0


def test_two_sources_that_contradict_widen_the_answer() -> None:
    agreed = [(0.0, 0.0, 100.0, 5.0, 0.0, 1), (0.0, 0.0, 100.0, 5.0, 0.0, 2)]
    apart = [(0.0, 0.0, 100.0, 5.0, 0.0, 1), (0.0, 0.0, 100.0, -9.0, 0.0, 2)]
    assert at(wind.add(wind.start(), samples(apart), NOW))[1] > 2.0 * at(wind.add(wind.start(), samples(agreed), NOW))[1]  # fmt: skip


def test_old_and_broken_samples_are_forgotten() -> None:
    field = wind.add(wind.start(), samples(ONE, age_h=13.0), NOW)
    assert field.n == 0
    broken = samples(ONE)._replace(east_m_s=np.array([np.nan]))
    assert wind.add(wind.start(), broken, NOW).n == 0
    unsaid = samples(ONE)._replace(sigma_m_s=np.array([np.nan]))
    assert wind.add(wind.start(), unsaid, NOW).sigma_m_s[0] == wind.SOURCE_SIGMA_M_S[7]


def test_an_unknown_height_is_answered() -> None:
    field = wind.add(wind.start(), samples(ONE), NOW)
    mean, covariance = wind.wind_at(field, FRAME, NOW, np.array([[0.0, 0.0, np.nan]]), VERTICAL)
    assert np.isfinite(mean).all() and np.isfinite(covariance).all()


@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_kriging_is_the_textbook_s(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    spread = np.array([6.0, 0.01, 0.01, 3.0])
    sample = rng.uniform(size=(count, 4)) * spread
    query = rng.uniform(size=(1, 4)) * spread
    values, sigma = rng.normal(size=(count, 2)) * 8.0, rng.uniform(0.5, 3.0, count)
    mean, variance = wind._krige(query, sample, values, sigma)
    want_mean, want_variance = naive.krige_one(query[0], sample, values, sigma)
    # The kernel takes the cosine of the first place of a pair, so do not expect the last digit.
    np.testing.assert_allclose(mean[0], want_mean, rtol=1e-3, atol=1e-3)
    assert variance[0] == pytest.approx(want_variance, rel=1e-3, abs=1e-3)
