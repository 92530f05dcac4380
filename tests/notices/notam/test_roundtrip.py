"""What we write we read back: the same area, heights, times, kind, and never as a real notice."""

from __future__ import annotations

from math import degrees, radians

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pyproj import Geod

from windhover.notices.notam import Draft, decode, encode, refusals
from windhover.schema.cases import Volume
from windhover.schema.place import Point
from windhover.units import M_PER_FT, NS_PER_MIN

GEOD = Geod(ellps="WGS84")
LATITUDES, LONGITUDES = st.floats(-80, 80), st.floats(-179, 179)
REASONS = st.sampled_from(
    ["Laser hazard to aircraft", "Globo en el área de aproximación", "UAS seen near the runway", ""]
)


@st.composite
def volumes(draw: st.DrawFn) -> Volume:
    lat, lon = draw(LATITUDES), draw(LONGITUDES)
    lower_ft = draw(st.one_of(st.none(), st.integers(100, 20_000)))
    upper_ft = draw(st.integers(20_100, 45_000))
    lower_m = None if lower_ft is None else lower_ft * M_PER_FT
    upper_m = upper_ft * M_PER_FT
    if draw(st.booleans()):
        centre = Point(radians(lat), radians(lon))
        return Volume((), upper_m, lower_m, centre, draw(st.floats(200, 100_000)))
    corners = draw(st.integers(3, 14))
    size_m = draw(st.floats(2_000, 100_000))
    ring = []
    for i in range(corners):
        lon2, lat2, _ = GEOD.fwd(lon, lat, 360 * i / corners, size_m)
        ring.append(Point(radians(lat2), radians(lon2)))
    return Volume(tuple(ring), upper_m, lower_m)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    start = draw(st.integers(28_000_000, 34_000_000)) * NS_PER_MIN
    end = start + draw(st.integers(1, 60_000)) * NS_PER_MIN
    kind = draw(st.sampled_from(["N", "R"]))
    return Draft(
        fir=draw(st.sampled_from(["KZAB", "MMFR", "KZAB KZHU"])),
        volume=draw(volumes()),
        from_ns=start,
        to_ns=end,
        estimated=draw(st.booleans()),
        reason_words=draw(REASONS),
        kind=kind,
        number=draw(st.sampled_from(["", "A0123/26"])),
        replaces="A0100/26" if kind == "R" else "",
        exemptions=draw(st.sampled_from([(), ("medevac", "police", "search and rescue")])),
    )


def apart_m(a: Point, b: Point) -> float:
    places = (a.longitude_rad, a.latitude_rad, b.longitude_rad, b.latitude_rad)
    return float(GEOD.inv(*map(degrees, places))[2])


@given(drafts())
def test_read_back(draft: Draft) -> None:
    notam = decode(encode(draft))
    assert notam.ok, notam.error
    assert not notam.warnings or notam.warnings == ("no series and number",)
    assert (notam.kind, notam.id, notam.refers) == (draft.kind, draft.number, draft.replaces)
    assert notam.draft is (not draft.number) and not notam.exercise
    assert notam.intervals == ((draft.from_ns, draft.to_ns),)
    assert notam.estimated is draft.estimated
    volume, areas = draft.volume, notam.areas
    assert volume is not None and len(areas) == 1
    assert notam.upper is not None and notam.upper.metres is not None
    assert abs(notam.upper.metres - volume.upper_altitude_amsl_m) < 0.31
    assert notam.lower is not None
    if volume.lower_altitude_amsl_m is None:
        assert notam.lower.datum == "SFC"
    else:
        assert notam.lower.metres is not None
        assert abs(notam.lower.metres - volume.lower_altitude_amsl_m) < 0.31
    if volume.centre is not None and volume.radius_m is not None:
        centre, radius_m = areas[0].centre, areas[0].radius_m
        assert centre is not None and radius_m is not None
        away = apart_m(centre, volume.centre)
        assert away < 25 and away + volume.radius_m <= radius_m + 1.0 <= volume.radius_m + 60
    else:
        ring = areas[0].ring
        assert len(ring) == len(volume.polygon)
        assert all(apart_m(a, b) < 25 for a, b in zip(ring, volume.polygon, strict=True))
    only_number = [r for r in refusals(notam) if r.item != "number"]
    assert not only_number, only_number


@given(drafts())
def test_an_exercise_is_read_as_one_and_refused(draft: Draft) -> None:
    notam = decode(encode(replace(draft, number="", exercise=True)))
    assert notam.ok and notam.exercise and notam.draft
    assert len(notam.areas) == 1
    assert "an exercise is never issued" in {r.words for r in refusals(notam)}
