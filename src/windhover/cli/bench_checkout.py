"""Benches that need what only a source checkout has: the fuzz targets of the tests, the record's cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from windhover.errors import BadInput

ROOT: Final = Path(__file__).resolve().parents[3]


def fuzz(
    runs: Annotated[int, typer.Option(help="Inputs for each decoder.", min=1)] = 10_000_000,
    seconds: Annotated[int, typer.Option(help="No longer for each; 0 = as it takes.", min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(help="One decoder; may be repeated.")] = None,
    folder: Annotated[str, typer.Option(help="Go on where an earlier run stopped.")] = "",
) -> None:
    """Coverage-guided fuzzing of every decoder, stream and reader: inputs, edges, memory."""
    arguments = ["--runs", str(runs), "--seconds", str(seconds)]
    for name in only or ():
        arguments += ["--only", name]
    if folder:
        arguments += ["--folder", str(Path(folder).absolute())]
    _run("tests.fuzz.soak", arguments)


def record(
    folder: Annotated[str, typer.Option(help="On the disk that a site would use.")] = "",
) -> None:
    """What keeping a night costs: journal and archive, beside the ways that were refused."""
    _run("design.record.cost", [str(Path(folder).absolute())] if folder else [])


def _run(module: str, arguments: list[str]) -> None:
    if not (ROOT / module.replace(".", "/")).with_suffix(".py").exists():
        raise BadInput(f"{module} comes with the source, not with the package.", "Use a checkout.")
    done = subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
