"""Writes tests/score/golden_gospa.json: GOSPA as Stone Soup computes it (an environment of its own).

python -m venv ss && ss/bin/pip install stonesoup && ss/bin/python builders/tracks_gospa_stonesoup.py
"""

from __future__ import annotations

import datetime
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from stonesoup.metricgenerator.ospametric import GOSPAMetric
from stonesoup.types.state import State

OUT = Path(__file__).resolve().parents[1] / "tests" / "score" / "golden_gospa.json"


def main() -> None:
    rng = np.random.default_rng(7)
    now = datetime.datetime(2026, 1, 1)
    cases = []
    for e, t in ((3, 4), (6, 6), (10, 7), (25, 30), (0, 3), (5, 1)):
        x, y = rng.uniform(-400, 400, (e, 2)).round(3), rng.uniform(-400, 400, (t, 2)).round(3)
        metric = GOSPAMetric(c=200, p=2)
        single, _ = metric.compute_gospa_metric(
            [State(row.reshape(2, 1), timestamp=now) for row in x],
            [State(row.reshape(2, 1), timestamp=now) for row in y],
        )
        value = single.value if hasattr(single, "value") else single
        cases.append(
            {"estimates": x.tolist(), "truth": y.tolist(), "distance": float(value["distance"])}
        )
    whole = {"by": f"stonesoup {version('stonesoup')}", "cutoff_m": 200, "power": 2, "cases": cases}
    OUT.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
