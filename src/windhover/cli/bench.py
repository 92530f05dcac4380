"""`windhover bench …`: one sub-command per claim, each in its own module."""

from __future__ import annotations

import importlib

import click

from windhover.cli import as_command

# name → (module, function, one line)
BENCHES = {
    "tracker": ("windhover.cli.bench_tracker", "tracker", "Detections per second, GOSPA, oracle."),
    "identify": ("windhover.cli.bench_identify", "identify", "AUC, calibration, false calls."),
    "notam": (
        "windhover.cli.bench_notam",
        "notam",
        "Acceptance, schedules, geometry, texts per second.",
    ),
    "nights": (
        "windhover.cli.bench_nights",
        "nights",
        "Many El Paso nights, how many come out right.",
    ),
}


class _Benches(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(BENCHES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in BENCHES:
            return None
        module, function, _ = BENCHES[cmd_name]
        return as_command(cmd_name, getattr(importlib.import_module(module), function))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Benches"):
            formatter.write_dl([(name, words) for name, (_, _, words) in BENCHES.items()])


app = _Benches("bench", help="Every figure that the project claims, printed by one command each.")
