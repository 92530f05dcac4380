"""Merging agrees with a slow obvious twin, whatever the order of arrival."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import make_sensor
from windhover.detections.merge import FASTER, LATE_AFTER_NS, SAME_SIGMAS, TURN_SHARE, merge
from windhover.schema.batches import Detections, Kind

NOW = 1_770_791_400 * 10**9
SECOND = 10**9

row = st.tuples(
    st.integers(-70, 15),  # seconds from now
    st.integers(0, 2),  # sensor
    st.sampled_from([0.1, 0.2, float("nan")]),  # value
    st.integers(0, 1),  # claim
)


def batch(rows: list[tuple[int, int, float, int]]) -> Detections:
    made = Detections.empty(len(rows))
    for i, (seconds, sensor, value, claim) in enumerate(rows):
        made.time_ns[i] = NOW + seconds * SECOND
        made.sensor[i] = sensor
        made.value[i] = (1.0, 2.0, value)
        made.claimed_id[i] = claim
    return made


def naive(
    rows: list[tuple[int, int, float, int]],
) -> tuple[list[tuple[int, int, str, int]], dict[str, int]]:
    kept: list[tuple[int, int, str, int]] = []
    counts = {"time in the future": 0, "late": 0, "duplicate": 0}
    for seconds, sensor, value, claim in rows:
        key = (seconds, sensor, repr(value), claim)
        if seconds > 10:
            counts["time in the future"] += 1
        elif seconds * SECOND < -LATE_AFTER_NS:
            counts["late"] += 1
        elif key in kept:
            counts["duplicate"] += 1
        else:
            kept.append(key)
    return kept, {reason: n for reason, n in counts.items() if n}


@given(st.lists(st.lists(row, max_size=8), max_size=4), st.randoms(use_true_random=False))
def test_agrees_with_the_slow_twin(
    groups: list[list[tuple[int, int, float, int]]], shuffler
) -> None:  # type: ignore[no-untyped-def]
    merged, rejected = merge([batch(group) for group in groups], NOW)
    kept, counts = naive([r for group in groups for r in group])
    assert rejected == counts
    assert merged.n == len(kept)
    assert (np.diff(merged.time_ns) >= 0).all()
    found = {
        ((t - NOW) // SECOND, s, repr(float(v)), c)
        for t, s, v, c in zip(
            merged.time_ns.tolist(),
            merged.sensor.tolist(),
            merged.value[:, 2],
            merged.claimed_id.tolist(),
            strict=True,
        )
    }
    assert found == set(kept)
    shuffled = [list(group) for group in groups]
    shuffler.shuffle(shuffled)
    again, _ = merge([batch(group) for group in shuffled], NOW)
    for left, right in zip(merged, again, strict=True):
        np.testing.assert_array_equal(left, right)


def looks(at_s: list[float], places: list[tuple[float, float]]) -> Detections:
    """A radar's plots of every place at every instant; σ 10 m and 5 mrad."""
    made = Detections.empty(len(at_s) * len(places))
    made.kind[:] = Kind.RANGE_AZIMUTH_ELEVATION
    for i, (when, (distance, azimuth)) in enumerate((t, p) for t in at_s for p in places):
        made.time_ns[i] = NOW + round(when * SECOND)
        made.value[i] = (distance, azimuth, 0.1)
        made.covariance[i] = np.diag([100.0, 25e-6, 36e-6])
    return made


SENSORS = (make_sensor(),)


def test_a_radar_sees_a_place_once_in_half_a_turn() -> None:
    """A hundred looks a second at one object and another 2 km on: two looks of each are left."""
    batch = looks([-1.0 + k / 100 for k in range(100)], [(5_000.0, 1.0), (7_000.0, 1.0)])
    kept, rejected = merge([batch], NOW, sensors=SENSORS)
    assert kept.n == 4
    assert rejected == {FASTER: 196}
    assert merge([batch], NOW)[0].n == 200  # who names no sensors is asked no such thing


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30), st.integers(0, 30)), max_size=25)
)
def test_repeats_agree_with_the_definition(plots: list[tuple[int, int, int]]) -> None:
    rows = sorted({(t / 100 - 1.21, 5_000.0 + 9.0 * r, 1.0 + 4.5e-3 * a) for t, r, a in plots})
    made = (
        Detections._make(
            np.concatenate(columns)
            for columns in zip(*(looks([t], [(r, a)]) for t, r, a in rows), strict=True)
        )
        if rows
        else Detections.empty()
    )
    kept, _ = merge([made], NOW, sensors=SENSORS)
    beam_s = SAME_SIGMAS * 5e-3 / (2 * np.pi)
    expected = []
    for t, r, a in rows:
        window = (NOW + round(t * SECOND)) // round(TURN_SHARE * SECOND)
        if not any(
            (NOW + round(s * SECOND)) // round(TURN_SHARE * SECOND) == window
            and t - s > beam_s
            and np.hypot((r - q) / 10.0, (a - b) / 5e-3) <= SAME_SIGMAS
            for s, q, b in rows
            if s < t
        ):
            expected.append((r, a))
    assert [(r, a) for r, a, _ in kept.value.tolist()] == expected


def test_a_radar_at_its_own_rate_loses_nothing() -> None:
    batch = looks([-2.0, -1.0, 0.0], [(5_000.0 + 30.0 * k, 1.0) for k in range(50)])
    kept, rejected = merge([batch], NOW, sensors=SENSORS)
    assert kept.n == 150
    assert rejected == {}
