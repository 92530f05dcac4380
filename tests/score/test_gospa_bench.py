"""The tracker on fresh scenarios: near the oracle, honest about its errors, late plots harmless."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from windhover.cli.bench_tracker import tracker
from windhover.score import oracle
from windhover.score.consistency import nees_by_class
from windhover.score.gospa import score
from windhover.score.tracking_run import run, settled
from windhover.score.tracking_scenarios import make, read, write


def test_a_scenario_makes_the_same_file_twice_and_reads_back(tmp_path: Path) -> None:
    a, b = make("s10", 5), make("s10", 5)
    assert a.plots.tobytes() == b.plots.tobytes()
    write(a, tmp_path / "scen_s10.npz")
    again = read(tmp_path / "scen_s10.npz")
    assert again.name == "s10" and again.truth.tobytes() == a.truth.tobytes()


def test_s100_is_near_the_oracle_and_honest() -> None:
    scene = make("s100", 61)
    done = run(scene, keep=True)
    ours = score(done.estimates, scene.truth, 100)
    best = score(oracle.run(scene), scene.truth, 100)
    assert ours.gospa_m / best.gospa_m < 1.08
    assert ours.completeness > 0.97 and ours.spurious < 0.02
    table = {row.name: row for row in nees_by_class(done.pictures, scene)}
    assert 0.75 < table["all"].mean < 1.3


def test_late_arrival_costs_next_to_nothing() -> None:
    scene = make("mixed100", 62)
    keep = scene.plots["t_arr"] < 35
    scene = scene._replace(
        plots=scene.plots[keep],
        scan_t=scene.scan_t[:35],
        truth=scene.truth[scene.truth["scan"] < 35],
    )
    late = score(run(scene).estimates, scene.truth, 35)
    radar = scene._replace(plots=scene.plots[scene.plots["sensor"] == 0])
    alone = score(run(radar).estimates, scene.truth, 35)
    assert late.completeness > 0.97
    assert late.gospa_m < 0.9 * alone.gospa_m


def test_once_late_plots_are_in_the_picture_is_that_of_plots_in_order() -> None:
    """To the last bit, where none is later than the window: nothing is lost by going back."""
    scene = make("mixed100", 63)
    plots = scene.plots[scene.plots["t"] < 15]
    plots["t_arr"] = np.minimum(plots["t_arr"], plots["t"] + 1.9)
    scene = scene._replace(plots=plots, scan_t=scene.scan_t[:15])
    assert (np.diff(plots["t"]) < 0).any()
    late, in_order = settled(scene), run(scene, in_order=True).estimates
    for column in ("scan", "x", "y", "vx", "vy"):
        assert sorted(late[column].tolist()) == sorted(in_order[column].tolist())


def test_the_command_prints_json_and_writes_estimates(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(tracker)
    out = tmp_path / "est.npz"
    done = CliRunner().invoke(
        app, ["--kind", "s10", "--seed", "3", "--oracle", "--json", "--out", str(out)]
    )
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert figures["detections"] > 5000 and figures["gospa_ratio"] > 0.5
    with np.load(out) as archive:
        assert set(archive["est"].dtype.names) == {"scan", "id", "x", "y", "vx", "vy"}


@pytest.mark.parametrize("wrong", [["/nowhere.npz"], [], ["--kind", "s7", "--seed", "1"]])
def test_bad_input_is_one_line_and_exit_2(wrong: list[str]) -> None:
    app = typer.Typer()
    app.command()(tracker)
    done = CliRunner().invoke(app, wrong)
    assert done.exit_code == 2
    assert "Traceback" not in done.output and len(done.output.strip().splitlines()) == 1


def test_a_missing_peer_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDHOVER_STONESOUP_PYTHON", "/no/such/python")
    app = typer.Typer()
    app.command()(tracker)
    done = CliRunner().invoke(app, ["--kind", "s10", "--seed", "1", "--against", "stonesoup"])
    assert done.exit_code == 2
    assert "pip install stonesoup" in done.output
