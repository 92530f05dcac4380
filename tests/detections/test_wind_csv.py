"""The house's wind files."""

from __future__ import annotations

from math import radians

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import wind_csv
from windhover.schema.place import Vertical

HEADER = b"time,lat_deg,lon_deg,altitude_amsl_m,wind_east_m_s,wind_north_m_s,sigma_m_s\n"


def decode(payload: bytes):  # type: ignore[no-untyped-def]
    return wind_csv.decode(payload, RECEIVED_NS, 0, make_sensor("points"), Vertical())


def test_columns_by_name_and_both_kinds_of_time() -> None:
    decoded = decode(
        HEADER
        + b"2026-02-11T06:00:00Z,31.8,-106.4,1200,3.5,-1.0,0.8\n"
        + b"2026-02-11T08:00:00+01:00,31.8,-106.4,1300,4.5,-1.0,\n"
    )
    assert decoded.rejected == {}
    assert decoded.wind is not None
    assert decoded.wind.time_ns.tolist() == [1_770_789_600 * 10**9, 1_770_793_200 * 10**9]
    assert decoded.wind.latitude_rad[0] == pytest.approx(radians(31.8))
    assert decoded.wind.east_m_s.tolist() == [3.5, 4.5]
    assert decoded.wind.sigma_m_s.tolist() == [0.8, wind_csv.SIGMA_UNSTATED_M_S]


def test_faults_are_counted() -> None:
    good = b"1770789600,31.8,-106.4,1200,3.5,-1.0,0.8\n"
    decoded = decode(
        HEADER
        + good
        + b"noon,31.8,-106.4,1200,3.5,-1.0,0.8\n"
        + b"1770789600,99,-106.4,1200,3.5,-1.0,0.8\n"
        + b"1770789600,31.8,-106.4,nan,3.5,-1.0,0.8\n"
        + b"1770789600,31.8,-106.4,1200,350,-1.0,0.8\n"
        + b"1770789600,31.8\n"
    )
    assert decoded.wind is not None
    assert decoded.wind.n == 1
    assert decoded.rejected == {
        "broken line": 1,
        "absurd time": 1,
        "absurd position": 1,
        "absurd altitude": 1,
        "absurd wind": 1,
    }
    assert decode(b"hello").rejected == {"not a wind table": 1}
    assert "wind table without time" in next(iter(decode(b"a,b\n1,2\n").rejected))
