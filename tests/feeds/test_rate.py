"""How much comes a second: the mean of the last ten whole ones, whatever the order and the gaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from windhover.feeds.rate import SECONDS, Rate
from windhover.units import NS_PER_S

T0_S = 1_770_000_000


@given(
    st.lists(st.tuples(st.floats(0.0, 40.0), st.integers(0, 1_000)), max_size=60),
    st.floats(0.0, 60.0),
)
def test_it_is_the_mean_of_the_last_ten_whole_seconds(
    came: list[tuple[float, int]], later_s: float
) -> None:
    came.sort()
    rate = Rate()
    for at_s, n in came:
        rate.note(n, int((T0_S + at_s) * NS_PER_S))
    now_s = (came[-1][0] if came else 0.0) + later_s
    told = rate.per_s(int((T0_S + now_s) * NS_PER_S))
    whole = int(now_s)
    assert told == sum(n for at_s, n in came if whole - SECONDS <= int(at_s) < whole) / SECONDS
