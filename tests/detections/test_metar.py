"""METAR winds. Reports of the aerodromes' kinds, written for the test; figures worked by hand."""

from __future__ import annotations

import calendar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover.detections import metar
from windhover.schema.batches import WindSource

STATIONS = {"KELP": metar.Station(31.807, -106.377, 1206.0)}


@pytest.mark.parametrize(
    ("line", "east", "north", "sigma"),
    [
        ("METAR KELP 220051Z 27010KT 10SM CLR 12/M02 A3012", 5.144, 0.0, 1.2),
        ("KELP 220051Z AUTO 36020G35KT 10SM", 0.0, -10.289, np.hypot(1.2, 7.717 / 3.0)),
        ("SPECI EYVI 220051Z 09005MPS 060V120 9999", -5.0, 0.0, 1.2),
        ("METAR COR EYVI 220051Z 18036KMH CAVOK", 0.0, 10.0, 1.2),
        ("KELP 220051Z 00000KT CAVOK", 0.0, 0.0, 1.2),
        ("KELP 220051Z VRB04KT CAVOK", 0.0, 0.0, np.hypot(1.2, 2.0578 / np.sqrt(2.0))),
    ],
    ids=["knots", "gusts", "metres", "kilometres", "calm", "variable"],
)
def test_the_wind_group(line: str, east: float, north: float, sigma: float) -> None:
    found = metar.parse(line)
    assert found is not None
    assert (found.day, found.hour, found.minute) == (22, 0, 51)
    assert found.east_m_s == pytest.approx(east, abs=2e-3)
    assert found.north_m_s == pytest.approx(north, abs=2e-3)
    assert found.sigma_m_s == pytest.approx(sigma, abs=2e-3)


@pytest.mark.parametrize(
    "line",
    ["KELP 220051Z /////KT 10SM", "KELP 222561Z 27010KT", "KELP 220051Z 37010KT", "TAF KELP", "", "KELP 220051Z 270400KT"],
    ids=["not measured", "no such hour", "no such direction", "no report", "empty", "absurd"],
)  # fmt: skip
def test_what_holds_no_wind(line: str) -> None:
    assert metar.parse(line) is None


def test_a_dated_file() -> None:
    text = b"2026/11/22 00:51\nKELP 220051Z 27010KT 10SM\n\n2026/12/01 00:05\nKELP 302351Z 09010KT\nXXXX 010000Z 09010KT\n"
    decoded = metar.decode(text, None, STATIONS)
    assert decoded.wind is not None
    assert decoded.wind.time_ns.tolist() == [
        calendar.timegm((2026, 11, 22, 0, 51, 0)) * 10**9,
        calendar.timegm((2026, 11, 30, 23, 51, 0)) * 10**9,
    ]
    assert decoded.wind.altitude_amsl_m.tolist() == [1216.0, 1216.0]
    assert set(decoded.wind.source.tolist()) == {int(WindSource.METAR)}
    assert decoded.rejected == {"station XXXX is at no known place": 1}


def test_without_a_date_there_is_no_month() -> None:
    decoded = metar.decode(b"KELP 220051Z 27010KT", None, STATIONS)
    assert decoded.wind is None
    assert decoded.rejected == {"METAR of no known month": 1}


@given(
    days=st.integers(0, 800),
    late_h=st.floats(-240.0, 240.0),
)
def test_the_nearest_month_is_meant(days: int, late_h: float) -> None:
    """Whatever the day, a report is dated right when it is received within ten days of it."""
    true_s = calendar.timegm((2025, 1, 1, 6, 30, 0)) + days * 86_400
    day = int(np.datetime64(true_s, "s").astype(object).day)
    report = metar.parse(f"KELP {day:02d}0630Z 27010KT")
    assert report is not None
    assert metar.when_ns(report, int((true_s + late_h * 3600.0) * 1e9)) == true_s * 10**9


@given(st.binary(max_size=200))
def test_no_bytes_break_it(payload: bytes) -> None:
    decoded = metar.decode(payload, 1_767_225_600 * 10**9, STATIONS)
    assert decoded.wind is None or np.isfinite(decoded.wind.east_m_s).all()
