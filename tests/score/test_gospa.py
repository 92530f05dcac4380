"""GOSPA against brute force, Stone Soup's metric, and the bench's own scorer."""

from __future__ import annotations

import importlib.util
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windhover.score.gospa import ESTIMATE, gospa, score
from windhover.score.tracking_scenarios import make


def brute(x: np.ndarray, y: np.ndarray, c: float, p: float) -> float:
    """Definition 1 of Rahmathullah et al. with α = 2: the best of all partial assignments."""
    if len(x) > len(y):
        x, y = y, x
    best = np.inf
    for size in range(len(x) + 1):
        for left in itertools.combinations(range(len(x)), size):
            for right in itertools.permutations(range(len(y)), size):
                near = sum(
                    float(np.linalg.norm(x[a] - y[b])) ** p
                    for a, b in zip(left, right, strict=True)
                )
                best = min(best, near + c**p / 2 * (len(x) + len(y) - 2 * size))
    return float(best ** (1 / p))


points = st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), max_size=5)


@settings(max_examples=80, deadline=None)
@given(points, points, st.sampled_from([1.0, 2.0]))
def test_gospa_is_the_best_of_all_assignments(
    a: list[tuple[float, float]], b: list[tuple[float, float]], p: float
) -> None:
    x, y = np.array(a).reshape(-1, 2), np.array(b).reshape(-1, 2)
    got = gospa(x, y, 200.0, p)
    assert got.distance == pytest.approx(brute(x, y, 200.0, p), rel=1e-9, abs=1e-9)
    assert got.distance == pytest.approx(gospa(y, x, 200.0, p).distance, rel=1e-12, abs=1e-12)


def test_empty_pictures() -> None:
    none = np.zeros((0, 2))
    assert gospa(none, none, 100.0).distance == 0.0
    assert gospa(none, np.zeros((2, 2)), 100.0).distance == pytest.approx(100.0)
    assert gospa(np.zeros((8, 2)), none, 100.0).false == 8


def test_agrees_with_stone_soup() -> None:
    """Values printed by Stone Soup's GOSPAMetric (builders/tracks_gospa_stonesoup.py)."""
    golden = json.loads((Path(__file__).parent / "golden_gospa.json").read_text())
    assert len(golden["cases"]) == 6
    for case in golden["cases"]:
        x = np.array(case["estimates"]).reshape(-1, 2)
        y = np.array(case["truth"]).reshape(-1, 2)
        assert gospa(x, y, 200.0).distance == pytest.approx(case["distance"], abs=1e-9)


@pytest.mark.shared
def test_the_figures_are_the_benchs_own(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location("bench_score", shared / "bench" / "score.py")
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    scene = make("s100", 3)
    rng = np.random.default_rng(1)
    t = scene.truth[rng.random(len(scene.truth)) < 0.97]
    estimates = np.zeros(len(t), ESTIMATE)
    estimates["scan"], estimates["id"] = t["scan"], t["id"] + 1 + (t["scan"] > 50)
    for column in ("x", "y"):
        estimates[column] = t[column] + rng.normal(0, 60, len(t))
    estimates["vx"], estimates["vy"] = t["vx"], t["vy"] + 2.0
    want = bench.score(estimates, scene.truth, len(scene.scan_t))
    got = score(estimates, scene.truth, len(scene.scan_t))
    assert got.gospa_m == pytest.approx(want["gospa"], abs=1e-9)
    assert got.position_rms_m == pytest.approx(want["pos_rms"], abs=1e-9)
    assert got.velocity_rms_m_s == pytest.approx(want["vel_rms"], abs=1e-9)
    assert got.completeness == pytest.approx(want["completeness"], abs=1e-12)
    assert got.spurious == pytest.approx(want["spurious"], abs=1e-12)
    assert got.missed == pytest.approx(want["missed"])
    assert got.false == pytest.approx(want["false"])
    assert got.switches_per_object_min == pytest.approx(want["idsw_per_truth_min"])
