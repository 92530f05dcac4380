"""`windhover notam decode|check|draw`: other people's notices, read, checked and drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from windhover.errors import BadInput
from windhover.feeds.notices_texts import items_of, places, unpacked
from windhover.notices.notam import Notam, decode, refusals, to_json

app = typer.Typer(
    help="Read, check and draw NOTAMs of any state.", no_args_is_help=True, add_completion=False
)
File = Annotated[str, typer.Argument(help="A file of notices, or - for standard input.")]


def read_bytes(source: str) -> bytes:
    """A file, plain or compressed with gzip or xz, or standard input."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as wrong:
        raise BadInput(
            f"{source} cannot be read: {wrong.strerror}.", "Give a file, or - for standard input."
        ) from None
    return unpacked(data, source)


def texts(source: str) -> Iterator[tuple[str, str]]:
    """(identifier that the file gives, text of the notice) for each notice of a source."""
    words = read_bytes(source).decode("utf-8", "replace")
    for item in items_of(words, source):
        yield item.known, item.text


def read(source: str) -> Iterator[Notam]:
    """Every notice of a source, read; the file's identifier stands in where the text has none."""
    for known, text in texts(source):
        notam = decode(text, places() if "RADIUS OF" in text else None)
        if known and not notam.id:
            notam = msgspec.structs.replace(notam, id=known)
        yield notam


def _fail(wrong: BadInput) -> None:
    typer.echo(f"windhover notam: {wrong}", err=True)
    raise typer.Exit(2)


@app.command("decode")
def decode_command(
    file: File,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", "--json", help="One JSON object a line, nothing else.")
    ] = False,
) -> None:
    """Print what each notice says: JSON objects, or with no option a readable page."""
    write = sys.stdout.buffer.write
    count = refused = 0
    try:
        for notam in read(file):
            count += 1
            refused += not notam.ok
            if jsonl:
                write(msgspec.json.encode(to_json(notam)) + b"\n")
            else:
                write((page(notam) + "\n\n").encode())
        sys.stdout.flush()
    except BadInput as wrong:
        _fail(wrong)
    except BrokenPipeError:
        sys.stderr.close()
        return
    if not count:
        typer.echo("windhover notam: there is no notice in this file.", err=True)
        raise typer.Exit(2)
    if refused:
        typer.echo(f"{refused} of {count} texts are no notice that can be read.", err=True)


def page(notam: Notam) -> str:
    """A notice for people: plain words, times, areas, warnings, and the text itself below."""
    shown = to_json(notam)
    plain = shown["plain"]
    lines = [f"{notam.id or '(no number)'}  {plain['en'] or notam.error}"]
    if plain["es"]:
        lines.append(f"    {plain['es']}")
    if notam.refers:
        lines.append(f"    refers to {notam.refers}")
    for start, end in shown["intervals"][:8]:
        lines.append(f"    {start} – {end or 'no end stated'}")
    if len(notam.intervals) > 8:
        lines.append(f"    … and {len(notam.intervals) - 8} more times")
    for volume in shown["volumes"]:
        said = volume["properties"]
        radius = f" radius {said['radius_m'] / 1852:.2f} NM" if "radius_m" in said else ""
        low, high = (said[k]["text"] if said[k] else "?" for k in ("lower", "upper"))
        taken = " (excluded)" if said["excluded"] else ""
        lines.append(f"    {said['shape']}{radius} {said['name']} {low} – {high}{taken}")
        lines += [f"        uncertain: {words}" for words in said["uncertain"]]
    lines += [f"    ! {words}" for words in notam.warnings]
    lines += [f"    | {line}" for line in notam.raw.strip().splitlines()]
    return "\n".join(lines)


@app.command("check")
def check_command(
    file: File,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a notice.")] = False,
) -> None:
    """Print the reasons why a NOTAM office would refuse each text; exit 1 if there are any."""
    found = 0
    try:
        for notam in read(file):
            reasons = refusals(notam)
            found += len(reasons)
            if json:
                rows = [{"item": r.item, "words": r.words, "rule": r.rule} for r in reasons]
                typer.echo(msgspec.json.encode({"id": notam.id, "refusals": rows}).decode())
                continue
            typer.echo(f"{notam.id or '(no number)'}: {'nothing to refuse' if not reasons else ''}")
            for reason in reasons:
                typer.echo(f"    {reason.item}: {reason.words} ({reason.rule})")
    except BadInput as wrong:
        _fail(wrong)
    raise typer.Exit(1 if found else 0)


@app.command("draw")
def draw_command(
    file: File,
    out: Annotated[Path, typer.Option("--out", "-o", help="The PNG to write.")] = Path("notam.png"),
    most: Annotated[int, typer.Option(help="Draw at most so many notices.")] = 200,
) -> None:
    """Draw the areas of all notices of a file on one map picture."""
    from windhover.cli.notam_map import draw_map

    try:
        notams = [n for _, n in zip(range(most), read(file), strict=False)]
        drawn = draw_map(notams, out)
    except BadInput as wrong:
        _fail(wrong)
    else:
        typer.echo(f"{drawn} areas drawn to {out}")


if __name__ == "__main__":
    app()
