"""The filter of one track: each kernel against its slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracks import naive, naive_rows
from tests.tracks.naive_rows import Plot, Sensor, same_filter
from windhover.tracks import layout as at
from windhover.tracks import models
from windhover.tracks.doppler import density, fits, of_a_stranger, refine, sight
from windhover.tracks.imm import begin, coefficients, combine, predict
from windhover.tracks.step import HEIGHT, LIFT
from windhover.tracks.update import likelihood, see, update, young_likelihood

TABLE = models.table()
NO_MORE = naive.NO_MORE
FORMS = (at.FORM_PLACE, at.FORM_SLANT, at.FORM_BEARING, at.FORM_FLAT)
seeds = st.integers(0, 2**32 - 1)


def a_row(rng: np.random.Generator) -> np.ndarray:
    """A track that could be: three modes near one another, proper covariances."""
    tf = np.zeros((2, at.TRACK_F))
    x = np.array([3000.0, -2000.0, 20.0, -5.0]) + rng.normal(0, 5, (3, 4))
    p = np.zeros((3, 4, 4))
    for m in range(3):
        a = rng.normal(0, 1, (4, 4)) * np.array([30.0, 30.0, 5.0, 5.0])[:, None]
        p[m] = a @ a.T + np.diag([100.0, 100.0, 1.0, 1.0])
    naive.write(tf, 0, naive.Row(rng.dirichlet([2, 2, 2]), x, p))
    tf[0, at.Z : at.Z + 5] = [800.0, 1.0, 400.0, 10.0, 4.0]
    combine(tf, 0)
    return tf


def a_sensor(rng: np.random.Generator) -> tuple[np.ndarray, Sensor]:
    sf = np.zeros((1, at.SENSOR_F))
    sf[0, at.S_X : at.S_Z + 1] = rng.normal(0, 500, 3)
    return sf, naive_rows.read_sensor(sf, 0)


def a_plot(
    rng: np.random.Generator, form: int = at.FORM_PLACE, high: bool = False, rate: float = np.nan
) -> Plot:
    """Near the row of `a_row`, within 0.3 s of it."""
    a = rng.normal(0, 20, (2, 2))
    place = np.array([3000.0, -2000.0]) + rng.normal(0, 40, 2)
    aimed = form in (at.FORM_BEARING, at.FORM_SLANT)
    return Plot(
        t=float(rng.uniform(-0.3, 0.3)), place=place, z=float(rng.normal(800, 30)),
        r=np.zeros((2, 2)) if form == at.FORM_BEARING else a @ a.T + np.diag([50.0, 50.0]),
        rz=400.0 if high and form == at.FORM_PLACE else 0.0, sensor=0, form=form,
        azimuth=float(np.arctan2(*place) + rng.normal(0, 0.02)),
        range=float(np.hypot(*place) * rng.uniform(0.9, 1.2)),
        tilt=rng.normal(0, 0.02, 2) if form == at.FORM_FLAT else np.zeros(2), clutter=1e-8,
        range_variance=100.0 if aimed else 0.0, azimuth_variance=1e-4 if aimed else 0.0,
        elevation=float(rng.uniform(-0.2, 0.6)) if form == at.FORM_BEARING else 0.0,
        elevation_variance=1e-4 if high and form == at.FORM_BEARING else 0.0, rate=rate, end=1.0,
    )  # fmt: skip


def as_plots(plots: list[Plot]) -> np.ndarray:
    pf = np.zeros((len(plots), at.PLOT_F))
    for j, plot in enumerate(plots):
        naive_rows.write_plot(pf, j, plot)
    return pf


@settings(max_examples=40)
@given(st.floats(1e-6, 60.0), st.sampled_from([0.0, 1e-9, 0.015, 0.1]))
def test_coefficients_are_those_of_the_matrix_exponential(dt: float, decay: float) -> None:
    table = TABLE.copy()
    table[0, 0] = decay
    coef = np.zeros(36)
    coefficients(dt, table, coef)
    moves, pi = naive.coefficients(dt, table)
    assert coef[0] == dt
    for m, (f, q) in enumerate(moves):
        want = [f[2, 2], f[0, 2], q[0, 0], q[0, 2], q[2, 2]]
        scale = [1.0, dt, dt**3, dt**2, dt]
        np.testing.assert_allclose(coef[1 + 5 * m : 6 + 5 * m] / scale, want / np.array(scale), rtol=1e-4, atol=1e-9)  # fmt: skip
    np.testing.assert_allclose(coef[16:25].reshape(3, 3), pi, rtol=1e-12, atol=1e-15)


@settings(max_examples=40)
@given(seeds, st.floats(-5.0, 30.0))
def test_predict_is_the_textbook_imm(seed: int, to_s: float) -> None:
    tf = a_row(np.random.default_rng(seed))
    before = naive.read(tf, 0)
    predict(tf, 0, to_s, TABLE, np.zeros((3, 14)), np.zeros(36), LIFT)
    same_filter(naive.read(tf, 0), naive.predict(before, to_s, TABLE, LIFT))
    assert tf[0, at.TIME] == max(to_s, 0.0)


@settings(max_examples=30)
@given(seeds)
def test_a_row_s_gate_is_that_of_its_mixture(seed: int) -> None:
    tf = a_row(np.random.default_rng(seed))
    combine(tf, 0)
    mean, cov = naive.combine(naive.read(tf, 0))
    np.testing.assert_allclose(tf[0, at.GX : at.GX + 4], mean)
    places = [(0, 0), (1, 1), (0, 2), (1, 3), (2, 2), (3, 3)]
    np.testing.assert_allclose(tf[0, at.GP : at.GP + 6], [cov[p] for p in places])
    assert tf[0, at.GXY] == pytest.approx(cov[0, 1])


@settings(max_examples=80)
@given(seeds, st.sampled_from(FORMS), st.booleans(), st.sampled_from([np.nan, -20.0, 3.0, 900.0]))
def test_a_plot_is_seen_as_the_row_completes_it(
    seed: int, form: int, high: bool, rate: float
) -> None:
    rng = np.random.default_rng(seed)
    tf, (sf, sensor), plot = a_row(rng), a_sensor(rng), a_plot(rng, form, high, rate)
    if seed % 3 == 0:
        tf[0, at.Z : at.Z + 3] = 9000.0, 0.0, rng.choice([1e6, 5e6])  # higher than the plot is far
    if seed % 5 == 0:
        plot = plot._replace(place=sensor.place[:2] + 0.1)
    seen = np.zeros(12)
    see(tf, 0, as_plots([plot]), 0, sf, 0, seen)
    want = naive.as_array(naive.see(naive.read(tf, 0), plot, sensor))
    if np.isnan(want[11]):
        seen[8:11] = want[8:11] = 0.0  # a line of sight that nobody asks for
    np.testing.assert_allclose(seen, want, rtol=1e-6, atol=1e-6)
    line, told = naive.sight(naive.read(tf, 0), plot, sensor)
    sight(tf, 0, as_plots([plot]), 0, sf, 0, seen)
    assert np.isnan(seen[11]) == np.isnan(told)
    if np.isfinite(told):
        np.testing.assert_allclose(seen[8:12], [*line, told])


def some_seen(rng: np.random.Generator, high: bool, rated: bool, factor: float) -> naive.Seen:
    a, line = rng.normal(0, 20, (2, 2)), rng.normal(0, 1, 3)
    return naive.Seen(
        np.array([3000.0, -2000.0]) + rng.normal(0, 60, 2), a @ a.T + np.diag([50.0, 50.0]),
        float(rng.normal(800, 60)), 300.0 if high else 0.0, factor, line / np.linalg.norm(line),
        float(rng.normal(0, 20)) if rated else np.nan,
    )  # fmt: skip


@settings(max_examples=60)
@given(seeds, st.floats(-0.5, 2.0), st.booleans(), st.booleans(), st.sampled_from([0.0, 9.0]))
def test_likelihood_is_the_normal_density(
    seed: int, dt: float, high: bool, rated: bool, factor: float
) -> None:
    rng = np.random.default_rng(seed)
    tf, seen = a_row(rng), some_seen(rng, high, rated, factor)
    if seed % 4 == 0:
        tf[0, at.MU : at.MU + 3] = 0.0, 1.0, 0.0
    out = np.zeros(4)
    near = likelihood(tf, 0, dt, naive.as_array(seen), out)
    want_near, want, mixed = naive.likelihood(naive.read(tf, 0), dt, seen)
    assert near == pytest.approx(want_near)
    np.testing.assert_allclose(out, [*want, mixed], rtol=1e-8, atol=1e-30)
    for m in range(3):
        got = fits(tf, 0, m, naive.as_array(seen))
        assert got == pytest.approx(naive.fits(naive.read(tf, 0), m, seen))


@given(st.floats(-500.0, 500.0), st.floats(0.1, 1e4))
def test_the_density_of_a_range_rate(gap: float, variance: float) -> None:
    assert density(gap, variance) == pytest.approx(naive.density(gap, variance))
    assert of_a_stranger(gap, TABLE) == pytest.approx(naive.of_a_stranger(gap, TABLE))
    assert of_a_stranger(np.nan, TABLE) == naive.of_a_stranger(np.nan, TABLE) == 1.0


@settings(max_examples=60)
@given(seeds, st.booleans(), st.floats(-60.0, 60.0))
def test_a_range_rate_is_one_more_kalman_update(seed: int, rated: bool, off_m_s: float) -> None:
    rng = np.random.default_rng(seed)
    tf, seen = a_row(rng), some_seen(rng, True, rated, 0.0)
    row = naive.read(tf, 0)
    if rated:
        usual = seen.sight[:2] @ row.x[1, 2:] + seen.sight[2] * row.up[1]
        seen = seen._replace(rate=float(usual) + off_m_s)
    moved, less = rng.normal(0, 3, 4), -0.2 * row.p[1]
    step = np.array([*moved, *(less[p] for p in naive_rows.UPPER)])
    refine(tf, 0, 1, naive.as_array(seen), step)
    x, p = naive.refine(row.x[1] + moved, row.p[1] + less, row, seen)
    np.testing.assert_allclose(step[:4], x - row.x[1], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(step[4:], [(p - row.p[1])[c] for c in naive_rows.UPPER], rtol=1e-7, atol=1e-7)  # fmt: skip


@settings(max_examples=60)
@given(seeds, st.integers(1, 4), st.floats(0.0, 0.9), st.sampled_from(FORMS), st.booleans())
def test_update_keeps_the_moments_of_all_hypotheses(
    seed: int, count: int, missed: float, form: int, rich: bool
) -> None:
    rng = np.random.default_rng(seed)
    tf, (sf, sensor) = a_row(rng), a_sensor(rng)
    plots = [a_plot(rng, form, rich, -17.0 if rich else np.nan) for _ in range(count)]
    if seed % 3 == 0:
        plots[0] = plots[0]._replace(z=3000.0)  # a height that is another's
    row, weight = naive.read(tf, 0), rng.uniform(0.05, 1.0, count)
    like = np.zeros((count, 4))
    for j, plot in enumerate(plots):
        _, like[j, :3], like[j, 3] = naive.likelihood(row, plot.t, naive.see(row, plot, sensor))
    update(
        tf, 0, missed, weight, like, np.arange(count), as_plots(plots), 0, count, 0, sf, 0,
        np.zeros(12), np.zeros(46),
    )  # fmt: skip
    fed = [(p, like[j, :3], float(weight[j])) for j, p in enumerate(plots)]
    same_filter(naive.read(tf, 0), naive.update(row, missed, fed, sensor))


@settings(max_examples=50)
@given(seeds, st.booleans(), st.booleans())
def test_a_row_begins_with_what_its_plot_says(seed: int, high: bool, rated: bool) -> None:
    rng = np.random.default_rng(seed)
    seen = some_seen(rng, high, rated, 0.0)
    tf = rng.normal(0, 1, (1, at.TRACK_F))
    begin(tf, 0, 4.0, naive.as_array(seen), TABLE, HEIGHT, 0.3)
    got = naive.read(tf, 0)
    same_filter(got, naive.begin(4.0, seen, TABLE, HEIGHT, 0.3))
    assert (got.time, got.existence, got.existence_at) == (4.0, 0.3, 4.0)
    np.testing.assert_allclose(tf[0, at.GX : at.GX + 4], naive.combine(got)[0], atol=1e-9)


@settings(max_examples=60)
@given(seeds, st.floats(-1.0, 4.0), st.booleans(), st.booleans())
def test_a_young_row_sees_each_speed_apart(seed: int, dt: float, high: bool, rated: bool) -> None:
    rng = np.random.default_rng(seed)
    tf = np.zeros((1, at.TRACK_F))
    first = some_seen(rng, high, rated, 0.0)
    begin(tf, 0, 0.0, naive.as_array(first), TABLE, HEIGHT, 0.5)
    seen = some_seen(rng, high, rated, 0.0)
    seen = seen._replace(z=first.z + rng.normal(0, 9.0 * abs(dt) + 30, 2))
    out = np.zeros(4)
    near = young_likelihood(tf, 0, dt, naive.as_array(seen), TABLE, np.zeros(36), out)
    want_near, want, mixed = naive.young_likelihood(naive.read(tf, 0), dt, seen, TABLE)
    assert near == pytest.approx(want_near)
    np.testing.assert_allclose(out, [*want, mixed], rtol=1e-7, atol=1e-30)


@settings(max_examples=30)
@given(seeds, st.floats(0.05, 4.0))
def test_that_shortcut_is_near_what_prediction_gives(seed: int, dt: float) -> None:
    """It leaves mode mixing out, which for modes of one mean changes densities little."""
    rng = np.random.default_rng(seed)
    first = naive.Seen(np.zeros(2), np.array([[400.0, 30.0], [30.0, 900.0]]))
    seen = naive.Seen(rng.normal(0, 9.0 * dt + 30, 2), 500.0 * np.eye(2))
    row = naive.begin(0.0, first, TABLE, HEIGHT, 0.5)
    quick = naive.young_likelihood(row, dt, seen, TABLE)[2]
    full = naive.likelihood(naive.predict(row, dt, TABLE, LIFT), 0.0, seen)[2]
    assert quick == pytest.approx(full, rel=0.35, abs=1e-9)
