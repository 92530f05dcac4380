"""The true wind has the statistics that FACTS states, and what is known of it is honestly wrong."""

import numpy as np
import pytest

from windhover.score.simulate import air


def test_ornstein_uhlenbeck_has_its_variance_and_correlation_time() -> None:
    x = air.ornstein_uhlenbeck(np.random.default_rng(1), 400_000, 0.25, 30.0, 1.1)
    assert x.std() == pytest.approx(1.1, rel=0.03)
    lag = int(30.0 / 0.25)
    correlation = float(np.mean(x[:-lag] * x[lag:]) / x.var())
    assert correlation == pytest.approx(np.exp(-1.0), abs=0.04)


def test_it_starts_stationary() -> None:
    first = [
        air.ornstein_uhlenbeck(np.random.default_rng(k), 2, 1.0, 30.0, 2.0)[0] for k in range(2000)
    ]
    assert np.std(first) == pytest.approx(2.0, rel=0.06)


def test_speed_and_direction_grow_and_veer_with_height() -> None:
    night = air.make(
        np.random.default_rng(0), 600.0, speed_m_s=7.0, toward_rad=0.3, drift_sigma_m_s=0.0,
        shear_exponent=0.2, veer_rad_per_m=0.0005,
    )  # fmt: skip
    heights = np.array([10.0, 50.0, 200.0, 600.0])
    wind = air.mean_wind(night, np.zeros(4), heights)
    speed = np.hypot(wind[:, 0], wind[:, 1])
    toward = np.arctan2(wind[:, 0], wind[:, 1])
    assert speed[2] == pytest.approx(7.0)
    assert toward[2] == pytest.approx(0.3)
    assert np.all(np.diff(speed) > 0) and np.all(np.diff(toward) > 0)
    # The power law itself: a factor of 4 in height is 4^0.2 in speed.
    assert speed[2] / speed[1] == pytest.approx(4**0.2)


def test_turbulence_follows_the_mean_wind() -> None:
    gusts = air.turbulence(np.random.default_rng(3), 200_000, 0.25, 8.0)
    assert gusts[:, 0].std() == pytest.approx(0.12 * 8.0 + 0.2, rel=0.05)
    assert gusts[:, 2].std() == pytest.approx(0.5 * (0.12 * 8.0 + 0.2), rel=0.05)


def test_forecast_errors_have_the_size_asked_for_and_are_smooth_in_height() -> None:
    heights = np.array([20.0, 40.0, 1500.0])
    errors = np.array(
        [air.forecast(np.random.default_rng(k), heights, 2.0, 1.6).error_m_s for k in range(3000)]
    )
    assert errors.std() == pytest.approx(1.6, rel=0.03)
    near = np.corrcoef(errors[:, 0, 0], errors[:, 1, 0])[0, 1]
    far = np.corrcoef(errors[:, 0, 0], errors[:, 2, 0])[0, 1]
    assert near > 0.85 and abs(far) < 0.1
