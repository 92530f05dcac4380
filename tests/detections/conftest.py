"""Sensors and times that the decoder tests share."""

from __future__ import annotations

from math import radians

import pytest

from windhover.schema.place import Point, Sensor, Vertical

RECEIVED_NS = 1_770_791_410 * 10**9


def make_sensor(kind: str = "radar_3d", name: str = "north", **fields: object) -> Sensor:
    plain: dict[str, object] = {
        "sigma_range_m": 12.0,
        "sigma_azimuth_rad": 0.01,
        "sigma_elevation_rad": 0.02,
    }
    return Sensor(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        position=Point(radians(31.8), radians(-106.4)),
        height_ellipsoid_m=1180.0,
        range_min_m=100.0,
        range_max_m=30_000.0,
        period_s=1.0,
        **(plain | fields),  # type: ignore[arg-type]
    )


@pytest.fixture
def sensor() -> Sensor:
    return make_sensor()


@pytest.fixture
def nowhere() -> Vertical:
    """A site that states nothing about heights."""
    return Vertical()
