"""Every kind of weather file: GRIB, BUFR, netCDF of stations, lidars and sondes, sodars, archives of soundings."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import textwrap
from math import cos, degrees, radians, sin
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS, Proj
from scipy.io import netcdf_file

from windhover.air.wind import KEEP_SAMPLES, around
from windhover.cli import main
from windhover.detections import netcdf, wind_instruments
from windhover.errors import BadInput
from windhover.exercises.rerun import run
from windhover.feeds import grib
from windhover.feeds.files import read_payload, read_wind, read_winds
from windhover.feeds.grib_fields import row_angle_rad
from windhover.schema.batches import Wind, WindSource
from windhover.schema.place import Point, Sector
from windhover.timescale import to_iso


def at(name: str, shared: Path) -> Path:
    return shared / "data/wind" / name


# file, number of winds, first instant, lowest and highest altitude in m
REAL = [
    ("nam_cfgrib.grib2", 120_900, "2018-09-17T00:00:00", -16, 16_790),
    ("sgpdlppiC1.b1.20191015.120023.cdf", 166, "2019-10-15T12:00:49", 408, 4_700),
    ("sgpdlppiC1.b1.20191015.121506.cdf", 157, "2019-10-15T12:15:33", 408, 4_700),
    ("sgpmetE13.b1.20190101.000000.cdf", 1_440, "2019-01-01T00:00:00", 328, 328),
    ("sgpmetE13.b1.20190508.000000.cdf", 6, "2019-05-08T04:00:00", 328, 328),
    ("sgpmetE13.b1.20210401.000000.csv", 3, "2021-04-01T00:00:00", 328, 328),
    ("siphon_iastate_sounding", 58, "1999-05-04T00:00:00", 362, 10_302),
    ("siphon_igra2_sounding", 310, "2010-05-31T23:03:00", 12, 33_040),
    ("siphon_wyoming_sounding", 30, "1999-05-03T23:02:00", 345, 10_058),
    ("sodar.20230404.mnd.gz@36.605,-97.485,318", 2_000, "2023-04-04T00:15:00", 348, 1_400),
]


@pytest.mark.parametrize(("name", "n", "first", "low", "high"), REAL, ids=[r[0] for r in REAL])
def test_real_files_are_read_and_said(
    name: str, n: int, first: str, low: float, high: float, shared: Path
) -> None:
    wind, reading = read_winds(at(name, shared))
    assert wind.n >= n if "sodar" in name else wind.n == n
    assert to_iso(int(wind.time_ns.min())).startswith(first)
    assert low - 1 <= wind.altitude_amsl_m.min()
    assert wind.altitude_amsl_m.max() <= high + 1
    assert (np.hypot(wind.east_m_s, wind.north_m_s) < 120).all()
    assert (wind.sigma_m_s > 0).all()
    assert any("understood: wind ←" in line for line in reading)
    assert "winds," in reading[-1]


def test_values_of_the_sources_own_text(shared: Path) -> None:
    """Figures that stand in the files in words: IGRA's first lines with a wind, the Mesonet's and Wyoming's first."""
    igra = read_wind(at("siphon_igra2_sounding", shared))
    row = np.flatnonzero(igra.altitude_amsl_m == 712.0)[0]
    assert igra.north_m_s[0] == pytest.approx(-5.1 * cos(radians(20)))
    assert igra.east_m_s[row] == pytest.approx(-2.6 * sin(radians(41)))
    assert igra.latitude_rad[0] == pytest.approx(radians(71.2889))
    mesonet = read_wind(at("siphon_iastate_sounding", shared))
    assert mesonet.north_m_s[0] == pytest.approx(-18 * 0.514444 * cos(radians(160)), rel=1e-5)
    wyoming = read_wind(at("siphon_wyoming_sounding", shared))
    assert wyoming.east_m_s[0] == pytest.approx(-9.3 * sin(radians(160)))
    # The same ascent in two archives.
    same = np.interp(wyoming.altitude_amsl_m, mesonet.altitude_amsl_m, mesonet.north_m_s)
    assert np.median(np.abs(same - wyoming.north_m_s)) < 1.5


def by_eccodes(script: str, *arguments: str) -> bytes:
    """What a script prints in a process of its own: ecCodes and pyproj do not bear one another."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, json, eccodes as e\n" + textwrap.dedent(script),
            *arguments,
        ],
        capture_output=True,
        check=True,
    )
    return done.stdout


NEAREST = """
    e.codes_grib_multi_support_on()
    said = {}
    with open(sys.argv[1], "rb") as file:
        while (h := e.codes_grib_new_from_file(file)) is not None:
            name = e.codes_get(h, "shortName")
            level = e.codes_get(h, "typeOfLevel"), e.codes_get(h, "level")
            if level == ("isobaricInhPa", 500) and name in ("u", "v", "gh"):
                (point,) = e.codes_grib_find_nearest(h, 40.0, -100.0)
                said |= {name: point.value, "lat": point.lat, "lon": point.lon}
                said["lon0"] = e.codes_get(h, "LoVInDegrees")
                said["parallel"] = e.codes_get(h, "Latin1InDegrees")
            e.codes_release(h)
    print(json.dumps(said))
"""


def test_a_forecast_agrees_with_what_eccodes_itself_says(shared: Path) -> None:
    """u and v of the nearest point at 500 hPa, turned by the convergence of a cone that touches (Snyder 1987, 15-4)."""
    path = at("nam_cfgrib.grib2", shared)
    said = json.loads(by_eccodes(NEAREST, str(path)))
    wind, _ = grib.read(path.read_bytes(), (40.0, -100.0))
    assert wind is not None
    turn = sin(radians(said["parallel"])) * radians(said["lon"] - said["lon0"])
    east = said["u"] * cos(turn) + said["v"] * sin(turn)
    north = -said["u"] * sin(turn) + said["v"] * cos(turn)
    here = np.hypot(
        wind.latitude_rad - radians(said["lat"]),
        (wind.longitude_rad - radians(said["lon"]) + np.pi) % (2 * np.pi) - np.pi,
    )
    rows = np.flatnonzero((here < 1e-6) & (np.abs(wind.altitude_amsl_m - said["gh"]) < 20.0))
    assert len(rows) == 1
    assert wind.east_m_s[rows[0]] == pytest.approx(east, abs=0.001)
    assert wind.north_m_s[rows[0]] == pytest.approx(north, abs=0.001)
    assert (wind.source == WindSource.FORECAST).all()


def test_rows_of_a_grid_run_as_pyproj_says() -> None:
    lambert = Proj(
        CRS.from_dict({"proj": "lcc", "lat_1": 50, "lat_2": 50, "lon_0": -107, "R": 6_371_229})
    )
    x, y = np.meshgrid(np.arange(-4e6, 4e6, 8e4), np.arange(-4e6, 2e6, 8e4))
    longitude, latitude = lambert(x, y, inverse=True)
    angle = row_angle_rad(latitude, longitude).reshape(x.shape)
    turn = np.array(lambert.get_factors(longitude, latitude).meridian_convergence)
    # Growing x lies clockwise of east by the convergence.
    assert np.abs(np.degrees(angle) + turn).max() < 0.02


SOUNDING = """
    levels = json.loads(sys.argv[1])
    h = e.codes_bufr_new_from_samples("BUFR4")
    e.codes_set(h, "masterTablesVersionNumber", 31)
    e.codes_set_array(h, "inputExtendedDelayedDescriptorReplicationFactor", [len(levels)])
    e.codes_set_array(h, "inputDelayedDescriptorReplicationFactor", [0])
    e.codes_set(h, "unexpandedDescriptors", 309057)
    stated = {"year": 2026, "month": 2, "day": 11, "hour": 5, "minute": 31, "second": 12}
    for name, value in (stated | {"latitude": 31.87, "longitude": -106.7}).items():
        e.codes_set(h, name, value)
    for k, (height, turn, speed, seconds) in enumerate(levels, 1):
        e.codes_set(h, f"#{k}#nonCoordinateGeopotentialHeight", height)
        e.codes_set(h, f"#{k}#windDirection", turn)
        e.codes_set(h, f"#{k}#windSpeed", float(speed))
        e.codes_set(h, f"#{k}#timePeriod", seconds)
        e.codes_set(h, f"#{k}#latitudeDisplacement", 0.001 * k)
    e.codes_set(h, "pack", 1)
    sys.stdout.buffer.write(e.codes_get_message(h))
"""


def test_a_bufr_sounding() -> None:
    """WMO template 3 09 057, written by ecCodes."""
    levels = [(1_252, 270, 4.0, 0), (1_500, 280, 7.5, 50), (3_000, 300, 12.0, 350)]
    message = by_eccodes(SOUNDING, json.dumps(levels))
    recording = read_payload(b"IUSD02 KEPZ 110600\r\r\n" + message, "sonde.bufr")
    assert recording.kind == "bufr"
    (batch,) = [one for one in recording.batches if one.wind is not None][:1]
    wind = read_whole(recording.batches)
    assert batch.wind is not None
    assert wind.altitude_amsl_m.tolist() == [1_252, 1_500, 3_000]
    assert to_iso(int(wind.time_ns[2])).startswith("2026-02-11T05:37:02")
    assert wind.east_m_s[0] == pytest.approx(4.0)
    assert wind.north_m_s[2] == pytest.approx(-12.0 * cos(radians(300)))
    assert degrees(wind.latitude_rad[1]) == pytest.approx(31.872, abs=1e-5)


def read_whole(batches: object) -> Wind:
    from windhover.detections.decoded import join_wind

    found = join_wind(batch.wind for batch in batches)  # type: ignore[attr-defined]
    assert found is not None
    return found


@pytest.mark.parametrize("magic", [b"GRIB", b"BUFR"])
def test_a_broken_file_is_one_line(magic: bytes) -> None:
    for payload in (magic + bytes(400), magic + b"\xff" * 400 + b"7777", magic + b"7777"):
        with pytest.raises(BadInput) as said:
            read_payload(payload, "x")
        assert "\n" not in str(said.value)


def test_a_cut_and_a_damaged_forecast_do_no_harm(shared: Path) -> None:
    payload = bytearray(at("nam_cfgrib.grib2", shared).read_bytes()[:200_000])
    random = np.random.default_rng(3)
    for _ in range(3):
        payload[int(random.integers(16, len(payload)))] = int(random.integers(256))
        try:
            grib.read(bytes(payload), (40.0, -100.0))
        except BadInput as fault:
            assert "\n" not in str(fault)


def test_without_the_package_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"windhover\[weather\]"):
        grib.read(b"GRIB", None)


def scan(east: float, north: float, up: float, noise: float, silent: int = 0) -> bytes:
    """Eight beams at 60° over a layer of one wind, as ARM writes a lidar's scan."""
    azimuth, reach = np.arange(8) * 45.0 + 0.9, np.arange(15.0, 3_000.0, 30.0)
    out = io.BytesIO()
    made = netcdf_file(out, "w")
    made.createDimension("time", 8)
    made.createDimension("range", len(reach))
    tilt, turn = radians(60.0), np.radians(azimuth)
    radial = (east * np.sin(turn) + north * np.cos(turn)) * cos(tilt) + up * sin(tilt)
    speed = radial[:, None] + np.random.default_rng(1).normal(0.0, noise, (8, len(reach)))
    signal = np.full(speed.shape, 1.1)
    signal[:silent] = 1.0
    columns: dict[str, tuple[tuple[str, ...], NDArray[np.float64]]] = {
        "time_offset": (("time",), np.arange(8) * 6.0),
        "azimuth": (("time",), azimuth),
        "elevation": (("time",), np.full(8, 60.0)),
        "range": (("range",), reach),
        "radial_velocity": (("time", "range"), speed),
        "intensity": (("time", "range"), signal),
        "base_time": ((), np.array(1_770_791_400.0)),
        "lat": ((), np.array(31.8)),
        "lon": ((), np.array(-106.4)),
        "alt": ((), np.array(1_200.0)),
    }
    for name, (dimensions, values) in columns.items():
        made.createVariable(name, "d", dimensions)[...] = values
    made.flush()
    return out.getvalue()


@settings(max_examples=20, deadline=None)
@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-2, 2), st.floats(0.01, 0.8))
def test_a_lidar_fits_the_wind_that_blew(
    east: float, north: float, up: float, noise: float
) -> None:
    wind, _ = wind_instruments.lidar(netcdf.variables(scan(east, north, up, noise)))
    assert wind is not None
    away = np.hypot(wind.east_m_s - east, wind.north_m_s - north)
    assert np.median(away) < 2.5 * noise + 0.01
    stated = np.sqrt(2.0) * np.median(wind.sigma_m_s)
    assert np.sqrt(np.mean(away**2)) < 1.6 * stated + 0.05
    assert wind.altitude_amsl_m.min() > 1_200.0 + 75.0


def test_a_lidar_that_hears_too_little_gives_none() -> None:
    assert wind_instruments.lidar(netcdf.variables(scan(5.0, 1.0, 0.0, 0.1, silent=4)))[0] is None
    assert wind_instruments.lidar(netcdf.variables(scan(5.0, 1.0, 0.0, 9.0)))[0] is None


def test_two_scans_a_quarter_of_an_hour_apart_agree(shared: Path) -> None:
    one = read_wind(at("sgpdlppiC1.b1.20191015.120023.cdf", shared))
    two = read_wind(at("sgpdlppiC1.b1.20191015.121506.cdf", shared))
    _, first, second = np.intersect1d(
        one.altitude_amsl_m.round(), two.altitude_amsl_m.round(), return_indices=True
    )
    assert len(first) > 80
    away = np.hypot(
        one.east_m_s[first] - two.east_m_s[second], one.north_m_s[first] - two.north_m_s[second]
    )
    assert np.median(away) < 2.0


def test_netcdf_4_is_read_as_netcdf_classic_is() -> None:
    """The same scan in both formats."""
    classic = netcdf.variables(scan(7.0, -3.0, 0.1, 0.2))
    out = io.BytesIO()
    with h5py.File(out, "w") as made:
        for name, variable in classic.items():
            made[name] = variable.values
        made["words"] = "text is left out"
    again = netcdf.variables(out.getvalue())
    assert set(again) == set(classic)
    assert all(np.array_equal(again[n].values, classic[n].values) for n in classic)
    for broken in (out.getvalue()[:700], out.getvalue()[:9] + b"\xff" * 500):
        with pytest.raises(BadInput):
            netcdf.variables(broken)


def test_rows_that_failed_the_stations_checks_are_left_out() -> None:
    table = (
        "time,wspd_vec_mean,qc_wspd_vec_mean,wdir_vec_mean,lat,lon,alt\n"
        "2026-02-11T06:00:00,4.0,0,270,31.8,-106.4,1200\n"
        "2026-02-11T06:01:00,44.0,2,270,31.8,-106.4,1200\n"
        "2026-02-11T06:02:00,-9999,0,270,31.8,-106.4,1200\n"
    )
    wind = read_whole(read_payload(table.encode(), "s.csv").batches)
    assert wind.n == 1
    assert (wind.east_m_s[0], wind.altitude_amsl_m[0]) == (pytest.approx(4.0), 1_210.0)


def test_a_sodar_without_a_place_says_how_to_give_one(shared: Path) -> None:
    with pytest.raises(BadInput, match="FILE@"):
        read_wind(at("sodar.20230404.mnd.gz", shared))
    text = gzip.decompress(at("sodar.20230404.mnd.gz", shared).read_bytes()).decode()
    wind = read_wind(str(at("sodar.20230404.mnd.gz", shared)) + "@36.605,-97.485,318")
    assert "30   3.67  129.9" in text
    first = np.flatnonzero(wind.altitude_amsl_m == 348.0)[0]
    assert wind.east_m_s[first] == pytest.approx(-3.67 * sin(radians(129.9)))


def test_a_recorded_exchange_that_is_broken_is_one_line() -> None:
    for payload in (
        b"interactions:\n- request:\n    x: [",
        b"interactions:\n- request: {}\n  response: {status: {code: 404}}\n",
        b"interactions:\n- request: 3\n",
    ):
        with pytest.raises(BadInput, match="recorded HTTP exchange"):
            read_payload(payload, "x")


def test_of_a_continent_the_nearest_are_kept() -> None:
    n = 20_000
    random = np.random.default_rng(2)
    wind = Wind(
        np.full(n, 10**18), random.uniform(0.3, 0.9, n), random.uniform(-2.0, -1.0, n),
        np.full(n, 1e3), np.zeros(n), np.zeros(n), np.ones(n), np.full(n, 3, np.int8),
    )  # fmt: skip
    kept = around(wind, Point(0.6, -1.5), 10**18)
    assert kept.n == KEEP_SAMPLES
    east, north = (kept.longitude_rad + 1.5) * cos(0.6), kept.latitude_rad - 0.6
    farthest = np.hypot(east, north).max()
    all_away = np.hypot((wind.longitude_rad + 1.5) * cos(0.6), wind.latitude_rad - 0.6)
    assert int((all_away < farthest).sum()) == KEEP_SAMPLES - 1


def test_the_commands_say_what_they_understood(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["time,lat_deg,lon_deg,altitude_amsl_m,object"]
    lines += [
        f"2018-09-17T00:{k // 60:02}:{k % 60:02}Z,{40 + 2e-5 * k},-100,{1500 + k},kite"
        for k in range(120)
    ]
    source = tmp_path / "kite.csv"
    source.write_text("\n".join(lines))
    forecast = str(at("nam_cfgrib.grib2", shared))
    with pytest.raises(SystemExit) as ended:
        main(["identify", str(source), "--wind", forecast, "--json"])
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)
    assert any("181 fields" in line for line in told["winds"])
    assert any("winds, 2018-09-17T00:00:00" in line for line in told["winds"])
    again = run([source], [forecast], None, None)
    assert any("181 fields" in line for line in again.reading)


def test_a_sector_asks_only_for_what_is_near(shared: Path) -> None:
    sector = Sector("here", Point(radians(40.0), radians(-100.0)), 0.0, 60_000.0)
    wind, _ = read_winds(at("nam_cfgrib.grib2", shared), sector, 1_537_142_400 * 10**9)
    assert wind.n == 64 * 20
    assert (np.abs(np.degrees(wind.latitude_rad) - 40.0) < 6.0).all()
