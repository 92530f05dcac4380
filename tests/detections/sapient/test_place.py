"""Every coordinate system of the standard, against pyproj and the house's own frames."""

from __future__ import annotations

from math import cos, degrees, isnan, nan, radians, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod, Proj
from sapient_msg.bsi_flex_335_v2_0.location_pb2 import Location, LocationCoordinateSystem
from sapient_msg.bsi_flex_335_v2_0.range_bearing_pb2 import (
    RangeBearing,
    RangeBearingCoordinateSystem,
    RangeBearingDatum,
)

from tests.detections.conftest import make_sensor
from tests.detections.sapient.nodes import (
    answers,
    bearing,
    detection,
    framed,
    registered,
    registry,
    seconds,
    status,
)
from windhover.detections.sapient import place
from windhover.detections.sapient.place import Spot, Standing, of_location, of_range_bearing
from windhover.geo import utm
from windhover.geo.frames import frame_at, to_enu
from windhover.schema.batches import Kind
from windhover.schema.place import Vertical

SENSOR = make_sensor()
HERE = Standing(radians(31.8), radians(-106.4), 1180.0)
DEGREE_M = 6_378_137.0 * radians(1.0)


def location(system: int, x: float, y: float, z: float = 1400.0, **more: Any) -> Any:
    return Location(x=x, y=y, z=z, coordinate_system=system, datum=more.pop("datum", 1), **more)


def good(said: Any, vertical: Vertical | None = None, zone: str = "") -> Spot:
    spot, _ = of_location(said, SENSOR, vertical or Vertical(), zone)
    assert spot is not None
    return spot


def test_the_same_place_in_every_system() -> None:
    known = set(LocationCoordinateSystem.values()) - {0}
    easting, northing = Proj(proj="utm", zone=13, ellps="WGS84")(-106.45, 31.85)
    said = {
        1: location(1, -106.45, 31.85),
        2: location(2, radians(-106.45), radians(31.85)),
        3: location(3, -106.45, 31.85, 1400.0 / 0.3048),
        4: location(4, radians(-106.45), radians(31.85), 1400.0 / 0.3048),
        5: location(5, easting, northing, utm_zone="13N"),
    }
    assert known <= set(said)
    for one in said.values():
        latitude, longitude, height = good(one).value
        assert degrees(latitude) == pytest.approx(31.85, abs=1e-10)
        assert degrees(longitude) == pytest.approx(-106.45, abs=1e-10)
        assert height == pytest.approx(1400.0)


def test_errors_in_the_units_of_the_coordinates_or_in_metres() -> None:
    for error, sigma in (
        (1e-4, 1e-4 * DEGREE_M),
        (8.0, 8.0),
        (0.0, 10.0),
        (-3.0, 10.0),
        (1e-200, 10.0),
    ):
        spot = good(location(1, -106.45, 31.85, y_error=error, x_error=error, z_error=4.0))
        assert spot.variance[1] == pytest.approx(sigma**2)
        assert spot.variance[2] == 16.0
        if error == 1e-4:
            assert spot.variance[0] == pytest.approx((sigma * cos(radians(31.85))) ** 2)
    spot = good(location(5, 362_000.0, 3_524_000.0, utm_zone="13N", x_error=3.0, y_error=5.0))
    assert spot.variance[:2] == (9.0, 25.0)
    feet = good(location(3, -106.45, 31.85, z_error=10.0))
    assert feet.variance[2] == pytest.approx(3.048**2)


def test_heights_above_the_geoid_need_the_undulation() -> None:
    said = location(1, -106.45, 31.85, 1400.0, datum=2)
    spot, reason = of_location(said, SENSOR, Vertical(), "")
    assert spot is not None and isnan(spot.value[2]) and "undulation unknown" in reason
    assert spot.variance[2] == 0.0
    assert good(said, Vertical(undulation_m=-25.0)).value[2] == 1375.0
    flat = location(1, -106.45, 31.85)
    flat.ClearField("z")
    assert of_location(flat, SENSOR, Vertical(), "")[1] == "height unused: none told"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (location(0, 1.0, 1.0), "unknown coordinate system"),
        (location(7, 1.0, 1.0), "unknown coordinate system"),
        (location(1, 1.0, 91.0), "absurd position"),
        (location(1, 0.0, 0.0), "no position"),
        (location(5, 362_000.0, 3_524_000.0), "UTM zone unknown"),
        (location(5, 362_000.0, 3_524_000.0, utm_zone="61N"), "UTM zone unknown"),
        (location(5, 9e9, 3_524_000.0, utm_zone="13N"), "absurd position"),
    ],
)
def test_places_that_cannot_be_meant(said: Any, reason: str) -> None:
    assert of_location(said, SENSOR, Vertical(), "") == (None, reason)


def test_a_zone_may_be_declared_once_in_the_registration() -> None:
    easting, northing = Proj(proj="utm", zone=13, ellps="WGS84")(-106.45, 31.85)
    said = detection()
    said.detection_report.location.CopyFrom(location(5, easting, northing))
    rows = registered(zone="13N").receive(framed(said), seconds(0)).decoded.detections
    assert degrees(rows.value[0, 0]) == pytest.approx(31.85)


@given(
    st.integers(1, 60), st.integers(-80_000_000, 84_000_000), st.floats(-3.5, 3.5)
)  # fmt: skip
def test_utm_against_pyproj(zone: int, micro: int, away: float) -> None:
    latitude = micro / 1e6
    longitude = (6 * zone - 183 + away + 180.0) % 360.0 - 180.0
    proj = Proj(proj="utm", zone=zone, ellps="WGS84", south=latitude < 0)
    easting, northing = proj(longitude, latitude)
    found = utm.from_utm(easting, northing, zone, latitude >= 0)
    assert found is not None
    assert abs(degrees(found[0]) - latitude) < 1e-11
    assert abs((degrees(found[1]) - longitude + 180) % 360 - 180) < 1e-11 / max(
        cos(radians(latitude)), 0.1
    )
    assert utm.to_utm(radians(latitude), radians(longitude), zone) == pytest.approx(
        (easting, northing), abs=1e-6
    )
    turn = proj.get_factors(longitude, latitude).meridian_convergence
    assert utm.convergence_rad(radians(latitude), radians(longitude), zone) == pytest.approx(
        radians(turn), abs=1e-6
    )


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("30N", (30, True)),
        ("30U", (30, True)),
        (" 19 s", (19, False)),
        ("3F", (3, False)),
        ("60X", (60, True)),
        ("", None),
        ("30", None),
        ("N", None),
        ("0N", None),
        ("61N", None),
        ("30I", None),
        ("30NN", None),
        ("²N", None),
    ],
)
def test_zones_in_words(text: str, zone: tuple[int, bool] | None) -> None:
    assert utm.parse_zone(text) == zone


def test_bearings_in_every_unit() -> None:
    known = set(RangeBearingCoordinateSystem.values()) - {0}
    angle = {1: 1.0, 2: radians(1.0), 3: 1.0, 4: radians(1.0), 5: 1.0, 6: radians(1.0)}
    length = {1: 1.0, 2: 1.0, 3: 1e-3, 4: 1e-3, 5: 1 / 0.3048, 6: 1 / 0.3048}
    assert known <= set(angle)
    for system in angle:
        said = RangeBearing(
            azimuth=30.0 * angle[system],
            elevation=5.0 * angle[system],
            range=2000.0 * length[system],
            azimuth_error=0.5 * angle[system],
            elevation_error=0.25 * angle[system],
            range_error=12.0 * length[system],
            coordinate_system=system,
            datum=1,
        )
        spot, reason = of_range_bearing(said, SENSOR, HERE)
        assert spot is not None and reason == ""
        assert spot.kind == Kind.RANGE_AZIMUTH_ELEVATION
        assert spot.value == pytest.approx((2000.0, radians(30.0), radians(5.0)))
        expected = (144.0, radians(0.5) ** 2, radians(0.25) ** 2)
        assert spot.variance == pytest.approx(expected)


def test_what_is_given_decides_the_kind_of_row() -> None:
    def kind(**fields: float) -> Kind | str:
        spot, reason = of_range_bearing(
            RangeBearing(coordinate_system=1, datum=1, **fields), SENSOR, HERE
        )
        return spot.kind if spot else reason

    assert kind(azimuth=1.0) == Kind.AZIMUTH
    assert kind(azimuth=1.0, elevation=1.0) == Kind.AZIMUTH_ELEVATION
    assert kind(azimuth=1.0, range=50.0) == Kind.RANGE_AZIMUTH
    assert kind(range=50.0) == "bearing without azimuth"
    assert kind(azimuth=1.0, range=-5.0) == "absurd range"
    assert kind(azimuth=1.0, elevation=95.0) == "absurd elevation"
    assert kind(azimuth=1e9) == "absurd bearing"


def test_every_north() -> None:
    turned = HERE._replace(heading_rad=radians(90.0), declination_rad=radians(7.5))
    grid = Proj(proj="utm", zone=13, ellps="WGS84").get_factors(-106.4, 31.8).meridian_convergence
    expected = {1: 10.0, 2: 17.5, 3: 10.0 + grid, 4: 100.0}
    assert set(expected) == set(RangeBearingDatum.values()) - {0}
    for datum, azimuth in expected.items():
        found, reason = place.azimuth_true(radians(10.0), datum, turned)
        assert reason == ""
        assert degrees(found) == pytest.approx(azimuth, abs=1e-4)
    for datum, words in ((2, "declination"), (4, "heading"), (0, "datum"), (9, "datum")):
        assert words in place.azimuth_true(0.1, datum, HERE)[1]


@given(st.floats(50.0, 40_000.0), st.floats(0.0, 6.28), st.floats(-0.2, 1.4))
def test_from_a_moving_node_a_plot_becomes_a_position(
    distance: float, azimuth: float, elevation: float
) -> None:
    plot = Spot(Kind.RANGE_AZIMUTH_ELEVATION, (distance, azimuth, elevation), (9.0, 1e-6, 4e-6))
    spot = place.from_node(plot, HERE)
    frame = frame_at(HERE.latitude_rad, HERE.longitude_rad, HERE.height_ellipsoid_m)
    enu = to_enu(frame, *spot.value)
    across = distance * cos(elevation)
    assert enu == pytest.approx(
        [across * sin(azimuth), across * cos(azimuth), distance * sin(elevation)], abs=1e-4
    )
    covariance = np.diag(spot.variance)
    for k, (i, j) in enumerate(((0, 1), (0, 2), (1, 2))):
        covariance[i, j] = covariance[j, i] = spot.cross[k]
    along = enu / distance
    assert along @ covariance @ along == pytest.approx(9.0, rel=1e-3)
    assert np.linalg.eigvalsh(covariance).min() > -1e-6
    assert np.trace(covariance) == pytest.approx(
        9.0 + across**2 * 1e-6 + distance**2 * 4e-6, rel=1e-4
    )


@given(st.floats(-60.0, 60.0), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_directions_against_the_geodesic(latitude: float, north: float, east: float) -> None:
    assume(abs(north) + abs(east) > 0.01)
    there = latitude + north
    here = Standing(radians(latitude), radians(10.0), 0.0)
    azimuth, _ = place.direction(radians(there), radians(10.0 + east), nan, here)
    forward, _, distance = Geod(ellps="WGS84").inv(10.0, latitude, 10.0 + east, there)
    apart = (degrees(azimuth) - forward + 180.0) % 360.0 - 180.0
    assert abs(radians(apart)) < 1e-3
    assert place.distance_m(
        radians(there), radians(10.0 + east), here.latitude_rad, here.longitude_rad
    ) == pytest.approx(distance, rel=2e-3)


def test_elevation_of_a_position() -> None:
    frame = frame_at(HERE.latitude_rad, HERE.longitude_rad, HERE.height_ellipsoid_m)
    spot = Spot(Kind.RANGE_AZIMUTH_ELEVATION, (20_000.0, 1.0, 0.1), (1.0, 1e-6, 1e-6))
    latitude, longitude, height = place.from_node(spot, HERE).value
    azimuth, elevation = place.direction(latitude, longitude, height, HERE)
    assert azimuth == pytest.approx(1.0, abs=1e-4)
    assert elevation == pytest.approx(0.1, abs=2e-4)
    assert frame.rotation.shape == (3, 3)


def test_a_node_that_has_moved_reports_positions_and_no_bare_bearings() -> None:
    session = registered()
    moved = status()
    moved.status_report.node_location.CopyFrom(location(1, -106.30, 31.90, 1200.0))
    session.receive(framed(moved), seconds(1))
    near = bearing(seconds(1), azimuth=0.0, elevation=0.0, range=1000.0)
    rows = session.receive(framed(near), seconds(1)).decoded.detections
    assert rows.kind.tolist() == [Kind.POSITION]
    assert degrees(rows.value[0, 0]) == pytest.approx(31.90 + 1000.0 / 110_900.0, abs=1e-5)
    only = session.receive(framed(bearing(seconds(1), azimuth=5.0)), seconds(1)).decoded
    assert only.detections.n == 0
    assert "not where the site says" in next(iter(only.rejected))
    moved.status_report.node_location.CopyFrom(location(1, -106.4001, 31.8, 900.0))
    session.receive(framed(moved), seconds(2))
    back = session.receive(framed(bearing(seconds(2), azimuth=5.0)), seconds(2)).decoded
    assert back.detections.kind.tolist() == [Kind.AZIMUTH]


def test_strict_sites_take_no_feet() -> None:
    from windhover.detections.sapient import STRICT

    session = registered(registry(tolerances=STRICT))
    said = detection()
    said.detection_report.location.coordinate_system = 3
    (error,) = answers(session.receive(framed(said), seconds(0)))
    assert error.error.error_message[0].startswith("detection_report.location.coordinate_system:")
