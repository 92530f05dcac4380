"""The live frame: agrees with its slow twin, comes back whole, and deltas add up to the full frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server import naive
from windhover import picture as pictures
from windhover.exercises import el_paso
from windhover.schema.batches import Detections
from windhover.server import frames
from windhover.server.frames import COLUMNS, Rows

f32 = st.floats(width=32, allow_infinity=False)
byte = st.integers(0, 255)
i32 = st.integers(-(2**31), 2**31 - 1)


@st.composite
def row(draw: st.DrawFn) -> tuple[Any, ...]:
    """One row without its id."""
    return (draw(i32), draw(i32), *(draw(f32) for _ in range(9)), *(draw(byte) for _ in range(5)))


@st.composite
def table(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    ids = sorted(draw(st.sets(st.integers(0, 2**32 - 1), max_size=8)))
    return [(track_id, *draw(row())) for track_id in ids]


def as_rows(rows: list[tuple[Any, ...]]) -> Rows:
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    return Rows._make(
        np.array(column, np.dtype(kind)) for column, (_, kind) in zip(columns, COLUMNS, strict=True)
    )


def same(one: Rows, other: Rows) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


@given(table(), st.lists(st.integers(0, 2**32 - 1), max_size=4), st.integers(0, 2**32 - 1), i32)
def test_the_bytes_are_the_slow_twins(
    rows: list[tuple[Any, ...]], removed: list[int], sequence: int, now: int
) -> None:
    packed = frames.pack(
        as_rows(rows), np.array(removed, np.uint32),
        sequence=sequence, now_ns=now * 10**9, flags=3, cold_revision=7,
    )  # fmt: skip
    assert packed == naive.pack(rows, removed, sequence, now * 10**9, 3, 7)
    head, back, gone = frames.unpack(packed)
    assert head == (sequence, now * 10**9, len(rows), 3, len(removed), 7)
    assert same(back, as_rows(rows)) and gone.tolist() == removed


@given(table(), table())
def test_a_delta_makes_the_new_frame_of_the_old(
    before: list[tuple[Any, ...]], now: list[tuple[Any, ...]]
) -> None:
    old, new = as_rows(before), as_rows(now)
    changed, removed = frames.difference(old, new)
    there = frames.patched(old, changed, removed, 1.0)
    assert there.track_id.tolist() == new.track_id.tolist()
    told = set(changed.track_id.tolist())
    for name, mine, right in zip(Rows._fields, there, new, strict=True):
        for track_id, a, b in zip(new.track_id.tolist(), mine, right, strict=True):
            if name != "age_s" or track_id in told:
                assert a.tobytes() == b.tobytes(), name


def test_only_what_changed_is_told_and_age_alone_is_no_change() -> None:
    quiet = (5, 1, 2, *[0.0] * 8, 3.0, *[1] * 5)
    older = (5, 1, 2, *[0.0] * 8, 4.0, *[1] * 5)
    fresh = (5, 1, 2, *[0.0] * 8, 0.5, *[1] * 5)
    moved = (5, 1, 3, *[0.0] * 8, 4.0, *[1] * 5)
    assert frames.difference(as_rows([quiet]), as_rows([older]))[0].n == 0
    assert frames.difference(as_rows([quiet]), as_rows([fresh]))[0].n == 1
    assert frames.difference(as_rows([quiet]), as_rows([moved]))[0].n == 1
    assert frames.difference(as_rows([quiet]), as_rows([]))[1].tolist() == [5]


def test_an_unknown_height_that_stays_unknown_is_no_change() -> None:
    unknown = (5, 1, 2, 100.0, float("nan"), *[0.0] * 6, 3.0, *[1] * 5)
    assert frames.difference(as_rows([unknown]), as_rows([unknown]))[0].n == 0


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_the_ellipse_is_the_widest_and_the_narrowest_direction(
    a: float, b: float, c: float
) -> None:
    east, mixed, north = a * a + b * b, b * c + a * b, c * c + b * b
    matrix = np.array([[[east, mixed], [mixed, north]]])
    if east * north < mixed * mixed:
        return
    major, minor, azimuth = frames.ellipse(matrix)
    widest, narrowest = naive.ellipse(east, mixed, north)
    assert major[0] == pytest.approx(widest, abs=2e-3)
    assert minor[0] == pytest.approx(narrowest, abs=1e-1)
    assert 0.0 <= azimuth[0] <= np.pi
    assert naive.along(azimuth[0], east, mixed, north) == pytest.approx(major[0] ** 2, abs=1e-6)


@pytest.mark.parametrize("data", [b"", b"WH01", b"XX01" + bytes(28), b"WH01" + bytes(29)])
def test_what_is_no_frame_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        frames.unpack(data)


def test_tracks_that_cannot_be_told_apart_are_said_to_be_in_a_group() -> None:
    site = el_paso.night(1).site
    picture = pictures.start(site, el_paso.EVENING)
    sensor = next(k for k, s in enumerate(site.sensors) if s.kind == "adsb")
    lat, lon = site.sector.origin.latitude_rad, site.sector.origin.longitude_rad
    place = np.array([[lat, lon], [lat + 2e-6, lon], [lat + 1e-3, lon]])  # 13 m and 6 km apart
    for k in range(1, 15):
        now_ns = el_paso.EVENING + k * 10**9
        plots = Detections.empty(3)
        plots.time_ns[:] = plots.received_ns[:] = now_ns
        plots.sensor[:] = sensor
        plots.value[:, :2] = place
        plots.value[:, 2] = site.sector.origin_height_ellipsoid_m + 300.0
        plots.covariance[:] = np.diag([20.0, 20.0, 20.0]) ** 2
        plots.claimed_id[:] = 1, 2, 3
        picture, _ = pictures.advance(picture, plots, now_ns)
    rows = frames.rows_of(pictures.look(picture), (), now_ns)
    assert rows.n == 3
    north = rows.latitude_1e7_deg > np.degrees(lat + 5e-4) * 1e7
    assert ((rows.status_bits & frames.IN_GROUP > 0) == ~north).all()
