"""The obvious alternative: gradient-boosted trees on the features anybody would take.

It gets more than Windhover does: its own plots of each object without clutter and without a tracker's
mistakes, and, in one of its two forms, training objects of the very population it is judged on (other
seeds). The other form is trained on the wider population that Windhover's weights were fitted on.
LightGBM is in the extra `peers`; nothing else imports it.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import numpy as np

from windhover.errors import BadInput
from windhover.identities import weigh
from windhover.schema.batches import CLASSES, F64, I64
from windhover.score import bench_identity as bench
from windhover.score.bench_identity_figures import auc, calibration_error, posterior, rate_at, upper
from windhover.score.bench_identity_paths import STEP_S, Case
from windhover.score.population import RADAR

AT_S: Final = (30, 60)
TRAINED_ON: Final = {"same population": False, "wider population": True}
TRAIN_SEED: Final = 8_000_000
ROUNDS: Final = 200
HOW: Final = "Install the extra: pip install 'windhover[peers]'."
UNKNOWN_WIND_SIGMA_M_S: Final = 7.0


def peer() -> Any:
    """The library. Raises `BadInput` with how to install it."""
    try:
        return importlib.import_module("lightgbm")
    except ImportError:
        raise BadInput("LightGBM is not installed here.", HOW) from None


def plots_of(case: Case, rng: np.random.Generator, seconds: int) -> tuple[F64, F64]:
    """Times (P,) and places (P, 3) that the radar gives of one object."""
    at_s = np.arange(seconds) + rng.uniform(0.0, 0.9)
    if case.path_m is None:
        place = rng.normal(size=(seconds, 3)) * [60.0, 60.0, 20.0] + [0.0, 0.0, 60.0]
    else:
        grid = np.arange(len(case.path_m)) * STEP_S
        place = np.stack([np.interp(at_s, grid, column) for column in case.path_m.T], axis=1)
    noise = [RADAR.sigma_horizontal_m, RADAR.sigma_horizontal_m, RADAR.sigma_vertical_m]
    seen = rng.random(seconds) < RADAR.detection_probability
    seen[:2] = True
    noisy: F64 = place + rng.normal(size=place.shape) * noise
    return at_s[seen].astype(np.float64), noisy[seen]


def features(case: Case, rng: np.random.Generator, seconds: int) -> F64:
    """One row: speeds over ground and through the air, their errors, how straight and how smooth."""
    at_s, place = plots_of(case, rng, seconds)
    sigma = case.claimed_sigma_m_s
    known = np.isfinite(sigma)
    wind = case.claimed_m_s if known else np.zeros(2)
    sigma = sigma if known else UNKNOWN_WIND_SIGMA_M_S
    centred = at_s - at_s.mean()
    velocity = centred @ (place - place.mean(axis=0)) / (centred @ centred)
    relative = velocity[:2] - wind
    rest = place - place.mean(axis=0) - centred[:, None] * velocity
    bend = np.polyfit(centred, place[:, :2], 2)[0] * 2.0
    row = [
        float(np.hypot(*velocity[:2])), float(np.hypot(*relative)), float(np.hypot(*relative)) / sigma,
        float(np.hypot(*wind)), sigma, float(known), float(velocity[2]), float(place[:, 2].mean()),
        float(np.hypot(*bend)), float(rest[:, :2].std()), float(rest[:, 2].std()),
        float(relative @ wind) / (float(np.hypot(*wind)) + 0.3),
    ]  # fmt: skip
    parts = np.array_split(np.arange(len(at_s)), 6)
    slopes = []
    for part in parts:
        t = at_s[part] - at_s[part].mean()
        slopes.append(t @ (place[part] - place[part].mean(axis=0)) / max(float(t @ t), 0.5))
    slope = np.array(slopes)
    speeds = np.hypot(slope[:, 0], slope[:, 1])
    through = np.hypot(*(slope[:, :2] - wind).T)
    turns = np.diff(np.unwrap(np.arctan2(slope[:, 0], slope[:, 1])))
    way = np.diff(np.array([place[part].mean(axis=0) for part in parts]), axis=0)
    length = float(np.hypot(way[:, 0], way[:, 1]).sum())
    straight = float(np.hypot(*way[:, :2].sum(axis=0))) / (length + 1.0)
    row += [
        float(speeds.std()), float(through.mean()), float(through.std()), float(through.min()),
        float(np.abs(turns).mean()), float(turns.sum()), straight, float(slope[:, 2].std()),
        float(np.hypot(*np.diff(slope[:, :2], axis=0).T).mean()),
    ]  # fmt: skip
    return np.array(row)


def table(cases: list[Case], seed: int, seconds: int) -> tuple[F64, I64]:
    """Features (O, F) and truth (O,)."""
    rows = [features(c, np.random.default_rng([seed, 31, k]), seconds) for k, c in enumerate(cases)]
    return np.array(rows), np.array([CLASSES.index(c.sort.of) for c in cases])


def train(wider: bool, count: int, seconds: int) -> Any:
    """A classifier of its own seeds; a fifth of its objects has a wind twice as wrong, a fifth none."""
    lightgbm = peer()
    cases: list[Case] = []
    for claim, share in (("as claimed", 0.6), ("twice as wrong", 0.2), ("missing", 0.2)):
        cases += bench.draw(TRAIN_SEED + seconds, int(count * share), claim, fitted_on=wider)
    x, y = table(cases, TRAIN_SEED, seconds)
    weight = np.ones(len(y))
    if wider:  # its mix of classes is another: weighed to the stated one
        stated = np.exp(weigh.PRIOR) / np.exp(weigh.PRIOR).sum()
        seen = np.bincount(y, minlength=len(CLASSES)) / len(y)
        weight = (stated / np.maximum(seen, 1e-9))[y]
    settings = {
        "objective": "multiclass", "num_class": len(CLASSES), "learning_rate": 0.05,
        "num_leaves": 31, "min_data_in_leaf": 30, "seed": 7, "num_threads": 1, "verbosity": -1,
        "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    return lightgbm.train(settings, lightgbm.Dataset(x, y, weight=weight), num_boost_round=ROUNDS)


def figures_of(p: F64, drifting: F64, powered: F64, truth: I64) -> dict[str, float]:
    """The figures of one instant."""
    drifts = truth == weigh.BALLOON
    moves = np.isin(truth, (weigh.AIRCRAFT, weigh.DRONE, weigh.BIRD))
    drone, bird = truth == weigh.DRONE, truth == weigh.BIRD
    share = p[:, weigh.DRONE] / np.maximum(p[:, weigh.DRONE] + p[:, weigh.BIRD], 1e-12)
    called = int((p[drifts, weigh.DRONE] > 0.9).sum())
    return {
        "drift_auc": auc(drifting[drifts], drifting[moves]),
        "drift_tpr_at_1pct": rate_at(drifting[drifts], drifting[moves], 0.01),
        "drifter_called_drone": called / int(drifts.sum()),
        "drifter_called_drone_upper95": upper(called, int(drifts.sum())),
        "drifter_called_powered": float((powered[drifts] > 0.9).mean()),
        "ece_drift": calibration_error(drifting, drifts),
        "drone_bird_auc": auc(share[drone], share[bird]),
        "right": float((p.argmax(axis=1) == truth).mean()),
    }


def against(
    seed: int, claim: str, count: int, models: dict[tuple[str, int], Any]
) -> dict[str, Any]:
    """Windhover through its tracker and the trees on their clean plots, on the same objects.

    `models` by (name of what it was trained on, seconds). Figures at each of AT_S.
    """
    cases = bench.draw(seed, count, claim)
    result = bench.run(cases, seed)
    p = posterior(result)
    prior = weigh.motion(weigh.PRIOR[None] - np.log(np.exp(weigh.PRIOR).sum()))
    moves = np.where(np.isnan(result.motion), np.exp(prior)[0], result.motion)
    truth = result.truth.astype(np.int64)
    out: dict[str, Any] = {"n": count}
    for at in AT_S:
        k = at - 1
        told = {"windhover": figures_of(p[:, k], moves[:, k, 0], moves[:, k, 1], truth)}
        x, _ = table(cases, seed, at)
        for name in TRAINED_ON:
            q = models[name, at].predict(x)
            powered = q[:, [weigh.AIRCRAFT, weigh.DRONE, weigh.BIRD]].sum(axis=1)
            told[f"lightgbm, {name}"] = figures_of(q, q[:, weigh.BALLOON], powered, truth)
        out[f"{at}s"] = told
    return out
