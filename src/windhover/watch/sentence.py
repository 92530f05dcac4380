"""The comparison with the past as one sentence, in English and Spanish, with every number it needs."""

from __future__ import annotations

from math import inf

from windhover.schema.cases import Words
from windhover.watch.traits import Traits

_COUNT = {1: ("had that", "tuvo eso"), 2: ("had both", "tuvo ambas")}
_NUMBERS_EN = ("none", "one", "two", "three", "four", "five", "six", "seven")
_NUMBERS_ES = ("ninguna", "una", "dos", "tres", "cuatro", "cinco", "seis", "siete")


def said(traits: Traits, names: tuple[str, ...]) -> list[Words]:
    """The closure's own traits, those named, each in a few words."""
    out: list[Words] = []
    lead, lasting = traits.lead_h, traits.duration_h
    if "lead_h" in names and lead is not None:
        if lead < 0:
            out.append(
                Words(
                    f"published {-lead:,.1f} h after it began",
                    f"publicada {-lead:,.1f} h después de comenzar",
                )
            )
        else:
            out.append(Words(f"announced {lead:,.1f} h before", f"anunciada {lead:,.1f} h antes"))
    if "duration_h" in names and lasting is not None:
        if lasting == inf:
            out.append(Words("with no end stated", "sin término indicado"))
        else:
            hours = f"{lasting:,.0f} h" if lasting >= 10 else f"{lasting:,.1f} h"
            out.append(Words(f"{hours} long", f"{hours} de duración"))
    if "radius_nm" in names and traits.radius_nm is not None:
        out.append(Words(f"{traits.radius_nm:,.3g} NM", f"{traits.radius_nm:,.3g} NM"))
    if "upper_fl" in names and traits.upper_fl is not None:
        if traits.upper_fl >= 999:
            out.append(Words("to unlimited height", "hasta altura ilimitada"))
        else:
            level = f"FL{traits.upper_fl:03.0f}"
            out.append(Words(f"to {level}", f"hasta {level}"))
    if "night" in names:
        out.append(Words("published at night", "publicada de noche"))
    if "earlier_here" in names and traits.earlier_here is not None:
        k = traits.earlier_here
        out.append(
            Words("the first here in a year", "la primera aquí en un año")
            if k == 0
            else Words(f"after {k:,} here in a year", f"tras {k:,} aquí en un año")
        )
    if "security" in names:
        out.append(Words("for national security", "por seguridad nacional"))
    return out


def _share(share: float) -> str:
    """'3.4%'; below a thousandth with two decimals, so that something is not told as nothing."""
    return f"{share:.1%}" if share >= 0.001 else f"{share:.2%}"


def compared(
    traits: Traits,
    names: tuple[str, ...],
    whose: Words,
    n: int,
    foreign: bool,
    alike: int,
    bound_95: float,
    beyond: int,
) -> Words:
    """The whole sentence; every share with its n, the bound and the baseline's name."""
    own = said(traits, names)
    if not own:
        return Words(
            f"Nothing of it can be compared with {whose.en}. Unusual says nothing about intent.",
            f"Nada de ella puede compararse con {whose.es}. Inusual no dice nada de la intención.",
        )
    k = len(own)
    all_en, all_es = _COUNT.get(k, (f"had all {_NUMBERS_EN[k]}", f"tuvo las {_NUMBERS_ES[k]}"))
    whose_en = f"{whose.en} (a foreign baseline)" if foreign else whose.en
    whose_es = f"{whose.es} (una referencia extranjera)" if foreign else whose.es
    many_en = _NUMBERS_EN[0] if alike == 0 else f"{alike:,}"
    many_es = _NUMBERS_ES[0] if alike == 0 else f"{alike:,}"
    if beyond == 0:
        rank_en = "In combination it ranks above every one of them."
        rank_es = "En conjunto queda por encima de todas ellas."
    else:
        rank_en = f"In combination {beyond:,} of them ({_share(beyond / n)}) were as unusual."
        rank_es = (
            f"En conjunto {beyond:,} de ellas ({_share(beyond / n)}) fueron igual de inusuales."
        )
    en = ", ".join(w.en for w in own)
    es = ", ".join(w.es for w in own)
    return Words(
        f"{en[:1].upper()}{en[1:]}: {many_en} of {n:,} comparable activations in {whose_en} "
        f"{all_en}; at most {bound_95:.2%} with 95 % confidence. {rank_en} "
        "Unusual says nothing about intent.",
        f"{es[:1].upper()}{es[1:]}: {many_es} de {n:,} activaciones comparables en {whose_es} "
        f"{all_es}; a lo más {bound_95:.2%} con 95 % de confianza. {rank_es} "
        "Inusual no dice nada de la intención.",
    )
