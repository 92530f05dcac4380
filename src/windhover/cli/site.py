"""`windhover site`: a place of one's own, written out and checked."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from windhover.errors import WindhoverError

app: Final = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A site of one's own: sectors, sensors, zones, border, parties, who is competent for what.",
)


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
) -> None:
    """Write a commented example into FOLDER, to be edited and then checked."""
    from windhover import site

    if folder.exists() and any(folder.iterdir()):
        raise WindhoverError(f"{folder} is not empty.", "Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in site.example_files().items():
        (folder / name).write_text(text, "utf-8")
    print(f"Written to {folder}. Edit site.toml, then: windhover site check {folder}")


@app.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="The site's folder, or its site.toml.")],
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Read the site and say what it holds, and what it leaves unknown."""
    from windhover import site

    place = site.load(folder)
    vertical = place.sector.vertical
    unknown = [
        words
        for words, value in (
            (
                "geoid undulation: ellipsoidal heights cannot become altitudes",
                vertical.undulation_m,
            ),
            ("ground elevation: heights above ground are unknown", vertical.ground_altitude_amsl_m),
            ("QNH: barometric altitudes cannot be used", vertical.qnh_hpa),
            ("border: nothing can be said about the neighbour's side", place.border),
        )
        if value is None
    ]
    unknown += [f"runways of {a.icao}" for a in place.aerodromes if not a.runways]
    if place.border is not None and not place.border.official:
        unknown.append(
            f"official border line: {place.border.source}, ± {place.border.sigma_m:.0f} m"
        )
    holds: dict[str, Any] = {
        "name": place.name,
        "exercise": place.exercise,
        "sensors": [sensor.name for sensor in place.sensors],
        "zones": [zone.id for zone in place.zones],
        "aerodromes": [aerodrome.icao for aerodrome in place.aerodromes],
        "parties": [f"{party.id} ({party.language})" for party in place.parties],
        "ladder": {rung.name: rung.competent for rung in place.policy.ladder},
        "unknown": unknown,
    }
    if json:
        print(json_module.dumps(holds, ensure_ascii=False))
        return
    mark = "EXERCISE / EJERCICIO · " if place.exercise else ""
    print(f"{mark}{place.name}: the site holds together.")
    for key in ("sensors", "zones", "aerodromes", "parties"):
        print(f"  {key}: {', '.join(holds[key]) or 'none'}")
    print("  competent: " + ", ".join(f"{rung} {who}" for rung, who in holds["ladder"].items()))
    for words in unknown:
        print(f"  unknown: {words}")
