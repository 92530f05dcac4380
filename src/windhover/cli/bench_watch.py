"""`windhover bench watch`: alerts a week over an archive replayed day by day, and known closures ranked.

The replay gives each activation only what was published before its week. The known closures are
compared with the whole past of restrictions in the archive, each in the traits that are public; what
is not public of a closure is not compared.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import typer

from windhover.feeds.notices_baseline import pasts, rows_of_metadata, shipped
from windhover.schema.cases import Words
from windhover.timescale import from_iso, to_iso
from windhover.watch.replay import replay
from windhover.watch.traits import Traits
from windhover.watch.unusual import Baseline, baseline, compare

_WARM_UP: Final = from_iso("2022-06-19T00:00Z")  # the archive begins the day before


class Known(NamedTuple):
    """A closure whose facts are public, and what they are taken from."""

    name: str
    issuer: str
    traits: Traits
    facts: str


KNOWN: Final = (
    Known(
        "El Paso, FDC 6/2233",
        "FAA (US)",
        Traits(240.0, 10.0, 180.0, 1.0, True),
        "effective 2026-02-11 06:30Z for ten days, 10 NM, to 17,999 ft; told to the tower about 21:30 "
        "and to the city about 22:30 local, so published less than an hour before, at night",
    ),
    Known(
        "El Paso, hour of publication left out",
        "FAA (US)",
        Traits(240.0, 10.0, 180.0, 1.0),
        "the same without the hour",
    ),
    Known(
        "E Caribbean 2026-01-03, KICZ",
        "FAA (US), for US operators",
        Traits(24.0, 200.0, 999.0),
        "about a day, parts of four regions whose centres lie 460 NM apart, every altitude; the lead "
        "and the hour are not public and left out",
    ),
    Known(
        "E Caribbean 2026-01-03, by press: overnight, aircraft under way turned back",
        "FAA (US), for US operators",
        Traits(24.0, 200.0, 999.0, 1.0, True),
        "the same with the lead under an hour and at night, as the press has it",
    ),
    Known(
        "Fort Hancock, FDC 6/1113",
        "FAA (US)",
        Traits(2820.0, None, 180.0, None),
        "2026-02-26 to 2026-06-24, to 17,999 ft; radius and time of publication not found",
    ),
)


def ranked(past: Baseline) -> list[dict[str, Any]]:
    """Each known closure against one past."""
    out = []
    for known in KNOWN:
        found = compare(known.traits, past, "US")
        out.append(
            {
                "name": known.name,
                "issuer": known.issuer,
                "n": found.n,
                "compared": list(found.compared),
                "at_least": list(found.at_least),
                "alike": found.alike,
                "bound_95_percent": 100 * found.bound_95,
                "past_as_unusual": found.beyond,
                "ranks": found.beyond + 1,
                "words": found.words.en,
                "facts": known.facts,
            }
        )
    return out


def watch(
    archive: Annotated[
        Path | None, typer.Argument(help="Metadata of notices (CSV); none: only the ranking.")
    ] = None,
    country: Annotated[str, typer.Option(help="Whose archive it is.")] = "GB",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Replay an archive of notices day by day; rank closures whose facts are public."""
    result: dict[str, Any] = {}
    if archive is None:
        past = shipped()["restriction"]
    else:
        name = Words(f"{country} (archive)", f"{country} (archivo)")
        kinds = pasts(rows_of_metadata(archive))
        alerts: list[int] = []
        weeks = 0.0
        result["kinds"] = {}
        for kind, rows in kinds.items():
            found = replay(rows, _WARM_UP, country, name)
            weeks = max(weeks, found.weeks)
            alerts += [a.published_ns for a in found.alerts]
            result["kinds"][kind] = {
                "n": len(rows.table),
                "replayed": found.closures,
                "alerts": len(found.alerts),
                "alerts_per_week": len(found.alerts) / max(found.weeks, 1e-9),
            }
        by_year = Counter(to_iso(at)[:4] for at in alerts)
        days = len({to_iso(at)[:10] for at in alerts})
        result |= {
            "weeks": weeks,
            "alerts": len(alerts),
            "alerts_per_week": len(alerts) / max(weeks, 1e-9),
            "days_with_an_alert": days,
            "by_year": dict(sorted(by_year.items())),
        }
        past = baseline(name, country, kinds["restriction"].table, 1.0)
    result["known"] = ranked(past)
    if json:
        typer.echo(msgspec.json.encode(result).decode())
        return
    for kind, row in result.get("kinds", {}).items():
        typer.echo(
            f"{kind:18} n {row['n']:,}  replayed {row['replayed']:,}  alerts {row['alerts']}  "
            f"({row['alerts_per_week']:.2f} a week)"
        )
    if "weeks" in result:
        years = ", ".join(f"{y}: {n}" for y, n in result["by_year"].items())
        typer.echo(
            f"{'all':18} {result['alerts']} alerts on {result['days_with_an_alert']} days in "
            f"{result['weeks']:.0f} weeks: {result['alerts_per_week']:.2f} a week ({years})"
        )
    for row in result["known"]:
        typer.echo(
            f"\n{row['name']}, issued by {row['issuer']}: rank {row['ranks']} of {row['n'] + 1:,}"
        )
        typer.echo(f"    {row['words']}")
        counts = zip(row["compared"], row["at_least"], strict=True)
        typer.echo("    at least as extreme: " + ", ".join(f"{t} {k:,}" for t, k in counts))
        typer.echo(f"    facts: {row['facts']}")
