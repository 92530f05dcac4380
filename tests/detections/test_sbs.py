"""BaseStation lines."""

from __future__ import annotations

from math import degrees, isnan

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import sbs
from windhover.feeds.files import read_payload
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

STAMP = "2026/02/11,06:30:00.100,2026/02/11,06:30:00.120"
LINES = (
    f"MSG,1,1,1,A1B2C3,1,{STAMP},MEDEVAC1,,,,,,,,,,,\r\n"
    f"MSG,4,1,1,A1B2C3,1,{STAMP},,,100,90,,,-640,,,,,0\r\n"
    f"MSG,3,1,1,A1B2C3,1,{STAMP},,5000,,,31.8000,-106.4000,,,0,0,0,0\r\n"
    f"MSG,3,1,1,A1B2C3,1,{STAMP},,5000,,,31.8000,-106.4000,,,0,0,0,0\r\n"
    f"MSG,3,1,1,ZZB2C3,1,{STAMP},,5000,,,31.8000,-106.4000,,,0,0,0,0\r\n"
    f"MSG,3,1,1,A1B2C4,1,{STAMP},,5000,,,131.8,-106.4000,,,0,0,0,0\r\n"
    "hello\r\n"
).encode()


def test_lines_of_one_aircraft_are_put_together() -> None:
    sensor = make_sensor("adsb")
    decoded = sbs.decode(LINES, RECEIVED_NS, 1, sensor, Vertical(undulation_m=0.0, qnh_hpa=1013.25))
    assert decoded.detections.n == 1
    assert decoded.detections.time_ns[0] == RECEIVED_NS
    assert degrees(decoded.detections.value[0, 0]) == pytest.approx(31.8)
    assert decoded.detections.value[0, 2] == pytest.approx(1524.0)
    report = decoded.reports[0]
    assert isinstance(report, Cooperative)
    assert (report.callsign, report.identifier) == ("MEDEVAC1", "a1b2c3")
    assert report.ground_speed_m_s == pytest.approx(51.444, abs=1e-3)
    assert decoded.rejected == {
        "duplicate": 1,
        "no address": 1,
        "absurd position": 1,
        "not a BaseStation line": 1,
    }


def test_a_recording_of_them() -> None:
    recording = read_payload(LINES, "sbs.txt")
    assert recording.kind == "sbs"
    assert recording.n == 1
    assert recording.rejected["line without a time"] == 1
    assert isnan(recording.batches[0].detections.value[0, 2])
