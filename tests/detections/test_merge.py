"""Merging agrees with a slow obvious twin, whatever the order of arrival."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windhover.detections.merge import LATE_AFTER_NS, merge
from windhover.schema.batches import Detections

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
