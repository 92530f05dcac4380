"""`windhover bench floods`: one greedy radar among steady ones, into one process, in real time."""

from __future__ import annotations

import json as json_module
from typing import Annotated

import typer


def floods(
    seconds: Annotated[float, typer.Option(help="How long, in real time.", min=1.0)] = 20.0,
    rows: Annotated[int, typer.Option(help="Rows a second of all radars.", min=10_000)] = 100_000,
    processor: Annotated[
        bool, typer.Option("--processor", help="In processor time: as on a machine of its own.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Ten radars see a thousand objects; nine report once a second, the tenth fills up to `--rows`."""
    import time

    from windhover.feeds.speed_flood import Processor, flood

    alone = Processor(time.time_ns())
    found = flood(seconds, rows, alone.clock_ns, alone.sleep) if processor else flood(seconds, rows)
    if json:
        print(json_module.dumps(found._asdict()))
        return
    how = " of processor time" if processor else ""
    print(f"{found.rows_a_second:,.0f} rows a second for {found.seconds:.0f} s{how}:")
    print(f"  taken into the picture       {found.used:.1%}")
    print(f"  refused as repeated          {found.repeated:.1%}")
    print(
        f"  reception to picture, p99    {found.wait_s:.2f} s steady, {found.wait_flood_s:.2f} s greedy"
    )
    print(f"  rows of the steady lost      {found.lost_steady:,}")
    print(f"  named as thinned             {', '.join(found.thinned) or 'none'}")
    print(f"  tracks held                  {found.tracks:,}")
