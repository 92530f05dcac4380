"""Fit the calibration table of `identities/weigh.py` on a population and seeds that no bench uses.

Run: .venv/bin/python builders/identity_calibrate.py [objects]      (about a minute per 15,000 objects)

What is fitted: how much a probability of drifting is worth after 8, 16 and 32 plots (seven knots
each, in logits, by mean negative logarithm of the probability given to the truth). Four fifths of
the objects have the wind as claimed, a fifth twice that error; classes have the stated priors.
What is stated and not fitted: before 32 plots nothing is sharpened across the line of 0.9 for
"powered", since a first impression fluctuates and "ever called powered" counts its peaks.
Objects that stand where the air may be calm are left out: a stated limit answers for them.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from scipy.optimize import minimize

from windhover.identities import weigh
from windhover.score import bench_identity as bench

SEED = 9_000_100  # benches use small seeds
BATCH = 360
CLAIMS = (("as claimed", 0.8), ("twice as wrong", 0.2))
TIMES = (5, 7, 9, 12, 15, 18, 22, 27, 33, 40, 50, 60, 75, 88)
PULL_TO_IDENTITY = 2e-4
LINE = 0.1


def one_batch(work: tuple[str, int]) -> tuple[np.ndarray, ...]:
    """Said and true drifting of one batch without the table: p, plots, truth."""
    claim, index = work
    weigh.CALIBRATED_TO[:] = weigh.CALIBRATED_FROM
    result = bench.run(bench.draw(SEED + index, BATCH, claim, fitted_on=True), SEED + index)
    p, plots = result.motion[:, TIMES, 0].astype(float), result.plots[:, TIMES]
    truth = np.repeat(result.truth[:, None], len(TIMES), axis=1)
    told = (result.track[:, TIMES] >= 0) & np.isfinite(p)
    told &= np.abs(p - weigh.LIMIT_IN_CALM) > 1e-4
    return p[told], plots[told], truth[told].astype(int)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1.0 - p))


def main() -> None:
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 14_400
    parts, share = [], []
    with ProcessPoolExecutor() as pool:
        for row, (claim, part) in enumerate(CLAIMS):
            # Equally many batches of each: shares are weights.
            batches = [(claim, 1000 * row + k) for k in range(objects // (2 * BATCH))]
            for found in pool.map(one_batch, batches):
                parts.append(found)
                share.append(np.full(len(found[0]), part))
    p, plots, truth = (np.concatenate(column) for column in zip(*parts, strict=True))
    weight = np.concatenate(share)
    stated = np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
    seen = np.bincount(truth, weight, minlength=len(stated)) / weight.sum()
    weight = weight * (stated / np.maximum(seen, 1e-9))[truth]
    weight /= weight.sum()
    drifts = (truth == weigh.BALLOON).astype(float)

    knots, at = logit(weigh.CALIBRATED_FROM), weigh.CALIBRATED_AT
    x = logit(np.clip(p, 1e-6, 1.0 - 1e-6))
    inner = np.clip(x, knots[0], knots[-1])
    hats = np.stack([np.interp(inner, knots, unit) for unit in np.eye(len(knots))], axis=1)
    place = np.interp(np.log1p(plots), np.log1p(at), np.arange(len(at)))
    rows = np.stack(
        [np.interp(place, np.arange(len(at)), unit) for unit in np.eye(len(at))], axis=1
    )

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        shift = flat.reshape(len(at), -1)
        value = x + np.einsum("nc,ck,nk->n", rows, shift, hats)
        miss = np.logaddexp(0.0, -value) * drifts + np.logaddexp(0.0, value) * (1.0 - drifts)
        slope = weight * (1.0 / (1.0 + np.exp(-value)) - drifts)
        gradient = np.einsum("n,nc,nk->ck", slope, rows, hats).ravel() + PULL_TO_IDENTITY * flat
        return float(weight @ miss + 0.5 * PULL_TO_IDENTITY * flat @ flat), gradient

    start = np.zeros(len(at) * len(knots))
    best = minimize(loss, start, jac=True, method="L-BFGS-B")
    table = 1.0 / (1.0 + np.exp(-(knots + best.x.reshape(len(at), -1))))
    for row in table[:-1]:
        low = weigh.CALIBRATED_FROM <= LINE
        row[low] = np.maximum(row[low], weigh.CALIBRATED_FROM[low])
        row[~low] = np.maximum(row[~low], LINE)
    print(f"{len(p)} answers; loss {loss(start)[0]:.4f} before, {best.fun:.4f} fitted")
    print(np.array2string(np.round(table, 3), separator=", "))


if __name__ == "__main__":
    main()
