"""`windhover watch SOURCE…`: other people's notices, followed; what is out of the ordinary, told.

Needs no sensor and no site. What is told stands in the store before it is printed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from windhover.errors import BadInput, WindhoverError
from windhover.feeds.notices_baseline import (
    read_baseline,
    rows_of_closures,
    rows_of_metadata,
    shipped,
    write_baseline,
)
from windhover.feeds.notices_faa import NMS_HOST, TFR_HOST, NmsSource, TfrListSource
from windhover.feeds.notices_http import SourceDown
from windhover.feeds.notices_read import closure_of, near
from windhover.feeds.notices_sources import AddressSource, FileSource, MailSource, Source
from windhover.feeds.notices_store import Store
from windhover.feeds.notices_texts import items_of, unpacked
from windhover.feeds.notices_watch import Scored, Told, Watch
from windhover.notices.notam.spanish import in_spanish
from windhover.schema.cases import Words
from windhover.timescale import from_iso
from windhover.units import NS_PER_S
from windhover.watch.brief import Brief, compose
from windhover.watch.changes import clock
from windhover.watch.claims import Claim, about
from windhover.watch.history import Entry
from windhover.watch.replay import ALERTS_PER_WEEK

_ID, _SECRET = "WINDHOVER_FAA_CLIENT_ID", "WINDHOVER_FAA_CLIENT_SECRET"
_HELP: Final = (
    "file, folder, http(s) address, mailbox:PATH (mbox or Maildir), tfr (the FAA's public list), "
    "faa or faa:QUERY (its NOTAM service); list: before a file or address says that it always shows "
    "everything in force"
)


def source_of(words: str) -> Source:
    """One SOURCE of the command line. Raises `BadInput`."""
    complete = words.startswith("list:")
    name = words.removeprefix("list:")
    if name == "tfr":
        return TfrListSource(host=os.environ.get("WINDHOVER_TFR_HOST", TFR_HOST))
    if name == "faa" or name.startswith("faa:"):
        who, secret = os.environ.get(_ID, ""), os.environ.get(_SECRET, "")
        if not who or not secret:
            raise BadInput(
                "The FAA's NOTAM service needs credentials.",
                f"Set {_ID} and {_SECRET}; the FAA hands them out on request.",
            )
        query = name.partition(":")[2] or "feature=AIRSPACE"
        return NmsSource(who, secret, query, host=os.environ.get("WINDHOVER_FAA_HOST", NMS_HOST))
    if name.startswith(("http://", "https://")):
        return AddressSource(name, complete)
    if name.startswith("mailbox:"):
        return MailSource(Path(name.removeprefix("mailbox:")))
    path = Path(name)
    if (path / "cur").is_dir():
        return MailSource(path)
    return FileSource(path, complete)


def watch(
    sources: Annotated[list[str] | None, typer.Argument(metavar="SOURCE…", help=_HELP)] = None,
    store: Annotated[Path, typer.Option(help="Where the history is kept (SQLite).")] = Path(
        "windhover-watch.sqlite"
    ),
    out: Annotated[Path | None, typer.Option(help="Folder for a page on each alert.")] = None,
    every: Annotated[float, typer.Option(help="Seconds between two rounds.", min=1.0)] = 60.0,
    once: Annotated[bool, typer.Option("--once", help="One round, then the ranking.")] = False,
    now: Annotated[
        str, typer.Option(help="With --once: as if it were this time, 2026-02-11T06:00Z.")
    ] = "",
    rank: Annotated[int, typer.Option(help="So many rows of the ranking.", min=0)] = 10,
    baseline: Annotated[
        Path | None, typer.Option(help="A baseline of one's own instead of the shipped one.")
    ] = None,
    claims: Annotated[
        Path | None, typer.Option(help="What others said: JSON lines (docs/watch.md).")
    ] = None,
    brief: Annotated[str, typer.Option(help="Tell this notice of the store, and stop.")] = "",
    alerts_per_week: Annotated[
        float, typer.Option(help="How many alerts a week you want.", min=0.001)
    ] = ALERTS_PER_WEEK,
    write_baseline: Annotated[
        Path | None,
        typer.Option(help="Build a baseline from the sources (archives) and stop."),
    ] = None,
    name: Annotated[str, typer.Option(help="Whose past the new baseline is.")] = "",
    name_es: Annotated[str, typer.Option(help="The same in Spanish.")] = "",
    country: Annotated[str, typer.Option(help="Its country, two letters.")] = "",
    all_events: Annotated[
        bool, typer.Option("--all", help="Print every event, not only alerts.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow notices; say what is new and how unusual it is, why, and whom it binds."""
    if write_baseline is not None:
        _build(write_baseline, sources or [], Words(name, name_es or name), country)
        return
    baselines = shipped() if baseline is None else read_baseline(baseline)
    said = read_claims(claims)
    with Store(store) as kept:
        watcher = Watch(
            kept,
            [] if brief else [source_of(words) for words in sources or []],
            baselines,
            every_ns=int(every * NS_PER_S),
            alerts_per_week=alerts_per_week,
        )
        if brief:
            _one(kept, watcher, brief, said, out, json)
            return
        if not sources:
            raise BadInput("There is nothing to watch.", "Name a SOURCE; see --help.")
        try:
            while True:
                told = watcher.round(from_iso(now) if now and once else time.time_ns())
                for item in told:
                    if item.alert or all_events or json:
                        _print(item, json)
                    entry = kept.entry(item.key) if item.alert and item.key else None
                    if out is not None and entry is not None:
                        _write(out, kept, watcher, entry, said)
                sys.stdout.flush()
                if once:
                    _ranking(watcher.ranked()[:rank], json)
                    if not watcher.answered:
                        raise SourceDown("No source answered; what stands above is from earlier.")
                    return
                time.sleep(every)
        except KeyboardInterrupt:
            return


def read_claims(path: Path | None) -> tuple[Claim, ...]:
    """JSON lines of `watch.claims.Claim`. Raises `BadInput`."""
    if path is None:
        return ()
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{path} cannot be read: {wrong}.") from None
    out = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            out.append(msgspec.json.decode(line, type=Claim))
        except msgspec.DecodeError as wrong:
            raise BadInput(f"Line {number} of {path} is no claim: {wrong}.") from None
    return tuple(out)


def _build(out: Path, sources: list[str], name: Words, country: str) -> None:
    if not sources or not name.en or len(country) != 2:
        raise BadInput(
            "A baseline needs archives, a name and a country.",
            "windhover watch ARCHIVE… --write-baseline FILE --name 'Mexico 2024-2026' --country MX",
        )
    rows = []
    for source in sources:
        path = Path(source)
        if path.name.removesuffix(".xz").removesuffix(".gz").endswith(".csv"):
            rows += list(rows_of_metadata(path))
            continue
        try:
            words = unpacked(path.read_bytes(), path.name).decode("utf-8", "replace")
        except OSError as wrong:
            raise BadInput(f"{path} cannot be read: {wrong.strerror}.") from None
        closures = (closure_of(item) for item in items_of(words, path.name))
        rows += list(rows_of_closures(c for c in closures if c is not None))
    if not rows:
        raise BadInput(
            "No closure with a time of publication was found.",
            "Texts need CREATED: …, or a field 'issued' or 'published' beside them.",
        )
    count = write_baseline(out, name, country.upper(), ", ".join(sources), rows)
    print(f"{count:,} activations written to {out}")


def _print(told: Told, json: bool) -> None:
    if json:
        print(msgspec.json.encode(told).decode())
        return
    mark = "ALERT / ALERTA" if told.alert else told.what
    key = f"{told.key}: " if told.key else ""
    print(f"{clock(told.time_ns)}  {mark}  {key}{told.words.en}")
    if told.alert:
        print(f"    {told.words.es}")


def _ranking(rows: list[Scored], json: bool) -> None:
    for place, row in enumerate(rows, 1):
        if json:
            shown = {
                "place": place,
                "key": row.entry.closure.key,
                "state": row.entry.state,
                "share": row.unusual.share,
                "n": row.unusual.n,
                "words": row.unusual.words,
            }
            print(msgspec.json.encode(shown).decode())
        else:
            c = row.entry.closure
            print(f"{place:3}  {c.key} ({c.kind}, {row.entry.state})  {c.plain.en}")
            print(f"     {row.unusual.words.en}")


def told_of(
    store: Store, watcher: Watch, entry: Entry, claims: tuple[Claim, ...]
) -> tuple[Brief, list[str]]:
    """(the brief, its history line by line) of one notice of the store."""
    closure = entry.closure
    scored = watcher.score(entry)
    events = store.events_of(closure.key)
    last = events[-1] if events and events[-1][1] not in ("issued", "changed") else None
    made = compose(
        closure,
        scored.unusual if scored else None,
        spanish=in_spanish,
        near=near(closure),
        claims=about(claims, closure.number),
        before=store.version(closure.key, entry.version - 1) if entry.version > 1 else None,
        became=Words(f"{last[1]}: {last[2]}", f"{_STATES.get(last[1], last[1])}: {last[3]}")
        if last
        else None,
    )
    return made, [
        f"{clock(at)}  {what} / {_STATES.get(what, what)}: {en} / {es}"
        for at, what, en, es in events
    ]


_STATES: Final = {
    "issued": "emitido",
    "changed": "modificado",
    "replaced": "reemplazado",
    "cancelled": "cancelado",
    "withdrawn early": "retirado antes de tiempo",
    "expired": "vencido",
    "back": "de nuevo en la lista",
}


def _write(
    out: Path, store: Store, watcher: Watch, entry: Entry, claims: tuple[Claim, ...]
) -> Path:
    from windhover.cli.watch_border import lines
    from windhover.cli.watch_page import page

    made, history = told_of(store, watcher, entry, claims)
    beside = near(entry.closure)
    out.mkdir(parents=True, exist_ok=True)
    safe = "".join(c if c.isalnum() else "_" for c in entry.closure.key)
    path = out / f"{safe}.html"
    part = path.with_name(path.name + ".part")
    part.write_text(
        page(made, entry.closure, beside, history, lines(entry.closure, beside)), "utf-8"
    )
    part.replace(path)
    return path


def _one(
    store: Store,
    watcher: Watch,
    number: str,
    claims: tuple[Claim, ...],
    out: Path | None,
    json: bool,
) -> None:
    entry = store.named(number)
    if entry is None:
        raise WindhoverError(
            f"The store holds no notice {number!r}, or several.",
            "Give its key as alerts print it: 'FDC 6/2233'.",
        )
    made, history = told_of(store, watcher, entry, claims)
    if json:
        print(msgspec.json.encode({"brief": made, "history": history}).decode())
    else:
        if made.banner:
            print(made.banner)
        for section in made.sections:
            print(f"{section.title.en} / {section.title.es}")
            for words in section.lines:
                print(f"    {words.en}")
                if words.es != words.en:
                    print(f"    {words.es}")
    if out is not None:
        path = _write(out, store, watcher, entry, claims)
        if not json:
            print(path)
