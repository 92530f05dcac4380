"""However long it circles, motion alone does not make a drone of a helicopter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windhover.identities import helicopter
from windhover.identities.weigh import AIRCRAFT, DRONE
from windhover.schema.batches import CLASSES

scores = st.lists(st.floats(-200.0, 0.0), min_size=len(CLASSES), max_size=len(CLASSES))


@given(scores)
def test_motion_counts_against_an_aircraft_no_more_than_helicopters_are_rare(
    row: list[float],
) -> None:
    given_, moved = np.array([row]), helicopter.moves(np.array([row]))
    assert moved[0, DRONE] - moved[0, AIRCRAFT] <= -np.log(helicopter.SHARE) + 1e-9
    assert moved[0, AIRCRAFT] >= given_[0, AIRCRAFT]
    others = [i for i in range(len(CLASSES)) if i != AIRCRAFT]
    assert np.array_equal(moved[:, others], given_[:, others])
    assert helicopter.climbs(given_)[0, AIRCRAFT] == max(row[AIRCRAFT], row[DRONE])
