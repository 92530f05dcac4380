"""What turns or beats in an echo: a radar's micro-Doppler flag as likelihoods of the classes.

Rotors modulate an echo by tens of metres a second around the body's own, wings by a few at 2–12 Hz, and a
balloon by nothing (Chen 2011, *The Micro-Doppler Effect in Radar*, ch. 3–5; Molchanov et al. 2014, Int. J.
Microwave and Wireless Technologies 6(3–4)). How often the flag itself errs is the radar's own affair and
stated by hardly any maker, so the table is kept flat: no flag says more than one to thirty.
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "micro-Doppler"
"""Of the `ClassReport` that a flag becomes."""
FLAGS: Final[dict[str, dict[str, float]]] = {
    "rotor": {"drone": 0.0, "aircraft": -0.7, "clutter": -1.5, "unknown": -1.0,
              "bird": -3.0, "balloon": -3.4, "tethered": -3.0},
    "wing": {"bird": 0.0, "unknown": -1.0, "clutter": -2.0, "drone": -2.5,
             "tethered": -2.5, "balloon": -3.0, "aircraft": -3.4},
    "none": {"balloon": 0.0, "tethered": 0.0, "unknown": -0.3, "clutter": -0.3,
             "bird": -0.7, "aircraft": -0.7, "drone": -1.2},
}  # fmt: skip
"""ln likelihood of each class, best = 0. "none" weighs little: turned away, a rotor is not seen."""
_WORDS: Final = {
    "rotor": "rotor", "rotors": "rotor", "blade": "rotor", "blades": "rotor", "propeller": "rotor", "true": "rotor",
    "wing": "wing", "wings": "wing", "flap": "wing", "flapping": "wing", "wingbeat": "wing", "bird": "wing",
    "none": "none", "no": "none", "false": "none", "steady": "none",
}  # fmt: skip


def likelihood(word: str) -> dict[str, float] | None:
    """The table of a maker's word for the flag; None for a word that is not known."""
    flag = _WORDS.get(word.strip().lower().replace(" ", "").replace("-", "").replace("_", ""))
    return None if flag is None else FLAGS[flag]
