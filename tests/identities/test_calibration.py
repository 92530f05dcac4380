"""The table that makes a probability of drifting as often right as it says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windhover.identities import weigh


def naive(p: float, plots: int) -> float:
    """One number through the table, knot by knot."""

    def logit(q: float) -> float:
        return float(np.log(q / (1.0 - q)))

    def through(row: np.ndarray) -> float:
        knots = [logit(q) for q in weigh.CALIBRATED_FROM]
        worth = [logit(q) for q in row]
        x = logit(p)
        if x <= knots[0]:
            return x + worth[0] - knots[0]
        for k in range(1, len(knots)):
            if x <= knots[k]:
                share = (x - knots[k - 1]) / (knots[k] - knots[k - 1])
                return worth[k - 1] + share * (worth[k] - worth[k - 1])
        return x + worth[-1] - knots[-1]

    at = weigh.CALIBRATED_AT
    values = [through(row) for row in weigh.CALIBRATED_TO]
    here = float(np.interp(np.log1p(plots), np.log1p(at), values))
    return 1.0 / (1.0 + float(np.exp(-here)))


@given(p=st.floats(0.001, 0.999), drone=st.floats(0.1, 0.9), plots=st.integers(0, 400))
def test_the_table_is_followed_and_the_others_keep_their_proportions(
    p: float, drone: float, plots: int
) -> None:
    before = np.zeros((1, weigh.K))
    before[0, weigh.BALLOON] = p
    before[0, weigh.DRONE] = (1.0 - p) * drone
    before[0, weigh.BIRD] = (1.0 - p) * (1.0 - drone)
    after = weigh.calibrated(before, np.array([plots]))
    assert np.isclose(after.sum(), 1.0)
    assert np.isclose(after[0, weigh.BALLOON], naive(p, plots), atol=1e-9)
    assert np.isclose(
        after[0, weigh.DRONE] * before[0, weigh.BIRD], after[0, weigh.BIRD] * before[0, weigh.DRONE]
    )


def test_more_drifting_is_never_worth_less_and_early_peaks_make_nothing_powered() -> None:
    assert (np.diff(weigh.CALIBRATED_TO, axis=1) >= 0.0).all()
    early = weigh.CALIBRATED_TO[weigh.CALIBRATED_AT < 30.0]
    low = weigh.CALIBRATED_FROM <= 0.1
    assert (early[:, low] >= weigh.CALIBRATED_FROM[low]).all()
    assert (early[:, ~low] >= 0.1).all()
