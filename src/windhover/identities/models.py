"""How each kind of thing moves: one table of linear-Gaussian models, and which class uses which.

Every horizontal model is a case of one equation per axis pair (p position, v quick part, β slow
part, θ an unknown constant with a prior, ŵ the measured wind):

    ṗ = (p₀ − p)/T_p + v + β + θ + ŵ·wind        v̇ = (−1/T_v + iω) v + noise,   σ_v stationary
                                                 β̇ = −β/T_β + noise,            σ_β stationary

The filters carry θ as an unknown parameter (de Jong 1991, "The diffuse Kalman filter", Annals of
Statistics 19): one pass gives the likelihood for *any* prior of θ in closed form, so a bird's ring
of headings or the heavy tail of the wind error cost a sum and not a filter each.
Figures: wind, turbulence and speeds as in the design notes (design/identity/model.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from windhover.schema.batches import CLASSES, F64, I64

NONE, WIND, AIRSPEED, GROUNDSPEED, STILL, FAST, AIR = 0, 1, 2, 3, 4, 5, 6
"""Kinds of prior of θ: no parameter; wind error; ring of air-relative velocity plus wind error;
ground velocity of a small drone; nearly zero; velocity of an aircraft; the air's own at any height."""


class Model(NamedTuple):
    """One horizontal model. Times in s, speeds in m/s, lengths in m, turn rate in rad/s."""

    name: str
    wind: float  # 1: carried by the measured wind, 0: not
    prior: int  # kind of prior of θ
    sigma_v_m_s: float  # stationary standard deviation of the quick part, per axis
    time_v_s: float
    turn_rad_s: float = 0.0
    sigma_slow_m_s: float = 0.0
    time_slow_s: float = 60.0
    turbulence_per_wind: float = 0.0  # added to sigma_v: this times the wind speed
    sigma_anchor_m: float = 0.0  # > 0: held to an unknown anchor with this deviation
    time_anchor_s: float = 0.0
    slow_per_sigma: float = 0.0  # added to sigma_slow: this times the claimed error of the wind


def _sway(name: str, sigma_m: float, time_s: float, smooth_s: float) -> Model:
    """Held to an unknown anchor, about which it sways smoothly with a stationary deviation `sigma_m`.

    The quick part drives the pull (its velocity does not jump): p − p₀ is noise through two lags in a
    row, of `time_s` and `smooth_s`; their stationary variance σ_v²·T²·T_v/(T + T_v) gives σ_v.
    """
    sigma_v = sigma_m * ((time_s + smooth_s) / (time_s * time_s * smooth_s)) ** 0.5
    return Model(name, 0.0, NONE, sigma_v, smooth_s, sigma_anchor_m=sigma_m, time_anchor_s=time_s)


MODELS: Final = (
    Model("drift", 1.0, WIND, 0.2, 30.0, sigma_slow_m_s=0.3, time_slow_s=120.0, turbulence_per_wind=0.10),
    Model("drift, gusty", 1.0, WIND, 0.5, 12.0, sigma_slow_m_s=0.6, time_slow_s=120.0, turbulence_per_wind=0.18),
    Model("drift, smooth", 1.0, WIND, 0.2, 30.0, sigma_slow_m_s=0.2, time_slow_s=120.0),
    # Climbing through layers that an old sounding has elsewhere: the wind's error itself changes.
    Model("drift, sheared", 1.0, WIND, 0.3, 20.0, sigma_slow_m_s=0.5, time_slow_s=150.0, turbulence_per_wind=0.05, slow_per_sigma=0.6),
    Model("hover", 0.0, NONE, 0.4, 6.0),
    Model("hold", 0.0, NONE, 0.0, 1.0, sigma_anchor_m=1.0, time_anchor_s=10.0),
    Model("cruise", 0.0, GROUNDSPEED, 0.35, 6.0, sigma_slow_m_s=0.8, time_slow_s=60.0),
    Model("cruise, steady", 0.0, GROUNDSPEED, 0.2, 10.0, sigma_slow_m_s=0.3, time_slow_s=120.0),
    Model("legs", 0.0, NONE, 8.0, 15.0),
    Model("adrift", 0.0, GROUNDSPEED, 0.2, 30.0, sigma_slow_m_s=0.3, time_slow_s=120.0, turbulence_per_wind=0.10),
    Model("adrift, gusty", 0.0, GROUNDSPEED, 0.5, 12.0, sigma_slow_m_s=0.6, time_slow_s=120.0, turbulence_per_wind=0.18),
    # Smooth as radiosondes are measured to be (house facts, §5): 0.05 m²/s³ while they climb through the layers.
    Model("adrift, sheared", 0.0, AIR, 0.2, 15.0, sigma_slow_m_s=1.7, time_slow_s=120.0),
    Model("stroll", 0.0, NONE, 3.0, 20.0),
    Model("agile", 0.0, NONE, 6.0, 4.0),
    Model("orbit left", 0.0, NONE, 6.0, 30.0, turn_rad_s=0.15),
    Model("orbit right", 0.0, NONE, 6.0, 30.0, turn_rad_s=-0.15),
    Model("flap", 1.0, AIRSPEED, 0.9, 4.0, sigma_slow_m_s=2.0, time_slow_s=60.0, turbulence_per_wind=0.05),
    Model("flap, steady", 1.0, AIRSPEED, 0.35, 6.0, sigma_slow_m_s=0.8, time_slow_s=60.0),
    Model("flap, wavering", 1.0, AIRSPEED, 2.5, 6.0, sigma_slow_m_s=3.0, time_slow_s=40.0),
    Model("flap, slow turns", 1.0, AIRSPEED, 1.0, 25.0, sigma_slow_m_s=1.0, time_slow_s=60.0, turbulence_per_wind=0.08),
    Model("fly about", 1.0, WIND, 7.5, 12.0),
    Model("circle left", 1.0, WIND, 7.5, 15.0, turn_rad_s=0.27, sigma_slow_m_s=1.0),
    Model("circle right", 1.0, WIND, 7.5, 15.0, turn_rad_s=-0.27, sigma_slow_m_s=1.0),
    Model("fly fast", 0.0, FAST, 0.7, 10.0, sigma_slow_m_s=5.0, time_slow_s=120.0),
    Model("fly fast, turning", 0.0, NONE, 45.0, 60.0),
    Model("tether", 0.0, NONE, 0.0, 1.0, sigma_anchor_m=9.0, time_anchor_s=9.0),
    Model("tether, swinging", 0.0, NONE, 0.0, 1.0, sigma_anchor_m=22.0, time_anchor_s=7.0),
    _sway("sway, narrow", 4.0, 11.0, 3.0),
    _sway("sway", 7.0, 11.0, 3.0),
    _sway("sway, wide", 14.0, 9.0, 3.0),
    Model("fixed", 0.0, NONE, 0.0, 1.0, sigma_anchor_m=0.5, time_anchor_s=5.0),
    Model("scatter", 0.0, NONE, 0.0, 1.0, sigma_anchor_m=70.0, time_anchor_s=1.5),
)  # fmt: skip
M: Final = len(MODELS)
K: Final = len(CLASSES)
HIDDEN: Final = 3
"""Rows behind the classes in shares and scores …"""
ANY_WIND, STANDING, UNKNOWN_WIND = K, K + 1, K + 2
"""… drifting in any wind, standing in calm air, drifting in a wind of which nothing is known."""

# What share of a class moves so at any moment; rows are normalised. A class may change its model.
SHARES: Final[dict[str, dict[str, float]]] = {
    "aircraft": {"fly fast": 0.70, "fly fast, turning": 0.24, "legs": 0.01, "hover": 0.02,
                 "circle left": 0.015, "circle right": 0.015},
    "drone": {"hover": 0.17, "hold": 0.18, "cruise": 0.14, "cruise, steady": 0.14, "stroll": 0.10, "legs": 0.14, "agile": 0.08,
              "orbit left": 0.06, "orbit right": 0.06, "drift": 0.01},
    "balloon": {"drift": 0.5, "drift, gusty": 0.24, "drift, smooth": 0.18, "drift, sheared": 0.08},
    "bird": {"flap": 0.24, "flap, steady": 0.12, "flap, slow turns": 0.12, "flap, wavering": 0.19, "fly about": 0.19, "circle left": 0.12,
             "circle right": 0.12},
    "tethered": {"tether": 0.30, "tether, swinging": 0.25, "sway, narrow": 0.10, "sway": 0.18, "sway, wide": 0.17},
    "clutter": {"scatter": 0.8, "fixed": 0.2},
    "unknown": {"legs": 0.3, "agile": 0.2, "fly fast, turning": 0.1, "drift, gusty": 0.2, "tether": 0.2},
}  # fmt: skip
# Three hidden rows stand behind the classes. One: a drifter in whatever wind, however wrong the claimed one is. It
# never gets a probability; it only keeps "drone" from being said by the wind alone (`weigh`).
ANY_WIND_SHARES: Final = {
    "cruise, steady": 0.25,
    "adrift": 0.4,
    "adrift, gusty": 0.15,
    "adrift, sheared": 0.2,
}
# Another: a drifter in calm air, which stands as still as a drone that hovers.
STILL_SHARES: Final = {"hover": 0.5, "hold": 0.5}
# And one that takes up to half of "balloon" from a climbing one where the wind is unknown: there the claimed profile's
# changes with height are no more than a guess, and following them costs it its smoothness.
UNKNOWN_WIND_SHARES: Final = {"adrift, sheared": 0.6, "adrift": 0.25, "adrift, gusty": 0.15}
# Rate at which a class changes its way of moving, per second. A drifter does not.
SWITCH_PER_S: Final[dict[str, float]] = {
    "aircraft": 0.008, "drone": 0.012, "balloon": 0.0005, "bird": 0.015,
    "tethered": 0.001, "clutter": 0.01, "unknown": 0.02,
}  # fmt: skip


class VerticalModel(NamedTuple):
    """ż = v + θ, v̇ = −v/T + noise; θ has a prior of Gaussian parts (weight, mean, sigma), m/s."""

    name: str
    sigma_v_m_s: float
    time_v_s: float
    parts: tuple[tuple[float, float, float], ...]


VERTICAL_MODELS: Final = (
    VerticalModel("buoyant", 0.3, 20.0,
                  ((0.30, 1.5, 0.6), (0.35, 0.0, 0.3), (0.13, -1.3, 0.7), (0.17, 5.0, 1.0), (0.03, 0.0, 4.0), (0.02, -12.0, 8.0))),
    VerticalModel("level", 0.15, 8.0, ((0.85, 0.0, 0.12), (0.15, 0.0, 1.0))),
    VerticalModel("climbing", 1.5, 8.0, ((1.0, 0.0, 1.0),)),
    VerticalModel("steady", 0.5, 8.0, ((0.6, 0.0, 0.4), (0.4, 0.0, 1.5))),
    VerticalModel("soaring", 1.5, 12.0, ((0.6, 0.5, 1.5), (0.4, -1.0, 0.7))),
    VerticalModel("airliner", 1.0, 15.0, ((0.4, 0.0, 0.3), (0.6, 0.0, 7.0))),
    VerticalModel("jitter", 8.0, 2.0, ((1.0, 0.0, 0.5),)),
)  # fmt: skip
V: Final = len(VERTICAL_MODELS)
VERTICAL_SHARES: Final[dict[str, dict[str, float]]] = {
    "aircraft": {"airliner": 0.8, "level": 0.1, "steady": 0.1},
    "drone": {"level": 0.66, "climbing": 0.13, "steady": 0.21},
    "balloon": {"buoyant": 0.9, "level": 0.1},  # a foil balloon at its level is held there by its own density
    "bird": {"steady": 0.65, "soaring": 0.25, "level": 0.1},
    "tethered": {"level": 0.5, "steady": 0.4, "climbing": 0.1},
    "clutter": {"jitter": 0.7, "level": 0.3},
    "unknown": {"steady": 0.4, "climbing": 0.3, "jitter": 0.3},
}  # fmt: skip


def _rows(tables: list[dict[str, float]], names: list[str]) -> F64:
    """(len(tables), len(names)) with rows that sum to one."""
    out = np.zeros((len(tables), len(names)))
    for row, table in enumerate(tables):
        for name, share in table.items():
            out[row, names.index(name)] = share
    out /= out.sum(axis=1, keepdims=True)
    return out


HORIZONTAL_SHARE: Final[F64] = _rows(
    [SHARES[name] for name in CLASSES] + [ANY_WIND_SHARES, STILL_SHARES, UNKNOWN_WIND_SHARES],
    [m.name for m in MODELS],
)
VERTICAL_SHARE: Final[F64] = _rows(
    [VERTICAL_SHARES[name] for name in CLASSES], [m.name for m in VERTICAL_MODELS]
)
SWITCH: Final[F64] = np.array([SWITCH_PER_S[name] for name in CLASSES] + [0.0, 0.005, 0.002])
DYNAMICS: Final[F64] = np.array([m[3:] for m in MODELS], dtype=np.float64)
WIND_SHARE: Final[F64] = np.array([m.wind for m in MODELS])
PRIOR: Final[I64] = np.array([m.prior for m in MODELS], dtype=np.int64)
VERTICAL_DYNAMICS: Final[F64] = np.array([m[1:3] for m in VERTICAL_MODELS], dtype=np.float64)


def _vertical_parts() -> F64:
    """(V, most parts, 3) weight, mean, sigma; weight 0 fills up."""
    most = max(len(m.parts) for m in VERTICAL_MODELS)
    out = np.zeros((V, most, 3))
    out[:, :, 2] = 1.0
    for row, model in enumerate(VERTICAL_MODELS):
        for column, part in enumerate(model.parts):
            out[row, column] = part
    return out


def _ring(radius_m_s: float, sigma_m_s: float, count: int, weight: float) -> list[list[float]]:
    turns = 2.0 * np.pi * np.arange(count) / count
    return [
        [weight / count, radius_m_s * float(np.cos(t)), radius_m_s * float(np.sin(t)), sigma_m_s]
        for t in turns
    ]


VERTICAL_PARTS: Final[F64] = _vertical_parts()
TAIL_WEIGHT: Final = 0.05
TAIL_SIGMA_M_S: Final = 4.5
"""The wind's error is 0.95·N(0, claimed²) + 0.05·N(0, claimed² + 4.5²): a gross error is survivable."""

CALM_WEIGHT: Final = 0.3
CALM_SIGMA_M_S: Final = 0.5
"""Calm air is a state of its own, commoner than a Gaussian error about a light wind tells: where the
claimed wind is compatible with calm, this share of the prior has the true wind near zero."""

# Parts of the priors of θ: weight, east, north, sigma in m/s (isotropic). WIND is made per track.
BIRD_PARTS: Final[F64] = np.array(_ring(12.5, 3.0, 8, 0.72) + _ring(5.0, 2.2, 5, 0.28))
GROUND_PARTS: Final[F64] = np.array([[0.35, 0.0, 0.0, 4.0], [0.65, 0.0, 0.0, 10.0]])
STILL_PARTS: Final[F64] = np.array([[0.8, 0.0, 0.0, 0.25], [0.2, 0.0, 0.0, 1.0]])
FAST_PARTS: Final[F64] = np.array(
    _ring(45.0, 16.0, 8, 0.45) + _ring(75.0, 22.0, 8, 0.3) + _ring(140.0, 45.0, 8, 0.25)
)

AIR_PARTS: Final[F64] = np.array([[0.5, 0.0, 0.0, 9.0], [0.5, 0.0, 0.0, 25.0]])

# All parts in one table, by kind of prior; PARTS_FROM[kind] : PARTS_FROM[kind + 1] are its rows.
_WIND_PARTS: Final[F64] = np.array(
    [
        [1.0 - TAIL_WEIGHT, 0.0, 0.0, 0.0],
        [TAIL_WEIGHT, 0.0, 0.0, TAIL_SIGMA_M_S],
        [CALM_WEIGHT, 0.0, 0.0, CALM_SIGMA_M_S],  # its weight and mean follow the claimed wind
    ]
)
PARTS: Final[F64] = np.concatenate(
    [_WIND_PARTS, BIRD_PARTS, GROUND_PARTS, STILL_PARTS, FAST_PARTS, AIR_PARTS]
)
PARTS_FROM: Final[I64] = np.concatenate(
    [
        [0, 0],
        np.cumsum(
            [
                len(_WIND_PARTS),
                len(BIRD_PARTS),
                len(GROUND_PARTS),
                len(STILL_PARTS),
                len(FAST_PARTS),
                len(AIR_PARTS),
            ]
        ),
    ]
).astype(np.int64)
