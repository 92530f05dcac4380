"""Words of certainty (US Intelligence Community Directive 203, table of likelihood) and of classes.

People see words; decimals are given on request and never reach 1. The Spanish is that of Mexico.
"""

from __future__ import annotations

from typing import Final

from windhover.schema.cases import Words

BANDS: Final = (
    (0.05, Words("almost no chance", "casi ninguna posibilidad")),
    (0.20, Words("very unlikely", "muy improbable")),
    (0.45, Words("unlikely", "improbable")),
    (0.55, Words("roughly even chance", "posibilidades parejas")),
    (0.80, Words("likely", "probable")),
    (0.95, Words("very likely", "muy probable")),
    (1.01, Words("almost certain", "casi seguro")),
)
ADVERBS: Final = (
    (0.55, Words("perhaps", "quizá")),
    (0.80, Words("likely", "probablemente")),
    (0.95, Words("very likely", "muy probablemente")),
    (1.01, Words("almost certainly", "casi con certeza")),
)
CLASS_WORDS: Final = {
    "aircraft": Words("an aircraft", "una aeronave"),
    "drone": Words("a drone", "un dron"),
    "balloon": Words("drifting, a balloon or the like", "a la deriva, un globo o algo parecido"),
    "bird": Words("a bird", "un ave"),
    "tethered": Words(
        "tied to the ground, a kite or tethered balloon",
        "atado al suelo, una cometa o un globo cautivo",
    ),
    "clutter": Words("not an object but clutter", "no es un objeto sino ecos espurios"),
    "unknown": Words("not yet known", "aún desconocido"),
}
SHORT_WORDS: Final = {
    "aircraft": Words("aircraft", "aeronave"),
    "drone": Words("drone", "dron"),
    "balloon": Words("balloon", "globo"),
    "bird": Words("bird", "ave"),
    "tethered": Words("kite or tethered balloon", "cometa o globo cautivo"),
    "clutter": Words("clutter", "ecos espurios"),
    "unknown": Words("unknown", "desconocido"),
}


def certainty(probability: float) -> Words:
    """The band's word for a probability.

    >>> certainty(0.97).en
    'almost certain'
    """
    return next(words for upper, words in BANDS if probability <= upper)


def adverb(probability: float) -> Words:
    """The same as an adverb, for what is said to be so.

    >>> adverb(0.9).es
    'muy probablemente'
    """
    return next(words for upper, words in ADVERBS if probability <= upper)


def joined(parts: list[Words]) -> Words:
    """ "a", "a or b", "a, b or c"."""
    if len(parts) == 1:
        return parts[0]
    return Words(
        ", ".join(w.en for w in parts[:-1]) + " or " + parts[-1].en,
        ", ".join(w.es for w in parts[:-1]) + " o " + parts[-1].es,
    )
