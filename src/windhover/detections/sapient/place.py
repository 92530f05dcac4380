"""Where a SAPIENT message says something is: every coordinate system of the standard → one row.

| `Location` | x, y, z |
|---|---|
| LAT_LNG_DEG_M, LAT_LNG_RAD_M | longitude, latitude, height in m |
| UTM_M | easting, northing, height in m, with a zone |
| 3, 4 (withdrawn: before BSI Flex 335) | degrees, radians, height in feet |

| `RangeBearing` | angles, range |
|---|---|
| DEGREES_M, RADIANS_M, DEGREES_KM, RADIANS_KM | as named |
| 5, 6 (withdrawn) | degrees, radians, range in feet |

Heights are above the ellipsoid (WGS84_E) or the geoid (WGS84_G, which needs the site's undulation).
Azimuths count from true, magnetic (declination needed), grid (zone from the node's place) or the
platform's own north (its heading needed). What a site does not state is never guessed: the row, or
its height, is refused and counted. Errors are taken as standard errors.
"""

from __future__ import annotations

from math import asin, atan2, cos, hypot, isnan, nan, pi, sin, sqrt
from typing import Final, NamedTuple

import numpy as np

from windhover.detections.decoded import position_fault
from windhover.detections.sapient.wire import Message
from windhover.geo import utm
from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from windhover.geo.frames import frame_at, from_enu
from windhover.schema.batches import Kind
from windhover.schema.place import Sensor, Vertical
from windhover.units import DEG_PER_RAD, M_PER_FT, M_PER_KM, RAD_PER_DEG

Triple = tuple[float, float, float]

# Value of the enumeration → what one unit of x and y, of z, and of the range is.
_LOCATION: Final = {
    1: (RAD_PER_DEG, 1.0),
    2: (1.0, 1.0),
    3: (RAD_PER_DEG, M_PER_FT),
    4: (1.0, M_PER_FT),
}
_UTM: Final = 5
_BEARING: Final = {
    1: (RAD_PER_DEG, 1.0),
    2: (1.0, 1.0),
    3: (RAD_PER_DEG, M_PER_KM),
    4: (1.0, M_PER_KM),
    5: (RAD_PER_DEG, M_PER_FT),
    6: (1.0, M_PER_FT),
}
_ELLIPSOID, _GEOID = 1, 2
_TRUE, _MAGNETIC, _GRID, _PLATFORM = 1, 2, 3, 4

SIGMA_POSITION_UNSTATED_M: Final = 10.0
SIGMA_HEIGHT_UNSTATED_M: Final = 15.0
SIGMA_RANGE_UNSTATED_M: Final = 25.0
SIGMA_ANGLE_UNSTATED_RAD: Final = 0.02
ANGULAR_ERROR_MAX_RAD: Final = 0.001
"""The standard leaves open whether the error of a longitude is an angle or metres: 0.001 rad would be
6 km and 0.001 m nothing, so that a value says itself which of the two was meant."""
LEAST_ERROR_M: Final = 1e-3
LEAST_ERROR_RAD: Final = 1e-6
"""No sensor of the air is surer than this: a smaller error, like one of 0, was not meant as one."""
MOVED_M: Final = 50.0
"""A node that says it stands farther than this from where the site says so has moved."""
MAX_HEIGHT_M: Final = 60_000.0
MAX_RANGE_M: Final = 1_000_000.0


class Standing(NamedTuple):
    """What is known of the place and attitude of a node."""

    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float  # NaN where not known
    heading_rad: float | None = None  # of the platform's own north, clockwise from true north
    declination_rad: float | None = None  # magnetic north, clockwise from true north
    moved: bool = False  # away from the row of the site's sensor table


class Spot(NamedTuple):
    """One row of `Detections`, before it becomes one."""

    kind: Kind
    value: Triple
    variance: Triple  # the diagonal of the covariance in its own units
    cross: Triple = (0.0, 0.0, 0.0)  # (0, 1), (0, 2), (1, 2) of the covariance


def height_of(z: float, datum: int, vertical: Vertical) -> tuple[float, str]:
    """Height above the ellipsoid in m, and why it is NaN if it is."""
    if not abs(z) <= MAX_HEIGHT_M:
        return nan, "height unused: absurd"
    if datum == _ELLIPSOID:
        return z, ""
    if datum == _GEOID:
        if vertical.undulation_m is None:
            return nan, "height unused: above mean sea level, undulation unknown"
        return z + vertical.undulation_m, ""
    return nan, "height unused: datum unknown"


def of_location(
    location: Message, sensor: Sensor, vertical: Vertical, zone: str = ""
) -> tuple[Spot | None, str]:
    """A `Location` → its row, and a reason: why there is none, or why its height is unused.

    `zone` is what the registration declared, for messages that do not repeat it.
    """
    system = location.coordinate_system
    x, y = location.x, location.y
    if system == _UTM:
        found = utm.parse_zone(location.utm_zone or zone)
        if found is None:
            return None, "UTM zone unknown"
        place = utm.from_utm(x, y, *found)
        if place is None:
            return None, "absurd position"
        latitude, longitude = place
        metres_x = metres_y = 0.0
        z_unit = 1.0
    elif system in _LOCATION:
        unit, z_unit = _LOCATION[system]
        longitude, latitude = x * unit, y * unit
        metres_y = SEMI_MAJOR_M * unit
        metres_x = metres_y * cos(latitude) if abs(latitude) <= pi / 2 else 0.0
    else:
        return None, "unknown coordinate system"
    fault = position_fault(latitude * DEG_PER_RAD, longitude * DEG_PER_RAD)
    if fault:
        return None, fault
    default = sensor.sigma_position_m or SIGMA_POSITION_UNSTATED_M
    limit = ANGULAR_ERROR_MAX_RAD * SEMI_MAJOR_M
    east = _error_m(location.x_error, metres_x, limit, default)
    north = _error_m(location.y_error, metres_y, limit, default)
    height, reason, sigma = nan, "height unused: none told", 0.0
    if location.HasField("z"):
        height, reason = height_of(location.z * z_unit, location.datum, vertical)
        if not isnan(height):
            sigma = location.z_error * z_unit
            if not LEAST_ERROR_M <= sigma < 1e5:
                sigma = sensor.sigma_height_m or SIGMA_HEIGHT_UNSTATED_M
    spot = Spot(
        Kind.POSITION,
        (latitude, (longitude + pi) % (2 * pi) - pi, height),
        (east * east, north * north, sigma * sigma),
    )
    return spot, reason


def _error_m(error: float, metres_per_unit: float, limit_m: float, default_m: float) -> float:
    """The standard error in m of one horizontal coordinate."""
    as_angle_m = error * metres_per_unit
    error_m = as_angle_m if 0.0 < as_angle_m <= limit_m else error
    return error_m if LEAST_ERROR_M <= error_m < 1e6 else default_m


def azimuth_true(azimuth_rad: float, datum: int, node: Standing) -> tuple[float, str]:
    """Azimuth from true north in 0…2π, and why it is not known if it is not."""
    turn: float | None
    if datum == _TRUE:
        turn, lacking = 0.0, ""
    elif datum == _MAGNETIC:
        turn, lacking = node.declination_rad, "magnetic bearing, declination unknown"
    elif datum == _GRID:
        zone = utm.zone_of(node.longitude_rad)
        turn = utm.convergence_rad(node.latitude_rad, node.longitude_rad, zone)
        lacking = ""
    elif datum == _PLATFORM:
        turn = node.heading_rad
        lacking = "bearing from the platform's own north, heading unknown"
    else:
        turn, lacking = None, "bearing without a datum"
    if turn is None:
        return nan, lacking
    return (azimuth_rad + turn) % (2 * pi), ""


def of_range_bearing(said: Message, sensor: Sensor, node: Standing) -> tuple[Spot | None, str]:
    """A `RangeBearing` → its row as that sensor's plot, or a position where the node has moved."""
    units = _BEARING.get(said.coordinate_system)
    if units is None:
        return None, "unknown coordinate system"
    if not said.HasField("azimuth"):
        return None, "bearing without azimuth"
    angle, length = units
    if not abs(said.azimuth * angle) <= 4 * pi:
        return None, "absurd bearing"
    azimuth, reason = azimuth_true(said.azimuth * angle, said.datum, node)
    if reason:
        return None, reason
    sigma_azimuth = _or(said.azimuth_error * angle, sensor.sigma_azimuth_rad)
    elevation, sigma_elevation = nan, 0.0
    if said.HasField("elevation"):
        elevation = said.elevation * angle
        if not abs(elevation) <= pi / 2:
            return None, "absurd elevation"
        sigma_elevation = _or(said.elevation_error * angle, sensor.sigma_elevation_rad)
    if not said.HasField("range"):
        if node.moved:
            return None, "bearing from a node that is not where the site says"
        if isnan(elevation):
            return Spot(Kind.AZIMUTH, (azimuth, 0.0, 0.0), (sigma_azimuth**2, 0.0, 0.0)), ""
        return Spot(
            Kind.AZIMUTH_ELEVATION,
            (azimuth, elevation, 0.0),
            (sigma_azimuth**2, sigma_elevation**2, 0.0),
        ), ""
    distance = said.range * length
    if not 0.0 < distance <= MAX_RANGE_M:
        return None, "absurd range"
    sigma_range = said.range_error * length
    if not LEAST_ERROR_M <= sigma_range < 1e5:
        sigma_range = sensor.sigma_range_m or SIGMA_RANGE_UNSTATED_M
    if isnan(elevation):
        spot = Spot(
            Kind.RANGE_AZIMUTH,
            (distance, azimuth, 0.0),
            (sigma_range**2, sigma_azimuth**2, 0.0),
        )
    else:
        spot = Spot(
            Kind.RANGE_AZIMUTH_ELEVATION,
            (distance, azimuth, elevation),
            (sigma_range**2, sigma_azimuth**2, sigma_elevation**2),
        )
    return (from_node(spot, node), "") if node.moved else (spot, "")


def _or(error_rad: float, stated_rad: float) -> float:
    return (
        error_rad if LEAST_ERROR_RAD <= error_rad < pi else stated_rad or SIGMA_ANGLE_UNSTATED_RAD
    )


def from_node(spot: Spot, node: Standing) -> Spot:
    """Range and bearing from where the node stands now → a position.

    The covariance is turned with the directions of range, azimuth and elevation. Without an
    elevation the height is not known and the range is taken along the ground.
    """
    distance, azimuth, elevation = spot.value
    flat = spot.kind == Kind.RANGE_AZIMUTH
    height = node.height_ellipsoid_m
    frame = frame_at(node.latitude_rad, node.longitude_rad, 0.0 if isnan(height) else height)
    across, up = distance * cos(elevation), distance * sin(elevation)
    enu = np.array([across * sin(azimuth), across * cos(azimuth), up])
    latitude, longitude, top = map(float, from_enu(frame, enu))
    jacobian = np.array(
        [
            [sin(azimuth) * cos(elevation), enu[1], -up * sin(azimuth)],
            [cos(azimuth) * cos(elevation), -enu[0], -up * cos(azimuth)],
            [sin(elevation), 0.0, across],
        ]
    )
    covariance = jacobian @ np.diag(spot.variance) @ jacobian.T
    if flat or isnan(height):
        covariance[2, :] = covariance[:, 2] = 0.0
        top = nan
    return Spot(
        Kind.POSITION,
        (latitude, longitude, top),
        (float(covariance[0, 0]), float(covariance[1, 1]), float(covariance[2, 2])),
        (float(covariance[0, 1]), float(covariance[0, 2]), float(covariance[1, 2])),
    )


def _apart_m(
    latitude_rad: float, longitude_rad: float, from_latitude_rad: float, from_longitude_rad: float
) -> tuple[float, float, float]:
    """East and north in m from one place to another, and the turn of the mean azimuth in rad."""
    middle = (latitude_rad + from_latitude_rad) / 2
    w = 1.0 - ECCENTRICITY_SQUARED * sin(middle) ** 2
    north = (latitude_rad - from_latitude_rad) * SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED)
    north /= w * sqrt(w)
    away = (longitude_rad - from_longitude_rad + pi) % (2 * pi) - pi
    east = away * SEMI_MAJOR_M / sqrt(w) * cos(middle)
    return east, north, away * sin(middle) / 2


def distance_m(
    latitude_rad: float, longitude_rad: float, from_latitude_rad: float, from_longitude_rad: float
) -> float:
    """Along the ground, as exact as `direction`."""
    east, north, _ = _apart_m(latitude_rad, longitude_rad, from_latitude_rad, from_longitude_rad)
    return hypot(east, north)


def direction(
    latitude_rad: float, longitude_rad: float, height_m: float, node: Standing
) -> tuple[float, float | None]:
    """Azimuth and elevation in rad from a node to a place; no elevation where a height is unknown.

    On the tangent plane with the local radii: within 1 mrad to 100 km below 60° of latitude.
    """
    east, north, turn = _apart_m(latitude_rad, longitude_rad, node.latitude_rad, node.longitude_rad)
    ground = hypot(east, north)
    # Half the meridians' convergence: the middle of the line has the mean azimuth.
    azimuth = (atan2(east, north) - turn) % (2 * pi)
    up = height_m - node.height_ellipsoid_m
    if isnan(up) or not ground:
        return azimuth, None
    up -= ground * ground / (2.0 * SEMI_MAJOR_M)
    return azimuth, asin(up / hypot(up, ground))
