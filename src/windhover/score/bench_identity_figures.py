"""The figures of the identification bench, each with its number of cases and its interval."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.stats import beta, rankdata

from windhover.identities import weigh
from windhover.schema.batches import BOOL, CLASSES, F64, MOTIONS
from windhover.score.bench_identity import Result
from windhover.score.population import SORTS

CALLED: Final = 0.9
BINS: Final = 15
POWERED: Final = (weigh.AIRCRAFT, weigh.DRONE, weigh.BIRD)
Figures = dict[str, float]


def auc(positive: F64, negative: F64) -> float:
    """Area under the receiver operating characteristic (Mann and Whitney 1947), ties by half."""
    rank = rankdata(np.concatenate([positive, negative]))
    n, m = len(positive), len(negative)
    return float((rank[:n].sum() - n * (n + 1) / 2) / (n * m))


def rate_at(positive: F64, negative: F64, false_rate: float) -> float:
    """True-positive rate where `false_rate` of the negatives lie above."""
    return float(np.mean(positive > np.quantile(negative, 1.0 - false_rate)))


def upper(hits: int, n: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of a share (Clopper and Pearson 1934)."""
    return 1.0 if hits >= n else float(beta.ppf(confidence, hits + 1, n - hits))


def calibration_error(probability: F64, true: BOOL, bins: int = BINS) -> float:
    """Expected calibration error over equal bins (Guo et al. 2017, ICML, eq. 3)."""
    row = np.minimum((probability * bins).astype(int), bins - 1)
    total = 0.0
    for k in range(bins):
        here = row == k
        if here.any():
            total += here.mean() * abs(float(probability[here].mean()) - float(true[here].mean()))
    return float(total)


def posterior(result: Result) -> F64:
    """(O, T, K): before there is a track, the prior."""
    prior = np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
    p: F64 = np.where(np.isnan(result.probability), prior, result.probability)
    return p


def motions(result: Result) -> tuple[F64, F64, F64]:
    """With the air, through the air, fixed to the ground: (O, T) each; before a track the prior."""
    prior = np.exp(weigh.motion(np.log(np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum())[None]))[0]
    p = np.where(np.isnan(result.motion), prior, result.motion)
    return p[..., 0], p[..., 1], p[..., 2]


def _interval(values: F64, other: F64, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of an AUC, 200 resamples."""
    rng = np.random.default_rng(seed)
    found = [
        auc(rng.choice(values, len(values)), rng.choice(other, len(other))) for _ in range(200)
    ]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def _first_above(p: F64) -> F64:
    """(O,) seconds after the first plot until p (O, T) is first above 0.9 (end of that turn)."""
    above = p > CALLED
    return np.where(above.any(axis=1), above.argmax(axis=1) + 1.0, np.inf)


def figures(result: Result, intervals: bool = True) -> Figures:
    """Everything issue and docs quote, for one claim of the wind."""
    p = posterior(result)
    drifts = result.truth == weigh.BALLOON
    powered = np.isin(result.truth, POWERED)
    drone = result.truth == weigh.DRONE
    bird = result.truth == weigh.BIRD
    drift_p, powered_p, fixed_p = motions(result)
    out: Figures = {"n": float(len(p)), "n_drifters": float(drifts.sum())}
    for at in (30, 60):
        k = min(at, p.shape[1]) - 1
        a, b = drift_p[drifts, k], drift_p[powered, k]
        out[f"drift_auc_{at}s"] = auc(a, b)
        if intervals:
            out[f"drift_auc_{at}s_low"], out[f"drift_auc_{at}s_high"] = _interval(a, b)
        out[f"drift_tpr_at_1pct_{at}s"] = rate_at(a, b, 0.01)
        share = p[:, k, weigh.DRONE] / (p[:, k, weigh.DRONE] + p[:, k, weigh.BIRD])
        out[f"drone_bird_auc_{at}s"] = auc(share[drone], share[bird])
    ever_drone = (p[drifts, :, weigh.DRONE] > CALLED).any(axis=1)
    ever_powered = (powered_p[drifts] > CALLED).any(axis=1)
    level = drifts & np.array([SORTS[k].name == "foil balloon level" for k in result.sort])
    ever_level = (p[level, :, weigh.DRONE] > CALLED).any(axis=1)
    for name, hit in (
        ("drifter_called_drone", np.asarray(ever_drone)),
        ("drifter_called_powered", np.asarray(ever_powered)),
        ("level_foil_called_drone", np.asarray(ever_level)),
    ):
        out[name] = float(hit.mean())
        out[f"{name}_upper95"] = upper(int(hit.sum()), len(hit))
    out["bird_called_drone"] = float((p[bird, :, weigh.DRONE] > CALLED).any(axis=1).mean())
    straight = bird & np.array([SORTS[k].name == "bird flapping straight" for k in result.sort])
    out["straight_bird_called_drone"] = float((p[straight, :, weigh.DRONE] > CALLED).mean())
    hover = np.array([SORTS[k].name == "drone hovering" for k in result.sort])
    windy = hover & (result.wind_m_s >= 5.0)
    k = min(60, p.shape[1]) - 1
    out["n_hover_in_wind"] = float(windy.sum())
    out["hover_called_drone_60s"] = float((p[windy, k, weigh.DRONE] > CALLED).mean())
    not_drifting = powered_p + fixed_p
    out["hover_powered_or_tethered_60s"] = float((not_drifting[windy, k] > CALLED).mean())
    for name, which, of in (("drone", drone, powered_p), ("drifter", drifts, drift_p)):
        first = _first_above(of[which])
        out[f"{name}_decided_s_median"] = float(np.median(first))
        out[f"{name}_decided_s_p90"] = float(np.quantile(first, 0.9, method="higher"))
    times = [t - 1 for t in (10, 20, 30, 60, 90) if t <= p.shape[1]]
    held = result.track[:, times] >= 0
    flat = p[:, times][held]
    truth = np.repeat(result.truth[:, None], len(times), axis=1)[held]
    out["held_60s"] = float((result.track[:, k] >= 0).mean())
    out["ece_drift"] = calibration_error(drift_p[:, times][held], truth == weigh.BALLOON)
    best = flat.argmax(axis=1)
    out["ece_all"] = calibration_error(flat.max(axis=1), (best == truth).ravel())
    for row, name in enumerate(CLASSES[:-1]):
        out[f"ece_{name}"] = calibration_error(flat[..., row].ravel(), truth.ravel() == row)
    out["right_60s"] = float((p[:, k].argmax(axis=1) == result.truth).mean())
    out["undetermined_60s"] = float((result.said_motion[:, k] == len(MOTIONS) - 1).mean())
    return out
