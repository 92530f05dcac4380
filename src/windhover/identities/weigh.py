"""All evidence into one answer: log-likelihoods with weights λ ≤ 1, priors, and the limits.

The table below is fitted by `builders/identity_fit.py` on simulated tracks of its own seeds and is
small enough to be read: one prior per class and one weight per source. Sources that see the same
thing twice (where it moves, how it climbs) are discounted together.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from windhover.air.wind import STALE_SIGMA_M_S
from windhover.schema.batches import BOOL, CLASSES, F64, I64

AIRCRAFT, DRONE, BALLOON, BIRD, TETHERED, CLUTTER, UNKNOWN = range(len(CLASSES))
SOURCES: Final = (
    "motion",
    "climb",
    "height",
    "radar echo",
    "cooperative",
    "class report",
    "radio",
    "silence",
)
WEIGHT: Final[F64] = np.array([0.9, 0.55, 0.7, 0.6, 1.0, 0.8, 0.8, 0.6])
"""λ of each source, in the order of SOURCES."""
PRIOR: Final[F64] = np.log(np.array([0.12, 0.25, 0.33, 0.21, 0.03, 0.03, 0.01]))
MOTION, CLIMB, HEIGHT, ECHO, CLAIM, REPORT, RADIO, SILENCE = range(len(SOURCES))
FEW_PLOTS: Final = 1.5
"""The weight of motion and climb grows as n/(n + this): the first plots start the filters."""
DOUBT: Final = 0.012
"""Share of every answer that goes back to the prior: nothing is ever certain."""
DRONE_LIMIT_WITHOUT_WIND: Final = 0.85
STRONG: Final = 2.0
"""Log-likelihood ratio of other evidence for a drone that lifts this limit."""


def weights(plots: I64) -> F64:
    """(N, S) weight of each source for tracks with so many plots."""
    out = np.tile(WEIGHT, (len(plots), 1))
    out[:, [MOTION, CLIMB]] *= (plots / (plots + FEW_PLOTS))[:, None]
    return out


def posterior(log_likelihood: F64, wind_sigma_m_s: F64, plots: I64) -> F64:
    """(N, S, K) log-likelihoods by source, (N,) wind error and plots → (N, K) log-probabilities."""
    logits = PRIOR + np.einsum("ns,nsk->nk", weights(plots), log_likelihood)
    probability = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    probability = (1.0 - DOUBT) * probability + DOUBT * np.exp(PRIOR) / np.exp(PRIOR).sum()
    out: F64 = np.log(_limit(probability, log_likelihood, wind_sigma_m_s > STALE_SIGMA_M_S))
    return out


def _limit(probability: F64, log_likelihood: F64, blind: BOOL) -> F64:
    """Motion alone, with the wind missing or stale, never says "drone" above its limit."""
    other = np.einsum("s,nsk->nk", WEIGHT[3:], log_likelihood[:, 3:])
    unsupported = other[:, DRONE] - np.delete(other, DRONE, axis=1).max(axis=1) < STRONG
    too_high = blind & unsupported & (probability[:, DRONE] > DRONE_LIMIT_WITHOUT_WIND)
    if too_high.any():
        rest = 1.0 - probability[too_high, DRONE]
        probability[too_high] *= ((1.0 - DRONE_LIMIT_WITHOUT_WIND) / rest)[:, None]
        probability[too_high, DRONE] = DRONE_LIMIT_WITHOUT_WIND
    return probability


def motion(log_probability: F64) -> F64:
    """(N, K) → (N, 4) log-probabilities over MOTIONS, summed over the classes that move so."""
    p = np.exp(log_probability)
    layers = np.stack(
        [
            p[:, BALLOON],
            p[:, AIRCRAFT] + p[:, DRONE] + p[:, BIRD],
            p[:, TETHERED],
            p[:, CLUTTER] + p[:, UNKNOWN],
        ],
        axis=1,
    )
    out: F64 = np.log(layers)
    return out
