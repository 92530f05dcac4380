"""Stone Soup on the same scenario file, in an environment of its own.

Stone Soup is not a dependency. `--against stonesoup` looks for it in the interpreter named by the
environment variable WINDHOVER_STONESOUP_PYTHON, else in this one. The set-up is the best that was
found for it: a constant-velocity extended Kalman filter on range and bearing, global nearest
neighbour by two-dimensional assignment, a spatial gate, two-scan initiation.

This file is also the script that the other interpreter runs: it imports nothing of Windhover there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run_peer(path: Path, scans: int) -> dict[str, Any]:
    """Detections per second (CPU) and figures of Stone Soup over the first `scans` scans."""
    import tempfile

    import numpy as np

    from windhover.errors import BadInput
    from windhover.score.gospa import score
    from windhover.score.tracking_scenarios import read

    python = os.environ.get("WINDHOVER_STONESOUP_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "est.npz"
        try:
            done = subprocess.run(
                [python, __file__, str(path), str(scans), str(out)],
                capture_output=True,
                text=True,
                check=False,
            )
            trouble = done.stderr.strip() if done.returncode else ""
        except OSError as error:
            trouble = str(error)
        if trouble:
            raise BadInput(
                f"Stone Soup did not run ({trouble.splitlines()[-1]}).",
                "Install it beside Windhover: python -m venv ss && ss/bin/pip install stonesoup, then"
                " set WINDHOVER_STONESOUP_PYTHON=ss/bin/python.",
            )
        cost = json.loads(done.stdout.splitlines()[-1])
        with np.load(out) as archive:
            estimates = archive["est"]
    figures = score(estimates, read(path).truth, scans)._asdict()
    figures.pop("completeness_by_class")
    return {"detections_per_s": cost["detections"] / cost["cpu_s"], "scans": scans, **figures}


def _main(path: str, scans: int, out: str) -> None:
    """Runs where Stone Soup is installed."""
    import datetime
    import time

    import numpy as np
    from scipy.spatial import cKDTree
    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.deleter.time import UpdateTimeStepsDeleter
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
    from stonesoup.models.transition.linear import (
        CombinedLinearGaussianTransitionModel,
        ConstantVelocity,
    )
    from stonesoup.predictor.kalman import KalmanPredictor
    from stonesoup.types.array import StateVector
    from stonesoup.types.detection import Detection
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import ExtendedKalmanUpdater

    with np.load(path) as archive:
        plots, sensor, scan_t = archive["det"], archive["sens"][0], archive["scan_t"]
    moves = CombinedLinearGaussianTransitionModel([ConstantVelocity(4.0), ConstantVelocity(4.0)])
    sees = CartesianToBearingRange(
        ndim_state=4,
        mapping=(0, 2),
        noise_covar=np.diag([float(sensor["sig_az"]) ** 2, float(sensor["sig_r"]) ** 2]),
    )
    predictor, updater = KalmanPredictor(moves), ExtendedKalmanUpdater(sees)

    class Gated(DistanceHypothesiser):  # type: ignore[misc]
        """Only detections within 800 m of the prediction are tried."""

        def hypothesise(self, track: Any, detections: Any, timestamp: Any, **more: Any) -> Any:
            ordered = sorted(detections, key=lambda d: d.metadata["n"])
            near = set()
            if ordered:
                if getattr(self, "_for", None) != timestamp:
                    self._for = timestamp
                    self._tree = cKDTree([d.metadata["xy"] for d in ordered])
                state = self.predictor.predict(track, timestamp=timestamp).state_vector
                place = [float(state[0, 0]), float(state[2, 0])]
                near = {ordered[k] for k in self._tree.query_ball_point(place, 800.0)}
            return super().hypothesise(track, near, timestamp, **more)

    hypothesiser = Gated(predictor, updater, Mahalanobis(), missed_distance=3.5)
    associator = GNNWith2DAssignment(hypothesiser)
    deleter = UpdateTimeStepsDeleter(3)
    initiator = MultiMeasurementInitiator(
        prior_state=GaussianState(StateVector([0, 0, 0, 0]), np.diag([1.0, 60.0**2] * 2)),
        deleter=UpdateTimeStepsDeleter(2),
        data_associator=GNNWith2DAssignment(Gated(predictor, updater, Mahalanobis(), 3.5)),
        updater=updater,
        measurement_model=sees,
        min_points=3,
    )
    epoch = datetime.datetime(2026, 1, 1)
    tracks: set[Any] = set()
    names: dict[str, int] = {}
    rows: list[tuple[int, int, float, float, float, float]] = []
    cpu, count = 0.0, 0
    for k in range(min(scans, len(scan_t))):
        now = epoch + datetime.timedelta(seconds=float(scan_t[k]))
        mine = plots[(plots["scan"] == k) & (plots["kind"] == 0)]
        detections = set()
        for n, plot in enumerate(mine):
            r, azimuth = float(plot["z"][0]), float(plot["z"][1])
            detections.add(
                Detection(
                    StateVector([np.pi / 2 - azimuth, r]),
                    timestamp=now,
                    measurement_model=sees,
                    metadata={"n": n, "xy": (r * np.sin(azimuth), r * np.cos(azimuth))},
                )
            )
        count += len(mine)
        began = time.process_time()
        used = set()
        for track, hypothesis in associator.associate(tracks, detections, now).items():
            if hypothesis:
                track.append(updater.update(hypothesis))
                used.add(hypothesis.measurement)
            else:
                track.append(hypothesis.prediction)
        tracks -= deleter.delete_tracks(tracks)
        tracks |= initiator.initiate(detections - used, now)
        cpu += time.process_time() - began
        for track in tracks:
            s = track.state_vector
            name = names.setdefault(track.id, len(names) + 1)
            x, vx, y, vy = (float(s[c, 0]) for c in range(4))
            rows.append((k, name, x, y, vx, vy))
    row = np.dtype(
        [("scan", "i4"), ("id", "i8"), ("x", "f8"), ("y", "f8"), ("vx", "f8"), ("vy", "f8")]
    )
    np.savez(out, est=np.array(rows, row))
    print(json.dumps({"cpu_s": cpu, "detections": count}))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
