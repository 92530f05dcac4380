"""A radar's micro-Doppler flag becomes a class report, and counts beside the motion."""

from __future__ import annotations

import json

import numpy as np

from tests.identities import scene
from windhover import identities
from windhover.detections import micro_doppler, plots
from windhover.identities import weigh
from windhover.schema.batches import CLASSES
from windhover.schema.place import Point, Sensor, Vertical
from windhover.schema.reports import ClassReport

NOW = 1_767_225_600 * 10**9
RADAR = Sensor("north", "radar_3d", Point(0.55, -1.85), 1200.0, 0.0, 30_000.0, 1.0)
OFF = Vertical(undulation_m=0.0, ground_altitude_amsl_m=None)


def line(*flags: str | None) -> bytes:
    rows = [
        {"t": NOW / 1e9 - 1.0, "range_m": 4000.0 + k, "azimuth_deg": 30.0, "elevation_deg": 2.0}
        | ({} if flag is None else {"micro_doppler": flag})
        for k, flag in enumerate(flags)
    ]
    return json.dumps({"radar": "north", "scan_end": NOW / 1e9, "plots": rows}).encode()


def test_every_flag_names_every_class_and_has_a_best() -> None:
    for told in micro_doppler.FLAGS.values():
        assert set(told) == set(CLASSES) and max(told.values()) == 0.0
        assert min(told.values()) >= -3.5
    best = {flag: max(told, key=told.__getitem__) for flag, told in micro_doppler.FLAGS.items()}
    assert (
        best["rotor"] == "drone"
        and best["wing"] == "bird"
        and best["none"] in ("balloon", "tethered")
    )


def test_flags_of_plots_are_reports_with_their_direction() -> None:
    decoded = plots.decode(line("rotor", None, "Wing-beat"), NOW, 0, RADAR, OFF)
    assert decoded.detections.n == 3 and not decoded.rejected
    first, second = decoded.reports
    assert isinstance(first, ClassReport) and isinstance(second, ClassReport)
    assert first.source == micro_doppler.SOURCE and first.log_likelihood["drone"] == 0.0
    assert first.azimuth_rad is not None and abs(np.degrees(first.azimuth_rad) - 30.0) < 1e-9
    assert second.log_likelihood["bird"] == 0.0


def test_an_unknown_word_costs_the_flag_and_not_the_plot() -> None:
    decoded = plots.decode(line("sparkly"), NOW, 0, RADAR, OFF)
    assert decoded.detections.n == 1 and not decoded.reports
    assert decoded.rejected == {"micro-Doppler word unknown": 1}


def test_a_wing_beat_makes_a_bird_of_what_flies_straight() -> None:
    path = scene.line((9.0, 6.0), 140.0)
    field = scene.known_wind(-2.0, 1.0)
    azimuth = float(np.arctan2(path[50, 0], path[50, 1]))

    def flagged(flag: str) -> identities.Explanation:
        told = ClassReport(scene.START_NS, scene.START_NS, 0, azimuth, None, micro_doppler.FLAGS[flag], micro_doppler.SOURCE)  # fmt: skip
        state, _ = scene.run([path], field, 60, reports={50: (told,)})
        return identities.explain(state, 1)

    wing, rotor = flagged("wing"), flagged("rotor")
    assert wing.classes["bird"] > 0.5 > 0.2 > rotor.classes["bird"]
    assert rotor.classes["drone"] > 0.8 > 0.5 > wing.classes["drone"]
    (item,) = (e for e in wing.evidence if e.source == weigh.SOURCES[weigh.REPORT])
    assert (
        item.sentence.en
        == "Classified by the radar by what turns or beats in its echo (1 reports)."
    )
    assert "gira o bate" in item.sentence.es
