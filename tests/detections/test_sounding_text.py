"""Soundings as text: written for the test in Wyoming's two forms; and a recorded one."""

from __future__ import annotations

import calendar
from pathlib import Path

import numpy as np
import pytest

from windhover.air import wind as air
from windhover.detections import sounding_text
from windhover.detections.table import read_csv
from windhover.errors import BadInput
from windhover.feeds.files import read_wind
from windhover.geo.frames import frame_at
from windhover.schema.place import Vertical

LEVELS = [(959.0, 345.0, 160, 9.3), (925.0, 671.0, 165, 19.6), (850.0, 1397.0, 195, 19.6)]
CSV = (
    "time,longitude,latitude,pressure_hPa,geopotential height_m,temperature_C,wind direction_degree,wind speed_m/s\n"
    + "".join(
        f"2026-11-22 00:0{k}:00,-97.4400,35.1800,{p},{h}, 22.2,{d},{s}\n"
        for k, (p, h, d, s) in enumerate(LEVELS)
    )
    + "2026-11-22 00:09:00,-97.4400,35.1800,251.0,10505,-52.5,   ,    \n"
)
LIST = (
    "72357 OUN Norman Observations at 00Z 22 Nov 2026\n\n"
    + "-" * 77 + "\n   PRES   HGHT   TEMP   DWPT   RELH   MIXR   DRCT   SKNT   THTA   THTE   THTV\n"
    + "    hPa     m      C      C      %    g/kg    deg   knot     K      K      K\n" + "-" * 77 + "\n"
    + "".join(f"{p:7.1f}{h:7.0f}{22.2:7.1f}{19.0:7.1f}{82:7d}{14.6:7.2f}{d:7d}{s / sounding_text.KNOT_M_S:7.1f}\n" for p, h, d, s in LEVELS)
    + " 100.0 16000\n"
    + "Station information and sounding indices\n\n Station identifier: OUN\n Station number: 72357\n"
    + " Observation time: 261122/0000\n Station latitude: 35.18\n Station longitude: -97.44\n Station elevation: 345.0\n"
)  # fmt: skip


def test_csv_and_list_tell_the_same_winds() -> None:
    assert sounding_text.is_wyoming(read_csv(CSV.encode()))
    assert sounding_text.is_list(LIST.encode())
    one, _ = sounding_text.read_wyoming(read_csv(CSV.encode()))
    other, _ = sounding_text.read_list(LIST.encode())
    assert one is not None and other is not None
    for wind in (one, other):
        turn = np.radians([d for _, _, d, _ in LEVELS])
        speed = np.array([s for _, _, _, s in LEVELS])
        np.testing.assert_allclose(wind.east_m_s, -speed * np.sin(turn), atol=0.06)
        np.testing.assert_allclose(wind.north_m_s, -speed * np.cos(turn), atol=0.06)
        np.testing.assert_allclose(wind.altitude_amsl_m, [345.0, 671.0, 1397.0])
        np.testing.assert_allclose(np.degrees(wind.latitude_rad), 35.18)
        assert wind.time_ns[0] == calendar.timegm((2026, 11, 22, 0, 0, 0)) * 10**9


def test_a_list_without_its_station_is_refused() -> None:
    with pytest.raises(BadInput, match="where and when"):
        sounding_text.read_list(LIST.split("Station information")[0].encode())


def test_wind_files_are_known_by_their_content(tmp_path: Path) -> None:
    """A METAR and a sounding make one field, each with its own error."""
    surface, ascent = tmp_path / "a.txt", tmp_path / "b.txt"
    surface.write_text("2026/11/22 00:51\nKOUN 220045Z 16018KT 10SM CLR 20/12 A2992\n")
    ascent.write_text(LIST)
    metar, levels = read_wind(surface), read_wind(ascent)
    assert (metar.n, levels.n) == (1, 3)
    now = calendar.timegm((2026, 11, 22, 1, 0, 0)) * 10**9
    field = air.add(air.add(air.start(), metar, now), levels, now)
    frame = frame_at(np.radians(35.2), np.radians(-97.45), 340.0)
    place = np.array([[0.0, 0.0, 20.0], [0.0, 0.0, 1050.0]])
    mean, covariance = air.wind_at(field, frame, now, place, Vertical(0.0, 340.0))
    # Near the ground both say 9 m/s; aloft only the sounding knows.
    assert np.hypot(*mean[0]) == pytest.approx(9.3, abs=1.5)
    assert np.hypot(*mean[1]) > 13.0
    assert (np.sqrt(covariance[:, 0, 0]) < 3.5).all()


@pytest.mark.shared
def test_a_recorded_sounding(shared: Path) -> None:
    """The CSV inside a recorded answer of Wyoming's service: 30 levels with wind of 1999-05-03."""
    text = (shared / "data/wind/siphon_wyoming_sounding").read_text()
    inside = text[text.index('"time,longitude') + 1 :]
    inside = inside[: inside.index('\\n"\n') + 2]
    table = " ".join(inside.split()).replace("\\n", "\n")
    wind, _ = sounding_text.read_wyoming(read_csv(table.encode()))
    assert wind is not None and wind.n == 30
    speed = np.hypot(wind.east_m_s, wind.north_m_s)
    assert speed[0] == pytest.approx(9.3) and speed.max() == pytest.approx(37.6)
    assert wind.altitude_amsl_m[0] == 345.0
