"""`windhover bench nights`: many El Paso nights, each with another seed; how many come out right."""

from __future__ import annotations

import json as json_module
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track


def one_night(seed: int) -> dict[str, Any]:
    """Play one seed with a journal in memory and judge it."""
    from windhover.exercises.demo import site_digest
    from windhover.exercises.el_paso import night
    from windhover.exercises.judge import judge
    from windhover.exercises.play import play
    from windhover.record.journal import Journal, Meta
    from windhover.record.recorder import Recorder

    tonight = night(seed)
    with Recorder(Journal.in_memory(Meta("exercise", site_digest(tonight.site)))) as recorder:
        played = play(tonight, recorder)
    return {"seed": seed, "journal_head": played.journal_head, **judge(played, tonight)._asdict()}


def nights(
    count: Annotated[int, typer.Option(help="How many nights.", min=1)] = 20,
    first: Annotated[int, typer.Option(help="The first seed.", min=0)] = 1000,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one per core.", min=0)] = 0,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Play COUNT seeds and count those in which all three promises hold.

    The promises: no friendly flight in an intruder's incident, no balloon called a drone above 0.9
    at any second, the dark drone found. Printed with a Clopper–Pearson 95 % interval.
    """
    from scipy.stats import beta

    screen = Console(stderr=True)
    rows = []
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        played = pool.map(one_night, range(first, first + count))
        for row in track(played, "Playing nights", total=count, console=screen):
            rows.append(row)
            if not row["right"]:
                screen.print(f"seed {row['seed']}: {'; '.join(row['reasons'])}")
    right = sum(row["right"] for row in rows)
    low = float(beta.ppf(0.025, right, count - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, count - right)) if right < count else 1.0
    answers = sum(row["said_right"] for row in rows)
    objects = sum(row["objects"] for row in rows)
    summary = {
        "nights": count,
        "first_seed": first,
        "right": right,
        "right_lower95": round(low, 4),
        "right_upper95": round(high, 4),
        "friend_in_incident": sum(row["friend_in_incident"] for row in rows),
        "balloon_called_drone": sum(row["balloon_called_drone"] for row in rows),
        "dark_drone_missed": sum(not row["dark_drone_found"] for row in rows),
        "objects_held": objects,
        "objects_said_right": answers,
        "wrong": [{"seed": r["seed"], "reasons": r["reasons"]} for r in rows if not r["right"]],
    }
    if json:
        print(json_module.dumps(summary))
        return
    print(f"EXERCISE / EJERCICIO · {count} simulated nights, seeds {first}…{first + count - 1}")
    print(f"  right: {right} of {count} (95 % interval {low:.3f} … {high:.3f})")
    print(f"  a friend in an intruder's incident: {summary['friend_in_incident']}")
    print(f"  a balloon called a drone above 0.9: {summary['balloon_called_drone']}")
    print(f"  the dark drone missed: {summary['dark_drone_missed']}")
    print(f"  objects whose last answer was right: {answers} of {objects} held")
