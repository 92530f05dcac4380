"""One flight written in every way that people write tables: always the same positions, and said why."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from windhover.detections.columns import canonical
from windhover.errors import BadInput
from windhover.feeds.files import read_payload
from windhover.feeds.recording import Recording
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

N = 40
T0 = 1_770_791_400
TIMES = [T0 + 2 * k for k in range(N)]
LATITUDES = [round(31.8 + 1e-4 * k, 6) for k in range(N)]
LONGITUDES = [round(-106.4 - 2e-4 * k, 6) for k in range(N)]
HEIGHTS = [1200.0 + k for k in range(N)]
HOUSE = ("time", "lat_deg", "lon_deg", "height_ellipsoid_m")


def rows(*columns: list[object], header: tuple[str, ...] = HOUSE, by: str = ",") -> str:
    lines = [by.join(header)]
    lines += [by.join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


PLAIN = rows(TIMES, LATITUDES, LONGITUDES, HEIGHTS)
RECORDS = [
    dict(zip(HOUSE, row, strict=True))
    for row in zip(TIMES, LATITUDES, LONGITUDES, HEIGHTS, strict=True)
]
ISO = [to_iso(t * NS_PER_S) for t in TIMES]


def commas(values: list[float]) -> list[str]:
    return [str(v).replace(".", ",") for v in values]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/b.txt", PLAIN)
    return out.getvalue()


def parquet(times: pa.Array) -> bytes:
    out = io.BytesIO()
    table = pa.table([times, LATITUDES, LONGITUDES, HEIGHTS], names=list(HOUSE))
    pq.write_table(table, out)
    return out.getvalue()


def opensky() -> bytes:
    """The answer of its API, one a line."""
    lines = []
    for t, lat, lon, h in zip(TIMES, LATITUDES, LONGITUDES, HEIGHTS, strict=True):
        state = ["a1b2c3", "EXR1", "X", t, t, lon, lat, h - 30, False, 50.0, 90.0, 0.0, None, h]
        lines.append(json.dumps({"time": t, "states": [state]}))
    return "\n".join(lines).encode()


ACCEPTED: dict[str, bytes] = {
    "plain": PLAIN.encode(),
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "carriage returns": PLAIN.replace("\n", "\r\n").encode(),
    "carriage returns alone": PLAIN.replace("\n", "\r").encode(),
    "semicolons, decimal commas": rows(
        TIMES, commas(LATITUDES), commas(LONGITUDES), commas(HEIGHTS), by=";"
    ).encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "bars": PLAIN.replace(",", "|").encode(),
    "quoted": "\n".join(
        ",".join(f'"{c}"' for c in line.split(",")) for line in PLAIN.splitlines()
    ).encode(),
    "blank lines above": b"\n\n" + PLAIN.encode(),
    "comments above": b"# made by hand, in a hurry\n# twice\n" + PLAIN.encode(),
    "the header a comment": b"# " + PLAIN.encode(),
    "a row number without a name": rows(
        list(range(N)), TIMES, LATITUDES, LONGITUDES, HEIGHTS, header=("", *HOUSE)
    ).encode(),
    "spelled out": rows(
        ISO, LATITUDES, LONGITUDES, [h / 0.3048 for h in HEIGHTS],
        header=("Time (UTC)", "Latitude (deg)", "Longitude [deg]", "Ellipsoidal-Height [ft]"),
    ).encode(),
    "ISO without zone": rows([i[:-1] for i in ISO], LATITUDES, LONGITUDES, HEIGHTS).encode(),
    "slashes and UTC": rows(
        [i[:19].replace("-", "/").replace("T", " ") + " UTC" for i in ISO], LATITUDES, LONGITUDES, HEIGHTS
    ).encode(),
    "day and time apart": rows(
        [i[:10] for i in ISO], [i[11:19] for i in ISO], LATITUDES, LONGITUDES, HEIGHTS,
        header=("Date", *HOUSE),
    ).encode(),
    "milliseconds": rows([t * 1000 for t in TIMES], LATITUDES, LONGITUDES, HEIGHTS).encode(),
    "nanoseconds": rows([t * 10**9 for t in TIMES], LATITUDES, LONGITUDES, HEIGHTS).encode(),
    "some positions not timed": rows(
        TIMES, [t if k % 2 else "" for k, t in enumerate(TIMES)], LATITUDES, LONGITUDES, HEIGHTS,
        header=("time", "lastposupdate", "lat", "lon", "geoaltitude"),
    ).encode(),
    "feet under OpenSky's names": rows(
        TIMES, LATITUDES, LONGITUDES, [h / 0.3048 for h in HEIGHTS], [90.0] * N, ["EXR1"] * N,
        header=("timestamp", "latitude", "longitude", "geoaltitude", "groundspeed", "callsign"),
    ).encode(),
    "gzip": gzip.compress(PLAIN.encode()),
    "xz": lzma.compress(PLAIN.encode()),
    "bzip2": bz2.compress(PLAIN.encode()),
    "zip": zipped(),
    "JSON records": json.dumps(RECORDS).encode(),
    "JSON records, byte order mark": b"\xef\xbb\xbf" + json.dumps(RECORDS).encode(),
    "JSON lines": "\n".join(map(json.dumps, RECORDS)).encode(),
    "JSON by column": json.dumps(
        {name: {str(k): r[name] for k, r in enumerate(RECORDS)} for name in HOUSE}
    ).encode(),
    "JSON by row": json.dumps({str(k): r for k, r in enumerate(RECORDS)}).encode(),
    "JSON lists": json.dumps({name: [r[name] for r in RECORDS] for name in HOUSE}).encode(),
    "JSON split": json.dumps(
        {"columns": HOUSE, "index": list(range(N)), "data": [list(r.values()) for r in RECORDS]}
    ).encode(),
    "JSON table": json.dumps({"schema": {"fields": []}, "data": RECORDS}).encode(),
    "OpenSky's API": opensky(),
    "Parquet": parquet(pa.array(TIMES)),
    "Parquet, instants": parquet(pa.array([t * 10**9 for t in TIMES], pa.timestamp("ns"))),
    "Parquet, instants with a zone": parquet(
        pa.array([t * 10**6 for t in TIMES], pa.timestamp("us", "America/Denver"))
    ),
}  # fmt: skip


def positions(found: Recording) -> np.ndarray:
    """Time s, latitude and longitude deg, height m of every detection."""
    parts = [b.detections for b in found.batches]
    time_s = np.concatenate([p.time_ns for p in parts]) / NS_PER_S
    value = np.concatenate([p.value for p in parts])
    return np.column_stack([time_s, np.degrees(value[:, :2]), value[:, 2]])


@pytest.mark.parametrize("way", ACCEPTED)
def test_a_table_is_the_same_flight_however_it_is_written(way: str) -> None:
    found = read_payload(ACCEPTED[way], "renamed.png")
    want = np.column_stack([TIMES, LATITUDES, LONGITUDES, HEIGHTS])
    np.testing.assert_allclose(positions(found), want, rtol=0, atol=1e-6)
    for meaning in ("time", "latitude", "longitude", "height_ellipsoid_m"):
        assert any(word.startswith(meaning) for word in found.understood), found.understood
    assert not found.rejected


def test_what_was_not_understood_is_named() -> None:
    table = rows(
        TIMES, LATITUDES, LONGITUDES, HEIGHTS, [1] * N, ["x"] * N,
        header=("time", "lat", "lon", "alt", "squelch", "mood"),
    )  # fmt: skip
    said = " ".join(read_payload(table.encode(), "t").understood)
    assert "'alt' unused: it says no datum" in said
    assert "not understood: 'squelch', 'mood'" in said


def test_a_time_without_a_zone_is_taken_as_utc_and_that_is_said() -> None:
    assert "taken as UTC" in " ".join(read_payload(ACCEPTED["ISO without zone"], "t").understood)
    assert "taken as UTC" not in " ".join(read_payload(ACCEPTED["spelled out"], "t").understood)


def test_a_height_that_cannot_be_is_counted_as_such() -> None:
    table = rows(TIMES, LATITUDES, LONGITUDES, [1e6 + h for h in HEIGHTS])
    assert read_payload(table.encode(), "t").rejected == {"height unused: absurd": N}


def test_names_are_compared_without_dress() -> None:
    assert canonical(" GPS-Altitude [ft] ") == ("gps_altitude", "ft")
    assert canonical("location-lat") == ("location_lat", "")


ODD, EVEN = "8D40621D58C386435CC412692AD6", "8D40621D58C382D690C8AC2863A7"
FRAMES = [EVEN if k % 2 else ODD for k in range(20)]
HEARD = [f"{T0 + k / 2:.1f}" for k in range(20)]


def lines(form: Callable[[str, str], str], header: str = "") -> bytes:
    body = "\n".join(form(t, f) for t, f in zip(HEARD, FRAMES, strict=True))
    return (header + body + "\n").encode()


WAYS: dict[str, bytes] = {
    "time, frame": lines(lambda t, f: f"{t},{f}"),
    "small letters": lines(lambda t, f: f"{t},{f.lower()}"),
    "a header": lines(lambda t, f: f"{t},{f}", "timestamp,rawmsg\n"),
    "frame, time": lines(lambda t, f: f"{f},{t}"),
    "semicolons": lines(lambda t, f: f"{t};{f}"),
    "a blank between": lines(lambda t, f: f"{t} {f}"),
    "stars": lines(lambda t, f: f"{t},*{f};"),
    "milliseconds": lines(lambda t, f: f"{float(t) * 1000:.0f},{f}"),
    "ISO": lines(lambda t, f: f"{to_iso(round(float(t) * NS_PER_S))},{f}"),
    "OpenSky's raw table": lines(
        lambda t, f: f"3,{t},{t},2,{f},40621d", "sensors,mintime,maxtime,msgcount,rawmsg,icao24\n"
    ),
    "jet1090": lines(lambda t, f: json.dumps({"timestamp": float(t), "frame": f, "df": "17"})),
    "with the receiver's clock": "\n".join(
        f"@{k * 6_000_000:012x}{f};" for k, f in enumerate(FRAMES)
    ).encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_frames_are_the_same_flight_however_they_are_written(way: str) -> None:
    found = read_payload(WAYS[way], "renamed.png")
    place = positions(found)
    # Junzi Sun, "The 1090 Megahertz Riddle" (2021), §5.2: this very pair.
    np.testing.assert_allclose(place[:, 1].mean(), 52.26, atol=0.02)
    np.testing.assert_allclose(place[:, 2].mean(), 3.92, atol=0.02)
    assert found.names == ("40621d",)
    assert any(word.startswith("frame ←") for word in found.understood), found.understood
    if "clock" not in way:
        assert T0 <= place[0, 0] <= T0 + 1


EMPTY_TABLE = io.BytesIO()
pq.write_table(pa.table({name: pa.array([], pa.float64()) for name in HOUSE}), EMPTY_TABLE)

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n \n", "empty"),
    "gzip of nothing": (gzip.compress(b""), "empty"),
    "a header alone": (b"time,lat_deg,lon_deg\n", "no rows"),
    "Parquet without rows": (EMPTY_TABLE.getvalue(), "no rows"),
    "half a Parquet": (parquet(pa.array(TIMES))[:200], "Parquet"),
    "half a gzip": (gzip.compress(PLAIN.encode())[:60], "cut off"),
    "half a JSON": (json.dumps(RECORDS).encode()[:200], "cut off"),
    "a column twice": (PLAIN.replace("lon_deg", "lat_deg", 1).encode(), "'lat_deg' twice"),
    "times of 1970": (rows(list(range(N)), LATITUDES, LONGITUDES, HEIGHTS).encode(), "absurd time"),
    "times that are words": (
        rows(["yesterday"] * N, LATITUDES, LONGITUDES, HEIGHTS).encode(),
        "absurd time",
    ),
    "degrees times ten million": (
        rows(TIMES, [int(v * 1e7) for v in LATITUDES], LONGITUDES, HEIGHTS).encode(),
        "absurd position",
    ),
    "not numbers": (rows(["nan"] * N, ["nan"] * N, ["nan"] * N, HEIGHTS).encode(), "absurd time"),
    "no time": (PLAIN.replace("time", "when", 1).encode(), "No time among the columns 'when'"),
    "no place": (PLAIN.replace("lat_deg", "l", 1).encode(), "No latitude and longitude"),
    "frames without a time": ("\n".join(f"*{f};" for f in FRAMES).encode(), "carry no time"),
    "JSON of something else": (b'{"type": "FeatureCollection", "features": {}}', "no kind"),
    "columns that differ in length": (
        json.dumps({"time": TIMES, "lat": LATITUDES[:-1]}).encode(),
        "differ in length",
    ),
    "an IGC log without a date": (
        b"AXXX1\nB0930004730000N00830000EA0100001020\nB0930014730000N00830000EA0100001020\n",
        "HFDTE",
    ),
    "a web page": (b"<!doctype html><html><body>404</body></html>", "no kind"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_recording_is_refused_in_one_line_that_says_why(what: str) -> None:
    payload, why = REFUSED[what]
    with pytest.raises(BadInput) as caught:
        read_payload(payload, "file")
    said = str(caught.value)
    assert why in said and "\n" not in said, said
    assert said.startswith("file")
