"""What the hidden rows add to "drifting", and that they add nothing where they have no say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover.identities import weigh

scores = st.lists(st.floats(-25.0, 0.0), min_size=weigh.K, max_size=weigh.K).map(
    lambda row: np.array([row])
)
hidden = st.floats(-25.0, 25.0).map(lambda value: np.array([value]))
BLIND, SEEING = np.array([True]), np.array([False])


@given(scores, hidden, st.floats(-20.0, 20.0))
def test_a_known_wind_and_a_level_flight_leave_the_scores_alone(
    score: np.ndarray, sheared: np.ndarray, climb_m_s: float
) -> None:
    climbs, level = np.array([climb_m_s]), np.zeros(1)
    assert (weigh.with_unknown_wind(score, sheared, climbs, SEEING) == score).all()
    assert (weigh.with_unknown_wind(score, sheared, level, BLIND) == score).all()
    assert (weigh.with_calm(score, sheared, np.zeros(1)) == score).all()


@given(scores, hidden, st.floats(0.5, 20.0))
def test_a_climb_through_unknown_layers_is_a_mixture(
    score: np.ndarray, sheared: np.ndarray, climb_m_s: float
) -> None:
    """Against the sum written out; half of the share at the stated climb, up or down alike."""
    share = weigh.SHEARED_SHARE * climb_m_s**2 / (climb_m_s**2 + weigh.SHEARED_FROM_M_S**2)
    found = weigh.with_unknown_wind(score, sheared, np.array([-climb_m_s]), BLIND)
    want = np.log((1.0 - share) * np.exp(score[0, weigh.BALLOON]) + share * np.exp(sheared[0]))
    assert found[0, weigh.BALLOON] == pytest.approx(want, rel=1e-9, abs=1e-9)
    others = [k for k in range(weigh.K) if k != weigh.BALLOON]
    assert (found[:, others] == score[:, others]).all()
