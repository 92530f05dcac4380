"""Innovations of the oracle, and the table of the cost's growth."""

from __future__ import annotations

from windhover.score import oracle
from windhover.score.consistency import nis_by_sensor
from windhover.score.tracking_growth import growth, words
from windhover.score.tracking_scenarios import make
from windhover.score.tracking_sectors import seam
from windhover.score.tracking_sectors import words as seam_words
from windhover.score.tracking_soak import soak
from windhover.score.tracking_soak import words as soak_words


def test_the_filter_foresees_plots_as_well_as_it_says() -> None:
    scene = make("s10", 71)._replace()
    told = oracle.told(scene)
    assert len(told.nis) == len(told.sensor) == len(told.target)
    assert (told.nis >= 0.0).all() and (told.target >= 0).all()
    table = {row.name: row for row in nis_by_sensor(make("mixed100", 71))}
    assert table["all"].low < table["all"].mean < table["all"].high
    assert {"drone, radar", "aircraft, reports"} <= set(table)
    assert all(0.6 < row.mean < 1.6 for row in table.values())


def test_the_growth_of_cost_is_a_table_with_a_reason() -> None:
    found = growth(3, repeats=1, grid=((10, 20), (40, 20), (10, 200), (40, 200)))
    assert [c.targets for c in found.costs] == [10, 40, 10, 40]
    assert all(c.scan_us > 0.0 and c.rows > 0 for c in found.costs)
    # More clutter makes more hypotheses, whatever the machine's speed.
    assert found.costs[2].rows > found.costs[0].rows
    said = words(found)
    assert said.count("\n") == 9 and "hypothesis" in said and "neighbours" in said


def test_memory_stays_where_it_is_from_scenario_to_scenario() -> None:
    found = soak("s10", 8, 401)
    assert found.scans == 800 and found.detections > 80_000
    assert found.tracker_growth_mib < 1.0 and max(found.tracker_mib) < 20.0
    assert found.process_growth_mib < 20.0
    assert "8 scenarios" in soak_words(found)


def test_two_sectors_that_hand_over_do_as_well_as_one() -> None:
    found = seam(make("s100", 402))
    assert found.handed_over >= 3
    assert found.two.gospa_m < 1.03 * found.one.gospa_m
    assert found.two.completeness > found.one.completeness - 0.005
    assert found.two.switches_per_object_min < found.one.switches_per_object_min + 0.05
    assert str(found.handed_over) in seam_words(found)
