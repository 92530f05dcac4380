"""A site folder says what it means, in people's units; every mistake is one clear line."""

from math import degrees
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windhover import site as sites
from windhover.errors import BadSite
from windhover.site.folder import parse

SMALL = """
name = "Small"
country = "GB"
fir = "EGTT"
local_timezone = "Europe/London"
[sector]
name = "small"
latitude_deg = 51.15
longitude_deg = -0.19
radius_km = 30.0
ground_altitude_amsl_m = 62.0
undulation_m = 45.6
[[sensor]]
name = "r1"
kind = "radar_3d"
latitude_deg = 51.15
longitude_deg = -0.19
height_ground_m = 10.0
range_max_km = 12.0
period_s = 1.0
sigma_azimuth_deg = 0.5
[[zone]]
id = "z"
name = "Zone"
kind = "critical"
latitude_deg = 51.15
longitude_deg = -0.19
radius_km = 1.0
upper_ft = 400.0
[[party]]
id = "tower"
name = "Tower"
country = "GB"
language = "en"
kinds = ["atc", "authority"]
address = "tower@airport.example"
[[aerodrome]]
icao = "EGKK"
"""


def write(folder: Path) -> Path:
    for name, text in sites.example_files().items():
        (folder / name).write_text(text, "utf-8")
    return folder


def test_units_become_si_and_radians() -> None:
    site = parse(SMALL, Path())
    sensor = site.sensors[0]
    assert degrees(site.sector.origin.latitude_rad) == pytest.approx(51.15)
    assert site.sector.radius_m == 30_000.0
    assert site.sector.origin_height_ellipsoid_m == pytest.approx(62.0 + 45.6)
    assert sensor.height_ellipsoid_m == pytest.approx(62.0 + 45.6 + 10.0)
    assert sensor.range_max_m == 12_000.0
    assert degrees(sensor.sigma_azimuth_rad) == pytest.approx(0.5)
    assert site.zones[0].upper_height_ground_m == pytest.approx(121.92)
    assert site.parties[0].acknowledge_within_s == 300.0
    assert site.parties[0].local_timezone == "Europe/London"


def test_what_a_library_knows_is_looked_up_and_what_nobody_states_stays_unknown() -> None:
    site = parse(SMALL, Path())
    gatwick = site.aerodromes[0]
    assert gatwick.name.startswith("London Gatwick") and gatwick.country == "GB"
    assert gatwick.elevation_amsl_m == pytest.approx(202.0 * 0.3048)
    assert gatwick.runways == ()
    assert site.border is None and site.sector.vertical.qnh_hpa is None
    looked_up = parse(SMALL.replace('local_timezone = "Europe/London"', ""), Path())
    assert looked_up.local_timezone == "Europe/London"


def test_the_houses_ladder_stands_where_none_is_stated() -> None:
    ladder = parse(SMALL, Path()).policy.ladder
    assert [rung.name for rung in ladder] == ["R0", "R1", "R2", "R3", "R4", "R5", "R6"]
    assert [rung.limit_s for rung in ladder] == [None, None, 600, 900, 1800, 1800, 1800]
    assert {rung.competent for rung in ladder} == {"tower"}
    assert ladder[5].people == 2


def test_the_packaged_example_and_default_load(tmp_path: Path) -> None:
    site = sites.load(write(tmp_path))
    assert site == sites.load(tmp_path / "site.toml")
    assert site.exercise and site.border is not None and not site.border.official
    assert {zone.id for zone in site.zones} == {"substation", "strip"}
    assert all(party.address.endswith(".example") for party in site.parties)
    unknown = sites.default(50.0, 8.0)
    assert unknown.sector.vertical.undulation_m is None
    assert unknown.sector.vertical.ground_altitude_amsl_m is None
    assert degrees(unknown.sector.origin.latitude_rad) == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            ("range_max_km", "range_km"),
            "sensor[0]: unknown key 'range_km'. Did you mean 'range_max_km'?",
        ),
        (('fir = "EGTT"\n', ""), "the key 'fir' is missing"),
        (("latitude_deg = 51.15", "latitude_deg = 151.15"), "sector.latitude_deg"),
        (("period_s = 1.0", 'period_s = "fast"'), "sensor[0].period_s: expected float, got str"),
        (("period_s = 1.0", "period_s = nan"), "sensor[0].period_s: must be a number"),
        (('kind = "radar_3d"', 'kind = "sonar"'), "sensor[0].kind"),
        (("undulation_m = 45.6", "height_ellipsoid_m = 107.6"), "needs 'sector.undulation_m'"),
        (("ground_altitude_amsl_m = 62.0\n", ""), "'height_ellipsoid_m' is missing"),
        (
            ("height_ground_m = 10.0", "height_ground_m = 10.0\naltitude_amsl_m = 70.0"),
            "exactly one",
        ),
        (("upper_ft = 400.0", ""), "needs 'upper_ft' or 'upper_m'"),
        (("radius_km = 1.0", ""), "a circle needs"),
        (("radius_km = 1.0", 'radius_km = 1.0\nfile = "z.geojson"'), "needs one shape"),
        (('icao = "EGKK"', 'icao = "ZZ99"'), "is not in airportsdata"),
        (
            ('local_timezone = "Europe/London"', 'local_timezone = "Europe/Crawley"'),
            "is no IANA time zone",
        ),
        (('language = "en"', 'language = "fr"'), "party[0].language"),
        (("[sector]", "[sector"), "is no TOML"),
    ],
)
def test_every_mistake_is_one_line_that_names_the_key(change: tuple[str, str], line: str) -> None:
    assert change[0] in SMALL
    with pytest.raises(BadSite) as caught:
        parse(SMALL.replace(*change, 1), Path())
    assert line in str(caught.value)
    assert str(caught.value).startswith("site.toml: ") and "\n" not in str(caught.value)


def test_names_may_not_repeat_and_rungs_need_a_known_authority() -> None:
    twice = (
        SMALL
        + '[[party]]\nid = "tower"\nname = "T"\ncountry = "GB"\nlanguage = "en"\nkinds = []\naddress = "a@b.example"\n'
    )
    with pytest.raises(BadSite, match="two party entries are called 'tower'"):
        parse(twice, Path())
    rung = '[policy]\n[[policy.rung]]\nname = "R3"\naction_en = "pause"\naction_es = "pausar"\ncompetent = "nobody"\n'
    with pytest.raises(BadSite, match="no party is called 'nobody'"):
        parse(SMALL + rung, Path())


@pytest.mark.parametrize(
    ("geojson", "line"),
    [
        ("{", "cannot be read as GeoJSON"),
        ('{"type": "Polygon", "coordinates": []}', "is empty"),
        ('{"type": "Polygon", "coordinates": [[[0,0],[1,1],[0,1],[1,0],[0,0]]]}', "cross itself"),
        ('{"type": "Polygon", "coordinates": [[[51.1,200.0],[1,1],[0,1]]]}', "longitude first"),
        ('{"type": "LineString", "coordinates": [[0,0],[1,1]]}', "no single Polygon"),
    ],
)
def test_bad_geojson_is_one_line_too(tmp_path: Path, geojson: str, line: str) -> None:
    write(tmp_path)
    (tmp_path / "zones.geojson").write_text(geojson)
    with pytest.raises(BadSite) as caught:
        sites.load(tmp_path)
    assert line in str(caught.value) and "zones.geojson" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadSite, match="windhover site init"):
        sites.load(tmp_path / "none")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_loads_or_is_refused_as_a_bad_site(text: str) -> None:
    with pytest.raises(BadSite):
        parse(text, Path("none"))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.sampled_from(['"', "=", "[", "9", "-", "x", "\n", "e9"]))
def test_a_slip_of_the_pen_never_crashes(at: int, what: str) -> None:
    try:
        parse(SMALL[:at] + what + SMALL[at + 1 :], Path("none"))
    except BadSite as refused:
        assert str(refused).startswith("site.toml")
