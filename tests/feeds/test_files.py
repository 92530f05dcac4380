"""Recordings: told by their content, understood in words, cut in steps, or refused in one line."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import zipfile
from math import degrees
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from windhover.errors import BadInput
from windhover.feeds.files import objects_of, read_payload, read_recording, read_wind
from windhover.feeds.recording import Recording, together
from windhover.schema.place import Point, Sensor, Vertical
from windhover.schema.reports import Cooperative

HEADER = "time,lat_deg,lon_deg,{height},object,sensor\n"


def house(height: str = "altitude_amsl_m", n: int = 20) -> bytes:
    lines = [
        f"{1_770_791_400 + i // 2},{31.8 + 1e-4 * i},{-106.4},{1200 + i},{'kite' if i % 2 else 'balloon'},x\n"
        for i in range(n)
    ]
    return (HEADER.format(height=height) + "".join(lines)).encode()


def rows(recording: Recording) -> np.ndarray:
    return np.concatenate([b.detections.value for b in recording.batches])


def check(recording: Recording) -> None:
    """What every recording promises."""
    assert len(recording.batches) == len(recording.batch_end_ns)
    assert (np.diff(recording.batch_end_ns) > 0).all()
    times = np.concatenate([b.detections.time_ns for b in recording.batches])
    assert (np.diff(times) >= 0).all()
    assert len(times) == recording.n == len(recording.truth_object)
    for end, batch in zip(recording.batch_end_ns, recording.batches, strict=True):
        assert batch.rejected == {}
        assert (batch.detections.time_ns < end).all()
    assert recording.truth_object.max(initial=-1) < len(recording.names)
    assert recording.understood
    assert recording.reason


def test_house_columns() -> None:
    recording = read_payload(house("height_ellipsoid_m"), "points.csv")
    check(recording)
    assert recording.names == ("balloon", "kite")
    assert objects_of(recording).tolist() == [10, 10]
    assert recording.sector.vertical == Vertical()
    assert rows(recording)[0, 2] == 1200.0
    assert "time ← 'time' (POSIX seconds)" in recording.understood
    assert degrees(recording.sector.origin.latitude_rad) == pytest.approx(31.801, abs=1e-3)


def test_mean_sea_level_is_its_own_zero_and_says_so_or_waits_for_the_site() -> None:
    alone = read_payload(house(), "points.csv")
    assert alone.sector.vertical == Vertical(undulation_m=0.0)
    assert any(
        "above mean sea level, taken as this recording's own zero" in u for u in alone.understood
    )
    tied = read_payload(house(), "points.csv", vertical=Vertical(undulation_m=-24.0))
    assert rows(tied)[0, 2] == pytest.approx(1176.0)
    unknown = read_payload(house(), "points.csv", vertical=Vertical())
    assert np.isnan(rows(unknown)[:, 2]).all()
    assert unknown.rejected == {"height unused: above mean sea level, undulation unknown": 20}


def test_a_bare_altitude_is_not_used() -> None:
    recording = read_payload(house("alt"), "points.csv")
    assert np.isnan(rows(recording)[:, 2]).all()
    assert any("'alt' unused: it says no datum" in word for word in recording.understood)


def test_packed_files_and_parquet(tmp_path: Path) -> None:
    payload = house()
    plain = read_payload(payload, "x")
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("inside.csv", payload)
    for packed in (gzip.compress(payload), lzma.compress(payload), box.getvalue()):
        np.testing.assert_array_equal(rows(read_payload(packed, "x")), rows(plain))
    table = pa.table(
        {
            "time": pa.array(
                [1_770_791_400_000_000_000 + i * 10**9 for i in range(5)], pa.timestamp("ns", "UTC")
            ),
            "lat_deg": [31.8] * 5,
            "lon_deg": [-106.4] * 5,
            "height_ellipsoid_m": [1200.0, 1201.0, None, 1203.0, 1204.0],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    recording = read_recording(tmp_path / "a.parquet")
    check(recording)
    assert recording.from_ns == 1_770_791_400 * 10**9
    assert recording.rejected == {"height unused: none told": 1}
    assert recording.truth_object.tolist() == [-1] * 5


def test_faulty_rows_are_counted() -> None:
    payload = house() + (
        b"noon,31.8,-106.4,1200,kite,x\n1770791400,,-106.4,1200,kite,x\n"
        b"1770791400,131.8,-106.4,1200,kite,x\n1770791401,31.8\n"
    )
    payload += house().splitlines(keepends=True)[1]
    recording = read_payload(payload, "points.csv")
    assert recording.n == 20
    assert recording.rejected == {
        "absurd time": 1,
        "no position": 1,
        "absurd position": 1,
        "broken line": 1,
        "duplicate": 1,
    }


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02hello", "no kind"),
        (b"hello world, this is prose", "no rows"),
        (b"hello", "no kind"),
        (b"\xef ", "no kind"),
        (b"a,b,c\n1,2,3\n", "No latitude"),
        (b"lat,lon,x\n1,2,3\n", "No time"),
        (b"lat,lon,time\n", "no rows"),
        (b"[1,2", "broken or cut off"),
        (b'{"x": 1}', "no kind"),
        (gzip.compress(b"lat,lon,time\n1,2,3\n", mtime=0)[:-4], "broken or cut off"),
        (b"\x89HDF\r\n\x1a\n", "netCDF file is"),
        (b"CDF\x01\x00\x00", "netCDF file is"),
        (b"PAR1xxxx", "not a Parquet"),
        (b"\xd4\xc3\xb2\xa1", "cut off in its header"),
        (b"time,lat_deg,lon_deg\nnoon,1,2\n", "nothing usable"),
    ],
)
def test_bad_files_are_refused_in_one_line(payload: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_payload(payload, "f")
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadInput):
            read_recording(path)


def test_plots_need_their_radar() -> None:
    line = json.dumps(
        {
            "radar": "north",
            "scan_end": 1_770_791_400.0,
            "plots": [{"t": 1_770_791_399.5, "range_m": 5000.0, "azimuth_deg": 10.0}],
        }
    ).encode()
    with pytest.raises(BadInput, match="no site says where their radar stands"):
        read_payload(line, "p")
    radar = Sensor("north", "radar_2d", Point(0.55, -1.85), 1200.0, 0.0, 30_000.0, 1.0, 10.0, 0.01)
    recording = read_payload(line + b"\n", "p", site_sensors=(radar,))
    check(recording)
    assert recording.n == 1
    assert recording.sector.radius_m >= 30_000.0


def test_two_recordings_as_one() -> None:
    first = read_payload(house("height_ellipsoid_m"), "a")
    second = read_payload(house("height_ellipsoid_m", 10), "b", first_sensor=len(first.sensors))
    both = together([first, second])
    check(both._replace(batch_end_ns=np.arange(len(both.batches)) + both.to_ns + 1))
    assert both.n == 30
    assert len(both.sensors) == 2
    assert {int(s) for b in both.batches for s in b.detections.sensor} == {0, 1}
    with pytest.raises(BadInput, match="different references"):
        together([first, read_payload(house(), "c")])


@pytest.mark.shared
def test_opensky_with_and_without_identities(shared: Path) -> None:
    path = shared / "data/tracks/aircraft/opensky_84_aircraft.csv.gz"
    recording = read_recording(path)
    check(recording)
    assert len(recording.names) == 84
    # 645 rows repeat a position that an earlier snapshot had already.
    assert recording.n == 6052 - 645
    assert recording.rejected == {"duplicate": 645}
    assert any("lastposupdate" in word for word in recording.understood)
    hidden = read_recording(path, hide_ids=True)
    check(hidden)
    assert all(not b.detections.claimed_id.any() for b in hidden.batches)
    assert not any(isinstance(r, Cooperative) for b in hidden.batches for r in b.reports)
    np.testing.assert_array_equal(hidden.truth_object, recording.truth_object)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "kind", "n", "objects"),
    [
        ("adsb/rs1090_full_flight_frames.csv.gz", "mode_s", 6464, 1),
        ("adsb/sample_dump1090.bin", "beast", 3, 1),
        ("adsb/trace_full_ac671b.json.gz", "trace", 2500, 1),
        ("adsb/calfire.json.gz", "points_json", 9955, 186),
        ("tracks/bird/storks_3_birds.csv.gz", "points_csv", 11_923, 3),
        ("tracks/glider/igc-xc-score__hiking-up-2.igc.gz", "igc", 30_201, 1),
        ("tracks/balloon/twpsondewnpnC3.b1.20060119.050300.custom.cdf.gz", "sounding", 1885, 1),
        ("tracks/balloon/20260708-115249_Y0532363_RS41_403000_sonde.log.gz", "points_csv", 3699, 1),
        ("rid/parrot_anafi4_real.pcapng", "pcap", 124, 1),
        ("rid/dronescout_json/WiFi-NaN.json", "dronescout", 3, 1),
    ],
)
def test_real_recordings(shared: Path, path: str, kind: str, n: int, objects: int) -> None:
    recording = read_recording(shared / "data" / path)
    check(recording)
    assert recording.kind == kind
    assert recording.n == n
    assert len(recording.names) == objects
    # No object outruns a sounding rocket: a wrong unit or a swapped column would show here.
    assert recording.sector.radius_m < 3e6


@pytest.mark.shared
def test_a_sondes_own_wind_is_kept_apart(shared: Path) -> None:
    path = shared / "data/tracks/balloon/sgpsonde_20190101_0532.cdf.gz"
    recording = read_recording(path)
    assert all(batch.wind is None for batch in recording.batches)
    wind = read_wind(path)
    assert wind.n == 4176
    assert np.hypot(wind.east_m_s, wind.north_m_s)[0] == pytest.approx(10.3, abs=0.05)
    levels = read_wind(shared / "data/tracks/balloon/rs_drift_test_data.csv.gz")
    assert levels.n == 3437


@pytest.mark.shared
def test_files_that_are_no_recordings(shared: Path) -> None:
    for path in ("wind/sgpmetE13.b1.yaml", "notam/faa_20.jsonl", "notam/uk_baseline.csv.xz"):
        with pytest.raises(BadInput):
            read_recording(shared / "data" / path)
