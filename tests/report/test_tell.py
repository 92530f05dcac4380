"""The record's structs told as the story's: units, instants, and what is unknown stays unknown."""

from __future__ import annotations

from math import radians

import pytest

from windhover.report import tell
from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Hazard,
    Incident,
    Notice,
    Question,
    Restriction,
    Volume,
    Words,
)
from windhover.schema.place import (
    Aerodrome,
    Border,
    Point,
    Policy,
    Runway,
    Sector,
    Sensor,
    Site,
    Zone,
)
from windhover.units import NS_PER_MIN, NS_PER_S

START = 1_770_781_500 * NS_PER_S


def place(lat_deg: float, lon_deg: float) -> Point:
    return Point(radians(lat_deg), radians(lon_deg))


RING = (place(31.7, -106.5), place(31.7, -106.4), place(31.8, -106.4))
WORDS = Words(en="a thing", es="una cosa")
HAZARD = Hazard(kind="object", words=WORDS, track_ids=(7,))


def restriction(**changes: object) -> Restriction:
    fields: dict[str, object] = {
        "id": "R1",
        "incident_id": "I1",
        "rung": "R3",
        "hazard": HAZARD,
        "volume": Volume(polygon=RING, upper_altitude_amsl_m=1676.4, area_m2=12.5e6),
        "from_ns": START,
        "to_ns": START + 15 * NS_PER_MIN,
        "state": "drafted",
        "competent": "faa",
        "exemptions": ("medevac",),
        "why": WORDS,
        "impact": WORDS,
        "drafted_ns": START + 60 * NS_PER_S,
    }
    return Restriction(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_restriction_in_feet_square_kilometres_and_minutes() -> None:
    told = tell.restriction(restriction(), START)
    assert (told.lower_ft, told.upper_ft) == (0.0, 5500.0)  # 1 ft = 0.3048 m exactly
    assert told.area_km2 == 12.5 and told.ordered_minutes == 15.0
    assert told.drafted_after_s == 60.0 and told.issued_after_s is None
    assert told.polygon[0] == (31.7, -106.5)


def test_minutes_used_run_from_issue_to_end() -> None:
    issued = START + 2 * NS_PER_MIN
    ended = issued + 9 * NS_PER_MIN
    assert tell.restriction(restriction(), START).used_minutes == 0.0  # never issued
    assert tell.restriction(restriction(issued_ns=issued), START).used_minutes is None  # still open
    told = tell.restriction(restriction(issued_ns=issued, ended_ns=ended), START)
    assert told.used_minutes == 9.0


def test_an_incident_remembers_its_worst_and_names_its_objects() -> None:
    def at(grade: str, exposure: str, **changes: object) -> Incident:
        return Incident(
            id="I1",
            rule="border_crossing",
            opened_ns=START + 10 * NS_PER_S,
            state="open",
            grade=grade,  # type: ignore[arg-type]
            exposure=exposure,  # type: ignore[arg-type]
            hazard=HAZARD,
            why=WORDS,
            track_ids=(7, 8),
            **changes,  # type: ignore[arg-type]
        )

    told = tell.incident([at("E1", "X2"), at("E3", "X1"), at("E0", "X0")], START, {7: "drone"})
    assert (told.highest_grade, told.highest_exposure) == ("E3", "X2")
    assert (told.grade, told.exposure) == ("E0", "X0")
    assert told.objects == ("drone", "track 8")
    assert told.opened_after_s == 10.0 and told.closed_after_s is None


def test_notice_question_claim_and_plans_keep_their_words() -> None:
    notice = Notice(
        id="N1",
        party="mx",
        language="es",
        kind="advice",
        subject="s",
        text="t",
        composed_ns=START,
        state="sent",
        sent_ns=START + NS_PER_S,
    )
    told = tell.notice(notice, START, party="Centro", lifted_ns=START + 9 * NS_PER_S)
    assert (told.party, told.sent_after_s, told.lifted_after_s) == ("Centro", 1.0, 9.0)
    assert told.acknowledged_after_s is None
    question = Question(id="Q1", party="mx", language="es", text="¿?", asked_ns=START)
    assert tell.question(question, START).answered_after_s is None
    claim = Claim(id="S1", party="p", says="x", on_evidence="", time_ns=START, track_id=3)
    assert tell.claim(claim, START).about == "track 3"
    friend = Friend(
        id="F1",
        operator="o",
        what="drone",
        polygon=RING,
        upper_height_ground_m=100,
        from_ns=START,
        to_ns=START,
        radio_silent=True,
    )
    assert tell.friend(friend, START).words == "drone (radio-silent)"
    laser = Countermeasure(
        id="C1",
        operator="o",
        means="laser",
        area=Volume(polygon=RING, upper_altitude_amsl_m=100),
        from_ns=START,
        to_ns=START,
        aviation_review="not finished",
    )
    filed = tell.countermeasure(laser, START, withdrawn=True)
    assert filed.aviation_review == "not finished" and filed.withdrawn


def test_the_place_as_a_map_needs_it() -> None:
    site = Site(
        name="Here",
        country="US",
        fir="KZAB",
        sector=Sector("s", place(31.8, -106.4), 1170.0, 40_000.0),
        sensors=(Sensor("radar", "radar_2d", RING[0], 1200.0, 100.0, 9000.0, 2.0),),
        zones=(Zone("z", "zone", "critical", RING, 100.0),),
        aerodromes=(Aerodrome("KELP", "El Paso", RING[0], None, (Runway("04/22", *RING[:2]),)),),
        parties=(),
        policy=Policy(ladder=()),
        border=Border((RING,), "sketch", False, 25.0, RING[0], "MX"),
    )
    told = tell.place(site)
    assert (told.lat_deg, told.lon_deg) == (31.8, -106.4)
    assert told.sensors[0].range_m == 9000.0
    assert told.aerodromes[0].runways == (((31.7, -106.5), (31.7, -106.4)),)
    assert told.border[0][2] == (31.8, -106.4) and told.neighbour == "MX"
    assert told.border_sigma_m == 25.0 and not told.border_official


@pytest.mark.parametrize(("time_ns", "expected"), [(None, None), (START - NS_PER_S, -1.0)])
def test_an_unknown_instant_stays_unknown(time_ns: int | None, expected: float | None) -> None:
    assert tell.after_s(time_ns, START) == expected
