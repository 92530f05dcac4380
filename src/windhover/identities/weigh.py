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

K: Final = len(CLASSES)
AIRCRAFT, DRONE, BALLOON, BIRD, TETHERED, CLUTTER, UNKNOWN = range(K)
SOURCES: Final = (
    "motion",
    "climb",
    "height",
    "neighbours",
    "radar echo",
    "cooperative",
    "class report",
    "radio",
    "silence",
    "sighting",
)
WEIGHT: Final[F64] = np.array([0.9, 0.7, 0.7, 0.9, 0.6, 1.0, 0.8, 0.8, 0.6, 0.5])
"""λ of each source, in the order of SOURCES; neighbours correct the motion's prior, so they weigh as it does."""
PRIOR: Final[F64] = np.log(np.array([0.12, 0.25, 0.33, 0.22, 0.02, 0.03, 0.01]))
MOTION, CLIMB, HEIGHT, PEERS, ECHO, CLAIM, REPORT, RADIO, SILENCE, SIGHTED = range(len(SOURCES))
OFFSET: Final[F64] = np.array([-0.1, -0.15, 0.15, -0.1, 0.0, 0.0, 0.0])
"""Added to each class's logarithm: what the models' own mismatch was found to cost it."""
LOG_GROSS: Final = float(np.log(0.6))
"""How seriously a wholly wrong wind is taken before "drone" is said by the wind alone."""
CALM_SHARE: Final = 0.25
"""Share of calm hours among those in which the claimed wind would allow one."""
LIMIT_IN_CALM: Final = 0.7
SURE_WHATEVER_THE_WIND: Final = 0.87
LIMIT_BY_WIND_ALONE: Final = 0.88
SHARP_AT: Final[F64] = np.array([0.0, 5.0, 15.0, 40.0, 90.0])
SHARP: Final[F64] = np.array([1.0, 1.25, 1.3, 1.1, 0.95])
"""Final calibration: the logarithms are multiplied by this after so many plots."""
SHEARED_SHARE: Final = 0.5
SHEARED_FROM_M_S: Final = 1.5
"""A climb from which the layers count; half of `SHEARED_SHARE` there."""
CHARGED_FROM_S: Final = 120.0
CHARGED_FULLY_S: Final = 360.0
WIND_SLACK: Final = 3.0
"""A wind error this incredible (ln) is still no objection: winds are wrong at times."""
SHARP_DRIFTING: Final = 1.3
"""And by this too where drifting is the best answer: there the answers were found too timid."""
CALIBRATED_AT: Final[F64] = np.array([8.0, 16.0, 32.0])
CALIBRATED_FROM: Final[F64] = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98])
CALIBRATED_TO: Final[F64] = np.array(
    [
        [0.020, 0.100, 0.108, 0.246, 0.663, 0.846, 0.976],
        [0.020, 0.100, 0.277, 0.410, 0.637, 0.787, 0.969],
        [0.017, 0.084, 0.183, 0.525, 0.809, 0.879, 0.991],
    ]
)
"""After so many plots (rows), a probability of drifting of … (`CALIBRATED_FROM`) is worth this much."""
SETTLE: Final = 0.5
"""Share of each new answer: one stray plot does not decide anything."""
FEW_PLOTS: Final = 0.2
"""The weight of motion and climb grows as n/(n + this): the first plots start the filters."""
DOUBT: Final = 0.008
"""Share of every answer that goes back to the prior: nothing is ever certain, nor rounds to 1.00."""
POWERED: Final = (AIRCRAFT, DRONE, BIRD)
LIMIT_WITHOUT_WIND: Final = 0.85
SHAPE_ALONE: Final = 8.0
"""A path this much (ln) less like a drifter than like something powered needs no wind to be told."""
STRONG: Final = 2.0
"""Log-likelihood ratio of other evidence that lifts this limit."""


def weights(plots: I64) -> F64:
    """(N, S) weight of each source for tracks with so many plots."""
    out = np.tile(WEIGHT, (len(plots), 1))
    out[:, [MOTION, CLIMB]] *= (plots / (plots + FEW_PLOTS))[:, None]
    return out


def _log(share: F64) -> F64:
    """ln, and −∞ of nothing: a hidden row may stand far above every class, so that no small number is small enough."""
    found: F64 = np.full(share.shape, -np.inf)
    np.log(share, out=found, where=share > 0.0)
    return found


def with_calm(motion_score: F64, still: F64, calm_share: F64) -> F64:
    """(N, K) scores of the motion where a balloon in calm air may stand as still as a drone hovers.

    still (N,) is the score of standing, calm_share (N,) how far the claimed wind allows calm air.
    """
    out = motion_score.copy()
    out[:, BALLOON] = np.logaddexp(out[:, BALLOON], still + _log(CALM_SHARE * calm_share))
    return out


def with_unknown_wind(motion_score: F64, sheared: F64, climb_m_s: F64, blind: BOOL) -> F64:
    """(N, K) scores in which a drifter that climbs is carried by layers of which nothing is known.

    sheared (N,) is the score of that, blind (N,) where the wind is unknown; elsewhere, and at a level
    where there is no other layer to come to, nothing changes.
    """
    out = motion_score.copy()
    share = np.where(
        blind, SHEARED_SHARE * climb_m_s**2 / (climb_m_s**2 + SHEARED_FROM_M_S**2), 0.0
    )
    out[:, BALLOON] = np.logaddexp(out[:, BALLOON] + np.log1p(-share), sheared + _log(share))
    return out


def charged_for_wind(motion_score: F64, gap: F64, held_s: F64) -> F64:
    """(N, K) scores in which a drifter that is held for long keeps paying for the wind error it needs.

    gap (N,) is `motion.drift_gap`: ln of how credible that error is. The scores have charged it once
    already; over minutes the smoothness of a straight flight would pay it back, so from
    `CHARGED_FROM_S` on it is charged again, in full after `CHARGED_FULLY_S`.
    """
    out = motion_score.copy()
    share = np.clip((held_s - CHARGED_FROM_S) / (CHARGED_FULLY_S - CHARGED_FROM_S), 0.0, 1.0)
    out[:, BALLOON] += share * np.minimum(gap + WIND_SLACK, 0.0)
    return out


def logits(log_likelihood: F64, plots: I64, any_wind: F64) -> F64:
    """(N, K + 1) weighed logarithms of the classes, not normalised; the last: drifting in any wind.

    log_likelihood (N, S, K) by source; plots (N,) that fed the track; any_wind (N,) the
    log-likelihood of the path for a drifter in whatever wind, on the scale of the motion's.
    """
    weight = weights(plots)
    out = np.empty((len(plots), K + 1))
    out[:, :K] = PRIOR + OFFSET + np.einsum("ns,nsk->nk", weight, log_likelihood)
    more = any_wind - log_likelihood[:, MOTION, BALLOON]
    out[:, K] = out[:, BALLOON] + weight[:, MOTION] * more + LOG_GROSS
    out -= out.max(axis=1, keepdims=True)
    return out


def posterior(
    weighed: F64, log_likelihood: F64, wind_sigma_m_s: F64, plots: I64, stands_in_calm: BOOL
) -> tuple[F64, F64]:
    """Log-probabilities of the classes (N, K) and of the ways of moving (N, 4).

    weighed (N, K + 1) from `logits`, settled over the last plots; wind_sigma_m_s (N,);
    stands_in_calm (N,): where a level balloon and a hovering drone are one thing to a radar.
    """
    sharp = np.interp(np.log1p(plots), np.log1p(SHARP_AT), SHARP)[:, None]
    blind = wind_sigma_m_s > STALE_SIGMA_M_S
    drifting = (weighed[:, BALLOON] >= weighed[:, :K].max(axis=1)) & ~blind
    sharp[drifting] *= SHARP_DRIFTING
    probability = _doubted(sharp * weighed[:, :K])
    probability[~blind] = calibrated(probability[~blind], plots[~blind])
    drifts = np.maximum(weighed[:, BALLOON], weighed[:, K] - LOG_GROSS)
    probability = _limit(probability, log_likelihood, blind, drifts)
    other = np.einsum("s,nsk->nk", WEIGHT[ECHO:], log_likelihood[:, ECHO:])
    alike = stands_in_calm & (np.ptp(other[:, (DRONE, BALLOON)], axis=1) < STRONG)
    for row in (DRONE, BALLOON):
        excess = np.where(alike, np.maximum(probability[:, row] - LIMIT_IN_CALM, 0.0), 0.0)
        probability[:, row] -= excess
        probability[:, UNKNOWN] += excess
    moves = motion(np.log(probability))
    # The wind may be grossly wrong: is it still a drone if so?
    wary = weighed[:, :K].copy()
    wary[:, BALLOON] = np.logaddexp(wary[:, BALLOON], weighed[:, K])
    doubtful = _doubted(wary)[:, DRONE] < SURE_WHATEVER_THE_WIND
    excess = np.where(doubtful, np.maximum(probability[:, DRONE] - LIMIT_BY_WIND_ALONE, 0.0), 0.0)
    probability[:, DRONE] -= excess
    probability[:, UNKNOWN] += excess
    return np.log(probability), moves


def calibrated(probability: F64, plots: I64) -> F64:
    """(N, K) with the share of "balloon" as often right as it says; the others keep their proportions.

    Between the table's rows and columns, logits are interpolated (columns by the logarithm of plots).
    """
    said = np.clip(probability[:, BALLOON], 1e-6, 1.0 - 1e-6)
    x, knots = np.log(said / (1.0 - said)), np.log(CALIBRATED_FROM / (1.0 - CALIBRATED_FROM))
    worth = np.log(CALIBRATED_TO / (1.0 - CALIBRATED_TO))
    # Beyond the outer knots the last shift stays.
    inner = np.clip(x, knots[0], knots[-1])
    each = np.stack([np.interp(inner, knots, row) for row in worth]) + (x - inner)
    place = np.interp(np.log1p(plots), np.log1p(CALIBRATED_AT), np.arange(len(CALIBRATED_AT)))
    low = np.minimum(place.astype(np.int64), len(CALIBRATED_AT) - 2)
    rows = np.arange(len(x))
    logit = each[low, rows] + (place - low) * (each[low + 1, rows] - each[low, rows])
    balloon = 1.0 / (1.0 + np.exp(-logit))
    out: F64 = probability * ((1.0 - balloon) / (1.0 - said))[:, None]
    out[:, BALLOON] = balloon
    return out


def _doubted(logits: F64) -> F64:
    """Probabilities with a share of doubt in each."""
    probability = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    prior = np.exp(PRIOR) / np.exp(PRIOR).sum()
    mixed: F64 = (1.0 - DOUBT) * probability + DOUBT * prior
    return mixed


def _limit(probability: F64, log_likelihood: F64, blind: BOOL, drifts: F64) -> F64:
    """With the wind missing or stale, motion alone says neither "drone" nor "powered" too surely.

    "Powered" is free again where the shape of the path itself rules a drifter out: `drifts` (N,) is
    how well a drifter, in the claimed wind or in any other, does beside the best.
    """
    other = np.einsum("s,nsk->nk", WEIGHT[ECHO:], log_likelihood[:, ECHO:])
    for classes in ((DRONE,), POWERED):
        columns = list(classes)
        among = other[:, columns].max(axis=1)
        against = np.delete(other, columns, axis=1).max(axis=1)
        total = probability[:, columns].sum(axis=1)
        bound = blind & (among - against < STRONG) & (total > LIMIT_WITHOUT_WIND)
        if len(columns) > 1:
            bound &= drifts > -SHAPE_ALONE
        if not bound.any():
            continue
        scale = np.ones_like(probability[bound])
        scale *= ((1.0 - LIMIT_WITHOUT_WIND) / (1.0 - total[bound]))[:, None]
        scale[:, columns] = (LIMIT_WITHOUT_WIND / total[bound])[:, None]
        probability[bound] *= scale
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
