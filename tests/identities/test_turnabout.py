"""Who drifted a moment ago is not surely a drone."""

from __future__ import annotations

import numpy as np
import pytest

from windhover.identities.turnabout import STANDS_NS, doubt
from windhover.identities.weigh import BALLOON, DRONE, LIMIT_BY_WIND_ALONE, UNKNOWN
from windhover.schema.batches import CLASSES

NOW = 1_770_000_000_000_000_000


def row(**p: float) -> np.ndarray:
    out = np.full((1, len(CLASSES)), 1e-3)
    for name, value in p.items():
        out[0, CLASSES.index(name)] = value
    return np.log(out / out.sum())


@pytest.mark.parametrize("later_ns", [10**9, STANDS_NS - 1, STANDS_NS])
def test_a_turnabout_must_stand(later_ns: int) -> None:
    drifted = np.array([0])
    doubt(row(balloon=0.95, drone=0.02), drifted, NOW)
    assert drifted[0] == NOW
    told = row(drone=0.97, balloon=0.01)
    before = np.exp(told)
    doubt(told, drifted, NOW + later_ns)
    after = np.exp(told)
    if later_ns < STANDS_NS:
        assert after[0, DRONE] == pytest.approx(LIMIT_BY_WIND_ALONE)
        assert after[0, UNKNOWN] > before[0, UNKNOWN]
    else:
        assert np.array_equal(after, before)
    assert after.sum() == pytest.approx(1.0)
    assert after[0, BALLOON] == pytest.approx(before[0, BALLOON])


def test_who_never_drifted_is_left_alone() -> None:
    told = row(drone=0.99)
    before = told.copy()
    doubt(told, np.array([0]), NOW)
    assert np.array_equal(told, before)
