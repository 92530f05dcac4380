"""`windhover identify FILE`: one recorded object, by its own file and a wind file of somebody else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from windhover.cli.identify import as_json, draw, ellipse_of, identify, judge
from windhover.errors import BadInput
from windhover.timescale import to_iso

START_NS = 1_767_225_600 * 10**9


def recording(folder: Path, velocity: tuple[float, float], seconds: int = 90) -> Path:
    """A radar's points of an object over El Paso's latitude; 10 m of noise."""
    rng = np.random.default_rng(3)
    lines = ["time,lat_deg,lon_deg,height_ellipsoid_m,object,sigma_horizontal_m,sigma_vertical_m"]
    for k in range(seconds):
        east, north = (k * v + rng.normal() * 10.0 for v in velocity)
        up = 1500.0 + rng.normal() * 15.0
        lat, lon = 31.8 + north / 111_200.0, -106.4 + east / (111_200.0 * np.cos(np.radians(31.8)))
        lines.append(f"{to_iso(START_NS + k * 10**9)},{lat:.7f},{lon:.7f},{up:.1f},thing,10,15")
    path = folder / "thing.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def winds(folder: Path) -> Path:
    lines = ["time,lat_deg,lon_deg,altitude_amsl_m,wind_east_m_s,wind_north_m_s,sigma_m_s"]
    lines += [f"{to_iso(START_NS)},31.8,-106.4,{z},5.0,2.0,1.0" for z in (1300, 1500, 1700)]
    path = folder / "winds.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_moves_with_the_wind_of_the_file_drifts(tmp_path: Path) -> None:
    found, history = judge(str(recording(tmp_path, (5.3, 1.8))), [str(winds(tmp_path))])
    assert found.said == "balloon" and found.classes["balloon"] > 0.8
    told = as_json(found)
    assert set(told) >= {"motion", "class", "attributes", "evidence", "decided_after_s"}
    assert sum(told["class"].values()) == pytest.approx(1.0, abs=1e-3)
    json.dumps(told)
    np.testing.assert_allclose(history.velocity_m_s[-1], [5.3, 1.8], atol=1.5)
    np.testing.assert_allclose(history.wind_m_s[-1], [5.0, 2.0], atol=0.5)
    draw(history, tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_text().startswith("<?xml")


def test_the_same_path_in_another_wind_is_powered(tmp_path: Path) -> None:
    found, _ = judge(str(recording(tmp_path, (-9.0, -6.0))), [str(winds(tmp_path))])
    assert found.motion["through the air"] > 0.9


def test_words_and_json_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, wind = str(recording(tmp_path, (5.3, 1.8))), [str(winds(tmp_path))]
    identify(file, wind, False, "", False, False, True)
    assert "viento" in capsys.readouterr().out
    identify(file, wind, False, "", True, False, False)
    assert json.loads(capsys.readouterr().out)["said"] == "balloon"


def test_what_cannot_be_used_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        judge(str(tmp_path / "none.csv"), [])
    with pytest.raises(BadInput, match="no wind"):
        judge(str(recording(tmp_path, (1.0, 0.0))), [str(tmp_path / "thing.csv")])
    _, history = judge(str(recording(tmp_path, (5.0, 2.0), 30)), [])
    with pytest.raises(BadInput, match="picture"):
        draw(history, tmp_path / "picture.exe")


@pytest.mark.parametrize(
    ("covariance", "want"),
    [
        ([[4.0, 0.0], [0.0, 1.0]], (8.0, 4.0, 0.0)),
        ([[1.0, 0.0], [0.0, 4.0]], (8.0, 4.0, 90.0)),
        ([[2.0, 1.0], [1.0, 2.0]], (4.0 * np.sqrt(3.0), 4.0, 45.0)),
    ],
    ids=["east", "north", "between"],
)
def test_an_ellipse_lies_along_its_longer_axis(
    covariance: list[list[float]], want: tuple[float, float, float]
) -> None:
    width, height, angle = ellipse_of(np.array(covariance))
    assert (width, height) == pytest.approx(want[:2])
    assert angle % 180.0 == pytest.approx(want[2])
