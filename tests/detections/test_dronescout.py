"""DroneScout envelopes: our writing read back, and a real receiver's recordings."""

from __future__ import annotations

import json
from math import degrees, nan, radians
from pathlib import Path

import numpy as np
import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import dronescout
from windhover.detections.odid import BasicId, Location, System
from windhover.detections.remote_id import Said
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

SENSOR = make_sensor("remote_id", "rid")
HERE = Location(2, 90.0, 12.0, -1.5, 31.76, -106.45, nan, 1290.0, 0, 40.0, 10.0, 3.0, nan, nan)
SAID = Said(
    basic=BasicId(1, 2, "1ABC00000000001"),
    location=HERE,
    system=System(0, 0, 31.7, -106.4, 1, 0, nan, nan, 0, 0, 1200.0, 0),
)


def decode(payload: bytes, received_ns: int = RECEIVED_NS):  # type: ignore[no-untyped-def]
    return dronescout.decode(payload, received_ns, 7, SENSOR, Vertical())


def test_round_trip() -> None:
    told = SAID._replace(location=HERE._replace(after_hour_s=6.5, time_accuracy_s=0.2))
    payload = dronescout.encode(told, RECEIVED_NS, "rid", "02:00:00:00:00:01")
    decoded = decode(payload)
    rows = decoded.detections
    assert rows.n == 1
    # RECEIVED_NS is 06:30:10Z; 6.5 s after the hour is more than a minute off: reception counts.
    assert rows.time_ns[0] == RECEIVED_NS
    np.testing.assert_allclose(rows.value[0], [radians(31.76), radians(-106.45), 1290.0])
    assert rows.claimed_id[0] == claim_id("remote_id", "1ABC00000000001")
    report = decoded.reports[0]
    assert isinstance(report, Cooperative)
    assert degrees(report.operator_latitude_rad or 0.0) == pytest.approx(31.7)
    assert report.category == "UAS"


def test_own_clock_within_a_minute_is_used() -> None:
    told = SAID._replace(location=HERE._replace(after_hour_s=1809.0, time_accuracy_s=0.2))
    decoded = decode(dronescout.encode(told, RECEIVED_NS, "rid", "02:00:00:00:00:01"))
    assert decoded.detections.time_ns[0] == RECEIVED_NS - 10**9
    assert decoded.rejected == {}
    # 10 m at 95 % is σ 4.09 m; 0.2 s of 12 m/s stands beside it.
    assert decoded.detections.covariance[0, 0, 0] == pytest.approx(4.0855**2 + 2.4**2, rel=1e-3)
    assert decoded.detections.covariance[0, 2, 2] == pytest.approx((3.0 / 1.96) ** 2)


def test_faults_are_counted() -> None:
    zero = dronescout.encode(
        SAID._replace(location=HERE._replace(latitude_deg=0.0, longitude_deg=0.0)),
        RECEIVED_NS,
        "rid",
        "",
    )
    mute = dronescout.encode(SAID._replace(location=None), RECEIVED_NS, "rid", "")
    short = json.dumps({"data": {"timestamp": RECEIVED_NS / 1e6, "UASdata": "AAAA"}}).encode()
    late = dronescout.encode(SAID, RECEIVED_NS + 3600 * 10**9, "rid", "")
    decoded = decode(b"\n".join([zero, mute, short, late, b"{}", b"\xff\xfe"]))
    assert decoded.detections.n == 0
    assert decoded.rejected == {
        "no position": 2,
        "UAS data of wrong length": 1,
        "time in the future": 1,
        "not a DroneScout message": 2,
    }


@pytest.mark.shared
def test_a_real_receivers_recordings(shared: Path) -> None:
    for name, rows in (
        ("BLE-legacy", 5),
        ("BLE-long_range", 4),
        ("WiFi-NaN", 3),
        ("WiFi-beacon", 2),
    ):
        payload = (shared / "data" / "rid" / "dronescout_json" / f"{name}.json").read_bytes()
        decoded = decode(payload)
        assert decoded.detections.n == rows
        # One drone standing on the Pacific shore of San Francisco.
        assert len(set(decoded.detections.claimed_id.tolist())) == 1
        np.testing.assert_allclose(np.degrees(decoded.detections.value[:, 0]), 37.76, atol=0.001)
        np.testing.assert_allclose(decoded.detections.value[:, 2], 28.0, atol=10.0)
        age_s = (decoded.detections.received_ns - decoded.detections.time_ns) / 1e9
        assert 0.0 < age_s.min() <= age_s.max() < 3.0
