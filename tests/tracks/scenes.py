"""Random frames: a few rows of every age, five kinds of sensor, and the plots of one of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tests.tracks import naive, naive_rows
from tests.tracks.naive_rows import Field, Plot, Row, Sensor
from tests.tracks.site import FRAME, SECTOR, radar, reports
from windhover.geo.frames import from_enu
from windhover.schema.place import Point
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.imm import combine
from windhover.tracks.measure import sensor_table
from windhover.tracks.misses import believe
from windhover.tracks.step import HEIGHT

TABLE = models.table()
ROOM = 200


def ear(name: str, east_m: float) -> object:
    latitude, longitude, height = from_enu(FRAME, np.array([east_m, 500.0, 10.0]))
    return radar(
        name, "rf", position=Point(float(latitude), float(longitude)),
        height_ellipsoid_m=float(height), range_min_m=0.0, range_max_m=25_000.0,
        detection_probability=0.8,
    )  # fmt: skip


SENSORS = (
    radar(), radar("flat", "radar_2d"), reports(), ear("west", -4000.0), ear("east", 4000.0),
)  # fmt: skip
FORMS = (at.FORM_PLACE, at.FORM_SLANT, at.FORM_PLACE, at.FORM_BEARING, at.FORM_BEARING)


class Scene(NamedTuple):
    """Arrays as the kernels want them; frame of sensor s, whose last plot is at 1 s."""

    tf: np.ndarray
    ti: np.ndarray
    seen_at: np.ndarray
    rows: int
    sf: np.ndarray
    s: int
    field: np.ndarray
    pf: np.ndarray
    pi: np.ndarray

    def twins(self) -> tuple[list[Row], list[Sensor], Field, list[Plot]]:
        """The same as objects."""
        return (
            [naive_rows.read(self.tf, i, self.ti, self.seen_at) for i in range(self.rows)],
            [naive_rows.read_sensor(self.sf, s) for s in range(len(self.sf))],
            naive_rows.read_field(self.field),
            [naive_rows.read_plot(self.pf, j, self.pi) for j in range(len(self.pf))],
        )

    def copy(self) -> Scene:
        return Scene(*(a.copy() if isinstance(a, np.ndarray) else a for a in self))


def a_settled_row(rng: np.random.Generator, place: np.ndarray) -> Row:
    x = np.r_[place, rng.normal(0, 25, 2)] + rng.normal(0, 3, (3, 4))
    p = np.zeros((3, 4, 4))
    for m in range(3):
        a = rng.normal(0, 1, (4, 4)) * np.array([15.0, 15.0, 3.0, 3.0])[:, None]
        p[m] = a @ a.T / 4 + np.diag([80.0, 80.0, 2.0, 2.0])
    up = np.array([rng.uniform(-50, 900), rng.normal(0, 2)])
    return Row(rng.dirichlet([4, 4, 2]), x, p, up, np.array([[300.0, 5.0], [5.0, 9.0]]))


def scene(seed: int, kind: int | None = None) -> Scene:
    rng = np.random.default_rng(seed)
    sf, _ = sensor_table(SENSORS, FRAME, SECTOR.radius_m)
    s = int(rng.integers(0, 5)) if kind is None else kind
    sf[:, at.S_SPREAD] = rng.choice([0.0, 1.0], 5)
    turning = rng.uniform(0, 2 * np.pi, 5)
    beam = rng.choice([0.3, 0.97], 5)
    sf[:, at.S_COS], sf[:, at.S_SIN] = beam * np.cos(turning), beam * np.sin(turning)
    sf[:, [at.S_FIRST, at.S_LAST]] = -9.0, -0.2
    if rng.random() < 0.5:
        sf[:, at.S_BIAS + 10] = 12.0
        sf[:, at.S_NOISE : at.S_NOISE + 3] = *rng.uniform(0.2, 4.0, 2), 40.0
        looks = rng.integers(0, 60, 24)
        misses = rng.integers(0, looks + 1)
        sf[:, at.S_MISSES : at.S_MISSES + 48] = np.column_stack([looks, misses]).ravel()
        for k in range(5):
            believe(sf, k)
    tf, ti = np.zeros((ROOM, at.TRACK_F)), np.zeros((ROOM, at.TRACK_I), np.int64)
    seen_at = np.full((ROOM, 10), -1e18)
    count, rows = int(rng.integers(1, 8)), []
    for i in range(count):
        place = rng.uniform(-7000, 7000, 2) if i % 3 else np.array([3000.0, 2500.0])
        hits = int(rng.choice([1, 2, 6, 9]))
        row = a_settled_row(rng, place + rng.normal(0, 25, 2))
        if hits == 1:
            seen = naive.Seen(place, 200.0 * np.eye(2), 300.0, rng.choice([0.0, 400.0]))
            row = naive.begin(0.0, seen, TABLE, HEIGHT, 0.5)
        row.existence, row.hits, row.seed = float(10 ** rng.uniform(-3, 0)), hits, 100 + i
        row.hope, row.share = float(10 ** rng.uniform(-4, 0)), float(rng.random())
        row.name = int(rng.choice([0, 50 + i]))
        row.risen, row.counted = bool(row.name), bool(rng.random() < 0.3)
        row.claim = int(rng.choice([0, 7]))
        row.coop_weight, row.claim_weight = 4.0, float(rng.choice([0.5, 4.0]))
        row.looked = rng.uniform(-2.0, -0.1, 5).tolist()
        row.heard = np.where(rng.random(5) < 0.4, -1e18, rng.uniform(-2.0, -0.1, 5)).tolist()
        naive_rows.write(tf, i, row, ti, seen_at)
        combine(tf, i)
        rows.append(row)
    n = int(rng.integers(1, 7))
    pf, pi = np.zeros((n, at.PLOT_F)), np.zeros((n, at.PLOT_I), np.int64)
    times = np.sort(rng.uniform(0.6, 1.0, n))
    for j in range(n):
        near = rows[int(rng.integers(0, count))]
        here = near.mu @ near.x
        place = here[:2] + times[j] * here[2:] + rng.normal(0, 15, 2)
        if rng.random() < 0.3:
            place = rng.uniform(-7000, 7000, 2)
        write_plot(pf, pi, j, rng, sf, s, place, float(near.up[0]), float(times[j]))
    field = np.zeros(at.FIELD_F)
    field[:8] = 2e-9, 1e-9, 1e-12, -0.2, 1.0, 30.0, 3.0, 0.5
    return Scene(tf, ti, seen_at, count, sf, s, field, pf, pi)


def write_plot(
    pf: np.ndarray, pi: np.ndarray, j: int, rng: np.random.Generator, sf: np.ndarray, s: int,
    place: np.ndarray, height: float, t: float,
) -> None:  # fmt: skip
    """What sensor s would make of something at that place."""
    form, base = FORMS[s], sf[s, at.S_X : at.S_Z + 1]
    away = place - base[:2]
    high = form == at.FORM_PLACE and rng.random() < 0.7
    form = at.FORM_FLAT if s == 2 and not high else form
    aimed = form in (at.FORM_SLANT, at.FORM_BEARING)
    reach = float(np.hypot(*away))
    naive_rows.write_plot(pf, j, Plot(
        t=t, place=base[:2] if form == at.FORM_BEARING else place, z=height + rng.normal(0, 15) if high else 0.0,
        r=np.zeros((2, 2)) if form == at.FORM_BEARING else np.diag(rng.uniform(100, 400, 2)),
        rz=225.0 if high else 0.0, sensor=s, form=form, azimuth=float(np.arctan2(*away)),
        range=float(np.hypot(reach, height - base[2])) if form == at.FORM_SLANT else reach,
        tilt=rng.normal(0, 0.01, 2) if form == at.FORM_FLAT else np.zeros(2),
        clutter=0.16 if form == at.FORM_BEARING else 1e-9 / (1e4 if high else 1.0),
        range_variance=100.0 if aimed else 0.0, azimuth_variance=1e-4 if aimed else 0.0,
        elevation=float(np.arctan2(height - base[2], reach)), elevation_variance=(
            1e-4 if form == at.FORM_BEARING and rng.random() < 0.4 else 0.0
        ), rate=float(rng.normal(0, 9)) if s < 2 and rng.random() < 0.4 else np.nan, end=1.0,
        serial=500 + j, claim=int(rng.choice([0, 7, 8])) if s == 2 else 0, row=j,
        time_ns=int(t * 1e9),
    ), pi)  # fmt: skip
