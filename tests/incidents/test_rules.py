"""Each rule on made-up instants, and its page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

import windhover.incidents.rules as rules
from tests.geo.scene import NOW_NS, SECOND, Thing, at, look, site
from windhover.geo.borders import HOME, NEIGHBOUR
from windhover.geo.volumes import circle, circle_volume
from windhover.incidents.gate import explained, may_intrude
from windhover.incidents.rules import RULES
from windhover.incidents.rules.border_crossing import remember
from windhover.schema.cases import Beam, Countermeasure, Friend

PLACE = site()
NEAR_BORDER = Thing(31.703, -106.50)  # 330 m inside
IN_BASE = Thing(31.90, -106.45)
FRIEND = Friend(
    "F1", "patrol", "drone", circle(at(31.703, -106.50), 2000.0), 300.0, NOW_NS, NOW_NS + 1
)


def names(*things: Thing, memory: dict[int, int] | None = None, now_ns: int = NOW_NS, **more):
    seen = look(PLACE, *things, now_ns=now_ns, **more)
    return [f.rule for rule in RULES.values() for f in rule(seen, memory or {}, now_ns)]


def test_every_rule_has_a_page_and_every_page_a_rule():
    folder = Path(rules.__file__).parent
    modules = {p.stem for p in folder.glob("*.py")} - {"__init__"}
    pages = {p.stem: p.read_text() for p in folder.glob("*.md")}
    assert modules == set(pages) == set(RULES)
    for name, text in pages.items():
        assert text.startswith(f"# {name}\n")
        assert "**Sources**" in text and "**Opens**" in text


def test_a_drone_in_the_strip_and_one_in_a_zone():
    assert names(NEAR_BORDER) == ["border_crossing"]
    assert names(IN_BASE) == ["zone_entry"]
    assert names(Thing(31.85, -106.55)) == []


@pytest.mark.parametrize("said", ["aircraft", "bird", "tethered", "clutter", "balloon"])
def test_what_is_explained_opens_nothing_as_an_intruder(said: str):
    how = {"said": said, "motion": "with the air" if said == "balloon" else "through the air"}
    found = names(NEAR_BORDER._replace(**how), IN_BASE._replace(track_id=2, **how))
    assert set(found) <= {"drifting_object"}
    assert (found == []) == (said != "balloon")


@pytest.mark.parametrize(
    "thing",
    [
        NEAR_BORDER._replace(attributes=(-1, -1, -1, 1)),
        NEAR_BORDER._replace(said="unknown", probability=0.5, attributes=(1, -1, -1, -1)),
        NEAR_BORDER._replace(existence=0.5),
        NEAR_BORDER._replace(status=2),
        NEAR_BORDER._replace(probability=0.6),
        NEAR_BORDER._replace(said="unknown", motion="undetermined", probability=0.1),
    ],
    ids=["friend", "broadcasts", "hardly exists", "coasting", "not sure", "not flying"],
)
def test_what_stays_outside_the_gate(thing: Thing):
    assert names(thing) == []


def test_an_unknown_that_flies_as_a_drone_may_must_stand_longer():
    p = {"said": "unknown", "probability": 0.3}
    seen = look(PLACE, NEAR_BORDER._replace(**p))
    # The made-up probabilities give every class but the said one the same: raise "drone" by hand.
    seen.probability[0] = [0.1, 0.45, 0.1, 0.1, 0.0, 0.0, 0.25]
    found = RULES["border_crossing"](seen, {}, NOW_NS)
    assert [f.persist_s for f in found] == [10.0]
    seen.probability[0] = [0.0, 0.45, 0.0, 0.55, 0.0, 0.0, 0.0]  # as likely a bird
    assert RULES["border_crossing"](seen, {}, NOW_NS) == ()


def test_a_filed_flight_explains_by_place_height_and_time():
    assert names(NEAR_BORDER, friends=(FRIEND,)) == []
    assert names(NEAR_BORDER, friends=(FRIEND,), now_ns=NOW_NS + 2) == ["border_crossing"]
    high = NEAR_BORDER._replace(height_ground_m=700.0)
    assert names(high, friends=(FRIEND,)) == ["border_crossing"]
    away = NEAR_BORDER._replace(longitude_deg=-106.54)
    assert names(away, friends=(FRIEND,)) == ["border_crossing"]


def test_friends_never_pass_whatever_is_said_of_them():
    rng = np.random.default_rng(1)
    from windhover.schema.batches import CLASSES, MOTIONS

    for _ in range(200):
        thing = NEAR_BORDER._replace(
            said=str(rng.choice(CLASSES)),
            motion=str(rng.choice(MOTIONS)),
            probability=float(rng.uniform(0.2, 0.999)),
            sensors=int(rng.integers(1, 16)),
        )
        by_identity = look(PLACE, thing._replace(attributes=(-1, -1, -1, 1)))
        by_plan = look(PLACE, thing, friends=(FRIEND,))
        for seen in (by_identity, by_plan):
            assert explained(seen, NOW_NS).all() and not may_intrude(seen, NOW_NS).any()
            assert [f for r in RULES.values() for f in r(seen, {}, NOW_NS)] == []


def test_before_the_line_and_deep_inside():
    coming = Thing(31.697, -106.50, velocity=(0.0, 15.0, 0.0))  # 330 m before it, 22 s away
    assert names(coming) == ["border_crossing"]
    assert names(coming._replace(velocity=(0.0, -15.0, 0.0))) == []
    assert names(coming._replace(velocity=(0.0, 2.5, 0.0))) == []  # 133 s away
    deep = Thing(31.75, -106.55)  # 5.5 km inside
    assert names(deep) == []
    assert names(deep, memory={1: NEIGHBOUR}) == ["border_crossing"]
    assert names(deep, memory={1: HOME}) == []


def test_sides_are_remembered_only_where_they_are_sure():
    def after(latitude_deg: float, memory: dict[int, int]) -> dict[int, int]:
        return remember(look(PLACE, Thing(latitude_deg, -106.5)), memory)

    assert after(31.69, {}) == {1: NEIGHBOUR}
    assert after(31.7001, {}) == {}  # 11 m: nobody's surely
    assert after(31.71, {}) == {1: HOME}
    assert after(31.75, {1: NEIGHBOUR}) == {1: NEIGHBOUR}
    assert after(31.69, {1: HOME, 7: HOME}) == {1: NEIGHBOUR}  # 7 is held no longer


def test_words_say_where_it_came_from():
    seen = look(PLACE, NEAR_BORDER)
    (came,) = RULES["border_crossing"](seen, {1: NEIGHBOUR}, NOW_NS)
    assert "crossed the border from Mexico, flying north" in came.why.en
    assert "cruzó la frontera desde México" in came.why.es
    (was_here,) = RULES["border_crossing"](seen, {1: HOME}, NOW_NS)
    assert "inside the strip" in was_here.why.en and "crossed" not in was_here.why.en


def test_a_zone_counts_below_its_height_and_an_unknown_height_counts():
    assert names(IN_BASE._replace(height_ground_m=1100.0)) == []
    assert names(IN_BASE._replace(height_ground_m=1100.0, sigma_up_m=500.0)) == ["zone_entry"]
    # Populated places are no zone of this rule.
    assert names(Thing(31.75, -106.48)) == []


def test_a_balloon_is_told_where_aircraft_fly():
    balloon = Thing(31.85, -106.30, "balloon", 0.95, 900.0, (4.0, 3.0, 0.0), motion="with the air")
    assert names(balloon) == ["drifting_object"]
    assert names(balloon._replace(latitude_deg=32.15)) == []  # 21 NM away
    assert names(balloon._replace(probability=0.6)) == []
    assert names(balloon._replace(motion="through the air")) == []


def test_two_ways_that_meet():
    drone = Thing(31.85, -106.60, height_ground_m=300.0, velocity=(0.0, 0.0, 0.0))
    # 6 km east, flying west at 70 m/s: 86 s.
    plane = Thing(
        31.85, -106.5367, "aircraft", height_ground_m=330.0, velocity=(-70.0, 0.0, 0.0), track_id=2
    )
    assert names(drone, plane) == ["traffic_conflict"]
    seen = look(PLACE, drone, plane)
    (found,) = RULES["traffic_conflict"](seen, {}, NOW_NS)
    assert found.track_id == 1 and "86 s" in found.why.en
    assert names(drone, plane._replace(velocity=(70.0, 0.0, 0.0))) == []
    assert names(drone, plane._replace(height_ground_m=900.0)) == []
    assert names(drone, plane._replace(longitude_deg=-106.43)) == []  # 16 km: 230 s
    friend = drone._replace(attributes=(-1, -1, -1, 1))
    assert names(friend, plane) == []


def countermeasure(**changes) -> Countermeasure:
    values = {
        "id": "C1",
        "operator": "A partner",
        "means": "laser",
        "area": circle_volume(at(31.90, -106.45), 3000.0, 3000.0),
        "from_ns": NOW_NS + 3600 * SECOND,
        "to_ns": NOW_NS + 7200 * SECOND,
        "aviation_review": "not finished",
    }
    return Countermeasure(**(values | changes))


def test_a_laser_whose_review_is_not_finished():
    assert names(countermeasures=(countermeasure(),)) == ["uncoordinated_countermeasure"]
    assert names(countermeasures=(countermeasure(aviation_review="unknown"),)) != []
    assert names(countermeasures=(countermeasure(aviation_review="finished"),)) == []
    late = countermeasure(from_ns=NOW_NS + 25 * 3600 * SECOND, to_ns=NOW_NS + 26 * 3600 * SECOND)
    assert names(countermeasures=(late,)) == []
    assert names(countermeasures=(countermeasure(),), now_ns=NOW_NS + 7201 * SECOND) == []
    seen = look(PLACE, countermeasures=(countermeasure(),))
    (found,) = RULES["uncoordinated_countermeasure"](seen, {}, NOW_NS)
    assert found.hazard.declared == countermeasure().area
    assert (found.hazard.from_ns, found.hazard.to_ns) == (
        countermeasure().from_ns,
        countermeasure().to_ns,
    )
    assert "is not finished" in found.why.en and "no está concluida" in found.why.es


def test_no_word_for_enmity_anywhere():
    package = Path(rules.__file__).parents[2]
    for folder in ("incidents", "restrictions", "notices"):
        for path in sorted((package / folder).rglob("*.py")):
            text = path.read_text().lower()
            for word in ("hostile", "enemy", "threat ", "enemigo", "hostil "):
                assert word not in text, f"{word!r} in {path.name}"


SECOND_DRONE = Thing(31.71, -106.50, track_id=2)


def test_a_plan_explains_as_many_as_it_files_and_says_when_there_are_more():
    alone = names(NEAR_BORDER, friends=(FRIEND,))
    both = names(NEAR_BORDER, SECOND_DRONE, friends=(FRIEND,))
    pair = msgspec.structs.replace(FRIEND, aircraft=2)
    assert alone == []
    assert both == ["more_than_filed"]
    assert names(NEAR_BORDER, SECOND_DRONE, friends=(pair,)) == []
    another = msgspec.structs.replace(FRIEND, id="F2")
    assert names(NEAR_BORDER, SECOND_DRONE, friends=(FRIEND, another)) == []
    third = SECOND_DRONE._replace(track_id=3, longitude_deg=-106.51)
    assert names(NEAR_BORDER, SECOND_DRONE, third, friends=(FRIEND, another)) == ["more_than_filed"]
    (finding,) = RULES["more_than_filed"](
        look(PLACE, NEAR_BORDER, SECOND_DRONE, friends=(FRIEND,)), {}, NOW_NS
    )
    assert finding.track_id is None and finding.hazard.track_ids == (1, 2)
    assert "ask the operator" in finding.why.en and "consulte al operador" in finding.why.es


def test_two_tracks_of_one_drone_are_one_and_a_bird_beside_it_is_none():
    twin = NEAR_BORDER._replace(track_id=2, latitude_deg=31.7031)
    bird = SECOND_DRONE._replace(said="bird")
    assert names(NEAR_BORDER, twin, friends=(FRIEND,)) == []
    assert names(NEAR_BORDER, bird, friends=(FRIEND,)) == []


def test_who_broadcasts_another_identity_is_not_the_friend():
    silent = msgspec.structs.replace(FRIEND, radio_silent=True)
    other = NEAR_BORDER._replace(claimed_id=77)
    assert names(other, friends=(silent,)) == ["border_crossing"]
    assert names(other, friends=(FRIEND,)) == []
    mine = msgspec.structs.replace(FRIEND, claimed_id=77)
    assert names(other, friends=(mine,)) == []


@pytest.mark.parametrize(
    ("beam", "says"),
    [
        (None, "No beam was declared"),
        (Beam(10_000.0, 1e-3, 1064e-9, 0.1), "Eye hazard along the direct beam"),
        (Beam(1.0, 1e-3, 3e-6), "No exposure limit is on record"),
    ],
    ids=["none", "infrared", "no limit"],
)
def test_a_declared_laser_says_how_far_it_endangers_eyes(beam: Beam | None, says: str):
    plan = msgspec.structs.replace(countermeasure(), beam=beam)
    (finding,) = RULES["uncoordinated_countermeasure"](
        look(PLACE, countermeasures=(plan,)), {}, NOW_NS
    )
    assert says in finding.why.en
    assert finding.grade == "E4"
