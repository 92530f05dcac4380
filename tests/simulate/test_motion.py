"""Nothing in the world flies as no such thing can: limits of speed, acceleration, tether and air."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windhover.score.simulate import air as airs
from windhover.score.simulate import drift, paths, powered

seeds = st.integers(0, 10_000)


def a_wind(seed: int, speed_m_s: float = 7.0) -> airs.Air:
    return airs.make(np.random.default_rng(seed), 1200.0, speed_m_s=speed_m_s, toward_rad=0.4)


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(2.0, 12.0))
def test_a_balloon_goes_where_the_air_goes(seed: int, speed_m_s: float) -> None:
    rng, air = np.random.default_rng(seed), a_wind(seed, speed_m_s)
    n = drift.samples(900.0)
    height = drift.floating_height(rng, n, release_m=3.0, float_m=200.0, lift_m_s=0.8)
    motion = drift.drifter(
        rng, air, start_s=20.0, height_ground_m=height, response_s=1.0,
        through_m=(100.0, -50.0), through_row=400,
    )  # fmt: skip
    assert motion.position_m[400, :2] == pytest.approx([100.0, -50.0], abs=1e-6)
    wind = airs.mean_wind(air, drift.clock(20.0, n), height)
    slip = motion.velocity_m_s[:, :2] - wind
    sigma = 0.12 * np.hypot(*wind.mean(0)) + 0.2
    # What differs is turbulence alone; its 15 min mean is small (σ·√(2·30/900)), its size is σ.
    assert np.all(np.abs(slip.mean(0)) < 4.5 * sigma * np.sqrt(60.0 / 900.0))
    assert np.all(slip.std(0) < 2.0 * sigma)


def test_a_foil_balloon_levels_and_a_latex_one_climbs() -> None:
    rng = np.random.default_rng(5)
    n = drift.samples(1500.0)
    foil = drift.floating_height(rng, n, release_m=2.0, float_m=180.0, lift_m_s=0.8)
    assert abs(foil[-1200:].mean() - 180.0) < 12.0
    assert np.abs(np.gradient(foil, drift.STEP_S)).max() < 1.6
    latex = drift.climbing_height(rng, n, release_m=2.0, climb_m_s=2.0)
    assert (latex[-1] - latex[0]) / 1500.0 == pytest.approx(2.0, abs=0.15)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_kite_stays_on_its_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    motion = drift.kite(
        rng, a_wind(seed), start_s=0.0, duration_s=400.0, anchor_m=(30.0, 40.0), line_m=90.0
    )
    from_anchor = motion.position_m - np.array([30.0, 40.0, 0.0])
    assert np.linalg.norm(from_anchor, axis=1) == pytest.approx(90.0, abs=1e-6)
    assert np.linalg.norm(motion.velocity_m_s, axis=1).max() < 12.0


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(4.0, 18.0))
def test_a_multirotor_keeps_its_limits_and_lands(seed: int, speed_m_s: float) -> None:
    rng = np.random.default_rng(seed)
    legs = [
        powered.Leg(0.0, 0.0, 60.0, 4.0, 2.0),
        powered.Leg(900.0, 300.0, 90.0, speed_m_s, 15.0),
        powered.Leg(0.0, 0.0, 60.0, speed_m_s, 2.0),
        powered.Leg(0.0, 0.0, 0.0, 2.0, 2.0),
    ]
    motion = powered.multirotor(rng, start_s=0.0, legs=legs, limit_s=2000.0)
    speed = np.linalg.norm(motion.velocity_m_s[:, :2], axis=1)
    # Gusts of σ 0.25 m/s come on top of the command.
    assert speed.max() < speed_m_s + 1.5
    # Over two seconds its speed cannot change by more than the limit and the gusts allow.
    change = np.linalg.norm(motion.velocity_m_s[8:] - motion.velocity_m_s[:-8], axis=1)
    assert change.max() < 2.0 * powered.MULTIROTOR_ACCELERATION_M_S2 + 2.0
    assert motion.position_m[:, 2].min() >= 0.0
    assert motion.position_m[-1, 2] < 3.0
    assert np.hypot(*(motion.position_m[:, :2] - [900.0, 300.0]).T).min() < 8.0


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(6.0, 16.0), st.floats(0.1, 2.0))
def test_a_bird_keeps_its_airspeed(seed: int, airspeed_m_s: float, wander_rad: float) -> None:
    rng, air = np.random.default_rng(seed), a_wind(seed)
    motion = powered.flapping_bird(
        rng, air, start_s=0.0, duration_s=400.0, from_m=(0.0, 0.0), heading_rad=1.0,
        airspeed_m_s=airspeed_m_s, height_ground_m=60.0, wander_rad=wander_rad,
    )  # fmt: skip
    wind = airs.mean_wind(air, drift.clock(0.0, len(motion.position_m)), motion.position_m[:, 2])
    through = np.linalg.norm(motion.velocity_m_s[:, :2] - wind, axis=1)
    assert np.median(through) == pytest.approx(airspeed_m_s, rel=0.2)
    turn = np.linalg.norm(np.diff(motion.velocity_m_s, axis=0), axis=1) / drift.STEP_S
    assert np.quantile(turn, 0.99) < 9.81


def test_a_soaring_bird_drifts_with_the_wind_on_average() -> None:
    rng, air = np.random.default_rng(2), a_wind(2)
    motion = powered.soaring(
        rng,
        air,
        start_s=0.0,
        duration_s=100.0,
        from_m=(0.0, 0.0),
        height_ground_m=300.0,
        airspeed_m_s=11.0,
    )
    circling = slice(60, 60 + 4 * 50)  # the first minute or more is always a climb
    wind = airs.mean_wind(air, np.array([30.0]), np.array([330.0]))[0]
    assert np.hypot(*(motion.velocity_m_s[circling, :2].mean(0) - wind)) < 3.0
    assert np.hypot(*(motion.velocity_m_s[circling, :2] - wind).T).mean() == pytest.approx(
        11.0, abs=1.5
    )


def test_an_approach_comes_down_three_degrees_to_the_threshold() -> None:
    motion = paths.approach(
        0.0, (0.0, 0.0), (2000.0, 2500.0), final_m=12_000.0, entry=(-25e3, -2e3)
    )
    to_go = -motion.position_m[:, :2] @ np.array([2000.0, 2500.0]) / np.hypot(2000.0, 2500.0)
    aside = np.abs(motion.position_m[:, 0] * 2500.0 - motion.position_m[:, 1] * 2000.0) / np.hypot(
        2000, 2500
    )
    final = (to_go > 1000.0) & (to_go < 7000.0)
    assert aside[final].max() < 1.0
    slope = np.degrees(np.polyfit(to_go[final], motion.position_m[final, 2], 1)[0])
    assert slope == pytest.approx(3.0, abs=0.1)
    at_threshold = int(np.argmin(np.abs(to_go)))
    assert 5.0 < motion.position_m[at_threshold, 2] < 30.0
    assert motion.position_m[-1, 2] < 1.0
    across = np.linalg.norm(np.diff(motion.velocity_m_s, axis=0), axis=1) / drift.STEP_S
    assert across.max() < 6.0  # 30° of bank


def test_a_departure_climbs_and_turns_as_airliners_do() -> None:
    motion = paths.departure(0.0, (0.0, 0.0), (0.0, -3000.0), leave=(-30e3, 10e3), ahead_m=5200.0)
    speed = np.linalg.norm(motion.velocity_m_s[:, :2], axis=1)
    assert 60.0 < speed[np.argmax(motion.position_m[:, 2] > 10.0)] < 95.0
    assert motion.velocity_m_s[:, 2].max() < 16.0
    across = np.linalg.norm(np.diff(motion.velocity_m_s, axis=0), axis=1) / drift.STEP_S
    assert across.max() < 6.0


def test_an_orbit_is_entered_and_left_along_its_tangents() -> None:
    path = paths.orbit((9000.0, 4000.0), (-2000.0, 0.0), 700.0, 3.0, (8000.0, 2000.0))
    legs = np.diff(path, axis=0)
    course = np.unwrap(np.arctan2(legs[:, 0], legs[:, 1]))
    assert np.abs(np.diff(course)).max() < np.radians(1.0)
    assert course[-1] - course[0] > 2.5 * 2 * np.pi
    ring = np.hypot(*(path[1:-1] - [-2000.0, 0.0]).T)
    assert ring == pytest.approx(700.0)
