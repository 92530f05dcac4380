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
    speed: Annotated[float, typer.Option(help="Of the served exercise.", min=0.1, max=60.0)] = 4.0,
    play: Annotated[bool, typer.Option("--play", help="You are the watch officer.")] = False,
    port: Annotated[int, typer.Option(help="Of the console; 0 = any free.", min=0)] = 8410,
    json: Annotated[bool, typer.Option("--json", help="Print the story as one object.")] = False,
) -> None:
    """Play the exercise "El Paso night": a balloon, a dark drone, a friend, a laser area, two countries.

    Everything it prints and writes is marked EXERCISE / EJERCICIO.
    """
    play_and_tell("el-paso", seed, out, json)
    if not no_serve and not json:
        _serve(seed, out, speed, port, play=play)


def _serve(seed: int, out: Path, speed: float, port: int, *, play: bool) -> None:
    """The same night once more, running, with the console, until Ctrl-C."""
    import shutil

    from windhover.server import run
    from windhover.server.settings import ExerciseSettings, RecordSettings, Settings

    folder = out.absolute().with_name(out.name + "-live")
    if (folder / "journal.sqlite").exists():  # an earlier demo's: an exercise, played anew
        shutil.rmtree(folder)
    played = ExerciseSettings("el-paso", seed, speed, 2.0, "you" if play else "scripted")
    settings = Settings(exercise=played, record=RecordSettings(str(folder)))
    settings = run.with_port(settings, run.free_port(settings.server.host, port))
    print(f"EXERCISE / EJERCICIO · The same night now runs, at {speed:g} times its speed.")
    run.serve(run.build(settings), lambda words: print(words, flush=True), demo_login=True)
