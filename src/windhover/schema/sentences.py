"""Sentences that the program says in English where it finds them, with their likes in Spanish.

A pair holds `{}` where a notice's or a system's own words are put in; these stay as they came,
unless they are themselves a sentence of the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def translator(pairs: Iterable[tuple[str, str]]) -> Callable[[str], str | None]:
    """A function from a sentence to its like; None for what is none of the list.

    >>> spanish = translator([("no {} here", "aquí no hay {}"), ("radius", "radio")])
    >>> spanish("no radius here"), spanish("no rain here"), spanish("rain")
    ('aquí no hay radio', 'aquí no hay rain', None)
    """
    listed = list(pairs)
    plain = {english: spanish for english, spanish in listed if "{}" not in english}
    open_ones = [
        (re.compile(re.escape(english).replace(r"\{\}", "(.+?)"), re.S), spanish)
        for english, spanish in listed
        if "{}" in english
    ]

    def found(sentence: str) -> str | None:
        if sentence in plain:
            return plain[sentence]
        for pattern, spanish in open_ones:
            if match := pattern.fullmatch(sentence):
                return spanish.format(*(found(words) or words for words in match.groups()))
        return None

    return found
