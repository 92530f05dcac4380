"""Tracks → what they are, with reasons: how it moves, what it is, attributes, what would settle it.

`advance` weighs independent evidence per track; `explain` puts it into sentences.
"""

from windhover.identities.explain import Evidence, Explanation, explain
from windhover.identities.state import IdentityState, advance, start

__all__ = ["Evidence", "Explanation", "IdentityState", "advance", "explain", "start"]
