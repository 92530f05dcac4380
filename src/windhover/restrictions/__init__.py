"""Incidents → the smallest sufficient volume and time, and what became of the request."""

from windhover.restrictions.lifecycle import ENDED, apply, begin, lapse, reminders
from windhover.restrictions.plan import draft, holds, redraw

__all__ = ["ENDED", "apply", "begin", "draft", "holds", "lapse", "redraw", "reminders"]
