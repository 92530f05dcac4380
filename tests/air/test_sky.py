"""Moon, planets and stars against published places."""

from __future__ import annotations

import calendar
from math import degrees, radians

import numpy as np
import pytest

from windhover.air import sky


def utc_ns(*moment: int) -> int:
    return calendar.timegm((*moment, *(0,) * (9 - len(moment)))) * 10**9


def horizontal(ra_deg: float, dec_deg: float, latitude_deg: float, longitude_deg: float, julian_day: float) -> tuple[float, float]:  # fmt: skip
    """Azimuth and true elevation in degrees: Meeus 1998, eq. 12.4 and 13.5–13.6."""
    days = julian_day - 2_451_545.0
    sidereal = 280.46061837 + 360.98564736629 * days + longitude_deg
    hour, dec, lat = radians(sidereal - ra_deg), radians(dec_deg), radians(latitude_deg)
    up = np.arcsin(np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour))
    azimuth = np.arctan2(np.sin(hour), np.cos(hour) * np.sin(lat) - np.tan(dec) * np.cos(lat))
    return (degrees(azimuth) + 180.0) % 360.0, degrees(up)


def named(name: str, time_ns: int, latitude_deg: float, longitude_deg: float) -> sky.Light:
    up = sky.lights(time_ns, radians(latitude_deg), radians(longitude_deg))
    return next(light for light in up if light.name.en == name)


def test_venus_of_the_published_example() -> None:
    """Meeus 1998, example 33.a: apparent 316.17291°, −18.88801° on 20 December 1992, 0h TD."""
    venus = named("Venus", utc_ns(1992, 12, 20), -30.0, 100.0 - 360.0 + 190.0)
    azimuth, up = horizontal(316.17291, -18.88801, -30.0, -70.0, 2_448_976.5)
    assert degrees(venus.azimuth_rad) == pytest.approx(azimuth, abs=0.03)
    assert degrees(venus.elevation_rad) == pytest.approx(up, abs=0.05)
    assert venus.magnitude < -3.5


def test_the_moon_of_the_published_example() -> None:
    """Meeus 1998, example 47.a: declination 13.768368°, parallax 0.991990° on 12 April 1992, 0h TD.

    From the pole the Moon stands as high as its declination, less parallax, more refraction.
    """
    moon = named("the Moon", utc_ns(1992, 4, 12), 89.999, 0.0)
    true_up = 13.768368 - 0.991990 * 0.99664 * np.cos(radians(13.768368))
    refraction = 1.02 / 60.0 / np.tan(radians(true_up + 10.3 / (true_up + 5.11)))  # eq. 16.4
    assert degrees(moon.elevation_rad) == pytest.approx(true_up + refraction, abs=0.03)


def test_the_great_conjunction_of_2020() -> None:
    """Jupiter and Saturn stood 6.1′ apart on 21 December 2020 (as announced everywhere)."""
    where = (utc_ns(2020, 12, 21, 18, 20), 30.0, -10.0)
    one, other = named("Jupiter", *where), named("Saturn", *where)
    apart = sky.apart_rad(
        one.azimuth_rad, one.elevation_rad,
        np.array(other.azimuth_rad), np.array(other.elevation_rad),
    )  # fmt: skip
    assert degrees(float(apart)) * 60.0 == pytest.approx(6.1, abs=0.3)


def test_sirius_stands_where_its_catalogue_place_says() -> None:
    """J2000 101.28716°, −16.71612° (Hipparcos); precession to 2026 is less than 0.4°."""
    sirius = named("Sirius", utc_ns(2026, 2, 10, 4), 31.785, -106.445)
    julian_day = 2_461_081.5 + 4.0 / 24.0
    azimuth, up = horizontal(101.28716, -16.71612, 31.785, -106.445, julian_day)
    assert degrees(sirius.azimuth_rad) == pytest.approx(azimuth, abs=0.5)
    assert degrees(sirius.elevation_rad) == pytest.approx(up, abs=0.4)


def test_by_day_only_the_moon_shows() -> None:
    up = sky.lights(utc_ns(2026, 11, 22, 21), radians(31.785), radians(-106.445))
    assert [light.name.en for light in up] in ([], ["the Moon"])
    night = sky.lights(utc_ns(2026, 11, 22, 5), radians(31.785), radians(-106.445))
    assert len(night) > 5
    assert all(light.elevation_rad > 0.0 for light in night)
