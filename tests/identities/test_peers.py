"""What drifts nearby tells the wind, and nobody is judged by a wind of its own making."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identities import scene
from windhover import identities
from windhover.air import wind as air
from windhover.identities import peers, weigh
from windhover.identities.kernels import integrate_theta
from windhover.identities.motion import MotionState
from windhover.schema.batches import CLASSES

DRONE, BALLOON = CLASSES.index("drone"), CLASSES.index("balloon")
TRUE = (-5.0, -2.0)
CLAIMED = (-2.0, -4.0)  # 3.6 m/s off where 2 is said
ABOUT = (1_800.0, 1_500.0)
DRIFTERS = [scene.line(TRUE, 150.0, start=(2_000.0 + 500.0 * i, 1_500.0 + 400.0 * i)) for i in range(3)]  # fmt: skip


def balloon(path: np.ndarray, beside: list[np.ndarray], field: air.WindField, seed: int = 0) -> tuple[float, identities.Explanation]:  # fmt: skip
    """P(balloon) of `path` after 60 s, and why."""
    state, said = scene.run([path, *beside], field, 60, seed=seed)
    return float(np.exp(said[-1].log_probability[0, BALLOON])), identities.explain(state, 1)


small = st.floats(-3.0, 3.0)
much = st.floats(0.05, 5.0)


@given(small, small, much, much, small, small, much)
def test_the_integral_is_that_of_the_kernel(he: float, hn: float, a: float, c: float, e: float, n: float, sigma: float) -> None:  # fmt: skip
    info = np.array([a, 0.3 * min(a, c), c, he, hn, 0.0])
    ours = peers.log_integral(info, np.array([e, n]), np.eye(2) * sigma**2)
    kernel = integrate_theta(info, np.array([[1.0, e, n, sigma]]), np.zeros((1, 3)), 1)
    assert float(ours) == pytest.approx(kernel, abs=1e-9)


def test_a_balloon_in_a_wind_claimed_wrongly_is_told_by_its_neighbours() -> None:
    me = scene.line(TRUE, 180.0, start=ABOUT)
    field = scene.known_wind(*CLAIMED, 2.0)
    alone, _ = balloon(me, [], field)
    lent, why = balloon(me, DRIFTERS, field)
    assert lent > max(alone, 0.95)
    (item,) = (e for e in why.evidence if e.source == "neighbours")
    assert item.log_likelihood["balloon"] == 0.0 > item.log_likelihood["drone"]
    assert re.search(r"objects: [23]\b", item.sentence.en)
    assert "it moves as they do" in item.sentence.en
    assert "se mueve como ellos" in item.sentence.es
    east, north = TRUE
    comes_from = round(np.degrees(np.arctan2(-east, -north))) % 360
    told = int(item.sentence.en.split("from ")[1][:3])
    assert abs(told - comes_from) <= 10


def test_a_drone_that_happens_to_fly_with_the_claimed_wind_is_given_away() -> None:
    me = scene.line((-2.6, -4.4), 180.0, start=ABOUT)
    field = scene.known_wind(-3.5, -3.2, 2.5)
    alone, _ = balloon(me, [], field)
    lent, why = balloon(me, DRIFTERS, field)
    assert lent < alone - 0.1
    (item,) = (e for e in why.evidence if e.source == "neighbours")
    assert "it does not move with them" in item.sentence.en


def test_nobody_lends_itself_a_wind() -> None:
    field = scene.known_wind(*CLAIMED, 2.0)
    me = DRIFTERS[0]
    state, _ = scene.run([me], field, 60)
    assert (state.log_likelihood[:, weigh.PEERS] == 0.0).all()
    # Two tracks on one object are one object.
    twice, _ = scene.run([me, me + np.array([30.0, 20.0, 10.0])], field, 60)
    assert (twice.log_likelihood[:, weigh.PEERS] == 0.0).all()
    # Nor does who is far off, or much higher.
    far = [me + np.array([0.0, 9_000.0, 0.0]), me + np.array([0.0, 500.0, 600.0])]
    apart, _ = scene.run([me, *far], field, 60)
    assert (apart.log_likelihood[:, weigh.PEERS] == 0.0).all()


def test_neighbours_do_not_lift_the_limits_of_a_missing_wind() -> None:
    paths = [scene.line((13.0, 4.0), 120.0, start=ABOUT), *DRIFTERS]
    _, said = scene.run(paths, air.start(), 90)
    assert max(float(np.exp(s.log_probability[0, DRONE])) for s in said) <= 0.9


def test_what_may_hover_in_calm_air_lends_nothing() -> None:
    standing = [scene.line((0.0, 0.0), 120.0, start=(2_000.0 + 400.0 * i, 1_500.0)) for i in range(3)]  # fmt: skip
    state, _ = scene.run([scene.line((4.0, 1.0), 140.0, start=ABOUT), *standing], scene.known_wind(0.5, 0.2, 1.5), 60)  # fmt: skip
    assert (state.log_likelihood[:, weigh.PEERS] == 0.0).all()


@given(st.floats(0.5, 4.0), small, small, st.floats(0.0, 0.95))
def test_neighbours_who_say_what_the_claim_says_change_nothing(sigma: float, e: float, n: float, trust: float) -> None:  # fmt: skip
    """The ratio of a thing to itself; the claim's heavy tail is all that is left."""
    motion = MotionState.fresh(1)
    motion.wind[:] = (9.0, 0.0)  # no calm
    motion.wind_cov[:] = (sigma**2, 0.0, sigma**2)
    motion.info[0, :, :5] = (2.0, 0.0, 2.0, e, n)
    lent = peers.Lent(np.array([1]), np.zeros((1, 2)), np.array([sigma]), np.array([trust]))
    found = float(peers.evidence(motion, lent)[0])
    assert abs(found) < 0.06 + 0.03 * (e * e + n * n)


def test_a_neighbour_that_may_be_no_drifter_cannot_rule_anything_out() -> None:
    motion = MotionState.fresh(1)
    motion.wind[:] = (9.0, 0.0)
    motion.wind_cov[:] = (4.0, 0.0, 4.0)
    motion.info[0, :, :5] = (50.0, 0.0, 50.0, 0.0, 0.0)  # drifts with the claimed wind exactly
    lent = peers.Lent(np.array([1]), np.array([[8.0, 0.0]]), np.array([0.9]), np.array([0.9]))
    assert float(peers.evidence(motion, lent)[0]) == pytest.approx(np.log(0.1), abs=0.05)
