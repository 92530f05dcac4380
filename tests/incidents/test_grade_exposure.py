"""Evidence grades and exposure on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.geo.scene import NOW_NS, Thing, at, look, site
from windhover.geo.volumes import circle_volume, from_plane, plane_of
from windhover.incidents import exposure
from windhover.incidents.grade import ORDER, claims_about, grade, grade_of_track, modalities
from windhover.schema.cases import Claim

PLACE = site()
RADAR, RADAR2, CAMERA, RECEIVER = 1, 2, 4, 8


def claim(party: str = "tower", evidence: str = "seen by eye", track_id: int | None = 1) -> Claim:
    return Claim("S1", party, "a drone", evidence, NOW_NS, track_id)


@pytest.mark.parametrize(
    ("bits", "claims", "expected"),
    [
        (RADAR, (), "E2"),
        (RADAR | RADAR2, (), "E2"),  # two observers, one modality
        (RADAR | CAMERA, (), "E3"),
        (RECEIVER, (), "E2"),
        (RADAR | RECEIVER, (), "E2"),  # what it broadcasts of itself is no second modality
        (0, (), "E1"),
        (0, (claim(),), "E1"),
        (0, (claim(), claim()), "E1"),  # said twice by the same party
        (0, (claim(), claim("cell")), "E2"),
        (RADAR, (claim(),), "E3"),
        (RADAR, (claim(evidence="Imagery "),), "E4"),
        (0, (claim(evidence="operator found"),), "E4"),
    ],
)
def test_grades(bits: int, claims: tuple[Claim, ...], expected: str):
    seen = look(PLACE, Thing(31.8, -106.5, sensors=bits))
    assert grade_of_track(seen, 0, claims, False) == expected


def test_explained_is_e0_unless_proved():
    assert grade(2, 2, (), explained=True) == "E0"
    assert grade(2, 2, (claim(evidence="recovery"),), explained=True) == "E4"


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_more_eyes_never_lower_the_grade(observers: int, kinds: int, parties: int):
    claims = tuple(claim(f"p{i}") for i in range(parties))
    here = ORDER.index(grade(observers, min(kinds, observers), claims))
    assert ORDER.index(grade(observers + 1, min(kinds, observers), claims)) >= here
    assert ORDER.index(grade(observers + 1, min(kinds, observers) + 1, claims)) >= here
    assert ORDER.index(grade(observers, min(kinds, observers), (*claims, claim("new")))) >= here


def test_claims_are_found_by_track_or_incident():
    mine = claim(track_id=3), Claim("S2", "cell", "x", "y", NOW_NS, None, "I1")
    other = claim(track_id=4), Claim("S3", "cell", "x", "y", NOW_NS, None, "")
    assert claims_about((*mine, *other), (3,), "I1") == mine
    assert claims_about((*mine, *other), (), "") == ()


def test_modalities_are_named():
    seen = look(PLACE, Thing(31.8, -106.5, sensors=RADAR | RADAR2 | CAMERA | RECEIVER))
    assert modalities(seen, 0) == ("camera", "radar")


def place_of(along_m: float, across_m: float, above_m: float) -> Thing:
    """A thing so far out of runway 04's threshold on the approach, so far beside, so high above it."""
    runway = PLACE.aerodromes[0].runways[0]
    frame = look(PLACE).ground.frame
    here = plane_of(frame, runway.threshold.latitude_rad, runway.threshold.longitude_rad)
    there = plane_of(frame, runway.opposite.latitude_rad, runway.opposite.longitude_rad)
    out = (here - there) / np.hypot(*(here - there))
    spot = here + along_m * out + across_m * np.array([-out[1], out[0]])
    latitude, longitude = np.degrees(from_plane(frame, spot[None, :]))
    return Thing(float(latitude[0]), float(longitude[0]), height_ground_m=above_m + 5.0)


@pytest.mark.parametrize(
    ("along_m", "across_m", "above_m", "expected"),
    [
        (-1000.0, 0.0, 100.0, "X3"),  # over the runway
        (-1000.0, 290.0, 100.0, "X3"),
        (-1000.0, 310.0, 100.0, "X1"),
        (-1000.0, 0.0, 400.0, "X1"),  # high over it
        (4060.0, 0.0, 300.0, "X2"),  # on the 3° path's height, 210 m, and a little above
        (4060.0, 700.0, 300.0, "X2"),  # the surface is 140 + 0.15 · 4000 = 740 m wide there
        (4060.0, 780.0, 300.0, "X1"),
        (4060.0, 0.0, 60.0, "X2"),  # surface 80 m, less 30 m
        (4060.0, 0.0, 40.0, "X1"),  # under it
        (4060.0, 0.0, 600.0, "X1"),  # over a 6° path and 150 m
        (14_000.0, 0.0, 700.0, "X2"),
        (16_000.0, 0.0, 700.0, "X0"),  # past the surface and the 5 NM
    ],
)
def test_exposure_on_and_beside_an_approach(
    along_m: float, across_m: float, above_m: float, expected: str
):
    seen = look(PLACE, place_of(along_m, across_m, above_m))
    assert exposure.of_tracks(seen, [0]) == [expected]


def test_an_unknown_height_is_in_the_way():
    high = place_of(4060.0, 0.0, 3000.0)
    assert exposure.of_tracks(look(PLACE, high), [0]) == ["X0"]
    assert exposure.of_tracks(look(PLACE, high._replace(sigma_up_m=1000.0)), [0]) == ["X2"]


@given(
    st.tuples(*[st.floats(-9e3, 9e3)] * 3),
    st.tuples(*[st.floats(-80.0, 80.0)] * 3),
    st.tuples(*[st.floats(-80.0, 80.0)] * 3),
)
@example((1.0, 0.0, 0.0), (0.001, 0.0, 0.0), (0.0, 0.0, 0.0))  # slow is not still
def test_closest_approach_is_the_least_of_many_instants(apart, mine, theirs):
    when, horizontal, _ = exposure.closest_approach(
        np.zeros(3), np.array(mine), np.array([apart]), np.array([theirs]), 300.0
    )
    t = np.linspace(0.0, 300.0, 3001)
    way = np.array(apart)[:2] + np.outer(t, np.array(theirs)[:2] - np.array(mine)[:2])
    least = np.hypot(*way.T)
    assert horizontal[0] <= least.min() + 1e-6
    assert 0.0 <= when[0] <= 300.0
    assert horizontal[0] >= least.min() - 0.1 * 160.0  # a tenth of a second at 160 m/s


def test_declared_areas():
    def of(latitude: float, longitude: float, radius_m: float) -> str:
        return exposure.of_volume(
            look(PLACE), circle_volume(at(latitude, longitude), radius_m, 3000.0)
        )

    assert of(31.801, -106.378, 500.0) == "X3"
    assert of(31.90, -106.25, 4000.0) == "X2"  # north-east, under the approach to 22
    assert of(31.90, -106.45, 2000.0) == "X1"
    assert of(32.10, -106.80, 2000.0) == "X0"
