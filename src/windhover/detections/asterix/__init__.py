"""ASTERIX (EUROCONTROL-SPEC-0149): blocks → records → rows. Tables in `uap`, framing in `records`."""

from __future__ import annotations

from windhover.detections.asterix.rows import decode

__all__ = ["decode"]
