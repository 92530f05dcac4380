"""Sunrise and sunset against ephem (an implementation of its own, after VSOP87)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import radians

import ephem
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from windhover.air.sun import events_ns, rise_and_set_ns

DAYS = st.integers(0, 3600).map(lambda n: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=n))


@example(-50.5, -73.5, datetime(2022, 11, 3, tzinfo=UTC), "set")
@given(st.floats(-62, 62), st.floats(-180, 180), DAYS, st.sampled_from(["rise", "set"]))
def test_within_half_a_minute_of_ephem(lat: float, lon: float, day: datetime, event: str) -> None:
    midnight = np.array([int(day.timestamp()) * 10**9], np.int64)
    times, state = events_ns(midnight, radians(lat), radians(lon), event)  # type: ignore[arg-type]
    assert state[0] == 0
    observer = ephem.Observer()
    observer.lat, observer.lon = radians(lat), radians(lon)
    observer.pressure, observer.horizon = 0, "-0:34"
    # An event near midnight may belong to the day before or after: the nearest of three is meant.
    step = observer.next_rising if event == "rise" else observer.next_setting
    observer.date = (day - timedelta(hours=26)).replace(tzinfo=None)
    away_s = []
    for _ in range(4):
        found = step(ephem.Sun())
        away_s.append(abs(found.datetime().replace(tzinfo=UTC).timestamp() - int(times[0]) / 1e9))
        observer.date = found + 30 * ephem.second
    # Where the event slips over UTC midnight a day has none or two; the one that is given then may
    # be a day's change off, at most three minutes at these latitudes.
    of_day_s = int(times[0]) // 10**9 % 86_400
    assert min(away_s) < (180 if min(of_day_s, 86_400 - of_day_s) < 300 else 30)


def test_midnight_sun_and_polar_night() -> None:
    june = np.array([int(datetime(2026, 6, 21, tzinfo=UTC).timestamp()) * 10**9], np.int64)
    december = june + 183 * 86_400 * 10**9
    assert events_ns(june, radians(78), radians(15), "rise")[1][0] == 1
    assert events_ns(december, radians(78), radians(15), "set")[1][0] == -1


def test_both_at_once_is_the_same() -> None:
    days = np.arange(40, dtype=np.int64) * 86_400 * 10**9 + 1_770_000_000 // 86_400 * 86_400 * 10**9
    rise, sets, state = rise_and_set_ns(days, radians(31.8), radians(-106.4))
    assert not state.any()
    assert np.array_equal(rise, events_ns(days, radians(31.8), radians(-106.4), "rise")[0])
    assert np.array_equal(sets, events_ns(days, radians(31.8), radians(-106.4), "set")[0])
    # The almanac of El Paso for 2 February 2026: 06:59 Mountain Standard Time.
    first = datetime.fromtimestamp(int(rise[0]) / 1e9, UTC)
    assert (first.hour, first.minute) in {(13, 58), (13, 59), (14, 0)}
