"""`windhover replay`: any recording → identified tracks, incidents, a report and its record."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from windhover.cli.progress import progress_bar


def replay(
    source: Annotated[
        list[str], typer.Argument(help="Recordings of one time and place; - reads standard input.")
    ],
    wind: Annotated[
        list[Path] | None, typer.Option(help="Wind of other instruments; may be given again.")
    ] = None,
    site: Annotated[
        Path | None, typer.Option(help="A site folder; else only what the data tell.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where report, journal and story go.")] = None,
    hide_ids: Annotated[
        bool, typer.Option("--hide-ids", help="Feed positions without identities.")
    ] = False,
    score: Annotated[
        bool, typer.Option("--score", help="Score against the recording's identities.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Replay a recording and say what flew, how sure and why."""
    from windhover.exercises.rerun import run

    screen = Console(stderr=True)
    with progress_bar(screen) as bar:
        task = bar.add_task("Reading", total=1.0)
        told = run(
            source,
            wind or [],
            site,
            out,
            hide_ids=hide_ids,
            progress=lambda share: bar.update(task, completed=share, description="Replaying"),
        )
    if json:
        answer = told.figures if score else json_module.loads(told.story_json())
        sys.stdout.write(json_module.dumps(answer, ensure_ascii=False) + "\n")
        return
    for line in told.reading:
        screen.print(line, highlight=False)
    if score:
        for name, value in told.figures.items():
            print(f"{name}: {value}")
    else:
        from windhover.report.table import show

        show(told.story, Console())
    if told.written:
        screen.print(f"Written to {out}: {', '.join(told.written)}")
