"""Slow twins of what is done and learned per sensor: plots, clutter map, errors, timing, the undetected."""

from __future__ import annotations

from math import atan2, cos, exp, hypot, inf, isfinite, nan, pi, sin, sqrt

import numpy as np

from tests.tracks.naive import scalar_update, see
from tests.tracks.naive_rows import Field, Plot, Row, Sensor, combine
from windhover.geo.frames import Frame, frame_at, rotation_between, to_enu
from windhover.schema.batches import Detections, Kind
from windhover.tracks import layout as at
from windhover.tracks.models import BIRTHS_PER_S, FORGET_S, LIFE_S

# --- measure -------------------------------------------------------------------------------------


def variance(given: float, sigma: float, floor: float) -> float:
    """What the plot claims of itself, else what its sensor does; never nothing."""
    claimed = given if given > 0.0 else sigma**2
    return max(claimed, floor)


def convert(
    d: Detections, n: int, sensors: list[Sensor], turn: np.ndarray, sigmas: np.ndarray,
    frame: Frame, epoch_ns: int, serial: int,
) -> Plot | None:  # fmt: skip
    """Detection n as a plot in the sector's frame; None where it cannot be right."""
    s, kind = int(d.sensor[n]), int(d.kind[n])
    if not 0 <= s < len(sensors) or not 0 <= kind <= 5:
        return None
    (a, b, c), cov = d.value[n].tolist(), d.covariance[n]
    needs = {Kind.RANGE_AZIMUTH_ELEVATION: (a, b, c), Kind.AZIMUTH: (a,)}.get(Kind(kind), (a, b))
    if not all(isfinite(v) for v in needs):
        return None
    if not all(0.0 <= cov[k, k] < 1e12 for k in (0, 1)):
        return None
    sensor, sigma, rotation = sensors[s], sigmas[s], turn[s]
    t = (int(d.time_ns[n]) - epoch_ns) * 1e-9
    end = (np.floor(t / sensor.frame + 1e-9) + 1.0) * sensor.frame
    out = Plot(
        t, sensor.place[:2], 0.0, np.zeros((2, 2)), 0.0, s, at.FORM_PLACE, 0.0, 0.0, np.zeros(2),
        0.0, 0.0, 0.0, 0.0, 0.0, float(d.doppler_m_s[n]), end, serial + n, int(d.claimed_id[n]), n,
        int(d.time_ns[n]),
    )  # fmt: skip
    if kind == Kind.POSITION:
        if abs(a) > 1.5708 or abs(b) > 6.2832 or abs(c) > 1e5:
            return None
        high = isfinite(c)
        place = to_enu(frame, a, b, c if high else 0.0)
        local = rotation_between(frame_at(a, b, 0.0), frame)
        east, up = local[:2, 0], local[:, 2]
        own = np.column_stack([east, [-east[1], east[0]]])  # north stands across east
        ee, nn = (variance(cov[k, k], sigma[3], 0.01) for k in (0, 1))
        en = cov[0, 1] if cov[0, 0] > 0.0 and isfinite(cov[0, 1]) else 0.0
        en = float(np.clip(en, -0.999 * sqrt(ee * nn), 0.999 * sqrt(ee * nn)))
        away = place[:2] - sensor.place[:2]
        out = out._replace(
            place=place[:2], z=float(place[2]), r=own @ np.array([[ee, en], [en, nn]]) @ own.T,
            azimuth=atan2(*away), range=hypot(*away), clutter=1.0 / sensor.area,
        )  # fmt: skip
        if high:
            rz = variance(cov[2, 2], sigma[4], 0.01)
            return out._replace(rz=rz, clutter=out.clutter / 10_000.0)
        return out._replace(form=at.FORM_FLAT, tilt=up[:2] / up[2])
    if kind in (Kind.AZIMUTH, Kind.AZIMUTH_ELEVATION):
        if abs(a) > 13.0:
            return None
        x, y = rotation[:2, :2] @ [sin(a), cos(a)]
        out = out._replace(
            form=at.FORM_BEARING, azimuth=atan2(x, y), clutter=1.0 / (2.0 * pi),
            azimuth_variance=variance(cov[0, 0], sigma[1], 1e-10),
        )  # fmt: skip
        if kind == Kind.AZIMUTH_ELEVATION and isfinite(b) and abs(b) < 1.5:
            spread = variance(cov[1, 1], sigma[2], 1e-10)
            out = out._replace(elevation=b, elevation_variance=spread)
        return out
    solid = kind == Kind.RANGE_AZIMUTH_ELEVATION
    if not 0.0 < a <= 1e6 or abs(b) > 13.0 or (solid and abs(c) > 1.5708):
        return None
    tilt = c if solid else 0.0
    line = rotation @ (a * np.array([cos(tilt) * sin(b), cos(tilt) * cos(b), sin(tilt)]))
    ground = hypot(line[0], line[1])
    rr, ra = variance(cov[0, 0], sigma[0], 0.01), variance(cov[1, 1], sigma[1], 1e-10)
    across, along, rz = ra * ground**2, rr, 0.0
    if solid:
        # Range and elevation errors turned into the ground and up; near the zenith azimuth is vague.
        re = variance(cov[2, 2], sigma[2], 1e-10)
        lean = np.array([[cos(tilt), -sin(tilt)], [sin(tilt), cos(tilt)]])
        spread = lean @ np.diag([rr, a**2 * re]) @ lean.T
        along, rz = spread[0, 0], spread[1, 1] + 0.01
        across = max(across, 0.25 * ra * a**2 * re)
    toward = line[:2] / ground if ground > 1e-6 else np.array([sin(b), cos(b)])
    own = np.column_stack([toward, [toward[1], -toward[0]]])
    span = sensor.range_max - sensor.range_min
    clutter = 1.0 / (2.0 * pi * span * max(ground, 50.0))
    return out._replace(
        place=sensor.place[:2] + line[:2], z=float(sensor.place[2] + line[2]) if solid else 0.0,
        r=own @ np.diag([max(along, 0.01), max(across, 0.01)]) @ own.T, rz=rz, range=a,
        form=at.FORM_SLANT if kind == Kind.RANGE_AZIMUTH else at.FORM_PLACE,
        azimuth=atan2(*toward), range_variance=rr, azimuth_variance=ra,
        clutter=clutter / max(a, 100.0) if solid else clutter,
    )  # fmt: skip


# --- clutter -------------------------------------------------------------------------------------

HEIGHTS_M = np.array([-inf, 0.0, *(100.0 * 2.0 ** np.arange(8)), inf])
SPEEDS_M_S = np.array([0.0, *(2.0 ** np.arange(7)), inf])
SECTORS_RAD = np.linspace(0.0, 2.0 * pi, 13)


def height_bin(over_m: float) -> int:
    """Which of `HEIGHTS_M` holds it."""
    return int(np.searchsorted(HEIGHTS_M, over_m, "right")) - 1


def height_width(k: int) -> float:
    """How deep it is; both open ends have a depth by decree."""
    return [200.0, *np.diff(HEIGHTS_M)[1:-1], HEIGHTS_M[-2] - HEIGHTS_M[-3]][k]


def range_edges(sensor: Sensor) -> np.ndarray:
    return np.linspace(sensor.range_min, sensor.range_max, 13)


def range_bin(sensor: Sensor, range_m: float) -> int:
    """Which twelfth of the coverage holds it."""
    k = int(np.searchsorted(range_edges(sensor), range_m, "right")) - 1
    return min(max(k, 0), 11)


def sector_bin(azimuth_rad: float) -> int:
    """Which twelfth of the circle holds it."""
    return min(int(np.searchsorted(SECTORS_RAD, azimuth_rad % (2 * pi), "right")) - 1, 11)


def speed_bin(rate_m_s: float) -> int:
    """Which octave holds it."""
    return int(np.searchsorted(SPEEDS_M_S, abs(rate_m_s), "right")) - 1


def count(
    sensor: Sensor, plots: list[Plot], fresh: np.ndarray, start: np.ndarray, forget: float
) -> None:
    """Remember every plot by its weight of being false."""
    if sensor.kind != at.CLASS_RADAR:
        return
    sensor.false = [(*place, w * forget) for *place, w in sensor.false]
    for plot, f, s in zip(plots, fresh, start, strict=True):
        height = plot.z - sensor.place[2] if plot.rz > 0.0 else nan
        sensor.false.append((plot.range, plot.azimuth, height, plot.rate, f * (1.0 - s)))


def counted(sensor: Sensor) -> float:
    """Weight of all false plots."""
    return sum(w for *_, w in sensor.false)


def near_and_far(sensor: Sensor, range_m: float) -> float:
    """Histogram over range, with 50 plots' worth of evenness, relative to even."""
    r = range_bin(sensor, range_m)
    here = sum(w for reach, *_, w in sensor.false if range_bin(sensor, reach) == r)
    return (here + 50.0 / 12) / (counted(sensor) + 50.0) * 12


def speeds(sensor: Sensor, rate: float) -> float:
    """Density over range rate, with its prior of 50 plots: half within 10 m/s, half within 128."""
    if not isfinite(rate):
        return 1.0
    rated = [(v, w) for *_, v, w in sensor.false if isfinite(v)]
    k = speed_bin(rate)
    width = 2.0 * np.diff(SPEEDS_M_S)[k] if k < 7 else 2.0 * 64.0
    prior = 0.5 / 256 + (0.5 / 20 if abs(rate) < 10 else 0.0)
    here = sum(w for v, w in rated if speed_bin(v) == k)
    return (here / width + 50.0 * prior) / (sum(w for _, w in rated) + 50.0)


def denser(sensor: Sensor, plot: Plot) -> float:
    """Range × azimuth at that range × height × range rate, relative to even."""
    if sensor.kind != at.CLASS_RADAR:
        return 1.0
    r, a = range_bin(sensor, plot.range), sector_bin(plot.azimuth)
    ring = [p for p in sensor.false if range_bin(sensor, p[0]) == r]
    cell = sum(p[4] for p in ring if sector_bin(p[1]) == a)
    across = (cell + 200.0 / 12) / (sum(p[4] for p in ring) + 200.0) * 12
    up = 1.0
    if plot.rz > 0.0:
        h = height_bin(plot.z - sensor.place[2])
        here = sum(p[4] for p in sensor.false if isfinite(p[2]) and height_bin(p[2]) == h)
        deep = max(plot.range, 100.0)
        up = (here / height_width(h) + 50.0 / deep) / (counted(sensor) + 50.0) * deep
    return near_and_far(sensor, plot.range) * across * up * speeds(sensor, plot.rate)


# --- bias ----------------------------------------------------------------------------------------


def begin_bias(sensor: Sensor) -> None:
    """50 m, 6 mrad and 0.3 s may be wrong with any radar."""
    sensor.bias, sensor.bias_p = np.zeros(3), np.diag([50.0, 0.006, 0.3]) ** 2
    sensor.bias_at = sensor.residuals = 0.0
    sensor.taken = np.zeros(3)


def learn(sensor: Sensor, h: np.ndarray, gap: float, noise: float) -> bool:
    """One residual into the Kalman filter of three errors; beyond four sigma it is no error of these."""
    if (gap - h @ sensor.bias) ** 2 > 16.0 * (h @ sensor.bias_p @ h + noise):
        return False
    sensor.bias, sensor.bias_p = scalar_update(sensor.bias, sensor.bias_p, h, gap, noise)
    return True


def compare(row: Row, plot: Plot, sensor: Sensor, taken: np.ndarray) -> None:
    """Residuals along and across the line of sight, each as doubtful as four of its own."""
    seen = see(row, plot, sensor)
    mean, cov = combine(row)
    gap = seen.z - mean[:2] - (plot.t - row.time) * mean[2:]
    ground = hypot(*(seen.z - sensor.place[:2]))
    toward = np.array([sin(plot.azimuth), cos(plot.azimuth)])
    aside = np.array([cos(plot.azimuth), -sin(plot.azimuth)])
    spread = 4.0 * (seen.r + cov[:2, :2])
    # Too far by δr, turned by δθ (metres: ground·δθ), and late by δt: the object has flown v·δt less.
    fine = []
    for line, h in ((toward, [1.0, 0.0]), (aside, [0.0, ground])):
        lever = np.array([*h, -line @ mean[2:]])
        fine.append(learn(sensor, lever, line @ gap + lever @ taken, line @ spread @ line))
    if all(fine):
        sensor.residuals += 1.0


def alone(row: Row, plots: list[Plot], sensor: Sensor) -> int:
    """The only plot within three sigma of where the row may seem to be; −1 = none or several."""
    mean, cov = combine(row)
    near = []
    for j, plot in enumerate(plots):
        gap = plot.place - mean[:2] - (plot.t - row.time) * mean[2:]
        error = 50.0**2 + (0.006 * plot.range) ** 2 + 0.3**2 * (mean[2:] @ mean[2:])
        error += np.trace(cov[:2, :2]) + np.trace(plot.r)
        if plot.form != at.FORM_BEARING and gap @ gap <= 9.0 * error:
            near.append(j)
    return near[0] if len(near) == 1 else -1


def register(
    rows: list[Row], sensors: list[Sensor], s: int, plots: list[Plot], to_s: float,
    pairs: dict[int, dict[int, float]],
) -> None:  # fmt: skip
    """Learn from the plots of rows that surely are one reporting object. pairs: row → plot → weight."""
    sensor = sensors[s]
    reporting = [c for c, one in enumerate(sensors) if one.kind == at.CLASS_COOPERATIVE]
    if sensor.kind != at.CLASS_RADAR or not reporting:
        return
    dt = min(to_s - sensor.bias_at, 60.0)
    if dt > 0.0 and sensor.residuals > 0.0:
        sensor.bias_p = sensor.bias_p + dt * np.diag([0.05, 3e-6, 3e-4]) ** 2
    sensor.bias_at = to_s
    taken = sensor.taken.copy()
    for i, row in enumerate(rows):
        sure = row.existence >= 0.9 and row.claim_weight >= 0.9 * row.coop_weight
        if not sure or row.hits < 5 or to_s - max(row.heard[c] for c in reporting) > 2.5:
            continue
        if i in pairs:
            mine = [j for j, w in pairs[i].items() if w >= 0.9 and plots[j].form != at.FORM_BEARING]
            found = mine[-1] if mine else -1
        else:
            found = alone(row, plots, sensor) if sensor.residuals < 40.0 else -1
        if found >= 0:
            compare(row, plots[found], sensor, taken)


def worth(mean: float, variance: float) -> float:
    """Shrunk to nothing at two sigma."""
    return mean * max(1.0 - (2.0 * sqrt(variance) / abs(mean)) ** 2, 0.0) if mean else 0.0


def without_bias(sensor: Sensor, plots: list[Plot]) -> list[Plot]:
    """The plots in polar coordinates, each coordinate less its error."""
    sensor.taken = np.array([worth(m, v) for m, v in zip(sensor.bias, np.diag(sensor.bias_p), strict=True)])  # fmt: skip
    d_range, turn, late = sensor.taken
    out = []
    for plot in plots:
        if plot.form != at.FORM_BEARING:
            away = plot.place - sensor.place[:2]
            azimuth, ground = atan2(*away) - turn, hypot(*away)
            nearer = max(ground - d_range, 1.0) if ground >= 1.0 else ground * max(ground - d_range, 1.0)  # fmt: skip
            plot = plot._replace(
                place=sensor.place[:2] + nearer * np.array([sin(azimuth), cos(azimuth)]),
                azimuth=plot.azimuth - turn, range=max(plot.range - d_range, 1.0), t=plot.t - late,
            )  # fmt: skip
        out.append(plot)
    return out


# --- learn ---------------------------------------------------------------------------------------


def scan_phase(plots: list[Plot], period_s: float) -> complex:
    """Mean of e^{i(azimuth − 2πt/period)}."""
    return complex(np.mean([np.exp(1j * (p.azimuth - 2 * pi * p.t / period_s)) for p in plots]))


def timing(sensor: Sensor, plots: list[Plot]) -> float:
    """Share of a scan that this frame covers."""
    first, last = plots[0].t, plots[-1].t
    new = sensor.last <= -at.FAR
    sensor.first = first if sensor.first >= at.FAR else sensor.first
    if len(plots) >= 3:
        vote = float(last - first < 1e-6)
        sensor.spread = vote if new else 0.7 * sensor.spread + 0.3 * vote
    if sensor.spread > 0.5:
        return 1.0
    if sensor.kind == at.CLASS_RADAR:
        gain = 1.0 if new else min(1.0, 0.05 * len(plots))
        sensor.turning += gain * (scan_phase(plots, sensor.period) - sensor.turning)
    begun = max(sensor.last, first - sensor.frame)
    return float(np.clip((last - begun) / sensor.period, 0.02, 1.0))


def births_per_s(field: Field, usual: float) -> float:
    """A Poisson rate under a gamma prior worth thirty births or twenty seconds, whichever is less; births
    of the last moments are not certain yet, so neither they nor their time counts."""
    late = (30.0 * 8.0 + field.delays) / (30.0 + field.births)
    prior_s = min(20.0, 30.0 / max(usual, 1e-9))
    return (field.births + usual * prior_s) / (max(0.0, field.span - late) + prior_s)


def life(field: Field) -> float:
    """Targets over births per second, within a minute and ten."""
    per_s = births_per_s(field, field.present / LIFE_S)
    return float(np.clip(max(field.present, 1.0) / max(per_s, 1e-9 * max(field.present, 1.0)), 60.0, LIFE_S))  # fmt: skip


def field_area(sensors: list[Sensor]) -> float:
    """Of the widest radar; of the widest sensor where there is no radar."""
    radars = [one.area for one in sensors if one.kind == at.CLASS_RADAR]
    return max(radars or [one.area for one in sensors])


def undetected_at(
    sensors: list[Sensor], s: int, field: Field, to_s: float, plots: int, covered: float
) -> float:
    """Targets per m² that nobody has seen: carried to now, then what the first look says."""
    sensor = sensors[s]
    area = field_area(sensors)
    if field.span == 0.0:
        field.time, field.span = to_s, 1e-9
    dt = max(to_s - field.time, 0.0)
    field.time += dt
    field.births *= exp(-dt / FORGET_S)
    field.delays *= exp(-dt / FORGET_S)
    field.span = field.span * exp(-dt / FORGET_S) + dt
    field.born = (field.born + field.birth * dt) * exp(-dt / LIFE_S)
    field.undetected *= exp(-dt / LIFE_S)
    usual = max(BIRTHS_PER_S, field.present / LIFE_S)
    field.birth = births_per_s(field, usual) / area
    field.born = max(field.born, 0.1 * field.birth)
    if sensor.kind == at.CLASS_RADAR and to_s - sensor.first < 0.9 * sensor.period:
        excess = max(plots - sensor.clutter * covered, 0.3 * sqrt(plots) + 0.1)
        field.undetected = excess / (sensor.pd * covered * sensor.area)
    total = field.undetected + field.born
    return max(total, 1.0 / sensor.area) if sensor.kind == at.CLASS_COOPERATIVE else total


def looked(
    sensors: list[Sensor], s: int, field: Field, to_s: float, covered: float, plots: list[Plot],
    fresh: np.ndarray, start: np.ndarray, crossed: float,
) -> None:  # fmt: skip
    """Clutter learned; what was not seen where one looked is less likely there, what was found is no more."""
    sensor = sensors[s]
    false = float(np.sum(fresh * (1.0 - start)))
    gain = min(covered * sensor.period / FORGET_S, 0.2)
    sensor.clutter = max((1.0 - gain) * sensor.clutter + gain * false / covered, 1e-3)
    count(sensor, plots, fresh, start, 1.0 - gain)
    kinds = {one.kind for one in sensors}
    hears = sensor.kind == at.CLASS_BEARING and at.CLASS_RADAR not in kinds
    area = field_area(sensors)
    if sensor.kind == at.CLASS_RADAR or hears:
        left = 1.0 - sensor.pd * covered
    else:
        there = area * (field.undetected + field.born)
        found = float(np.sum(fresh * start)) + crossed
        left = (there - found) / there if found < there else 0.0
    field.undetected = field.undetected * left + field.lost / area
    field.born = field.born * left + field.lost_born / area
    field.lost = field.lost_born = 0.0
    sensor.last = to_s
    sensor.seen += len(plots)
