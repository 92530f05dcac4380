"""Motion: what the plots of each track say about how it moves (the filter banks' state)."""

from __future__ import annotations

from typing import Final, NamedTuple, Self

import numpy as np

from windhover.identities import bank, models
from windhover.identities.models import DYNAMICS, HORIZONTAL_SHARE, VERTICAL_SHARE, K, M, V
from windhover.schema.batches import BOOL, F64, I64, Updates
from windhover.timescale import EARLIEST_NS

TABLES: Final = (
    models.DYNAMICS,
    models.WIND_SHARE,
    models.PRIOR,
    models.PARTS,
    models.PARTS_FROM,
    models.HORIZONTAL_SHARE,
    models.VERTICAL_DYNAMICS,
    models.VERTICAL_PARTS,
    models.VERTICAL_SHARE,
    models.SWITCH,
)
"""What `bank.run` needs of `models`, in its order."""

TAIL_KNOWN_TO: Final = -6.0
"""ln credibility of a wind error of about 9 m/s, twice the width of the tail: beyond it a guess."""
BEYOND_TAIL: Final = 2.0
"""How much faster than by the tail's own shape credibility falls from there."""

STANDS_WITHIN: Final = 3.0
"""ln: standing explains the path nearly as well as the best of the classes."""
MAY_BE_CALM: Final = 0.1
"""From this share of compatibility on (`calm_share`) the air is taken as perhaps calm."""


class MotionState(NamedTuple):
    """The banks of N tracks, in the kernels' order; see `kernels.py` for the meaning."""

    last_ns: I64  # (N,) of the newest plot
    first_ns: I64  # (N,) of the first plot
    plots: I64  # (N,)
    x: F64  # (N, M, 6) position, quick and slow part, as east-north pairs: m, m/s, m/s
    s: F64  # (N, M, 6, 2) their slopes to θ
    p: F64  # (N, M, 6, 6)
    info: F64  # (N, M, 6)
    marginal: F64  # (N, M) ln likelihood of all plots under the model
    weight: F64  # (N, K + 3, M) how each class is thought to move now
    score: F64  # (N, K + 3) ln likelihood of each class, the best 0, and of each hidden row beside them
    up_ns: I64  # (N,) of the newest plot with a height
    up: F64  # (N, V, 4)
    up_cov: F64  # (N, V, 3)
    up_info: F64  # (N, V, 3)
    up_marginal: F64  # (N, V)
    up_weight: F64  # (N, K, V)
    up_score: F64  # (N, K)
    wind: F64  # (N, 2) the input last used, m/s
    wind_cov: F64  # (N, 3) claimed error of the field there: ee, en, nn in m²/s²
    offset: F64  # (N, 2) what later samples changed of the wind that was used before, m/s
    lost: I64  # (N, M) plots in a row that a filter did not follow

    @classmethod
    def fresh(cls, n: int) -> Self:
        """n tracks without a plot."""
        return cls(
            np.full(n, EARLIEST_NS),
            np.full(n, EARLIEST_NS),
            np.zeros(n, np.int64),
            np.zeros((n, M, 6)),
            np.zeros((n, M, 6, 2)),
            np.zeros((n, M, 6, 6)),
            np.zeros((n, M, 6)),
            np.zeros((n, M)),
            np.tile(HORIZONTAL_SHARE, (n, 1, 1)),
            np.zeros((n, K + models.HIDDEN)),
            np.full(n, EARLIEST_NS),
            np.zeros((n, V, 4)),
            np.zeros((n, V, 3)),
            np.zeros((n, V, 3)),
            np.zeros((n, V)),
            np.tile(VERTICAL_SHARE, (n, 1, 1)),
            np.zeros((n, K)),
            np.zeros((n, 2)),
            np.zeros((n, 3)),
            np.zeros((n, 2)),
            np.zeros((n, M), np.int64),
        )


def copied(state: MotionState) -> MotionState:
    """The same in arrays of its own."""
    return state._replace(**{name: array.copy() for name, array in state._asdict().items()})


def feed(
    state: MotionState, updates: Updates, wind_m_s: F64, wind_cov: F64, jump_m_s: F64
) -> MotionState:
    """The banks after one step's plots (arrays are updated in place).

    wind_m_s (N, 2) and wind_cov (N, 3) are the field's answer at each track now; jump_m_s (N, 2) is
    how much of the change since the last step came from new samples and not from moving: that part
    tells that the wind used before was wrong, and not that the wind has changed.
    """
    state.offset[:] += jump_m_s
    state.wind[:] = wind_m_s
    state.wind_cov[:] = wind_cov
    if updates.n == 0:
        return state
    order = np.argsort(updates.time_ns, kind="stable")
    row = np.ascontiguousarray(updates.track_row[order], dtype=np.int64)
    time_ns = np.ascontiguousarray(updates.time_ns[order])
    z = np.ascontiguousarray(updates.position_enu[order])
    covariance = updates.covariance_enu[order]
    r = np.stack(
        [covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1], covariance[:, 2, 2]], axis=1
    )
    newborn = np.unique(row[state.plots[row] == 0])
    state.offset[newborn] = 0.0
    for track in newborn:
        state.first_ns[track] = time_ns[np.argmax(row == track)]
    bank.run(
        row,
        time_ns,
        z,
        np.ascontiguousarray(r),
        np.ascontiguousarray(updates.weight[order]),
        np.ascontiguousarray(state.wind[row] - state.offset[row]),
        state.offset,
        state.wind_cov,
        state.last_ns,
        state.plots,
        state.x,
        state.s,
        state.p,
        state.info,
        state.marginal,
        state.weight,
        state.score,
        state.up_ns,
        state.up,
        state.up_cov,
        state.up_info,
        state.up_marginal,
        state.up_weight,
        state.up_score,
        *TABLES,
        state.lost,
        np.ascontiguousarray((jump_m_s != 0.0).any(axis=1)),
        False,
    )
    return state


def difference_from_wind(state: MotionState, row: int) -> tuple[F64, F64] | None:
    """Velocity of one track less the measured wind: (2,) m/s and its (2, 2) error of measurement.

    None while the plots do not tell. The error of the wind itself is not in it.
    """
    info = state.info[row, 0]
    precision = np.array([[info[0], info[1]], [info[1], info[2]]])
    if np.linalg.det(precision) <= 1e-6:
        return None
    covariance = np.linalg.inv(precision)
    turbulence = DYNAMICS[0, 0] ** 2
    found: F64 = covariance @ info[3:5] - state.offset[row]
    return found, covariance + np.eye(2) * turbulence


def drift_gap(state: MotionState) -> F64:
    """(N,) ln of how credible it is that the wind is as wrong as a drifter would need it to be.

    The density of the error's prior at the measured difference from the wind, against its peak.
    A class's score forgets what it cost once; this does not: who flies 14 m/s through the air for
    ten minutes is no drifter, however smoothly. 0 while the plots do not tell.
    """
    info = state.info[:, 0]
    determinant = info[:, 0] * info[:, 2] - info[:, 1] ** 2
    told = determinant > 1e-4
    safe = np.where(told, determinant, 1.0)
    ee, en, nn = info[:, 2] / safe, -info[:, 1] / safe, info[:, 0] / safe
    east = ee * info[:, 3] + en * info[:, 4] - state.offset[:, 0]
    north = en * info[:, 3] + nn * info[:, 4] - state.offset[:, 1]
    own = 0.5 * (ee + nn) + DYNAMICS[0, 0] ** 2
    claimed = 0.5 * (state.wind_cov[:, 0] + state.wind_cov[:, 2])
    narrow, wide = own + claimed, own + claimed + models.TAIL_SIGMA_M_S**2
    half = 0.5 * (east**2 + north**2)
    tail = models.TAIL_WEIGHT
    density = (1.0 - tail) * np.exp(-half / narrow) / narrow + tail * np.exp(-half / wide) / wide
    peak = (1.0 - tail) / narrow + tail / wide
    found: F64 = np.where(told, np.log(np.maximum(density / peak, 1e-12)), 0.0)
    # The tail was measured on errors of up to twice its width; beyond them it promises too much.
    return found + BEYOND_TAIL * np.minimum(found - TAIL_KNOWN_TO, 0.0)


def calm_share(state: MotionState) -> F64:
    """(N,) how far the claimed wind is compatible with calm air, 0 … 1."""
    spread = 0.5 * (state.wind_cov[:, 0] + state.wind_cov[:, 2]) + models.CALM_SIGMA_M_S**2
    found: F64 = np.exp(-0.5 * np.sum(state.wind**2, axis=1) / spread)
    return found


def stands_in_calm_air(state: MotionState) -> BOOL:
    """(N,) what stands about as well as anything, where the wind may be calm."""
    stands = state.score[:, models.STANDING] > state.score[:, :K].max(axis=1) - STANDS_WITHIN
    found: BOOL = stands & (calm_share(state) > MAY_BE_CALM)
    return found


def held_s(state: MotionState) -> F64:
    """(N,) seconds from the first plot to the newest."""
    out: F64 = np.where(state.plots > 1, (state.last_ns - state.first_ns) * 1e-9, 0.0)
    return out
