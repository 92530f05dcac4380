"""Draws docs/pictures/tracker.png: thirty scans of s100, plots in grey, tracks in colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from windhover.score.tracking_run import run
from windhover.score.tracking_scenarios import make

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "tracker.png"


def main() -> None:
    scene = make("s100", 1)
    scene = scene._replace(plots=scene.plots[scene.plots["t"] < 30], scan_t=scene.scan_t[:30])
    shown = run(scene).estimates
    r, azimuth = scene.plots["z"][:, 0] / 1000.0, scene.plots["z"][:, 1]
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(r * np.sin(azimuth), r * np.cos(azimuth), ",", color="0.72")
    colours = colormaps["tab20"]
    for name in np.unique(shown["id"]):
        mine = shown[shown["id"] == name]
        axes.plot(mine["x"] / 1000, mine["y"] / 1000, "-", lw=1.6, color=colours(int(name) % 20))
        axes.plot(
            mine["x"][-1] / 1000, mine["y"][-1] / 1000, "o", ms=3, color=colours(int(name) % 20)
        )
    axes.set_aspect("equal")
    axes.set_xlim(-21, 21)
    axes.set_ylim(-21, 21)
    axes.set_xlabel("east of the radar, km")
    axes.set_ylabel("north of the radar, km")
    figure.savefig(OUT, dpi=110)


if __name__ == "__main__":
    main()
