"""The slow twin of the wind field: the textbook kriging equations, one query and source at a time."""

from __future__ import annotations

import math

import numpy as np

from windhover.air import wind


def krige_one(query: np.ndarray, sample: np.ndarray, values: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, float]:  # fmt: skip
    """Mean (2,) and variance of one query (4,) from samples (R, 4); Cressie 1993, §3.4.5."""

    def scale(place: np.ndarray) -> float:
        height = min(math.expm1(place[3]) * wind.LOG_HEIGHT_SCALE_M, wind.HIGHEST_M)
        return 1.0 + height / wind.CLIMATE_HEIGHT_M

    def covariance(a: np.ndarray, b: np.ndarray) -> float:
        east = (a[2] - b[2]) * math.cos(a[1])
        apart = abs(a[0] - b[0]) / wind.CORRELATION_TIME_H
        apart += math.hypot(east, a[1] - b[1]) * 6_371_000.0 / wind.CORRELATION_LENGTH_M
        apart += abs(a[3] - b[3]) / wind.CORRELATION_LOG_HEIGHT
        return wind.CLIMATE_SIGMA_M_S**2 * scale(a) * scale(b) * math.exp(-apart)

    order = sorted(
        range(len(sample)), key=lambda i: -covariance(query, sample[i]) / scale(sample[i])
    )
    near = order[: wind.NEAREST]
    among = np.array([[covariance(sample[i], sample[j]) for j in near] for i in near])
    among += np.diag(sigma[near] ** 2)
    towards = np.array([covariance(query, sample[i]) for i in near])
    gain = np.linalg.inv(among) @ towards
    return gain @ values[near], covariance(query, query) - float(gain @ towards)
