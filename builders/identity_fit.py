"""Fit the weights of `identities/weigh.py` on a population and seeds that no bench uses.

Run: .venv/bin/python builders/identity_fit.py [objects]      (about a minute per 5,000 objects)

What is fitted is small on purpose: one weight per source that radar alone gives (motion, climb,
height) and how soon the first plots count. Priors are stated by hand. The loss is the mean negative
logarithm of the probability given to the truth, objects weighted so that the classes have the
stated priors, four fifths with the wind as claimed and a fifth with twice that error.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.optimize import minimize

from windhover.identities import weigh
from windhover.score import bench_identity as bench

SEED = 9_000_017  # benches use small seeds
TIMES = (4, 7, 11, 17, 25, 35, 50, 70, 88)


def cases(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Log-likelihoods (C, S, K), truth (C,), plots (C,), weight (C,)."""
    told, truth, plots, weight = [], [], [], []
    for claim, share in (("as claimed", 0.8), ("twice as wrong", 0.2)):
        drawn = bench.draw(SEED, int(count * share), claim, fitted_on=True)
        result = bench.run(drawn, SEED)
        for t in TIMES:
            held = result.track[:, t] >= 0
            told.append(result.log_likelihood[held, t].astype(float))
            truth.append(result.truth[held])
            plots.append(result.plots[held, t])
    stacked = np.concatenate(truth)
    stated = np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
    weight = np.array([stated[k] / np.mean(stacked == k) for k in stacked])
    return np.concatenate(told), stacked, np.concatenate(plots), weight / weight.mean()


def main() -> None:
    told, truth, plots, weight = cases(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    rows = np.arange(len(truth))

    def loss(x: np.ndarray) -> float:
        soon = plots / (plots + np.exp(x[3]))
        logits = weigh.PRIOR + x[2] * told[:, weigh.HEIGHT]
        logits = logits + soon[:, None] * (x[0] * told[:, weigh.MOTION] + x[1] * told[:, weigh.CLIMB])
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p = (1 - weigh.DOUBT) * p + weigh.DOUBT * np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
        return float(-(weight * np.log(p[rows, truth])).mean())

    now = np.array([1.0, 0.6, 0.5, np.log(2.0)])
    best = minimize(loss, now, bounds=[(0.1, 1.0)] * 3 + [(np.log(0.2), np.log(20.0))], method="L-BFGS-B")
    print(f"{len(truth)} answers; loss {loss(now):.4f} before, {best.fun:.4f} fitted")
    for name, value in zip(("motion", "climb", "height"), best.x[:3], strict=True):
        print(f"weight of {name}: {value:.2f}")
    print(f"few plots: {np.exp(best.x[3]):.1f}")


if __name__ == "__main__":
    main()
