"""Radar plot lines: what is taken, what is counted."""

from __future__ import annotations

import json
from math import isnan, radians

import numpy as np

from tests.detections.conftest import RECEIVED_NS
from windhover.detections import DECODERS
from windhover.schema.batches import Kind
from windhover.schema.place import Sensor, Vertical

T = RECEIVED_NS / 1e9 - 2.0


def line(*plots: dict[str, object], radar: str = "north") -> bytes:
    return json.dumps({"radar": radar, "scan_end": T, "plots": list(plots)}).encode() + b"\n"


def test_three_kinds_of_plot(sensor: Sensor, nowhere: Vertical) -> None:
    payload = line(
        {"t": T, "range_m": 8000.0, "azimuth_deg": 450.0, "elevation_deg": 3.0, "rcs_dbsm": -18.0},
        {"t": T, "range_m": 9000.0, "azimuth_deg": 90.0, "doppler_m_s": -7.5},
        {"t": T, "ground_range_m": 9500.0, "azimuth_deg": -90.0},
    )
    decoded = DECODERS["plots"](payload, RECEIVED_NS, 4, sensor, nowhere)
    rows = decoded.detections
    assert decoded.rejected == {}
    assert rows.kind.tolist() == [
        Kind.RANGE_AZIMUTH_ELEVATION,
        Kind.RANGE_AZIMUTH,
        Kind.GROUND_RANGE_AZIMUTH,
    ]
    np.testing.assert_allclose(rows.value[0], [8000.0, radians(90.0), radians(3.0)])
    np.testing.assert_allclose(rows.value[2, :2], [9500.0, radians(270.0)])
    np.testing.assert_allclose(np.diag(rows.covariance[0]), [144.0, 1e-4, 4e-4])
    assert rows.covariance[1, 2, 2] == 0.0
    assert rows.rcs_dbsm[0] == -18.0
    assert isnan(rows.rcs_dbsm[1])
    assert rows.doppler_m_s[1] == -7.5
    assert set(rows.sensor.tolist()) == {4}
    assert rows.time_ns[0] == round(T * 1e6) * 1000
    assert all(column.flags.c_contiguous for column in rows)


def test_every_fault_has_its_reason(sensor: Sensor, nowhere: Vertical) -> None:
    good = {"t": T, "range_m": 8000.0, "azimuth_deg": 10.0}
    payload = b"".join(
        [
            line(
                good,
                good,
                good | {"t": T + 60},
                good | {"t": 5.0},
                good | {"range_m": -1.0},
                good | {"azimuth_deg": 1e9},
                good | {"elevation_deg": 91.0},
                good | {"range_m": None},
                good | {"t": "noon"},
            ),
            line(good, radar="nobody's"),
            b"{broken\n",
            b'{"radar": "north", "scan_end": 1, "plots": [{"t": NaN}]}\n',
        ]
    )
    decoded = DECODERS["plots"](payload, RECEIVED_NS, 0, sensor, nowhere)
    assert decoded.detections.n == 1
    assert decoded.rejected == {
        "duplicate": 1,
        "time in the future": 1,
        "absurd time": 1,
        "absurd range": 1,
        "absurd azimuth": 1,
        "absurd elevation": 1,
        "no range": 1,
        "not a plot": 1,
        "unknown sensor": 1,
        "not a plot line": 2,
    }
