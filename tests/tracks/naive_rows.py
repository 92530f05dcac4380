"""Rows, plots, sensors and the sector's field as plain objects: what the slow twins compute with.

`layout` is read here and nowhere else among the twins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from windhover.tracks import layout as at

UPPER = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)]
NEVER = -1e18


@dataclass
class Row:
    """One track in full matrices."""

    mu: np.ndarray  # (3,)
    x: np.ndarray  # (3, 4)
    p: np.ndarray  # (3, 4, 4)
    up: np.ndarray = field(default_factory=lambda: np.zeros(2))  # height, climb
    up_p: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))
    time: float = 0.0
    existence: float = 0.0
    existence_at: float = 0.0
    share: float = 0.0
    claim_weight: float = 0.0
    coop_weight: float = 0.0
    hope: float = 0.0
    name: int = 0
    seed: int = 0
    born_ns: int = 0
    hit_ns: int = 0
    claim: int = 0
    hits: int = 0
    counted: bool = False
    risen: bool = False
    looked: list[float] = field(default_factory=list)  # by sensor, s: last look
    heard: list[float] = field(default_factory=list)  # … and last hit


FLOATS = {
    "time": at.TIME, "existence": at.EX, "existence_at": at.EXT, "share": at.SHARE,
    "claim_weight": at.CLAIM_W, "coop_weight": at.COOP_W, "hope": at.HOPE,
}  # fmt: skip
INTS = {
    "name": at.ID, "seed": at.SEED, "born_ns": at.BORN, "hit_ns": at.HIT, "claim": at.CLAIM,
    "hits": at.HITS,
}  # fmt: skip


def read(
    tf: np.ndarray, i: int, ti: np.ndarray | None = None, seen_at: np.ndarray | None = None
) -> Row:
    x, p = np.zeros((3, 4)), np.zeros((3, 4, 4))
    for m in range(3):
        b = at.MODE + at.STRIDE * m
        x[m] = tf[i, b : b + 4]
        for k, (r, c) in enumerate(UPPER):
            p[m, r, c] = p[m, c, r] = tf[i, b + 4 + k]
    zz, zv, vv = tf[i, at.Z + 2 : at.Z + 5]
    row = Row(
        tf[i, at.MU : at.MU + 3].copy(), x, p, tf[i, at.Z : at.Z + 2].copy(),
        np.array([[zz, zv], [zv, vv]]), **{k: float(tf[i, c]) for k, c in FLOATS.items()},
    )  # fmt: skip
    if ti is not None:
        for key, column in INTS.items():
            setattr(row, key, int(ti[i, column]))
        row.counted = bool(ti[i, at.MARKS] & at.MARK_COUNTED)
        row.risen = bool(ti[i, at.MARKS] & at.MARK_RISEN)
    if seen_at is not None:
        half = seen_at.shape[1] // 2
        row.looked, row.heard = seen_at[i, :half].tolist(), seen_at[i, half:].tolist()
    return row


def write(
    tf: np.ndarray, i: int, row: Row, ti: np.ndarray | None = None,
    seen_at: np.ndarray | None = None,
) -> None:  # fmt: skip
    tf[i, at.MU : at.MU + 3] = row.mu
    for m in range(3):
        b = at.MODE + at.STRIDE * m
        tf[i, b : b + 4] = row.x[m]
        for k, (r, c) in enumerate(UPPER):
            tf[i, b + 4 + k] = row.p[m, r, c]
    tf[i, at.Z : at.Z + 5] = [*row.up, row.up_p[0, 0], row.up_p[0, 1], row.up_p[1, 1]]
    for key, column in FLOATS.items():
        tf[i, column] = getattr(row, key)
    if ti is not None:
        for key, column in INTS.items():
            ti[i, column] = getattr(row, key)
        ti[i, at.MARKS] = at.MARK_COUNTED * row.counted + at.MARK_RISEN * row.risen
    if seen_at is not None:
        seen_at[i] = [*row.looked, *row.heard]


def combine(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Mean (4,) and covariance (4, 4) of the mixture of modes."""
    mean = row.mu @ row.x
    return mean, sum(
        w * (p + np.outer(x - mean, x - mean)) for w, x, p in zip(row.mu, row.x, row.p, strict=True)
    )


class Plot(NamedTuple):
    """One plot in the sector's frame."""

    t: float
    place: np.ndarray  # (2,)
    z: float
    r: np.ndarray  # (2, 2)
    rz: float  # ≤ 0 = no height
    sensor: int
    form: int
    azimuth: float
    range: float
    tilt: np.ndarray  # (2,) how far the place moves per metre of height
    clutter: float
    range_variance: float
    azimuth_variance: float
    elevation: float
    elevation_variance: float
    rate: float
    end: float
    serial: int = 0
    claim: int = 0
    row: int = 0
    time_ns: int = 0


def read_plot(pf: np.ndarray, j: int, pi: np.ndarray | None = None) -> Plot:
    f = pf[j]
    xy = f[at.P_RXY]
    ints = () if pi is None else pi[j, [at.Q_SERIAL, at.Q_CLAIM, at.Q_ROW, at.Q_TIME]].tolist()
    return Plot(
        f[at.P_T], f[[at.P_X, at.P_Y]], f[at.P_Z], np.array([[f[at.P_RXX], xy], [xy, f[at.P_RYY]]]),
        f[at.P_RZ], int(f[at.P_SENSOR]), int(f[at.P_FORM]), f[at.P_AZ], f[at.P_RANGE],
        f[[at.P_TX, at.P_TY]], f[at.P_CLUTTER], f[at.P_RR], f[at.P_RA], f[at.P_EL], f[at.P_RE],
        f[at.P_DOPPLER], f[at.P_END], *ints,
    )  # fmt: skip


def write_plot(pf: np.ndarray, j: int, plot: Plot, pi: np.ndarray | None = None) -> None:
    pf[j, [at.P_T, at.P_Z, at.P_RZ]] = plot.t, plot.z, plot.rz
    pf[j, [at.P_X, at.P_Y]] = plot.place
    pf[j, [at.P_RXX, at.P_RXY, at.P_RYY]] = plot.r[0, 0], plot.r[0, 1], plot.r[1, 1]
    pf[j, [at.P_SENSOR, at.P_FORM, at.P_AZ, at.P_RANGE]] = plot[5:9]
    pf[j, [at.P_TX, at.P_TY]] = plot.tilt
    pf[j, [at.P_CLUTTER, at.P_RR, at.P_RA, at.P_EL, at.P_RE, at.P_DOPPLER, at.P_END]] = plot[10:17]
    if pi is not None:
        pi[j, [at.Q_SERIAL, at.Q_CLAIM, at.Q_ROW, at.Q_TIME]] = plot[17:]


@dataclass
class Sensor:
    """What stands in the sensor table of one sensor; its false plots as a list."""

    place: np.ndarray  # (3,)
    pd: float
    range_min: float
    range_max: float
    period: float
    clutter: float
    kind: int
    horizon: float  # tangent
    frame: float
    last: float
    spread: float
    turning: complex
    first: float
    seen: float
    area: float
    bias: np.ndarray  # (3,) range, azimuth, time
    bias_p: np.ndarray  # (3, 3)
    bias_at: float
    residuals: float
    taken: np.ndarray  # (3,)
    noise: np.ndarray  # (3,) factors of range and azimuth variance, plots they rest on
    looks: np.ndarray  # (12, 2, 2) by range, after a hit or a miss: looks, misses among them
    sees: np.ndarray  # (12, 2) chance of a hit by range, after a hit or a miss
    false: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    """Range, azimuth, height above the sensor or NaN, range rate or NaN, weight."""


def read_sensor(sf: np.ndarray, s: int) -> Sensor:
    f, b, m = sf[s], at.S_BIAS, at.S_MISSES
    p = np.zeros((3, 3))
    p[np.triu_indices(3)] = f[b + 3 : b + 9]
    return Sensor(
        f[at.S_X : at.S_Z + 1].copy(), f[at.S_PD], f[at.S_RMIN], f[at.S_RMAX], f[at.S_PERIOD],
        f[at.S_CLUTTER], int(f[at.S_CLASS]), f[at.S_HORIZON], f[at.S_FRAME], f[at.S_LAST],
        f[at.S_SPREAD], complex(f[at.S_COS], f[at.S_SIN]), f[at.S_FIRST], f[at.S_SEEN], f[at.S_AREA],
        f[b : b + 3].copy(), p + np.triu(p, 1).T, f[b + 9], f[b + 10], f[b + 11 : b + 14].copy(),
        f[at.S_NOISE : at.S_NOISE + 3].copy(), f[m : m + 48].reshape(12, 2, 2).copy(),
        f[m + 48 : m + 72].reshape(12, 2).copy(),
    )  # fmt: skip


@dataclass
class Field:
    """Densities of undetected targets (per m²), births (per m² and s) and their counts."""

    undetected: float = 0.0
    born: float = 0.0
    birth: float = 0.0
    time: float = 0.0
    births: float = 0.0
    span: float = 0.0
    present: float = 0.0
    show: float = 0.5
    lost: float = 0.0
    lost_born: float = 0.0
    delays: float = 0.0


def read_field(array: np.ndarray) -> Field:
    return Field(*array.tolist())


def same_filter(got: Row, want: Row) -> None:
    """Modes and heights alike."""
    np.testing.assert_allclose(got.mu, want.mu, rtol=1e-6, atol=2e-6)
    np.testing.assert_allclose(got.x, want.x, rtol=1e-7, atol=1e-5)
    np.testing.assert_allclose(got.p, want.p, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(got.up, want.up, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(got.up_p, want.up_p, rtol=1e-6, atol=1e-4)


def same(got: Row, want: Row) -> None:
    """Everything alike."""
    same_filter(got, want)
    for key in FLOATS:
        np.testing.assert_allclose(
            getattr(got, key), getattr(want, key), rtol=1e-6, atol=1e-12, err_msg=key
        )
    for key in (*INTS, "counted", "risen"):
        assert getattr(got, key) == getattr(want, key), key
    np.testing.assert_allclose(got.looked, want.looked)
    np.testing.assert_allclose(got.heard, want.heard)


def same_sensor(got: Sensor, want: Sensor) -> None:
    """Everything alike but the list of false plots (`clutter` counts them)."""
    for key in vars(want):
        if key not in ("false", "bias_p"):
            np.testing.assert_allclose(
                getattr(got, key), getattr(want, key), rtol=1e-6, atol=1e-9, err_msg=key
            )
    scale = np.sqrt(np.outer(np.diag(want.bias_p), np.diag(want.bias_p)))
    np.testing.assert_allclose(got.bias_p / scale, want.bias_p / scale, atol=1e-5)
