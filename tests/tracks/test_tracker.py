"""The tracker as its neighbours see it: start, advance."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tracks.site import (
    SECTOR,
    T0,
    fleet,
    radar,
    reported,
    reports,
    seen_by_radar,
)
from windhover import tracks
from windhover.schema.batches import Detections, Kind, Tracks, TrackStatus, Updates
from windhover.schema.place import Sensor
from windhover.units import NS_PER_S


def played(
    sensors: tuple[Sensor, ...], batches: list[Detections], step_s: float = 1.0
) -> tuple[tracks.TrackerState, list[Tracks], list[Updates]]:
    state = tracks.start(SECTOR, sensors)
    pictures, fed = [], []
    for k, batch in enumerate(batches):
        state, picture, updates = tracks.advance(state, batch, T0 + round(k * step_s * NS_PER_S))
        pictures.append(picture)
        fed.append(updates)
    return state, pictures, fed


def nearest(picture: Tracks, place: np.ndarray) -> np.ndarray:
    if not picture.n:
        return np.full(len(place), np.inf)
    gap = np.linalg.norm(picture.state_enu[None, :, :2] - place[:, None, :2], axis=2)
    return np.asarray(gap.min(1))


def test_a_site_with_a_3d_radar_and_reports_shows_every_target_once() -> None:
    rng = np.random.default_rng(1)
    place, velocity = fleet(12, rng)
    batches = [
        Detections.concatenate(
            [
                seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng),
                reported((place + velocity * k)[:4], T0 + k * NS_PER_S, rng, 1, claims=True),
            ]
        )
        for k in range(30)
    ]
    _, pictures, fed = played((radar(), reports()), batches)
    last = pictures[-1]
    gap = nearest(last, place + velocity * 29)
    # One of 12 may just have been missed three times running; the median says how good the rest is.
    assert 11 <= last.n <= 12 and np.sort(gap)[-2] < 90.0 and np.median(gap) < 40.0
    assert last.track_id.min() >= 1 and len(np.unique(last.track_id)) == last.n
    held = last.claimed_id[last.claimed_id > 0]
    assert sorted(held.tolist()) == [1000, 1001, 1002, 1003]
    assert last.claim_weight[last.claimed_id > 0].min() > 0.9
    for picture, updates, batch in zip(pictures, fed, batches, strict=True):
        assert len(np.unique(updates.detection_row)) == updates.n <= batch.n
        assert updates.n == 0 or updates.track_row.max() < picture.n
    held_by = np.hypot(
        *(last.state_enu[:, None, :2] - (place + velocity * 29)[None, :, :2]).transpose(2, 0, 1)
    ).argmin(1)
    assert np.abs(last.state_enu[:, 2] - place[held_by, 2]).max() < 150.0
    np.linalg.cholesky(last.covariance_enu)


@pytest.mark.parametrize("kind", [Kind.GROUND_RANGE_AZIMUTH, Kind.RANGE_AZIMUTH])
def test_two_dimensional_radars_track(kind: Kind) -> None:
    rng = np.random.default_rng(2)
    place, velocity = fleet(10, rng)
    batches = [
        seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, kind=kind) for k in range(20)
    ]
    _, pictures, _ = played((radar(kind="radar_2d"),), batches)
    # Slant range places an object only as well as its height is known.
    assert np.median(nearest(pictures[-1], place + velocity * 19)) < 60.0
    assert 10 <= pictures[-1].n <= 12


def test_positions_without_height_track() -> None:
    rng = np.random.default_rng(3)
    place, velocity = fleet(8, rng, 30_000.0)
    batches = [
        reported(place + velocity * k, T0 + k * NS_PER_S, rng, height=False) for k in range(15)
    ]
    _, pictures, fed = played((reports(),), batches)
    assert pictures[-1].n == 8
    assert nearest(pictures[-1], place + velocity * 14).max() < 60.0
    assert np.isnan(fed[-1].position_enu[:, 2]).all()
    assert (pictures[-1].covariance_enu[:, 2, 2] > 500.0**2).all()


def test_late_plots_give_what_they_had_given_in_time() -> None:
    rng = np.random.default_rng(4)
    place, velocity = fleet(10, rng)
    sensors = (radar(kind="radar_2d"), reports())
    parts = []
    for k in range(25):
        now = place + velocity * k
        scan = seen_by_radar(now, T0 + k * NS_PER_S, rng, kind=Kind.GROUND_RANGE_AZIMUTH)
        more = reported(
            now[:5] + velocity[:5] * 0.4, T0 + k * NS_PER_S + 4 * NS_PER_S // 10, rng, 1
        )
        parts += [scan, more]
    everything = Detections.concatenate(parts)
    in_time = everything.time_ns
    arrives = in_time + (rng.exponential(0.6, len(in_time)).clip(0, 2.5) * NS_PER_S).astype(int)

    def fed(when: np.ndarray) -> tuple[tracks.TrackerState, Tracks]:
        order = np.argsort(when, kind="stable")
        state = tracks.start(SECTOR, sensors)
        edges = np.searchsorted(when[order], T0 + np.arange(1, 31) * NS_PER_S)
        a = 0
        for k, b in enumerate(edges.tolist()):
            batch = everything.take(order[a:b])
            state, picture, _ = tracks.advance(state, batch, T0 + (k + 1) * NS_PER_S)
            a = b
        return state, picture

    late, punctual = fed(arrives), fed(in_time)
    assert late[0].dropped_late == 0
    a, b = np.argsort(late[1].state_enu[:, 0]), np.argsort(punctual[1].state_enu[:, 0])
    assert late[1].n == punctual[1].n
    np.testing.assert_allclose(late[1].state_enu[a], punctual[1].state_enu[b], atol=1e-6)
    np.testing.assert_allclose(late[1].existence[a], punctual[1].existence[b], atol=1e-9)


@pytest.mark.parametrize("step_s", [0.05, 0.4, 2.5])
def test_how_the_plots_are_cut_into_batches_does_not_matter(step_s: float) -> None:
    rng = np.random.default_rng(21)
    place, velocity = fleet(12, rng)
    parts = []
    for k in range(20):
        scan = seen_by_radar(place + velocity * k, T0, rng, 0, 0.9, 30.0)
        phase = (scan.value[:, 1] + np.pi) / (2 * np.pi) % 1.0
        scan.time_ns[:] = T0 + ((k + phase) * NS_PER_S).astype(np.int64)
        parts += [scan, reported((place + velocity * k)[:6], T0 + k * NS_PER_S, rng, 1)]
    rows = Detections.concatenate(parts)
    arrives = rows.time_ns + (rng.exponential(0.15, rows.n) * NS_PER_S).astype(np.int64)
    order = np.argsort(arrives, kind="stable")
    rows, arrives = rows.take(order), arrives[order]

    def fed(cut_s: float) -> Tracks:
        state = tracks.start(SECTOR, (radar(), reports()))
        a = 0
        for now in (T0 + np.arange(cut_s, 25.01, cut_s) * NS_PER_S).astype(np.int64):
            b = int(np.searchsorted(arrives, now))
            state, _, _ = tracks.advance(state, rows.take(slice(a, b)), int(now))
            a = b
        end_ns = T0 + 26 * NS_PER_S
        return tracks.advance(state, rows.take(slice(a, rows.n)), end_ns)[1]

    one, other = fed(1.0), fed(step_s)
    assert one.n == other.n >= 11
    a, b = np.argsort(one.state_enu[:, 0]), np.argsort(other.state_enu[:, 0])
    np.testing.assert_array_equal(one.state_enu[a], other.state_enu[b])
    np.testing.assert_array_equal(one.existence[a], other.existence[b])


def test_the_first_late_plot_of_all_finds_its_way_back() -> None:
    """While nothing comes late, copies are kept rarely; the oldest plot that is taken still has one."""
    rng = np.random.default_rng(11)
    place, velocity = fleet(6, rng)
    scans = [
        seen_by_radar(place + velocity * k, T0 + k * NS_PER_S, rng, kind=Kind.GROUND_RANGE_AZIMUTH)
        for k in range(20)
    ]
    for missing in (14, 15, 16):
        ends, copies = [], []
        for late in (False, True):
            state = tracks.start(SECTOR, (radar(kind="radar_2d"),))
            for k in range(18):
                now_ns = T0 + k * NS_PER_S
                if k != missing or not late:
                    state, picture, _ = tracks.advance(state, scans[k], now_ns)
            copies.append(len(state.snapshots))
            if late:
                state, picture, _ = tracks.advance(state, scans[missing], now_ns)
            assert state.dropped_late == 0
            state, _, _ = tracks.advance(state, scans[18], now_ns + NS_PER_S)
            ends.append((picture, state))
        assert max(copies) <= 3
        for one, other in zip(ends[0][0], ends[1][0], strict=True):
            np.testing.assert_array_equal(one, other)
        assert ends[1][1].went_back_s > ends[0][1].went_back_s


def test_plots_older_than_the_window_are_counted_and_left() -> None:
    rng = np.random.default_rng(5)
    place, velocity = fleet(3, rng)
    batches = [reported(place + velocity * k, T0 + k * NS_PER_S, rng) for k in range(8)]
    batches.append(reported(place, T0, rng))
    state, pictures, _ = played((reports(),), batches)
    assert state.dropped_late == 3
    assert pictures[-1].n == 3


def test_a_bearing_never_starts_a_track_and_helps_one() -> None:
    rng = np.random.default_rng(6)
    ear = radar("ear", "rf", range_max_m=15_000.0, sigma_azimuth_rad=0.005, clutter_per_scan=1.0)
    only = Detections.empty(5)
    only.kind[:], only.time_ns[:] = Kind.AZIMUTH, T0
    only.value[:, 0] = 1.0
    only.covariance[:, 0, 0] = 0.005**2
    state, pictures, _ = played((ear,), [only] * 5)
    assert pictures[-1].n == 0 and state.belief.rows == 0

    place, velocity = np.array([[6000.0, 5000.0, 300.0]]), np.array([[10.0, 0.0, 0.0]])
    batches = []
    for k in range(20):
        now, at_ns = place + velocity * k, T0 + k * NS_PER_S
        scan = seen_by_radar(now, at_ns, rng, 0, 1.0, 5.0, Kind.GROUND_RANGE_AZIMUTH)
        heard = Detections.empty(1)
        heard.kind[:], heard.sensor[:], heard.time_ns[:] = Kind.AZIMUTH, 1, at_ns
        heard.value[0, 0] = np.arctan2(now[0, 0], now[0, 1]) + rng.normal(0, 0.001)
        heard.covariance[0, 0, 0] = 0.001**2
        batches.append(Detections.concatenate([scan, heard]))
    sharp = radar("ear", "rf", range_max_m=15_000.0, sigma_azimuth_rad=0.001, clutter_per_scan=1.0)
    _, with_ear, _ = played((radar(kind="radar_2d"), sharp), batches)
    _, without, _ = played(
        (radar(kind="radar_2d"), sharp), [b.take(b.sensor == 0) for b in batches]
    )
    assert with_ear[-1].n == without[-1].n == 1
    spread = [float(np.trace(p[-1].covariance_enu[0, :2, :2])) for p in (with_ear, without)]
    assert spread[0] < 0.7 * spread[1]


def test_a_slow_radar_is_not_blamed_for_scans_it_has_not_made() -> None:
    rng = np.random.default_rng(7)
    slow = radar(kind="radar_2d", period_s=4.0, clutter_per_scan=5.0)
    place, velocity = fleet(5, rng)
    batches = []
    for k in range(40):
        scan = seen_by_radar(
            place + velocity * k, T0 + k * NS_PER_S, rng, 0, 1.0, 5.0, Kind.GROUND_RANGE_AZIMUTH
        )
        batches.append(scan if k % 4 == 0 else Detections.empty())
    _, pictures, _ = played((slow,), batches)
    assert all(p.n == 5 for p in pictures[24:])
    assert all((p.existence > 0.9).all() for p in pictures[24:])
    assert all((p.status == TrackStatus.CONFIRMED).all() for p in pictures[24:])


def test_a_rotating_radar_looks_when_its_beam_passes() -> None:
    """Plots timed by azimuth; a target that stops answering is gone after a few turns, not sooner."""
    rng = np.random.default_rng(8)
    turning = radar(kind="radar_2d", period_s=4.0, clutter_per_scan=10.0)
    place, velocity = fleet(6, rng)
    parts = []
    for turn in range(15):
        scan = seen_by_radar(
            (place + velocity * 4 * turn)[: 6 if turn < 10 else 5], T0, rng, 0, 1.0, 10.0,
            Kind.GROUND_RANGE_AZIMUTH,
        )  # fmt: skip
        phase = (scan.value[:, 1] + np.pi) / (2 * np.pi) % 1.0
        scan.time_ns[:] = T0 + ((turn + phase) * 4.0 * NS_PER_S).astype(np.int64)
        parts.append(scan)
    rows = Detections.concatenate(parts)
    rows = rows.take(np.argsort(rows.time_ns, kind="stable"))
    edges = np.searchsorted(rows.time_ns, T0 + np.arange(0, 61) * NS_PER_S)
    batches = [rows.take(slice(a, b)) for a, b in zip([0, *edges[:-1]], edges, strict=True)]
    _, pictures, _ = played((turning,), batches)
    assert all(p.n == 6 for p in pictures[24:40])
    assert pictures[-1].n == 5
