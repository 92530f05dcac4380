"""The command line: a table of names; each command's module is imported when it is called.

Every command has `--json`, reads `-` where it reads a file, exits 2 with one clear line on bad
input and never leaves half a file.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import typer

from windhover.errors import WindhoverError

Table = dict[str, tuple[str, str, str]]
"""name → (module, attribute, one line). The attribute is a function, a Typer app or another Table."""

BENCHES: Final[Table] = {
    "tracker": ("windhover.cli.bench_tracker", "tracker", "Detections per second, GOSPA, oracle."),
    "identify": ("windhover.cli.bench_identify", "identify", "AUC, calibration, false calls."),
    "notam": ("windhover.cli.bench_notam", "notam", "Acceptance, schedules, geometry, texts/s."),
    "watch": ("windhover.cli.bench_watch", "watch", "Alerts a week, and known closures ranked."),
    "server": ("windhover.cli.bench_server", "server", "Latency of live frames to many clients."),
    "stages": ("windhover.cli.bench_stages", "stages", "Where the second goes, plots to frame."),
    "console": ("windhover.cli.bench_console", "console", "Frame times of the map, 5,000 tracks."),
    "feeds": ("windhover.cli.bench_feeds", "feeds", "Messages per second beside the libraries."),
    "floods": (
        "windhover.cli.bench_floods",
        "floods",
        "A greedy feed among steady ones: who loses.",
    ),
    "fuzz": ("windhover.cli.bench_checkout", "fuzz", "Fuzzing of every decoder, by the million."),
    "record": ("windhover.cli.bench_checkout", "record", "What keeping a night costs."),
    "nights": ("windhover.cli.bench_nights", "nights", "Many El Paso nights: how many come right."),
}

COMMANDS: Final[Table] = {
    "demo": ("windhover.cli.demo", "demo", "Play the built-in El Paso night, start to finish."),
    "exercise": ("windhover.cli.exercise", "exercise", "Any built-in scenario, against its truth."),
    "serve": ("windhover.cli.serve", "serve", "Live feeds or an exercise, console and API."),
    "replay": ("windhover.cli.replay", "replay", "Any recording → identified tracks and a report."),
    "identify": ("windhover.cli.identify", "identify", "One recorded object: what is it, and why."),
    "notam": ("windhover.cli.notam", "app", "Read, draw and check NOTAMs."),
    "watch": (
        "windhover.cli.watch",
        "watch",
        "Follow notices: what is new, how unusual, whom it binds.",
    ),
    "laser": ("windhover.cli.laser", "laser", "How far a declared beam endangers eyes."),
    "journal": ("windhover.cli.journal", "app", "Verify, show and export the record."),
    "site": ("windhover.cli.site", "app", "A site of one's own: write an example, check it."),
    "bench": ("windhover.cli", "BENCHES", "Every figure that the project claims."),
}

STORY: Final = (
    "Keeps the air picture of a place: what is up there, what it is, what that asks of the\n"
    "airspace, who must be told, and proof of it. It commands nothing."
)


def _help(table: Table, program: str) -> str:
    width = max(map(len, table))
    rows = "\n".join(f"  {name:<{width}}  {words}" for name, (_, _, words) in table.items())
    return (
        f"Usage: {program} COMMAND …\n\n{STORY}\n\n{rows}\n\n`{program} COMMAND --help` tells more."
    )


def _run(table: Table, program: str, arguments: Sequence[str]) -> None:
    if not arguments or arguments[0] in ("--help", "-h"):
        print(_help(table, program))
        return
    name, rest = arguments[0], list(arguments[1:])
    if name == "--version":
        print(f"windhover {version('windhover')}")
        return
    if name not in table:
        near = difflib.get_close_matches(name, table, n=1)
        raise WindhoverError(
            f"{program} has no command {name!r}.",
            f"Did you mean {near[0]!r}?" if near else f"See `{program} --help`.",
        )
    module, attribute, _ = table[name]
    thing = getattr(importlib.import_module(module), attribute)
    if isinstance(thing, dict):
        _run(thing, f"{program} {name}", rest)
        return
    if not isinstance(thing, typer.Typer):
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(name)(thing)
        thing = app
    typer.main.get_command(thing).main(rest, prog_name=f"{program} {name}", standalone_mode=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `windhover`; errors raised on purpose become one line and exit 2."""
    try:
        _run(COMMANDS, "windhover", sys.argv[1:] if arguments is None else arguments)
    except WindhoverError as error:
        print(f"windhover: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `windhover … | head`
        sys.stderr.close()
        sys.exit(0)
