"""What we write we read back: the same area, heights, times, kind, and never as a real notice."""

from __future__ import annotations

from math import degrees, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pyproj import Geod

from windhover.errors import BadInput
from windhover.notices.notam import Draft, FdcDraft, decode, encode, encode_fdc, refusals
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


@given(drafts(), st.sampled_from(["91.137", "99.7", "91.145"]))
def test_an_fdc_text_is_read_back(draft: Draft, section: str) -> None:
    assert draft.volume is not None
    fdc = FdcDraft(
        facility="ZAB",
        state="TX",
        city="El Paso",
        section=section,
        volume=draft.volume,
        from_ns=draft.from_ns,
        to_ns=draft.to_ns,
        reason_words=draft.reason_words,
        number="6/0001" if draft.number else "",
        estimated=draft.estimated,
        exemptions=draft.exemptions,
        excludes="Mexican",
        border_sigma_m=16.0,
    )
    text = encode_fdc(fdc)
    assert text.startswith("!FDC 6/0001" if draft.number else "DRAFT, NOT A NOTAM / BORRADOR")
    notam = decode(text)
    assert notam.ok and notam.kind == "FDC" and not notam.warnings
    assert (notam.id, notam.legal_basis) == (fdc.number, f"14 CFR {section}")
    assert notam.intervals == ((draft.from_ns, draft.to_ns),)
    assert notam.upper is not None and notam.upper.metres is not None
    assert abs(notam.upper.metres - draft.volume.upper_altitude_amsl_m) < 0.31
    assert len(notam.areas) == 1
    if draft.volume.radius_m is not None:
        radius_m = notam.areas[0].radius_m
        assert radius_m is not None and -1 < radius_m - draft.volume.radius_m < 60
    else:
        ring = notam.areas[0].ring
        assert all(apart_m(a, b) < 25 for a, b in zip(ring, draft.volume.polygon, strict=True))
    exercise = encode_fdc(replace(fdc, number="", exercise=True))
    assert all(line.startswith("EXERCISE") for line in exercise.splitlines())
    assert decode(exercise).exercise


def test_a_section_that_restricts_nothing_is_refused() -> None:
    volume = Volume((), 1000.0, None, Point(0.5, -1.8), 1000.0)
    with pytest.raises(BadInput):
        encode_fdc(
            FdcDraft(
                facility="ZAB",
                state="TX",
                city="X",
                section="91.113",
                volume=volume,
                from_ns=0,
                to_ns=None,
                reason_words="",
            )
        )
