"""`windhover bench notam`: what the reader accepts, understands and costs, beside its peers.

Timed is `decode`: every reading that `windhover notam decode` prints is inside. What only tells it, the
plain line and the JSON with its drawn circles, is timed apart (`texts_per_s_with_json`).
Times are processor time of one core; peers run on the same texts in the same process where they are
installed (aviconv-notam).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from windhover.cli import bench_notam_peers as peers
from windhover.cli.notam import texts
from windhover.notices.notam import Notam, decode, to_json

_AREA_WORDS = ("RADIUS", "BOUNDED", "CIRCLE", "JOINING", "WI AREA", "AREA DEFINED")


def measure(raws: list[str], parse: peers.Parse | None = None) -> dict[str, Any]:
    """Figures of one corpus; `parse` is the peer's reader."""
    readers: dict[str, peers.Parse] = {"windhover": decode}
    if parse is not None:
        readers["aviconv_notam"] = parse
    speeds = peers.texts_per_s(readers, raws)
    worst_s = 0.0
    read: list[Notam] = []
    json_s = 0.0
    for text in raws:
        one = time.process_time()
        notam = decode(text)
        two = time.process_time()
        msgspec.json.encode(to_json(notam))
        json_s += time.process_time() - two
        if two - one > worst_s:
            # Twice, the quicker counts: a collection of garbage is not the text's doing.
            again = time.process_time()
            decode(text)
            worst_s = max(worst_s, min(two - one, time.process_time() - again))
        read.append(notam)
    schedules = [n for n in read if n.item_d]
    stated = [n for n in read if any(w in n.item_e for w in _AREA_WORDS)]
    drawn = sum(any(a.kind not in ("point", "line") for a in n.areas) for n in stated)
    return {
        "texts": len(raws),
        "accepted_percent": 100 * sum(n.ok for n in read) / max(1, len(raws)),
        "schedules": len(schedules),
        "schedules_to_intervals_percent": 100
        * sum(n.schedule_ok for n in schedules)
        / max(1, len(schedules)),
        "texts_with_area_words": len(stated),
        "of_them_with_an_area_percent": 100 * drawn / max(1, len(stated)),
        "texts_per_s": speeds["windhover"],
        "texts_per_s_with_json": 1 / (1 / speeds["windhover"] + json_s / max(1, len(raws))),
        "slowest_ms": 1000 * worst_s,
    } | (
        {
            "aviconv_notam": peers.measure(parse, raws, len(schedules))
            | {"texts_per_s": speeds["aviconv_notam"]}
        }
        if parse is not None
        else {}
    )


def notam(
    files: Annotated[list[str], typer.Argument(help="Files of notices.")],
    hand_worked: Annotated[
        Path | None,
        typer.Option(
            help="Areas worked by hand for some of them (tests/golden/notam_geometry.jsonl)."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the NOTAM reader on files, each by itself, beside aviconv-notam where it is installed."""
    result: dict[str, Any] = {}
    corpora: dict[str, dict[str, str]] = {}
    parse = peers.peer()
    for file in files:
        pairs = list(texts(file))
        raws = [text for _, text in pairs]
        corpora[Path(file).name] = dict(pairs)
        result[Path(file).name] = measure(raws, parse)
    if hand_worked is not None:
        result["hand-worked areas"] = peers.hand_worked(hand_worked, corpora, parse)
    result["our own notices read back"] = peers.written_back(2000, parse)
    if json:
        typer.echo(msgspec.json.encode(result).decode())
        return
    for name, figures in result.items():
        typer.echo(name)
        for key, value in figures.items():
            if isinstance(value, dict):
                typer.echo(f"    {key}: " + ", ".join(f"{k} {v:,.1f}" for k, v in value.items()))
            elif isinstance(value, float):
                typer.echo(f"    {key:34} {value:,.2f}")
            else:
                typer.echo(f"    {key:34} {value:,}")
    if parse is None:
        typer.echo(peers.HOW)


if __name__ == "__main__":
    typer.run(notam)
