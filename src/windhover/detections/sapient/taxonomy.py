"""SAPIENT's classes ↔ the house's, and what a node's confidences say about them.

The core taxonomy knows air vehicles by manned or unmanned and by wing, animals, people and ground or
sea vehicles. It has no balloon and nothing on a tether: those are declared as an extension under the
namespace `windhover`, docked to the core's "Air vehicle" (`TaxonomyDockDefinition`).
"""

from __future__ import annotations

from math import log
from typing import Final

from windhover.detections.sapient.wire import Message
from windhover.schema.batches import CLASSES

NAMESPACE: Final = "windhover"
CORE: Final = "sapient_core"
DOCK: Final = "Air vehicle"
EXTENSION: Final = ("Balloon", "Tethered object")

TELLING: Final = CLASSES[:-1]
"""What a classifier can speak for; what it leaves open belongs to all of them alike."""
FLOOR: Final = 0.01
"""No classifier is believed to rule a class out altogether."""
_AIR: Final = ("aircraft", "drone", "balloon", "tethered")

# Words of the core taxonomy, of its older editions, and of the extension, in lower case.
HOUSE: Final[dict[str, tuple[str, ...]]] = {
    "air vehicle": _AIR,
    "aircraft": ("aircraft",),
    "manned rotary wing": ("aircraft",),
    "manned fixed wing": ("aircraft",),
    "helicopter": ("aircraft",),
    "uav": ("drone",),
    "uas": ("drone",),
    "drone": ("drone",),
    "uav rotary wing": ("drone",),
    "uav fixed wing": ("drone",),
    "uav vtol": ("drone",),
    "unmanned": ("drone",),
    "lighter than air": ("balloon",),
    "balloon": ("balloon",),
    "airship": ("aircraft",),
    "tethered object": ("tethered",),
    "tethered": ("tethered",),
    "kite": ("tethered",),
    "animal": ("bird", "clutter"),
    "bird": ("bird",),
    "flock": ("bird",),
    "human": ("clutter",),
    "person": ("clutter",),
    "land vehicle": ("clutter",),
    "vehicle": ("clutter",),
    "sea vessel": ("clutter",),
    "static object": ("clutter",),
    "clutter": ("clutter",),
    "false alarm": ("clutter",),
    "weather": ("clutter",),
}

# House class → class and sub-class that we report upward.
SAPIENT: Final[dict[str, tuple[str, str]]] = {
    "aircraft": (DOCK, "Manned fixed wing"),
    "drone": (DOCK, "UAV rotary wing"),
    "balloon": (DOCK, "Balloon"),
    "tethered": (DOCK, "Tethered object"),
    "bird": ("Animal", "Bird"),
    "clutter": ("Static object", ""),
    "unknown": ("Unknown", ""),
}


def house_classes(word: str) -> tuple[str, ...]:
    """The classes that a word of SAPIENT may mean; none where it says nothing about ours."""
    return HOUSE.get(word.rpartition(":")[2].strip().lower(), ())


_OF_WORD: dict[str, tuple[str, ...]] = {}


def _share(said: Message, whole: float, above: tuple[str, ...], mass: dict[str, float]) -> float:
    """Lay a class's confidence on what it means: first its sub-classes' part, then the rest.

    Returns how much was laid. A sub-class's confidence is of the object, not of its parent, and
    cannot be more than the parent's; where it tells none, it has the parent's.
    """
    word = said.type
    meant = _OF_WORD.get(word)
    if meant is None:
        meant = house_classes(word)
        if len(_OF_WORD) < 1_000:  # a look-up made shorter, not a memory for whatever is sent
            _OF_WORD[word] = meant
    meant = meant or above
    own = whole
    if said.HasField("confidence"):
        own = min(max(float(said.confidence), 0.0), whole)
    rest = own
    for sub in said.sub_class:
        if rest <= 0.0:
            break
        rest -= _share(sub, rest, meant, mass)
    if not meant:
        return own - rest
    part = rest / len(meant)
    for name in meant:
        mass[name] = mass.get(name, 0.0) + part
    return own


def log_likelihood(classifications: Message) -> dict[str, float]:
    """Every house class → ln likelihood, from all classifications of one report; {} where they say nothing.

    MULTI_CLASS: each entry's confidence is its share and what is left open is laid on all classes
    alike. SINGLE_CLASS is the same with one entry. Confidences of more than one in all are scaled.
    A node states a posterior; with its prior unknown it is read as if that were flat.
    """
    mass: dict[str, float] = {}
    total = laid = 0.0
    for said in classifications:
        total += min(max(float(said.confidence), 0.0), 1.0) if said.HasField("confidence") else 1.0
        laid += _share(said, 1.0, (), mass)
    if laid <= 0.0:
        return {}
    scale = 1.0 / max(total, 1.0)
    rest = max(0.0, 1.0 - laid * scale) / len(TELLING)
    likelihood = {}
    for name in TELLING:
        share = mass.get(name, 0.0) * scale + rest
        likelihood[name] = log(share if share > FLOOR else FLOOR)
    likelihood["unknown"] = _EVEN
    return likelihood


_EVEN: Final = log(1.0 / len(TELLING))
