"""`windhover exercise`: any built-in scenario, played, told and held against its truth."""

from __future__ import annotations

import difflib
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from windhover.cli.progress import progress_bar
from windhover.errors import WindhoverError


def exercise(
    name: Annotated[str, typer.Argument(help="Its name; none: list them.")] = "",
    seed: Annotated[int, typer.Option(help="Another seed plays another night.", min=0)] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Where report, journal and archive go; out/NAME by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the story as one object.")] = False,
) -> None:
    """Play a scenario with known truth and say what came out right.

    Everything it prints and writes is marked EXERCISE / EJERCICIO.
    """
    from windhover.exercises import SCENARIOS

    if not name:
        print("EXERCISE / EJERCICIO: " + ", ".join(SCENARIOS))
        return
    if name not in SCENARIOS:
        near = difflib.get_close_matches(name, SCENARIOS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(SCENARIOS)}."
        raise WindhoverError(f"There is no exercise {name!r}.", hint)
    play_and_tell(name, seed, out if out is not None else Path("out") / name, json)


def play_and_tell(name: str, seed: int, out: Path, json: bool) -> None:
    """Play with a progress bar, write everything to `out`, print the story."""
    # Imported here so that `--help` need not wait for the compiler.
    from windhover.exercises import SCENARIOS
    from windhover.exercises.demo import run
    from windhover.report.story import to_json

    screen = Console(stderr=json)
    screen.print(f"[bold]EXERCISE / EJERCICIO[/] · {name} · simulated, seed", seed)
    began = time.monotonic()
    with progress_bar(screen) as bar:
        task = bar.add_task("Preparing (the first run compiles, about a minute)", total=1.0)
        done = run(
            seed,
            out,
            lambda share: bar.update(task, completed=share, description="Playing the night"),
            SCENARIOS[name],
        )
    if json:
        sys.stdout.buffer.write(to_json(done.story.brief()) + b"\n")
    else:
        from windhover.report.table import show

        show(done.story, screen)
    screen.print(f"EXERCISE / EJERCICIO · {time.monotonic() - began:.0f} s. Written to {out}:")
    for file, what in done.written.items():
        screen.print(f"  {file:<16} {what}", highlight=False)
    found = done.judgement
    screen.print(
        f"Against the truth: {found.said_right} of {found.objects} objects named rightly"
        + "".join(f"; {reason}" for reason in found.reasons)
        + "."
    )
