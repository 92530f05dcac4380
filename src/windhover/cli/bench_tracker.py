"""`windhover bench tracker`: detections per second, GOSPA, and how far from the oracle."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from windhover.errors import BadInput, WindhoverError

# Student's t, two-sided 95 %, for 1 … 30 degrees of freedom (any table).
_T95 = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12,
    2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
)  # fmt: skip


def tracker(
    scenario: Annotated[
        Path | None,
        typer.Argument(
            help="scenario file (.npz), or any recording of the real world; with --seed none is needed"
        ),
    ] = None,
    kind: Annotated[str, typer.Option(help="with --seed: s10 s100 s1000 s100d …")] = "s100",
    seed: Annotated[int | None, typer.Option(help="make a fresh scenario from this seed")] = None,
    seeds: Annotated[int, typer.Option(help="so many fresh scenarios, seed, seed+1 …")] = 1,
    oracle: Annotated[bool, typer.Option(help="also the filter that is told who is who")] = False,
    in_order: Annotated[bool, typer.Option(help="feed plots in order of measurement")] = False,
    radar_only: Annotated[
        bool, typer.Option(help="give the tracker the first sensor alone")
    ] = False,
    consistency: Annotated[
        Path | None, typer.Option(help="also NEES and NIS by class, drawn into this PNG")
    ] = None,
    against: Annotated[str, typer.Option(help="'stonesoup': run it on the same file")] = "",
    peer_scans: Annotated[int, typer.Option(help="scans that the peer is given")] = 20,
    out: Annotated[Path | None, typer.Option(help="write the estimates here (.npz)")] = None,
    growth: Annotated[
        bool, typer.Option(help="how cost grows with targets and clutter, and why; nothing else")
    ] = False,
    soak: Annotated[
        int,
        typer.Option(
            help="so many fresh scenarios into one tracker: does memory stay? Nothing else"
        ),
    ] = 0,
    sectors: Annotated[
        bool, typer.Option(help="two neighbouring sectors that hand tracks over, beside one")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Track a scenario with known truth and score the result over all scans from the tenth.

    A recording of the real world (a radar's CAT048 capture with Mode A codes, say) is tracked with its
    identities hidden; then they tell how well its plots were followed.
    """
    if growth:
        from windhover.score.tracking_growth import growth as grown
        from windhover.score.tracking_growth import words

        found = grown(seed or 1)
        print(json.dumps([c._asdict() for c in found.costs]) if as_json else words(found))
        return
    try:
        if soak > 0:
            print(_soaked(kind, soak, seed or 1, as_json))
            return
        if sectors:
            print(_cut(kind, seed or 1, as_json))
            return
        if scenario is not None and seed is None and not _is_scenario(scenario):
            print(_followed(scenario, as_json))
            return
        result = _bench(
            scenario, kind, seed, seeds, oracle, in_order, radar_only, consistency, against,
            peer_scans, out,
        )  # fmt: skip
    except WindhoverError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(json.dumps(result) if as_json else _words(result))


def _is_scenario(path: Path) -> bool:
    """Whether the file is an archive of arrays, as scenarios are; what is missing counts as one."""
    if not path.is_file():
        return True
    with path.open("rb") as file:
        return path.suffix == ".npz" or (file.read(2) == b"PK" and path.suffix != ".kmz")


def _followed(path: Path, as_json: bool) -> str:
    """The tracker on a recording of the real world, in words or JSON."""
    _compile_note()
    from windhover.feeds.files import read_recording
    from windhover.score.tracking_real import follow, words

    found = follow(read_recording(path, hide_ids=True))
    return json.dumps(found._asdict()) if as_json else words(found, path.name)


def _soaked(kind: str, scenarios: int, seed: int, as_json: bool) -> str:
    """The memory of one tracker over many scenarios, in words or JSON."""
    _compile_note()
    from windhover.score.tracking_soak import soak, words

    found = soak(kind, scenarios, seed)
    return json.dumps(found._asdict()) if as_json else words(found)


def _cut(kind: str, seed: int, as_json: bool) -> str:
    """Two sectors beside one, in words or JSON."""
    _compile_note()
    from windhover.score.tracking_scenarios import make
    from windhover.score.tracking_sectors import seam, words

    found = seam(make(kind, seed))
    if not as_json:
        return words(found)
    two, one = _figures(found.two), _figures(found.one)
    return json.dumps({"handed_over": found.handed_over, "two": two, "one": one})


def _compile_note() -> None:
    """Kernels compile at the first import after an install; say so, it takes a while."""
    import windhover

    cache = Path(windhover.__file__).parent / "tracks" / "__pycache__"
    if not any(cache.glob("step*.nbi")):
        print("Compiling the tracker's kernels, once: about a minute …", file=sys.stderr)


def _bench(
    path: Path | None,
    kind: str,
    seed: int | None,
    seeds: int,
    with_oracle: bool,
    in_order: bool,
    radar_only: bool,
    consistency: Path | None,
    against: str,
    peer_scans: int,
    out: Path | None,
) -> dict[str, Any]:
    if against not in ("", "stonesoup"):
        raise BadInput(f"There is no peer {against!r}.", "Say --against stonesoup.")
    if path is None and seed is None:
        raise BadInput("There is nothing to track.", "Give a scenario file, or --seed N.")
    _compile_note()
    from windhover.score import oracle as oracles
    from windhover.score import tracking_scenarios as scenarios
    from windhover.score.gospa import score
    from windhover.score.tracking_run import run

    given = [scenarios.read(path)] if path is not None else []
    if path is None and seed is not None:
        given = [scenarios.make(kind, seed + k) for k in range(max(seeds, 1))]
    runs = []
    for scene in given:
        seen = (
            scene._replace(plots=scene.plots[scene.plots["sensor"] == 0]) if radar_only else scene
        )
        done = run(seen, in_order, keep=consistency is not None)
        scans = len(scene.scan_t)
        siap = score(done.estimates, scene.truth, scans)
        figures = {
            "detections": done.detections,
            "detections_per_s": done.detections / max(done.cpu_s, 1e-9),
            "detections_per_s_wall": done.detections / max(done.wall_s, 1e-9),
            **_figures(siap),
            "dropped_late": done.state.dropped_late,
        }
        if with_oracle:
            best = score(oracles.run(scene), scene.truth, scans)
            figures["oracle_gospa_m"] = best.gospa_m
            figures["gospa_ratio"] = siap.gospa_m / best.gospa_m
            figures["oracle_missed"], figures["oracle_false"] = best.missed, best.false
        if consistency is not None:
            from windhover.score.consistency import nees_by_class, nis_by_sensor, plot

            table, seen_by = nees_by_class(done.pictures, scene), nis_by_sensor(scene)
            plot(table, seen_by, consistency)
            figures["nees"] = {row.name: [row.mean, row.low, row.high] for row in table}
            figures["nis"] = {row.name: [row.mean, row.low, row.high] for row in seen_by}
        runs.append(figures)
    if out is not None:
        _write(out, done.estimates)
    result: dict[str, Any] = {"scenario": given[0].name, "runs": len(runs), **_means(runs)}
    if against:
        result["stonesoup"] = _peer(given[0], path, peer_scans)
        ours = score(run(given[0], in_order).estimates, given[0].truth, peer_scans)
        peer = result["stonesoup"]
        peer["our_gospa_m_same_scans"] = ours.gospa_m
        peer["times_faster"] = result["detections_per_s"] / peer["detections_per_s"]
    return result


def _figures(siap: Any) -> dict[str, Any]:
    figures = siap._asdict()
    for k, name in enumerate(("aircraft", "drone", "bird", "balloon")):
        figures[f"completeness_{name}"] = siap.completeness_by_class[k]
    del figures["completeness_by_class"]
    return dict(figures)


def _means(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over the runs; with several, "…_interval" holds the half-width of the 95 % interval."""
    result: dict[str, Any] = {}
    for name, value in runs[0].items():
        if isinstance(value, dict):
            result[name] = value
            continue
        values = np.array([r[name] for r in runs], float)
        result[name] = float(values.mean())
        if len(values) > 1:
            t = _T95[min(len(values) - 1, 30) - 1]
            result[f"{name}_interval"] = t * float(values.std(ddof=1)) / math.sqrt(len(values))
    return result


def _write(path: Path, estimates: Any) -> None:
    """The estimates as `est` of an archive; never half a file."""
    whole = path if path.suffix == ".npz" else path.with_suffix(".npz")
    partial = whole.with_name(whole.name + ".part.npz")
    try:
        np.savez_compressed(partial, est=estimates)
        partial.replace(whole)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadInput(f"{whole} cannot be written ({error.strerror}).") from None


def _peer(scene: Any, path: Path | None, scans: int) -> dict[str, Any]:
    """Stone Soup's figures on this scenario, by file."""
    from windhover.cli.bench_tracker_stonesoup import run_peer
    from windhover.score.tracking_scenarios import write

    if path is not None:
        return run_peer(path, scans)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "scen.npz"
        write(scene, fresh)
        return run_peer(fresh, scans)


_LINES = (
    ("detections_per_s", "detections/s (CPU)", "{:,.0f}"),
    ("detections_per_s_wall", "detections/s (wall)", "{:,.0f}"),
    ("gospa_m", "GOSPA (p 2, c 200 m)", "{:.1f} m"),
    ("oracle_gospa_m", "oracle's GOSPA", "{:.1f} m"),
    ("gospa_ratio", "GOSPA ÷ oracle", "{:.4f}"),
    ("position_rms_m", "position RMS", "{:.1f} m"),
    ("velocity_rms_m_s", "velocity RMS", "{:.1f} m/s"),
    ("missed", "missed per scan", "{:.2f}"),
    ("false", "false per scan", "{:.2f}"),
    ("completeness", "completeness", "{:.4f}"),
    ("spurious", "false share of tracks", "{:.4f}"),
    ("switches_per_object_min", "switches per object and minute", "{:.3f}"),
)


def _words(result: dict[str, Any]) -> str:
    runs = result["runs"]
    lines = [f"{result['scenario']}, {runs} run{'s' if runs > 1 else ''}"]
    for name, words, form in _LINES:
        if name in result:
            more = result.get(f"{name}_interval")
            spread = f" ± {form.format(more).strip()}" if more is not None else ""
            lines.append(f"  {words:<32} {form.format(result[name])}{spread}")
    for what in ("nees", "nis"):
        for name, (mean, low, high) in result.get(what, {}).items():
            lines.append(
                f"  {what.upper():<4} {name:<27} {mean:.2f}  (95 % band {low:.2f} … {high:.2f})"
            )
    peer = result.get("stonesoup")
    if peer:
        lines.append(
            f"  Stone Soup: {peer['detections_per_s']:,.0f} detections/s, GOSPA {peer['gospa_m']:.1f} m"
            f" (ours on the same scans {peer['our_gospa_m_same_scans']:.1f} m): we are"
            f" {peer['times_faster']:,.0f} times faster"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(tracker)
