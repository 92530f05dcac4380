"""Picture × place → incidents: what may ask for action, why, and how much is known."""

from windhover.incidents.lifecycle import Book, advance, close, start

__all__ = ["Book", "advance", "close", "start"]
