"""Fit the weights of `identities/weigh.py` on a population and seeds that no bench uses.

Run: .venv/bin/python builders/identity_fit.py [objects]      (about a minute per 5,000 objects)

What is fitted is small on purpose: the weights of motion and climb, how soon the first plots count,
one offset per class, and how sharp the answer is after 5, 15, 40 and 90 plots. Priors and the weight
of height are stated by hand: the heights of a simulation prove nothing. The loss is the mean negative
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

    def answer(x: np.ndarray) -> np.ndarray:
        soon = plots / (plots + np.exp(x[2]))
        logits = weigh.PRIOR + weigh.WEIGHT[weigh.HEIGHT] * told[:, weigh.HEIGHT]
        logits = logits + np.append(x[3:9], 0.0)
        logits = logits + soon[:, None] * (
            x[0] * told[:, weigh.MOTION] + x[1] * told[:, weigh.CLIMB]
        )
        sharp = np.interp(np.log1p(plots), np.log1p(weigh.SHARP_AT), np.append(1.0, x[9:13]))
        logits = sharp[:, None] * (logits - logits.max(axis=1, keepdims=True))
        p = np.exp(logits)
        p /= p.sum(axis=1, keepdims=True)
        prior = np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
        return (1 - weigh.DOUBT) * p + weigh.DOUBT * prior

    def loss(x: np.ndarray) -> float:
        fit = -(weight * np.log(answer(x)[rows, truth])).mean()
        return float(fit + 0.01 * np.sum(x[3:9] ** 2) + 0.02 * np.sum((x[9:13] - 1.0) ** 2))

    now = np.concatenate(
        [weigh.WEIGHT[:2], [np.log(weigh.FEW_PLOTS)], weigh.OFFSET[:6], weigh.SHARP[1:]]
    )
    bounds = [(0.1, 1.0)] * 2 + [(np.log(0.2), np.log(10.0))] + [(-1.0, 1.0)] * 6 + [(0.7, 2.0)] * 4
    best = minimize(loss, now, bounds=bounds, method="L-BFGS-B")
    np.set_printoptions(precision=2, suppress=True)
    print(f"{len(truth)} answers; loss {loss(now):.4f} before, {best.fun:.4f} fitted")
    print("weights of motion and climb:", best.x[:2], "few plots:", np.exp(best.x[2]))
    print("offsets:", best.x[3:9], "sharp:", best.x[9:13])


if __name__ == "__main__":
    main()
