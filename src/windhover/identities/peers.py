"""What drifts nearby tells the wind: the error of the claimed wind, shared between neighbours.

Every track is judged by the claimed wind alone (`bank`), so that nobody is judged by a wind that
itself rests on this judgement. The filters keep what their plots say of the wind's error θ as a
likelihood exp(ηᵀθ − ½θᵀΛθ). A neighbour that surely drifts by its own evidence has measured the same θ;
with that as prior instead of the claim's, the likelihood of this track as a drifter follows in closed
form, and the ratio of the two is the evidence. It is one step of belief propagation on a star of
neighbours, without the track's own message (Kschischang, Frey and Loeliger 2001, IEEE Transactions on
Information Theory 47(2), §II). A neighbour may be no drifter after all: the claim's prior keeps that share.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from windhover.identities import models
from windhover.identities.memory import IdentityState
from windhover.identities.models import MODELS, PARTS, WIND
from windhover.identities.motion import MotionState, stands_in_calm_air
from windhover.identities.weigh import BALLOON, MOTION, PEERS, K, logits
from windhover.schema.batches import F64, I64
from windhover.units import NS_PER_S

SURE_FROM: Final = 0.9
"""Who drifts this surely by its own evidence lends its wind …"""
AFTER_S: Final = 20.0
"""… once it has been followed for so long …"""
SEEN_LATELY_S: Final = 30.0
"""… and was seen within so long."""
KNOWN_TO_M_S: Final = 1.5
"""A neighbour's own velocity must be known this well."""
REACH_M: Final = 6_000.0
REACH_UP_M: Final = 300.0
SAME_WITHIN_M: Final = 120.0
"""Nearer than this, two tracks may be one object: nobody lends itself a wind."""
SIGMA_M_S: Final = 1.3
"""How two drifters at one place and time differ, each component (house facts, §5); it doubles in
variance over `DOUBLES_M` and over `DOUBLES_UP_M`."""
DOUBLES_M: Final = 3_000.0
DOUBLES_UP_M: Final = 150.0
LEAST_SIGMA_M_S: Final = 0.9
"""However many they are: they share the hour's eddies."""
MOST_TRUST: Final = 0.95
MOST_LENDERS: Final = 100
"""In a sky full of drifters those lend whose velocity is known best."""
_DRIFT: Final[I64] = np.array(
    [k for k, m in enumerate(MODELS) if m.prior == WIND and m.name.startswith("drift")], np.int64
)


class Lent(NamedTuple):
    """The wind's error at each of N tracks as their neighbours have it."""

    lenders: I64  # (N,) neighbours that lend; 0: the rest of the row means nothing
    error_m_s: F64  # (N, 2) true wind less the claimed wind there, toward east and north
    sigma_m_s: F64  # (N,) of each component
    trust: F64  # (N,) probability that they drift indeed


def own_probability(weighed: F64) -> F64:
    """(N,) drifting, from weighed logarithms of the classes (N, K) in which no neighbour has a say."""
    p = np.exp(weighed[:, :K] - weighed[:, :K].max(axis=1, keepdims=True))
    found: F64 = p[:, BALLOON] / p.sum(axis=1)
    return found


def lent_to(state: IdentityState) -> Lent:
    """What the neighbours of every track say, each neighbour judged by its own evidence alone."""
    alone = state.log_likelihood.copy()
    alone[:, PEERS] = 0.0
    # Of these the classes alone are asked: drifting in any wind is told as no better than "balloon".
    told = logits(alone, state.motion.plots, alone[:, MOTION, BALLOON])
    return lend(state.motion, state.position_enu, own_probability(told), state.now_ns)


def lend(motion: MotionState, position_enu: F64, drifts: F64, now_ns: int) -> Lent:
    """What each track's neighbours say of the wind there.

    position_enu (N, 3) m; drifts (N,) from `own_probability`. What may be standing in calm air
    lends nothing, since it may as well hover.
    """
    n = len(drifts)
    info = motion.info[:, _DRIFT[0]]
    determinant = info[:, 0] * info[:, 2] - info[:, 1] ** 2
    told = determinant > 1e-6
    safe = np.where(told, determinant, 1.0)
    ee, en, nn = info[:, 2] / safe, -info[:, 1] / safe, info[:, 0] / safe
    error = np.stack([ee * info[:, 3] + en * info[:, 4], en * info[:, 3] + nn * info[:, 4]], axis=1)
    error -= motion.offset
    variance = 0.5 * (ee + nn)
    lately = (motion.last_ns >= now_ns - round(SEEN_LATELY_S * NS_PER_S)) & (
        motion.last_ns - motion.first_ns >= round(AFTER_S * NS_PER_S)
    )
    lends = told & lately & (drifts >= SURE_FROM) & (variance < KNOWN_TO_M_S**2)
    of = np.flatnonzero(lends & ~stands_in_calm_air(motion))
    of = of[np.argsort(variance[of], kind="stable")[:MOST_LENDERS]]
    nothing = Lent(np.zeros(n, np.int64), np.zeros((n, 2)), np.ones(n), np.zeros(n))
    if not len(of):
        return nothing
    apart = position_enu[:, None] - position_enu[of]  # (N, L, 3)
    level, up = np.hypot(apart[..., 0], apart[..., 1]), np.abs(apart[..., 2])
    near = (level < REACH_M) & (up < REACH_UP_M) & (np.hypot(level, up) > SAME_WITHIN_M)
    grown = SIGMA_M_S**2 * (1.0 + (level / DOUBLES_M) ** 2 + (up / DOUBLES_UP_M) ** 2)
    weight = np.where(near, 1.0 / (grown + variance[of]), 0.0)
    total = weight.sum(axis=1)
    lenders = near.sum(axis=1)
    some = lenders > 0
    share = weight / np.where(some, total, 1.0)[:, None]
    mean = share @ error[of]
    # Neighbours that disagree know less than each of them says.
    spread = (
        0.5
        * np.einsum("nl,nlc->n", share, (error[of][None] - mean[:, None]) ** 2)
        / np.maximum(lenders - 1.0, 1.0)
    )
    sigma = np.sqrt(np.maximum(1.0 / np.where(some, total, 1.0) + spread, LEAST_SIGMA_M_S**2))
    trust = np.minimum(share @ drifts[of], MOST_TRUST)
    return Lent(lenders, np.where(some[:, None], mean, 0.0), sigma, np.where(some, trust, 0.0))


def evidence(motion: MotionState, lent: Lent) -> F64:
    """(N,) ln likelihood of drifting with the neighbours' wind over that with the claimed one alone."""
    out = np.zeros(len(lent.lenders))
    rows = np.flatnonzero(lent.lenders > 0)
    if not len(rows):
        return out
    info = motion.info[rows[:, None], _DRIFT]  # (R, 4, 6)
    offset = motion.offset[rows][:, None]  # (R, 1, 2)
    claim = np.zeros((len(rows), 2, 2))
    claim[:, 0, 0], claim[:, 1, 1] = motion.wind_cov[rows, 0], motion.wind_cov[rows, 2]
    claim[:, 0, 1] = claim[:, 1, 0] = motion.wind_cov[rows, 1]
    eye = np.eye(2)
    # The claim's prior, part by part as in `bank.fill_parts`.
    claimed = motion.wind[rows]
    spread = 0.5 * np.trace(claim, axis1=1, axis2=2) + models.CALM_SIGMA_M_S**2
    calm = models.CALM_WEIGHT * np.exp(-0.5 * np.sum(claimed**2, axis=1) / spread)
    narrow, wide, still = PARTS[:3, 3]
    parts = (
        ((1.0 - calm) * PARTS[0, 0], offset, claim + eye * narrow**2),
        ((1.0 - calm) * PARTS[1, 0], offset, claim + eye * wide**2),
        (calm, offset - claimed[:, None], np.broadcast_to(eye * still**2, claim.shape)),
    )
    by_claim = np.logaddexp.reduce(
        [np.log(np.maximum(w, 1e-300))[:, None] + log_integral(info, mean, cov[:, None]) for w, mean, cov in parts]
    )  # fmt: skip
    told = (lent.sigma_m_s[rows] ** 2)[:, None, None] * eye
    by_peers = log_integral(info, offset + lent.error_m_s[rows][:, None], told[:, None])
    ratio = np.exp(np.clip(by_peers - by_claim, -60.0, 60.0))
    share = motion.weight[rows, BALLOON][:, _DRIFT]
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    trust = lent.trust[rows]
    out[rows] = np.log((1.0 - trust) + trust * np.sum(share * ratio, axis=1))
    return out


def log_integral(info: F64, mean: F64, covariance: F64) -> F64:
    """ln ∫ exp(ηᵀθ − ½ θᵀΛθ) N(θ; μ, Σ) dθ, broadcast over leading axes.

    info (…, ≥ 5) = Λ_ee, Λ_en, Λ_nn, η_e, η_n; mean (…, 2); covariance (…, 2, 2).
    """
    precision = np.stack([info[..., :2], info[..., 1:3]], axis=-2)
    slope = info[..., 3:5] - np.einsum("...ij,...j->...i", precision, mean)
    inner = np.eye(2) + covariance @ precision
    solved = np.linalg.solve(inner, np.einsum("...ij,...j->...i", covariance, slope)[..., None])[
        ..., 0
    ]
    constant = np.einsum("...i,...i->...", info[..., 3:5], mean) - 0.5 * np.einsum(
        "...i,...ij,...j->...", mean, precision, mean
    )
    found: F64 = (
        constant
        + 0.5 * np.einsum("...i,...i->...", slope, solved)
        - 0.5 * np.log(np.linalg.det(inner))
    )
    return found
