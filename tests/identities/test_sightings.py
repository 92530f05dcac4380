"""What people saw, against tracks and the lights of the sky."""

from __future__ import annotations

from math import degrees, radians
from typing import get_args

import numpy as np
import pytest
from msgspec.structs import replace

from tests.identities import scene
from windhover import identities
from windhover.air import sky
from windhover.air import wind as air
from windhover.identities import sightings
from windhover.schema import reports
from windhover.schema.batches import CLASSES
from windhover.schema.reports import Report, Sighting

AT = (scene.HERE.latitude_rad, scene.HERE.longitude_rad)


def sighting(azimuth_deg: float | None, elevation_deg: float | None) -> Sighting:
    return Sighting(
        scene.START_NS, scene.START_NS, "tower", *AT,
        None if azimuth_deg is None else radians(azimuth_deg),
        None if elevation_deg is None else radians(elevation_deg),
    )  # fmt: skip


def seen(report: Sighting, path: np.ndarray) -> identities.IdentityState:
    reports: dict[int, tuple[Report, ...]] = {25: (report,)}
    state, _ = scene.run([path], air.start(), 30, reports=reports)
    return state


def test_a_bright_light_of_the_sky_explains_a_sighting() -> None:
    brightest = sky.lights(scene.START_NS, *AT)[0]
    report = sighting(degrees(brightest.azimuth_rad) + 2.0, degrees(brightest.elevation_rad) + 1.0)
    state = seen(report, scene.line((0.0, 5.0), 90.0, start=(-9000.0, -9000.0)))
    (answer,) = state.sightings
    assert answer.light == brightest.name.en
    assert answer.light_apart_rad < radians(3.0)
    assert f"of {brightest.name.en}" in answer.sentence.en
    assert f"de {brightest.name.es}" in answer.sentence.es
    assert state.evidence.sighted[0] == 0


def test_no_light_of_the_sky_crosses_it_though_a_star_may_seem_to_wander() -> None:
    brightest = sky.lights(scene.START_NS, *AT)[0]
    at = sighting(degrees(brightest.azimuth_rad), degrees(brightest.elevation_rad))
    nothing_there = scene.line((0.0, 5.0), 90.0, start=(-9000.0, -9000.0))
    for movement, explained in (
        ("", True), ("still", True), ("erratic", True), ("slow", True), ("steady", False), ("fast", False),
    ):  # fmt: skip
        (answer,) = seen(replace(at, movement=movement), nothing_there).sightings
        assert (answer.light == brightest.name.en) == explained, movement
        assert ("crosses no sky" in answer.sentence.en) != explained
        assert ("no cruza el cielo" in answer.sentence.es) != explained


def test_what_a_person_told_is_kept_in_both_languages() -> None:
    told = replace(
        sighting(90.0, 10.0), movement="fast", lights="flashing", sound="buzzing", duration_s=40.0,
        landmarks="over the water tower", words="like a toy",
    )  # fmt: skip
    assert sightings.account(told).en == (
        "crossed fast; flashing lights; a buzzing; seen for 40 s; over the water tower; like a toy"
    )
    assert sightings.account(told).es == (
        "cruzaba rápido; luces intermitentes; un zumbido; visto 40 s; over the water tower; like a toy"
    )
    assert sightings.account(sighting(90.0, 10.0)).en == ""


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (reports.Movement, sightings._MOVEMENT),
        (reports.Lights, sightings._LIGHTS),
        (reports.Sound, sightings._SOUND),
    ],
)
def test_every_word_that_may_be_told_has_its_words(kind: object, table: dict[str, object]) -> None:
    assert {"", *table} == set(get_args(kind))


def empty_direction() -> float:
    """An azimuth low in the sky with no light of the sky near it."""
    up = sky.lights(scene.START_NS, *AT)
    turn = np.radians(np.arange(0.0, 360.0, 10.0))
    nearest = [
        min(float(sky.apart_rad(float(a), 0.05, np.array(u.azimuth_rad), np.array(u.elevation_rad))) for u in up)
        for a in turn
    ]  # fmt: skip
    return float(turn[int(np.argmax(nearest))])


def test_a_track_that_alone_fits_gets_the_sighting_as_evidence() -> None:
    a = empty_direction()
    path = scene.line((0.0, 0.0), 150.0, start=(3000.0 * np.sin(a), 3000.0 * np.cos(a)))
    state = seen(sighting(degrees(a) + 3.0, 4.0), path)
    (answer,) = state.sightings
    assert (answer.track_id, answer.light) == (1, "")
    assert degrees(answer.track_apart_rad) < 6.0
    items = identities.explain(state, 1).evidence
    item = next(i for i in items if i.source == "sighting")
    assert item.log_likelihood["clutter"] < item.log_likelihood["drone"]
    assert "reports: 1" in item.sentence.en


def test_what_nothing_explains_is_said_to_be_open() -> None:
    a = empty_direction()
    path = scene.line((0.0, 0.0), 150.0, start=(-3000.0 * np.sin(a), -3000.0 * np.cos(a)))
    (answer,) = seen(sighting(degrees(a), 4.0), path).sightings
    assert (answer.track_id, answer.light) == (0, "")
    assert "nothing explains it so far" in answer.sentence.en


def test_without_a_direction_nothing_is_compared() -> None:
    (answer,) = seen(sighting(None, None), scene.line((0.0, 0.0), 150.0)).sightings
    assert "gives no direction" in answer.sentence.en


def test_a_sighting_does_not_make_a_drone() -> None:
    """It says that something is there, not what: people call most lights drones."""
    a = empty_direction()
    path = scene.line((0.0, 0.0), 150.0, start=(3000.0 * np.sin(a), 3000.0 * np.cos(a)))
    with_it = seen(sighting(degrees(a), 3.0), path)
    without, _ = scene.run([path], air.start(), 30)
    drone = CLASSES.index("drone")
    assert with_it.log_probability[0, drone] <= without.log_probability[0, drone] + 0.1
