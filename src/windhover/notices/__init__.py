"""Restrictions and incidents → words for each party, and what became of them."""

from windhover.notices.compose import compose
from windhover.notices.lifecycle import apply, due, escalate

__all__ = ["apply", "compose", "due", "escalate"]
