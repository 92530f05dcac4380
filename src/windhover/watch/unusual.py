"""How unusual a closure is: an empirical count over past activations, every trait and all at once.

No single trait of a closure is rare; their combination may be. So the score is a count: of n
comparable activations, how many were at least as long, as wide, as high *and* as suddenly announced.
With it come n, the exact one-sided 95 % bound (C. Clopper and E. Pearson, 1934, "The use of
confidence or fiducial limits", Biometrika 26) and whose past it is. Unusual is never intent.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import msgspec
import numpy as np
from scipy.stats import beta

from windhover.errors import BadInput
from windhover.schema.batches import F64
from windhover.schema.cases import Words


class Traits(msgspec.Struct, frozen=True):
    """What of one closure is compared. A permanent one lasts `inf` hours."""

    duration_h: float
    radius_nm: float  # of the Q-line, or of the drawn area
    upper_fl: float
    lead_h: float  # from publication to start; negative = published after it began


class Baseline(NamedTuple):
    """N past activations of one state."""

    name: str  # "United Kingdom 2022-2026"
    country: str  # ISO 3166 alpha-2
    duration_h: F64  # (N,)
    radius_nm: F64  # (N,)
    upper_fl: F64  # (N,)
    lead_h: F64  # (N,)

    @property
    def n(self) -> int:
        return len(self.duration_h)


class Unusual(msgspec.Struct, frozen=True):
    """The count, trait by trait and for all four, with what it stands on."""

    n: int
    alike: int  # at least as extreme in all four traits
    bound_95: float  # what share of such activations is at most as extreme, one-sided
    longer: int  # at least as long
    wider: int
    higher: int
    more_sudden: int  # announced at most as long before
    foreign: bool  # the baseline is another state's
    words: Words

    @property
    def rank(self) -> float:
        """Smaller is more unusual: the share with all four traits, counting the new one itself."""
        return (self.alike + 1) / (self.n + 1)


def compare(traits: Traits, baseline: Baseline, country: str) -> Unusual:
    """One closure against one state's past. Raises `BadInput` for an empty baseline."""
    if baseline.n == 0:
        raise BadInput("The baseline holds no activation.")
    longer = baseline.duration_h >= traits.duration_h
    wider = baseline.radius_nm >= traits.radius_nm
    higher = baseline.upper_fl >= traits.upper_fl
    sudden = baseline.lead_h <= traits.lead_h
    alike = int(np.count_nonzero(longer & wider & higher & sudden))
    bound = upper_bound_95(alike, baseline.n)
    foreign = baseline.country != country
    return Unusual(
        baseline.n,
        alike,
        bound,
        int(np.count_nonzero(longer)),
        int(np.count_nonzero(wider)),
        int(np.count_nonzero(higher)),
        int(np.count_nonzero(sudden)),
        foreign,
        _words(traits, baseline, alike, bound, foreign),
    )


def upper_bound_95(count: int, n: int) -> float:
    """Exact one-sided 95 % upper bound of a proportion seen `count` times in n.

    >>> round(upper_bound_95(0, 1315) * 100, 2)
    0.23
    """
    return 1.0 if count >= n else float(beta.ppf(0.95, count + 1, n - count))


def most_unusual_first(found: list[tuple[str, Unusual]]) -> list[tuple[str, Unusual]]:
    """Names and scores, ranked; equal counts by the product of the single traits' shares."""

    def key(item: tuple[str, Unusual]) -> tuple[float, float]:
        u = item[1]
        product = 1.0
        for count in (u.longer, u.wider, u.higher, u.more_sudden):
            product *= (count + 1) / (u.n + 1)
        return u.rank, product

    return sorted(found, key=key)


def _words(traits: Traits, baseline: Baseline, alike: int, bound: float, foreign: bool) -> Words:
    lasting = "∞" if traits.duration_h == inf else f"{traits.duration_h:,.0f}"
    lead = f"{traits.lead_h:,.1f}"
    top = f"FL{traits.upper_fl:03.0f}"
    how_many = "none" if alike == 0 else f"{alike}"
    cuantas = "ninguna" if alike == 0 else f"{alike}"
    whose = " (a foreign baseline)" if foreign else ""
    ajena = " (una referencia extranjera)" if foreign else ""
    return Words(
        f"Announced {lead} h before, {lasting} h long, {traits.radius_nm:g} NM, to {top}: {how_many} "
        f"of {baseline.n:,} activations in {baseline.name}{whose} had all four; at most "
        f"{bound:.2%} with 95 % confidence. Unusual says nothing about intent.",
        f"Anunciada {lead} h antes, {lasting} h de duración, {traits.radius_nm:g} NM, hasta {top}: "
        f"{cuantas} de {baseline.n:,} activaciones en {baseline.name}{ajena} tuvo las cuatro; a lo "
        f"más {bound:.2%} con 95 % de confianza. Inusual no dice nada de la intención.",
    )
