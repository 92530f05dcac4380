"""SAPIENT (BSI Flex 335 v2): sensor nodes below us, a parent above us; both sides without sockets.

`framing` cuts bytes into messages · `wire` reads and makes them · `check` says which field is wrong ·
`place` turns every coordinate system into rows · `taxonomy` turns classes into likelihoods · `rows` joins
them · `tasks` is the list of what may be asked of a sensor · `registry`, `session` and `answers` are the fusion
node's side · `upward` is our own side as a node of somebody else's fusion, `compose` what it
says, `lineage` whose reports that is made of.
"""

from __future__ import annotations

from windhover.detections.sapient.check import STRICT, Fault, Tolerances, faults
from windhover.detections.sapient.outcome import Outcome, Told
from windhover.detections.sapient.registry import FusionSettings, Plan, Registry
from windhover.detections.sapient.session import Session

__all__ = [
    "STRICT",
    "Fault",
    "FusionSettings",
    "Outcome",
    "Plan",
    "Registry",
    "Session",
    "Told",
    "Tolerances",
    "faults",
]
