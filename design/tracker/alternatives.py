"""What else was tried, kept runnable: `.venv/bin/python design/tracker/alternatives.py [SEEDS]`.

Each line is the tracker with one thing changed, on the same fresh scenarios. The motion models and
the limits of initiation are data, so no kernel is compiled anew.
"""

from __future__ import annotations

import sys

import numpy as np

from windhover import tracks
from windhover.score import tracking_run
from windhover.score.gospa import score
from windhover.score.tracking_run import run
from windhover.score.tracking_scenarios import make
from windhover.tracks import models, step


def table(**changes: object) -> np.ndarray:
    """The table of modes with some of `models`' numbers replaced."""
    before = {name: getattr(models, name) for name in changes}
    for name, value in changes.items():
        setattr(models, name, value)
    out = models.table()
    for name, value in before.items():
        setattr(models, name, value)
    return out


NEVER = 1e12
ONE = {"START_MODE": (0.0, 1.0, 0.0), "STAY_S": (NEVER, NEVER, NEVER)}
MODELS = {
    "as it is": table(),
    "constant velocity alone, 4 m²/s³": table(**ONE, STIR_M2_S3=(4.0, 4.0, 4.0)),
    "constant velocity alone, 25 m²/s³": table(**ONE, STIR_M2_S3=(25.0, 25.0, 25.0)),
    "no near-still mode": table(
        START_MODE=(0.0, 0.8, 0.2), LEAVE=((0.0, 0.8, 0.2), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    ),
    "no manoeuvre mode": table(
        START_MODE=(0.75, 0.25, 0.0), LEAVE=((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.5, 0.5, 0.0))
    ),
    "every start may be fast (one wide velocity)": table(START_SIGMA_M_S=(100.0, 100.0, 100.0)),
}
LIMITS = {
    "rows kept ten times longer": [0.01, 0.04, 4e-5, 0.015, 2e-5, 1e-4],
    "rows dropped sooner": [0.3, 1.0, 4e-3, 0.5, 2e-3, 1e-3],
}


def main(seeds: int) -> None:
    usual = step.LIMITS.copy()
    start = tracks.start
    for kind in ("s100", "s1000d"):
        scenes = [make(kind, 401 + k) for k in range(seeds)]
        print(f"{kind}, {seeds} seeds: GOSPA m, missed and false per scan, detections/s")
        for name, modes in [*MODELS.items(), *((n, MODELS["as it is"]) for n in LIMITS)]:
            step.LIMITS[:] = LIMITS.get(name, usual)
            tracking_run.tracks.start = lambda *a, _m=modes, **k: start(*a, **k)._replace(
                model_table=_m
            )
            rows = []
            for scene in scenes:
                done = run(scene)
                siap = score(done.estimates, scene.truth, len(scene.scan_t))
                rows.append((siap.gospa_m, siap.missed, siap.false, done.detections / done.cpu_s))
            gospa, missed, false, speed = np.mean(rows, axis=0)
            print(f"  {name:<46} {gospa:7.1f} {missed:6.2f} {false:6.2f} {speed:10,.0f}")
    step.LIMITS[:] = usual
    tracking_run.tracks.start = start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
