"""An object changes its ways: what was learned on one leg must not decide what the next one means."""

from __future__ import annotations

import numpy as np

from tests.identities import scene
from windhover import identities
from windhover.schema.batches import CLASSES

WIND = (1.5, 5.5)


def legs(speed_m_s: float, seconds: int, turn_every: int) -> np.ndarray:
    """A drone that holds a smooth speed, turns by 100° at each waypoint, hovers there for 5 s."""
    place, out = np.array([-3000.0, -2000.0, 120.0]), []
    heading = 0.3
    for t in range(seconds):
        in_leg = t % turn_every
        if in_leg == 0:
            heading += np.radians(100.0)
        step = 0.0 if in_leg < 5 else speed_m_s
        place = place + np.array([step * np.sin(heading), step * np.cos(heading), 0.0])
        out.append(place)
    return np.array(out)


def test_a_drone_stays_a_drone_through_ten_minutes_of_legs() -> None:
    path = legs(13.5, 600, 75)
    state, said = scene.run([path], scene.known_wind(*WIND), 600, rcs=[-15.0])
    labels = [CLASSES[int(s.said[0])] for s in said if s.n]
    assert labels[-1] == "drone"
    # After the first stop it is hardly ever taken for anything else.
    later = labels[150:]
    wrong = [label for label in later if label not in ("drone", "unknown")]
    assert len(wrong) <= 0.05 * len(later)
    assert identities.explain(state, 1).classes["drone"] > 0.9
