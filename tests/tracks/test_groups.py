"""Formations: named one by one while they can be told apart, said to be a group while they cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive_groups
from tests.tracks.site import T0, radar, seen_by_radar
from tests.tracks.test_tracker import played
from windhover import tracks
from windhover.schema.batches import Tracks
from windhover.tracks.groups import CONFUSABLE, components, distance
from windhover.units import NS_PER_S


def a_picture(state: np.ndarray, cov: np.ndarray) -> Tracks:
    n = len(state)
    zeros = np.zeros(n)
    whole = np.zeros(n, np.int64)
    return Tracks(
        np.arange(1, n + 1), whole, state, cov, zeros + 1.0, np.zeros((n, 3)),
        np.zeros(n, np.int8), whole, whole, whole, zeros, whole,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25))
def test_groups_are_the_components_of_confusable_pairs(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    state = rng.normal(0, 1, (n, 6)) * [300.0, 300.0, 50.0, 6.0, 6.0, 2.0]
    a = rng.normal(0, 1, (n, 6, 6)) * np.array([20, 20, 20, 2, 2, 2.0])[:, None]
    cov = a @ a.transpose(0, 2, 1) + np.diag([25.0, 25, 25, 1, 1, 1])
    got = tracks.groups(a_picture(state, cov))
    together = naive_groups.components(state, cov, CONFUSABLE)
    for i in range(n):
        assert (got[i] == 0) == (len(together[i]) == 1)
        for j in range(n):
            if i != j and got[i] > 0:
                assert (got[i] == got[j]) == (j in together[i])
    stands = np.empty(n, np.int64)
    order = np.argsort(state[:, 0], kind="stable")
    components(state, cov, order, CONFUSABLE, np.zeros((7, 6)), stands)
    assert stands.tolist() == [min(mine) for mine in together]
    for i in range(n):
        j = int(rng.integers(n))
        far = naive_groups.distance(state[i], cov[i], state[j], cov[j])
        assert distance(state, cov, i, j, 1e18, np.zeros((7, 6))) == pytest.approx(far, rel=1e-6)


def formation(spacing_m: float, rows: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Two squares of drones at one height that fly through one another."""
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(rows)), -1).reshape(-1, 2) * spacing_m
    left = np.c_[grid + np.array([-600.0, 2500.0]), np.full(len(grid), 150.0)]
    right = np.c_[grid + np.array([600.0, 2500.0]) + spacing_m / 2, np.full(len(grid), 150.0)]
    velocity = np.repeat([[12.0, 0.0, 0.0], [-12.0, 0.0, 0.0]], len(grid), axis=0)
    return np.r_[left, right], velocity


def crossed(spacing_m: float, seed: int) -> tuple[np.ndarray, np.ndarray, list[Tracks]]:
    """(50,) track nearest to each drone before and after; the pictures."""
    rng = np.random.default_rng(seed)
    place, velocity = formation(spacing_m)
    sensor = radar(sigma_range_m=5.0, sigma_azimuth_rad=0.002, clutter_per_scan=10.0)
    batches = []
    for k in range(110):
        scan = seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, 0, 0.95, 0.0)
        batches.append(scan)
    _, pictures, _ = played((sensor,), batches)

    def who(k: int) -> np.ndarray:
        at = place + velocity * k
        gap = np.linalg.norm(at[:, None, :2] - pictures[k].state_enu[None, :, :2], axis=2)
        return np.asarray(pictures[k].track_id[gap.argmin(1)])

    return who(15), who(109), pictures


def test_fifty_drones_that_cross_far_enough_apart_keep_their_names() -> None:
    before, after, pictures = crossed(150.0, 61)
    assert len(np.unique(before)) == 50
    assert (before == after).mean() > 0.9
    assert (tracks.groups(pictures[15]) > 0).mean() < 0.2


def test_a_swarm_closer_than_the_radar_can_resolve_is_said_to_be_a_group() -> None:
    _, _, pictures = crossed(6.0, 62)
    said = tracks.groups(pictures[15])
    assert (said > 0).mean() > 0.8
