"""`windhover demo`: the built-in exercise, start to finish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windhover.cli.exercise import play_and_tell


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
    play_and_tell("el-paso", seed, out, json)
    if not no_serve and not json:
        print("The web console is not built yet: open the report in a browser.")
