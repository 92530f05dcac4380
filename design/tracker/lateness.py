"""What late plots cost, and why: `.venv/bin/python -m design.tracker.lateness [FIRST_SEED] [SEEDS]`.

mixed100 five ways. *At once*: each instant scored as it comes, when some of what was measured before it is
still under way. *Settled*: the same tracker, each instant scored once what arrives within 3 s of it is in.
*In order*: nothing is ever late. The oracle is told which object made each plot, so that nothing but not having a
plot yet can cost it anything. Squares of GOSPA by where they come from, m² a scan.
"""

from __future__ import annotations

import sys

import numpy as np

from windhover.score import oracle
from windhover.score.gospa import Estimates, gospa
from windhover.score.tracking_run import run, settled
from windhover.score.tracking_scenarios import Scenario, make

CUTOFF_M, WARM = 200.0, 10


def parts(estimates: Estimates, scene: Scenario) -> list[float]:
    """GOSPA (mean of instants), then m² a scan: localisation, missed, false."""
    found = []
    for k in range(WARM, len(scene.scan_t)):
        e, t = (rows[rows["scan"] == k] for rows in (estimates, scene.truth))
        g = gospa(np.c_[e["x"], e["y"]], np.c_[t["x"], t["y"]], CUTOFF_M)
        each = CUTOFF_M**2 / 2
        found.append([g.distance, g.localisation, g.missed * each, g.false * each])
    return np.mean(found, 0).tolist()


def oracle_at_once(scene: Scenario) -> Estimates:
    """Each instant from a run of its own over what had arrived by then."""
    out = []
    for k, now_s in enumerate(scene.scan_t):
        here = scene.plots[scene.plots["t_arr"] <= now_s]
        if len(here):
            told = oracle.run(scene._replace(plots=here))
            out.append(told[told["scan"] == k])
    return np.concatenate(out)


WAYS = {
    "in order": lambda scene: run(scene, in_order=True).estimates,
    "settled after 3 s": settled,
    "at once": lambda scene: run(scene).estimates,
    "oracle, in order": oracle.run,
    "oracle, at once": oracle_at_once,
}


def main(first: int, seeds: int) -> None:
    found = {name: [] for name in WAYS}
    for seed in range(first, first + seeds):
        scene = make("mixed100", seed)
        for name, way in WAYS.items():
            found[name].append(parts(way(scene), scene))
    print(
        f"mixed100, seeds {first} … {first + seeds - 1}: GOSPA m; localisation, missed, false m² a scan"
    )
    for name, rows in found.items():
        base = np.array(found["oracle, in order" if name.startswith("oracle") else "in order"])[
            :, 0
        ]
        ratio = np.array(rows)[:, 0] / base - 1.0
        spread = 2.0 * ratio.std(ddof=1) / np.sqrt(seeds) if seeds > 1 else float("nan")
        mean = np.mean(rows, 0)
        print(
            f"  {name:<18} {mean[0]:6.1f}  {mean[1]:8,.0f} {mean[2]:7,.0f} {mean[3]:7,.0f}"
            f"   {100 * ratio.mean():+.1f} ± {100 * spread:.1f} %"
        )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [201, 6][len(given) :]))
