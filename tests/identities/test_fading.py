"""The plain twin's own words: strays are passed over, then a new leg begins (`test_kernels` compares)."""

from __future__ import annotations

import numpy as np

from tests.identities import naive_bank
from windhover.identities import bank, models


def test_a_leap_makes_filters_begin_anew() -> None:
    """After the plots that a filter may lose it stands at the newest plot and remembers nothing."""
    model = next(m for m in models.MODELS if m.name == "hover")
    r, still = np.eye(2) * 100.0, np.zeros(2)
    f = naive_bank.begin(model, still, r, 3.0, 1.0, 1.0)
    for _ in range(10):
        f, _ = naive_bank.step(f, model, 1.0, still, r, 0.95, still, np.eye(2))
    lost = []
    for _ in range(bank._LOST_PLOTS):
        f, _ = naive_bank.step(f, model, 1.0, still + 800.0, r, 0.95, still, np.eye(2))
        lost.append(f.lost)
    assert lost == [*range(1, bank._LOST_PLOTS), 0]
    np.testing.assert_allclose(f.x[:2], 800.0)
    assert f.marginal == 0.0
