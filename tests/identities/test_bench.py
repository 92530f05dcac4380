"""The bench: its measures against hand-made cases, and what must never break on a small sample."""

from __future__ import annotations

import numpy as np
import pytest

from windhover.schema.batches import CLASSES
from windhover.score import bench_identity as bench
from windhover.score import bench_identity_figures as figures
from windhover.score.population import CLAIMS, FITTED_ON_SHARE, SORTS


def test_auc_by_counting_pairs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=40).round(1) + 0.5, rng.normal(size=30).round(1)
    pairs = np.mean((a[:, None] > b) + 0.5 * (a[:, None] == b))
    assert figures.auc(a, b) == pytest.approx(float(pairs))


def test_calibration_error_of_honest_and_of_boastful_answers() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(size=200_000)
    honest = rng.random(len(p)) < p
    assert figures.calibration_error(p, honest) < 0.005
    assert figures.calibration_error(np.full(1000, 0.99), np.arange(1000) < 500) == pytest.approx(
        0.49
    )


def test_upper_bound_is_the_rule_of_three() -> None:
    assert figures.upper(0, 300) == pytest.approx(3.0 / 300, rel=0.02)
    assert figures.upper(5, 5) == 1.0


def test_the_population_is_whole() -> None:
    assert sum(s.share for s in SORTS) == pytest.approx(1.0)
    assert {s.of for s in SORTS} == set(CLASSES) - {"unknown"} == set(FITTED_ON_SHARE)
    assert sum(FITTED_ON_SHARE.values()) == pytest.approx(1.0)


def test_drawing_is_repeatable_and_errors_are_as_claimed() -> None:
    one, two = bench.draw(5, 30, "as claimed"), bench.draw(5, 30, "as claimed")
    assert all((a.claimed_m_s == b.claimed_m_s).all() for a, b in zip(one, two, strict=True))
    for name, want in (("as claimed", 1.0), ("twice as wrong", 2.0)):
        cases = bench.draw(6, 1500, name)
        z = [(c.claimed_m_s - c.wind_m_s) / c.claimed_sigma_m_s for c in cases]
        assert np.std(z) == pytest.approx(want, rel=0.06)
    assert np.isinf(bench.draw(6, 3, "missing")[0].claimed_sigma_m_s)
    assert set(CLAIMS) == {"as claimed", "twice as wrong", "grossly wrong", "missing"}


def test_a_small_sample_through_the_real_tracker() -> None:
    """Far looser than the bars: this catches a break, the bench gives the figures."""
    result = bench.run(bench.draw(3, 216, "as claimed"), 3)
    found = figures.figures(result, intervals=False)
    assert found["drift_auc_60s"] > 0.97
    assert found["drifter_called_drone"] <= 0.03
    assert found["straight_bird_called_drone"] <= 0.05
    assert found["right_60s"] > 0.7
    blind = figures.figures(bench.run(bench.draw(3, 144, "missing"), 3), intervals=False)
    assert blind["drifter_called_drone"] == 0.0
