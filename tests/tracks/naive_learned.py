"""Slow, obvious twins of what the tracker learns of a radar: its noise and its misses."""

from __future__ import annotations

import numpy as np

from tests.tracks.naive import rotated, see
from tests.tracks.naive_rows import Plot, Row, Sensor
from tests.tracks.naive_sensors import range_bin
from windhover.tracks import layout as at

# --- noise ---------------------------------------------------------------------------------------


def applied(factor: float) -> float:
    """Drawn as a line through four points, the same on either side of one in logarithm."""
    if factor < 1.0:
        return 1.0 / applied(1.0 / factor)
    return float(np.interp(factor, [1.0, 1.5, 2.0, 1e9], [1.0, 1.0, 2.0, 1e9]))


def sample(stated: float, gap: float, spread: float) -> float:
    """What is left of the gap after the update, and what the updated track does not know."""
    gain = 1.0 - stated / spread
    left = (1.0 - gain) ** 2 * min(gap * gap, 16.0 * spread)
    return left + stated * gain


def rescales(sensor: Sensor) -> bool:
    """Whether a radar's plots are to be corrected."""
    said = [applied(f) for f in sensor.noise[:2]]
    return sensor.kind == at.CLASS_RADAR and said != [1.0, 1.0]


def rescale(sensor: Sensor, plots: list[Plot]) -> list[Plot]:
    """Covariances with range and azimuth stretched apart; never below 1 m and 10 µrad."""
    along, turn = (applied(f) for f in sensor.noise[:2])
    out = []
    for plot in plots:
        if plot.form != at.FORM_BEARING and plot.azimuth_variance > 0.0:
            f = max(along, 1.0 / plot.range_variance)
            g = max(turn, 1e-10 / plot.azimuth_variance)
            sight = np.array([np.sin(plot.azimuth), np.cos(plot.azimuth)])
            aside = np.array([sight[1], -sight[0]])
            r = rotated(plot.azimuth, f * sight @ plot.r @ sight, g * aside @ plot.r @ aside)
            plot = plot._replace(
                r=r, range_variance=f * plot.range_variance,
                azimuth_variance=g * plot.azimuth_variance,
            )  # fmt: skip
        out.append(plot)
    return out


def judge(
    rows: list[Row], sensor: Sensor, plots: list[Plot],
    pairs: dict[int, dict[int, tuple[float, np.ndarray]]],
) -> None:  # fmt: skip
    """Factors from plots that surely are a settled row's. pairs: row → plot → weight, density by mode."""
    if sensor.kind != at.CLASS_RADAR:
        return
    used = [applied(f) for f in sensor.noise[:2]]
    for i, mine in pairs.items():
        row, sure = rows[i], [j for j, (w, _) in mine.items() if w >= 0.9]
        if row.hits < 6 or not sure:
            continue
        plot, like = plots[sure[-1]], mine[sure[-1]][1]
        if plot.azimuth_variance <= 0.0 or plot.form == at.FORM_BEARING:
            continue
        seen, dt = see(row, plot, sensor), plot.t - row.time
        h = np.hstack([np.eye(2), dt * np.eye(2)])
        share = row.mu * like / max(row.mu @ like, 1e-300)
        toward = np.array([np.sin(plot.azimuth), np.cos(plot.azimuth)])
        aside = np.array([toward[1], -toward[0]])
        said = []
        for u, stated in ((toward, plot.range_variance), (aside, aside @ seen.r @ aside)):
            each = [
                share[m] * sample(stated, u @ (seen.z - h @ row.x[m]), max(u @ (h @ row.p[m] @ h.T + seen.r) @ u, stated))
                for m in range(3)
                if share[m] >= 1e-3
            ]  # fmt: skip
            said.append(sum(each) / stated)
        sensor.noise[2] += 1.0
        gain = 1.0 / min(sensor.noise[2] + 30.0, 200.0)
        for k in range(2):
            sensor.noise[k] += gain * (said[k] * used[k] - sensor.noise[k])


# --- misses --------------------------------------------------------------------------------------


def believe(sensor: Sensor) -> None:
    """Chances of a hit by range, after a hit and after a miss: shrunk to the radar's, that to the site's."""
    for after, (whole, part) in enumerate(((100.0, 30.0), (20.0, 10.0))):
        looks, missed = sensor.looks[:, after, 0], sensor.looks[:, after, 1]
        everywhere = (missed.sum() + whole * (1.0 - sensor.pd)) / (looks.sum() + whole)
        hit = 1.0 - (missed + part * everywhere) / (looks + part)
        sensor.sees[:, after] = np.minimum(hit, sensor.pd)


def hit_chance(sensor: Sensor, range_m: float, missed: bool) -> float:
    """Of an object there that was, or was not, missed last time."""
    return float(sensor.sees[range_bin(sensor, range_m), int(missed)])


def tally(sensor: Sensor, range_m: float, since_s: float) -> None:
    """Every look since the last plot, one by one: all but the newest missed."""
    looks = since_s / sensor.period
    if not 0.5 <= looks <= 20.0:
        return
    mine, after_miss = sensor.looks[range_bin(sensor, range_m)], 0
    for left in range(int(np.floor(looks + 0.5)) - 1, -1, -1):
        mine[after_miss] += [1.0, float(left > 0)]
        after_miss = 1
    mine[mine[:, 0] > 400.0] /= 2.0


def tell(
    rows: list[Row], sensors: list[Sensor], s: int, plots: list[Plot],
    pairs: dict[int, dict[int, float]],
) -> None:  # fmt: skip
    """Looks are told by plots that surely are a settled row's. pairs: row → plot → weight."""
    if sensors[s].kind != at.CLASS_RADAR:
        return
    for i, mine in pairs.items():
        for j, w in mine.items():
            if rows[i].hits >= 4 and w >= 0.9:
                tally(sensors[s], plots[j].range, plots[j].t - rows[i].heard[s])
    believe(sensors[s])
