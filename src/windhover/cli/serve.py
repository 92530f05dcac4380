"""`windhover serve`: live feeds or an exercise, the console and the API, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windhover.errors import BadInput


def serve(
    record: Annotated[
        Path | None, typer.Argument(help="A finished record to look at, such as out/demo.")
    ] = None,
    config: Annotated[Path, typer.Option(help="The settings.")] = Path("windhover.toml"),
    exercise: Annotated[str, typer.Option(help="Play this exercise instead of feeds.")] = "",
    seed: Annotated[int, typer.Option(help="Another seed plays another night.", min=0)] = 1,
    speed: Annotated[float, typer.Option(help="Of the exercise.", min=0.1, max=60.0)] = 1.0,
    skip: Annotated[float, typer.Option(help="Minutes of it played at once.", min=0.0)] = 0.0,
    officer: Annotated[str, typer.Option(help="scripted, or you")] = "scripted",
    out: Annotated[Path | None, typer.Option(help="Where the record goes.")] = None,
    port: Annotated[int | None, typer.Option(help="0 = any free one.", min=0, max=65_535)] = None,
    check: Annotated[bool, typer.Option("--check", help="Read the settings and end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Say where it is as one object.")] = False,
) -> None:
    """Serve a site, an exercise or a finished record on this machine."""
    import msgspec

    from windhover.server import run
    from windhover.server.settings import ExerciseSettings, Settings, at, load

    if officer not in ("scripted", "you"):
        raise BadInput(f"--officer is scripted or you, not {officer!r}.")
    if config.exists():
        settings = load(config)
    elif config != Path("windhover.toml"):
        raise BadInput(f"There is no file {config}.")
    elif record is None and not exercise:
        raise BadInput(
            "There is no windhover.toml here.",
            "Name one with --config, or play an exercise: windhover serve --exercise el-paso",
        )
    else:
        settings = at(Settings(), Path())
    if exercise:
        played = ExerciseSettings(
            exercise, seed, speed, skip, "you" if officer == "you" else "scripted"
        )
        settings = msgspec.structs.replace(settings, exercise=played, feed=())
    if out is not None:
        kept = msgspec.structs.replace(settings.record, folder=str(out.absolute()))
        settings = msgspec.structs.replace(settings, record=kept)
    if port is not None:
        settings = run.with_port(settings, port)

    def say(words: str) -> None:
        print(msgspec.json.encode({"says": words.strip()}).decode() if json else words, flush=True)

    if check:
        run.check(settings)
        say("The settings hold together.")
        return
    server = run.build_still(settings, record) if record is not None else run.build(settings)
    run.serve(server, say, demo_login=bool(exercise) or record is not None)
