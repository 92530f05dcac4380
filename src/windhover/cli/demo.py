"""`windhover demo`: the built-in exercise, start to finish."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def demo(
    seed: Annotated[int, typer.Option(help="Another seed plays another night.", min=0)] = 1,
    out: Annotated[Path, typer.Option(help="Where report, journal and archive go.")] = Path(
        "out/demo"
    ),
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the story.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the story as one object.")] = False,
) -> None:
    """Play the exercise "El Paso night": a balloon, a dark drone, a friend, a laser area, two countries.

    Everything it prints and writes is marked EXERCISE / EJERCICIO.
    """
    # Imported here so that `--help` need not wait for the compiler.
    from windhover.exercises.demo import run
    from windhover.report.story import to_json

    screen = Console(stderr=json)
    screen.print("[bold]EXERCISE / EJERCICIO[/] · El Paso night · simulated, seed", seed)
    began = time.monotonic()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
    ) as bar:
        task = bar.add_task("Preparing (the first run compiles, about a minute)", total=1.0)
        story, written = run(
            seed,
            out,
            lambda share: bar.update(task, completed=share, description="Playing the night"),
        )
    if json:
        sys.stdout.buffer.write(to_json(story.brief()) + b"\n")
    else:
        from windhover.report.table import show

        show(story, screen)
    screen.print(f"EXERCISE / EJERCICIO · {time.monotonic() - began:.0f} s. Written to {out}:")
    for name, what in written.items():
        screen.print(f"  {name:<16} {what}", highlight=False)
    if not no_serve and not json:
        screen.print("The web console is not built yet: open the report in a browser.")
