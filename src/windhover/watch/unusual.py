"""How unusual a closure is: an empirical count over past activations, every trait and all at once.

No single trait of a closure is rare; their combination may be. So the first answer is a count: of n
comparable activations, how many were at least as long, as wide, as high *and* as suddenly announced.
With it come n, the exact one-sided 95 % bound (C. Clopper and E. Pearson, 1934, "The use of
confidence or fiducial limits", Biometrika 26) and whose past it is.

Where the count is nought for several, the product of the single traits' shares puts them in order
(R. Fisher, 1932, "Statistical methods for research workers", §21.1). It is no probability, because
traits go together; it becomes one by being compared with the same product of every past activation,
each against the others, in the same traits. Unusual is never intent.
"""

from __future__ import annotations

from math import inf, log
from typing import Final, NamedTuple

import msgspec
import numpy as np
from scipy.stats import beta

from windhover.errors import BadInput
from windhover.schema.batches import F64
from windhover.schema.cases import Words
from windhover.watch import sentence
from windhover.watch.traits import NAMES, Traits, severity

_SLACK: Final = 1e-9  # of a sum of logarithms: equal scores are equal


class Baseline(NamedTuple):
    """N past activations of one kind in one state, turned so that larger is more unusual."""

    name: Words  # "the United Kingdom 2022-2026"
    country: str  # ISO 3166 alpha-2
    severity: F64  # (N, T) by `traits.NAMES`; NaN = not known of this activation
    log_tail: F64  # (N, T) log of the share at least as extreme, each against the others and itself
    per_week: float  # activations a week

    @property
    def n(self) -> int:
        return len(self.severity)


class Unusual(msgspec.Struct, frozen=True):
    """The count, trait by trait and for all at once, with what it stands on."""

    n: int
    compared: tuple[str, ...]  # traits known of the closure and of the baseline
    at_least: tuple[int, ...]  # how many were at least as extreme in each of them
    alike: int  # at least as extreme in all of them
    bound_95: float  # what share of such activations is at most as extreme, one-sided
    log_score: float  # sum of the logarithms of the single shares; smaller is more unusual
    beyond: int  # past activations whose own score is as small
    foreign: bool  # the baseline is another state's
    words: Words

    @property
    def share(self) -> float:
        """How much of the past is as unusual in combination, counting the new one itself."""
        return (self.beyond + 1) / (self.n + 1)

    @property
    def rank(self) -> float:
        """The share with all traits at once, counting the new one itself."""
        return (self.alike + 1) / (self.n + 1)


def baseline(name: Words, country: str, table: F64, per_week: float) -> Baseline:
    """(N, T) severities (`traits.severity` row by row) → a baseline; N may be 0."""
    n = len(table)
    tails = np.zeros_like(table)
    for t in range(table.shape[1]):
        column = table[:, t]
        known = ~np.isnan(column)
        ordered = np.sort(column[known])
        # Unknown ones might be as extreme, and count so.
        count = len(ordered) - np.searchsorted(ordered, column[known], "left") + (n - len(ordered))
        tails[known, t] = np.log(count / max(1, n))
    return Baseline(name, country, table, tails, per_week)


def compare(traits: Traits, past: Baseline, country: str) -> Unusual:
    """One closure against one state's past. Raises `BadInput` for an empty baseline."""
    if past.n == 0:
        raise BadInput("The baseline holds no activation.")
    own = severity(traits)
    used = [
        t for t in range(len(NAMES)) if own[t] > -inf and not np.isnan(past.severity[:, t]).all()
    ]
    everything = np.ones(past.n, dtype=bool)
    at_least: list[int] = []
    log_score = 0.0
    for t in used:
        column = past.severity[:, t]
        extreme = (column >= own[t]) | np.isnan(column)
        everything &= extreme
        at_least.append(int(np.count_nonzero(extreme)))
        log_score += log((at_least[-1] + 1) / (past.n + 1))
    alike = int(np.count_nonzero(everything))
    scores = past.log_tail[:, used].sum(axis=1)
    beyond = int(np.count_nonzero(scores <= log_score + _SLACK))
    bound = upper_bound_95(alike, past.n)
    foreign = past.country != country
    names = tuple(NAMES[t] for t in used)
    return Unusual(
        past.n,
        names,
        tuple(at_least),
        alike,
        bound,
        log_score,
        beyond,
        foreign,
        sentence.compared(traits, names, past.name, past.n, foreign, alike, bound, beyond),
    )


def upper_bound_95(count: int, n: int) -> float:
    """Exact one-sided 95 % upper bound of a proportion seen `count` times in n.

    >>> round(upper_bound_95(0, 1315) * 100, 2)
    0.23
    """
    return 1.0 if count >= n else float(beta.ppf(0.95, count + 1, n - count))


def most_unusual_first(found: list[tuple[str, Unusual]]) -> list[tuple[str, Unusual]]:
    """Names and scores, ranked by share of the past, then by count, then by product."""
    return sorted(found, key=lambda item: (item[1].share, item[1].alike, item[1].log_score))
