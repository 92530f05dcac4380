"""The ladder's promises over all of its table."""

from __future__ import annotations

from itertools import product

import pytest

from tests.geo.scene import LADDER, NOW_NS
from windhover.incidents.rules import RULES
from windhover.restrictions.ladder import ORDER, TABLE, choose, rung_named, wanted
from windhover.schema.cases import Hazard, Incident, Words
from windhover.schema.place import Policy

GRADES = ("E0", "E1", "E2", "E3", "E4")
EXPOSURES = ("X0", "X1", "X2", "X3")


def incident(rule: str = "zone_entry", grade: str = "E2", exposure: str = "X1") -> Incident:
    words = Words("a drone", "un dron")
    hazard = Hazard("object", words, (1,))
    return Incident("I1", rule, NOW_NS, "open", grade, exposure, hazard, words, (1,))  # type: ignore[arg-type]


def test_the_table_is_whole_and_never_falls():
    assert set(TABLE) == set(GRADES)
    rank = {(g, x): ORDER.index(TABLE[g][x]) for g, x in product(GRADES, EXPOSURES)}  # type: ignore[index]
    for (g, x), here in rank.items():
        for other in GRADES[GRADES.index(g) :]:
            assert rank[other, x] >= here
        for other in EXPOSURES[EXPOSURES.index(x) :]:
            assert rank[g, other] >= here


@pytest.mark.parametrize("rule", RULES)
def test_promises_for_every_rule(rule: str):
    for grade, exposure in product(GRADES, EXPOSURES):
        name = wanted(incident(rule, grade, exposure))
        assert ORDER.index(name) <= ORDER.index("R4")  # closures are for people
        if grade == "E1":
            assert ORDER.index(name) <= ORDER.index("R3")
        if grade == "E0" and rule != "drifting_object":
            assert name in ("R0", "R1")
        if rule == "drifting_object":
            assert ORDER.index(name) <= ORDER.index("R3")


def test_some_rows_by_hand():
    assert wanted(incident(grade="E0", exposure="X0")) == "R0"
    assert wanted(incident(grade="E1", exposure="X3")) == "R3"
    assert wanted(incident(grade="E2", exposure="X0")) == "R1"
    assert wanted(incident(grade="E3", exposure="X1")) == "R4"
    assert wanted(incident("drifting_object", "E0", "X1")) == "R1"
    assert wanted(incident("drifting_object", "E0", "X3")) == "R3"
    assert wanted(incident("uncoordinated_countermeasure", "E4", "X0")) == "R4"


def test_a_site_without_that_rung_takes_the_next_lower_one():
    policy = Policy(tuple(r for r in LADDER if r.name in ("R0", "R1", "R3")))
    assert choose(incident(exposure="X3"), policy).name == "R3"  # type: ignore[union-attr]
    assert choose(incident(exposure="X0"), policy).name == "R1"  # type: ignore[union-attr]
    assert choose(incident(grade="E0", exposure="X0"), policy) is None
    assert choose(incident(), Policy(())) is None
    assert rung_named(policy, "R4") is None
