from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from pyproj import Geod

from tests.record.scenes import SITE, T0_NS, plots, some_identities, some_tracks
from tests.record.strategies import detections, same
from windhover.errors import BadInput, WindhoverError
from windhover.record import query
from windhover.record.archive import Archive, archived, parquet
from windhover.record.journal import Journal
from windhover.record.recorder import Recorder
from windhover.record.tables import RawFrame, cell_of, detections_table, places, to_detections
from windhover.schema.batches import Detections
from windhover.schema.commands import Tick
from windhover.units import DEG_PER_RAD, NS_PER_S, RAD_PER_DEG


@given(detections(max_rows=5))
@settings(max_examples=60)
def test_detections_survive_parquet_bit_for_bit(batch: Detections) -> None:
    with np.errstate(all="ignore"):
        table = detections_table(batch, np.arange(batch.n), ())
    back = to_detections(pq.read_table(io.BytesIO(parquet(table))))
    assert same(back, batch)


def test_a_plot_is_found_where_the_geodesic_puts_it() -> None:
    """Range and azimuth against PROJ's geodesic: a cell needs 100 m, this is better."""
    rng = np.random.default_rng(5)
    batch = plots(rng, 40, T0_NS)
    latitude, longitude = places(batch, SITE.sensors)
    sensor = SITE.sensors[1]
    ranged = slice(20, 40)
    east, north, _ = Geod(ellps="WGS84").fwd(
        np.full(20, sensor.position.longitude_rad * DEG_PER_RAD),
        np.full(20, sensor.position.latitude_rad * DEG_PER_RAD),
        batch.value[ranged, 1] * DEG_PER_RAD,
        batch.value[ranged, 0] * np.cos(batch.value[ranged, 2]),
    )
    assert np.allclose(latitude[ranged] * DEG_PER_RAD, north, atol=1e-4)
    assert np.allclose(longitude[ranged] * DEG_PER_RAD, east, atol=1e-4)


def test_cells_are_the_documented_arithmetic() -> None:
    south_west = np.array([[31.74, -106.50], [-90.0, -180.0], [0.0, 179.999], [90.0, 180.0]])
    cells = cell_of(*(south_west * RAD_PER_DEG).T)
    assert cells.tolist()[1:] == [0, 4500 * 18000 + 17999, 9000 * 18000]
    row, column = divmod(int(cells[0]), 18000)
    assert row in (6086, 6087) and column in (3674, 3675)  # a corner of four cells
    assert cell_of(np.array([np.nan]), np.array([0.0])).tolist() == [-1]


def _night(root: Path, seconds: int, close: bool = True, rows_per_file: int = 400) -> Recorder:
    rng = np.random.default_rng(1)
    journal = Journal.open(root / "journal.sqlite", True, mode="exercise")
    recorder = Recorder(journal, Archive(root / "archive", SITE, rows_per_file=rows_per_file))
    for second in range(seconds):
        now_ns = T0_NS + second * NS_PER_S
        recorder.record(now_ns, plots(rng, 10, now_ns))
        recorder.record(now_ns, Tick())
        recorder.show(now_ns, some_tracks(rng, 4, now_ns), some_identities(rng, 4, now_ns))
        recorder.keep_frames(now_ns, (RawFrame("beast", now_ns, b"\x1a3" + bytes([second % 256])),))
        if second % 10 == 9:
            recorder.flush()
    if close:
        recorder.close()
    return recorder


def test_what_was_recorded_is_found_by_time_place_and_track(tmp_path: Path) -> None:
    _night(tmp_path, 100)
    root = tmp_path / "archive"
    rng = np.random.default_rng(1)
    everything = []
    for second in range(100):
        now_ns = T0_NS + second * NS_PER_S
        everything.append(plots(rng, 10, now_ns))
        some_tracks(rng, 4, now_ns)
        some_identities(rng, 4, now_ns)
    whole = Detections.concatenate(everything)
    assert query.counts(root) == {
        "detections": 1000, "tracks": 400, "identities": 400, "frames": 100,
    }  # fmt: skip
    assert same(query.detections_between(root), whole)
    from_ns, to_ns = T0_NS + 20 * NS_PER_S, T0_NS + 30 * NS_PER_S
    within = (whole.time_ns >= from_ns) & (whole.time_ns < to_ns)
    assert same(query.detections_between(root, from_ns, to_ns), whole.take(within))
    box = (0.5545, -1.8585, 0.5555, -1.8575)
    latitude, longitude = places(whole, SITE.sensors)
    inside = (
        (latitude >= box[0]) & (latitude <= box[2]) & (longitude >= box[1]) & (longitude <= box[3])
    )
    assert 0 < inside.sum() < 1000
    assert same(query.detections_between(root, box=box), whole.take(inside))
    history = query.track_history(root, 3, "el-paso")
    assert len(history["time_ns"]) == 100 and history["time_ns"] == sorted(history["time_ns"])
    assert query.track_history(root, 99) == {}
    frames = query.connect(root).sql("SELECT data FROM frames ORDER BY received_ns").fetchall()
    assert frames[7] == (b"\x1a3\x07",)


def test_every_file_is_vouched_for_and_runs_agree(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    heads = []
    for name in "ab":
        _night(tmp_path / name, 100)
        with Journal.open(tmp_path / name / "journal.sqlite", read_only=True) as journal:
            heads.append(journal.head)
            marks = [m for e in journal.read(kinds=("mark",)) if (m := archived(e))]
        files = {p.relative_to(tmp_path / name / "archive").as_posix()
                 for p in (tmp_path / name / "archive").rglob("*") if p.is_file()}  # fmt: skip
        assert files == {mark.path for mark in marks} and len(files) >= 6
    assert heads[0] == heads[1]


def test_midnight_parts_the_files(tmp_path: Path) -> None:
    archive = Archive(tmp_path, SITE)
    midnight = T0_NS - T0_NS % (86_400 * NS_PER_S) + 86_400 * NS_PER_S
    rng = np.random.default_rng(2)
    for seq, now_ns in enumerate((midnight - 2, midnight - 1, midnight, midnight + 1), start=1):
        archive.add(seq, now_ns, plots(rng, 2, now_ns))
    marks = archive.write(3)
    assert [(m.path.split("/")[1], m.first_seq, m.last_seq) for m in marks] == [
        ("day=2026-02-11", 1, 2)
    ]
    marks = archive.write(4, all_of_it=True)
    assert [(m.path.split("/")[1], m.first_seq, m.last_seq) for m in marks] == [
        ("day=2026-02-12", 3, 4)
    ]
    assert archive.write(4, all_of_it=True) == ()


def test_rows_that_are_not_acknowledged_are_not_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path, SITE)
    archive.add(5, T0_NS, plots(np.random.default_rng(2), 2, T0_NS))
    assert archive.write(4, all_of_it=True) == ()
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_crash_is_made_good_from_the_journal(tmp_path: Path) -> None:
    """Stopped before the last partitions, and with one partition whose mark was never written."""
    recorder = _night(tmp_path, 100, close=False)
    archive = recorder.archive
    assert archive is not None
    archive.write(recorder.head.seq, all_of_it=True)  # on the disk, but no mark
    recorder.journal.close()
    (tmp_path / "archive" / "detections" / ".0000000001-0000000002.parquet.part").write_bytes(b"ha")
    again = Recorder(Journal.open(tmp_path / "journal.sqlite"), Archive(tmp_path / "archive", SITE))
    again.close()
    assert query.counts(tmp_path / "archive")["detections"] == 1000
    assert not list((tmp_path / "archive").rglob("*.part"))
    # and now with the unwritten rows only in the journal
    other = tmp_path / "other"
    other.mkdir()
    recorder = _night(other, 55, close=False, rows_per_file=200)
    before = query.counts(other / "archive")["detections"]
    recorder.journal.close()
    Recorder(Journal.open(other / "journal.sqlite"), Archive(other / "archive", SITE)).close()
    assert before < 500 and query.counts(other / "archive")["detections"] == 500


def test_an_archive_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WindhoverError, match="no archive"):
        query.connect(tmp_path / "nowhere")
    assert query.detections_between(tmp_path).n == 0
    bad = tmp_path / "detections" / "day=2026-02-11" / "sector=x" / "1.parquet"
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"not parquet at all")
    with pytest.raises(BadInput) as caught:
        query.detections_between(tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(WindhoverError):
        Archive(Path("/proc/archive"))
