"""The desk: what people and parties decide, file, ask and acknowledge, moved along the stages' tables.

The picture's sensor half says what is up there; the desk keeps the restrictions, notices, questions,
claims, friends and countermeasures that follow from it. It drafts, reminds and escalates. It never
issues, lifts or closes: those are commands of people.
"""

from windhover.desk.commands import obey
from windhover.desk.passing import advance, delivered
from windhover.desk.register import Desk, flying, local_clock, start

__all__ = ["Desk", "advance", "delivered", "flying", "local_clock", "obey", "start"]
