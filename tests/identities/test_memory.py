"""Which tracks are remembered, and that each keeps its own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windhover.exercises import el_paso
from windhover.geo.frames import sector_frame
from windhover.identities import start
from windhover.identities.memory import REMEMBERED_NS, IdentityState, hold
from windhover.identities.motion import MotionState
from windhover.identities.sensors import SensorEvidence
from windhover.schema.batches import Tracks

FROM_NS = 1_770_000_000 * 10**9
STEP_NS = 40 * 10**9
SECTOR = el_paso.site().sector


def of(ids: list[int], now_ns: int) -> Tracks:
    n = len(ids)
    whole = np.ones(n, np.int64)
    return Tracks(
        np.array(ids, np.int64), whole * now_ns, np.zeros((n, 6)), np.tile(np.eye(6), (n, 1, 1)), np.ones(n),
        np.ones((n, 3)) / 3.0, np.ones(n, np.int8), whole * now_ns, whole * now_ns, np.zeros(n, np.int64),
        np.zeros(n), whole,
    )  # fmt: skip


def mark(state: IdentityState, row: int, with_number: float) -> None:
    """Something of its own in the first and the last column of each table."""
    for table in (state.motion, state.evidence):
        table[0][row] = with_number
        table[-1][row] = with_number
    state.weighed[row] = with_number


@given(st.lists(st.lists(st.integers(1, 12), unique=True, max_size=8), min_size=1, max_size=8))
def test_every_track_keeps_its_own_and_newcomers_start_fresh(steps: list[list[int]]) -> None:
    """Against a dictionary: ids in any order, coming back after a while, gone for good after longer."""
    state = start((), sector_frame(SECTOR), SECTOR.vertical)
    kept: dict[int, tuple[int, float]] = {}  # id → when last held, its number
    number = 0.0
    for k, ids in enumerate(steps):
        now_ns = FROM_NS + k * STEP_NS
        state = hold(state, of(ids, now_ns), now_ns)
        kept = {i: v for i, v in kept.items() if v[0] >= now_ns - REMEMBERED_NS or i in ids}
        assert state.track_id.tolist() == sorted({*kept, *ids})
        assert {len(column) for column in (*state.motion, *state.evidence)} == {len(state.track_id)}
        for row, track in enumerate(state.track_id.tolist()):
            if track in kept:
                found = {
                    float(t[c].flat[row * t[c][0].size])
                    for t in (state.motion, state.evidence)
                    for c in (0, -1)
                }
                assert found == {kept[track][1]} == set(state.weighed[row].tolist())
            else:
                for old, fresh in (
                    (state.motion, MotionState.fresh(1)),
                    (state.evidence, SensorEvidence.fresh(1)),
                ):
                    assert all((o[row] == f[0]).all() for o, f in zip(old, fresh, strict=True))
            if track in ids:
                number += 1.0
                mark(state, row, number)
                state.held_ns[row] = now_ns
                kept[track] = (now_ns, number)
