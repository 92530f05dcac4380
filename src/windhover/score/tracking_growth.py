"""How the tracker's cost grows with targets and with clutter, and what it goes into."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import nnls

from windhover.score.tracking_run import run
from windhover.score.tracking_scenarios import one_radar

GRID: Final = (
    (100, 100), (100, 400), (100, 1600), (400, 400), (400, 1600), (1600, 400), (1600, 1600), (3200, 1600),
)  # fmt: skip
SCANS: Final = 25


class Cost(NamedTuple):
    """One scenario of the grid."""

    targets: int
    clutter: int  # mean false plots per scan
    scan_us: float  # CPU per scan
    plot_us: float  # CPU per plot
    rows: int  # hypotheses held at the end


class Growth(NamedTuple):
    """The grid, and the least-squares line through it."""

    costs: tuple[Cost, ...]
    fixed_us: float  # per scan, whatever is in it
    target_us: float  # per target and scan
    clutter_us: float  # per false plot
    crowd_us: float  # per target and scan, for each thousand plots in the sky: neighbours


def growth(seed: int, repeats: int = 3, grid: tuple[tuple[int, int], ...] = GRID) -> Growth:
    """Median CPU of `repeats` runs at each (targets, clutter); the line is fitted to relative
    errors, no part of it negative."""
    costs = []
    for targets, clutter in grid:
        scene = one_radar("growth", targets, float(clutter), SCANS, np.random.default_rng(seed))
        done = [run(scene) for _ in range(repeats)]
        cpu = float(np.median([d.cpu_s for d in done]))
        costs.append(
            Cost(
                targets,
                clutter,
                1e6 * cpu / SCANS,
                1e6 * cpu / done[0].detections,
                done[0].state.belief.rows,
            )
        )
    scan = np.array([c.scan_us for c in costs])
    parts = np.array(
        [[1.0, c.targets, c.clutter, c.targets * (c.targets + c.clutter) / 1e3] for c in costs]
    )
    line, _ = nnls(parts / scan[:, None], np.ones(len(costs)))
    return Growth(tuple(costs), *(float(x) for x in line))


def words(found: Growth) -> str:
    """The table, and why."""
    lines = ["targets  clutter  µs/scan  µs/plot  hypotheses"]
    lines += [
        f"{c.targets:7d}  {c.clutter:7d}  {c.scan_us:7,.0f}  {c.plot_us:7.2f}  {c.rows:10,d}"
        for c in found.costs
    ]
    lines += [
        f"  ≈ {found.fixed_us:.0f} µs a scan + {found.target_us:.2f} µs a target + {found.clutter_us:.2f} µs"
        f" a false plot + {found.crowd_us:.2f} µs a target and thousand plots",
        "  Linear in clutter, because a plot meets only the hypotheses whose gate it falls into (a grid",
        "  finds them): it makes a hypothesis of one plot, cheap and dead after one miss. Linear in targets",
        "  while they are far apart; the last part is neighbours: the denser the sky, the more plots may",
        "  belong to each target at any plausible speed, and each such pair is a hypothesis.",
    ]
    return "\n".join(lines)
