"""`windhover bench identify`: every figure that is claimed for identification.

Also `python -m windhover.cli.bench_identify`.
"""

from __future__ import annotations

import json as json_module
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

# claim of the wind → (its name in the JSON, share of the objects asked for)
SUITE = {
    "as claimed": ("wind_as_claimed", 1.0),
    "twice as wrong": ("wind_twice_as_wrong", 0.35),
    "grossly wrong": ("wind_grossly_wrong", 0.35),
    "missing": ("wind_missing", 0.35),
}
BATCH = 720
SEEDS = 2  # draws of noise for each window of a recording

# figure → (bar, whether it must be at least that), of the wind as claimed
BARS = {
    "drift_auc_30s": (0.985, True),
    "drift_auc_60s": (0.992, True),
    "drift_tpr_at_1pct_30s": (0.92, True),
    "drift_tpr_at_1pct_60s": (0.96, True),
    "drifter_called_powered": (0.01, False),
    "drifter_called_drone": (0.005, False),
    "drifter_called_drone_upper95": (0.01, False),
    "hover_called_drone_60s": (0.5, True),
    "hover_powered_or_tethered_60s": (0.95, True),
    "drone_decided_s_median": (10.0, False),
    "drone_decided_s_p90": (25.0, False),
    "drifter_decided_s_median": (25.0, False),
    "ece_drift": (0.02, False),
    "ece_all": (0.04, False),
    "drone_bird_auc_60s": (0.88, True),
    "straight_bird_called_drone": (0.05, False),
}


def one_batch(work: tuple[str, int, int]) -> Any:
    """One claim's objects with a seed of their own, in another process."""
    from windhover.score import bench_identity as bench

    claim, seed, count = work
    return bench.run(bench.draw(seed, count, claim), seed)


def identify(
    seed: Annotated[int, typer.Option(help="Any number; the weights were fitted on others.")] = 1,
    objects: Annotated[int, typer.Option(help="Objects with the wind as claimed.", min=72)] = 9360,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one per core.", min=0)] = 0,
    against: Annotated[
        str,
        typer.Option(help="lightgbm: the usual feature classifier on the same objects, beside."),
    ] = "",
    recordings: Annotated[
        str,
        typer.Option(help="Instead: every recording below this folder, as a radar would see it."),
    ] = "",
    windows: Annotated[
        int, typer.Option(help="With --recordings: most windows of 90 s from each.", min=1)
    ] = 6,
    whole: Annotated[
        bool, typer.Option(help="With --recordings: whole flights as recorded, claims hidden.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Judge identification on the written population (score/population.py), through the tracker."""
    if recordings:
        if whole:
            _whole(recordings, workers, json)
        else:
            _recorded(recordings, windows, json)
        return
    if against:
        _against(against, seed, objects, json)
        return
    from windhover.score import bench_identity_more as more
    from windhover.score.bench_identity import Result
    from windhover.score.bench_identity_figures import figures

    screen = Console(stderr=True)
    work = [
        (claim, seed * 1000 + index, BATCH)
        for claim, (_, share) in SUITE.items()
        for index in range(max(round(objects * share / BATCH), 1))
    ]
    gathered: dict[str, list[Result]] = {claim: [] for claim in SUITE}
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        for (claim, _, _), result in zip(work, pool.map(one_batch, work), strict=True):
            gathered[claim].append(result)
            screen.print(f"{claim}: {sum(len(r.sort) for r in gathered[claim])} objects", end="\r")
    import numpy as np

    found: dict[str, dict[str, float]] = {}
    for claim, (name, _) in SUITE.items():
        joined = Result(*(np.concatenate(c) for c in zip(*gathered[claim], strict=True)))
        found[name] = figures(joined)
    out: dict[str, Any] = {"seed": seed, **_rounded(found["wind_as_claimed"])}
    out.update({name: _rounded(f) for name, f in found.items() if name != "wind_as_claimed"})
    out["calm"] = _rounded(more.calm(seed))
    out["neighbours"] = _rounded(more.neighbours(seed, "as claimed"))
    out["neighbours_wind_twice_as_wrong"] = _rounded(more.neighbours(seed, "twice as wrong"))
    out["with_range_rates"] = _rounded(more.with_range_rates(seed))
    out["known_aircraft"] = _rounded(more.known_aircraft(seed))
    out["track_updates_per_s"] = round(more.speed())
    if json:
        print(json_module.dumps(out))
        return
    _show(out)


def flight(work: tuple[str, str, str]) -> tuple[str, Any] | None:
    """(kind, recording, wind's file or none) → (kind, (T, K) of its longest track), in another process."""
    from windhover.cli.identify import judge
    from windhover.errors import BadInput

    kind, file, wind = work
    try:
        _, history = judge(file, [wind] if wind else [], hide_claims=True)
    except BadInput:
        return None
    return kind, history.classes


def _whole(folder: str, workers: int, json: bool) -> None:
    """Whole recordings without a wind, and sondes with the wind of an earlier one too."""
    from windhover.errors import BadInput
    from windhover.score import bench_identity_recorded as recorded

    files = sorted(p for p in _folder(folder).rglob("*") if p.is_file())
    work = [(f"{p.parent.name}, no wind", str(p), "") for p in files]
    for p, (before, _) in recorded.soundings(files).items():
        work.append((f"{p.parent.name}, wind of hours before", str(p), str(before)))
    screen = Console(stderr=True)
    flights = []
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        for done, ((_, file, _), found) in enumerate(
            zip(work, pool.map(flight, work), strict=True), 1
        ):
            if found:
                flights.append(found)
            else:
                screen.print(f"{file}: no track forms from it; left out.")
            screen.print(f"{done} of {len(work)} flights", end="\r")
    if not flights:
        raise BadInput(f"{folder}: no recording of an object.", "Name a folder of recordings.")
    said = recorded.of_flights(flights)
    if json:
        print(json_module.dumps({kind: _rounded(f) for kind, f in said.items()}))
        return
    table = Table(title=f"Whole recordings below {folder}: share of the time said above 0.9")
    for column in ("what, wind", "flights", *recorded.SAID):
        table.add_column(column, justify="left" if column == "what, wind" else "right")
    for kind, f in said.items():
        cells = [f"{f[name]:.3f} (in {f[f'n_ever_{name}']:.0f})" for name in recorded.SAID]
        table.add_row(kind, f"{f['n']:.0f}", *cells)
    console = Console()
    console.print(table)
    console.print("Mean over flights; in brackets in how many of them it was said at all.")


def _folder(name: str) -> Path:
    from windhover.errors import BadInput

    if not Path(name).is_dir():
        raise BadInput(f"{name}: no such folder.", "Name one that holds recordings.")
    return Path(name)


def _recorded(folder: str, windows: int, json: bool) -> None:
    """Real objects with a radar's noise: what each kind was ever called above 0.9."""
    from windhover.score import bench_identity_recorded as recorded

    screen = Console(stderr=True)
    found = recorded.figures(
        _folder(folder), SEEDS, windows, lambda name: screen.print(f"{name:60}", end="\r")
    )
    if json:
        print(json_module.dumps({kind: _rounded(f) for kind, f in found.items()}))
        return
    table = Table(
        title=f"Recordings below {folder}, {SEEDS} draws of noise each: ever called above 0.9"
    )
    for column in ("what, wind", "n", "held", "drone (≤)", "balloon (≤)", "powered (≤)"):
        table.add_column(column, justify="left" if column == "what, wind" else "right")
    for kind, f in found.items():
        cells = [f"{f[f'called_{k}']:.3f} ({f[f'called_{k}_upper95']:.3f})" for k in ("drone", "balloon", "powered")]  # fmt: skip
        table.add_row(kind, f"{f['n']:.0f}", f"{f['held']:.2f}", *cells)
    console = Console()
    console.print(table)
    console.print("(≤): 95 % bound, one-sided, as if windows were independent.")


def _against(name: str, seed: int, objects: int, json: bool) -> None:
    """Windhover and the peer side by side; who is better is marked, whoever it is."""
    from windhover.errors import BadInput
    from windhover.score import bench_identity_lightgbm as trees

    if name != "lightgbm":
        raise BadInput(f"Nothing is known of {name!r}.", "Say --against lightgbm.")
    trees.peer()
    models = {
        (trained, at): trees.train(wider, objects, at)
        for trained, wider in trees.TRAINED_ON.items()
        for at in trees.AT_S
    }
    out: dict[str, Any] = {"seed": seed, "trained_on": objects}
    for claim, (key, share) in SUITE.items():
        out[key] = trees.against(seed * 1000, claim, max(round(objects * share), 720), models)
    if json:
        print(json_module.dumps(out))
        return
    console = Console()
    for claim, (key, _) in SUITE.items():
        for at in trees.AT_S:
            told = out[key][f"{at}s"]
            table = Table(title=f"wind {claim}, after {at} s, n = {out[key]['n']}, seed {seed}")
            table.add_column("figure")
            for column in told:
                table.add_column(column, justify="right")
            for figure in told["windhover"]:
                values = [told[column][figure] for column in told]
                more = figure.startswith(("drift_auc", "drift_tpr", "drone_bird", "right"))
                best = max(values) if more else min(values)
                cells = [f"{v:.4f}{' *' if v == best else ''}" for v in values]
                table.add_row(figure, *cells)
            console.print(table)
    console.print(
        "* the best of the row. The trees get clean plots; Windhover works through the tracker."
    )


def _rounded(figures: dict[str, float]) -> dict[str, float | int | None]:
    """Four places; what never happened (infinity) is null."""
    return {
        name: None
        if value == float("inf")
        else int(value)
        if name.startswith("n")
        else round(value, 4)
        for name, value in figures.items()
    }


def _show(out: dict[str, Any]) -> None:
    table = Table(title=f"Identification, seed {out['seed']}")
    for column in (
        "figure",
        "as claimed",
        "bar",
        "wind twice as wrong",
        "grossly wrong",
        "missing",
    ):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, value in out.items():
        if isinstance(value, dict) or name in ("seed", "track_updates_per_s"):
            continue
        bar = ""
        if name in BARS:
            limit, least = BARS[name]
            good = value is not None and (value >= limit if least else value <= limit)
            bar = f"{'≥' if least else '≤'} {limit:g} {'✓' if good else '✗'}"
        others = (out[claim][name] for claim, _ in list(SUITE.values())[1:])
        cells = ["never" if v is None else f"{v:g}" for v in (value, *others)]
        table.add_row(name, cells[0], bar, *cells[1:])
    console = Console()
    console.print(table)
    for name in (
        "calm",
        "neighbours",
        "neighbours_wind_twice_as_wrong",
        "with_range_rates",
        "known_aircraft",
    ):
        words = ", ".join(f"{key} {'never' if v is None else v}" for key, v in out[name].items())
        console.print(f"{name}: {words}")
    console.print(f"the bank alone: {out['track_updates_per_s']:,} track-updates/s on one core")


if __name__ == "__main__":
    typer.run(identify)
