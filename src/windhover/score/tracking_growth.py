"""How the tracker's cost grows with targets and with clutter, and what it goes into."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

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
    row_us: float  # per hypothesis held and scan
    plot_us: float  # per plot


def growth(seed: int, repeats: int = 3, grid: tuple[tuple[int, int], ...] = GRID) -> Growth:
    """Median CPU of `repeats` runs at each (targets, clutter); the line is fitted in relative errors."""
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
    parts = np.array([[1.0, c.rows, c.scan_us / c.plot_us] for c in costs])
    line, *_ = np.linalg.lstsq(parts / scan[:, None], np.ones(len(costs)), rcond=None)
    return Growth(tuple(costs), float(line[0]), float(line[1]), float(line[2]))


def words(found: Growth) -> str:
    """The table, and why."""
    lines = ["targets  clutter  µs/scan  µs/plot  hypotheses"]
    lines += [
        f"{c.targets:7d}  {c.clutter:7d}  {c.scan_us:7,.0f}  {c.plot_us:7.2f}  {c.rows:10,d}"
        for c in found.costs
    ]
    lines += [
        f"  ≈ {found.fixed_us:.0f} µs a scan + {found.row_us:.2f} µs a hypothesis + {found.plot_us:.2f} µs a plot",
        "  Linear, because a plot meets only the hypotheses whose gate it falls into (a grid finds them),",
        "  and belief propagation costs as much as there are such pairs. Clutter makes hypotheses of one",
        "  plot, cheap and dead after one miss; targets close to one another make more of them each,",
        "  and beyond what the cache holds each costs more.",
    ]
    return "\n".join(lines)
