"""What lands or vanishes does not run off with somebody else's plots."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tracks.site import T0, fleet, radar, seen_by_radar
from tests.tracks.test_tracker import nearest, played
from windhover.schema.batches import Detections
from windhover.units import NS_PER_S


def low_clutter(rng: np.random.Generator, time_ns: int, mean: float) -> Detections:
    """False plots as a city gives them: even over the ground, none higher than 400 m."""
    n = int(rng.poisson(mean))
    out = Detections.empty(n)
    ground, up = 18_000.0 * np.sqrt(rng.random(n)), rng.uniform(-30.0, 400.0, n)
    out.value[:] = np.c_[
        np.hypot(ground, up), rng.uniform(-np.pi, np.pi, n), np.arctan2(up, ground)
    ]
    out.covariance[:, [0, 1, 2], [0, 1, 2]] = [100.0, np.radians(0.3) ** 2, np.radians(0.5) ** 2]
    out.kind[:] = 3
    out.time_ns[:] = out.received_ns[:] = time_ns
    return out


@pytest.mark.parametrize("seed", [31, 32, 33, 47, 63, 68, 70])
def test_a_track_that_lands_is_gone_and_does_not_race_over_the_clutter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sensor = radar(period_s=1.0, horizon_elevation_rad=0.0, clutter_per_scan=25.0)
    start, velocity = np.array([[4000.0, 3000.0, 120.0]]), np.array([[8.0, 0.0, -3.0]])
    batches = []
    for k in range(160):
        now = start + velocity * k
        seen = now if now[0, 2] > 0.0 else np.zeros((0, 3))
        at_ns = T0 + k * NS_PER_S
        batches.append(
            Detections.concatenate(
                [seen_by_radar(seen, at_ns, rng, clutter=0.0), low_clutter(rng, at_ns, 25.0)]
            )
        )
    _, pictures, _ = played((sensor,), batches)
    held = pictures[10:38]
    assert all(nearest(p, start + velocity * k)[0] < 200.0 for k, p in enumerate(held, 10))
    assert all(p.n == 0 for p in pictures[90:])
    fastest = max(float(np.hypot(*p.state_enu[:, 3:5].T).max(initial=0.0)) for p in pictures[10:])
    assert fastest < 40.0


def test_low_clutter_makes_no_tracks_and_hides_no_target_near_the_radar() -> None:
    """Plots from below the horizon once had no misses, lived on and found company in the end."""
    rng = np.random.default_rng(34)
    sensor = radar(period_s=1.0, horizon_elevation_rad=0.0, clutter_per_scan=25.0)
    place, velocity = fleet(4, rng, 2500.0)
    velocity = velocity / 10.0
    batches = []
    for k in range(120):
        at_ns = T0 + k * NS_PER_S
        scan = seen_by_radar(place + velocity * k, at_ns, rng, clutter=0.0)
        batches.append(Detections.concatenate([scan, low_clutter(rng, at_ns, 25.0)]))
    _, pictures, _ = played((sensor,), batches)
    assert all(3 <= p.n <= 4 for p in pictures[20:]) and pictures[-1].n == 4
    assert int(pictures[-1].track_id.max()) <= 5
