"""Drafts: large enough for the object, small enough for everybody else, clipped at the border."""

from __future__ import annotations

from math import hypot, pi

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geo.scene import GROUND_AMSL_M, NOW_NS, SECOND, UNDULATION_M, Thing, at, look, site
from tests.restrictions.test_ladder import incident
from windhover.geo.borders import signed_distance_m
from windhover.geo.context import ground_of
from windhover.geo.frames import to_enu
from windhover.geo.volumes import circle_volume, from_plane, in_volume, ring_plane
from windhover.restrictions import draft, holds, redraw
from windhover.restrictions.footprint import drifted
from windhover.restrictions.impact import aerodromes_touched, aircraft_touched, impact
from windhover.schema.cases import Hazard, Words
from windhover.schema.place import Border, Sector, Vertical
from windhover.units import M_PER_FT, M_PER_NM

PLACE = site()
GROUND = ground_of(PLACE)
DRONE = Thing(31.85, -106.55, velocity=(8.0, 6.0, 0.0))
BALLOON = Thing(31.85, -106.35, "balloon", height_ground_m=900.0, velocity=(4.0, 3.0, 0.0))
TEN_NM_M2 = pi * (10 * M_PER_NM) ** 2


def drawn(
    thing: Thing, rule: str = "zone_entry", grade: str = "E2", exposure: str = "X1", **changes
):
    place = site(**changes)
    seen = look(place, thing)
    return draft(incident(rule, grade, exposure), seen, NOW_NS, 5), seen


def test_a_drones_volume_holds_all_that_it_can_reach_and_no_more_than_asked():
    restriction, _seen = drawn(DRONE)
    assert (restriction.id, restriction.rung, restriction.state) == ("R5", "R4", "drafted")
    assert restriction.competent == "faa" and restriction.incident_id == "I1"
    assert restriction.to_ns - restriction.from_ns == 1800 * SECOND
    assert restriction.proposal_lapses_ns == NOW_NS + 1800 * SECOND
    # 10 m/s for 3 min, two standard errors of 15 m, 500 m of margin.
    assert restriction.volume.radius_m == pytest.approx(1800 + 30 + 500, abs=0.1)
    assert restriction.volume.area_m2 < 0.1 * TEN_NM_M2
    assert restriction.exemptions == PLACE.policy.default_exemptions


@settings(max_examples=60)
@given(
    st.floats(0.0, 25.0),
    st.floats(0.0, 2 * pi),
    st.floats(0.0, 2 * pi),
    st.floats(0.0, 180.0),
    st.floats(20.0, 400.0),
)
def test_wherever_it_turns_it_stays_inside(speed, heading, turned, seconds, height):
    velocity = (speed * np.sin(heading), speed * np.cos(heading), 0.0)
    thing = DRONE._replace(velocity=velocity, height_ground_m=height)
    seen = look(PLACE, thing, ground=GROUND)
    restriction = draft(incident(), seen, NOW_NS, 1)
    there = seen.plane_m[0] + seconds * speed * np.array([np.sin(turned), np.cos(turned)])
    latitude, longitude = from_plane(GROUND.frame, there[None, :])
    assert in_volume(restriction.volume, latitude, longitude, seen.altitude_amsl_m).all()
    assert restriction.volume.area_m2 < 0.1 * TEN_NM_M2


def test_heights_of_a_drone():
    restriction, _ = drawn(DRONE._replace(height_ground_m=30.0))
    assert restriction.volume.lower_altitude_amsl_m is None
    top_ft = restriction.volume.upper_altitude_amsl_m / M_PER_FT
    assert top_ft == pytest.approx(4400.0)  # 400 ft over 3,937 ft, up to the next hundred
    high, _ = drawn(DRONE._replace(height_ground_m=600.0))
    assert high.volume.upper_altitude_amsl_m >= GROUND_AMSL_M + 600 + 60 + 40


def test_unknown_heights_are_said_and_drawn_high():
    unknown, _ = drawn(DRONE._replace(sigma_up_m=500.0))
    assert "not known" in unknown.why.en and "Se desconoce" in unknown.why.es
    assert unknown.volume.upper_altitude_amsl_m >= GROUND_AMSL_M + 3000 * M_PER_FT
    bare = Sector("T", at(31.80, -106.40), GROUND_AMSL_M + UNDULATION_M, 60_000.0, Vertical())
    nothing, seen = drawn(DRONE, sector=bare, aerodromes=())
    assert np.isnan(seen.altitude_amsl_m).all()
    assert nothing.volume.upper_altitude_amsl_m == pytest.approx(17_999 * M_PER_FT)
    assert "ground's altitude" in nothing.why.en


def test_a_balloons_cone_follows_the_wind():
    restriction, seen = drawn(BALLOON, "drifting_object", "E0")
    assert restriction.rung == "R1" and restriction.proposal_lapses_ns is None
    volume = restriction.volume
    for seconds in (0.0, 300.0, 600.0):
        for sideways in (-1.0, 1.0):
            # Half of what the wind may change, to either side.
            drift = np.array([4.0 - 0.6 * sideways * 1.5, 3.0 + 0.8 * sideways * 1.5])
            there = seen.plane_m[0] + seconds * drift
            latitude, longitude = from_plane(GROUND.frame, there[None, :])
            assert in_volume(volume, latitude, longitude, seen.altitude_amsl_m).all()
    against = seen.plane_m[0] - 300.0 * np.array([4.0, 3.0])
    latitude, longitude = from_plane(GROUND.frame, against[None, :])
    assert not in_volume(volume, latitude, longitude, seen.altitude_amsl_m).any()
    # Far smaller than the circle that the same time would ask for without knowing the wind.
    assert volume.area_m2 < 0.6 * pi * (500.0 + 600.0 * hypot(4, 3) + 2 * 1.5 * 600.0) ** 2
    assert volume.lower_altitude_amsl_m == pytest.approx(
        np.floor((2100 - 40 - 300) / M_PER_FT / 100) * 100 * M_PER_FT
    )
    assert len(volume.polygon) <= 28


def test_a_declared_area_is_drawn_as_declared():
    area = circle_volume(at(31.90, -106.45), 3000.0, 3000.0)
    hazard = Hazard(
        "laser area",
        Words("a laser", "un láser"),
        (),
        area,
        NOW_NS + 60 * SECOND,
        NOW_NS + 7200 * SECOND,
    )
    planned = msgspec.structs.replace(
        incident("uncoordinated_countermeasure", "E4", "X1"), hazard=hazard, track_ids=()
    )
    restriction = draft(planned, look(PLACE, ground=GROUND), NOW_NS, 1)
    assert restriction.volume == area
    assert (restriction.from_ns, restriction.to_ns) == (hazard.from_ns, hazard.to_ns)
    assert restriction.rung == "R4"
    assert "not bounded" in restriction.why.en and "no quedan acotados" in restriction.why.es
    # Half-way through only the rest is asked for; afterwards nothing.
    rest = draft(planned, look(PLACE, ground=GROUND), NOW_NS + 3600 * SECOND, 1)
    assert (rest.from_ns, rest.to_ns) == (NOW_NS + 3600 * SECOND, hazard.to_ns)
    assert draft(planned, look(PLACE, ground=GROUND), NOW_NS + 7200 * SECOND, 1) is None


def test_the_neighbours_airspace_is_left_out():
    near = Thing(31.71, -106.50)
    restriction, seen = drawn(near)
    assert restriction.excludes_neighbour
    assert restriction.volume.centre is None and restriction.volume.radius_m is None
    corners = ring_plane(GROUND.frame, restriction.volume.polygon)
    assert signed_distance_m(GROUND.border, corners).min() > -10.0
    assert "neighbour's airspace is excluded" in restriction.why.en
    assert "may be off" not in restriction.why.en
    assert holds(restriction, seen)
    vague = msgspec.structs.replace(site().border, official=False, sigma_m=25.0)
    assert isinstance(vague, Border)
    unsure, _ = drawn(near, border=vague)
    assert "may be off by 25 m" in unsure.why.en and "diferir en 25 m" in unsure.why.es
    far, _ = drawn(DRONE)
    assert not far.excludes_neighbour and "excluded" not in far.why.en


def test_nothing_to_draw():
    assert drawn(DRONE, grade="E0", exposure="X0")[0] is None  # watching is enough
    gone = look(PLACE, DRONE._replace(track_id=99), ground=GROUND)
    assert draft(incident(), gone, NOW_NS, 1) is None
    closed = msgspec.structs.replace(incident(), state="closed")
    assert draft(closed, look(PLACE, DRONE, ground=GROUND), NOW_NS, 1) is None


def test_a_draft_follows_its_object_and_its_clock_does_not():
    first = look(PLACE, DRONE, ground=GROUND)
    restriction = draft(incident(), first, NOW_NS, 3)
    assert redraw(restriction, incident(), first, NOW_NS + 10 * SECOND) is None
    moved = look(PLACE, DRONE._replace(latitude_deg=31.88), ground=GROUND)
    assert not holds(restriction, moved)
    again = redraw(restriction, incident(), moved, NOW_NS + 300 * SECOND)
    assert again.id == "R3" and holds(again, moved)
    assert again.proposal_lapses_ns == restriction.proposal_lapses_ns
    assert again.drafted_ns == restriction.drafted_ns
    requested = msgspec.structs.replace(restriction, state="requested")
    assert redraw(requested, incident(), moved, NOW_NS) is None
    assert holds(restriction, look(PLACE, ground=GROUND))  # nothing held contradicts it


def test_a_draft_rises_with_its_incident():
    advice = draft(incident(exposure="X0"), look(PLACE, DRONE, ground=GROUND), NOW_NS, 3)
    assert advice.rung == "R1"
    seen = look(PLACE, DRONE, ground=GROUND)
    risen = redraw(advice, incident(exposure="X3"), seen, NOW_NS + 60 * SECOND)
    assert (risen.rung, risen.proposal_lapses_ns) == ("R4", NOW_NS + 1860 * SECOND)


def test_what_it_costs():
    over_town = Thing(31.801, -106.378)
    plane = Thing(
        31.85, -106.60, "aircraft", height_ground_m=300.0, velocity=(70.0, 0.0, 0.0), track_id=2
    )
    seen = look(PLACE, over_town, plane, ground=GROUND)
    volume = circle_volume(at(31.801, -106.378), 3000.0, GROUND_AMSL_M + 400.0)
    assert aerodromes_touched(seen, volume) == ("KTST",)
    assert aircraft_touched(seen, volume) == ()  # it passes to the north
    here = circle_volume(at(31.85, -106.50), 3000.0, GROUND_AMSL_M + 400.0)
    assert aircraft_touched(seen, here) == (2,)  # nine kilometres ahead of it
    assert aircraft_touched(seen, circle_volume(at(31.85, -106.50), 3000.0, GROUND_AMSL_M)) == ()
    words = impact(seen, here, NOW_NS, NOW_NS + 600 * SECOND)
    assert words.en == (
        "28.3 km², 2.6 % of a 10 NM circle, for 10 min; touches no aerodrome of this site; "
        "aircraft inside or arriving within 5 min: 1."
    )
    assert "KTST" in impact(seen, volume, NOW_NS, NOW_NS + SECOND).es


def test_the_forecast_of_a_drift_goes_with_it_and_opens_with_time():
    seen = look(PLACE, BALLOON, ground=GROUND)
    reached = [drifted(seen, 0, seconds) for seconds in (0.0, 300.0, 900.0)]
    for (place, radius_m), seconds in zip(reached, (0.0, 300.0, 900.0), strict=True):
        latitude, longitude = np.array([place.latitude_rad]), np.array([place.longitude_rad])
        there = to_enu(GROUND.frame, latitude, longitude, np.zeros(1))[0, :2]
        assert there == pytest.approx(seen.plane_m[0] + np.array([4.0, 3.0]) * seconds, abs=0.01)
        # 1.5 m/s of what the wind may change, and more of what the track does not know.
        assert radius_m >= 2.0 * 1.5 * seconds
    assert reached[0][1] < reached[1][1] < reached[2][1] < 2.0 * (1.5 + 10.0) * 900.0 + 2000.0
