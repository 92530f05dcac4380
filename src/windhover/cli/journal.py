"""`windhover journal`: does the record hold, what stands in it, and a bundle of it for others."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from windhover.errors import BadInput, BrokenRecord, WindhoverError
from windhover.record import export as bundles
from windhover.record import signing
from windhover.record.entries import KINDS, Entry, read_event
from windhover.record.export import BANNER
from windhover.record.journal import Journal
from windhover.record.verify import JOURNAL_NAME, Verdict, verify
from windhover.timescale import is_plausible, to_iso

app: Final = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The record: does it hold, what stands in it, and a bundle of it for others.",
)

Where = Annotated[Path, typer.Argument(help="The journal, its folder, or a bundle (.zip).")]
ArchiveDir = Annotated[
    Path | None, typer.Option("--archive", help="Its archive, if that is not beside it.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of words.")]


@app.command("verify")
def verify_command(
    path: Where,
    archive: ArchiveDir = None,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="A head that a witness was told; may be repeated."),
    ] = None,
    signer: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed a bundle.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Form every digest again. Exit 0: it holds. 1: it does not, and this is the first bad entry."""
    heads = head or []
    if path.is_file() and _is_bundle(path):
        wanted = "" if signer is None else signing.fingerprint_of_file(signer)
        verdict = bundles.verify_bundle(path, heads, wanted)
    elif signer is not None:
        raise BadInput("Only a bundle is signed.", "Name the .zip, or leave --signer out.")
    else:
        verdict = verify(path, archive, heads)
    banner = BANNER if verdict.mode == "exercise" else ""
    if as_json:
        _print_json({"notice": banner} | msgspec.to_builtins(verdict), banner)
    else:
        _print_verdict(verdict, banner)
    raise typer.Exit(0 if verdict.holds else 1)


@app.command("export")
def export_command(
    path: Where,
    out: Annotated[Path, typer.Argument(help="The bundle to write (.zip).")],
    archive: ArchiveDir = None,
    key: Annotated[
        Path | None, typer.Option(help="Your private key (PEM), made by `journal key`: sign.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a bundle that anyone can verify, with or without Windhover."""
    if out.is_dir():
        raise WindhoverError(f"{out} is a folder.", "Name the file to write, such as record.zip.")
    try:
        loaded = None if key is None else signing.load_key(key)
        manifest = bundles.export(path, archive, out, loaded)
    except BrokenRecord as why:
        print(f"windhover journal: {why}", file=sys.stderr)
        raise typer.Exit(1) from None
    if as_json:
        told = msgspec.to_builtins(manifest) | {"path": str(out), "bytes": out.stat().st_size}
        _print_json(told, manifest.notice)
        return
    start = f"{BANNER} · " if manifest.notice else ""
    print(f"{start}{out}: {manifest.entries} entries, {len(manifest.files)} files.")
    print(f"Head {manifest.head}")
    print(f"Signed by key {manifest.signer}" if manifest.signer else "Not signed.")
    print("Whoever was told a head can check it: windhover journal verify --head HEAD")


@app.command("key")
def key_command(
    path: Annotated[Path, typer.Argument(help="Where the private key goes; never written over.")],
    as_json: Json = False,
) -> None:
    """Make a key to sign bundles with. Its public half lies beside it, for those who check."""
    public = signing.new_key(path)
    beside = path.with_name(path.name + ".pub")
    beside.write_bytes(public)
    told = {"key": str(path), "public": str(beside), "fingerprint": signing.fingerprint(public)}
    if as_json:
        _print_json(dict(told), "")
        return
    print(f"Private key {path}: keep it to yourself.")
    print(f"Public key {beside}: give it to whoever checks your bundles.")
    print(f"Fingerprint {told['fingerprint']}")


@app.command("show")
def show_command(
    path: Where,
    from_seq: Annotated[int, typer.Option("--from", help="First entry.")] = 1,
    to_seq: Annotated[int | None, typer.Option("--to", help="Last entry.")] = None,
    kind: Annotated[str | None, typer.Option(help=f"Only one kind: {', '.join(KINDS)}.")] = None,
    as_json: Json = False,
) -> None:
    """List entries, one a line; `--json` gives one object a line."""
    if kind is not None and kind not in KINDS:
        raise BadInput(f"There is no kind {kind!r}.", f"Use one of {', '.join(KINDS)}.")
    if path.is_dir():
        path = path / JOURNAL_NAME
    with Journal.open(path, read_only=True) as journal:
        banner = BANNER if journal.meta.mode == "exercise" else ""
        if banner and not as_json:
            print(banner)
        kinds = None if kind is None else tuple(each for each in KINDS if each == kind)
        for entry in journal.read(from_seq, to_seq, kinds):
            print(_as_object(entry, banner) if as_json else _line(entry))


def _is_bundle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK" or zipfile.is_zipfile(path)


def _print_verdict(verdict: Verdict, banner: str) -> None:
    start = f"{banner} · " if banner else ""
    if verdict.holds:
        print(f"{start}{verdict.words}")
        print(f"Head {verdict.head}")
    else:
        print(f"{start}BROKEN · {verdict.words} {verdict.entries} entries before it hold.")
    for note in verdict.notes:
        print(f"  {note}")


def _line(entry: Entry) -> str:
    when = to_iso(entry.now_ns) if is_plausible(entry.now_ns) else f"{entry.now_ns} ns"
    return f"{entry.seq:8d}  {when}  {entry.kind:8s}  {entry.type:20s} {_gist(entry)}".rstrip()


def _gist(entry: Entry) -> str:
    """The few words that a person looks for."""
    if entry.kind == "event":
        try:
            told = msgspec.to_builtins(read_event(entry))
        except WindhoverError:
            return f"{len(entry.body)} bytes that this version cannot read"
        inner = next(
            (value for value in told.values() if isinstance(value, dict) and "id" in value), {}
        )
        told = told | inner
        names = ("track_id", "id", "said", "state", "did", "party", "verdict", "about", "command")
        words = [str(told[name]) for name in names if told.get(name) not in (None, "")]
        return " ".join(words)
    if entry.body[:1] == b"{":
        text = entry.body.decode("utf-8", "replace")
        text = text.removeprefix(f'{{"type":"{entry.type}"').strip("{},")
        return text if len(text) <= 100 else f"{text[:99]}…"
    return f"{len(entry.body)} bytes"


def _as_object(entry: Entry, banner: str) -> str:
    body = entry.body.decode("utf-8", "replace") if entry.body[:1] == b"{" else None
    told = {
        "notice": banner,
        "seq": entry.seq,
        "now_ns": entry.now_ns,
        "kind": entry.kind,
        "type": entry.type,
        "bytes": len(entry.body),
        "body": msgspec.json.decode(body) if body is not None else None,
        "digest": entry.digest.hex(),
    }
    return _json(told, banner)


def _print_json(told: dict[str, object], banner: str) -> None:
    print(_json(told, banner))


def _json(told: dict[str, object], banner: str) -> str:
    """One object; an exercise's starts with its banner, a real one's has no such field."""
    if not banner:
        told = {name: value for name, value in told.items() if name != "notice"}
    return msgspec.json.encode(told).decode()


def main() -> None:
    """`python -m windhover.cli.journal`: bad input is one line and exit 2."""
    try:
        app()
    except WindhoverError as why:
        print(f"windhover journal: {why}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
