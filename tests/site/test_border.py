"""The unofficial border against the official one (International Boundary and Water Commission)."""

from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString
from shapely.geometry import Point as Dot

from windhover.errors import BadSite
from windhover.geo.frames import frame_at, to_enu
from windhover.schema.place import Point
from windhover.site import border, shapes
from windhover.units import RAD_PER_DEG

EL_PASO = Point(31.79 * RAD_PER_DEG, -106.45 * RAD_PER_DEG)
FRAME = frame_at(EL_PASO.latitude_rad, EL_PASO.longitude_rad, 0.0)


def enu(line: tuple[Point, ...]) -> np.ndarray:
    return to_enu(
        FRAME,
        np.array([p.latitude_rad for p in line]),
        np.array([p.longitude_rad for p in line]),
        np.zeros(len(line)),
    )[:, :2]


def unofficial(radius_m: float = 30_000.0) -> border.Border:
    return border.border_from_timezones(
        "America/Denver",
        ["America/Ciudad_Juarez"],
        centre=EL_PASO,
        radius_m=radius_m,
        neighbour="MX",
        cache=False,
    )


@pytest.mark.shared
def test_unofficial_line_lies_within_twenty_metres_of_the_official_one(shared: Path) -> None:
    lines = shapes.lines_of(shared / "data/border/us_mx_border_ibwc_s2m.geojson")
    official = border.official(
        lines,
        source="IBWC",
        sigma_m=5.0,
        neighbour="MX",
        home=EL_PASO,
        centre=EL_PASO,
        radius_m=40_000,
    )
    assert official.official
    there = MultiLineString([LineString(enu(line)) for line in official.line])
    found = unofficial()
    assert not found.official and "unofficial" in found.source
    near = LineString(enu(max(found.line, key=len))).intersection(Dot(0, 0).buffer(25_000))
    steps = np.arange(0.0, near.length, 25.0)
    apart_m = np.array([there.distance(near.interpolate(step)) for step in steps])
    assert len(apart_m) > 1000
    assert np.median(apart_m) < 3.0
    assert apart_m.max() < 25.0


def test_the_line_is_one_piece_and_stays_in_the_sector() -> None:
    found = unofficial(20_000.0)
    assert len(found.line) == 1
    reach_m = np.abs(enu(found.line[0])).max()
    assert 18_000 < reach_m < 30_000


def test_kept_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ask = {"centre": EL_PASO, "radius_m": 10_000.0}
    first = border.border_from_timezones("America/Denver", "America/Ciudad_Juarez", **ask)
    kept = list((tmp_path / "windhover").iterdir())
    assert len(kept) == 1 and kept[0].suffix == ".msgpack"
    assert border.border_from_timezones("America/Denver", "America/Ciudad_Juarez", **ask) == first
    kept[0].write_bytes(b"broken")
    assert border.border_from_timezones("America/Denver", "America/Ciudad_Juarez", **ask) == first


@pytest.mark.parametrize(
    "zones", [("America/Nowhere", "America/Denver"), ("Europe/Paris", "Europe/Rome")]
)
def test_zones_that_are_none_or_far_away(zones: tuple[str, str]) -> None:
    with pytest.raises(BadSite, match="border"):
        border.border_from_timezones(*zones, centre=EL_PASO, radius_m=10_000.0, cache=False)
