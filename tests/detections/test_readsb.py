"""readsb's aircraft.json: ages, datums, claims, winds."""

from __future__ import annotations

import json
from math import isnan, radians
from typing import Any

import numpy as np
import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import DECODERS, Decoded
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

NOW = RECEIVED_NS / 1e9 - 1.0
PLANE: dict[str, Any] = {
    "hex": "a1b2c3",
    "flight": "MEDEVAC1",
    "alt_baro": 5000,
    "alt_geom": 5200,
    "gs": 100.0,
    "track": 90.0,
    "baro_rate": -640,
    "squawk": "1200",
    "category": "A7",
    "lat": 31.8,
    "lon": -106.4,
    "nac_p": 9,
    "seen_pos": 0.4,
    "seen": 0.1,
    "wd": 270,
    "ws": 20,
}


def decode(
    *aircraft: dict[str, Any], vertical: Vertical | None = None, now: float = NOW
) -> Decoded:
    payload = json.dumps({"now": now, "messages": 1, "aircraft": list(aircraft)}).encode()
    sensor = make_sensor("adsb", "1090")
    return DECODERS["aircraft_json"](payload, RECEIVED_NS, 2, sensor, vertical or Vertical())


def test_position_is_aged_and_geometric_height_taken() -> None:
    decoded = decode(PLANE, vertical=Vertical(undulation_m=-24.0))
    rows = decoded.detections
    assert rows.n == 1
    assert rows.time_ns[0] == round((NOW - 0.4) * 1e6) * 1000
    np.testing.assert_allclose(rows.value[0], [radians(31.8), radians(-106.4), 5200 * 0.3048])
    assert rows.claimed_id[0] == claim_id("icao", "A1B2C3")
    # NACp 9 bounds the position to 30 m at 95 %: σ = 12.3 m, with 0.1 s of 51.4 m/s beside it.
    assert rows.covariance[0, 0, 0] == pytest.approx(12.256**2 + 5.144**2, rel=1e-3)
    report = decoded.reports[0]
    assert isinstance(report, Cooperative)
    assert (report.callsign, report.category, report.squawk) == ("MEDEVAC1", "A7", "1200")
    assert report.ground_speed_m_s == pytest.approx(51.444, abs=1e-3)
    assert report.vertical_rate_m_s == pytest.approx(-3.2512)
    assert decoded.wind is not None
    assert decoded.wind.east_m_s[0] == pytest.approx(20 * 1852 / 3600)
    assert decoded.wind.north_m_s[0] == pytest.approx(0.0, abs=1e-9)
    assert decoded.wind.altitude_amsl_m[0] == pytest.approx(5200 * 0.3048 + 24.0)


def test_barometric_height_needs_qnh_and_undulation() -> None:
    plane = {k: v for k, v in PLANE.items() if k not in {"alt_geom", "wd", "ws"}}
    for vertical in (Vertical(), Vertical(qnh_hpa=1020.0), Vertical(undulation_m=-24.0)):
        decoded = decode(plane, vertical=vertical)
        assert isnan(decoded.detections.value[0, 2])
        assert decoded.rejected == {"height unused: barometric, QNH or undulation unknown": 1}
    decoded = decode(plane, vertical=Vertical(undulation_m=-24.0, qnh_hpa=1020.0))
    # ICAO Doc 7488: 6.75 hPa above standard near the surface is 56.0 m (8.3 m each).
    assert decoded.detections.value[0, 2] == pytest.approx(1524.0 + 56.0 - 24.0, abs=0.3)
    assert decoded.rejected == {}


def test_faults_are_counted() -> None:
    decoded = decode(
        PLANE | {"hex": "zzz"},
        PLANE | {"hex": "000001", "seen_pos": 40.0},
        PLANE | {"hex": "000002", "lat": 95.0},
        PLANE | {"hex": "000003", "lat": None},
        PLANE | {"hex": "000004", "seen_pos": "x"},
        PLANE | {"hex": "~00005"},
        PLANE | {"hex": "000006"},
        PLANE | {"hex": "000006"},
        {"hex": "000007", "seen": 0.1},
    )
    assert decoded.detections.n == 1
    assert decoded.rejected == {
        "no address": 2,
        "position repeated from an earlier snapshot": 1,
        "absurd position": 2,
        "no age of position": 1,
        "duplicate": 1,
        "wind unused: its altitude above mean sea level is unknown": 1,
    }
    assert decode(PLANE, now=NOW + 100).rejected == {"time in the future": 1}
    assert decode(PLANE, now=1e30).rejected == {"absurd time": 1}


def test_ground_stations_own_numbers_claim_nothing() -> None:
    decoded = decode(PLANE | {"hex": "~a1b2c3"})
    assert decoded.detections.claimed_id.tolist() == [0]
    assert decoded.reports == ()
