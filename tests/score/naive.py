"""Slow twins of the oracle: the tracker's own slow filter, told which target made each plot."""

from __future__ import annotations

from math import exp

import numpy as np

from tests.tracks import naive
from tests.tracks.naive_frame import expected
from tests.tracks.naive_rows import NEVER, Plot, Row, Sensor, combine
from windhover.tracks import layout as at


def innovation(row: Row, seen: naive.Seen) -> float:
    """Squared Mahalanobis distance from the mixture's mean, per dimension."""
    mean, cov = combine(row)
    gap = seen.z - mean[:2]
    return float(gap @ np.linalg.solve(cov[:2, :2] + seen.r, gap)) / 2.0


def frame(
    rows: dict[int, Row], sensors: list[Sensor], s: int, plots: list[Plot], target: list[int],
    models: np.ndarray, lift: np.ndarray, height: np.ndarray, life_s: float,
) -> list[float]:  # fmt: skip
    """Each plot (−1: clutter) to its target's row; rows by target. Innovations, NaN where there is none."""
    sensor, to_s, told = sensors[s], plots[-1].t, [np.nan] * len(plots)
    from_s = max(sensor.last, to_s - sensor.period)
    for j, (plot, g) in enumerate(zip(plots, target, strict=True)):
        if g < 0:
            continue
        bearing = plot.form == at.FORM_BEARING
        row = rows.get(g)
        if row is None or row.existence < 1e-6:
            if bearing:
                continue
            blank = Row(np.ones(3) / 3, np.zeros((3, 4)), np.zeros((3, 4, 4)), np.array([height[0], 0.0]), np.diag(height[1:]))  # fmt: skip
            row = naive.begin(plot.t, naive.see(blank, plot, sensor), models, height, 1.0)
            row.looked, row.heard = [plot.t] * len(sensors), [NEVER] * len(sensors)
        else:
            ahead = naive.predict(row, plot.t, models, lift)
            seen = naive.see(ahead, plot, sensor)
            if not bearing:
                told[j] = innovation(ahead, seen)
            near, like, mixed = naive.likelihood(ahead, plot.t - ahead.time, seen)
            row = ahead
            if near < 16.0 and mixed > 0.0:
                row = naive.update(ahead, 0.0, [(plot, like, 1.0)], sensor)
            elif not bearing:
                row = naive.begin(plot.t, seen, models, height, 1.0)
            row.looked, row.heard = list(ahead.looked), list(ahead.heard)
            row.existence, row.existence_at = 1.0, plot.t
        row.looked[s], row.heard[s] = to_s, plot.t
        rows[g] = row
    for row in rows.values():
        row.existence *= exp(-max(to_s - row.existence_at, 0.0) / life_s)
        row.existence_at = max(to_s, row.existence_at)
        if row.looked[s] < to_s:
            pd = expected(row, sensors, s, to_s, from_s, False)
            if pd > 0.0:
                row.existence = row.existence * (1.0 - pd) / (1.0 - row.existence * pd)
                row.looked[s] = to_s
    return told
