"""Slow twins of rows that start where bearings of two places cross."""

from __future__ import annotations

from math import sin, tan
from typing import NamedTuple

import numpy as np

from tests.tracks import naive
from tests.tracks.naive_rows import NEVER, Field, Plot, Row, Sensor
from windhover.tracks import layout as at


def crossing(
    places: np.ndarray, azimuths: np.ndarray, variances: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Least-squares point of two bearing lines, its covariance, and how far it is from both places;
    None where the lines run along one another or part."""
    normal = np.c_[np.cos(azimuths), -np.sin(azimuths)]
    if abs(sin(azimuths[1] - azimuths[0])) < 0.1:
        return None
    point = np.linalg.solve(normal, (normal * places).sum(1))
    toward = np.c_[np.sin(azimuths), np.cos(azimuths)]
    reach = ((point - places) * toward).sum(1)
    if (reach <= 1.0).any():
        return None
    information = (normal / (reach**2 * variances)[:, None]).T @ normal
    return point, np.linalg.inv(information), reach


class Heard(NamedTuple):
    """A bearing that nothing explained."""

    t: float
    sensor: int
    azimuth: float
    variance: float
    fresh: float
    background: float


def triangulate(
    rows: list[Row], sensors: list[Sensor], s: int, plots: list[Plot], to_s: float,
    fresh: np.ndarray, background: np.ndarray, heard: list[Heard], models: np.ndarray,
    height: np.ndarray, field: Field, undetected: float, owner: list[Row | None],
) -> None:  # fmt: skip
    """A row where a bearing crosses one that another place has heard within a moment (four at most)."""
    here = sensors[s]
    for j, plot in enumerate(plots):
        if plot.form != at.FORM_BEARING or fresh[j] < 0.3:
            continue
        made = 0
        for old in heard:
            apart, there = abs(plot.t - old.t), sensors[old.sensor]
            if apart > 1.2 or old.sensor == s or made == 4:
                continue
            met = crossing(
                np.array([here.place[:2], there.place[:2]]), np.array([plot.azimuth, old.azimuth]),
                np.array([plot.azimuth_variance, old.variance]),
            )  # fmt: skip
            if met is None or met[2][0] > here.range_max or met[2][1] > there.range_max:
                continue
            point, cov, (far, other) = met
            cov = cov + np.eye(2) * (30.0 * apart) ** 2
            both = (
                undetected * here.pd * there.pd * far * other / abs(sin(plot.azimuth - old.azimuth))
            )
            start = both / (both + background[j] * old.background)
            r = start * fresh[j] * old.fresh
            if r < 1e-7:
                continue
            row = naive.begin(plot.t, naive.Seen(point, cov), models, height, r)
            row.up[0] = here.place[2] + min(height[0], 0.1 * far)
            row.up_p[0, 0] = min(height[1], (0.15 * far) ** 2)
            if plot.elevation_variance > 0.0:
                slope = tan(plot.elevation)
                per_rad = far * (1.0 + slope**2)
                row.up[0] = here.place[2] + far * slope
                row.up_p[0, 0] = per_rad**2 * plot.elevation_variance + slope**2 * np.trace(cov)
            row.existence_at, row.hope, row.hits, row.seed = to_s, start, 1, plot.serial
            row.share = field.born / max(undetected, 1e-300)
            row.born_ns = row.hit_ns = plot.time_ns
            row.looked, row.heard = [to_s] * len(sensors), [NEVER] * len(sensors)
            row.heard[s], row.heard[old.sensor] = plot.t, old.t
            rows.append(row)
            owner[j] = owner[j] or row
            made += 1
        oldest = min(range(len(heard)), key=lambda k: heard[k].t)
        heard[oldest] = Heard(
            plot.t, s, plot.azimuth, plot.azimuth_variance, fresh[j], background[j]
        )
