"""The command line: one table of names; each command's module is imported when it is called.

Every command has `--json`, reads `-` where it reads a file, exits 2 with one clear line on bad
input and never leaves half a file.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click
import typer

from windhover.errors import WindhoverError

# name → (module, attribute, one line). The attribute is a function or a Typer app of sub-commands.
COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "demo": ("windhover.cli.demo", "demo", "Play the built-in El Paso night, start to finish."),
    "replay": ("windhover.cli.replay", "replay", "Any recording → identified tracks and a report."),
    "identify": (
        "windhover.cli.identify",
        "identify",
        "One recorded object → what it is, and why.",
    ),
    "notam": ("windhover.cli.notam", "app", "Read, draw and check NOTAMs."),
    "journal": ("windhover.cli.journal", "app", "Verify, show and export the record."),
    "site": ("windhover.cli.site", "app", "Check a site folder."),
    "bench": ("windhover.cli.bench", "app", "Every figure that the project claims."),
}


class _Lazy(click.Group):
    """Imports a command's module when it is called, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        return as_command(cmd_name, getattr(importlib.import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


def as_command(name: str, thing: object) -> click.Command:
    """A click command of a function or of a Typer app."""
    if isinstance(thing, click.Command):
        return thing
    if not isinstance(thing, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(name)(thing)  # type: ignore[type-var]  # the table holds functions and apps only
        thing = app
    command = typer.main.get_command(thing)
    command.name = name
    return command


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `windhover`; errors raised on purpose become one line and exit 2."""
    group = _Lazy(
        "windhover",
        help="Keeps the air picture of a place: what is up there, what it is, what that asks of "
        "the airspace, who must be told, and proof of it. It commands nothing.",
    )
    try:
        group.main(arguments, prog_name="windhover", standalone_mode=True)
    except WindhoverError as error:
        print(f"windhover: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `windhover … | head`
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
